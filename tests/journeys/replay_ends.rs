//! Every way a person brings a held document to an end, over HTTP: what it shows before, what it does, and that doing it
//! twice does it once.

use connector::ports::{Change, Clock, Ledger};
use e2e::{
    amounts::cents,
    documents::{Document, Entry, Invoice, Party, Person, Place, Random, Report},
    twins::faults::Fault,
};
use posting::state::{Happened, advance};
use posting::{Code, DocumentId, Reason};
use serde_json::{Value, json};

use super::{
    main_job::report,
    replay::event,
    world::{Setting, World, wake},
};

/// An invoice of one line over 250.00 with this number.
pub(crate) fn invoice(number: &str, amount: i64, random: &mut Random) -> Document {
    let place = Place::new("0021", "410");
    Invoice::new(number, ("V000010", "Granite Supply"), place, random)
        .line("Gravel", "MATER", cents(amount))
        .document(random)
        .broken("/requestHeader/invoiceDate", json!("11/09/2026"))
}

/// A bill somebody keyed by hand.
pub(crate) fn keyed<L>(world: &World<L>, number: &str, (reference, amount): (&str, f64)) {
    world.acumatica.plant("Bill", &json!({
        "Type": "Bill", "ReferenceNbr": number, "Vendor": "V000010", "VendorRef": reference, "Status": "Open",
        "Description": "keyed by hand", "Amount": amount, "CurrencyID": "USD", "PostPeriod": "112026",
    }));
}

/// Names a number for the only posting.
pub(crate) fn adopt(id: &DocumentId, number: &str, apply: bool) -> Value {
    let mut event = event("adopt", id, apply);
    event["numbers"] = json!({"1": number});
    event
}

fn row(answer: &Value) -> &Value {
    &answer["documents"][0]
}

/// The same command once more changes nothing and says so.
async fn again(world: &World, command: &Value) {
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "already", "{answer:#}");
    assert!(
        row(&answer)["says"].to_string().contains("kim"),
        "{answer:#}"
    );
}

#[tokio::test]
async fn returned_concur_is_told_error_with_the_reasons() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 250.0));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(90)));
    world.settle().await;
    let command = event("return", &id, true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "returned");
    assert_eq!(world.status(&id), "POSTING_CONFIRMED_FAILURE");
    let told = world.concur.told(id.as_str()).expect("a verdict");
    assert_eq!(told.verdict, "error");
    assert!(json!(told.system_messages).to_string().contains("000777"));
    assert!(world.postings(&id).is_empty());
    again(&world, &command).await;
}

#[tokio::test]
async fn what_may_stand_is_never_returned() {
    let world = World::new().await;
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(91)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["outcome_unproven"]);
    let before = world.record(&id).await;
    for wish in ["return", "replan", "allow", "withdraw"] {
        assert_eq!(world.wish(wish, &id).await, "refused", "{wish}");
    }
    assert_eq!(world.record(&id).await, before);
}

#[tokio::test]
async fn adopted_what_was_keyed_by_hand_is_the_receipt_and_stays_as_it_is() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 250.0));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(92)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["duplicate_reference"]);
    let (held, bills) = (world.record(&id).await, world.acumatica.bills());

    let shown = world.replay(adopt(&id, "Bill 000777", false)).await;
    assert_eq!(row(&shown)["verdict"], "would", "{shown:#}");
    let compared = row(&shown)["compared"].as_array().expect("a comparison");
    let fields: Vec<_> = compared.iter().map(|field| &field["field"]).collect();
    assert_eq!(fields, ["vendor", "currency", "amount", "status"]);
    assert!(
        compared.iter().all(|field| field["same"] == true),
        "{shown:#}"
    );
    assert_eq!(world.record(&id).await, held);

    let command = adopt(&id, "Bill 000777", true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    assert_eq!(row(&answer)["state"], "posted", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let told = world.concur.told(id.as_str()).expect("a verdict");
    assert_eq!(told.verdict, "success");
    assert_eq!(told.posting_docs[0]["documentNumber"], "Bill 000777");
    assert_eq!(world.acumatica.bills(), bills, "nothing of it was changed");
    let record = world.record(&id).await;
    assert!(record.state.receipts()[0].adopted);
    let story = json!(world.story(&id).await).to_string();
    assert!(story.contains("Bill 000777 kim: seen to"), "{story}");
}

#[tokio::test]
async fn adopted_only_what_can_stand_for_the_plan() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 250.0));
    world.acumatica.plant("Bill", &json!({
        "Type": "Bill", "ReferenceNbr": "000778", "Vendor": "V000011", "VendorRef": "9", "Status": "Open",
        "Description": "another vendor's", "Amount": 250.00, "CurrencyID": "USD",
    }));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(93)));
    world.settle().await;
    let held = world.record(&id).await;
    for (number, why) in [
        ("Bill 000778", "vendor"),
        ("Bill 999999", "does not stand"),
        ("GL 000877", "is a Bill"),
    ] {
        let answer = world.replay(adopt(&id, number, true)).await;
        assert_eq!(row(&answer)["verdict"], "refused", "{answer:#}");
        assert!(row(&answer)["says"].to_string().contains(why), "{answer:#}");
    }
    let mut second = adopt(&id, "Bill 000777", true);
    second["numbers"] = json!({"2": "Bill 000777"});
    let answer = world.replay(second).await;
    assert_eq!(row(&answer)["verdict"], "refused", "{answer:#}");
    assert_eq!(world.record(&id).await, held);
}

