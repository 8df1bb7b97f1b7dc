//! Seats by consent: a person agrees in the browser once for each seat, and the refresh tokens do the rest.

use connector::connect::{self, Message};
use e2e::{
    documents::Random,
    twins::{
        acumatica::{Flow, Options},
        faults::Fault,
    },
};
use serde_json::{Value, json};

use super::{
    main_job::report,
    tokens_connect::secret,
    world::{Setting, World, connection},
};

const HOUR_S: i64 = 3_600;

/// A customer whose connected application takes codes, with so many seats.
async fn world(seats: u64) -> World {
    let world = World::with(Setting {
        acumatica: Options {
            flow: Flow::Code,
            ..Options::default()
        },
        rules: vec![("/acumatica/seats", json!(seats))],
        ..Setting::default()
    })
    .await;
    put(&world, None);
    world
}

/// Puts the operator's secret, with what came back from a consent.
fn put(world: &World, code: Option<&str>) {
    let known = world.acumatica.options();
    let mut secret = json!({"client_id": known.client_id(), "client_secret": known.client_secret});
    if let Some(code) = code {
        secret["code"] = json!(code);
    }
    let vault = &world.needs.vault;
    vault.put(&connection(), "acumatica", &secret.to_string());
}

/// What `connect` says of Acumatica's seats.
async fn said(world: &World) -> Vec<Value> {
    let event = json!({"action": "connect", "connection": "demo"});
    let answer = world.connect(event).await;
    let rows = answer["said"].as_array().expect("rows");
    rows[1..].to_vec()
}

fn words(rows: &[Value]) -> Vec<&str> {
    let words = rows.iter().map(|row| row["message"].as_str());
    words.map(|word| word.expect("a word")).collect()
}

fn address(rows: &[Value]) -> String {
    let last = rows.last().expect("a row");
    last["address"]
        .as_str()
        .unwrap_or_else(|| panic!("no address in {last:#}"))
        .to_owned()
}

/// A person opens the address, signs in and agrees; returns where the browser ends.
pub(crate) async fn agree(address: &str) -> String {
    // Somebody else may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let answer = client.get(address).send().await.expect("an answer");
    let location = answer.headers().get("location").expect("a redirect");
    location.to_str().expect("text").to_owned()
}

/// Everything a customer with so many seats does once.
async fn connected(seats: u64) -> World {
    let world = world(seats).await;
    for _ in 0..seats {
        let back = agree(&address(&said(&world).await)).await;
        put(&world, Some(&back));
    }
    assert!(said(&world).await.iter().all(|row| row["ok"] == true));
    world
}

#[tokio::test]
async fn one_consent_serves_a_seat_for_good() {
    let world = world(1).await;
    let rows = said(&world).await;
    assert_eq!(words(&rows), ["consent_wanted"]);
    let opened = address(&rows);
    assert_eq!(
        address(&said(&world).await),
        opened,
        "asked again, the same request waits"
    );
    put(&world, Some(&agree(&opened).await));
    assert_eq!(words(&said(&world).await), ["consented"]);
    for _ in 0..2 {
        assert_eq!(words(&said(&world).await), ["already_consented"]);
    }
    put(&world, None);
    assert_eq!(words(&said(&world).await), ["already_consented"]);
    assert_eq!(world.acumatica_calls("token"), 1);

    let random = &mut Random::new(81);
    let mut tokens = Vec::new();
    for day in 0..3 {
        let id = world.offer(&report("Taxi", 1_000 + day, random));
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed");
        tokens.push(secret(&world, "acumatica-seat-1").await["refresh_token"].clone());
        world.pass(24 * HOUR_S);
    }
    assert!(
        tokens[0] != tokens[1] && tokens[1] != tokens[2],
        "each refresh brings another"
    );
    assert_eq!(world.acumatica.most_open_seats(), 1);
}

#[tokio::test]
async fn every_seat_needs_a_consent_of_its_own() {
    let world = world(2).await;
    let first = said(&world).await;
    put(&world, Some(&agree(&address(&first)).await));
    let second = said(&world).await;
    assert_eq!(words(&second), ["consented", "consent_wanted"]);
    assert_ne!(address(&first), address(&second));
    // Documents do not wait for the second seat.
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(82)));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(
        words(&said(&world).await),
        ["already_consented", "consent_wanted"]
    );
    put(&world, Some(&agree(&address(&second)).await));
    assert_eq!(
        words(&said(&world).await),
        ["already_consented", "consented"]
    );
    let tokens = [
        secret(&world, "acumatica-seat-1").await,
        secret(&world, "acumatica-seat-2").await,
    ];
    assert_ne!(tokens[0]["refresh_token"], tokens[1]["refresh_token"]);
}

