//! One customer with both vendors in one process, and a clock that goes as fast as nothing happens.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use connector::memory::{MemoryLedger, MemoryVault};
use connector::ports::{Key, Ledger};
use e2e::demo;
use e2e::twins::acumatica::{self, AcumaticaTwin};
use e2e::twins::clock::Clock;
use e2e::twins::concur::{self, ConcurTwin};
use jiff::Timestamp;
use posting::record::List;
use posting::{ConnectionId, DocumentId, Record};
use serde_json::{Value, json};

use crate::air::{Air, Lie};
use crate::chaos::Chaos;
use crate::history::Keep;
use crate::ports::Shared;
use crate::queue::Messages;
use crate::worker::Process;

/// Tries of an `apply` on a bad day.
const APPLIES_MAX: usize = 200;
/// When every world begins.
const BEGIN: &str = "2026-11-24T09:00:00Z";

/// What a world is made of.
pub(crate) struct Setting {
    pub(crate) chaos: Chaos,
    pub(crate) concur: concur::Options,
    pub(crate) acumatica: acumatica::Options,
    /// Changes to the demo's connection: JSON pointer and value.
    pub(crate) rules: Vec<(&'static str, Value)>,
    pub(crate) lie: Lie,
    pub(crate) keep: Keep,
}

impl Setting {
    pub(crate) fn new(chaos: Chaos) -> Self {
        Self {
            chaos,
            concur: concur::Options::default(),
            acumatica: acumatica::Options::default(),
            rules: Vec::new(),
            lie: Lie::None,
            keep: Keep::Nothing,
        }
    }
}

/// A world in which things happen.
pub(crate) struct World {
    pub(crate) shared: Rc<Shared>,
    pub(crate) air: Arc<Air>,
    /// The connection as applied first.
    pub(crate) connection: Value,
}

impl World {
    /// Both vendors, the secrets and the connection, which is applied.
    pub(crate) async fn new(setting: Setting) -> Self {
        let start: Timestamp = BEGIN.parse().unwrap_or_default();
        let urls = ["http://127.0.0.1:4701", "http://127.0.0.1:4702"].map(str::to_owned);
        let concur = concur::Options {
            clock: Clock::at(start),
            ..setting.concur
        };
        let acumatica = acumatica::Options {
            clock: Clock::at(start),
            seed: demo::acumatica_seed(),
            ..setting.acumatica
        };
        let concur = ConcurTwin::in_process(concur, urls);
        let url = "http://127.0.0.1:4703".to_owned();
        let acumatica = AcumaticaTwin::in_process(acumatica, url);
        let mut connection = demo::connection(concur.token_url(), &acumatica.url());
        for (pointer, value) in setting.rules {
            let (section, name) = pointer.rsplit_once('/').expect("a pointer");
            connection.pointer_mut(section).expect("a section")[name] = value;
        }
        let air = Arc::new(Air::new(concur, acumatica, setting.chaos, setting.lie));
        air.history().keep = setting.keep == Keep::Events;
        let shared = Rc::new(Shared {
            air: Arc::clone(&air),
            ledger: MemoryLedger::default(),
            vault: MemoryVault::default(),
            messages: Messages::default(),
            flow: RefCell::default(),
            start,
        });
        let world = Self {
            shared,
            air,
            connection,
        };
        world.put_secrets();
        let mut operator = Process::start(&world.shared, "operator");
        let text = world.connection.clone();
        world.apply(&mut operator, &text).await;
        world
    }

    fn put_secrets(&self) {
        let (concur, acumatica) = (self.air.concur.options(), self.air.acumatica.options());
        let secret = concur.secret();
        let vault = &self.shared.vault;
        vault.put(&connection(), "concur", &secret.to_string());
        let secret = acumatica.secret();
        vault.put(&connection(), "acumatica", &secret.to_string());
    }

    /// Applies a connection until it holds, as a patient operator does.
    pub(crate) async fn apply(&self, operator: &mut Process, connection: &Value) {
        for _ in 0..APPLIES_MAX {
            let event = json!({"action": "apply", "connection": connection});
            match operator.connect(event).await {
                Some(answer) if answer["applied"] == true => return,
                Some(answer) => self.air.event(format_args!("not applied: {answer}")),
                None => {}
            }
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        self.air
            .history()
            .wrong("the connection could not be applied".to_owned());
    }

    /// Documents of a list.
    pub(crate) async fn listed(&self, list: List) -> Vec<DocumentId> {
        let listed = self
            .shared
            .ledger
            .work(&connection(), list, None, usize::MAX)
            .await;
        let listed = listed.unwrap_or_default();
        listed.into_iter().map(|(document, _)| document).collect()
    }

    /// The record of a document.
    pub(crate) async fn record(&self, document: &str) -> Option<Record> {
        let key = Key {
            connection: connection(),
            document: DocumentId::new(document).ok()?,
        };
        let loaded = self.shared.ledger.load(&key).await.ok()?;
        loaded.map(|loaded| loaded.record)
    }
}

/// The demo's connection.
pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("demo").unwrap_or_else(|_| unreachable!("a valid id"))
}
