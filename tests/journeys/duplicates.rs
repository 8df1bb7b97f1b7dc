//! Duplicates of the real world: the same invoice keyed by hand, entered twice in Concur, or met by two workers at once.

use connector::ports::{Change, Ledger};
use e2e::{
    documents::Random,
    twins::{acumatica, faults::Fault},
};
use posting::{plan::PostingKind, state::State};
use serde_json::{Value, json};

use super::{
    crashes::DeadlyLedger,
    main_job::report,
    replay_ends::{adopt, invoice, keyed},
    world::{Setting, World, connection, wake},
};

async fn cold(preference: acumatica::Preference) -> World {
    let acumatica = acumatica::Options {
        raise_on_duplicate_ref: preference,
        ..acumatica::Options::default()
    };
    World::with(Setting {
        acumatica,
        ..Setting::default()
    })
    .await
}

/// The same after a first report.
async fn with(preference: acumatica::Preference) -> World {
    let world = cold(preference).await;
    world.offer(&report("First", 100, &mut Random::new(1)));
    world.settle().await;
    world
}

#[tokio::test]
async fn a_number_keyed_by_hand_is_named_whatever_the_preference_and_adopting_it_ends_it() {
    for preference in [acumatica::Preference::Off, acumatica::Preference::On] {
        let world = with(preference).await;
        keyed(&world, "000777", ("4711", 250.0));
        let id = world.offer(&invoice("4711", 25_000, &mut Random::new(110)));
        world.settle().await;
        let record = world.record(&id).await;
        assert_eq!(world.reasons(&id).await, ["duplicate_reference"]);
        let said = &record.state.reasons()[0].message;
        assert!(said.contains("Bill 000777"), "{said}");
        world.replay(adopt(&id, "Bill 000777", true)).await;
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed");
        assert!(world.postings(&id).is_empty());
    }
}

#[tokio::test]
async fn a_number_that_only_the_write_runs_into_is_looked_up_and_named() {
    let world = cold(acumatica::Preference::On).await;
    keyed(&world, "000777", ("4711", 250.0));
    // The search before the write does not see it: somebody keys it in between.
    world.acumatica.next("list.Bill", Fault::EmptyList);
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(111)));
    world.settle().await;
    assert_eq!(world.acumatica_calls("put"), 1);
    assert_eq!(world.reasons(&id).await, ["duplicate_reference"]);
    let said = world.record(&id).await.state.reasons()[0].message.clone();
    assert!(said.contains("Bill 000777"), "{said}");
}

#[tokio::test]
async fn the_same_invoice_under_two_request_ids_is_held_and_named_and_adopting_the_first_ends_it() {
    let world = World::warm().await;
    let random = &mut Random::new(112);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    let second = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    assert_eq!(world.reasons(&second).await, ["possible_duplicate"]);
    let earlier = world.record(&first).await;
    let said = world.record(&second).await.state.reasons()[0]
        .message
        .clone();
    assert!(said.contains(earlier.business.as_str()), "{said}");

    let number = earlier.state.receipts()[0].label();
    let answer = world.replay(adopt(&second, &number, true)).await;
    let row = &answer["documents"][0];
    assert_eq!(row["verdict"], "done", "{answer:#}");
    assert!(
        row["says"].to_string().contains(first.as_str()),
        "{answer:#}"
    );
    world.settle().await;
    assert_eq!(world.state(&second).await, "confirmed");
    let told = world.concur.told(second.as_str()).expect("a verdict");
    assert_eq!(told.posting_docs[0]["documentNumber"], json!(number));
    assert!(world.postings(&second).is_empty());
    assert_eq!(world.postings(&first).len(), 1);
}

