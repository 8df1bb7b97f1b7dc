//! Tokens that run out in the middle, seats that are few.

use std::time::Duration;

use connector::ports::{Lease, Ledger};
use e2e::{
    documents::Random,
    twins::{acumatica, concur, faults::Fault},
};
use serde_json::json;

use super::{
    main_job::report,
    world::{Setting, World, wake},
};

#[tokio::test]
async fn an_expired_concur_token_is_refreshed_once() {
    for rotation in [
        concur::Rotation::Never,
        concur::Rotation::OnFirstUse,
        concur::Rotation::AtOnce,
    ] {
        let concur = concur::Options {
            rotation,
            ..concur::Options::default()
        };
        let world = World::with(Setting {
            concur,
            ..Setting::default()
        })
        .await;
        let random = &mut Random::new(50);
        let first = world.offer(&report("Taxi", 1_000, random));
        world.settle().await;
        for n in 1..4 {
            world.concur.expire_access_tokens();
            let id = world.offer(&report("Taxi", 1_000 + n, random));
            world.turn().await;
            assert_eq!(world.state(&id).await, "confirmed", "{rotation:?}");
            assert_eq!(
                world.concur_calls("token.refresh"),
                u64::try_from(n).unwrap(),
                "{rotation:?}: {:?}",
                world.concur.calls()
            );
        }
        assert_eq!(world.state(&first).await, "confirmed");
    }
}

#[tokio::test]
async fn an_expired_acumatica_token_is_replaced_once() {
    let world = World::new().await;
    let random = &mut Random::new(51);
    world.offer(&report("Taxi", 1_000, random));
    world.settle().await;
    world.acumatica.expire_access_tokens();
    let id = world.offer(&report("Taxi", 1_001, random));
    world.turn().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
    assert_eq!(world.acumatica_calls("token"), 2);
}

#[tokio::test]
async fn a_token_that_cannot_be_replaced_holds_nobody() {
    let world = World::warm().await;
    let random = &mut Random::new(56);
    let ids: Vec<_> = (0..4)
        .map(|n| world.offer(&report("Taxi", 2_000 + n, random)))
        .collect();
    world.acumatica.expire_access_tokens();
    world.acumatica.next("token", Fault::Status(503));
    world.turn().await;
    world.pass(3_700);
    world.settle().await;
    for id in &ids {
        assert_eq!(
            world.state(id).await,
            "confirmed",
            "{:?}",
            world.record(id).await.state
        );
    }
}

#[tokio::test]
async fn a_worker_without_a_seat_gives_its_documents_back() {
    let acumatica = acumatica::Options {
        seats: 1,
        ..acumatica::Options::default()
    };
    let rules = vec![("/acumatica/seats", json!(1))];
    let world = World::with(Setting {
        acumatica,
        rules,
        ..Setting::default()
    })
    .await;
    let random = &mut Random::new(52);
    let ids: Vec<_> = (0..6)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    tokio::join!(world.post_batch(&wakes[..3]), world.post_batch(&wakes[3..]));
    world.settle().await;
    for id in &ids {
        let record = world.record(id).await;
        assert_eq!((record.state.word(), record.attempt), ("confirmed", 0));
    }
    assert_eq!(world.acumatica.most_open_seats(), 1);
}

#[tokio::test]
async fn a_licence_that_is_full_delays_and_loses_nothing() {
    for status in [429, 403, 500] {
        let acumatica = acumatica::Options {
            seats: 0,
            login_limit_status: status,
            ..acumatica::Options::default()
        };
        let world = World::with(Setting {
            acumatica,
            ..Setting::default()
        })
        .await;
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(53)));
        let full = "every API session of the licence is taken (API Login Limit)";
        // Half a day of it: no attempt counts, and the longer it lasts the less often a session is looked for.
        world.turn().await;
        let due = world.record(&id).await.due;
        assert_eq!(due, world.needs.now() + jiff::SignedDuration::from_mins(1));
        for _ in 0..36 {
            world.pass(1_200);
            world.turn().await;
        }
        let wait = world
            .record(&id)
            .await
            .due
            .duration_since(world.needs.now());
        let minutes = jiff::SignedDuration::from_mins;
        assert!((minutes(2)..=minutes(3)).contains(&wait), "{wait}");
        let record = world.record(&id).await;
        assert_eq!(
            (record.list(), record.attempt, record.waits.as_deref()),
            (posting::record::List::Open, 0, Some(full)),
            "{status}"
        );
        let listed = world
            .connect(json!({"action": "list", "connection": "demo"}))
            .await;
        assert_eq!(listed["documents"][0]["note"], full, "{listed:#}");
        assert_eq!(world.acumatica_calls("put"), 0);
    }
}

#[tokio::test]
async fn a_licence_that_refuses_requests_costs_no_attempt() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(56)));
    world.acumatica.next("put.Bill", Fault::Status(429));
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.attempt, record.waits.as_deref()),
        (0, Some("the licence refuses more requests"))
    );
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}

#[tokio::test]
async fn a_document_without_a_seat_keeps_its_plan() {
    let world = World::with(Setting {
        rules: vec![("/acumatica/seats", json!(1))],
        ..Setting::default()
    })
    .await;
    let random = &mut Random::new(54);
    // Nothing is left to look up for the second one.
    world.offer(&report("Taxi", 900, random));
    world.settle().await;
    let now = world.needs.now();
    let later = now
        .checked_add(jiff::SignedDuration::from_hours(1))
        .unwrap();
    let ledger = &world.needs.ledger;
    let taken = ledger.take_lease("seat#demo#1", "other", now, later);
    let lease: Lease = taken.await.unwrap().expect("a free seat");
    let id = world.offer(&report("Taxi", 1_000, random));
    for _ in 0..3 {
        world.turn().await;
        let record = world.record(&id).await;
        assert_eq!((record.state.word(), record.plans), ("planned", 1));
        assert_eq!(record.waits.as_deref(), Some("every seat is taken"));
        world.pass(60);
    }
    ledger.give_lease(&lease).await.unwrap();
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!((record.state.word(), record.plans), ("confirmed", 1));
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn nothing_is_confirmed_without_time_for_the_answer() {
    let world = World::new().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(55)));
    world.poll().await;
    assert_eq!(world.needs.queue.take().len(), 1);
    let slow = Duration::from_millis(600);
    world.acumatica.next("put.Bill", Fault::Delay(slow));
    let work = [wake(&id)];
    tokio::join!(world.post_batch(&work), async {
        tokio::time::sleep(slow / 2).await;
        world.pass(298);
    });
    assert_eq!(world.state(&id).await, "posted");
    assert_eq!(world.concur_calls("confirm"), 0);
    assert_eq!(world.needs.queue.take().len(), 1, "it is woken again");
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("confirmed", 1)
    );
}