#[tokio::test]
async fn adopted_with_another_amount_it_waits_until_that_is_allowed() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 249.0));
    keyed(&world, "000779", ("4711-b", 248.0));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(94)));
    world.settle().await;
    for (number, stands) in [("Bill 000779", "248.00"), ("Bill 000777", "249.00")] {
        // A number that was mistyped is named again.
        let answer = world.replay(adopt(&id, number, true)).await;
        let row = row(&answer);
        assert_eq!(
            (&row["verdict"], &row["state"]),
            (&json!("done"), &json!("held"))
        );
        assert_eq!(row["reasons"][0]["code"], "amount_differs", "{answer:#}");
        assert_eq!(row["reasons"][0]["value"], stands, "{answer:#}");
        assert_eq!(
            row["reasons"][0]["permits"],
            json!(["adopt", "allow", "close"])
        );
    }
    assert!(world.concur.told(id.as_str()).is_none());
    let command = event("allow", &id, true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let told = world.concur.told(id.as_str()).expect("a verdict");
    assert_eq!(told.posting_docs[0]["documentNumber"], "Bill 000777");
}

/// A report of cash and card whose second posting Acumatica cannot do.
async fn half_posted(world: &World, random: &mut Random) -> DocumentId {
    let ben = Person::new("E00102", "Ben", "Brook");
    let card = Entry::new(cents(5_610), random).paid_by(Party::Ibcp, "215100");
    let cash = Entry::new(cents(2_300), random);
    let both = Report::new("Rental", ben, Place::new("0021", "410"), random)
        .entry(cash)
        .entry(card)
        .document(random);
    let usual = Fault::Delay(std::time::Duration::ZERO);
    for fault in [usual, Fault::Status(500)] {
        world.acumatica.next("put.Bill", fault);
    }
    let id = world.offer(&both);
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["acumatica_failed"]);
    assert_eq!(world.postings(&id).len(), 1);
    id
}

async fn with_cards() -> World {
    let world = World::with(Setting {
        rules: vec![("/tables/cards", json!({"IBCP": {"vendor": "AMEX"}}))],
        ..Setting::default()
    })
    .await;
    world.offer(&report("First", 100, &mut Random::new(1)));
    world.settle().await;
    world
}

#[tokio::test]
async fn adopted_for_one_posting_the_others_stay_as_they_were_written() {
    let world = with_cards().await;
    let random = &mut Random::new(101);
    let id = half_posted(&world, random).await;
    world.acumatica.plant("Bill", &json!({
        "Type": "Bill", "ReferenceNbr": "000780", "Vendor": "AMEX", "VendorRef": "by hand", "Status": "Open",
        "Description": "keyed by hand", "Amount": 56.10, "CurrencyID": "USD", "PostPeriod": "112026",
    }));
    let mut command = adopt(&id, "Bill 000780", true);
    let answer = world.replay(command.clone()).await;
    // What the connector wrote is nobody's to replace.
    assert_eq!(row(&answer)["verdict"], "refused", "{answer:#}");
    command["numbers"] = json!({"2": "Bill 000780"});
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let told = world.concur.told(id.as_str()).expect("a verdict");
    let numbers: Vec<_> = told
        .posting_docs
        .iter()
        .map(|doc| &doc["documentNumber"])
        .collect();
    assert_eq!(numbers[1], "Bill 000780", "{numbers:?}");
    assert_eq!((numbers.len(), world.postings(&id).len()), (2, 1));
}