#[tokio::test]
async fn what_another_document_may_still_take_back_is_not_adopted() {
    let world = World::warm().await;
    let random = &mut Random::new(118);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.concur.next("confirm", Fault::Html(503));
    world.turn().await;
    assert_eq!(world.state(&first).await, "posted");
    let second = world.offer(&invoice("INV-7", 25_000, random));
    world.turn().await;
    assert_eq!(world.reasons(&second).await, ["possible_duplicate"]);

    let number = world.record(&first).await.state.receipts()[0].label();
    let command = adopt(&second, &number, true);
    let answer = world.replay(command.clone()).await;
    let row = &answer["documents"][0];
    assert_eq!(row["verdict"], "refused", "{answer:#}");
    let says = row["says"].to_string();
    assert!(
        says.contains(first.as_str()) && says.contains("posted"),
        "{says}"
    );
    world.settle().await;
    assert_eq!(world.state(&first).await, "confirmed");
    let answer = world.replay(command).await;
    assert_eq!(answer["documents"][0]["verdict"], "done", "{answer:#}");
}

#[tokio::test]
async fn where_the_rules_only_warn_the_search_still_finds_it() {
    for preference in [acumatica::Preference::Off, acumatica::Preference::On] {
        let world = with(preference).await;
        world
            .change(&[("/rules/invoice/possible_duplicate", json!("warn"))])
            .await;
        let random = &mut Random::new(113);
        let first = world.offer(&invoice("INV-7", 25_000, random));
        world.settle().await;
        let second = world.offer(&invoice("INV-7", 25_000, random));
        world.settle().await;
        assert_eq!(world.reasons(&second).await, ["duplicate_reference"]);
        let number = world.record(&first).await.state.receipts()[0].label();
        let said = world.record(&second).await.state.reasons()[0]
            .message
            .clone();
        assert!(said.contains(&number), "{said}");
    }
}

#[tokio::test]
async fn two_workers_with_one_reference_at_one_moment_post_once() {
    let world = World::warm().await;
    let random = &mut Random::new(114);
    let ids = [
        world.offer(&invoice("INV-7", 25_000, random)),
        world.offer(&invoice("INV-7", 31_000, random)),
    ];
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let one = [wake(&ids[0])];
    let other = [wake(&ids[1])];
    tokio::join!(world.post_batch(&one), world.post_batch(&other));
    world.settle().await;
    let mut states = [world.state(&ids[0]).await, world.state(&ids[1]).await];
    states.sort_unstable();
    assert_eq!(states, ["confirmed", "held"]);
    for id in &ids {
        if world.state(id).await == "held" {
            assert_eq!(world.reasons(id).await, ["duplicate_reference"]);
            assert!(world.postings(id).is_empty());
        } else {
            assert_eq!(world.postings(id).len(), 1);
        }
    }
}

#[tokio::test]
async fn two_workers_with_one_business_object_at_one_moment_post_once() {
    let world = World::warm().await;
    let document = report("Taxi", 1_000, &mut Random::new(115));
    let ids = [world.offer(&document), world.offer(&document)];
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let one = [wake(&ids[0])];
    let other = [wake(&ids[1])];
    tokio::join!(world.post_batch(&one), world.post_batch(&other));
    world.settle().await;
    let standing = world.postings(&ids[0]).len() + world.postings(&ids[1]).len();
    assert_eq!(standing, 1);
    for id in &ids {
        if world.state(id).await == "held" {
            assert_eq!(world.reasons(id).await, ["already_posted_report"]);
        } else {
            assert_eq!(world.state(id).await, "confirmed");
        }
    }
}