/// Applies another number of seats; what is told of them.
async fn seats(world: &World, seats: u64) -> Vec<String> {
    let shown = json!({"action": "show", "connection": "demo"});
    let mut text = world.connect(shown).await["text"].clone();
    text["acumatica"]["seats"] = json!(seats);
    let event = json!({"action": "apply", "connection": text});
    let applied = world.connect(event).await;
    assert_eq!(applied["applied"], true, "{applied:#}");
    let warnings = applied["warnings"].as_array().into_iter().flatten();
    let warnings = warnings.filter(|row| row["path"] == "acumatica.seats");
    warnings
        .map(|row| row["message"].as_str().expect("a message").to_owned())
        .collect()
}

#[tokio::test]
async fn more_seats_than_consents_are_told_when_they_are_applied() {
    let world = connected(1).await;
    let told = seats(&world, 3).await;
    let missing = "1 of 3 seats have a consent; without one stands idle: seat 2, 3";
    assert_eq!(told, [missing]);
    // It is applied, for only then the next consent can be asked for.
    let rows = said(&world).await;
    assert_eq!(words(&rows), ["already_consented", "consent_wanted"]);
    put(&world, Some(&agree(&address(&rows)).await));
    assert_eq!(
        words(&said(&world).await),
        ["already_consented", "consented", "consent_wanted"]
    );
    // Lowered to what there is, nothing is left to tell.
    assert_eq!(seats(&world, 2).await, [""; 0]);
    world.offer(&report("Taxi", 1_000, &mut Random::new(86)));
    world.settle().await;
    let fewer = seats(&world, 1).await;
    assert_eq!(fewer.len(), 1);
    assert!(
        fewer[0].starts_with("consents of seats there are no more: seat 2;"),
        "{fewer:?}"
    );
    assert_eq!(world.acumatica.open_seats(), 2);
    world.offer(&report("Taxi", 1_001, &mut Random::new(87)));
    world.settle().await;
    assert_eq!(world.acumatica.open_seats(), 1, "signed out as it says");
}

#[tokio::test]
async fn no_secret_is_read_for_a_version_with_as_many_seats() {
    let world = connected(1).await;
    // The next call of the vault fails, and nothing but a change of the number makes one.
    world.needs.vault.break_down(1);
    assert_eq!(seats(&world, 1).await, [""; 0]);
    let shown = json!({"action": "show", "connection": "demo"});
    let mut text = world.connect(shown).await["text"].clone();
    text["schedule"] = json!({"every_minutes": 30});
    let event = json!({"action": "apply", "connection": text});
    assert_eq!(world.connect(event).await["changed"], true);
    let told = seats(&world, 2).await;
    assert!(told[0].contains("cannot be seen now"), "{told:?}");
    // Before anybody agreed, and with a password, there is nothing to tell.
    assert_eq!(seats(&self::world(1).await, 2).await, [""; 0]);
    assert_eq!(seats(&World::new().await, 1).await, [""; 0]);
}

#[tokio::test]
async fn a_code_is_good_once_for_its_own_request() {
    let world = world(1).await;
    let opened = address(&said(&world).await);
    let back = agree(&opened).await;
    let foreign = back.replace("state=", "state=x");
    put(&world, Some(&foreign));
    let rows = said(&world).await;
    assert_eq!(
        (words(&rows), address(&rows)),
        (vec!["state_other"], opened)
    );
    put(
        &world,
        Some("https://localhost/connected?error=access_denied"),
    );
    assert_eq!(words(&said(&world).await), ["state_other"]);
    assert_eq!(world.acumatica_calls("token"), 0, "nothing was sent");

    world.acumatica.expire_codes();
    put(&world, Some(&back));
    let rows = said(&world).await;
    assert_eq!(words(&rows), ["code_spent"]);
    for _ in 0..2 {
        let again = said(&world).await;
        assert_eq!(
            (words(&again), address(&again)),
            (vec!["consent_wanted"], address(&rows))
        );
    }
    assert_eq!(
        world.acumatica_calls("token"),
        1,
        "a refused code is offered once"
    );
    // The bare code is enough, because nobody else knows the verifier.
    let back = agree(&address(&rows)).await;
    let (_, code) = back.split_once("code=").expect("a code");
    put(&world, code.split('&').next());
    assert_eq!(words(&said(&world).await), ["consented"]);
}

#[tokio::test]
async fn an_application_of_another_tenant_is_refused_before_anybody_agrees() {
    let world = World::with(Setting {
        rules: vec![("/acumatica/tenant", json!("OTHER"))],
        ..Setting::default()
    })
    .await;
    let password = said(&world).await;
    put(&world, None);
    let code = said(&world).await;
    assert_eq!(
        (words(&password), words(&code)),
        (vec!["tenant_other"], vec!["tenant_other"])
    );
    assert_eq!(world.acumatica_calls("token"), 0);
}

