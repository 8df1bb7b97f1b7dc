//! What the use cases need from the platform. Each port has two implementations: on AWS, and in memory for tests; both pass
//! one contract test. Futures are never spawned, so they need not be `Send`.

#![expect(
    async_fn_in_trait,
    reason = "one thread, nothing is spawned, so no bound on the futures is wanted"
)]

mod change;
mod polling;
mod queue;
mod reservation;

use jiff::Timestamp;
use posting::planning::Duplicate;
use posting::reference::Table;
use posting::{
    ConnectionId, DocumentId, Plan, Record,
    plan::PostingKind,
    record::{Event, List},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub use change::{Change, Removed};
pub use polling::Polling;
pub use queue::{Dead, DeadLetter, DeadLetters, Fetch, Queue, WAKE_DELAY_MAX, Wake};
pub use reservation::{Holder, Payable, Reservation};

/// Why a port could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The service did not answer, throttled, or failed in passing: nothing is lost, try again later.
    #[error("{service} is not available: {detail}")]
    Unavailable {
        /// Which service.
        service: &'static str,
        /// What it said, without secrets.
        detail: String,
    },
    /// The service refuses: a missing right, a wrong name, an item too large.
    #[error("{service} refuses: {detail}")]
    Refused {
        /// Which service.
        service: &'static str,
        /// What it said, without secrets.
        detail: String,
    },
    /// What is stored cannot be read.
    #[error("stored item `{key}` cannot be read: {detail}")]
    Corrupt {
        /// Key of the item.
        key: String,
        /// What is wrong with it.
        detail: String,
    },
    /// An item is larger than one may be.
    #[error("{service} takes {bytes_max} bytes compressed, and there are {bytes}")]
    TooLarge {
        /// Which service.
        service: &'static str,
        /// Bytes of the item, compressed.
        bytes: usize,
        /// Most it may have.
        bytes_max: usize,
    },
    /// A secret is on its way out and can be brought back.
    #[error(
        "secret `{name}` is marked for deletion; aws secretsmanager restore-secret --secret-id {name} brings it back"
    )]
    Deleted {
        /// Full name of the secret.
        name: String,
    },
}

/// Why a conditional write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else changed the item since it was read.
    #[error("the item was changed by somebody else")]
    Conflict,
    /// A reservation, or a number of Acumatica, belongs to another document.
    #[error("`{key}` belongs to document {by}")]
    Taken {
        /// The reservation, as [`Reservation::key`] writes it, or `receipt#{kind}#{number}`.
        key: String,
        /// Which document holds it.
        by: DocumentId,
    },
    /// The port failed; whether the write happened is not known, but repeating it is safe: it is conditional.
    #[error("the ledger failed")]
    Port(#[source] PortError),
}

/// Names one document of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The connection.
    pub connection: ConnectionId,
    /// The document.
    pub document: DocumentId,
}

/// A document as Concur sent it: the evidence, and what every plan is made from.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// JSON text of the FIS `document`, as received.
    pub text: String,
    /// `entityId` of the envelope, which rules can name.
    pub entity: Option<String>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({} bytes)", self.text.len())
    }
}

/// A record with its source, read together and consistently.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The record, with the version read.
    pub record: Record,
    /// The source; `None` once its life of 400 days is over.
    pub source: Option<Source>,
}

/// What [`Ledger::create`] found.
#[derive(Debug, Clone)]
pub enum Created {
    /// The record is new and stored, version 1.
    New,
    /// There was one already; this is it.
    Existing(Box<Record>),
}

/// A connection as stored: every version is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConnection {
    /// Its id.
    pub id: ConnectionId,
    /// From 1.
    pub version: u64,
    /// When it was applied.
    pub applied: Timestamp,
    /// Who says to have applied it; empty when nobody was named.
    pub by: String,
    /// Why, in that person's words; empty when nothing was said.
    pub note: String,
    /// What this version did.
    pub standing: Standing,
    /// The JSON the operator applied, of a removal that of the version before; credentials are never in it.
    pub text: String,
}

/// What a version of a connection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It put its text in force.
    Applied,
    /// It took the connection out of use.
    Removed,
}

/// A part of a work list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which end comes first.
    pub order: Order,
    /// The last entry of the page before, with its due time; `None` for the first page.
    pub after: Option<(DocumentId, Timestamp)>,
    /// Most entries.
    pub limit: usize,
}

/// Which end of a work list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What was due longest ago.
    Oldest,
    /// What was due last.
    Newest,
}

/// A list of the tenant's master data as it is cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// Version of the item as read, 0 when there is none yet; the stored one is one higher.
    pub version: u64,
    /// When the list was read whole, or when its look-ups began.
    pub read: Timestamp,
    /// The tenant it was read from, as [`crate::connection::Acumatica::place`] says it.
    pub tenant: String,
    /// Its rows.
    pub table: Table,
}

/// A lease taken: who holds a name until when, and what the holder before left for the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Name, e.g. `seat#acme#1`.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// When it ends by itself.
    pub until: Timestamp,
    /// A small text the holder before left; empty at first.
    pub memo: String,
}

/// Records, sources, plans, audit, reservations, connections, cached master data and leases.
pub trait Ledger {
    /// Stores the source before the record names it. May be repeated: the text of a document id never changes.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put_source(&self, key: &Key, source: &Source) -> Result<(), PortError>;

    /// Stores a new record if there is none for its key.
    ///
    /// # Errors
    /// [`PortError`].
    async fn create(&self, record: &Record) -> Result<Created, PortError>;

    /// Reads a record and its source, consistently, in one request while the source is small.
    ///
    /// # Errors
    /// [`PortError`].
    async fn load(&self, key: &Key) -> Result<Option<Loaded>, PortError>;

