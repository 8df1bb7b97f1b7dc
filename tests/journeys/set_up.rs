//! The set-up changes or is wrong: no token reaches a tenant or a company it was not granted for, and no user is locked.

use std::time::Duration;

use e2e::{
    demo,
    documents::Random,
    twins::{
        acumatica::{self, AcumaticaTwin},
        faults::Fault,
    },
};
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{World, connection, wake},
};

/// Applies the demo's connection with changes: JSON pointer and value.
async fn apply(world: &World, changes: &[(&str, Value)]) {
    let mut text = demo::connection(world.concur.token_url(), &world.acumatica.url());
    for (pointer, value) in changes {
        *text.pointer_mut(pointer).expect(pointer) = value.clone();
    }
    let applied = world
        .connect(json!({"action": "apply", "connection": text}))
        .await;
    assert_eq!(applied["applied"], true, "{applied:#}");
}

/// Puts the operator's secret with changes.
fn put_secret(world: &World, changes: &[(&str, &str)]) {
    let known = world.acumatica.options();
    let mut secret = known.secret();
    for (name, value) in changes {
        secret[*name] = json!(value);
    }
    world
        .needs
        .vault
        .put(&connection(), "acumatica", &secret.to_string());
}

/// A world in which one report went its way.
async fn after_a_report(random: &mut Random) -> World {
    let world = World::new().await;
    world.offer(&report("Known", 900, random));
    world.settle().await;
    assert_eq!(world.acumatica_calls("put"), 1);
    world
}

#[tokio::test]
async fn another_tenant_does_not_get_the_old_token() {
    let random = &mut Random::new(31);
    let world = after_a_report(random).await;
    apply(&world, &[("/acumatica/tenant", json!("OTHER"))]).await;
    let client = format!("{}@OTHER", world.acumatica.options().client_guid);
    put_secret(&world, &[("client_id", &client)]);
    let id = world.offer(&report("Elsewhere", 1_234, random));
    for _ in 0..3 {
        world.turn().await;
        world.pass(1_200);
    }
    assert_eq!(world.postings(&id).len(), 0);
    assert_eq!(
        (
            world.acumatica_calls("put"),
            world.acumatica_calls("list.Bill"),
            world.acumatica_calls("logout"),
            world.acumatica.open_seats()
        ),
        (1, 1, 1, 0),
        "{:?}",
        world.acumatica.calls()
    );
}

#[tokio::test]
async fn another_site_gets_a_token_of_its_own() {
    let random = &mut Random::new(32);
    let world = after_a_report(random).await;
    let options = acumatica::Options {
        seed: demo::acumatica_seed(),
        ..acumatica::Options::default()
    };
    let other = AcumaticaTwin::start(options).await.expect("a free port");
    apply(&world, &[("/acumatica/url", json!(other.url()))]).await;
    let id = world.offer(&report("Elsewhere", 1_234, random));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!((world.acumatica.open_seats(), other.open_seats()), (0, 1));
    assert_eq!((world.acumatica.bills().len(), other.bills().len()), (1, 1));
}

#[tokio::test]
async fn another_company_needs_another_request_token() {
    let random = &mut Random::new(33);
    let world = after_a_report(random).await;
    let other = "00000000-0000-4000-8000-000000000000";
    apply(&world, &[("/concur/company_uuid", json!(other))]).await;
    let id = world.offer(&report("Old company", 1_234, random));
    let asked = world.concur_calls("");
    let answer = world.poll().await;
    assert_eq!(world.concur_calls(""), asked, "the old token was used");
    assert!(
        answer.to_string().contains("another company_uuid"),
        "{answer:#}"
    );
    assert_eq!(world.status(&id), "READY");
    // Back to the company of the tokens, they are good again.
    apply(&world, &[]).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let world = World::new().await;
    put_secret(&world, &[("password", "wrong")]);
    let random = &mut Random::new(34);
    world.offer(&report("Taxi", 1_000, random));
    for hour in 0..24 {
        world.offer(&report("Taxi", 2_000 + hour, random));
        world.turn().await;
        world.pass(3_600);
    }
    assert_eq!(world.acumatica_calls("token"), 1);
    let pinged = world
        .connect(json!({"action": "ping", "connection": "demo"}))
        .await;
    assert!(
        pinged
            .to_string()
            .contains("not tried again until the text of that secret changes"),
        "{pinged:#}"
    );
    put_secret(&world, &[]);
    let id = world.offer(&report("Taxi", 1_001, random));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn two_workers_together_try_a_wrong_password_once() {
    let world = World::new().await;
    put_secret(&world, &[("password", "wrong")]);
    let random = &mut Random::new(35);
    let ids: Vec<_> = (0..2)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.poll().await;
    let wakes: Vec<_> = ids.iter().map(wake).collect();
    let pause = Fault::Delay(Duration::from_millis(200));
    world.acumatica.next("token", pause);
    tokio::join!(world.post_batch(&wakes[..1]), world.post_batch(&wakes[1..]));
    assert_eq!(world.acumatica_calls("token"), 1);
}

#[tokio::test]
async fn a_refused_request_token_is_tried_once_until_a_person_connects() {
    let world = World::new().await;
    let known = world.concur.options();
    let put = |token: &str| {
        let secret = json!({"client_id": known.client_id, "client_secret": known.client_secret, "request_token": token});
        let vault = &world.needs.vault;
        vault.put(&connection(), "concur", &secret.to_string());
    };
    put("wrong");
    for _ in 0..5 {
        world.poll().await;
        world.pass(300);
    }
    assert_eq!(world.concur_calls("token"), 1, "{:?}", world.concur.calls());
    let event = json!({"action": "connect", "connection": "demo"});
    let asked = world.connect(event).await;
    assert_eq!(asked["said"][0]["message"], "concur_refused", "{asked:#}");
    assert_eq!(world.concur_calls("token"), 2);
    put(&known.request_token);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(36)));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}
