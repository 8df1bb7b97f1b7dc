//! Findings of a ping that need more than a setting: secrets that are missing or closed, workers that are at work, a
//! connection that is not accepted any more; and what a ping leaves behind, which is nothing.

use std::time::Duration;

use connector::{
    Needs, Run, Stage,
    connect::{self, Finding, Meaning, Outcome},
    memory::{self, MemoryVault},
    ports::{Clock, Ledger, PortError, StoredConnection, Vault},
};
use e2e::{
    demo,
    documents::Random,
    twins::{acumatica, faults::Fault},
};
use jiff::SignedDuration;
use posting::ConnectionId;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    main_job::report,
    ping::{assert_untouched, ping, rows_of, sound},
    world::{Setting, World, connection},
};

/// What is provoked in this file.
pub(crate) const FINDINGS: &[Finding] = &[
    Finding::ConnectionFaulty,
    Finding::ConcurSecretMissing,
    Finding::ConcurSecretClosed,
    Finding::ConcurOtherCompany,
    Finding::ConcurTokenUnkept,
    Finding::ConcurTokenBusy,
    Finding::AcumaticaSecretMissing,
    Finding::AcumaticaSecretClosed,
    Finding::SeatsTaken,
];

/// A vault that opens nothing but some secrets.
struct Closed(MemoryVault, &'static [&'static str]);

impl Vault for Closed {
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError> {
        if self.1.contains(&name) {
            return self.0.secret(connection, name).await;
        }
        Err(PortError::Refused {
            service: "vault",
            detail: "access denied".to_owned(),
        })
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        self.0.put_secret(connection, name, value).await
    }
}

/// Pings over a vault that opens nothing but some secrets.
async fn ping_with(world: &World, open: &'static [&'static str]) -> Value {
    let http = aws::Http::new(SignedDuration::from_secs(5), Stage::Local).expect("an HTTP client");
    let plain = memory::needs(http.concur(), http.acumatica());
    let text = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let needs = Needs {
        vault: Closed(MemoryVault::default(), open),
        ledger: plain.ledger,
        queue: plain.queue,
        clock: plain.clock,
        concur: plain.concur,
        acumatica: plain.acumatica,
        deployment: plain.deployment,
        kept: plain.kept,
    };
    for name in ["concur", "acumatica"] {
        let secret = world.needs.vault.secret(&connection(), name).await;
        let secret = secret.expect("a vault").expect("a secret");
        let put = needs.vault.put_secret(&connection(), name, &secret).await;
        put.expect("a vault");
    }
    let deadline = needs.clock.now() + SignedDuration::from_mins(5);
    let run = Run {
        worker: "ping".to_owned(),
        deadline,
    };
    for event in [
        json!({"action": "apply", "connection": text}),
        json!({"action": "ping", "connection": "demo"}),
    ] {
        let request = serde_json::from_value(event).expect("an event");
        let answer = connect::connect(&needs, &run, request).await;
        if let connect::Answer::Pinged(pinged) = answer.expect("an answer") {
            return serde_json::to_value(pinged).expect("JSON");
        }
    }
    panic!("no ping");
}

#[tokio::test]
async fn closed_secrets() {
    let world = sound(Setting::default()).await;
    let answer = ping_with(&world, &[]).await;
    rows_of(&answer, Finding::ConcurSecretClosed);
    rows_of(&answer, Finding::AcumaticaSecretClosed);
    let answer = ping_with(&world, &["concur", "acumatica"]).await;
    rows_of(&answer, Finding::ConcurTokenUnkept);
}

#[tokio::test]
async fn missing_secrets() {
    let rules = vec![("/id", json!("other"))];
    let world = World::with(Setting {
        rules,
        ..Setting::default()
    })
    .await;
    let event = json!({"action": "ping", "connection": "other"});
    let answer = world.connect(event).await;
    rows_of(&answer, Finding::ConcurSecretMissing);
    rows_of(&answer, Finding::AcumaticaSecretMissing);
    assert_untouched(&world);
    assert_eq!(
        (world.concur_calls(""), world.acumatica_calls("token")),
        (0, 0)
    );
}

#[tokio::test]
async fn tokens_of_another_company() {
    let world = sound(Setting::default()).await;
    assert_eq!(ping(&world).await["meaning"], "green");
    let mut text = demo::connection(world.concur.token_url(), &world.acumatica.url());
    text["concur"]["company_uuid"] = json!("00000000-0000-4000-8000-000000000000");
    let applied = world
        .connect(json!({"action": "apply", "connection": text}))
        .await;
    assert_eq!(applied["applied"], true, "{applied:#}");
    rows_of(&ping(&world).await, Finding::ConcurOtherCompany);
}

#[tokio::test]
async fn another_worker_asks_for_the_token() {
    let world = sound(Setting::default()).await;
    let slow = Fault::Delay(Duration::from_secs(7));
    world.concur.next("token.password", slow);
    let (_, answer) = tokio::join!(
        world.connect(json!({"action": "connect", "connection": "demo"})),
        ping(&world)
    );
    rows_of(&answer, Finding::ConcurTokenBusy);
}