#[tokio::test]
async fn withdrawn_nothing_stands_and_concur_is_told_error() {
    let world = with_cards().await;
    let id = half_posted(&world, &mut Random::new(102)).await;
    let command = event("withdraw", &id, true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.state(&id).await, "returned");
    assert_eq!(world.status(&id), "POSTING_CONFIRMED_FAILURE");
}

#[tokio::test]
async fn called_absent_it_is_written_once_more() {
    let world = World::new().await;
    // The first posting ever: nothing is known by which a search could prove itself.
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(95)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["outcome_unproven"]);
    let command = event("absent", &id, true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
    let story = json!(world.story(&id).await).to_string();
    assert!(story.contains("found_absent"), "{story}");
}

#[tokio::test]
async fn called_absent_in_error_it_is_found_all_the_same() {
    let world = World::new().await;
    world.acumatica.next("put.Bill", Fault::DropAfterSave);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(96)));
    world.turn().await;
    world.pass(1_200);
    // The search misses what stands, and so does the one for something it could prove itself by.
    world.acumatica.next("list.Bill", Fault::EmptyList);
    world.acumatica.next("list.Bill", Fault::EmptyList);
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["outcome_unproven"]);
    assert_eq!(world.wish("absent", &id).await, "done");
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn a_possible_duplicate_that_is_allowed_is_posted_and_says_so() {
    let world = World::warm().await;
    let random = &mut Random::new(97);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    let second = world.offer(&invoice("INV 7", 25_000, random));
    world.settle().await;
    assert_eq!(world.reasons(&second).await, ["possible_duplicate"]);

    let command = event("allow", &second, true);
    let answer = world.replay(command.clone()).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    assert!(row(&answer)["differences"].is_array(), "{answer:#}");
    again(&world, &command).await;
    world.settle().await;
    for id in [&first, &second] {
        assert_eq!(
            (world.state(id).await, world.postings(id).len()),
            ("confirmed", 1)
        );
    }
    let plan = world.plan(&second).await;
    let noted = "possible duplicate allowed by kim: seen to";
    assert!(
        plan.notes.iter().any(|note| note == noted),
        "{:?}",
        plan.notes
    );
    assert!(
        json!(world.story(&second).await)
            .to_string()
            .contains("allowed")
    );

    // It was for that one.
    let third = world.offer(&invoice("INV/7", 25_000, random));
    world.settle().await;
    assert_eq!(world.reasons(&third).await, ["possible_duplicate"; 2]);
}

#[tokio::test]
async fn a_plan_that_is_made_anew_is_shown_with_what_it_changes() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 250.0));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(98)));
    world.settle().await;
    world
        .change(&[("/tables/accounts/MATER", json!("61500"))])
        .await;
    let shown = world.replay(event("replan", &id, false)).await;
    let differences = row(&shown)["differences"].as_array().expect("differences");
    let fields = json!([{"field": "account", "stored": "51000", "changed": "61500"}]);
    assert_eq!(differences[0]["fields"], fields, "{shown:#}");
}

#[tokio::test]
async fn dead_letters_are_counted_woken_and_deleted() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(99)));
    world.poll().await;
    // Its wake crashed every worker, and so did something that is none.
    let _lost = world.needs.queue.take();
    world.needs.queue.lay_aside(Some(wake(&id)));
    world.needs.queue.lay_aside(None);
    let counted = world.replay(json!({"do": "redrive"})).await;
    let waiting = json!({"waiting": 2, "woken": 0, "unreadable": 0});
    assert_eq!(counted["redriven"]["work"], waiting, "{counted:#}");
    let redriven = world.replay(json!({"do": "redrive", "apply": true})).await;
    let done = json!({"waiting": 2, "woken": 1, "unreadable": 1});
    assert_eq!(redriven["redriven"]["work"], done, "{redriven:#}");
    world.post().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let again = world.replay(json!({"do": "redrive", "apply": true})).await;
    assert_eq!(again["redriven"]["work"]["waiting"], 0, "{again:#}");
}

