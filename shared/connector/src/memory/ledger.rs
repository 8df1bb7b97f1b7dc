//! Records and leases in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use posting::plan::PostingKind;
use posting::planning::Duplicate;
use posting::record::{Event, List};
use posting::reference;
use posting::{ConnectionId, DocumentId, Plan, Record};

use super::Outage;
use crate::ports::{
    Cached, Change, Created, Holder, Key, Lease, Ledger, Loaded, Order, Page, Polling, PortError,
    Removed, SaveError, Source, Standing, StoredConnection,
};

/// A ledger in memory. Every method is atomic, because nothing else runs in between.
#[derive(Debug, Default)]
pub struct MemoryLedger(RefCell<Tables>, Outage);

impl MemoryLedger {
    /// The next so many calls fail, as when the table is throttled.
    pub fn break_down(&self, calls: u32) {
        self.1.begin(calls);
    }
}

#[derive(Debug, Default)]
struct Tables {
    records: BTreeMap<Key, Record>,
    /// The index of the work lists: when each record of a list is due.
    lists: BTreeMap<(ConnectionId, List), BTreeSet<(Timestamp, DocumentId)>>,
    sources: BTreeMap<Key, Source>,
    plans: BTreeMap<(Key, u32), Plan>,
    audit: BTreeMap<(Key, u32), Vec<Event>>,
    removed: BTreeMap<(Key, u32, u32), Removed>,
    holders: BTreeMap<(ConnectionId, String), Holder>,
    alike: BTreeMap<(ConnectionId, String), Vec<Duplicate>>,
    reference: BTreeMap<(ConnectionId, reference::List), Cached>,
    connections: BTreeMap<ConnectionId, Vec<StoredConnection>>,
    pollings: BTreeMap<ConnectionId, Polling>,
    leases: BTreeMap<String, Held>,
}

#[derive(Debug, Default)]
struct Held {
    by: Option<(String, Timestamp)>,
    memo: String,
}

fn key_of(record: &Record) -> Key {
    Key {
        connection: record.connection.clone(),
        document: record.document.clone(),
    }
}

fn stored(record: &Record) -> Record {
    Record {
        version: record.version.saturating_add(1),
        ..record.clone()
    }
}

impl Tables {
    fn newest(&self, standing: Standing) -> Vec<StoredConnection> {
        let newest = self.connections.values().filter_map(|all| all.last());
        let standing = newest.filter(|newest| newest.standing == standing);
        standing.cloned().collect()
    }

    fn reschedule(&mut self, connection: &StoredConnection) {
        let due = match connection.standing {
            Standing::Applied => connection.applied,
            Standing::Removed => Timestamp::MAX,
        };
        let id = connection.id.clone();
        let next = match self.pollings.get(&id) {
            Some(known) => Polling {
                version: known.version.saturating_add(1),
                due,
                holder: None,
                ..known.clone()
            },
            None => Polling::new(id.clone(), due),
        };
        self.pollings.insert(id, next);
    }

    /// Stores a record, in the list it belongs to.
    fn put(&mut self, key: Key, record: Record) {
        let place = |record: &Record| (record.due, record.document.clone());
        if let Some(before) = self.records.get(&key) {
            let list = (key.connection.clone(), before.list());
            let listed = self.lists.entry(list).or_default();
            listed.remove(&place(before));
        }
        let list = (key.connection.clone(), record.list());
        let listed = self.lists.entry(list).or_default();
        listed.insert(place(&record));
        self.records.insert(key, record);
    }

    fn check(&self, change: &Change<'_>) -> Result<Verdict, SaveError> {
        let key = key_of(change.record);
        let read = self.records.get(&key).map_or(0, |record| record.version);
        if read != change.record.version {
            // A repetition of a write whose answer was lost finds its own work.
            return if self.records.get(&key) == Some(&stored(change.record)) {
                Ok(Verdict::Written)
            } else {
                Err(SaveError::Conflict)
            };
        }
        for reservation in change.reservations {
            let free = |by: &Holder| change.replaced.contains(&by.document);
            self.is_free(&key, reservation.key(), free)?;
        }
        for (kind, number) in change.receipts {
            let free = |by: &Holder| change.former.contains(by);
            self.is_free(&key, receipt_name(*kind, number), free)?;
        }
        if let Some((number, _)) = &change.audit
            && self.audit.contains_key(&(key, *number))
        {
            return Err(SaveError::Port(PortError::Corrupt {
                key: format!("audit#{number}"),
                detail: "an audit item would be overwritten".to_owned(),
            }));
        }
        Ok(Verdict::New)
    }

