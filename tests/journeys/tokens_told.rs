//! The rarer things `connect` and `keep` can say, each provoked.

use std::time::Duration;

use connector::ports::{Ledger, StoredConnection};
use e2e::twins::{
    acumatica::{self, Flow},
    concur,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    tokens_connect::{concur_said, put_concur},
    tokens_consent::agree,
    world::{Setting, World, connection},
};

const HOUR_S: i64 = 3_600;

async fn with_concur(concur: concur::Options) -> World {
    World::with(Setting {
        concur,
        ..Setting::default()
    })
    .await
}

/// What an action says of Acumatica, or of its first seat.
async fn acumatica_said(world: &World, action: &str) -> Value {
    let event = json!({"action": action, "connection": "demo"});
    let answer = world.connect(event).await;
    let said = match action {
        "keep" => &answer["connections"][0]["said"][1],
        _ => &answer["said"][1],
    };
    said.clone()
}

fn put_acumatica(world: &World, changes: &[(&str, &str)]) {
    let known = world.acumatica.options();
    let mut secret = json!({"client_id": known.client_id(), "client_secret": known.client_secret});
    for (name, value) in changes {
        secret[*name] = json!(value);
    }
    let vault = &world.needs.vault;
    vault.put(&connection(), "acumatica", &secret.to_string());
}

#[tokio::test]
async fn what_becomes_of_tokens_that_are_there() {
    let world = World::new().await;
    concur_said(&world).await;
    put_concur(&world, &[("request_token", Value::Null)]);
    world.pass(HOUR_S);
    assert_eq!(concur_said(&world).await["message"], "refreshed");

    let now = world.needs.now();
    let lapses = now + SignedDuration::from_hours(1);
    let ledger = &world.needs.ledger;
    let other = ledger.take_lease("token#demo", "other", now, lapses).await;
    assert!(other.expect("a ledger").is_some());
    world.pass(HOUR_S - 60);
    assert_eq!(concur_said(&world).await["message"], "concur_busy");
    world.pass(60);

    let mut text = e2e::demo::connection(world.concur.token_url(), &world.acumatica.url());
    text["concur"]["company_uuid"] = json!("00000000-0000-4000-8000-000000000000");
    let applied = json!({"action": "apply", "connection": text});
    assert_eq!(world.connect(applied).await["applied"], true);
    assert_eq!(concur_said(&world).await["message"], "company_other");
}

#[tokio::test]
async fn answers_of_concur_that_are_of_no_use() {
    let world = with_concur(concur::Options {
        told_geolocation: Some("https://us2.example.com".to_owned()),
        ..concur::Options::default()
    })
    .await;
    assert_eq!(concur_said(&world).await["message"], "concur_place");

    let world = with_concur(concur::Options {
        access_life: Duration::from_secs(30),
        ..concur::Options::default()
    })
    .await;
    for _ in 0..6 {
        assert_ne!(concur_said(&world).await["message"], "concur_too_often");
        world.pass(60);
    }
    assert_eq!(concur_said(&world).await["message"], "concur_too_often");
    assert_eq!(world.concur_calls("token"), 6);
}

#[tokio::test]
async fn consents_that_cannot_be_used() {
    let world = World::with(Setting {
        acumatica: acumatica::Options {
            flow: Flow::Code,
            ..acumatica::Options::default()
        },
        rules: vec![("/acumatica/seats", json!(1))],
        ..Setting::default()
    })
    .await;
    put_acumatica(&world, &[]);
    let wanted = acumatica_said(&world, "connect").await;
    let back = agree(wanted["address"].as_str().expect("an address")).await;
    put_acumatica(&world, &[("code", &back)]);
    let said = acumatica_said(&world, "connect").await;
    assert_eq!(said["message"], "consented");
    // Another application has no consent, whatever the former one had.
    let tenant = world.acumatica.options().tenant.clone();
    let other = format!("00000000-0000-4000-8000-000000000000@{tenant}");
    put_acumatica(&world, &[("client_id", &other)]);
    world.pass(2 * HOUR_S);
    let said = acumatica_said(&world, "keep").await;
    assert_eq!(said["message"], "seat_without_consent", "{said:#}");
}

#[tokio::test]
async fn a_licence_that_is_full() {
    let world = World::with(Setting {
        acumatica: acumatica::Options {
            flow: Flow::Code,
            seats: 0,
            ..acumatica::Options::default()
        },
        ..Setting::default()
    })
    .await;
    put_acumatica(&world, &[]);
    let wanted = acumatica_said(&world, "connect").await;
    let back = agree(wanted["address"].as_str().expect("an address")).await;
    put_acumatica(&world, &[("code", &back)]);
    let said = acumatica_said(&world, "connect").await;
    assert_eq!(said["message"], "login_limit", "{said:#}");
}

#[tokio::test]
async fn a_connection_that_is_not_accepted_any_more() {
    let world = World::new().await;
    let stored = world.needs.ledger.connection(&connection()).await;
    let stored = stored.expect("a ledger").expect("a connection");
    let next = StoredConnection {
        version: stored.version + 1,
        text: stored.text.replace("24.200.001", "26.200.001"),
        ..stored
    };
    world.needs.ledger.put_connection(&next).await.expect("put");
    let mut told = Vec::new();
    for _ in 0..24 {
        let kept = world.connect(json!({"action": "keep"})).await;
        let connections = kept["connections"].as_array().expect("a list");
        told.extend(
            connections
                .iter()
                .map(|one| one["said"][0]["message"].clone()),
        );
        world.pass(HOUR_S);
    }
    assert_eq!(told, ["connection_faulty"]);
}
