//! The requests of a minute, which belong to all seats of a customer together: the site counts, and never has to refuse.

use std::time::Duration;

use connector::ports::{Ledger, Wake};
use e2e::{
    demo,
    documents::Random,
    twins::{acumatica, faults::Fault},
};
use futures_util::future::join_all;
use jiff::SignedDuration;
use posting::DocumentId;
use serde_json::{Value, json};

use super::{
    crashes::{DeadlyLedger, Death},
    main_job::report,
    seats::{all_confirmed_at_the_first_attempt, customer, offer, pass, settle},
    world::{Setting, World, connection, wake},
};

/// A block's life, a minute, and what clocks may differ: so long the requests of a worker that died may count.
const FORGOTTEN_S: u32 = 125;

/// A customer whose master data is known, and whose last minute is empty.
async fn rested(seats: usize, requests: usize) -> World {
    let world = customer(seats, requests).await;
    offer(&world, 2, 900);
    settle(&world, 65).await;
    pass(&world, FORGOTTEN_S);
    world
}

/// Documents that `poll` took, and their wakes.
async fn taken(world: &World, count: i64, seed: u64) -> (Vec<DocumentId>, Vec<Wake>) {
    let ids = offer(world, count, seed);
    world.poll().await;
    drop(world.needs.queue.take());
    let wakes = ids.iter().map(wake).collect();
    (ids, wakes)
}

/// Requests handed out and not accounted for, and those sent in the last minute, as the table has them.
async fn kept<L: Ledger>(world: &World<L>) -> (u64, u64) {
    let kept = world.needs.ledger.lease_memo("requests#demo").await;
    let kept = kept.expect("a ledger").expect("a budget");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    let sum = |name: &str, at: usize| {
        let rows = kept[name].as_array().into_iter().flatten();
        rows.filter_map(|row| row[at].as_u64()).sum()
    };
    (sum("out", 2), sum("sent", 1))
}

/// Requests so far that the licence counts.
fn counted<L: Ledger>(world: &World<L>) -> u64 {
    let calls = world.acumatica.calls();
    let is_counted = |kind: &str| !kind.starts_with("token") && kind != "logout" && kind != "ping";
    let counted = calls.iter().filter(|(kind, _)| is_counted(kind));
    counted.map(|(_, count)| count).sum()
}

#[tokio::test]
async fn one_busy_seat_of_five_has_the_whole_minute() {
    let world = rested(5, 60).await;
    let (ids, wakes) = taken(&world, 110, 901).await;
    for minute in 0..2 {
        let before = counted(&world);
        for batch in wakes.chunks(10) {
            world.post_batch(batch).await;
        }
        let used = counted(&world) - before;
        assert!((54..=57).contains(&used), "{minute}: {used}");
        pass(&world, 63);
    }
    settle(&world, 20).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    assert_eq!(world.acumatica.licence().refused, 0);
}

#[tokio::test]
async fn five_seats_under_a_flood_share_the_minute_and_use_it_up() {
    let world = rested(5, 60).await;
    let (mut ids, mut minutes) = (Vec::new(), Vec::new());
    for seed in 910..913 {
        let before = counted(&world);
        // New ones: those before wait in their records.
        let (new, wakes) = taken(&world, 80, seed).await;
        for some in wakes.chunks(60) {
            let workers = some.chunks(10).map(|batch| world.post_batch(batch));
            join_all(workers).await;
            // The next ones are other processes, which do not know what these saw.
            world.needs.kept.forget();
        }
        ids.extend(new);
        minutes.push(counted(&world) - before);
        pass(&world, 63);
    }
    let is_full = |used: &u64| (54..=57).contains(used);
    assert!(minutes.iter().all(is_full), "{minutes:?}");
    settle(&world, 20).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    let licence = world.acumatica.licence();
    assert_eq!((licence.refused, licence.at_once), (0, 1), "{licence:?}");
    assert_eq!(licence.sessions, 5, "{licence:?}");
    assert!((54..=57).contains(&licence.a_minute), "{licence:?}");
}

#[tokio::test]
async fn the_requests_a_killed_worker_took_count_for_two_minutes_and_come_back() {
    let world = rested(2, 60).await;
    let (ids, wakes) = taken(&world, 150, 903).await;
    let death = Duration::from_millis(300);
    world.acumatica.next("put.Bill", Fault::Delay(death * 4));
    let (dying, others) = wakes.split_at(1);
    let killed = tokio::time::timeout(death, world.post_batch(dying)).await;
    assert!(killed.is_err());
    let mut minutes = Vec::new();
    for _ in 0..3 {
        let before = counted(&world);
        for batch in others.chunks(10) {
            world.post_batch(batch).await;
        }
        minutes.push(counted(&world) - before);
        pass(&world, 63);
    }
    // A block of sixteen is out at first; its seat is still closed when it is there again.
    assert!((38..=41).contains(&minutes[0]), "{minutes:?}");
    assert!((54..=57).contains(&minutes[2]), "{minutes:?}");
    settle(&world, 300).await;
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
        assert_eq!(world.postings(id).len(), 1);
    }
    assert_eq!(world.acumatica.licence().refused, 0);
}

#[tokio::test]
async fn an_idle_customer_gives_everything_back() {
    let world = rested(2, 60).await;
    let (ids, wakes) = taken(&world, 10, 904).await;
    let before = counted(&world);
    world.post_batch(&wakes).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    let used = counted(&world) - before;
    assert_eq!(kept(&world).await, (0, used));
}

