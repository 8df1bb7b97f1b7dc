//! The second phase: what stands in Acumatica is released, once, and Concur is told when the rules say so.

use connector::post;
use e2e::{
    amounts::cents,
    demo,
    documents::{Document, Entry, Party, Person, Place, Random, Report},
    twins::{
        acumatica::{Options, Preference},
        faults::Fault,
    },
};
use jiff::SignedDuration;
use posting::{
    DocumentId,
    record::List,
    state::{Receipt, Release},
};
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World, wake},
};

/// Every kind of posting of a report is released.
fn releasing(acumatica: Options) -> Setting {
    Setting {
        acumatica,
        rules: vec![("/posting/expense", json!({"hold": false, "release": true}))],
        ..Setting::default()
    }
}

fn approval() -> Options {
    Options {
        approval: Preference::On,
        // Sessions of the twin do not end with the stories' clock.
        seats: 100,
        ..Options::default()
    }
}

/// A report that becomes one journal.
fn journal(random: &mut Random) -> Document {
    let entry = Entry::new(cents(27_000), random).paid_by(Party::Cbcp, "199999");
    let chloe = Person::new("E00103", "Chloe", "Carter");
    Report::new("Sales fair", chloe, Place::new("0021", "410"), random)
        .entry(entry)
        .document(random)
}

fn example(name: &str) -> Document {
    let mut all = demo::documents().into_iter();
    let found = all.find(|each| each.name == name);
    found
        .unwrap_or_else(|| panic!("no example {name}"))
        .document
}

/// What the books say of a document's postings: number and status, journals first.
fn statuses(world: &World, id: &DocumentId) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = world
        .postings(id)
        .iter()
        .map(|posting| {
            let text = |name: &str| posting[name].as_str().unwrap_or_default().to_owned();
            let number = text("BatchNbr");
            let kind = if number.is_empty() {
                text("Type")
            } else {
                "GL".to_owned()
            };
            (kind, text("Status"))
        })
        .collect();
    all.sort_by_key(|(kind, _)| kind != "GL");
    all
}

async fn receipts(world: &World, id: &DocumentId) -> Vec<Receipt> {
    let record = world.record(id).await;
    record.state.receipts().into_iter().cloned().collect()
}

/// Sentences Concur was told, in their order.
fn told(world: &World, id: &DocumentId) -> Vec<String> {
    let told = world.concur.told(id.as_str()).expect("a verdict");
    told.system_messages.iter().map(Value::to_string).collect()
}

/// What a person does in Acumatica with every posting of a document.
fn approve(world: &World, receipts: &[Receipt]) {
    for receipt in receipts {
        let number = receipt.number.as_str();
        if receipt.kind.is_payable() {
            let keys = [receipt.kind.label(), number];
            world.acumatica.approve("Bill", &keys);
        } else {
            world
                .acumatica
                .approve("JournalTransaction", &["GL", number]);
        }
    }
}

#[tokio::test]
async fn a_journal_is_released_by_default_and_then_confirmed() {
    let world = World::new().await;
    let random = &mut Random::new(79);
    let bill = world.offer(&report("Taxi", 1_000, random));
    let id = world.offer(&journal(random));
    world.turn().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(statuses(&world, &id)[0].1, "Posted");
    assert_eq!(statuses(&world, &bill)[0].1, "Balanced");
    assert_eq!(world.acumatica_calls("action.JournalTransaction"), 1);
    assert_eq!(world.acumatica_calls("action.Bill"), 0);
    let told = told(&world, &id);
    assert!(told[0].contains("is released in Acumatica"), "{told:?}");
    assert!(world.open().await.is_empty());
}

async fn followed_to_its_end(answers: u32) {
    let world = World::with(releasing(Options {
        action_answers_202: answers,
        ..Options::default()
    }))
    .await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(80)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "confirmed", "{answers} answers");
    assert_eq!(
        statuses(&world, &id),
        [("Bill".to_owned(), "Open".to_owned())]
    );
    assert_eq!(receipts(&world, &id).await[0].release, Release::Done);
    assert_eq!(world.acumatica_calls("action.Bill"), 1);
    assert_eq!(world.acumatica_calls("status.Bill"), u64::from(answers));
}

