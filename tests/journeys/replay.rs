//! A document that waits for a person is brought on by one: resumed, planned anew, or closed; and nothing else happens.

use connector::ports::Ledger;
use connector::replay::{self, Request};
use e2e::{
    documents::{Document, Entry, Party, Person, Place, Random, Report},
    twins::faults::Fault,
};
use posting::{Code, DocumentId};
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World},
};

impl<L: Ledger> World<L> {
    /// Invokes `replay`.
    pub(crate) async fn replay(&self, event: Value) -> Value {
        let request: Request = serde_json::from_value(event).expect("an event");
        let answer = replay::replay(&self.needs, &self.run(), &request)
            .await
            .expect("an answer");
        serde_json::to_value(answer).expect("JSON")
    }
}

impl World {
    /// What `show` says of one document.
    pub(crate) async fn show(&self, id: &DocumentId) -> Value {
        self.replay(event("show", id, false)).await
    }

    /// One document, one wish, for real; the verdict.
    pub(crate) async fn wish(&self, wish: &str, id: &DocumentId) -> String {
        let answer = self.replay(event(wish, id, true)).await;
        let verdict = answer["documents"][0]["verdict"].as_str();
        verdict.unwrap_or_else(|| panic!("{answer:#}")).to_owned()
    }

    /// Shows no payees until some minutes have passed: pre-flight judges none, and Acumatica refuses the write itself.
    fn hide_payees(&self) {
        for list in ["list.Employee", "list.Vendor"] {
            self.acumatica.next(list, Fault::Status(403));
        }
    }

    /// Applies the demo's connection with some changes.
    pub(crate) async fn change(&self, rules: &[(&str, Value)]) {
        let mut connection = e2e::demo::connection(self.concur.token_url(), &self.acumatica.url());
        for (pointer, value) in rules {
            *connection.pointer_mut(pointer).expect("a rule") = value.clone();
        }
        let applied = self
            .connect(json!({"action": "apply", "connection": connection}))
            .await;
        assert_eq!(applied["applied"], true, "{applied:#}");
    }
}

pub(crate) fn event(wish: &str, id: &DocumentId, apply: bool) -> Value {
    json!({
        "connection": "demo", "documents": [id], "do": wish, "by": "kim", "note": "seen to", "apply": apply,
    })
}

fn with(rules: Vec<(&'static str, Value)>) -> Setting {
    Setting {
        rules,
        ..Setting::default()
    }
}

/// A report of somebody Acumatica does not know.
fn of_a_stranger(random: &mut Random) -> Document {
    let stranger = Person::new("E99999", "No", "Body");
    let entry = Entry::new(e2e::amounts::cents(1_000), random);
    Report::new("Stranger", stranger, Place::new("0021", "410"), random)
        .entry(entry)
        .document(random)
}

#[tokio::test]
async fn a_missing_table_entry_is_added_and_the_document_planned_anew() {
    let world = World::with(with(vec![("/tables/branches", json!({}))])).await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(80)));
    world.settle().await;
    let held = world.record(&id).await;
    assert_eq!(held.state.word(), "held");

    let shown = world.replay(event("show", &id, false)).await;
    let row = &shown["documents"][0];
    assert_eq!(
        row["reasons"][0]["permits"],
        json!(["replan", "return", "close"]),
        "{row:#}"
    );
    assert_eq!(row["story_unbroken"], true);

    world.change(&[]).await;
    assert_eq!(world.wish("replan", &id).await, "done");
    world.post().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
    let story = world.story(&id).await;
    assert!(posting::record::chain_holds("", &story), "{story:?}");
    let replanned = story.iter().find(|event| event.what == "replanned");
    assert_eq!(replanned.expect("in the story").detail, "kim: seen to");
}

#[tokio::test]
async fn a_created_vendor_lets_the_same_plan_go_on() {
    let world = World::new().await;
    world.hide_payees();
    let id = world.offer(&of_a_stranger(&mut Random::new(81)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["acumatica_refused"]);
    world.acumatica.plant(
        "Vendor",
        &json!({
            "VendorID": "E99999", "VendorName": "No Body", "Status": "Active", "VendorClass": "DOMESTIC", "Terms": "30D",
            "CurrencyID": "USD", "EnableCurrencyOverride": true, "APAccount": "20000", "PaymentMethod": "CHECK",
        }),
    );
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), record.state.plan(), record.plans),
        ("confirmed", Some(1), 1)
    );
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn a_refused_posting_is_planned_anew_under_a_new_number() {
    let world = World::new().await;
    world.hide_payees();
    let id = world.offer(&of_a_stranger(&mut Random::new(82)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["acumatica_refused"]);
    world
        .change(&[("/rules/vendor/employee", json!("E00101"))])
        .await;
    assert_eq!(world.wish("replan", &id).await, "done");
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), record.state.plan()),
        ("confirmed", Some(2))
    );
    let written = json!(world.postings(&id)).to_string();
    assert!(written.contains(&format!("CNQR:{id}/2.1")), "{written}");
}

