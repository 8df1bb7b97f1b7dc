//! An answer that never came is not a failure and not a success: Acumatica is searched, and only then written again.

use e2e::{documents::Random, twins::faults::Fault};

use super::{main_job::report, world::World};

async fn one_posting_after(kind: &str, fault: Fault) {
    let world = World::new().await;
    let random = &mut Random::new(20);
    // A posting known to exist lets an empty search prove something.
    let first = world.offer(&report("Known", 900, random));
    world.settle().await;
    assert_eq!(world.state(&first).await, "confirmed");

    let story = format!("{kind} {fault:?}");
    world.acumatica.next(kind, fault);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.turn().await;
    world.settle().await;
    assert_eq!(
        world.state(&id).await,
        "confirmed",
        "{story}: {:?}",
        world.record(&id).await
    );
    assert_eq!(world.postings(&id).len(), 1, "{story}");
}

#[tokio::test]
async fn saved_but_unanswered_writes_are_found() {
    for fault in [
        Fault::DropAfterSave,
        Fault::CutAnswer,
        Fault::StatusAfterSave(503),
        Fault::HtmlAfterSave(502),
    ] {
        one_posting_after("put.Bill", fault).await;
    }
}

#[tokio::test]
async fn unsaved_and_unanswered_writes_are_repeated_after_the_proof_wait() {
    for fault in [
        Fault::DropBefore,
        Fault::Html(502),
        Fault::Status(503),
        Fault::Status(429),
    ] {
        one_posting_after("put.Bill", fault).await;
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_proof_wait_is_over() {
    let world = World::new().await;
    let random = &mut Random::new(21);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.turn().await;
    assert_eq!(world.state(&id).await, "posting");
    let writes = world.acumatica_calls("put");
    for _ in 0..5 {
        world.pass(100);
        world.post_batch(&[super::world::wake(&id)]).await;
        assert_eq!(
            world.acumatica_calls("put"),
            writes,
            "a write inside the proof wait"
        );
    }
    world.pass(600);
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn a_search_that_lies_proves_nothing() {
    let world = World::new().await;
    let random = &mut Random::new(22);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    world.acumatica.next("put.Bill", Fault::DropAfterSave);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.turn().await;
    // The list answers [] although the bill is there; without the known posting in it the answer is void.
    for _ in 0..3 {
        world.acumatica.next("list.Bill", Fault::EmptyList);
    }
    world.pass(1_000);
    world.turn().await;
    assert_eq!(world.postings(&id).len(), 1, "an empty list is no proof");
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn an_unanswered_confirmation_is_repeated_without_posting_again() {
    for fault in [
        Fault::DropAfterSave,
        Fault::DropBefore,
        Fault::Html(502),
        Fault::Code(199),
    ] {
        let world = World::new().await;
        let story = format!("{fault:?}");
        world.concur.next("confirm", fault);
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(23)));
        world.turn().await;
        assert_eq!(world.state(&id).await, "posted", "{story}");
        world.settle().await;
        assert_eq!(
            (world.state(&id).await, world.postings(&id).len()),
            ("confirmed", 1),
            "{story}"
        );
        assert_eq!(world.acumatica_calls("put.Bill"), 1, "{story}");
    }
}

#[tokio::test]
async fn an_unanswered_acknowledgement_is_ours_when_asked_again() {
    for fault in [
        Fault::DropAfterSave,
        Fault::DropBefore,
        Fault::Html(503),
        Fault::Code(103),
        Fault::Code(199),
    ] {
        let world = World::new().await;
        let story = format!("{fault:?}");
        world.concur.next("acknowledge", fault);
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(24)));
        world.poll().await;
        world.settle().await;
        assert_eq!(
            (world.state(&id).await, world.postings(&id).len()),
            ("confirmed", 1),
            "{story}"
        );
    }
}
