//! What was written is taken back: after a refusal half-way, and after a recall that shows itself late. Nothing is doubled,
//! nothing is left, and Concur hears of it only then.

use connector::{memory::MemoryLedger, ports::Ledger};
use e2e::{
    amounts::cents,
    demo,
    documents::{Document, Random},
    twins::{
        acumatica::{Options, Preference},
        faults::Fault,
    },
};
use posting::DocumentId;
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World},
};

/// A report that becomes an AP document and two journals.
pub(crate) fn three() -> Document {
    let mut all = demo::documents().into_iter();
    let found = all.find(|each| each.name.contains("personal spend"));
    found.expect("a demo document").document
}

/// Refusals of Acumatica go back to Concur.
pub(crate) fn returning(acumatica: Options) -> Setting {
    let refusal = json!({"document": "return", "setup": "return"});
    Setting {
        acumatica,
        rules: vec![("/posting/on_refusal", refusal)],
        ..Setting::default()
    }
}

/// A world in which one posting of each kind stands, so that a search can prove itself.
pub(crate) async fn known(setting: Setting) -> World {
    known_over(MemoryLedger::default(), setting).await
}

/// The same over another ledger.
pub(crate) async fn known_over<L: Ledger>(ledger: L, setting: Setting) -> World<L> {
    let world = World::over(ledger, setting).await;
    world.offer(&report("Known", 900, &mut Random::new(200)));
    let mut all = demo::documents().into_iter();
    let paid = all.find(|each| each.name.contains("paid by the company"));
    world.offer(&paid.expect("a demo document").document);
    world.settle().await;
    world
}

/// Refuses the second posting of the next plan.
pub(crate) fn refuse_the_second(world: &World) {
    let no = Fault::Refuse("The account is reserved.".to_owned());
    world.acumatica.next("put.JournalTransaction", no);
}

fn keys(posting: &Value) -> (&'static str, [String; 2]) {
    let text = |name: &str| posting[name].as_str().unwrap_or_default().to_owned();
    if posting.get("BatchNbr").is_some() {
        ("JournalTransaction", ["GL".to_owned(), text("BatchNbr")])
    } else {
        ("Bill", [text("Type"), text("ReferenceNbr")])
    }
}

/// What stands of a document: kind, status and reference of each posting.
fn standing(world: &World, id: &DocumentId) -> Vec<String> {
    let all = world.postings(id);
    let row = |posting: &Value| {
        let (_, [kind, _]) = keys(posting);
        let text = |name: &str| posting[name].as_str().unwrap_or("-").to_owned();
        format!("{kind} {} {}", text("Status"), text("VendorRef"))
    };
    all.iter().map(row).collect()
}

/// What a person does with every posting of a document.
fn each(world: &World, id: &DocumentId, act: impl Fn(&str, &[&str])) {
    for posting in world.postings(id) {
        let (entity, keys) = keys(&posting);
        act(entity, &keys.each_ref().map(String::as_str));
    }
}

/// A recall that shows itself at the confirmation.
pub(crate) fn recall(world: &World) {
    world.concur.next("confirm", Fault::Code(112));
}

pub(crate) async fn told(world: &World, id: &DocumentId) -> String {
    let reasons = world.reasons(id).await;
    format!("{} {}", world.state(id).await, reasons.join(" "))
}

#[tokio::test]
async fn a_refusal_half_way_leaves_nothing_and_the_next_approval_posts_under_its_own_number() {
    let world = known(returning(Options::default())).await;
    refuse_the_second(&world);
    let document = three();
    let first = world.offer(&document);
    world.settle().await;
    assert_eq!(told(&world, &first).await, "returned acumatica_refused");
    assert!(
        world.postings(&first).is_empty(),
        "{:#?}",
        world.postings(&first)
    );
    assert_eq!(world.status(&first), "POSTING_CONFIRMED_FAILURE");
    assert_eq!(world.acumatica_calls("delete.Bill"), 1);
    let story = world.story(&first).await;
    let words: Vec<&str> = story.iter().map(|event| event.what.as_str()).collect();
    for word in ["withdrawing", "deleting", "gone_deleted", "withdrawn"] {
        assert!(words.contains(&word), "{words:?}");
    }
    assert!(posting::record::chain_holds("", &story));
    let kept = world.deleted(&first).await;
    assert_eq!(kept.len(), 1);
    let body: Value = serde_json::from_str(&kept[0].text).unwrap();
    assert!(body["Vendor"]["value"].is_string(), "{body:#}");
    let shown = world.show(&first).await;
    let deleted = &shown["documents"][0]["deleted"];
    assert_eq!(deleted[0]["body"], body, "{shown:#}");

    world.concur.recall(first.as_str()).unwrap();
    let again = world.concur.resubmit(first.as_str(), None).unwrap();
    let second = DocumentId::new(again).unwrap();
    world.settle().await;
    assert_eq!(world.state(&second).await, "confirmed");
    let business = world.record(&second).await.business;
    let standing = standing(&world, &second);
    assert_eq!(standing.len(), 3, "{standing:?}");
    assert!(standing[0].ends_with(business.as_str()), "{standing:?}");
}

