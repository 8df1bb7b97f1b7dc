//! Requests of a minute, and those that wait.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::*;
use crate::twins::acumatica::Delays;

#[tokio::test]
async fn from_half_of_the_minutes_requests_on_answers_are_delayed() {
    for (delays, delayed) in [(Delays::OneIn(50), 5), (Delays::Off, 0)] {
        let world = world_with(Options {
            requests_per_minute: Some(10),
            delays,
            ..Options::default()
        })
        .await;
        let started = Instant::now();
        for _ in 0..10 {
            assert_eq!(world.get(BILL).await.status, 200);
        }
        assert_eq!(world.get(BILL).await.status, 429);
        let licence = world.twin.licence();
        assert_eq!((licence.delayed, licence.refused), (delayed, 1));
        // A fifth of what is left of the minute, then a fourth and so on, fifty times shorter.
        let rest = |left: u32| Duration::from_secs(59) / left / 50;
        let least = (1..=5).map(rest).sum();
        assert_eq!(started.elapsed() >= least, delays != Delays::Off);
    }
}

#[tokio::test]
async fn twenty_requests_wait_and_one_more_is_declined() {
    let World { twin, api } = world().await;
    twin.next("list", Fault::DelayInTurn(Duration::from_millis(400)));
    let get = || api.send("GET", BILL, "");
    let crowd = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        join_all((0..21).map(|_| get())).await
    };
    let (first, crowd) = tokio::join!(get(), crowd);
    assert_eq!(first.status, 200);
    let served = crowd.iter().filter(|answer| answer.status == 200).count();
    let declined = crowd.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((served, declined), (20, 1));
    let licence = twin.licence();
    assert_eq!((licence.waiting, licence.refused), (20, 1));
}

#[tokio::test]
async fn so_many_requests_are_served_at_a_time_as_the_licence_says() {
    for (at_once, waiting) in [(1, 1), (2, 0)] {
        let World { twin, api } = world_with(Options {
            at_once,
            ..Options::default()
        })
        .await;
        let other = sign_in(&twin, "api").await.body;
        let other = api.with_bearer(other["access_token"].as_str().unwrap());
        for _ in 0..2 {
            twin.next("list", Fault::DelayInTurn(Duration::from_millis(100)));
        }
        let (one, two) = tokio::join!(api.send("GET", BILL, ""), other.send("GET", BILL, ""));
        assert_eq!((one.status, two.status), (200, 200));
        assert_eq!(twin.licence().waiting, waiting);
    }
}