#[tokio::test]
async fn filters_find_by_state_reason_type_and_business_id() {
    let world = World::warm().await;
    keyed(&world, "000777", ("4711", 250.0));
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(100)));
    world.settle().await;
    let business = world.record(&id).await.business;
    for filter in [
        json!({"state": "held"}),
        json!({"reason": "duplicate_reference"}),
        json!({"type": "invoice"}),
        json!({"business_id": business, "state": "held"}),
    ] {
        let mut event = json!({"connection": "demo", "do": "show"});
        for (name, value) in filter.as_object().expect("a filter") {
            event[name] = value.clone();
        }
        let shown = world.replay(event).await;
        assert_eq!(row(&shown)["document"], json!(id), "{filter}: {shown:#}");
        let permits = &row(&shown)["reasons"][0]["permits"];
        assert_eq!(
            *permits,
            json!(["resume", "replan", "return", "adopt", "close"]),
            "{shown:#}"
        );
    }
    for other in [
        json!({"state": "posted"}),
        json!({"reason": "recalled"}),
        json!({"type": "expense"}),
    ] {
        let mut event = json!({"connection": "demo", "do": "show"});
        for (name, value) in other.as_object().expect("a filter") {
            event[name] = value.clone();
        }
        let shown = world.replay(event).await;
        assert_eq!(shown["documents"], json!([]), "{other}: {shown:#}");
    }
}

/// An invoice whose write nobody heard of, held before anybody looked for it.
async fn held_unheard(world: &World, fault: Fault, random: &mut Random) -> DocumentId {
    world.acumatica.next("put.Bill", fault);
    let id = world.offer(&invoice("4711", 25_000, random));
    world.turn().await;
    let record = world.record(&id).await;
    let reasons = vec![Reason::new(Code::AttemptsSpent, "16 attempts failed")];
    let held = Happened::Held { reasons };
    let held = advance(&record, &held, world.needs.clock.now()).expect("a move");
    let stored = world.needs.ledger.save(&Change::of(&held)).await;
    stored.expect("stored");
    id
}

#[tokio::test]
async fn nothing_is_adopted_beside_what_was_lost_and_may_still_arrive() {
    let world = World::warm().await;
    let id = held_unheard(&world, Fault::DropBefore, &mut Random::new(103)).await;
    keyed(&world, "000777", ("by hand", 250.0));
    let held = world.record(&id).await;
    for apply in [false, true] {
        let answer = world.replay(adopt(&id, "Bill 000777", apply)).await;
        assert_eq!(row(&answer)["verdict"], "refused", "{answer:#}");
        let says = row(&answer)["says"].to_string();
        assert!(says.contains("may still arrive until"), "{says}");
    }
    assert_eq!(world.record(&id).await, held);
    world.pass(1_000);
    let answer = world.replay(adopt(&id, "Bill 000777", true)).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert!(world.postings(&id).is_empty());
}

#[tokio::test]
async fn what_was_lost_and_stands_is_adopted_and_nothing_beside_it() {
    let world = World::warm().await;
    let id = held_unheard(&world, Fault::DropAfterSave, &mut Random::new(104)).await;
    keyed(&world, "000777", ("by hand", 250.0));
    world.pass(1_000);
    let own = world.postings(&id)[0]["ReferenceNbr"].clone();
    let own = format!("Bill {}", own.as_str().expect("a number"));
    let answer = world.replay(adopt(&id, "Bill 000777", true)).await;
    assert_eq!(row(&answer)["verdict"], "refused", "{answer:#}");
    let says = row(&answer)["says"].to_string();
    assert!(
        says.contains(&format!("{own} was written for posting 1")),
        "{says}"
    );
    let answer = world.replay(adopt(&id, &own, true)).await;
    assert_eq!(row(&answer)["verdict"], "done", "{answer:#}");
    world.settle().await;
    let told = world.concur.told(id.as_str()).expect("a verdict");
    assert_eq!(told.posting_docs[0]["documentNumber"], own);
}