#[tokio::test]
async fn a_release_that_ends_at_once_needs_no_question() {
    followed_to_its_end(0).await;
}

#[tokio::test]
async fn a_release_that_runs_on_is_followed() {
    followed_to_its_end(1).await;
}

#[tokio::test]
async fn a_release_that_runs_on_for_long_is_followed() {
    followed_to_its_end(4).await;
}

#[tokio::test]
async fn what_an_approver_must_see_waits_and_goes_on_when_he_agrees() {
    let world = World::with(releasing(approval())).await;
    let id = world.offer(&example("company card with personal spend"));
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), record.list(), record.attempt),
        ("confirmed", List::Open, 0)
    );
    let told = told(&world, &id);
    assert!(
        told.iter().all(|text| text.contains("pending approval")),
        "{told:?}"
    );
    for _ in 0..30 {
        world.pass(1_800);
        world.turn().await;
    }
    let record = world.record(&id).await;
    assert_eq!((record.list(), record.attempt), (List::Open, 0));
    assert_eq!(world.acumatica_calls("action"), 0);

    let receipts = receipts(&world, &id).await;
    approve(&world, &receipts);
    world.settle().await;
    assert!(
        statuses(&world, &id)
            .iter()
            .all(|(_, status)| status == "Open" || status == "Posted")
    );
    assert_eq!(
        world.acumatica_calls("action"),
        u64::try_from(receipts.len()).unwrap()
    );
    assert_eq!(world.concur_calls("confirm"), 1, "told once");
}

#[tokio::test]
async fn a_person_who_puts_a_document_on_hold_is_respected() {
    let world = World::with(releasing(approval())).await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(81)));
    world.turn().await;
    let number = receipts(&world, &id).await[0].number.clone();
    let keys = ["Bill", number.as_str()];
    world
        .acumatica
        .edit("Bill", &keys, ("Status", json!("On Hold")));
    world.acumatica.edit("Bill", &keys, ("Hold", json!(true)));
    let writes = world.acumatica_calls("put");
    for _ in 0..3 {
        world.pass(3_700);
        world.turn().await;
    }
    assert_eq!(statuses(&world, &id)[0].1, "On Hold");
    assert_eq!(world.acumatica_calls("put"), writes);
    world.acumatica.remove_hold("Bill", &keys);
    world.acumatica.approve("Bill", &keys);
    world.settle().await;
    assert_eq!(statuses(&world, &id)[0].1, "Open");
}

#[tokio::test]
async fn what_the_tenant_puts_on_hold_is_taken_off_and_released() {
    let world = World::with(releasing(Options {
        hold_bills_on_entry: Preference::On,
        ..Options::default()
    }))
    .await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(82)));
    world.turn().await;
    assert_eq!(statuses(&world, &id)[0].1, "Open");
    assert_eq!(world.state(&id).await, "confirmed");
}

