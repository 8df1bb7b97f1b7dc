//! Every service code of Concur, at the acknowledgement and at the confirmation, over HTTP: what becomes of the document,
//! and that nothing is posted for it that must not be.

use e2e::{documents::Random, twins::faults::Fault};

use super::{
    main_job::report,
    world::{World, wake},
};

/// A code once, then the usual answers: the state in the end, the reason, and postings.
type Row = (Fault, &'static str, &'static [&'static str], usize);

async fn table(call: &str, rows: &[Row]) {
    for (fault, state, reasons, postings) in rows {
        let world = World::warm().await;
        let story = format!("{call} {fault:?}");
        world.concur.next(call, fault.clone());
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(150)));
        world.settle().await;
        assert_eq!(world.state(&id).await, *state, "{story}");
        assert_eq!(world.reasons(&id).await, *reasons, "{story}");
        assert_eq!(world.postings(&id).len(), *postings, "{story}");
        let told = world.concur.told(id.as_str());
        assert_eq!(told.is_some(), *state == "confirmed", "{story}");
    }
}

#[tokio::test]
async fn at_the_acknowledgement() {
    table(
        "acknowledge",
        &[
            (Fault::Code(0), "confirmed", &[], 1),
            (Fault::Code(99), "held", &["system_mismatch"], 0),
            (Fault::Code(101), "held", &["taken_elsewhere"], 0),
            (Fault::Code(102), "recalled", &[], 0),
            (Fault::Code(103), "confirmed", &[], 1),
            (Fault::Code(104), "recalled", &[], 0),
            (Fault::Code(105), "held", &["concur_refused"], 0),
            (Fault::Code(198), "held", &["concur_refused"], 0),
            (Fault::Code(199), "confirmed", &[], 1),
            (Fault::Code(4_711), "held", &["concur_refused"], 0),
            (Fault::Status(500), "confirmed", &[], 1),
            (Fault::Status(503), "confirmed", &[], 1),
            (Fault::Html(502), "confirmed", &[], 1),
            (Fault::Status(429), "confirmed", &[], 1),
            (Fault::StatusAfterSave(500), "confirmed", &[], 1),
        ],
    )
    .await;
}

#[tokio::test]
async fn at_the_confirmation() {
    table(
        "confirm",
        &[
            (Fault::Code(99), "held", &["system_mismatch"], 1),
            // Nothing is confirmed by it: the acknowledgement is repeated, then the confirmation.
            (Fault::Code(111), "confirmed", &[], 1),
            (Fault::Code(114), "held", &["concur_refused"], 1),
            (Fault::Code(115), "held", &["concur_refused"], 1),
            (Fault::Code(116), "held", &["concur_refused"], 1),
            (Fault::Code(198), "held", &["concur_refused"], 1),
            (Fault::Code(199), "confirmed", &[], 1),
            (Fault::Code(4_711), "held", &["concur_refused"], 1),
            (Fault::Status(500), "confirmed", &[], 1),
            (Fault::Status(503), "confirmed", &[], 1),
            (Fault::Html(502), "confirmed", &[], 1),
            (Fault::Status(429), "confirmed", &[], 1),
            // The verdict stands, and the repetition is answered with 113.
            (Fault::StatusAfterSave(500), "confirmed", &[], 1),
            (Fault::DropAfterSave, "confirmed", &[], 1),
        ],
    )
    .await;
}

#[tokio::test]
async fn code_113_without_our_verdict_is_held() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(151)));
    world.poll().await;
    // Somebody told Concur "error" by hand.
    let failed = e2e::twins::concur::Status::PostingConfirmedFailure;
    world.concur.set_status(id.as_str(), failed);
    world.concur.next("confirm", Fault::Code(113));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["verdict_differs"]);
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn two_workers_tell_concur_once() {
    let world = World::warm().await;
    world.concur.next("confirm", Fault::Status(503));
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(155)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "posted");
    world.pass(4_000);
    let told = world.concur_calls("confirm");
    let wakes = [wake(&id)];
    tokio::join!(world.post_batch(&wakes), world.post_batch(&wakes));
    assert_eq!(world.concur_calls("confirm"), told + 1);
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn what_concur_holds_success_for_is_not_withdrawn() {
    for (saved, state) in [
        (Fault::DropAfterSave, "held"),
        (Fault::DropBefore, "returned"),
    ] {
        let world = World::warm().await;
        let story = format!("{saved:?}");
        // Whether the first verdict arrived is not known, and the next is refused.
        for fault in [saved, Fault::Code(198)] {
            world.concur.next("confirm", fault);
        }
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(156)));
        world.settle().await;
        assert_eq!(world.reasons(&id).await, ["concur_refused"], "{story}");
        assert_eq!(world.wish("withdraw", &id).await, "done", "{story}");
        world.settle().await;
        assert_eq!(world.state(&id).await, state, "{story}");
        if state == "returned" {
            assert!(world.postings(&id).is_empty());
            continue;
        }
        assert_eq!(world.reasons(&id).await, ["verdict_differs"]);
        assert_eq!(world.postings(&id).len(), 1);
        assert_eq!(world.status(&id), "POSTING_CONFIRMED_SUCCESS");
        let message = world.record(&id).await.state.reasons()[0].message.clone();
        assert!(message.contains("holds success"), "{message}");
        assert_eq!(world.wish("close", &id).await, "done");
        assert_eq!(world.record(&id).await.state.receipts().len(), 1);
    }
}
