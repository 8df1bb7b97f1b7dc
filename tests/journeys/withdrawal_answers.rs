//! Answers to a withdrawal that never came, and searches that lie: nothing is sent twice, and nothing is believed.

use std::time::Duration;

use e2e::{
    demo,
    twins::{acumatica::Options, faults::Fault},
};
use serde_json::json;

use super::{
    withdrawals::{known, recall, refuse_the_second, returning, three, told},
    world::{Setting, wake},
};

async fn lost(kind: &str, fault: Fault) {
    let world = known(Setting {
        rules: vec![
            ("/posting/journal", json!({"hold": false, "release": false})),
            ("/rules/parties/EMPL.expense_pay", json!({"as": "skip"})),
        ],
        ..Setting::default()
    })
    .await;
    let story = format!("{kind} {fault:?}");
    recall(&world);
    world.acumatica.next(kind, fault);
    let mut all = demo::documents().into_iter();
    let paid = all
        .find(|each| each.name == "payroll")
        .expect("a demo document");
    let id = world.offer(&paid.document);
    world.turn().await;
    world.post().await;
    assert_eq!(world.state(&id).await, "withdrawing", "{story}");
    let before = world.postings(&id).len();
    let calls = world.acumatica_calls("delete") + world.acumatica_calls("put");
    world.pass(300);
    world.post_batch(&[wake(&id)]).await;
    assert_eq!(
        world.acumatica_calls("delete") + world.acumatica_calls("put"),
        calls,
        "{story}: nothing is repeated inside the proof wait"
    );
    assert_eq!(world.postings(&id).len(), before, "{story}");
    world.settle().await;
    assert_eq!(
        world.state(&id).await,
        "recalled",
        "{story}: {:?}",
        world.record(&id).await
    );
    assert!(world.postings(&id).is_empty(), "{story}");
}

#[tokio::test]
async fn a_lost_answer_to_a_deletion_is_looked_at_before_it_is_repeated() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfterSave,
        Fault::StatusAfterSave(503),
        Fault::Html(502),
    ] {
        lost("delete.JournalTransaction", fault).await;
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_release_of_a_reversal_is_read_not_repeated() {
    for fault in [Fault::DropAfterSave, Fault::DropBefore] {
        let world = known(Setting::default()).await;
        recall(&world);
        let mut all = demo::documents().into_iter();
        let paid = all
            .find(|each| each.name == "payroll")
            .expect("a demo document");
        let id = world.offer(&paid.document);
        world.poll().await;
        // The first release is the posting's own.
        world
            .acumatica
            .next("action.JournalTransaction", Fault::Delay(Duration::ZERO));
        world
            .acumatica
            .next("action.JournalTransaction", fault.clone());
        world.post().await;
        world.settle().await;
        assert_eq!(
            world.state(&id).await,
            "recalled",
            "{fault:?}: {:?}",
            world.record(&id).await
        );
        assert_eq!(world.postings(&id).len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_reversal_is_searched_before_it_is_written_again() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfterSave,
        Fault::CutAnswer,
        Fault::HtmlAfterSave(502),
        Fault::Status(503),
    ] {
        let world = known(Setting::default()).await;
        let story = format!("{fault:?}");
        recall(&world);
        let mut all = demo::documents().into_iter();
        let paid = all
            .find(|each| each.name == "payroll")
            .expect("a demo document");
        let id = world.offer(&paid.document);
        // The first write is the posting itself.
        world
            .acumatica
            .next("put.JournalTransaction", Fault::Delay(Duration::ZERO));
        world.acumatica.next("put.JournalTransaction", fault);
        world.turn().await;
        world.post().await;
        assert_eq!(world.state(&id).await, "withdrawing", "{story}");
        let calls = world.acumatica_calls("put");
        world.pass(300);
        world.post_batch(&[wake(&id)]).await;
        assert_eq!(
            world.acumatica_calls("put"),
            calls,
            "{story}: inside the proof wait"
        );
        world.settle().await;
        assert_eq!(
            world.state(&id).await,
            "recalled",
            "{story}: {:?}",
            world.record(&id).await
        );
        assert_eq!(world.postings(&id).len(), 2, "{story}");
    }
}

#[tokio::test]
async fn a_search_that_lies_does_not_end_a_withdrawal() {
    let world = known(returning(Options::default())).await;
    refuse_the_second(&world);
    let id = world.offer(&three());
    world.poll().await;
    // The search before the write; the one that is to prove that nothing is left; the look for a document to prove it by; and
    // the same search again.
    let usual = || Fault::Delay(Duration::ZERO);
    for fault in [usual(), Fault::EmptyList, usual(), Fault::EmptyList] {
        world.acumatica.next("list.Bill", fault);
    }
    world.post().await;
    assert_eq!(world.state(&id).await, "withdrawing");
    assert_eq!(world.concur.told(id.as_str()), None);
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned acumatica_refused");
}