/// The rows of what waits for a person.
async fn held(world: &World) -> Vec<Value> {
    let answer = world.poll().await;
    answer["connections"][0]["held"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .clone()
}

#[tokio::test]
async fn a_failed_release_is_listed_and_withdraws_nothing() {
    let world = World::new().await;
    let no = "The financial period is closed.";
    world
        .acumatica
        .next("action.JournalTransaction", Fault::Refuse(no.to_owned()));
    let id = world.offer(&journal(&mut Random::new(83)));
    world.poll().await;
    let woken = vec![("message".to_owned(), wake(&id))];
    let outcome = post::post(&world.needs, &world.run(), woken).await;
    assert_eq!((outcome.held, outcome.again.len()), (1, 0));
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.status(&id), "POSTING_CONFIRMED_SUCCESS");
    assert_eq!(statuses(&world, &id)[0].1, "Balanced");
    let row = &held(&world).await[0];
    assert_eq!(row["state"], "confirmed");
    assert_eq!(row["told"], "success");
    assert_eq!(row["postings"][0]["released"], false);
    assert_eq!(row["reasons"][0]["code"], "release_failed");
    let message = row["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("period is closed"), "{message}");
    world.pass(100_000);
    world.turn().await;
    assert_eq!(world.acumatica_calls("action"), 1, "not asked again");
}

#[tokio::test]
async fn a_failed_release_holds_where_success_waits_for_it() {
    let world = World::with(Setting {
        rules: vec![("/posting/confirm_after", json!("released"))],
        ..Setting::default()
    })
    .await;
    world
        .acumatica
        .next("action.JournalTransaction", Fault::Refuse("no".to_owned()));
    let id = world.offer(&journal(&mut Random::new(84)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "held");
    assert_eq!(world.reasons(&id).await, ["release_failed"]);
    assert_eq!(world.status(&id), "ACKNOWLEDGED");
    assert_eq!(world.postings(&id).len(), 1);
    assert_eq!(
        held(&world).await[0]["reasons"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_release_that_fails_on_its_way_is_a_failed_one() {
    let world = World::with(releasing(Options {
        action_answers_202: 2,
        ..Options::default()
    }))
    .await;
    world
        .acumatica
        .next("status.Bill", Fault::Refuse("no".to_owned()));
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(85)));
    world.turn().await;
    let release = receipts(&world, &id).await[0].release.clone();
    assert!(matches!(release, Release::Failed { .. }), "{release:?}");
}

#[tokio::test]
async fn expense_pay_is_confirmed_only_when_its_journals_are_released() {
    let world = World::with(Setting {
        acumatica: approval(),
        ..Setting::default()
    })
    .await;
    let id = world.offer(&example("Expense Pay"));
    for _ in 0..5 {
        world.turn().await;
        assert_eq!(world.state(&id).await, "posted");
        assert_eq!(world.status(&id), "ACKNOWLEDGED");
        world.pass(1_800);
    }
    assert_eq!(world.record(&id).await.attempt, 0);
    approve(&world, &receipts(&world, &id).await);
    world.settle().await;
    assert_eq!(statuses(&world, &id)[0].1, "Posted");
    assert_eq!(world.status(&id), "POSTING_CONFIRMED_SUCCESS");
}

/// A release whose answer is lost; returns how often it was asked for.
async fn asked_after(fault: Fault) -> u64 {
    let story = format!("{fault:?}");
    let world = World::new().await;
    world.acumatica.next("action.JournalTransaction", fault);
    let id = world.offer(&journal(&mut Random::new(86)));
    world.turn().await;
    let asked = world.acumatica_calls("action");
    assert_eq!(asked, 1, "{story}: asked once before the proof wait");
    world.pass(60);
    world.post_batch(&[wake(&id)]).await;
    assert_eq!(world.acumatica_calls("action"), asked, "{story}: too early");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed", "{story}");
    assert_eq!(statuses(&world, &id)[0].1, "Posted", "{story}");
    assert_eq!(
        receipts(&world, &id).await[0].release,
        Release::Done,
        "{story}"
    );
    world.acumatica_calls("action")
}

#[tokio::test]
async fn a_lost_answer_is_answered_by_the_document() {
    for fault in [
        Fault::DropAfterSave,
        Fault::StatusAfterSave(503),
        Fault::HtmlAfterSave(502),
    ] {
        assert_eq!(asked_after(fault).await, 1);
    }
    for fault in [Fault::DropBefore, Fault::Status(503), Fault::Html(502)] {
        assert_eq!(asked_after(fault).await, 2);
    }
}

#[tokio::test]
async fn a_release_that_cannot_be_asked_for_delays_no_confirmation() {
    let world = World::new().await;
    world
        .acumatica
        .next("action.JournalTransaction", Fault::Status(429));
    let id = world.offer(&journal(&mut Random::new(87)));
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), record.list()),
        ("confirmed", List::Open)
    );
    world.settle().await;
    assert_eq!(statuses(&world, &id)[0].1, "Posted");
    assert_eq!(world.concur_calls("confirm"), 1);
}

