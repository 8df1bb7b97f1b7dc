//! What Concur takes back, or another system took.

use e2e::{documents::Random, twins::faults::Fault};

use super::{
    main_job::report,
    world::{Setting, World},
};

#[tokio::test]
async fn a_document_recalled_before_the_acknowledgement_is_never_posted() {
    let world = World::new().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(30)));
    world.concur.recall_when_listed(id.as_str());
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.acumatica_calls("put"), 0);
}

#[tokio::test]
async fn codes_that_are_not_ours_to_judge_are_held() {
    for (code, reason) in [
        (99, "system_mismatch"),
        (101, "taken_elsewhere"),
        (105, "concur_refused"),
    ] {
        let world = World::new().await;
        world.concur.next("acknowledge", Fault::Code(code));
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(31)));
        world.settle().await;
        assert_eq!(
            (world.state(&id).await, world.reasons(&id).await),
            ("held", vec![reason]),
            "code {code}"
        );
        assert_eq!(world.acumatica_calls("put"), 0, "code {code}");
    }
}

#[tokio::test]
async fn a_recall_that_shows_at_the_confirmation_is_held_with_its_posting_named() {
    let world = World::with(Setting {
        rules: vec![("/posting/on_recall", serde_json::json!("hold"))],
        ..Setting::default()
    })
    .await;
    world.concur.next("confirm", Fault::Code(112));
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(32)));
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.reasons(&id).await),
        ("held", vec!["recalled"])
    );
    assert_eq!(world.record(&id).await.state.receipts().len(), 1);
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn codes_at_the_confirmation_are_held_without_posting_again() {
    for (code, reason) in [
        (99, "system_mismatch"),
        (114, "concur_refused"),
        (116, "concur_refused"),
        (198, "concur_refused"),
    ] {
        let world = World::new().await;
        world.concur.next("confirm", Fault::Code(code));
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(33)));
        world.settle().await;
        assert_eq!(
            (world.state(&id).await, world.reasons(&id).await),
            ("held", vec![reason]),
            "code {code}"
        );
        assert_eq!(world.postings(&id).len(), 1, "code {code}");
    }
}

#[tokio::test]
async fn a_document_another_system_acknowledged_is_left_alone() {
    let world = World::new().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(34)));
    world.concur.set_system(id.as_str(), "other-erp");
    world.settle().await;
    assert!(world.postings(&id).is_empty());
    assert!(world.concur.told(id.as_str()).is_none());
}
