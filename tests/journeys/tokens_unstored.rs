//! A refresh token that was granted and could not be stored is the only way on: the process stores it before it asks again.

use std::cell::Cell;

use connector::{
    Kept, Needs, Run, connect,
    memory::{ManualClock, MemoryLedger, MemoryQueue, MemoryVault},
    poll,
    ports::{Clock, PortError, Vault},
};
use e2e::twins::{acumatica, concur};
use jiff::SignedDuration;
use posting::ConnectionId;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    tokens_consent::agree,
    world::{Setting, World, connection},
};

/// A vault that cannot be written to for a while.
struct Closed(MemoryVault, Cell<bool>);

impl Vault for Closed {
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError> {
        self.0.secret(connection, name).await
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        if self.1.get() {
            return Err(PortError::Unavailable {
                service: "vault",
                detail: "closed".to_owned(),
            });
        }
        self.0.put_secret(connection, name, value).await
    }
}

type OverClosed = Needs<MemoryLedger, MemoryQueue, Closed, ManualClock>;

/// A world whose vault can be closed. The twins stay with the returned one.
async fn world() -> (concur::ConcurTwin, acumatica::AcumaticaTwin, OverClosed) {
    let setting = Setting {
        concur: concur::Options {
            rotation: concur::Rotation::AtOnce,
            ..concur::Options::default()
        },
        acumatica: acumatica::Options {
            flow: acumatica::Flow::Code,
            ..acumatica::Options::default()
        },
        rules: vec![("/acumatica/seats", json!(1))],
    };
    let World {
        concur,
        acumatica,
        needs,
        ..
    } = World::with(setting).await;
    let needs = Needs {
        ledger: needs.ledger,
        queue: needs.queue,
        vault: Closed(needs.vault, Cell::new(false)),
        clock: needs.clock,
        concur: needs.concur,
        acumatica: needs.acumatica,
        deployment: needs.deployment,
        kept: Kept::default(),
    };
    (concur, acumatica, needs)
}

async fn said(needs: &OverClosed, worker: &str, action: &str) -> Value {
    let run = Run {
        worker: worker.to_owned(),
        deadline: needs.clock.now() + SignedDuration::from_mins(5),
    };
    let event = json!({"action": action, "connection": "demo"});
    let request = serde_json::from_value(event).expect("an event");
    let answer = connect::connect(needs, &run, request).await;
    serde_json::to_value(answer.expect("an answer")).expect("JSON")
}

fn put_code(needs: &OverClosed, acumatica: &acumatica::AcumaticaTwin, code: Option<&str>) {
    let known = acumatica.options();
    let mut secret = json!({"client_id": known.client_id(), "client_secret": known.client_secret});
    if let Some(code) = code {
        secret["code"] = json!(code);
    }
    let vault = &needs.vault.0;
    vault.put(&connection(), "acumatica", &secret.to_string());
}

#[tokio::test]
async fn what_could_not_be_stored_is_stored_before_anything_is_asked_again() {
    let (concur, acumatica, needs) = world().await;
    put_code(&needs, &acumatica, None);
    let first = said(&needs, "first", "connect").await;
    let address = first["said"][1]["address"].as_str().expect("an address");
    put_code(&needs, &acumatica, Some(&agree(address).await));
    assert_eq!(said(&needs, "second", "connect").await["ok"], true);

    needs.clock.pass(SignedDuration::from_hours(2));
    needs.vault.1.set(true);
    let closed = said(&needs, "closed", "keep").await;
    let rows = &closed["connections"][0]["said"];
    for row in [&rows[0], &rows[1]] {
        assert_eq!(row["message"], "platform_failed", "{row:#}");
    }
    let asked = (concur.calls()["token.refresh"], acumatica.calls()["token"]);
    assert_eq!(asked, (1, 2));

    needs.vault.1.set(false);
    let open = said(&needs, "open", "keep").await;
    assert_eq!(open["connections"][0]["ok"], true, "{open:#}");
    assert_eq!(
        concur.calls()["token.refresh"],
        1,
        "what was granted serves"
    );
    assert_eq!(needs.kept.take_refused(), 0);
    let run = Run {
        worker: "poll".to_owned(),
        deadline: needs.clock.now() + SignedDuration::from_mins(5),
    };
    let polled = poll::poll(&needs, &run, &poll::Request::default()).await;
    let polled = serde_json::to_value(polled.expect("poll answers")).expect("JSON");
    assert_eq!(polled["connections"][0]["errors"], json!([]), "{polled:#}");
}