#[tokio::test]
async fn nothing_is_asked_for_with_too_little_time_left() {
    let mut world = World::new().await;
    world.needs.deployment.clocks.write_margin = SignedDuration::from_secs(250);
    world
        .acumatica
        .next("action.JournalTransaction", Fault::Status(429));
    let id = world.offer(&journal(&mut Random::new(89)));
    world.turn().await;
    world.pass(120);
    let asked = world.acumatica_calls("action");
    let mut short = world.run();
    short.deadline -= SignedDuration::from_secs(100);
    post::post(&world.needs, &short, vec![("1".to_owned(), wake(&id))]).await;
    let record = world.record(&id).await;
    assert_eq!((record.list(), record.attempt), (List::Open, 0));
    assert_eq!(record.claim, None);
    assert_eq!(world.acumatica_calls("action"), asked);
    world.settle().await;
    assert_eq!(statuses(&world, &id)[0].1, "Posted");
}

#[tokio::test]
async fn a_release_that_outlives_the_questions_is_read_again() {
    let world = World::with(releasing(Options {
        action_answers_202: 3,
        ..Options::default()
    }))
    .await;
    // The first question ends in a refusal of the session, as when the platform restarts: nothing is known then.
    world.acumatica.next("status.Bill", Fault::Html(404));
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(88)));
    world.turn().await;
    let release = receipts(&world, &id).await[0].release.clone();
    assert!(
        matches!(release, Release::Asked { sent: Some(_), .. }),
        "{release:?}"
    );
    world.acumatica.finish_actions();
    world.settle().await;
    assert_eq!(receipts(&world, &id).await[0].release, Release::Done);
    assert_eq!(world.acumatica_calls("action"), 1);
}

#[tokio::test]
async fn mixed_signs_are_released_together() {
    let world = World::with(releasing(approval())).await;
    let id = world.offer(&example("spend and credit in one report"));
    world.turn().await;
    let both = receipts(&world, &id).await;
    assert_eq!(both.len(), 2);
    let (bills, journals): (Vec<_>, Vec<_>) =
        both.into_iter().partition(|each| each.kind.is_payable());
    approve(&world, &journals);
    for _ in 0..5 {
        world.pass(3_700);
        world.turn().await;
    }
    assert_eq!(
        world.acumatica_calls("action"),
        0,
        "half of a pair was released"
    );
    approve(&world, &bills);
    world.pass(3_700);
    world.turn().await;
    let all: Vec<String> = statuses(&world, &id)
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    assert_eq!(all, ["Posted", "Open"]);
    assert_eq!(world.acumatica_calls("action"), 2);
}

#[tokio::test]
async fn a_rejected_half_keeps_the_other_from_being_released() {
    let world = World::with(releasing(approval())).await;
    let id = world.offer(&example("spend and credit in one report"));
    world.turn().await;
    let both = receipts(&world, &id).await;
    let bill = both
        .iter()
        .find(|each| each.kind.is_payable())
        .expect("a bill");
    let keys = [bill.kind.label(), bill.number.as_str()];
    approve(&world, &both);
    world
        .acumatica
        .edit("Bill", &keys, ("Status", json!("Rejected")));
    world.pass(3_700);
    world.turn().await;
    assert_eq!(world.acumatica_calls("action"), 0);
    let row = &held(&world).await[0];
    let reasons = row["reasons"].as_array().expect("reasons");
    assert_eq!(reasons.len(), 2, "{row:#}");
    assert!(
        row.to_string().contains("is Rejected in Acumatica"),
        "{row:#}"
    );
    assert!(
        row.to_string().contains("released only together with"),
        "{row:#}"
    );
}
