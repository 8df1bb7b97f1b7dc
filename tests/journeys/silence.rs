//! A Concur that takes the connection and never answers: one call finds out, and the worker's other connections get their time
//! back. Calls are counted, not seconds.

use std::time::Duration;

use connector::{
    poll::{self, Asked},
    ports::{Clock, Fetch},
};
use e2e::{demo, documents::Kind, documents::Random, twins::faults::Fault};
use jiff::SignedDuration;
use posting::BusinessId;
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{World, connection},
};

/// Longer than Concur's answer is waited for in these stories.
const LONG: Fault = Fault::Delay(Duration::from_secs(2));
/// More than any of them calls.
const MANY: usize = 50;

/// A customer on an ordinary day, whose worker waits for a quarter of a second.
async fn world() -> World {
    let mut world = World::warm().await;
    world.needs.deployment.clocks.concur_answer = SignedDuration::from_millis(250);
    world
}

/// Calls of each kind to Concur since there were so many.
fn since(world: &World, before: [u64; 2]) -> [u64; 2] {
    let now = calls(world);
    [now[0] - before[0], now[1] - before[1]]
}

fn calls(world: &World) -> [u64; 2] {
    ["list", "acknowledge"].map(|kind| world.concur_calls(kind))
}

fn steps(answer: &Value) -> Vec<&str> {
    let errors = answer["connections"][0]["errors"].as_array();
    let errors = errors.expect("errors").iter();
    errors.filter_map(|error| error["step"].as_str()).collect()
}

#[tokio::test]
async fn one_call_finds_out_that_concur_is_silent() {
    for silence in [LONG, Fault::DropBefore, Fault::Status(503)] {
        let world = world().await;
        let random = &mut Random::new(170);
        for n in 0..30 {
            world.offer(&report("Taxi", 1_000 + n, random));
        }
        for _ in 0..MANY {
            world.concur.next("list", silence.clone());
        }
        let before = calls(&world);
        let answer = world.poll().await;
        assert_eq!(since(&world, before), [1, 0], "{silence:?}");
        assert_eq!(steps(&answer), ["fetch expense"], "{answer:#}");
        // Nothing is lost by it.
        world.concur.recover();
        world.settle().await;
        assert_eq!(world.acumatica.bills().len(), 31);
    }
}

#[tokio::test]
async fn an_acknowledgement_without_an_answer_is_the_last_call_too() {
    let world = world().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(171)));
    world.concur.next("acknowledge", LONG);
    let before = calls(&world);
    world.poll().await;
    assert_eq!(since(&world, before), [1, 1]);
    world.settle().await;
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn a_token_that_does_not_come_is_asked_for_once() {
    let world = world().await;
    world.concur.expire_access_tokens();
    for _ in 0..MANY {
        world.concur.next("token.refresh", LONG);
    }
    let (lists, refreshes) = (calls(&world), world.concur_calls("token.refresh"));
    world.poll().await;
    // The list is refused, and nothing more is listed without a token.
    assert_eq!(since(&world, lists), [1, 0]);
    assert_eq!(world.concur_calls("token.refresh") - refreshes, 1);
}

#[tokio::test]
async fn a_batch_of_messages_about_one_silent_concur_makes_one_call() {
    let world = world().await;
    for _ in 0..MANY {
        world.concur.next("list", LONG);
    }
    let whole = Fetch::all(&connection());
    let parts = (0..9).map(|n| Fetch {
        business_id: Some(BusinessId::new(format!("{n:020X}")).expect("an id")),
        ..whole.clone()
    });
    let asked = std::iter::once(whole.clone()).chain(parts).enumerate();
    let asked = asked.map(|(n, fetch)| Asked {
        message: n.to_string(),
        fetch,
        sent: Some(world.needs.clock.now()),
    });
    let before = calls(&world);
    let fetched = poll::fetch(&world.needs, &world.run(), asked.collect()).await;
    assert!(fetched.again.is_empty());
    assert_eq!(since(&world, before), [1, 0]);
}