#[tokio::test]
async fn a_bill_keyed_by_hand_stands_for_one_invoice_only() {
    let world = World::warm().await;
    let random = &mut Random::new(116);
    for (number, reference) in [("000777", "4711"), ("000778", "4712")] {
        keyed(&world, number, (reference, 250.0));
    }
    let first = world.offer(&invoice("4711", 25_000, random));
    let second = world.offer(&invoice("4712", 25_000, random));
    world.settle().await;
    let done = world.replay(adopt(&first, "Bill 000777", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");
    // While that one is on its way, and once it is confirmed.
    for state in ["posted", "confirmed"] {
        let answer = world.replay(adopt(&second, "Bill 000777", true)).await;
        let row = &answer["documents"][0];
        assert_eq!(row["verdict"], "refused", "{answer:#}");
        let says = row["says"].as_str().expect("a sentence");
        let told = format!("Bill 000777 stands for document {first} already, which is {state}");
        assert_eq!(says, told);
        world.settle().await;
    }
    let done = world.replay(adopt(&second, "Bill 000778", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");

    // The same invoice once more is no other one; by its number the first is found still.
    let again = world.offer(&invoice("4711", 25_000, random));
    world.settle().await;
    let done = world.replay(adopt(&again, "Bill 000777", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");
    let kind = PostingKind::Bill;
    let by = world
        .needs
        .ledger
        .holder(&connection(), kind, "000777")
        .await;
    let by = by.expect("a ledger").map(|holder| holder.document);
    assert_eq!(by, Some(first));
    world.settle().await;
    for id in [&second, &again] {
        assert_eq!(world.state(id).await, "confirmed");
    }
}

/// What `replay` made of one document: verdict and sentence.
fn told(answer: &Value) -> (String, String) {
    let row = &answer["documents"][0];
    let text = |name: &str| row[name].as_str().expect("a text").to_owned();
    (text("verdict"), text("says"))
}

#[tokio::test]
async fn two_adoptions_of_one_number_at_one_moment_end_as_one_after_the_other() {
    let world = World::over(DeadlyLedger::default(), Setting::default()).await;
    let random = &mut Random::new(117);
    keyed(&world, "000777", ("4711", 250.0));
    keyed(&world, "000778", ("4712", 250.0));
    let ids = ["4711", "4712"].map(|number| world.offer(&invoice(number, 25_000, random)));
    world.settle().await;
    world.needs.ledger.meet();
    let commands = ids.each_ref().map(|id| adopt(id, "Bill 000777", true));
    let [one, other] = commands;
    let (one, other) = tokio::join!(world.replay(one), world.replay(other));
    let verdicts = [told(&one), told(&other)];
    let done = verdicts.iter().position(|(verdict, _)| verdict == "done");
    let done = done.unwrap_or_else(|| panic!("{verdicts:?}"));
    let (first, second) = (&ids[done], &ids[1 - done]);
    let says = format!("Bill 000777 stands for document {first} already, which is posted");
    assert_eq!(verdicts[1 - done], ("refused".to_owned(), says));
    assert_eq!(world.state(second).await, "held");
    world.settle().await;
    assert_eq!(world.state(first).await, "confirmed");
    let answer = world.replay(adopt(second, "Bill 000778", true)).await;
    assert_eq!(told(&answer).0, "done", "{answer:#}");
}

#[tokio::test]
async fn a_number_that_was_let_go_is_taken_by_one_of_two() {
    let world = World::over(DeadlyLedger::default(), Setting::default()).await;
    let random = &mut Random::new(119);
    for (number, reference) in [("000777", "4711"), ("000778", "4712"), ("000779", "4713")] {
        keyed(&world, number, (reference, 250.0));
    }
    let ids = ["4711", "4712", "4713"].map(|number| world.offer(&invoice(number, 25_000, random)));
    world.settle().await;
    // Mistyped, with another amount, and so still held; named anew it lets go of the first.
    keyed(&world, "000780", ("other", 240.0));
    for number in ["Bill 000780", "Bill 000777"] {
        let answer = world.replay(adopt(&ids[0], number, true)).await;
        assert_eq!(told(&answer).0, "done", "{answer:#}");
    }
    world.needs.ledger.meet();
    let commands = [
        adopt(&ids[1], "Bill 000780", true),
        adopt(&ids[2], "Bill 000780", true),
    ];
    let [one, other] = commands;
    let (one, other) = tokio::join!(world.replay(one), world.replay(other));
    let mut verdicts = [told(&one).0, told(&other).0];
    verdicts.sort_unstable();
    assert_eq!(verdicts, ["done", "refused"], "{one:#} {other:#}");
}

#[tokio::test]
async fn a_number_adopted_while_its_writer_hears_of_it_stands_for_one_of_the_two() {
    let world = World::over(DeadlyLedger::default(), Setting::default()).await;
    let random = &mut Random::new(120);
    world.offer(&report("First", 100, random));
    keyed(&world, "000777", ("4711", 250.0));
    let waiting = world.offer(&invoice("4711", 25_000, random));
    world.settle().await;
    assert_eq!(world.reasons(&waiting).await, ["duplicate_reference"]);

    let posted = world.offer(&invoice("4712", 25_000, random));
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let slow = Fault::Delay(std::time::Duration::from_millis(100));
    world.acumatica.next("put.Bill", slow);
    let writes = world.acumatica_calls("put.Bill");
    let wakes = [wake(&posted)];
    let person = async {
        while world.acumatica_calls("put.Bill") == writes {
            tokio::task::yield_now().await;
        }
        // Its writer has stored the intent, and will store the number as this person names it.
        world.needs.ledger.meet();
        while world.postings(&posted).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let number = world.postings(&posted)[0]["ReferenceNbr"].clone();
        let number = number.as_str().expect("a number").to_owned();
        // Without its stamp nobody sees whose it is.
        let text = ("Description", json!("typed over"));
        world.acumatica.edit("Bill", &["Bill", &number], text);
        let label = format!("Bill {number}");
        (world.replay(adopt(&waiting, &label, true)).await, label)
    };
    let ((), (answer, label)) = tokio::join!(world.post_batch(&wakes), person);
    assert_eq!(told(&answer).0, "done", "{answer:#}");
    world.settle().await;
    assert_eq!(world.state(&waiting).await, "confirmed");
    assert_eq!(world.reasons(&posted).await, ["duplicate_reference"]);
    let record = world.record(&posted).await;
    let says = record.state.reasons()[0].message.clone();
    let before = format!("{label} stands for document {waiting} already, which is ");
    assert!(says.starts_with(&before), "{says}");
    assert!(record.state.receipts().is_empty(), "{record:?}");
    // However often it goes on, and it takes nothing back.
    for wish in ["resume", "withdraw", "replan"] {
        let command = super::replay::event(wish, &posted, true);
        let answer = world.replay(command).await;
        assert_eq!(told(&answer).0 == "done", wish == "resume", "{answer:#}");
        world.settle().await;
        assert_eq!(world.state(&posted).await, "held");
    }
    assert_eq!(world.acumatica_calls("delete"), 0);
}

#[tokio::test]
async fn a_number_that_a_restored_tenant_gives_out_again_is_its_new_document_s() {
    let world = World::warm().await;
    let random = &mut Random::new(121);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    // As if it had got the number that comes next, before the tenant was set back.
    let mut record = world.record(&first).await;
    let State::Confirmed { receipts, .. } = &mut record.state else {
        panic!("{record:?}");
    };
    let number: u32 = receipts[0].number.parse().expect("a number");
    let next = format!("{:06}", number + 1);
    receipts[0].number.clone_from(&next);
    let change = Change {
        receipts: &[(PostingKind::Bill, next.clone())],
        ..Change::of(&record)
    };
    world.needs.ledger.save(&change).await.expect("stored");

    let second = world.offer(&invoice("INV-8", 31_000, random));
    world.settle().await;
    assert_eq!(world.state(&second).await, "confirmed");
    let record = world.record(&second).await;
    assert_eq!(record.state.receipts()[0].number, next);
    let by = world
        .needs
        .ledger
        .holder(&connection(), PostingKind::Bill, &next)
        .await;
    assert_eq!(by.expect("a ledger").expect("a holder").document, second);
}