    /// Reads records only, consistently, up to 100 in one request; keys without a record are left out.
    ///
    /// # Errors
    /// [`PortError`].
    async fn records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError>;

    /// Reads plan `number` of a document.
    ///
    /// # Errors
    /// [`PortError`].
    async fn plan(&self, key: &Key, number: u32) -> Result<Option<Plan>, PortError>;

    /// Reads the audit items moved out of the record, in order.
    ///
    /// # Errors
    /// [`PortError`].
    async fn audit(&self, key: &Key) -> Result<Vec<Event>, PortError>;

    /// What was kept of the document's postings before they were deleted, by plan and number.
    ///
    /// # Errors
    /// [`PortError`].
    async fn deleted(&self, key: &Key) -> Result<Vec<Removed>, PortError>;

    /// Writes a change if the record still has the version read.
    ///
    /// # Errors
    /// [`SaveError`]; after `Port` the same change may be repeated.
    async fn save(&self, change: &Change<'_>) -> Result<(), SaveError>;

    /// Documents of a work list, by due time, those due at `until` or earlier where given, at most `limit`.
    ///
    /// # Errors
    /// [`PortError`].
    async fn work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError>;

    /// A page of a work list by due time. Documents that move between two pages may be met twice or not at all.
    ///
    /// # Errors
    /// [`PortError`].
    async fn page(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError>;

    /// Stores the next version of a connection; `connection.version` must be the stored version plus one. Its schedule is due
    /// at once, whoever is polling it; that of a removed one never.
    ///
    /// # Errors
    /// [`SaveError::Conflict`] when somebody applied another version meanwhile; [`PortError::TooLarge`].
    async fn put_connection(&self, connection: &StoredConnection) -> Result<(), SaveError>;

    /// The newest version of a connection, also a removal. Of one whose item is damaged the text is blank, so that it is
    /// told as faulty and can be applied again; it must stop no other connection.
    ///
    /// # Errors
    /// [`PortError`].
    async fn connection(&self, id: &ConnectionId) -> Result<Option<StoredConnection>, PortError>;

    /// The newest version of every connection in force, by id, however many there are.
    ///
    /// # Errors
    /// [`PortError`].
    async fn connections(&self) -> Result<Vec<StoredConnection>, PortError>;

    /// The newest version of every removed connection, by id.
    ///
    /// # Errors
    /// [`PortError`].
    async fn removed(&self) -> Result<Vec<StoredConnection>, PortError>;

    /// Versions of a connection below one, or all of them, newest first, at most `limit`. A damaged one has no text.
    ///
    /// # Errors
    /// [`PortError`].
    async fn versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError>;

    /// Where the schedule of every connection stands, by connection; never a scan.
    ///
    /// # Errors
    /// [`PortError`].
    async fn pollings(&self) -> Result<Vec<Polling>, PortError>;

    /// Where the schedule of one connection stands; `None` when it was never applied.
    ///
    /// # Errors
    /// [`PortError`].
    async fn polling(&self, id: &ConnectionId) -> Result<Option<Polling>, PortError>;

    /// Notes where a schedule stands, if it still has the version read. May be repeated.
    ///
    /// # Errors
    /// [`SaveError::Conflict`] when another worker was faster, or another version of the connection was applied.
    async fn put_polling(&self, polling: &Polling) -> Result<(), SaveError>;

    /// Documents with this likeness, whatever became of them.
    ///
    /// # Errors
    /// [`PortError`].
    async fn alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError>;

    /// Which document a number of Acumatica belongs to, by [`Change::receipts`]; it may have let go of it since.
    ///
    /// # Errors
    /// [`PortError`].
    async fn holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError>;

    /// The cached lists of a connection's tenant.
    ///
    /// # Errors
    /// [`PortError`].
    async fn reference(&self, connection: &ConnectionId) -> Result<Vec<Cached>, PortError>;

    /// Stores a list if it still has the version read. May be repeated.
    ///
    /// # Errors
    /// [`SaveError::Conflict`] when somebody else stored it meanwhile; it is a cache, so reading it again settles that.
    async fn put_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError>;

    /// Takes a lease if it is free, lapsed at `now`, or the holder's own. `None` when somebody else holds it.
    ///
    /// # Errors
    /// [`PortError`].
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError>;

    /// The memo the last holder of a lease left, without taking it; it may be some moments old. `None` where nobody ever held it.
    ///
    /// # Errors
    /// [`PortError`].
    async fn lease_memo(&self, name: &str) -> Result<Option<String>, PortError>;

    /// Writes the memo of a name that nobody takes a lease of, if it is still `before`; blank where there is none yet. `None` when
    /// it was written, else the memo that stands there instead. May be repeated while no two writers write the same.
    ///
    /// # Errors
    /// [`PortError`]; whether it was written is not known then.
    async fn swap_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError>;

    /// Gives a lease back and leaves its memo for the next holder. Nothing happens when somebody else holds it by now.
    ///
    /// # Errors
    /// [`PortError`].
    async fn give_lease(&self, lease: &Lease) -> Result<(), PortError>;
}

/// The secrets of the connections, by connection and name (`concur`, `acumatica`, `concur-tokens`, `acumatica-seat-1`).
pub trait Vault {
    /// Reads a secret; `None` when there is none.
    ///
    /// # Errors
    /// [`PortError`].
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError>;

    /// Writes one of the connector's own secrets, creating it when missing. May be repeated.
    ///
    /// # Errors
    /// [`PortError`].
    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError>;
}

/// Time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;
}
