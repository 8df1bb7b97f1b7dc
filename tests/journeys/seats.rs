//! Seats and requests per minute under pressure: the site counts, and never has to refuse.

use std::time::Duration;

use connector::ports::{Ledger, Wake};
use e2e::{
    documents::Random,
    twins::{
        acumatica::{self, Delays},
        faults::Fault,
    },
};
use futures_util::future::join_all;
use jiff::SignedDuration;
use posting::DocumentId;
use serde_json::json;

use super::{
    main_job::report,
    world::{Setting, World, wake},
};

/// Workers at a time.
const WORKERS: usize = 20;
/// Turns after which a flood is over.
const TURNS_MAX: usize = 60;

/// A customer with so many seats and requests a minute, in the connection and in the licence.
pub(super) async fn customer(seats: usize, requests: usize) -> World {
    customer_of(seats, requests, acumatica::Options::default().delays).await
}

/// The same of a site that delays its answers so.
async fn customer_of(seats: usize, requests: usize, delays: Delays) -> World {
    World::with(Setting {
        acumatica: acumatica::Options {
            seats,
            requests_per_minute: Some(requests),
            delays,
            ..acumatica::Options::default()
        },
        rules: vec![
            ("/acumatica/seats", json!(seats)),
            ("/acumatica/requests_per_minute", json!(requests)),
        ],
        ..Setting::default()
    })
    .await
}

pub(super) fn offer(world: &World, count: i64, seed: u64) -> Vec<DocumentId> {
    let random = &mut Random::new(seed);
    let offer = |n| world.offer(&report("Taxi", 1_000 + n, random));
    (0..count).map(offer).collect()
}

/// All wakes at once, to so many workers.
pub(super) async fn crowd(world: &World) {
    let wakes: Vec<Wake> = world
        .needs
        .queue
        .take()
        .into_iter()
        .map(|(wake, _)| wake)
        .collect();
    let each = wakes.len().div_ceil(WORKERS).clamp(1, 10);
    let batches: Vec<_> = wakes.chunks(each).collect();
    for at_once in batches.chunks(WORKERS) {
        join_all(at_once.iter().map(|batch| world.post_batch(batch))).await;
    }
}

/// Time passes on both sides.
pub(super) fn pass<L: Ledger>(world: &World<L>, seconds: u32) {
    world.pass(i64::from(seconds));
    world
        .acumatica
        .pass(Duration::from_secs(u64::from(seconds)));
}

/// Turns of a crowd until nothing is open.
pub(super) async fn settle(world: &World, seconds: u32) -> usize {
    for turn in 0..TURNS_MAX {
        world.poll().await;
        crowd(world).await;
        if world.open().await.is_empty() {
            return turn;
        }
        pass(world, seconds);
    }
    panic!("still open: {:?}", world.open().await);
}

pub(super) async fn all_confirmed_at_the_first_attempt(world: &World, ids: &[DocumentId]) {
    for id in ids {
        let record = world.record(id).await;
        assert_eq!((record.state.word(), record.attempt), ("confirmed", 0));
        assert_eq!(world.postings(id).len(), 1);
    }
}

#[tokio::test]
async fn twenty_workers_never_take_more_than_the_seats() {
    for seats in [1, 2, 5] {
        let world = customer(seats, 6_000).await;
        let ids = offer(&world, 60, 90);
        settle(&world, 15).await;
        all_confirmed_at_the_first_attempt(&world, &ids).await;
        let licence = world.acumatica.licence();
        assert_eq!(licence.refused, 0, "{seats}: {licence:?}");
        assert_eq!(licence.sessions, seats, "{licence:?}");
        assert_eq!(licence.at_once, 1, "{licence:?}");
        // Signed in once for each seat, and still signed in for the next work.
        assert_eq!(world.acumatica_calls("token"), seats as u64);
        assert_eq!(world.acumatica.open_seats(), seats);
    }
}

#[tokio::test]
async fn a_worker_killed_on_a_seat_leaves_it_and_its_token_to_the_next() {
    let world = customer(1, 600).await;
    let ids = offer(&world, 3, 91);
    world.poll().await;
    drop(world.needs.queue.take());
    let death = Duration::from_millis(300);
    world.acumatica.next("put.Bill", Fault::Delay(death * 4));
    let (dying, others) = (wake(&ids[0]), [wake(&ids[1]), wake(&ids[2])]);
    let killed = tokio::time::timeout(death, world.post_batch(std::slice::from_ref(&dying))).await;
    assert!(killed.is_err());
    // The seat is closed as long as its worker may live.
    for _ in 0..5 {
        world.post_batch(&others).await;
        for wake in &others {
            assert_ne!(world.state(&wake.document).await, "confirmed");
        }
        pass(&world, 60);
    }
    pass(&world, 10);
    world.post_batch(&others).await;
    assert_eq!(world.state(&ids[1]).await, "confirmed");
    settle(&world, 600).await;
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
        assert_eq!(world.postings(id).len(), 1);
    }
    let licence = world.acumatica.licence();
    assert_eq!((licence.refused, licence.sessions), (0, 1));
    assert_eq!(world.acumatica_calls("token"), 1);
}

#[tokio::test]
async fn a_flood_stays_within_sixty_requests_a_minute() {
    for seats in [1, 2] {
        let world = customer(seats, 60).await;
        let ids = offer(&world, 150, 92);
        settle(&world, 20).await;
        all_confirmed_at_the_first_attempt(&world, &ids).await;
        let licence = world.acumatica.licence();
        assert_eq!(licence.refused, 0, "{seats}: {licence:?}");
        assert!((40..60).contains(&licence.a_minute), "{licence:?}");
    }
}