#[tokio::test]
async fn a_code_whose_answer_is_lost_needs_another_consent() {
    let world = world(1).await;
    let back = agree(&address(&said(&world).await)).await;
    put(&world, Some(&back));
    world.acumatica.next("token", Fault::DropBefore);
    let rows = said(&world).await;
    assert_eq!(words(&rows), ["code_spent"]);
    // The seat stays closed as long as a token nobody knows may live.
    put(&world, Some(&agree(&address(&rows)).await));
    assert_eq!(words(&said(&world).await), ["seat_busy"]);
    world.pass(HOUR_S + 600);
    assert_eq!(words(&said(&world).await), ["consented"]);
}

#[tokio::test]
async fn a_refresh_that_never_arrived_is_made_again() {
    let world = connected(1).await;
    let random = &mut Random::new(83);
    world.offer(&report("Known", 900, random));
    world.settle().await;
    world.pass(2 * HOUR_S);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.acumatica.next("token", Fault::DropBefore);
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.needs.kept.take_refused(), 0);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_ends_the_consent_and_is_told_at_once() {
    let world = connected(1).await;
    world.pass(2 * HOUR_S);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(84)));
    world.acumatica.next("token", Fault::DropAfterSave);
    for _ in 0..3 {
        world.turn().await;
        world.pass(1_200);
    }
    assert_eq!(world.needs.kept.take_refused(), 1);
    assert_eq!(
        world.acumatica_calls("token"),
        3,
        "the void token is offered once"
    );
    assert_eq!(
        (world.state(&id).await, world.postings(&id).len()),
        ("held", 0)
    );
    assert_eq!(
        secret(&world, "acumatica-seat-1").await["refresh_token"],
        ""
    );

    let rows = said(&world).await;
    assert_eq!(words(&rows), ["consent_wanted"]);
    put(&world, Some(&agree(&address(&rows)).await));
    assert_eq!(words(&said(&world).await), ["consented"]);
    let next = world.offer(&report("Next", 1_001, &mut Random::new(85)));
    world.settle().await;
    assert_eq!(world.state(&next).await, "confirmed");
}

#[tokio::test]
async fn a_wrong_client_secret_does_not_end_a_consent() {
    let world = connected(1).await;
    world.pass(2 * HOUR_S);
    let known = world.acumatica.options();
    let wrong = json!({"client_id": known.client_id(), "client_secret": "wrong"});
    let vault = &world.needs.vault;
    vault.put(&connection(), "acumatica", &wrong.to_string());
    let event = json!({"action": "keep", "connection": "demo"});
    for word in [Message::AcumaticaRefused, Message::AcumaticaRefused] {
        let kept = world.connect(event.clone()).await;
        let row = &kept["connections"][0]["said"][1];
        assert_eq!(row["message"], word.as_str(), "{row:#}");
    }
    assert_eq!(world.acumatica_calls("token"), 2, "it is offered once");
    put(&world, None);
    let kept = world.connect(event).await;
    assert_eq!(
        kept["connections"][0]["said"][1]["message"], "consents_kept",
        "{kept:#}"
    );
}

#[tokio::test]
async fn idle_consents_are_kept_alive() {
    let world = connected(2).await;
    let mut before = secret(&world, "acumatica-seat-2").await;
    for day in 1..=3 {
        for _ in 0..24 {
            world.pass(HOUR_S);
            world.connect(json!({"action": "keep"})).await;
        }
        let now = secret(&world, "acumatica-seat-2").await;
        assert_ne!(now["refresh_token"], before["refresh_token"]);
        assert_eq!(world.acumatica_calls("token"), 2 + 2 * day);
        before = now;
    }
    world.acumatica.end_consents();
    world.pass(24 * HOUR_S);
    let kept = world
        .connect(json!({"action": "keep", "connection": "demo"}))
        .await;
    let row = &kept["connections"][0]["said"][1];
    assert_eq!(row["message"], "acumatica_refused", "{row:#}");
    assert_eq!(words(&said(&world).await), ["consent_wanted"]);
}

#[tokio::test]
async fn secrets_that_are_not_as_they_should_be() {
    let world = World::new().await;
    let known = world.acumatica.options();
    let half = json!({"client_id": known.client_id(), "client_secret": "s", "username": "u"});
    for odd in ["", r#"{"client_id":"a"}"#, &half.to_string()] {
        world.needs.vault.put(&connection(), "acumatica", odd);
        assert_eq!(
            words(&said(&world).await),
            ["acumatica_secret_odd"],
            "{odd}"
        );
    }
    let request = serde_json::from_value(json!({"action": "connect", "connection": "nobody"}));
    let asked = connect::connect(&world.needs, &world.run(), request.expect("an event")).await;
    assert!(asked.is_err(), "a connection must be applied first");
}