#[tokio::test]
async fn workers_hold_every_seat() {
    let rules = vec![("/acumatica/seats", json!(1))];
    let world = sound(Setting {
        rules,
        ..Setting::default()
    })
    .await;
    let connection = world.needs.connection(&connection()).await;
    let connection = connection.expect("a connection");
    let seat = world.needs.take_seat(&connection, &world.run()).await;
    let seat = seat.expect("a ledger").expect("a free seat");
    let answer = ping(&world).await;
    rows_of(&answer, Finding::SeatsTaken);
    assert_eq!(answer["meaning"], "usable with warnings");
    world.needs.leave_seat(seat).await;
    // The seat a ping takes is free again after it.
    for _ in 0..2 {
        assert_eq!(ping(&world).await["meaning"], "green");
    }
    assert_eq!(world.acumatica.most_open_seats(), 1);
}

#[tokio::test]
async fn a_connection_of_contract_version_five() {
    let world = sound(Setting::default()).await;
    let stored = world.needs.ledger.connection(&connection()).await;
    let stored = stored.expect("a ledger").expect("a connection");
    let text = stored.text.replace("24.200.001", "26.200.001");
    let next = StoredConnection {
        version: stored.version + 1,
        text,
        ..stored
    };
    world.needs.ledger.put_connection(&next).await.expect("put");
    let answer = ping(&world).await;
    let rows = rows_of(&answer, Finding::ConnectionFaulty);
    assert!(
        rows[0]["detail"].to_string().contains("contract 5"),
        "{rows:?}"
    );
    assert_eq!(world.acumatica_calls(""), 0);
}

#[tokio::test]
async fn without_time_nothing_is_asked() {
    let world = sound(Setting::default()).await;
    let run = Run {
        deadline: world.needs.clock.now() + SignedDuration::from_secs(20),
        ..world.run()
    };
    let event = json!({"action": "ping", "connection": "demo"});
    let request = serde_json::from_value(event).expect("an event");
    let answer = connect::connect(&world.needs, &run, request).await;
    let connect::Answer::Pinged(pinged) = answer.expect("an answer") else {
        panic!("another answer");
    };
    assert_eq!(pinged.meaning, Meaning::Usable);
    let late = pinged
        .checks
        .iter()
        .filter(|row| row.outcome == Outcome::Skipped);
    assert!(late.clone().count() > 10);
    assert!(late.clone().all(|row| row.detail.contains("no time left")));
    assert_eq!((world.concur_calls(""), world.acumatica_calls("")), (0, 0));
}

#[tokio::test]
async fn the_requests_of_the_minute_are_used_up() {
    let rules = vec![("/acumatica/requests_per_minute", json!(12))];
    let world = sound(Setting {
        rules,
        ..Setting::default()
    })
    .await;
    for _ in 0..4 {
        let answer = ping(&world).await;
        rows_of(&answer, Finding::RequestsSpent);
        assert_eq!(answer["meaning"], "usable with warnings", "{answer:#}");
    }
    let site = world.acumatica_calls("ping");
    let asked = world.acumatica_calls("") - site - world.acumatica_calls("token");
    assert!(asked <= 12, "{:?}", world.acumatica.calls());
}

#[tokio::test]
async fn a_site_that_stops_answering_is_not_asked_on() {
    let world = sound(Setting::default()).await;
    world.acumatica.next("list.Vendor", Fault::Status(429));
    let answer = ping(&world).await;
    rows_of(&answer, Finding::RequestsRefused);
    assert_eq!(world.acumatica_calls("list.Employee"), 0);
    assert_eq!(world.acumatica_calls("get"), 0);
}

#[tokio::test]
async fn the_right_to_write_is_known_after_the_first_write() {
    let world = sound(Setting::default()).await;
    let right = |answer: &Value| {
        let rows = answer["checks"].as_array().expect("rows").clone();
        let row = rows
            .into_iter()
            .find(|row| row["check"] == "acumatica_write");
        row.expect("a row")["detail"].to_string()
    };
    let before = ping(&world).await;
    assert!(right(&before).contains("cannot be known before the first write"));
    world.offer(&report("Taxi", 1_000, &mut Random::new(61)));
    world.settle().await;
    let written = world.acumatica_calls("put");
    let after = world
        .connect(json!({"action": "ping", "connection": "demo"}))
        .await;
    assert!(right(&after).contains("was written before"), "{after:#}");
    assert_eq!(world.acumatica_calls("put"), written);
}

#[tokio::test]
async fn a_key_field_is_looked_for_on_its_form() {
    let twin = acumatica::Options {
        user_fields: vec!["BatchModule.AttributeCNQR".to_owned()],
        ..acumatica::Options::default()
    };
    let rules = vec![(
        "/acumatica/key_field/journal",
        json!("BatchModule.AttributeCNQR"),
    )];
    let world = sound(Setting {
        acumatica: twin,
        rules,
        ..Setting::default()
    })
    .await;
    let answer = ping(&world).await;
    assert!(
        answer
            .to_string()
            .contains("has the field BatchModule.AttributeCNQR")
    );
    // No journal carries it yet.
    let rows = rows_of(&answer, Finding::SearchUntested);
    assert_eq!(rows[0]["of"], "JournalTransaction");
}
