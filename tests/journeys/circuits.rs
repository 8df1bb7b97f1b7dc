//! A side that does not answer: a few documents find out, the others wait without using an attempt, one worker at a time
//! tries again, and everything goes on by itself.

use connector::ports::Ledger;
use e2e::{documents::Random, twins::faults::Fault};
use posting::DocumentId;

use super::{
    main_job::report,
    world::{World, wake},
};

/// More mishaps than any of these stories has calls.
const MANY: usize = 2_000;

/// Every call of these kinds fails from now on.
fn dies(world: &World, kinds: &[&str]) {
    for kind in kinds {
        for _ in 0..MANY {
            world.acumatica.next(kind, Fault::Status(503));
        }
    }
}

async fn attempts(world: &World, ids: &[DocumentId]) -> u32 {
    let mut sum = 0;
    for id in ids {
        sum += world.record(id).await.attempt;
    }
    sum
}

#[tokio::test]
async fn a_dead_acumatica_stops_the_attempts_after_a_few_and_everything_goes_on_by_itself() {
    let world = World::warm().await;
    let random = &mut Random::new(120);
    dies(&world, &["put", "list", "get", "token"]);
    let ids: Vec<_> = (0..40)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    for _ in 0..20 {
        world.turn().await;
        world.pass(900);
    }
    let calls = world.acumatica_calls("");
    let used = attempts(&world, &ids).await;
    assert!((1..=20).contains(&used), "{used} attempts in five hours");
    for id in &ids {
        let state = world.state(id).await;
        assert!(
            ["acknowledged", "planned", "posting"].contains(&state),
            "{state}"
        );
    }
    for _ in 0..4 {
        world.turn().await;
    }
    let probes = world.acumatica_calls("") - calls;
    assert!(probes <= 4, "{probes} calls while it was left alone");

    world.acumatica.recover();
    world.settle().await;
    for id in &ids {
        let record = world.record(id).await;
        assert_eq!(record.state.word(), "confirmed", "{record:?}");
        assert_eq!(world.postings(id).len(), 1);
    }
}

#[tokio::test]
async fn one_worker_at_a_time_tries_a_silent_side() {
    let world = World::warm().await;
    let random = &mut Random::new(121);
    dies(&world, &["put", "list", "get", "token"]);
    let ids: Vec<_> = (0..2)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    for _ in 0..6 {
        world.turn().await;
        world.pass(1_200);
    }
    world.pass(3_700);
    let before = world.acumatica_calls("");
    let (one, other) = ([wake(&ids[0])], [wake(&ids[1])]);
    tokio::join!(world.post_batch(&one), world.post_batch(&other));
    let tried = world.acumatica_calls("") - before;
    assert_eq!(tried, 1, "two workers woke at once");
    world.acumatica.recover();
    world.settle().await;
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
    }
}

#[tokio::test]
async fn a_dead_concur_delays_the_verdict_for_days_and_nothing_is_posted_again() {
    let world = World::warm().await;
    let random = &mut Random::new(122);
    let ids: Vec<_> = (0..3)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    for _ in 0..MANY {
        world.concur.next("confirm", Fault::Status(503));
    }
    // Three days.
    for _ in 0..(3 * 24 * 2) {
        world.post().await;
        world.pass(1_800);
        world.poll().await;
    }
    for id in &ids {
        assert_eq!(
            (world.state(id).await, world.postings(id).len()),
            ("posted", 1)
        );
    }
    let calls = world.concur_calls("confirm");
    assert!(calls < 400, "{calls} calls in three days");
    world.concur.recover();
    world.settle().await;
    for id in &ids {
        let record = world.record(id).await;
        assert_eq!(record.state.word(), "confirmed", "{record:?}");
        assert_eq!(world.postings(id).len(), 1);
    }
}

#[tokio::test]
async fn one_bad_document_does_not_stop_the_others() {
    let world = World::warm().await;
    let random = &mut Random::new(123);
    let bad = world.offer(&report("Bad", 1_000, random));
    world.poll().await;
    for _ in 0..3 {
        world.acumatica.next("put.Bill", Fault::Status(503));
        world.post().await;
        world.pass(1_000);
        world.poll().await;
    }
    let good = world.offer(&report("Good", 1_100, random));
    world.settle().await;
    for id in [&bad, &good] {
        let record = world.record(id).await;
        assert_eq!(record.state.word(), "confirmed", "{record:?}");
        assert_eq!(world.postings(id).len(), 1);
    }
}

#[tokio::test]
async fn being_asked_to_wait_is_an_answer_and_leaves_nobody_alone() {
    let world = World::warm().await;
    for _ in 0..6 {
        world.acumatica.next("list.Bill", Fault::Status(429));
    }
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(124)));
    for _ in 0..4 {
        world.turn().await;
        world.pass(400);
    }
    let circuit = "circuit#demo#acumatica";
    let memo = world
        .needs
        .ledger
        .lease_memo(circuit)
        .await
        .expect("a table");
    assert_eq!(memo.unwrap_or_default(), "");
    world.acumatica.recover();
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}
