//! A worker killed at every step: whatever stood stored, there is one posting and one confirmation in the end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use connector::{
    memory::MemoryLedger,
    ports::{
        Cached, Change, Created, Holder, Key, Lease, Ledger, Loaded, Page, Polling, PortError,
        Removed, SaveError, Source, StoredConnection,
    },
};
use e2e::documents::Random;
use jiff::Timestamp;
use posting::{
    ConnectionId, DocumentId, Plan, Record,
    plan::PostingKind,
    planning::Duplicate,
    record::{Event, List},
    state::{Receipt, Release},
};
use serde_json::json;
use tokio::sync::{Barrier, Notify};

use super::{
    main_job::report,
    world::{Setting, World},
};

/// Steps after which a story is over; more than any run takes.
const STEPS_MAX: u32 = 200;

/// When the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Just before the ledger acts.
    Before,
    /// When the ledger has acted, before its answer arrives.
    After,
}

/// A ledger at whose n-th call the worker is killed: its future is dropped where it waits.
#[derive(Default)]
pub(crate) struct DeadlyLedger {
    inner: MemoryLedger,
    left: Cell<Option<(u32, Death)>>,
    killed: Notify,
    meeting: RefCell<Option<Rc<Barrier>>>,
    unheard: Cell<u32>,
}

impl DeadlyLedger {
    /// From now on the worker dies after so many calls, or never.
    pub(crate) fn arm(&self, at: Option<(u32, Death)>) {
        self.left.set(at);
    }

    /// Calls left until it dies.
    pub(crate) fn left(&self) -> Option<u32> {
        self.left.get().map(|(left, _)| left)
    }

    /// From now on a write waits until another is about to happen, once: both were decided without the other.
    pub(crate) fn meet(&self) {
        *self.meeting.borrow_mut() = Some(Rc::new(Barrier::new(2)));
    }

    /// So many of the next memos are swapped, and nobody hears of it.
    pub(crate) fn lose_swaps(&self, count: u32) {
        self.unheard.set(count);
    }

    /// When it died.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    async fn step<T>(&self, act: impl Future<Output = T>) -> T {
        match self.left.get() {
            Some((0, Death::Before)) => self.die().await,
            Some((0, Death::After)) => {
                act.await;
                self.die().await
            }
            Some((left, death)) => {
                self.left.set(Some((left - 1, death)));
                act.await
            }
            None => act.await,
        }
    }

    async fn die(&self) -> ! {
        self.left.set(None);
        self.killed.notify_one();
        std::future::pending::<std::convert::Infallible>().await;
        unreachable!("a pending future does not end")
    }
}

impl Ledger for DeadlyLedger {
    async fn put_source(&self, key: &Key, source: &Source) -> Result<(), PortError> {
        self.step(self.inner.put_source(key, source)).await
    }
    async fn create(&self, record: &Record) -> Result<Created, PortError> {
        self.step(self.inner.create(record)).await
    }
    async fn load(&self, key: &Key) -> Result<Option<Loaded>, PortError> {
        self.step(self.inner.load(key)).await
    }
    async fn records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.step(self.inner.records(keys)).await
    }
    async fn plan(&self, key: &Key, number: u32) -> Result<Option<Plan>, PortError> {
        self.step(self.inner.plan(key, number)).await
    }
    async fn audit(&self, key: &Key) -> Result<Vec<Event>, PortError> {
        self.step(self.inner.audit(key)).await
    }
    async fn deleted(&self, key: &Key) -> Result<Vec<Removed>, PortError> {
        self.step(self.inner.deleted(key)).await
    }
    async fn save(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let meeting = self.meeting.borrow().clone();
        if let Some(meeting) = meeting {
            meeting.wait().await;
            self.meeting.take();
        }
        self.step(self.inner.save(change)).await
    }
    async fn work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.step(self.inner.work(connection, list, until, limit))
            .await
    }
    async fn page(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.step(self.inner.page(connection, list, page)).await
    }
    async fn put_connection(&self, connection: &StoredConnection) -> Result<(), SaveError> {
        self.step(self.inner.put_connection(connection)).await
    }
    async fn connection(&self, id: &ConnectionId) -> Result<Option<StoredConnection>, PortError> {
        self.step(self.inner.connection(id)).await
    }
    async fn connections(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.step(self.inner.connections()).await
    }
    async fn removed(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.step(self.inner.removed()).await
    }
    async fn versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError> {
        self.step(self.inner.versions(id, below, limit)).await
    }
    async fn pollings(&self) -> Result<Vec<Polling>, PortError> {
        self.step(self.inner.pollings()).await
    }
    async fn polling(&self, id: &ConnectionId) -> Result<Option<Polling>, PortError> {
        self.step(self.inner.polling(id)).await
    }
    async fn put_polling(&self, polling: &Polling) -> Result<(), SaveError> {
        self.step(self.inner.put_polling(polling)).await
    }
    async fn alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError> {
        self.step(self.inner.alike(connection, likeness)).await
    }
    async fn holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError> {
        self.step(self.inner.holder(connection, kind, number)).await
    }
    async fn reference(&self, connection: &ConnectionId) -> Result<Vec<Cached>, PortError> {
        self.step(self.inner.reference(connection)).await
    }
    async fn put_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError> {
        self.step(self.inner.put_reference(connection, list)).await
    }
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError> {
        self.step(self.inner.take_lease(name, holder, now, until))
            .await
    }
    async fn lease_memo(&self, name: &str) -> Result<Option<String>, PortError> {
        self.step(self.inner.lease_memo(name)).await
    }
    async fn swap_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError> {
        let swapped = self.step(self.inner.swap_memo(name, before, after)).await;
        let Some(left) = self.unheard.get().checked_sub(1) else {
            return swapped;
        };
        self.unheard.set(left);
        Err(PortError::Unavailable {
            service: "DynamoDB",
            detail: "its answer is lost".to_owned(),
        })
    }
    async fn give_lease(&self, lease: &Lease) -> Result<(), PortError> {
        self.step(self.inner.give_lease(lease)).await
    }
}

