//! The platform of one worker: the ports in memory, shared by all workers, each call late and some of them failing.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use connector::memory::{MemoryLedger, MemoryVault};
use connector::ports::{
    Cached, Change, Clock, Created, DeadLetter, DeadLetters, Fetch, Holder, Key, Lease, Ledger,
    Loaded, Page, Polling, PortError, Queue, Removed, SaveError, Source, StoredConnection, Vault,
    Wake,
};
use jiff::{SignedDuration, Timestamp};
use posting::plan::PostingKind;
use posting::planning::Duplicate;
use posting::record::{Event, List};
use posting::{ConnectionId, DocumentId, Plan, Record};
use secrecy::SecretString;

use crate::air::{Air, Life};
use crate::backlog::Flow;
use crate::chaos::Fate;
use crate::mutants;
use crate::queue::Messages;

/// What all workers of a world share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) air: Arc<Air>,
    pub(crate) ledger: MemoryLedger,
    pub(crate) vault: MemoryVault,
    pub(crate) messages: Messages,
    pub(crate) flow: RefCell<Flow>,
    /// When the world began.
    pub(crate) start: Timestamp,
}

impl Shared {
    /// The true time.
    pub(crate) fn now(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.air.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(gone).unwrap_or(Timestamp::MAX)
    }
}

/// One worker's platform: ledger, queue, vault and a clock that goes wrong by some seconds.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) shared: Rc<Shared>,
    pub(crate) life: Arc<Life>,
    pub(crate) skew: SignedDuration,
}

/// Calls that change something for others. A seat is taken and given back to read in Acumatica, and its token stored.
const WRITES: [&str; 8] = [
    "bury",
    "create",
    "fetch",
    "put_connection",
    "put_polling",
    "put_source",
    "queue",
    "save",
];

fn unavailable(service: &'static str) -> PortError {
    PortError::Unavailable {
        service,
        detail: "throttled".to_owned(),
    }
}

impl Platform {
    /// One effect: it may fail before or after it happened, and its worker may end on both sides of it.
    async fn effect<T, E>(
        &self,
        name: &'static str,
        act: impl Future<Output = Result<T, E>>,
        fault: impl FnOnce(PortError) -> E,
    ) -> Result<T, E> {
        let air = &self.shared.air;
        let fate = air.chaos().port();
        air.event(format_args!("{} {name} {fate:?}", self.life.name));
        if self.life.only_looks() && WRITES.contains(&name) {
            let sentence = format!("{} calls {name} in a dry run", self.life.name);
            air.history().wrong(sentence);
        }
        self.life.before(fate).await;
        air.breathe().await;
        if let Fate::Fails(bad) = fate {
            let happens = bad.is_carried_out().unwrap_or_else(|| air.chaos().coin());
            if happens {
                let done = act.await;
                drop(done);
            }
            return Err(fault(unavailable(name)));
        }
        let done = act.await;
        self.life.after(fate).await;
        air.breathe().await;
        done
    }

    async fn read<T>(
        &self,
        name: &'static str,
        act: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.effect(name, act, |error| error).await
    }
}

impl Clock for Platform {
    fn now(&self) -> Timestamp {
        let now = self.shared.now();
        now.checked_add(self.skew).unwrap_or(now)
    }
}

impl Queue for Platform {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        let sent = async {
            for (wake, delay) in wakes {
                self.shared.messages.send(&self.shared.air, wake, *delay);
            }
            Ok(())
        };
        self.read("queue", sent).await
    }

    /// One connection is polled by its own workers here, so nothing is handed out.
    async fn fetch(&self, _: &[Fetch]) -> Result<(), PortError> {
        self.read("fetch", async { Ok(()) }).await
    }
}

impl DeadLetters for Platform {
    async fn dead(&self) -> Result<Vec<(&'static str, usize)>, PortError> {
        let counted = async { Ok(vec![("work", self.shared.messages.buried())]) };
        self.read("dead", counted).await
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, PortError> {
        let received = async { Ok(self.shared.messages.dead_letters()) };
        self.read("dead_letters", received).await
    }

    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), PortError> {
        let deleted = async {
            self.shared.messages.bury(letters);
            Ok(())
        };
        self.read("bury", deleted).await
    }
}

impl Vault for Platform {
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError> {
        let read = self.shared.vault.secret(connection, name);
        self.read("secret", read).await
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        let written = self.shared.vault.put_secret(connection, name, value);
        self.read("put_secret", written).await
    }
}

