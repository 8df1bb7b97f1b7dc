//! Documents that crash or exhaust a worker, and parts of the platform that fail: one document's trouble is its own, and
//! everything else is delay only.

use std::time::Duration;

use e2e::{
    documents::Random,
    twins::{acumatica, faults::Fault},
};
use posting::DocumentId;
use serde_json::json;

use super::{
    main_job::report,
    world::{Setting, World, wake},
};

/// A worker that is ended while it waits for Acumatica, at the last of its documents.
async fn crash(world: &World, ids: &[&DocumentId]) {
    let others = ids.len().saturating_sub(1);
    for _ in 0..others {
        world
            .acumatica
            .next("put.Bill", Fault::Delay(Duration::ZERO));
    }
    world
        .acumatica
        .next("put.Bill", Fault::Delay(Duration::from_mins(1)));
    let wakes: Vec<_> = ids.iter().map(|id| wake(id)).collect();
    tokio::select! {
        () = world.post_batch(&wakes) => panic!("the worker was to be ended"),
        () = tokio::time::sleep(Duration::from_millis(300)) => {}
    }
    world.acumatica.recover();
    // Its claim lapses, and what it sent would have arrived.
    world.pass(1_300);
}

#[tokio::test]
async fn a_document_that_crashes_its_workers_runs_alone_then_is_held_and_hurts_no_other() {
    let acumatica = acumatica::Options {
        seats: 10,
        ..acumatica::Options::default()
    };
    let world = World::with(Setting {
        acumatica,
        ..Setting::default()
    })
    .await;
    let random = &mut Random::new(130);
    world.offer(&report("First", 100, random));
    world.settle().await;
    let bad = world.offer(&report("Bad", 1_000, random));
    world.poll().await;
    for claims in 1..=3 {
        crash(&world, &[&bad]).await;
        assert_eq!(world.record(&bad).await.claims, claims);
    }
    let good = world.offer(&report("Good", 1_100, random));
    world.poll().await;
    let _wakes = world.needs.queue.take();
    // In one batch with it, and before it.
    crash(&world, &[&bad, &good]).await;
    assert_eq!(world.state(&good).await, "confirmed");

    // SQS has laid its message aside by now; redriven, it is not tried again.
    world.needs.queue.lay_aside(Some(wake(&bad)));
    world.replay(json!({"do": "redrive", "apply": true})).await;
    let calls = world.acumatica_calls("put");
    world.post().await;
    assert_eq!(world.reasons(&bad).await, ["worker_crashed"]);
    assert_eq!(world.acumatica_calls("put"), calls);

    // What its workers may have written is searched for before anything else.
    assert_eq!(world.wish("resume", &bad).await, "done");
    world.settle().await;
    assert_eq!(
        (world.state(&bad).await, world.postings(&bad).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn near_the_end_of_its_time_a_worker_begins_nothing() {
    let world = World::warm().await;
    let random = &mut Random::new(131);
    let ids: Vec<_> = (0..3)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    let calls = world.acumatica_calls("");
    let outcome = world.post_within(149, &wakes).await;
    assert!(outcome.again.is_empty(), "parked, not failed");
    assert_eq!(world.acumatica_calls(""), calls);
    for id in &ids {
        let record = world.record(id).await;
        assert_eq!((record.claims, record.attempt), (0, 0), "{record:?}");
    }
    world.settle().await;
    for id in &ids {
        assert_eq!(world.postings(id).len(), 1);
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_with_a_new_token_when_its_time_is_over() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(137)));
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let (writes, tokens) = (world.acumatica_calls("put"), world.acumatica_calls("token"));
    world.acumatica.next("put.Bill", Fault::Status(401));
    let slow = Fault::Delay(Duration::from_millis(300));
    world.acumatica.next("token", slow);
    // The new token comes when less time is left than an answer may take.
    let time_passes = async {
        while world.acumatica_calls("put") == writes || world.acumatica_calls("token") == tokens {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.pass(200);
    };
    let wakes = [wake(&id)];
    tokio::join!(world.post_batch(&wakes), time_passes);
    assert_eq!(world.acumatica_calls("put"), writes + 1);
    assert_eq!(world.state(&id).await, "posting");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.record(&id).await.claim, None, "given back");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn a_purged_queue_delays_only() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(132)));
    world.acumatica.next("put.Bill", Fault::DropAfterSave);
    for _ in 0..6 {
        world.poll().await;
        let _purged = world.needs.queue.take();
        world.pass(1_200);
    }
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

/// What breaks down, for so many calls.
type BreakDown = fn(&World, u32);

#[tokio::test]
async fn whatever_part_of_the_platform_fails_for_a_while_it_is_delay_only() {
    let parts: [(&str, BreakDown); 3] = [
        ("table", |world, calls| world.needs.ledger.break_down(calls)),
        ("queue", |world, calls| world.needs.queue.break_down(calls)),
        ("secrets", |world, calls| {
            world.needs.vault.break_down(calls);
        }),
    ];
    for (name, break_down) in parts {
        for calls in [1, 2, 3, 5, 8, 13, 40] {
            let world = World::warm().await;
            let id = world.offer(&report("Taxi", 1_000, &mut Random::new(133)));
            world.poll().await;
            let wakes = [wake(&id)];
            // A process that kept nothing.
            world.forget();
            break_down(&world, calls);
            world.post_within(300, &wakes).await;
            break_down(&world, 0);
            let record = world.record(&id).await;
            assert_ne!(record.state.word(), "held", "{name} for {calls} calls");
            world.pass(4_000);
            world.settle().await;
            assert_eq!(
                (world.state(&id).await, world.postings(&id).len()),
                ("confirmed", 1),
                "{name} for {calls} calls"
            );
            assert_eq!(world.acumatica_calls("put.Bill"), 2, "{name}, {calls}");
        }
    }
}

#[tokio::test]
async fn messages_come_again_while_the_table_is_throttled() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(134)));
    world.poll().await;
    world.needs.ledger.break_down(50);
    let outcome = world.post_within(300, &[wake(&id)]).await;
    assert_eq!(outcome.again, ["0"]);
    world.needs.ledger.break_down(0);
    assert_eq!(world.record(&id).await.attempt, 0);
}