/// One poll and post that die at step `n`; then everything goes on. Returns whether the story was long enough to die in.
async fn killed_at(n: u32, death: Death) -> bool {
    let released = json!({"hold": false, "release": true});
    let setting = Setting {
        rules: vec![("/posting/expense", released)],
        ..Setting::default()
    };
    let world = World::over(DeadlyLedger::default(), setting).await;
    let random = &mut Random::new(70);
    let named = |name: &str| {
        let documents = e2e::demo::documents();
        let mut found = documents
            .into_iter()
            .filter(|each| each.name.contains(name));
        found.next().expect("a demo document")
    };
    // A bill and a journal that stand, so that a search can prove itself.
    world.offer(&report("Known", 900, random));
    world.offer(&named("paid by the company").document);
    world.settle().await;

    // Several postings in one plan: a company card with personal spend, and an employee bill.
    let card = named("personal spend");
    let ids = [
        world.offer(&report("Taxi", 1_000, random)),
        world.offer(&card.document),
    ];
    world.needs.ledger.left.set(Some((n, death)));
    let died = tokio::select! {
        () = world.turn() => false,
        () = world.needs.ledger.killed.notified() => true,
    };
    world.needs.ledger.left.set(None);
    world.pass(1_300);
    world.settle().await;
    // What stands already was released too.
    let mut stand = 2;
    for id in &ids {
        let record = world.record(id).await;
        let story = format!("killed {death:?} step {n}: {record:?}");
        assert_eq!(record.state.word(), "confirmed", "{story}");
        assert_eq!(
            world.postings(id).len(),
            record.state.receipts().len(),
            "{story}"
        );
        assert_eq!(world.status(id), "POSTING_CONFIRMED_SUCCESS", "{story}");
        let receipts = record.state.receipts();
        let is_released = |each: &&Receipt| each.release == Release::Done;
        assert!(receipts.iter().all(is_released), "{story}");
        stand += receipts.len();
    }
    let asked = world.acumatica_calls("action");
    assert_eq!(
        asked, stand as u64,
        "killed {death:?} step {n}: each is released once"
    );
    died
}

#[tokio::test]
async fn killed_before_every_step_of_the_ledger() {
    let mut steps = 0;
    while killed_at(steps, Death::Before).await {
        steps += 1;
        assert!(steps < STEPS_MAX, "the story does not end");
    }
    assert!(
        steps > 10,
        "only {steps} steps: the worker did not die where it should"
    );
}

#[tokio::test]
async fn killed_after_every_step_of_the_ledger() {
    let mut steps = 0;
    while killed_at(steps, Death::After).await {
        steps += 1;
        assert!(steps < STEPS_MAX, "the story does not end");
    }
    assert!(
        steps > 10,
        "only {steps} steps: the worker did not die where it should"
    );
}