impl Ledger for Platform {
    async fn put_source(&self, key: &Key, source: &Source) -> Result<(), PortError> {
        let put = self.shared.ledger.put_source(key, source);
        self.read("put_source", put).await
    }

    async fn create(&self, record: &Record) -> Result<Created, PortError> {
        let created = async {
            let created = self.shared.ledger.create(record).await?;
            if matches!(created, Created::New) {
                self.shared.flow.borrow_mut().created(record);
            }
            Ok(created)
        };
        self.read("create", created).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Loaded>, PortError> {
        let loaded = self
            .read("load", self.shared.ledger.load(key))
            .await?
            .map(|loaded| mutants::loaded(&self.shared.air, loaded));
        Ok(loaded)
    }

    async fn records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        let records = self
            .read("records", self.shared.ledger.records(keys))
            .await?;
        Ok(mutants::shown(&self.shared.air, &self.life, records))
    }

    async fn plan(&self, key: &Key, number: u32) -> Result<Option<Plan>, PortError> {
        self.read("plan", self.shared.ledger.plan(key, number))
            .await
    }

    async fn audit(&self, key: &Key) -> Result<Vec<Event>, PortError> {
        self.read("audit", self.shared.ledger.audit(key)).await
    }

    async fn deleted(&self, key: &Key) -> Result<Vec<Removed>, PortError> {
        self.read("deleted", self.shared.ledger.deleted(key)).await
    }

    async fn save(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let saved = async {
            mutants::save(&self.shared, change).await?;
            let air = &self.shared.air;
            if mutants::keeps_back(air, change.record) {
                return Ok(());
            }
            let mut flow = self.shared.flow.borrow_mut();
            flow.stored(change.record, self.shared.now());
            let mut history = air.history();
            history.meant(change.record);
            for receipt in change.record.state.receipts() {
                history.stored(change.record.document.as_str(), receipt.label());
            }
            Ok(())
        };
        self.effect("save", saved, SaveError::Port).await
    }

    async fn work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        let listed = self.shared.ledger.work(connection, list, until, limit);
        self.read("work", listed).await
    }

    async fn page(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.read("page", self.shared.ledger.page(connection, list, page))
            .await
    }

    async fn put_connection(&self, connection: &StoredConnection) -> Result<(), SaveError> {
        let put = self.shared.ledger.put_connection(connection);
        self.effect("put_connection", put, SaveError::Port).await
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<StoredConnection>, PortError> {
        self.read("connection", self.shared.ledger.connection(id))
            .await
    }

    async fn connections(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.read("connections", self.shared.ledger.connections())
            .await
    }

    async fn removed(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.read("removed", self.shared.ledger.removed()).await
    }

    async fn versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError> {
        self.read("versions", self.shared.ledger.versions(id, below, limit))
            .await
    }

    async fn pollings(&self) -> Result<Vec<Polling>, PortError> {
        self.read("pollings", self.shared.ledger.pollings()).await
    }

    async fn polling(&self, id: &ConnectionId) -> Result<Option<Polling>, PortError> {
        self.read("polling", self.shared.ledger.polling(id)).await
    }

    async fn put_polling(&self, polling: &Polling) -> Result<(), SaveError> {
        let put = self.shared.ledger.put_polling(polling);
        self.effect("put_polling", put, SaveError::Port).await
    }

    async fn alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError> {
        self.read("alike", self.shared.ledger.alike(connection, likeness))
            .await
    }

    async fn holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError> {
        let holder = self.shared.ledger.holder(connection, kind, number);
        self.read("holder", holder).await
    }

    async fn reference(&self, connection: &ConnectionId) -> Result<Vec<Cached>, PortError> {
        self.read("reference", self.shared.ledger.reference(connection))
            .await
    }

    async fn put_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError> {
        let put = self.shared.ledger.put_reference(connection, list);
        self.effect("put_reference", put, SaveError::Port).await
    }

    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError> {
        let now = mutants::lease_time(&self.shared.air, now);
        let taken = self.shared.ledger.take_lease(name, holder, now, until);
        self.read("take_lease", taken).await
    }

    async fn lease_memo(&self, name: &str) -> Result<Option<String>, PortError> {
        self.read("lease_memo", self.shared.ledger.lease_memo(name))
            .await
    }

    async fn swap_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError> {
        let swapped = self.shared.ledger.swap_memo(name, before, after);
        self.read("swap_memo", swapped).await
    }

    async fn give_lease(&self, lease: &Lease) -> Result<(), PortError> {
        self.read("give_lease", self.shared.ledger.give_lease(lease))
            .await
    }
}