/// The table is throttled where requests are taken and given back: nothing is sent that is not counted.
#[tokio::test]
async fn a_table_that_fails_never_lets_too_many_through() {
    let world = rested(1, 60).await;
    let (ids, wakes) = taken(&world, 40, 905).await;
    for batch in wakes.chunks(5) {
        for calls in 0..12 {
            world.needs.ledger.break_down(calls % 4);
            let _ends_early = world.post_within(300, batch).await;
            pass(&world, 2);
        }
    }
    world.needs.ledger.break_down(0);
    world.needs.clock.pass(SignedDuration::from_mins(6));
    settle(&world, 300).await;
    for id in &ids {
        assert_eq!(world.postings(id).len(), 1);
    }
    assert_eq!(world.acumatica.licence().refused, 0);
}

/// The table took what a worker wrote and the worker does not know: what it was given and what it sent count all the same.
#[tokio::test]
async fn requests_that_were_handed_out_unheard_count_and_come_back() {
    let setting = Setting {
        acumatica: acumatica::Options {
            requests_per_minute: Some(60),
            ..Setting::default().acumatica
        },
        rules: vec![("/acumatica/requests_per_minute", json!(60))],
        ..Setting::default()
    };
    let world = World::over(DeadlyLedger::default(), setting).await;
    let random = &mut Random::new(908);
    world.offer(&report("First", 100, random));
    world.settle().await;
    pass(&world, FORGOTTEN_S);
    let ids: Vec<_> = (0..110)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    drop(world.needs.queue.take());
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    let (unlucky, others) = wakes.split_at(10);
    world.needs.ledger.lose_swaps(1);
    let before = counted(&world);
    world.post_batch(unlucky).await;
    assert_eq!((kept(&world).await, counted(&world)), ((16, 0), before));
    pass(&world, 60);
    for batch in others.chunks(10) {
        world.post_batch(batch).await;
    }
    // Sixteen are out, nobody knows with whom.
    let used = counted(&world) - before;
    assert!((38..=41).contains(&used), "{used}");
    pass(&world, FORGOTTEN_S);
    let before = counted(&world);
    for batch in wakes.chunks(10) {
        world.post_batch(batch).await;
    }
    let used = counted(&world) - before;
    assert!((54..=57).contains(&used), "{used}");
    for id in &ids {
        assert!(world.postings(id).len() <= 1);
    }
    assert_eq!(world.acumatica.licence().refused, 0);
}

/// The second takes the seat in the same second and as if nobody had before, so it writes what the first one wrote.
#[tokio::test]
async fn two_holders_of_a_seat_in_one_second_have_a_block_each() {
    let world = customer(1, 60).await;
    let connection = world.needs.connection(&connection()).await;
    let connection = connection.expect("a connection");
    let take = async || {
        world.needs.kept.forget();
        let seat = world.needs.take_seat(&connection, &world.run()).await;
        seat.expect("a ledger").expect("a free seat")
    };
    let first = take().await;
    // What it has is not given back.
    world.needs.ledger.break_down(1);
    world.needs.leave_seat(first).await;
    assert_eq!(kept(&world).await, (16, 0));
    let second = take().await;
    assert_eq!(kept(&world).await, (32, 0));
    world.needs.leave_seat(second).await;
    assert_eq!(kept(&world).await, (16, 0));
}

#[tokio::test]
async fn a_batch_of_ten_asks_the_table_for_its_requests_twice() {
    let world = World::over(DeadlyLedger::default(), Setting::default()).await;
    let random = &mut Random::new(906);
    world.offer(&report("First", 100, random));
    world.settle().await;
    let ids: Vec<_> = (0..10)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    drop(world.needs.queue.take());
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    world.needs.ledger.arm(Some((1_000, Death::Before)));
    world.post_batch(&wakes).await;
    let calls = world.needs.ledger.left().map(|left| 1_000 - left);
    // Each is loaded and written three times; then the connection, and a seat and requests, both taken and given back.
    assert_eq!(calls, Some(45));
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
    }
}

#[tokio::test]
async fn the_fewest_requests_that_may_be_configured_are_enough() {
    for seats in [1, 10] {
        let world = customer(seats, 10).await;
        let ids = offer(&world, 10, 907);
        // Every kind of posting beside them; some are bound to be held or refused.
        let all = demo::documents().into_iter();
        let others: Vec<_> = all.map(|one| world.offer(&one.document)).collect();
        settle(&world, 63).await;
        all_confirmed_at_the_first_attempt(&world, &ids).await;
        for id in &others {
            assert_eq!(world.record(id).await.attempt, 0);
        }
        assert_eq!(world.acumatica.licence().refused, 0);
    }
    // One less is a fault.
    let world = customer(1, 10).await;
    let show = json!({"action": "show", "connection": "demo"});
    let mut fewer = world.connect(show).await["text"].clone();
    fewer["acumatica"]["requests_per_minute"] = json!(9);
    let apply = json!({"action": "apply", "connection": fewer});
    let applied = world.connect(apply).await;
    let fault = &applied["faults"][0];
    assert_eq!(fault["path"], "acumatica.requests_per_minute");
    assert_eq!(fault["cure"], "expected is a whole number from 10 to 10000");
}