#[tokio::test]
async fn a_kind_that_is_silent_comes_last_and_keeps_no_other_from_its_turn() {
    let world = world().await;
    let mut all = demo::documents().into_iter().map(|one| one.document);
    let invoice = all.find(|one| one.kind == Kind::Invoice);
    let invoice = world.offer(&invoice.expect("an invoice"));
    world.concur.next("list", LONG);
    let answer = world.poll().await;
    assert_eq!(steps(&answer), ["fetch expense"]);
    // The others are asked now, and the silent one after them.
    for _ in 0..2 {
        world.concur.next("list", Fault::Delay(Duration::ZERO));
    }
    world.concur.next("list", LONG);
    let before = calls(&world);
    let answer = world.poll().await;
    assert_eq!(since(&world, before), [3, 1]);
    assert_eq!(steps(&answer), ["fetch expense"]);
    assert_eq!(world.state(&invoice).await, "acknowledged");
}

#[tokio::test]
async fn what_was_too_slow_is_asked_for_in_smaller_pages_and_again_in_larger_ones() {
    let world = world().await;
    let random = &mut Random::new(172);
    let mut offer = || {
        for n in 0..30 {
            world.offer(&report("Taxi", 1_000 + n, random));
        }
    };
    offer();
    world.concur.next("list", LONG);
    world.poll().await;
    let before = calls(&world);
    world.poll().await;
    // Half of 25 and half again in each page: 12, 12 and 6.
    assert_eq!(since(&world, before)[1], 3);
    offer();
    let before = calls(&world);
    world.poll().await;
    assert_eq!(since(&world, before)[1], 2);
    // As ever from here on. A refusal is no silence: the other kinds are asked all the same.
    world.poll().await;
    offer();
    world.concur.next("list", Fault::Status(400));
    let before = calls(&world);
    let answer = world.poll().await;
    assert_eq!(since(&world, before), [3, 0], "{answer:#}");
}

/// Each poll of a schedule may be another process, which has seen nothing of it.
#[tokio::test]
async fn whichever_process_polls_next_begins_with_what_the_last_one_learned() {
    let world = world().await;
    let due = async || {
        world.needs.kept.forget();
        world.pass(20 * 60);
        world.poll_for(json!({"only": "due"})).await
    };
    due().await;
    let random = &mut Random::new(173);
    for n in 0..30 {
        world.offer(&report("Taxi", 1_000 + n, random));
    }
    for kinds_before in [0, 2] {
        for _ in 0..kinds_before {
            world.concur.next("list", Fault::Delay(Duration::ZERO));
        }
        world.concur.next("list", LONG);
        let before = calls(&world);
        assert_eq!(steps(&due().await), ["fetch expense"]);
        assert_eq!(since(&world, before), [kinds_before + 1, 0]);
    }
    // A quarter of 25 by now: five pages.
    let before = calls(&world);
    assert_eq!(steps(&due().await), [""; 0]);
    assert_eq!(since(&world, before)[1], 5);
}

/// After an outage there is more than one run's work, and it must not be done in the smallest pages to the end.
#[tokio::test]
async fn a_run_that_is_answered_until_its_time_is_over_asks_for_larger_pages_next() {
    let world = world().await;
    let random = &mut Random::new(174);
    for n in 0..60 {
        world.offer(&report("Taxi", 1_000 + n, random));
    }
    world.concur.next("list", LONG);
    world.poll().await;
    let over = async {
        while world.concur_calls("acknowledge") < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        world.pass(241);
    };
    let before = calls(&world);
    tokio::join!(world.poll(), over);
    // Of sixty in pages of twelve, the run before had taken none.
    let taken = since(&world, before)[1];
    assert!((1..4).contains(&taken), "{taken}");
    let before = calls(&world);
    world.poll().await;
    let rest = 60 - 12 * taken;
    assert_eq!(since(&world, before)[1], rest.div_ceil(24));
}