/// Everything of the licence is fifty times shorter here, and so is our patience.
#[tokio::test]
async fn answers_the_licence_delays_come_in_time_and_nothing_waits_in_its_queue() {
    const TIMES: u32 = 50;
    let mut world = customer_of(2, 60, Delays::OneIn(TIMES)).await;
    let patience = SignedDuration::from_secs(110) / i32::try_from(TIMES).expect("a number");
    world.needs.deployment.clocks.acumatica_answer = patience;
    let ids = offer(&world, 25, 97);
    settle(&world, 20).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    let licence = world.acumatica.licence();
    assert!(licence.delayed > 9, "{licence:?}");
    // One request a seat at a time: none stands behind another.
    assert_eq!(
        (licence.refused, licence.at_once, licence.waiting),
        (0, 1, 0),
        "{licence:?}"
    );
}

#[tokio::test]
async fn what_waits_for_the_minute_waits_in_its_record() {
    let world = customer(1, 12).await;
    let ids = offer(&world, 12, 93);
    world.poll().await;
    let began = std::time::Instant::now();
    crowd(&world).await;
    // Nobody slept for the licence.
    assert!(began.elapsed() < Duration::from_secs(5));
    let mut waiting = 0;
    for id in &ids {
        let record = world.record(id).await;
        assert_eq!(record.attempt, 0);
        waiting += usize::from(record.state.word() != "confirmed");
        assert!(record.claim.is_none(), "{record:?}");
    }
    assert!(waiting > 0);
    settle(&world, 62).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    assert_eq!(world.acumatica.licence().refused, 0);
}

#[tokio::test]
async fn seats_that_are_given_up_are_signed_out() {
    let world = customer(3, 6_000).await;
    let ids = offer(&world, 40, 94);
    settle(&world, 15).await;
    all_confirmed_at_the_first_attempt(&world, &ids).await;
    assert_eq!(world.acumatica.open_seats(), 3);
    let shown = world
        .connect(json!({"action": "show", "connection": "demo"}))
        .await;
    let mut fewer = shown["text"].clone();
    assert_eq!(fewer["id"], "demo", "{shown:#}");
    fewer["acumatica"]["seats"] = json!(1);
    let applied = world
        .connect(json!({"action": "apply", "connection": fewer}))
        .await;
    assert_eq!(applied["applied"], true, "{applied:#}");
    // A ping ends no session.
    let ping = json!({"action": "ping", "connection": "demo"});
    assert_ne!(world.connect(ping).await["meaning"], "broken");
    assert_eq!(world.acumatica.open_seats(), 3);
    let more = offer(&world, 2, 95);
    settle(&world, 15).await;
    all_confirmed_at_the_first_attempt(&world, &more).await;
    assert_eq!(world.acumatica.open_seats(), 1);
    // And taken again when there are more.
    fewer["acumatica"]["seats"] = json!(2);
    world
        .connect(json!({"action": "apply", "connection": fewer}))
        .await;
    let more = offer(&world, 40, 96);
    settle(&world, 15).await;
    all_confirmed_at_the_first_attempt(&world, &more).await;
    assert_eq!(world.acumatica.open_seats(), 2);
    assert_eq!(world.acumatica.licence().refused, 0);
}

async fn remove(world: &World) -> Vec<String> {
    let event = json!({"action": "remove", "connection": "demo", "by": "Kim", "note": "left us"});
    let answer = world.connect(event).await;
    assert_eq!(answer["removed"], true, "{answer:#}");
    let left = answer["left"].as_array().expect("what is left").iter();
    let left = left.filter_map(|row| row["what"].as_str());
    left.filter(|what| what.contains("API session"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_removed_connection_signs_its_sessions_out() {
    let world = customer(3, 6_000).await;
    offer(&world, 40, 98);
    settle(&world, 15).await;
    assert_eq!(world.acumatica.open_seats(), 3);
    assert_eq!(remove(&world).await, [""; 0]);
    assert_eq!(world.acumatica.open_seats(), 0);
    // Nothing is left to be signed out.
    assert_eq!(remove(&world).await, [""; 0]);
    assert_eq!(world.acumatica_calls("logout"), 3);
}

#[tokio::test]
async fn a_connection_is_removed_whether_acumatica_answers_or_not() {
    let world = customer(2, 6_000).await;
    offer(&world, 30, 99);
    settle(&world, 15).await;
    for _ in 0..2 {
        world.acumatica.next("logout", Fault::Status(503));
    }
    let told = remove(&world).await;
    assert!(
        told[0].contains("of seat 1, 2, which could not"),
        "{told:?}"
    );
    assert_eq!(world.acumatica.open_seats(), 2);
    // Tried once more, as the row says.
    assert_eq!(remove(&world).await, [""; 0]);
    assert_eq!(world.acumatica.open_seats(), 0);

    // A seat that is in use is told, and is free when its holder is gone.
    let world = customer(2, 6_000).await;
    offer(&world, 30, 100);
    settle(&world, 15).await;
    let connection = world.needs.connection(&super::world::connection()).await;
    let connection = connection.expect("a connection");
    let seat = world.needs.take_seat(&connection, &world.run()).await;
    let seat = seat.expect("a ledger").expect("a free seat");
    let told = remove(&world).await;
    assert!(told[0].contains("of seat 1, which could not"), "{told:?}");
    world.needs.leave_seat(seat).await;
    assert_eq!(remove(&world).await, [""; 0]);
    assert_eq!(world.acumatica.open_seats(), 0);
}
