//! The ledger on one `DynamoDB` table.
//!
//! | `pk` | `sk` | what |
//! |---|---|---|
//! | `{connection}#{document}` | `record` | the record: version `v`, `body`, and the index's keys `list_pk` and `due` |
//! | | `source#0001` … | the document as received, compressed, in chunks |
//! | | `plan#0001#001` … | a plan, compressed, in chunks |
//! | | `audit#000001` … | audit entries that left the record |
//! | `{connection}#business#…`, `{connection}#ref#…` | `holder` | which document holds a name |
//! | `{connection}#receipt#{kind}#{number}` | `holder` | which document a number stands for; `v` of its record then |
//! | `{connection}#like#…` | `{document}` | documents an invoice looks like |
//! | `reference#{connection}` | `{list}#001` … | a cached list of master data, compressed, in chunks; version `v` |
//! | `connections` | `{connection}` | newest version of each connection |
//! | `connection#{connection}` | `version#000001` … | every version of a connection |
//! | `schedule` | `{connection}` | when each connection is polled next, in what pages, and who is polling it; version `v` |
//! | `lease#{name}` | `lease` | who holds a lease, and the memo left for the next; of `requests#{connection}` the memo alone |
//!
//! Nothing is ever scanned. Every write is conditional or may be repeated with the same effect, so a lost answer is followed
//! by the same call again.

mod chunks;
mod connections;
mod leases;
mod polling;
mod read;
mod record;
mod reference;
mod row;
mod save;
mod source;
mod work;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use connector::ports::{
    Cached, Change, Created, Holder, Key, Lease, Ledger, Loaded, Page, Polling, PortError, Removed,
    SaveError, Source, Standing, StoredConnection,
};
use jiff::{SignedDuration, Timestamp};
use posting::{
    ConnectionId, DocumentId, Plan, Record,
    plan::PostingKind,
    planning::Duplicate,
    record::{Event, List},
};

use crate::Settings;

/// Answers read of one listing; a listing that needs more is not ours.
const PAGES_MAX: usize = 200;

/// The ledger of one stack.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
    index: String,
    life: SignedDuration,
}

impl DynamoLedger {
    /// The ledger in the table the settings name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, settings: &Settings) -> Self {
        Self {
            client: Client::new(sdk),
            table: settings.table.clone(),
            index: settings.index.clone(),
            life: settings.source_life,
        }
    }

    /// When a source or plan stored now may be deleted, in seconds since 1970.
    fn expires(&self) -> i64 {
        Timestamp::now()
            .as_second()
            .saturating_add(self.life.as_secs())
    }
}

impl Ledger for DynamoLedger {
    async fn put_source(&self, key: &Key, source: &Source) -> Result<(), PortError> {
        self.write_source(key, source).await
    }

    async fn create(&self, record: &Record) -> Result<Created, PortError> {
        self.create_record(record).await
    }

    async fn load(&self, key: &Key) -> Result<Option<Loaded>, PortError> {
        self.read_record(key).await
    }

    async fn records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.read_records(keys).await
    }

    async fn plan(&self, key: &Key, number: u32) -> Result<Option<Plan>, PortError> {
        self.read_plan(key, number).await
    }

    async fn audit(&self, key: &Key) -> Result<Vec<Event>, PortError> {
        self.read_audit(key).await
    }

    async fn deleted(&self, key: &Key) -> Result<Vec<Removed>, PortError> {
        self.read_removed(key).await
    }

    async fn save(&self, change: &Change<'_>) -> Result<(), SaveError> {
        self.write_change(change).await
    }

    async fn work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.list_work(connection, list, until, limit).await
    }

    async fn page(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.page_work(connection, list, page).await
    }

    async fn put_connection(&self, connection: &StoredConnection) -> Result<(), SaveError> {
        self.write_connection(connection).await
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<StoredConnection>, PortError> {
        self.read_connection(id).await
    }

    async fn connections(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.list_connections(Standing::Applied).await
    }

    async fn removed(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.list_connections(Standing::Removed).await
    }

    async fn versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError> {
        self.list_versions(id, below, limit).await
    }

    async fn pollings(&self) -> Result<Vec<Polling>, PortError> {
        self.read_pollings().await
    }

    async fn polling(&self, id: &ConnectionId) -> Result<Option<Polling>, PortError> {
        self.read_polling(id).await
    }

    async fn put_polling(&self, polling: &Polling) -> Result<(), SaveError> {
        self.write_polling(polling).await
    }

    async fn alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError> {
        self.read_alike(connection, likeness).await
    }

    async fn holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError> {
        self.read_holder(connection, kind, number).await
    }

    async fn reference(&self, connection: &ConnectionId) -> Result<Vec<Cached>, PortError> {
        self.read_reference(connection).await
    }

    async fn put_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError> {
        self.write_reference(connection, list).await
    }

    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError> {
        self.claim_lease(name, holder, now, until).await
    }

    async fn lease_memo(&self, name: &str) -> Result<Option<String>, PortError> {
        self.read_memo(name).await
    }

    async fn swap_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError> {
        self.write_memo(name, before, after).await
    }

    async fn give_lease(&self, lease: &Lease) -> Result<(), PortError> {
        self.return_lease(lease).await
    }
}
