//! Concur's tokens over time: refreshed before they end, by one worker at a time, and never more often than their secret may
//! be written; a lost answer is survived where Concur allows it, and a person hears of the rest.

use std::time::{Duration, Instant};

use concur::documents::DocumentType;
use connector::connect::{self, Message};
use connector::ports::Ledger;
use e2e::{
    documents::Random,
    twins::{
        concur::{Options, Rotation},
        faults::Fault,
    },
};
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    main_job::report,
    tokens_connect::{concur_said, put_concur, secret},
    world::{Setting, World, wake},
};

/// Workers at once.
const WORKERS: usize = 50;
const HOUR_S: i64 = 3_600;

async fn world(concur: Options) -> World {
    World::with(Setting {
        concur,
        ..Setting::default()
    })
    .await
}

/// Every worker makes one call.
async fn all_call(world: &World) {
    let connection = world.needs.connection(&super::world::connection()).await;
    let connection = &*connection.expect("a connection");
    let calls = (0..WORKERS).map(|_| async {
        let run = world.run();
        let call = world
            .needs
            .concur(connection, &run, async |client: &concur::Client| {
                client.ready(DocumentType::Expense, 0, 1).await
            });
        call.await.expect("an answer")
    });
    join_all(calls).await;
}

/// What `keep` answers.
async fn keep(world: &World, connection: Option<&str>) -> Value {
    let event = match connection {
        Some(connection) => json!({"action": "keep", "connection": connection}),
        None => json!({"action": "keep"}),
    };
    world.connect(event).await
}

