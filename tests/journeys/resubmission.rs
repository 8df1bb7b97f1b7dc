//! One business object at a time: what happens when a report comes again under a new document id.

use e2e::{
    amounts::cents,
    documents::{Invoice, Place, Random},
    twins::faults::Fault,
};
use posting::DocumentId;
use serde_json::json;

use super::{main_job::report, replay_ends::adopt, world::World};

#[tokio::test]
async fn a_corrected_report_is_posted_after_the_first_was_returned() {
    let world = World::new().await;
    let good = report("Taxi", 1_000, &mut Random::new(40));
    let bad = good
        .clone()
        .broken("/report/totalApprovedAmount", json!(11.0));
    let first = world.offer(&bad);
    world.settle().await;
    assert_eq!(
        (world.state(&first).await, world.reasons(&first).await),
        ("returned", vec!["report_sum"])
    );

    world
        .concur
        .recall(first.as_str())
        .expect("a failed posting can be recalled");
    let second = DocumentId::new(
        world
            .concur
            .resubmit(first.as_str(), Some(good.body))
            .unwrap(),
    )
    .unwrap();
    world.settle().await;
    assert_eq!(
        (world.state(&second).await, world.postings(&second).len()),
        ("confirmed", 1)
    );
    assert!(world.postings(&first).is_empty());
}

#[tokio::test]
async fn a_report_that_comes_again_after_success_is_held() {
    let world = World::new().await;
    let document = report("Taxi", 1_000, &mut Random::new(41));
    let first = world.offer(&document);
    world.settle().await;
    assert_eq!(world.state(&first).await, "confirmed");
    let second = world.offer(&document);
    world.settle().await;
    assert_eq!(
        (world.state(&second).await, world.reasons(&second).await),
        ("held", vec!["already_posted_report"])
    );
    assert!(world.postings(&second).is_empty());
}

#[tokio::test]
async fn a_report_waits_while_its_earlier_approval_is_open() {
    let world = World::new().await;
    let document = report("Taxi", 1_000, &mut Random::new(42));
    let (first, second) = (world.offer(&document), world.offer(&document));
    world.settle().await;
    let states = [world.state(&first).await, world.state(&second).await];
    assert!(
        states.contains(&"confirmed") && states.contains(&"held"),
        "{states:?}"
    );
    assert_eq!(
        world.postings(&first).len() + world.postings(&second).len(),
        1
    );
}

/// A report held before its posting, and its next approval, offered and not yet fetched.
async fn two_approvals() -> (World, DocumentId, DocumentId) {
    let world = World::new().await;
    let good = report("Taxi", 1_000, &mut Random::new(44));
    let bad = good
        .clone()
        .broken("/report/reportOrgUnit2Code", json!("9999"))
        .broken(
            "/expenseEntry/0/allocation/0/allocationCustom2Code",
            json!("9999"),
        );
    let first = world.offer(&bad);
    world.turn().await;
    assert_eq!(world.state(&first).await, "held");
    assert_eq!(world.record(&first).await.state.plan(), None, "not planned");
    let second = world.offer(&good);
    (world, first, second)
}

#[tokio::test]
async fn a_report_waits_behind_one_that_was_held_before_its_posting() {
    let (world, first, second) = two_approvals().await;
    world.turn().await;
    let record = world.record(&second).await;
    assert_eq!(record.state.word(), "acknowledged");
    assert_eq!(record.behind.as_ref(), Some(&first));
    assert!(world.postings(&second).is_empty());

    assert_eq!(world.wish("close", &first).await, "done");
    world.settle().await;
    assert_eq!(
        (world.state(&second).await, world.postings(&second).len()),
        ("confirmed", 1)
    );
    // The next one stands behind the one that took its turn.
    let third = world.offer(&report("Taxi", 1_000, &mut Random::new(44)));
    world.settle().await;
    assert_eq!(
        (world.state(&third).await, world.reasons(&third).await),
        ("held", vec!["already_posted_report"])
    );
}

#[tokio::test]
async fn waiting_for_a_day_adds_nothing_to_the_story() {
    let (world, first, second) = two_approvals().await;
    world.turn().await;
    let (length, audits) = (
        world.story(&second).await.len(),
        world.record(&second).await.audits,
    );
    let note = format!("waits for document {first}");
    for _ in 0..100 {
        world.pass(900);
        world.turn().await;
    }
    let record = world.record(&second).await;
    assert_eq!(record.state.word(), "acknowledged");
    assert_eq!(
        (world.story(&second).await.len(), record.audits),
        (length, audits)
    );
    let wait = record.due.duration_since(world.needs.now());
    assert!(wait > jiff::SignedDuration::ZERO, "{wait}");
    let listed = world
        .connect(json!({"action": "list", "connection": "demo"}))
        .await;
    assert!(listed.to_string().contains(&note), "{listed:#}");
}

