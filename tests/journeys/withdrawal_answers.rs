//! Answers to a withdrawal that never came, and searches that lie: nothing is sent twice, and nothing is believed.

use std::time::Duration;

use e2e::{
    amounts::cents,
    demo,
    documents::{Document, Entry, Party, Person, Place, Random, Report},
    twins::{acumatica::Options, faults::Fault},
};
use serde_json::json;

use super::{
    main_job::report,
    withdrawals::{known, recall, refuse_the_second, returning, three, told},
    world::{Setting, World, wake},
};

/// A report that becomes one journal.
fn by_card(random: &mut Random) -> Document {
    let entry = Entry::new(cents(27_000), random).paid_by(Party::Cbcp, "199999");
    let chloe = Person::new("E00103", "Chloe", "Carter");
    Report::new("Sales fair", chloe, Place::new("0021", "410"), random)
        .entry(entry)
        .document(random)
}

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

#[tokio::test]
async fn what_acumatica_fails_to_delete_is_reversed_once_it_is_known_to_stand() {
    let world = known(Setting::default()).await;
    recall(&world);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(211)));
    world.turn().await;
    world.acumatica.next("delete.Bill", Fault::Status(500));
    world.post().await;
    assert_eq!(world.state(&id).await, "withdrawing");
    assert_eq!(world.postings(&id).len(), 1);
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held withdrawal_open");
    assert_eq!(world.postings(&id).len(), 2);
    assert_eq!(world.acumatica_calls("delete.Bill"), 1, "it said no");
}

#[tokio::test]
async fn stamps_in_fields_of_their_own_are_searched_there() {
    let fields = json!({"bill": "Document.AttributeCNQR", "journal": "BatchModule.AttributeCNQR"});
    let random = &mut Random::new(212);
    let world = known(Setting {
        rules: vec![("/acumatica/key_field", fields)],
        ..Setting::default()
    })
    .await;
    for fault in [Fault::DropAfterSave, Fault::DropBefore] {
        let story = format!("{fault:?}");
        recall(&world);
        let id = world.offer(&by_card(random));
        world
            .acumatica
            .next("put.JournalTransaction", Fault::Delay(Duration::ZERO));
        world.acumatica.next("put.JournalTransaction", fault);
        world.turn().await;
        world.post().await;
        assert_eq!(world.state(&id).await, "withdrawing", "{story}");
        world.settle().await;
        assert_eq!(
            world.state(&id).await,
            "recalled",
            "{story}: {:?}",
            world.record(&id).await
        );
        let stamps: Vec<String> = world
            .postings(&id)
            .iter()
            .map(|journal| {
                let stamp = &journal["custom"]["BatchModule.AttributeCNQR"];
                stamp.as_str().unwrap_or_default().to_owned()
            })
            .collect();
        let stamp = format!("CNQR:{id}/1.1");
        assert_eq!(stamps, [stamp.clone(), format!("{stamp}R")], "{story}");
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_never_turns_a_deletion_into_a_reversal() {
    for (status, stops_as) in [(403, "held acumatica_forbidden"), (400, "withdrawing ")] {
        let world = known(Setting::default()).await;
        recall(&world);
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(212)));
        world.turn().await;
        world.acumatica.next("delete.Bill", Fault::Html(status));
        world.post().await;
        assert_eq!(told(&world, &id).await, stops_as, "{status}");
        assert_eq!(world.postings(&id).len(), 1, "{status}: nothing is written");
        if status == 403 {
            assert_eq!(world.wish("resume", &id).await, "done");
        }
        world.settle().await;
        assert_eq!(world.state(&id).await, "recalled", "{status}");
        assert!(world.postings(&id).is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_takes_nothing_back() {
    let world = known(returning(Options::default())).await;
    let page = Fault::Html(403);
    world.acumatica.next("put.JournalTransaction", page);
    let id = world.offer(&three());
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held acumatica_forbidden");
    assert_eq!(world.postings(&id).len(), 1);
    assert_eq!(world.concur.told(id.as_str()), None);
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.postings(&id).len(), 3);
}

#[tokio::test]
async fn what_no_search_can_prove_gone_is_gone_when_a_person_looked() {
    // The only document of its kind is the one that is deleted.
    let world = World::new().await;
    recall(&world);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(213)));
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held outcome_unproven");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.wish("absent", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled");
}