#[tokio::test]
async fn fifty_workers_cause_one_grant() {
    let world = World::new().await;
    world
        .concur
        .next("token", Fault::Delay(Duration::from_millis(700)));
    all_call(&world).await;
    assert_eq!(world.concur_calls("token"), 1);
    world.pass(HOUR_S);
    all_call(&world).await;
    assert_eq!(
        (
            world.concur_calls("token.password"),
            world.concur_calls("token.refresh")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn fifty_refused_calls_cause_one_refresh_and_one_repetition_each() {
    let world = World::new().await;
    all_call(&world).await;
    let listed = world.concur_calls("list");
    world.concur.expire_access_tokens();
    all_call(&world).await;
    assert_eq!(world.concur_calls("token.refresh"), 1);
    assert_eq!(
        world.concur_calls("list"),
        listed + 2 * u64::try_from(WORKERS).expect("a number")
    );
}

#[tokio::test]
async fn the_own_and_the_stored_token_may_both_be_refused() {
    let mut world = World::new().await;
    all_call(&world).await;
    world.concur.expire_access_tokens();
    let older = std::mem::take(&mut world.needs.kept);
    all_call(&world).await;
    world.needs.kept = older;
    world.concur.expire_access_tokens();
    all_call(&world).await;
    assert_eq!(world.concur_calls("token.refresh"), 2);
}

#[tokio::test]
async fn a_token_is_replaced_before_the_longest_call_could_outlive_it() {
    let world = World::new().await;
    all_call(&world).await;
    for (passed, refreshes) in [(HOUR_S - 100, 0), (10, 1), (HOUR_S - 110, 1), (15, 2)] {
        world.pass(passed);
        all_call(&world).await;
        assert_eq!(
            world.concur_calls("token.refresh"),
            refreshes,
            "after {passed}"
        );
    }
}

#[tokio::test]
async fn a_token_that_ends_in_mid_batch_loses_nothing() {
    let world = World::warm().await;
    let random = &mut Random::new(71);
    let ids: Vec<_> = (0..6)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    let pause = Duration::from_millis(200);
    world.acumatica.next("put.Bill", Fault::Delay(pause));
    tokio::join!(world.post_batch(&wakes), async {
        tokio::time::sleep(pause / 2).await;
        world.concur.expire_access_tokens();
    });
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
        assert_eq!(world.postings(id).len(), 1);
    }
    assert_eq!(world.concur_calls("token.refresh"), 1);
    assert_eq!(
        world.concur_calls("confirm"),
        3,
        "one before, one refused, one repeated"
    );
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_is_survived_where_the_old_token_lives_on() {
    for rotation in [Rotation::Never, Rotation::OnFirstUse] {
        let world = world(Options {
            rotation,
            ..Options::default()
        })
        .await;
        all_call(&world).await;
        world.pass(HOUR_S);
        world.concur.next("token.refresh", Fault::DropAfterSave);
        let answer = world.poll().await;
        assert!(answer.to_string().contains("no token"), "{answer:#}");
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(72)));
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed", "{rotation:?}");
        assert_eq!(world.needs.kept.take_refused(), 0);
    }
}

#[tokio::test]
async fn a_refresh_that_is_refused_is_told_at_once_and_offered_once() {
    let world = world(Options {
        rotation: Rotation::AtOnce,
        ..Options::default()
    })
    .await;
    all_call(&world).await;
    world.pass(HOUR_S);
    world.concur.next("token.refresh", Fault::DropAfterSave);
    world.poll().await;
    assert_eq!(world.needs.kept.take_refused(), 0, "nobody knows yet");
    for rings in [1, 0, 0] {
        world.pass(HOUR_S);
        let answer = world.poll().await;
        assert!(answer.to_string().contains("refused"), "{answer:#}");
        assert_eq!(world.needs.kept.take_refused(), rings, "told once");
    }
    assert_eq!(
        world.concur_calls("token.refresh"),
        2,
        "offered once after the loss"
    );
    for _ in 0..2 {
        let kept = keep(&world, Some("demo")).await;
        assert_eq!(
            kept["connections"][0]["said"][0]["message"],
            Message::RefusedBefore.as_str()
        );
        assert_eq!(world.needs.kept.take_refused(), 1, "and once a day");
    }
    let said = concur_said(&world).await;
    assert!(
        said["detail"]
            .as_str()
            .expect("a detail")
            .starts_with("code 108:")
    );
    let fresh = world.concur.new_request_token();
    put_concur(&world, &[("request_token", json!(fresh))]);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(73)));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn a_wrong_request_token_beside_good_tokens_stops_nothing() {
    let world = World::new().await;
    all_call(&world).await;
    put_concur(&world, &[("request_token", json!("mistyped"))]);
    let random = &mut Random::new(75);
    for hour in 0..3 {
        world.pass(HOUR_S);
        let id = world.offer(&report("Taxi", 1_000 + hour, random));
        world.poll().await;
        assert_eq!(world.state(&id).await, "acknowledged", "hour {hour}");
    }
    assert_eq!(world.needs.kept.take_refused(), 1, "the alarm rings");
    let asked = || {
        let calls = |kind| world.concur_calls(kind);
        (calls("token.password"), calls("token.refresh"))
    };
    assert_eq!(asked(), (2, 3), "refused once, passed over then");
    // Who connects hears of it, and of nothing else.
    assert_eq!(concur_said(&world).await["message"], "concur_refused");
    world.concur.revoke_refresh_tokens();
    for _ in 0..3 {
        world.pass(HOUR_S);
        let answer = world.poll().await;
        assert!(answer.to_string().contains("refused"), "{answer:#}");
    }
    assert_eq!(asked(), (3, 4), "each is offered once");
}

#[tokio::test]
async fn a_rotated_token_is_stored_before_it_is_used() {
    let world = world(Options {
        rotation: Rotation::AtOnce,
        ..Options::default()
    })
    .await;
    all_call(&world).await;
    let mut before = secret(&world, "concur-tokens").await;
    for _ in 0..3 {
        world.pass(HOUR_S);
        // The first call with the new token goes wrong; what is stored is the new one all the same.
        world.concur.next("list", Fault::DropBefore);
        world.poll().await;
        let now = secret(&world, "concur-tokens").await;
        assert_ne!(now["refresh_token"], before["refresh_token"]);
        before = now;
    }
}

#[tokio::test]
async fn a_service_that_refuses_every_token_does_not_wear_the_secret_out() {
    let world = world(Options {
        scope: "company.read".to_owned(),
        ..Options::default()
    })
    .await;
    for minute in 0..240 {
        world.poll().await;
        world.pass(60);
        let writes = world.concur_calls("token");
        assert!(
            writes <= 6 * (1 + minute / 60),
            "{writes} after {minute} minutes"
        );
    }
    assert!(world.concur_calls("token") >= 20, "it is tried again");
    let kept = keep(&world, Some("demo")).await;
    assert_eq!(
        kept["connections"][0]["said"][0]["message"],
        "scope_missing"
    );
}