    /// Whether nobody else has a name, or one it may be taken over from.
    fn is_free(
        &self,
        key: &Key,
        name: String,
        may_go: impl Fn(&Holder) -> bool,
    ) -> Result<(), SaveError> {
        match self.holders.get(&(key.connection.clone(), name.clone())) {
            Some(by) if by.document != key.document && !may_go(by) => Err(SaveError::Taken {
                key: name,
                by: by.document.clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn receipt_name(kind: PostingKind, number: &str) -> String {
    format!("receipt#{}#{number}", kind.label())
}

enum Verdict {
    New,
    Written,
}

impl Ledger for MemoryLedger {
    async fn put_source(&self, key: &Key, source: &Source) -> Result<(), PortError> {
        self.1.check("DynamoDB")?;
        let mut tables = self.0.borrow_mut();
        tables.sources.insert(key.clone(), source.clone());
        Ok(())
    }

    async fn create(&self, record: &Record) -> Result<Created, PortError> {
        self.1.check("DynamoDB")?;
        let mut tables = self.0.borrow_mut();
        let key = key_of(record);
        if let Some(existing) = tables.records.get(&key) {
            return Ok(Created::Existing(Box::new(existing.clone())));
        }
        let first = Record {
            version: 1,
            ..record.clone()
        };
        tables.put(key, first);
        Ok(Created::New)
    }

    async fn load(&self, key: &Key) -> Result<Option<Loaded>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        Ok(tables.records.get(key).map(|record| Loaded {
            record: record.clone(),
            source: tables.sources.get(key).cloned(),
        }))
    }

    async fn records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let found = keys.iter().filter_map(|key| tables.records.get(key));
        Ok(found.cloned().collect())
    }

    async fn plan(&self, key: &Key, number: u32) -> Result<Option<Plan>, PortError> {
        self.1.check("DynamoDB")?;
        Ok(self.0.borrow().plans.get(&(key.clone(), number)).cloned())
    }

    async fn audit(&self, key: &Key) -> Result<Vec<Event>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let items = tables
            .audit
            .range((key.clone(), 0)..=(key.clone(), u32::MAX));
        Ok(items.flat_map(|(_, events)| events.clone()).collect())
    }

    async fn deleted(&self, key: &Key) -> Result<Vec<Removed>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let (first, last) = ((key.clone(), 0, 0), (key.clone(), u32::MAX, u32::MAX));
        let items = tables.removed.range(first..=last);
        Ok(items.map(|(_, removed)| removed.clone()).collect())
    }

    async fn save(&self, change: &Change<'_>) -> Result<(), SaveError> {
        self.1.check("DynamoDB").map_err(SaveError::Port)?;
        let mut tables = self.0.borrow_mut();
        if let Verdict::Written = tables.check(change)? {
            return Ok(());
        }
        let key = key_of(change.record);
        if let Some(plan) = change.plan {
            tables
                .plans
                .insert((key.clone(), plan.number), plan.clone());
        }
        if let Some(removed) = change.removed {
            let place = (key.clone(), removed.plan, removed.n);
            tables.removed.insert(place, removed.clone());
        }
        if let Some((number, events)) = &change.audit {
            tables.audit.insert((key.clone(), *number), events.clone());
        }
        let names = change
            .reservations
            .iter()
            .map(crate::ports::Reservation::key);
        let receipts = change
            .receipts
            .iter()
            .map(|(kind, number)| receipt_name(*kind, number));
        for name in names.chain(receipts) {
            let holder = Holder {
                document: key.document.clone(),
                version: stored(change.record).version,
            };
            tables
                .holders
                .insert((key.connection.clone(), name), holder);
        }
        if let Some(likeness) = change.likeness {
            let place = (key.connection.clone(), likeness.to_owned());
            let alike = tables.alike.entry(place).or_default();
            alike.retain(|known| known.document != key.document);
            alike.push(Duplicate {
                document: key.document.clone(),
                business: change.record.business.clone(),
            });
        }
        tables.put(key, stored(change.record));
        Ok(())
    }

    async fn work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let listed = tables.lists.get(&(connection.clone(), list));
        let due = listed.into_iter().flatten();
        let found = due.take_while(|(due, _)| until.is_none_or(|until| *due <= until));
        let first = found.take(limit);
        Ok(first
            .map(|(due, document)| (document.clone(), *due))
            .collect())
    }

    async fn page(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        let mut listed = self.work(connection, list, None, usize::MAX).await?;
        if page.order == Order::Newest {
            listed.reverse();
        }
        let place = |(document, due): &(DocumentId, Timestamp)| (*due, document.clone());
        let comes = |entry: &(DocumentId, Timestamp)| match (&page.after, page.order) {
            (None, _) => true,
            (Some(after), Order::Oldest) => place(entry) > place(after),
            (Some(after), Order::Newest) => place(entry) < place(after),
        };
        Ok(listed.into_iter().filter(comes).take(page.limit).collect())
    }