#[tokio::test]
async fn an_invoice_number_somebody_keyed_by_hand_is_held_and_named() {
    let world = World::new().await;
    let place = e2e::documents::Place::new("0021", "410");
    let random = &mut Random::new(43);
    let invoice =
        e2e::documents::Invoice::new("4711", ("V000010", "Granite Supply"), place, random)
            .line("Gravel", "MATER", e2e::amounts::cents(25_000))
            .document(random);
    world.acumatica.plant("Bill", &json!({
        "Type": "Bill", "ReferenceNbr": "000777", "Vendor": "V000010", "VendorRef": "4711", "Status": "Open",
        "Description": "keyed by hand", "Amount": 250.00,
    }));
    let id = world.offer(&invoice);
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.reasons(&id).await),
        ("held", vec!["duplicate_reference"])
    );
    assert!(
        format!("{:?}", world.record(&id).await).contains("000777"),
        "the other document is named"
    );
    assert!(world.postings(&id).is_empty());
}

#[tokio::test]
async fn a_credit_memo_with_the_number_of_its_invoice_does_not_wait_for_it() {
    let world = World::new().await;
    let random = &mut Random::new(64);
    let mut numbered = |amount: i64| {
        let place = Place::new("0021", "410");
        let vendor = ("V000010", "Granite Supply");
        let invoice = Invoice::new("INV-7", vendor, place, random);
        let invoice = invoice.line("Paper", "MATER", cents(amount));
        world.offer(&invoice.document(random))
    };
    let both = [numbered(25_000), numbered(-25_000)];
    world.settle().await;
    for (id, kind) in both.iter().zip(["Bill", "Debit Adj."]) {
        assert_eq!(world.state(id).await, "confirmed");
        assert_eq!(world.postings(id)[0]["Type"], json!(kind));
        let story = world.story(id).await;
        assert!(
            story.iter().all(|event| event.what != "parked"),
            "{story:?}"
        );
    }
}

/// A report closed by a person after its confirmation, or its write, met a fault; and its next approval, at rest.
async fn closed(world: &World, (call, fault): (&str, Fault)) -> [DocumentId; 2] {
    let document = report("Taxi", 1_000, &mut Random::new(45));
    let first = world.offer(&document);
    match call {
        "confirm" => world.concur.next(call, fault),
        _ => world.acumatica.next(call, fault),
    }
    world.settle().await;
    assert_eq!(world.wish("close", &first).await, "done");
    let second = world.offer(&document);
    world.settle().await;
    let held = (world.state(&second).await, world.reasons(&second).await);
    assert_eq!(held, ("held", vec!["earlier_posting"]));
    assert!(world.postings(&second).is_empty());
    [first, second]
}

#[tokio::test]
async fn a_report_closed_with_a_posting_holds_its_next_approval_until_it_is_adopted_or_removed() {
    for end in ["adopt", "resume"] {
        let world = World::warm().await;
        let [first, second] = closed(&world, ("confirm", Fault::Code(198))).await;
        let bill = world.postings(&first)[0].clone();
        let number = bill["ReferenceNbr"].as_str().expect("a number");
        let message = world.record(&second).await.state.reasons()[0]
            .message
            .clone();
        assert!(
            message.contains(&format!("left Bill {number}")),
            "{message}"
        );
        if end == "adopt" {
            let answer = world
                .replay(adopt(&second, &format!("Bill {number}"), true))
                .await;
            assert_eq!(answer["documents"][0]["verdict"], "done", "{answer:#}");
        } else {
            world.acumatica.remove("Bill", &["Bill", number]);
            // Nothing says so of one that is only among many.
            let many = json!({"connection": "demo", "reason": "earlier_posting", "do": "resume", "apply": true});
            let answer = world.replay(many).await;
            assert_eq!(answer["documents"][0]["verdict"], "refused", "{answer:#}");
            assert_eq!(world.wish("resume", &second).await, "done");
        }
        world.settle().await;
        assert_eq!(world.state(&second).await, "confirmed", "{end}");
        let stand = world.postings(&first).len() + world.postings(&second).len();
        assert_eq!(stand, 1, "{end}");
    }
}

#[tokio::test]
async fn a_report_closed_while_its_write_was_unproved_holds_its_next_approval() {
    let world = World::new().await;
    let [first, second] = closed(&world, ("put.Bill", Fault::DropBefore)).await;
    let message = world.record(&second).await.state.reasons()[0]
        .message
        .clone();
    assert!(message.contains("may have left its posting 1"), "{message}");
    assert_eq!(world.wish("resume", &second).await, "done");
    world.settle().await;
    assert_eq!(world.state(&second).await, "confirmed");
    assert!(world.postings(&first).is_empty());
    assert_eq!(world.postings(&second).len(), 1);
}