#[tokio::test]
async fn a_fault_of_the_set_up_leaves_nothing_either_and_is_planned_anew() {
    let world = known(Setting::default()).await;
    refuse_the_second(&world);
    let id = world.offer(&three());
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held acumatica_refused");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.concur.told(id.as_str()), None);
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.record(&id).await.state.plan(), Some(2));
    assert_eq!(world.postings(&id).len(), 3);
}

#[tokio::test]
async fn where_deleting_is_forbidden_the_opposite_is_written_and_both_are_closed_first() {
    let acumatica = Options {
        deletion: Preference::Off,
        ..Options::default()
    };
    let world = known(returning(acumatica)).await;
    refuse_the_second(&world);
    let id = world.offer(&three());
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held withdrawal_open");
    let stand = standing(&world, &id);
    let business = world.record(&id).await.business;
    assert_eq!(stand.len(), 2, "{stand:?}");
    assert!(stand[1].ends_with(&format!("{business}-W1")), "{stand:?}");
    assert_eq!(world.concur.told(id.as_str()), None);

    close_both(&world, &id);
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned acumatica_refused");
    assert_eq!(standing(&world, &id).len(), 2, "nothing is written twice");
}

/// AP releases a bill and its opposite and applies one to the other.
fn close_both(world: &World, id: &DocumentId) {
    let all = world.postings(id);
    for posting in &all {
        let (entity, keys) = keys(posting);
        if posting["Status"] == "Balanced" {
            world
                .acumatica
                .release(entity, &keys.each_ref().map(String::as_str));
        }
    }
    let (_, bill) = keys(&all[0]);
    let (_, adjustment) = keys(&all[1]);
    let text = |keys: &[String; 2]| keys.clone();
    let (bill, adjustment) = (text(&bill), text(&adjustment));
    world.acumatica.apply(
        &adjustment.each_ref().map(String::as_str),
        &bill.each_ref().map(String::as_str),
    );
}

#[tokio::test]
async fn a_recall_after_posting_deletes_what_is_not_released() {
    let world = known(Setting::default()).await;
    recall(&world);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(204)));
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.acumatica_calls("delete.Bill"), 1);
    assert_eq!(world.concur.told(id.as_str()), None, "nothing is told");
}