    async fn put_connection(&self, connection: &StoredConnection) -> Result<(), SaveError> {
        self.1.check("DynamoDB").map_err(SaveError::Port)?;
        let mut tables = self.0.borrow_mut();
        let versions = tables.connections.entry(connection.id.clone()).or_default();
        if versions.last() == Some(connection) {
            return Ok(());
        }
        let newest = versions.last().map_or(0, |newest| newest.version);
        if connection.version != newest.saturating_add(1) {
            return Err(SaveError::Conflict);
        }
        versions.push(connection.clone());
        tables.reschedule(connection);
        Ok(())
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<StoredConnection>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let versions = tables.connections.get(id);
        Ok(versions.and_then(|versions| versions.last()).cloned())
    }

    async fn connections(&self) -> Result<Vec<StoredConnection>, PortError> {
        self.1.check("DynamoDB")?;
        Ok(self.0.borrow().newest(Standing::Applied))
    }

    async fn removed(&self) -> Result<Vec<StoredConnection>, PortError> {
        Ok(self.0.borrow().newest(Standing::Removed))
    }

    async fn versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError> {
        let tables = self.0.borrow();
        let all = tables.connections.get(id).into_iter().flatten().rev();
        let wanted = all.filter(|stored| below.is_none_or(|below| stored.version < below));
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn pollings(&self) -> Result<Vec<Polling>, PortError> {
        Ok(self.0.borrow().pollings.values().cloned().collect())
    }

    async fn polling(&self, id: &ConnectionId) -> Result<Option<Polling>, PortError> {
        Ok(self.0.borrow().pollings.get(id).cloned())
    }

    async fn put_polling(&self, polling: &Polling) -> Result<(), SaveError> {
        let mut tables = self.0.borrow_mut();
        let stored = tables.pollings.get_mut(&polling.connection);
        let stored = stored.ok_or(SaveError::Conflict)?;
        let next = Polling {
            version: polling.version.saturating_add(1),
            ..polling.clone()
        };
        if stored.version != polling.version && *stored != next {
            return Err(SaveError::Conflict);
        }
        *stored = next;
        Ok(())
    }

    async fn alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let place = (connection.clone(), likeness.to_owned());
        let mut found = tables.alike.get(&place).cloned().unwrap_or_default();
        found.sort_by(|one, other| one.document.cmp(&other.document));
        Ok(found)
    }

    async fn holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError> {
        self.1.check("DynamoDB")?;
        let place = (connection.clone(), receipt_name(kind, number));
        Ok(self.0.borrow().holders.get(&place).cloned())
    }

    async fn reference(&self, connection: &ConnectionId) -> Result<Vec<Cached>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        let lists = tables.reference.iter();
        let own = lists.filter(|((of, _), _)| of == connection);
        Ok(own.map(|(_, list)| list.clone()).collect())
    }

    async fn put_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError> {
        self.1.check("DynamoDB").map_err(SaveError::Port)?;
        let mut tables = self.0.borrow_mut();
        let place = (connection.clone(), list.table.list());
        let next = Cached {
            version: list.version.saturating_add(1),
            ..list.clone()
        };
        let known = tables.reference.get(&place);
        if known == Some(&next) {
            return Ok(());
        }
        if known.map_or(0, |known| known.version) != list.version {
            return Err(SaveError::Conflict);
        }
        tables.reference.insert(place, next);
        Ok(())
    }

    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError> {
        self.1.check("DynamoDB")?;
        let mut tables = self.0.borrow_mut();
        let held = tables.leases.entry(name.to_owned()).or_default();
        let free = held
            .by
            .as_ref()
            .is_none_or(|(by, ends)| by == holder || *ends <= now);
        if !free {
            return Ok(None);
        }
        held.by = Some((holder.to_owned(), until));
        Ok(Some(Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            until,
            memo: held.memo.clone(),
        }))
    }

    async fn lease_memo(&self, name: &str) -> Result<Option<String>, PortError> {
        self.1.check("DynamoDB")?;
        let tables = self.0.borrow();
        Ok(tables.leases.get(name).map(|held| held.memo.clone()))
    }

    async fn swap_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError> {
        self.1.check("DynamoDB")?;
        let mut tables = self.0.borrow_mut();
        let held = tables.leases.entry(name.to_owned()).or_default();
        if held.memo != before && held.memo != after {
            return Ok(Some(held.memo.clone()));
        }
        after.clone_into(&mut held.memo);
        Ok(None)
    }

    async fn give_lease(&self, lease: &Lease) -> Result<(), PortError> {
        self.1.check("DynamoDB")?;
        let mut tables = self.0.borrow_mut();
        if let Some(held) = tables.leases.get_mut(&lease.name)
            && held.by.as_ref().is_some_and(|(by, _)| *by == lease.holder)
        {
            *held = Held {
                by: None,
                memo: lease.memo.clone(),
            };
        }
        Ok(())
    }
}