#[tokio::test]
async fn a_refresher_that_was_killed_holds_nobody_up_for_long() {
    let world = World::warm().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(74)));
    world.poll().await;
    world.pass(HOUR_S);
    let now = world.needs.now();
    let lapses = now + SignedDuration::from_secs(315);
    let ledger = &world.needs.ledger;
    let killed = ledger.take_lease("token#demo", "killed", now, lapses).await;
    assert!(killed.expect("a ledger").is_some());
    let began = Instant::now();
    world.post_batch(&[wake(&id)]).await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "others wait for so long only"
    );
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), world.postings(&id).len()),
        ("posted", 1)
    );
    assert_eq!(world.concur_calls("token.refresh"), 0);
    world.pass(320);
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(
        (
            world.concur_calls("token.refresh"),
            world.postings(&id).len()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn an_idle_connection_is_refreshed_once_a_day() {
    let world = World::new().await;
    all_call(&world).await;
    for day in 1..=3 {
        for _ in 0..24 {
            world.pass(HOUR_S);
            let kept = keep(&world, None).await;
            assert_eq!(
                (&kept["ending"], &kept["left"]),
                (&json!(0), &json!(0)),
                "{kept:#}"
            );
        }
        assert_eq!(world.concur_calls("token.refresh"), day);
    }
}

#[tokio::test]
async fn a_run_without_time_leaves_the_rest_for_tomorrow() {
    let world = World::new().await;
    let mut left = 0;
    for _ in 0..24 {
        let mut run = world.run();
        run.deadline = world.needs.now() + SignedDuration::from_secs(60);
        let request = serde_json::from_value(json!({"action": "keep"})).expect("an event");
        let answer = connect::connect(&world.needs, &run, request).await;
        let answer = serde_json::to_value(answer.expect("an answer")).expect("JSON");
        left += answer["left"].as_u64().expect("a number");
        world.pass(HOUR_S);
    }
    assert_eq!((left, world.concur_calls("token")), (1, 0));
}

#[tokio::test]
async fn a_scope_that_is_missing_hides_no_end() {
    let world = world(Options {
        scope: "company.read".to_owned(),
        refresh_life: Duration::from_hours(29 * 24),
        ..Options::default()
    })
    .await;
    concur_said(&world).await;
    let kept = keep(&world, Some("demo")).await;
    let said = &kept["connections"][0]["said"][0];
    assert_eq!(
        (&said["message"], &kept["ending"]),
        (&json!("scope_missing"), &json!(1))
    );
    assert_eq!(said.get("ends"), None);
}

#[tokio::test]
async fn the_end_of_a_refresh_token_is_told_thirty_days_before() {
    for (days, ending) in [(40, 0), (29, 1)] {
        let world = world(Options {
            refresh_life: Duration::from_hours(days * 24),
            ..Options::default()
        })
        .await;
        concur_said(&world).await;
        world.pass(60);
        let kept = keep(&world, Some("demo")).await;
        assert_eq!(kept["ending"], ending, "{kept:#}");
        let expected = if ending == 0 {
            "already_connected"
        } else {
            "token_ends"
        };
        assert_eq!(kept["connections"][0]["said"][0]["message"], expected);
    }
}

#[tokio::test]
async fn one_that_was_never_connected_is_left_alone() {
    let world = World::new().await;
    put_concur(&world, &[("request_token", Value::Null)]);
    let kept = keep(&world, Some("demo")).await;
    let said = &kept["connections"][0]["said"];
    assert_eq!(
        (&said[0]["message"], &said[1]["message"]),
        (&json!("not_connected"), &json!("password_there"))
    );
    assert_eq!(world.needs.kept.take_refused(), 0);
    let unknown = serde_json::from_value(json!({"action": "keep", "connection": "nobody"}));
    let unknown = connect::connect(&world.needs, &world.run(), unknown.expect("an event")).await;
    assert!(unknown.is_err());
}