#[tokio::test]
async fn by_rule_a_recall_after_posting_waits_for_a_person_who_takes_it_back() {
    let setting = Setting {
        rules: vec![("/posting/on_recall", json!("hold"))],
        ..Setting::default()
    };
    let world = known(setting).await;
    recall(&world);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(205)));
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held recalled");
    assert_eq!(world.postings(&id).len(), 1);
    assert_eq!(world.wish("withdraw", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled");
    assert!(world.postings(&id).is_empty());
}

#[tokio::test]
async fn a_released_journal_is_reversed_by_one_that_is_released_too() {
    let world = known(Setting::default()).await;
    recall(&world);
    let mut all = demo::documents().into_iter();
    let paid = all.find(|each| each.name == "Expense Pay");
    let id = world.offer(&paid.expect("a demo document").document);
    world.settle().await;
    assert_eq!(
        world.state(&id).await,
        "recalled",
        "{:?}",
        world.record(&id).await
    );
    let journals: Vec<Value> = world.postings(&id);
    assert_eq!(journals.len(), 2);
    let sides = |journal: &Value, name: &str| -> Vec<String> {
        let lines = journal["Details"].as_array().unwrap().iter();
        lines.map(|line| line[name].to_string()).collect()
    };
    assert_eq!(
        sides(&journals[0], "DebitAmount"),
        sides(&journals[1], "CreditAmount")
    );
    assert_eq!(
        sides(&journals[0], "Account"),
        sides(&journals[1], "Account")
    );
    for journal in &journals {
        assert_eq!(journal["Status"], "Posted", "{journal:#}");
    }
    assert_eq!(journals[0]["PostPeriod"], journals[1]["PostPeriod"]);
    let text = journals[1]["Description"].as_str().unwrap();
    assert!(text.starts_with(&format!("CNQR:{id}/1.1R ")), "{text}");
}

#[tokio::test]
async fn a_released_bill_waits_for_ap_and_the_next_approval_takes_another_number() {
    let setting = Setting {
        rules: vec![("/posting/expense", json!({"hold": false, "release": true}))],
        ..Setting::default()
    };
    let world = known(setting).await;
    recall(&world);
    let document = report("Taxi", 1_000, &mut Random::new(206));
    let first = world.offer(&document);
    world.settle().await;
    assert_eq!(told(&world, &first).await, "held withdrawal_open");
    // Not before both are closed, however often it is resumed.
    assert_eq!(world.wish("resume", &first).await, "done");
    world.settle().await;
    assert_eq!(told(&world, &first).await, "held withdrawal_open");
    assert_eq!(world.postings(&first).len(), 2);
    let second = world.offer(&document);
    world.turn().await;
    assert_eq!(
        world.state(&second).await,
        "acknowledged",
        "it waits its turn"
    );

    close_both(&world, &first);
    assert_eq!(world.wish("resume", &first).await, "done");
    world.settle().await;
    assert_eq!(world.state(&first).await, "recalled");
    assert_eq!(world.state(&second).await, "confirmed");
    let business = world.record(&second).await.business;
    let stand = standing(&world, &second);
    assert!(stand[0].ends_with(&format!("{business}-R2")), "{stand:?}");
}

/// Holds a posted document in Acumatica by what a person does before the recall shows itself.
async fn stopped_by(
    code: &str,
    rules: Vec<(&'static str, Value)>,
    act: impl Fn(&World, &str, &[&str]),
) {
    let setting = Setting {
        rules,
        ..Setting::default()
    };
    let world = known(setting).await;
    // The confirmation does not arrive before the person acted.
    world.concur.next("confirm", Fault::DropBefore);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(207)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "posted", "{code}");
    each(&world, &id, |entity, keys| act(&world, entity, keys));
    recall(&world);
    world.settle().await;
    assert_eq!(told(&world, &id).await, format!("held {code}"));
    let record = world.record(&id).await;
    let reason = &record.state.reasons()[0];
    assert!(reason.message.contains("Bill"), "{reason:?}");
    assert_eq!(world.postings(&id).len(), 1, "{code}");
    assert_eq!(world.acumatica_calls("delete"), 0, "{code}");
    // Somebody removes it: then nothing is left to take back.
    world.acumatica.remove(
        "Bill",
        &each_key(&world, &id).each_ref().map(String::as_str),
    );
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled", "{code}");
}

fn each_key(world: &World, id: &DocumentId) -> [String; 2] {
    keys(&world.postings(id)[0]).1
}

#[tokio::test]
async fn what_an_approver_decides_is_held() {
    stopped_by("withdrawal_approval", vec![], |world, entity, keys| {
        world
            .acumatica
            .edit(entity, keys, ("Status", json!("Pending Approval")));
    })
    .await;
}

#[tokio::test]
async fn what_was_paid_or_partly_paid_is_held() {
    let released = || vec![("/posting/expense", json!({"hold": false, "release": true}))];
    for paid in [1_000, 400] {
        stopped_by("withdrawal_paid", released(), |world, _, keys| {
            world.acumatica.pay(keys, cents(paid));
        })
        .await;
    }
}

#[tokio::test]
async fn what_a_person_changed_is_held() {
    stopped_by("withdrawal_edited", vec![], |world, entity, keys| {
        world
            .acumatica
            .edit(entity, keys, ("Vendor", json!("AMEX")));
    })
    .await;
    stopped_by("withdrawal_edited", vec![], |world, entity, keys| {
        world.acumatica.edit(entity, keys, ("Amount", json!(9.0)));
    })
    .await;
    stopped_by("withdrawal_status", vec![], |world, entity, keys| {
        world
            .acumatica
            .edit(entity, keys, ("Status", json!("Scheduled")));
    })
    .await;
}

#[tokio::test]
async fn a_closed_period_moves_the_reversal_to_the_first_open_one() {
    let world = known(Setting::default()).await;
    world.concur.next("confirm", Fault::DropBefore);
    let mut all = demo::documents().into_iter();
    let paid = all.find(|each| each.name == "Expense Pay");
    let id = world.offer(&paid.expect("a demo document").document);
    world.turn().await;
    let period = world.postings(&id)[0]["PostPeriod"]
        .as_str()
        .unwrap()
        .to_owned();
    world.acumatica.close_period(&period);
    recall(&world);
    // Read again: what is cached may be out of date.
    world.pass(1_200);
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.word(), "recalled", "{record:?}");
    let journals = world.postings(&id);
    assert_eq!(journals[0]["PostPeriod"], period.as_str());
    assert_ne!(journals[1]["PostPeriod"], period.as_str(), "{journals:#?}");
    assert_eq!(
        journals[0]["TransactionDate"], journals[1]["TransactionDate"],
        "the date stays"
    );
}
