//! An answer that never came is not a failure and not a success: Acumatica is searched, and only then written again.

use std::time::Duration;

use e2e::{documents::Random, twins::faults::Fault};
use posting::DocumentId;
use serde_json::json;

use super::{
    main_job::report,
    world::{World, wake},
};

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
        world.post_batch(&[wake(&id)]).await;
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
async fn a_search_from_before_the_end_of_the_proof_wait_proves_nothing() {
    let world = World::new().await;
    let random = &mut Random::new(25);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    // The last of its batch: its turn comes long after the search.
    let lost = DocumentId::new("f".repeat(32)).unwrap();
    world
        .concur
        .offer_as(lost.as_str(), "expense", report("Taxi", 1_000, random).body);
    world.acumatica.next("put.Bill", Fault::DropBefore);
    world.turn().await;
    assert_eq!(world.state(&lost).await, "posting");
    let other = world.offer(&report("Slow", 1_100, random));
    world.poll().await;
    world.pass(896);
    let slow = Duration::from_millis(600);
    world.acumatica.next("put.Bill", Fault::Delay(slow));
    let writes = world.acumatica_calls("put");
    let work = [wake(&lost), wake(&other)];
    tokio::join!(world.post_batch(&work), async {
        tokio::time::sleep(slow / 2).await;
        world.pass(60);
    });
    assert_eq!(world.state(&other).await, "confirmed");
    assert_eq!(world.state(&lost).await, "posting");
    assert_eq!(world.acumatica_calls("put"), writes + 1);
    world.settle().await;
    assert_eq!(
        (world.state(&lost).await, world.postings(&lost).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn what_a_clerk_changed_meanwhile_is_still_ours() {
    let world = World::new().await;
    let random = &mut Random::new(26);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    world.acumatica.next("put.Bill", Fault::DropAfterSave);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.turn().await;
    let number = world.postings(&id)[0]["ReferenceNbr"].clone();
    let keys = ["Bill", number.as_str().unwrap()];
    world
        .acumatica
        .edit("Bill", &keys, ("Vendor", json!("AMEX")));
    world.settle().await;
    let record = world.record(&id).await;
    let reason = &record.state.reasons()[0];
    assert_eq!(
        (record.state.word(), reason.code.as_str(), &*reason.field),
        ("held", "amount_differs", "postings[1].vendor")
    );
    assert_eq!(reason.value, "AMEX");
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn an_empty_list_of_a_new_tenant_proves_nothing() {
    for (fault, postings) in [(Fault::DropAfterSave, 1), (Fault::DropBefore, 0)] {
        let world = World::new().await;
        let story = format!("{fault:?}");
        world.acumatica.next("put.Bill", fault);
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(27)));
        world.turn().await;
        world.pass(1_000);
        for _ in 0..2 {
            world.acumatica.next("list.Bill", Fault::EmptyList);
        }
        world.turn().await;
        assert_eq!(
            (world.state(&id).await, world.reasons(&id).await),
            ("held", vec!["outcome_unproven"]),
            "{story}"
        );
        assert_eq!(world.acumatica_calls("put"), 1, "{story}");
        assert_eq!(world.postings(&id).len(), postings, "{story}");
    }
}

#[tokio::test]
async fn an_exception_of_acumatica_is_held_with_the_posting_it_is_about() {
    let world = World::new().await;
    let random = &mut Random::new(28);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    world.acumatica.next("put.Bill", Fault::Status(500));
    let id = world.offer(&report("Taxi", 1_000, random));
    world.turn().await;
    world.pass(1_000);
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(world.reasons(&id).await, ["acumatica_failed"]);
    let reason = &record.state.reasons()[0];
    assert_eq!(reason.field, "postings[1] Bill");
    assert!(!reason.value.is_empty(), "{reason:?}");
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
