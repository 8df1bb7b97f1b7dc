//! A token is granted and cannot be stored: its session ends, or its seat stays closed as long as it may live.

use std::time::Duration;

use connector::{
    Needs, Run,
    connection::Connection,
    memory::{self, ManualClock, MemoryLedger, MemoryQueue, MemoryVault},
    ports::{Clock, PortError, Vault},
};
use e2e::{
    demo,
    twins::{
        acumatica::{self, AcumaticaTwin},
        faults::Fault,
    },
};
use jiff::SignedDuration;
use posting::ConnectionId;
use secrecy::SecretString;
use serde_json::json;

use super::world;

/// What becomes of a secret that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Done,
    Refused,
    /// The worker is killed while it waits.
    Unanswered,
}

/// A vault that may be read from.
struct Guarded(MemoryVault, Writing);

impl Vault for Guarded {
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
        match self.1 {
            Writing::Done => self.0.put_secret(connection, name, value).await,
            Writing::Refused => Err(PortError::Refused {
                service: "vault",
                detail: "read only".to_owned(),
            }),
            Writing::Unanswered => std::future::pending().await,
        }
    }
}

/// A customer with one seat.
struct OneSeat {
    acumatica: AcumaticaTwin,
    needs: Needs<MemoryLedger, MemoryQueue, Guarded, ManualClock>,
    connection: Connection,
}

impl OneSeat {
    async fn with(writing: Writing) -> Self {
        let options = acumatica::Options::default();
        let acumatica = AcumaticaTwin::start(options).await.expect("a free port");
        let http = aws::Http::new(SignedDuration::from_secs(5), connector::Stage::Local)
            .expect("an HTTP client");
        let plain = memory::needs(http.concur(), http.acumatica());
        let options = acumatica.options();
        let secret = options.secret();
        let vault = Guarded(plain.vault, writing);
        vault
            .0
            .put(&world::connection(), "acumatica", &secret.to_string());
        let mut text = demo::connection("http://127.0.0.1:9", &acumatica.url());
        text["acumatica"]["seats"] = json!(1);
        let connection = Connection::of(&text, 1, &plain.deployment).expect("a connection");
        let needs = Needs {
            ledger: plain.ledger,
            queue: plain.queue,
            vault,
            clock: plain.clock,
            concur: plain.concur,
            acumatica: plain.acumatica,
            deployment: plain.deployment,
            kept: plain.kept,
        };
        Self {
            acumatica,
            needs,
            connection,
        }
    }

    /// Whether a new worker finds the seat taken; it may fail on it otherwise.
    async fn is_closed(&self, worker: &str) -> bool {
        let minutes = SignedDuration::from_mins(5);
        let run = Run {
            worker: worker.to_owned(),
            deadline: self.needs.clock.now() + minutes,
        };
        let taken = self.needs.take_seat(&self.connection, &run);
        // The wait stands for the end of a worker's life.
        let taken = tokio::time::timeout(Duration::from_millis(500), taken).await;
        matches!(taken, Ok(Ok(None)))
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_stored_is_signed_out() {
    let world = OneSeat::with(Writing::Refused).await;
    for worker in ["a", "b"] {
        assert!(!world.is_closed(worker).await, "{worker}");
        assert_eq!(world.acumatica.open_seats(), 0);
    }
    assert_eq!(world.acumatica.calls().get("logout"), Some(&2));
}

#[tokio::test]
async fn a_seat_whose_token_is_lost_stays_closed_for_its_life() {
    for writing in [Writing::Refused, Writing::Unanswered] {
        let world = OneSeat::with(writing).await;
        world.acumatica.next("logout", Fault::DropBefore);
        assert!(!world.is_closed("a").await);
        assert_eq!(world.acumatica.open_seats(), 1, "{writing:?}");
        // Also for the run that closed it: it may want a seat several times.
        assert!(world.is_closed("a").await, "{writing:?}");
        for _ in 0..6 {
            assert!(world.is_closed("b").await, "{writing:?}");
            world.needs.clock.pass(SignedDuration::from_mins(10));
        }
        assert_eq!(world.acumatica.calls().get("token"), Some(&1));
        world.needs.clock.pass(SignedDuration::from_mins(3));
        assert!(!world.is_closed("b").await, "{writing:?}");
    }
}

#[tokio::test]
async fn a_seat_whose_token_is_stored_is_closed_no_longer_than_its_run() {
    let world = OneSeat::with(Writing::Done).await;
    assert!(!world.is_closed("killed").await);
    assert!(world.is_closed("b").await);
    world.needs.clock.pass(SignedDuration::from_mins(6));
    assert!(!world.is_closed("b").await);
    assert_eq!(world.acumatica.calls().get("token"), Some(&1));
}