#[tokio::test]
async fn a_closed_document_ends_without_a_word_to_concur() {
    let world = World::new().await;
    let id = world.offer(&of_a_stranger(&mut Random::new(83)));
    world.settle().await;
    assert_eq!(world.wish("close", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "closed");
    assert_eq!(world.status(&id), "ACKNOWLEDGED");
    assert!(world.postings(&id).is_empty() && world.concur.told(id.as_str()).is_none());
    let story = json!(world.story(&id).await).to_string();
    assert!(story.contains("kim: seen to"), "{story}");
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let world = World::new().await;
    let id = world.offer(&of_a_stranger(&mut Random::new(84)));
    world.settle().await;
    let before = world.record(&id).await;
    for wish in ["show", "resume", "replan", "close"] {
        let answer = world.replay(event(wish, &id, false)).await;
        let verdict = if wish == "show" { "shown" } else { "would" };
        assert_eq!(answer["documents"][0]["verdict"], verdict, "{answer:#}");
    }
    assert_eq!(world.record(&id).await, before);
    assert!(world.needs.queue.take().is_empty());
}

#[tokio::test]
async fn a_repeated_replay_is_harmless() {
    let world = World::with(with(vec![("/tables/branches", json!({}))])).await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(85)));
    world.settle().await;
    world.change(&[]).await;
    let verdicts = [
        world.wish("replan", &id).await,
        world.wish("replan", &id).await,
    ];
    assert_eq!(verdicts, ["done", "already"]);
    world.settle().await;
    for (wish, verdict) in [
        ("replan", "already"),
        ("resume", "refused"),
        ("close", "refused"),
    ] {
        assert_eq!(world.wish(wish, &id).await, verdict);
    }
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn a_lost_answer_is_never_replanned() {
    let world = World::new().await;
    // The first posting ever: nothing is known by which a search could prove itself.
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(86)));
    world.settle().await;
    let held = world.record(&id).await;
    assert_eq!(world.reasons(&id).await, ["outcome_unproven"]);
    assert_eq!(world.wish("replan", &id).await, "refused");
    assert_eq!(world.record(&id).await, held);

    // Another posting of the kind makes the search provable, and the same plan goes on.
    world.offer(&report("Known", 900, &mut Random::new(87)));
    world.settle().await;
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn a_half_posted_plan_is_never_replanned() {
    let cards = ("/tables/cards", json!({"IBCP": {"vendor": "AMEX"}}));
    let world = World::with(with(vec![cards])).await;
    // The first write goes well, the second is a thing Acumatica cannot do.
    let usual = Fault::Delay(std::time::Duration::ZERO);
    for fault in [usual, Fault::Status(500)] {
        world.acumatica.next("put.Bill", fault);
    }
    let random = &mut Random::new(88);
    let ben = Person::new("E00102", "Ben", "Brook");
    let card = Entry::new(e2e::amounts::cents(5_610), random).paid_by(Party::Ibcp, "215100");
    let cash = Entry::new(e2e::amounts::cents(2_300), random);
    let both = Report::new("Rental", ben, Place::new("0021", "410"), random)
        .entry(cash)
        .entry(card)
        .document(random);
    let id = world.offer(&both);
    world.settle().await;
    assert_eq!(
        world.postings(&id).len(),
        1,
        "{:?}",
        world.record(&id).await
    );

    let answer = world.replay(event("replan", &id, true)).await;
    let row = &answer["documents"][0];
    assert_eq!(row["verdict"], "refused", "{answer:#}");
    assert!(row["says"].to_string().contains("stands in acumatica"));
    assert_eq!(
        row["reasons"][0]["permits"],
        json!(["resume", "adopt", "withdraw", "close"])
    );
}

#[tokio::test]
async fn a_filter_takes_a_hundred_and_says_what_is_left() {
    let world = World::with(with(vec![("/tables/branches", json!({}))])).await;
    let random = &mut Random::new(89);
    for n in 0..103 {
        world.offer(&report("Taxi", 1_000 + n, random));
    }
    world.settle().await;
    let filter = |apply: bool| {
        json!({
            "connection": "demo", "reason": Code::CodeMissing, "type": "expense", "do": "replan", "apply": apply,
        })
    };
    let counts = |answer: &Value| {
        let rows = answer["documents"].as_array().map_or(0, Vec::len);
        (rows, answer["left"].as_u64())
    };
    world.change(&[]).await;
    assert_eq!(counts(&world.replay(filter(false)).await), (100, Some(3)));
    assert_eq!(counts(&world.replay(filter(true)).await), (100, Some(3)));
    assert_eq!(counts(&world.replay(filter(true)).await), (3, Some(0)));
    assert_eq!(counts(&world.replay(filter(true)).await), (0, Some(0)));
    let old =
        json!({"connection": "demo", "state": "acknowledged", "older_than": "1d", "do": "show"});
    assert_eq!(counts(&world.replay(old).await), (0, Some(0)));
}
