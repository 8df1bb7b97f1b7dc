//! Whatever is open is found when it is due, and what a restored table does not know is taken again as soon as it is named.

use connector::{Kept, memory::MemoryLedger};
use e2e::{
    documents::{Document, Random},
    twins::{concur::Status, faults::Fault},
};
use posting::DocumentId;
use serde_json::json;

use super::{main_job::report, world::World};

impl World {
    /// A process that kept nothing.
    pub(crate) fn forget(&self) {
        self.needs.kept.forget();
    }

    /// The table is restored from a time before everything but the connection.
    async fn lose_the_table(&mut self) {
        self.needs.ledger = MemoryLedger::default();
        self.needs.kept = Kept::default();
        let _wakes = self.needs.queue.take();
        self.change(&[]).await;
    }
}

fn business(document: &Document) -> &str {
    &document.business_id
}

#[tokio::test]
async fn what_was_acknowledged_here_and_is_not_known_is_taken_when_it_is_named() {
    let mut world = World::warm().await;
    let random = &mut Random::new(140);
    let reports = [1_000, 1_100, 1_200].map(|cents| report("Taxi", cents, random));
    // One only acknowledged, one posted and not confirmed, one confirmed.
    let [confirmed, posted, acknowledged] = &reports;
    let mut ids = vec![world.offer(confirmed)];
    world.settle().await;
    ids.push(world.offer(posted));
    world.concur.next("confirm", Fault::Status(503));
    world.turn().await;
    ids.push(world.offer(acknowledged));
    world.poll().await;
    let states = [&ids[0], &ids[1], &ids[2]].map(|id| world.status(id));
    assert_eq!(
        states,
        ["POSTING_CONFIRMED_SUCCESS", "ACKNOWLEDGED", "ACKNOWLEDGED"]
    );

    world.lose_the_table().await;
    world.poll().await;
    assert!(world.open().await.is_empty(), "the list does not show them");
    let named: Vec<_> = reports.iter().map(business).collect();
    let answer = world
        .poll_for(
            json!({"connection": "demo", "document_types": ["expense"], "business_ids": named}),
        )
        .await;
    let connection = &answer["connections"][0];
    assert_eq!(
        connection["documents"],
        json!({"acknowledged": 2}),
        "{answer:#}"
    );
    assert_eq!(connection["skipped"], json!({"not_ready": 1}), "{answer:#}");
    world.settle().await;
    for id in &ids[1..] {
        assert_eq!(world.state(id).await, "confirmed");
    }
    for id in &ids {
        assert_eq!(world.postings(id).len(), 1, "nothing is posted twice");
        assert_eq!(world.status(id), "POSTING_CONFIRMED_SUCCESS");
    }
    let again = world
        .poll_for(
            json!({"connection": "demo", "document_types": ["expense"], "business_ids": named}),
        )
        .await;
    let skipped = &again["connections"][0]["skipped"];
    assert_eq!(*skipped, json!({"not_ready": 3}), "{again:#}");
}

#[tokio::test]
async fn documents_of_one_business_id_are_taken_in_portions_and_no_more_than_a_run_should() {
    let world = World::warm().await;
    let document = report("Taxi", 1_000, &mut Random::new(143));
    let ready = |count: usize| {
        for _ in 0..count {
            world.offer(&document);
        }
    };
    let named = json!({"connection": "demo", "document_types": ["expense"], "business_id": document.business_id});
    let before = world.concur_calls("acknowledge");
    ready(60);
    let answer = world.poll_for(named.clone()).await;
    // In portions of a page: 25, 25 and 10.
    assert_eq!(world.concur_calls("acknowledge") - before, 3);
    let connection = &answer["connections"][0];
    assert_eq!(connection["documents"], json!({"acknowledged": 60}));
    assert_eq!(connection["left"], json!([]));
    ready(200);
    let answer = world.poll_for(named).await;
    let left = &answer["connections"][0]["left"];
    let over = format!("60 documents of expense {}", document.business_id);
    assert_eq!(*left, json!([over]), "{answer:#}");
}

#[tokio::test]
async fn what_another_system_acknowledged_is_left_alone_when_it_is_named() {
    let world = World::warm().await;
    let document = report("Taxi", 1_000, &mut Random::new(141));
    let id: DocumentId = world.offer(&document);
    world.concur.set_status(id.as_str(), Status::Acknowledged);
    world.concur.set_system(id.as_str(), "other-erp");
    let answer = world
        .poll_for(json!({"connection": "demo", "business_ids": [document.business_id]}))
        .await;
    let connection = &answer["connections"][0];
    assert_eq!(connection["documents"], json!({}), "{answer:#}");
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_open_document_is_found_from_every_state_its_wake_can_be_lost_in() {
    for (kind, fault) in [
        ("acknowledge", Fault::Code(103)),
        ("acknowledge", Fault::DropAfterSave),
        ("confirm", Fault::Code(199)),
        ("confirm", Fault::DropBefore),
    ] {
        let world = World::warm().await;
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(142)));
        let story = format!("{kind} {fault:?}");
        world.concur.next(kind, fault);
        world.turn().await;
        for _ in 0..5 {
            let _lost = world.needs.queue.take();
            world.pass(1_200);
            world.poll().await;
            world.post().await;
        }
        assert_eq!(
            (world.state(&id).await, world.postings(&id).len()),
            ("confirmed", 1),
            "{story}"
        );
    }
}
