//! What is known of a tenant's master data: read from Acumatica at most once a day, kept in the ledger for every process
//! and in the process for an hour. It is a cache: what it says is wrong is looked up again before anything is refused.
//!
//! Small lists (accounts, subaccounts, branches, tax categories, taxes, periods) are read whole; vendors, employees,
//! projects and tasks by the keys that plans name.

mod fetch;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use posting::preflight::Preflight;
use posting::reference::{Extent, List, Lookup, Rows, Table, View};
use posting::rules::{Rules, TaxMode};

use crate::connection::Connection;
use crate::needs::{Needs, make_room};
use crate::ports::{Cached, Clock, Ledger, SaveError};

pub(crate) use fetch::{Ask, Asked};

/// How long a list is used before it is read again.
const LIST_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How long what was just read of Acumatica settles whether a document is refused.
const SETTLED_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a process uses what it read from the ledger.
const KEPT_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Tenants whose lists a process keeps: they can have megabytes.
const TENANTS_KEPT_MAX: usize = 20;

/// What is known of the tenant of one connection.
#[derive(Debug)]
pub(crate) struct Known {
    connection: ConnectionId,
    /// The tenant they are of.
    tenant: String,
    /// The rows.
    pub(crate) view: View,
    lists: BTreeMap<List, Age>,
    /// When it was read from the ledger; without that it is neither stored nor kept.
    loaded: Option<Timestamp>,
    /// What Acumatica was asked for by name, and when.
    settled: HashMap<Lookup, Timestamp>,
    /// Lists of which Acumatica answered for a part, and when: their address is right.
    heard: BTreeMap<List, Timestamp>,
    /// Lists Acumatica does not show, and when it said so.
    hidden: BTreeMap<List, Timestamp>,
    /// When whole lists could not be read for now.
    troubled: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Age {
    /// Version of the stored item; 0 without one.
    stored: u64,
    read: Timestamp,
    is_new: bool,
}

impl Known {
    /// Nothing is known.
    pub(crate) fn nothing(connection: &Connection) -> Self {
        Self {
            connection: connection.id.clone(),
            tenant: connection.acumatica.place(),
            view: View::default(),
            lists: BTreeMap::new(),
            loaded: None,
            settled: HashMap::new(),
            heard: BTreeMap::new(),
            hidden: BTreeMap::new(),
            troubled: None,
        }
    }

    /// Lists of another tenant, which the connection had before, say nothing: only their versions count, to replace them.
    fn of(connection: &Connection, lists: Vec<Cached>, now: Timestamp) -> Self {
        let mut known = Self::nothing(connection);
        known.loaded = Some(now);
        for cached in lists {
            let list = cached.table.list();
            let is_ours = cached.tenant == known.tenant;
            let age = Age {
                stored: cached.version,
                read: if is_ours {
                    cached.read
                } else {
                    Timestamp::UNIX_EPOCH
                },
                is_new: false,
            };
            known.lists.insert(list, age);
            if is_ours {
                known.view.put(cached.table);
            }
        }
        known
    }

    /// Lets go of what is over a day old: looked-up keys are forgotten, and a whole list no longer says what is missing.
    fn age(&mut self, now: Timestamp) {
        self.settled
            .retain(|_, at| is_fresh(*at, SETTLED_LIFE, now));
        for list in List::ALL {
            if !self.is_over(list, LIST_LIFE, now) {
                continue;
            }
            let table = match self.view.table(list) {
                Table::Vendors(rows) => Table::Vendors(emptied(&rows)),
                Table::Employees(rows) => Table::Employees(emptied(&rows)),
                Table::Projects(rows) => Table::Projects(emptied(&rows)),
                Table::Tasks(rows) => Table::Tasks(emptied(&rows)),
                Table::Accounts(rows) => Table::Accounts(rows.as_part()),
                Table::Subaccounts(rows) => Table::Subaccounts(rows.as_part()),
                Table::Branches(rows) => Table::Branches(rows.as_part()),
                Table::Taxes(rows) => Table::Taxes(rows.as_part()),
                Table::TaxCategories(rows) => Table::TaxCategories(rows.as_part()),
                Table::Periods(rows) => Table::Periods(rows.as_part()),
            };
            self.view.put(table);
        }
    }

    /// Small lists that the rules need and that are missing or over a day old.
    pub(crate) fn stale(&self, rules: &Rules, now: Timestamp) -> Vec<List> {
        if self
            .troubled
            .is_some_and(|at| is_fresh(at, SETTLED_LIFE, now))
        {
            return Vec::new();
        }
        let mut wanted = vec![
            List::Periods,
            List::Branches,
            List::Accounts,
            List::Subaccounts,
            List::TaxCategories,
        ];
        if rules.tax.mode == TaxMode::Acumatica {
            wanted.push(List::Taxes);
        }
        wanted.retain(|list| !self.lists.contains_key(list) || self.is_over(*list, LIST_LIFE, now));
        wanted
    }

    /// Whether a list was read so long ago that it says nothing final.
    pub(crate) fn is_old(&self, list: List, now: Timestamp) -> bool {
        self.is_over(list, SETTLED_LIFE, now)
    }

    fn is_over(&self, list: List, life: SignedDuration, now: Timestamp) -> bool {
        let age = self.lists.get(&list);
        age.is_some_and(|age| !is_fresh(age.read, life, now))
    }

    /// What has to be asked of Acumatica before a plan can be judged: keys that are not known, and rows that speak against
    /// the plan although nobody asked for them lately.
    pub(crate) fn open(&self, found: &Preflight, now: Timestamp) -> BTreeSet<(Ask, Lookup)> {
        let unknown = found.lookups.iter().map(|key| (Ask::Listed, key));
        let doubtful = found.rests_on.iter().map(|key| (Ask::ByKey, key));
        let open = unknown.chain(doubtful.filter(|(_, key)| !self.is_settled(key, now)));
        let is_hidden = |list| {
            let at = self.hidden.get(&list);
            at.is_some_and(|at| is_fresh(*at, SETTLED_LIFE, now))
        };
        open.filter(|(_, key)| !is_hidden(key.list))
            .map(|(ask, key)| (ask, key.clone()))
            .collect()
    }

    /// Whether Acumatica answered for a list lately, so that a record that is not found is missing from it.
    fn was_heard(&self, list: List, now: Timestamp) -> bool {
        let at = self.heard.get(&list);
        at.is_some_and(|at| is_fresh(*at, SETTLED_LIFE, now))
    }

    fn is_settled(&self, key: &Lookup, now: Timestamp) -> bool {
        let asked = self.settled.get(key);
        let is_whole = self.view.extent(key.list) == Extent::Whole;
        asked.is_some_and(|at| is_fresh(*at, SETTLED_LIFE, now))
            || (is_whole && !self.is_old(key.list, now))
    }

    /// Acumatica refused the period of a plan, so the cached periods are wrong: the next plan reads them anew. Once, because
    /// a list that was just read would say the same again.
    pub(crate) fn doubt_periods(&mut self, now: Timestamp) {
        if self.is_old(List::Periods, now)
            && let Some(age) = self.lists.get_mut(&List::Periods)
        {
            age.read = Timestamp::UNIX_EPOCH;
            age.is_new = true;
        }
    }

    fn put(&mut self, table: Table, now: Timestamp) {
        let list = table.list();
        self.view.put(table);
        self.was_read(list, now);
    }

    /// Acumatica does not show a list any more: what it once said counts for nothing, and nothing is checked against it.
    fn withhold(&mut self, list: List, now: Timestamp) {
        let nothing = match self.view.table(list) {
            Table::Vendors(rows) => Table::Vendors(emptied(&rows)),
            Table::Employees(rows) => Table::Employees(emptied(&rows)),
            Table::Projects(rows) => Table::Projects(emptied(&rows)),
            Table::Tasks(rows) => Table::Tasks(emptied(&rows)),
            Table::Accounts(rows) => Table::Accounts(emptied(&rows)),
            Table::Subaccounts(rows) => Table::Subaccounts(emptied(&rows)),
            Table::Branches(rows) => Table::Branches(emptied(&rows)),
            Table::Taxes(rows) => Table::Taxes(emptied(&rows)),
            Table::TaxCategories(rows) => Table::TaxCategories(emptied(&rows)),
            Table::Periods(rows) => Table::Periods(emptied(&rows)),
        };
        self.put(nothing, now);
    }

    /// Notes that a list was asked for whole, whatever came of it.
    fn was_read(&mut self, list: List, now: Timestamp) {
        let stored = self.lists.get(&list).map_or(0, |age| age.stored);
        let age = Age {
            stored,
            read: now,
            is_new: true,
        };
        self.lists.insert(list, age);
    }

    /// Notes that look-ups were made in a list, which had this version before.
    fn learned(&mut self, list: List, before: u64, now: Timestamp) {
        if self.view.version(list) == before && self.lists.contains_key(&list) {
            return;
        }
        let first = Age {
            stored: 0,
            read: now,
            is_new: true,
        };
        let age = self.lists.entry(list).or_insert(first);
        // Keys of a day ago were let go of when the list was taken, so its life begins anew.
        if !is_fresh(age.read, LIST_LIFE, now) {
            age.read = now;
        }
        age.is_new = true;
    }
}

fn is_fresh(at: Timestamp, life: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(at) < life
}

/// A list without rows that follows this one.
fn emptied<T>(rows: &Rows<T>) -> Rows<T> {
    if rows.version() > 0 {
        let none: [(&str, T); 0] = [];
        return Rows::whole(rows.version(), none).as_part();
    }
    Rows::default()
}

impl<L: Ledger, Q, V, C: Clock> Needs<L, Q, V, C> {
    /// What is known of a connection's tenant, without a call to Acumatica. A ledger that does not answer blocks nothing:
    /// then nothing is known.
    pub(crate) async fn known(&self, connection: &Connection) -> Known {
        let now = self.now();
        let kept = self.kept.reference.borrow_mut().remove(&connection.id);
        let tenant = connection.acumatica.place();
        let is_kept = |known: &Known| {
            known.tenant == tenant && known.loaded.is_some_and(|at| is_fresh(at, KEPT_LIFE, now))
        };
        let mut known = match kept.filter(is_kept) {
            Some(known) => known,
            None => match self.ledger.reference(&connection.id).await {
                Ok(lists) => Known::of(connection, lists, now),
                Err(error) => {
                    tracing::warn!(connection = %connection.id, %error, "cached master data not read");
                    Known::nothing(connection)
                }
            },
        };
        known.age(now);
        known
    }

    /// Stores what was learned and keeps the rest for this process. Where another worker stored a list meanwhile, everything
    /// is read again by the next run.
    pub(crate) async fn keep(&self, mut known: Known) {
        if known.loaded.is_none() {
            return;
        }
        let mut is_sound = true;
        for (list, age) in known.lists.iter_mut().filter(|(_, age)| age.is_new) {
            let cached = Cached {
                version: age.stored,
                read: age.read,
                tenant: known.tenant.clone(),
                table: known.view.table(*list),
            };
            match self.ledger.put_reference(&known.connection, &cached).await {
                Ok(()) => {
                    age.stored = age.stored.saturating_add(1);
                    age.is_new = false;
                }
                Err(SaveError::Conflict) => is_sound = false,
                Err(error) => {
                    tracing::warn!(connection = %known.connection, %list, %error, "master data not stored");
                    is_sound = false;
                }
            }
        }
        if is_sound {
            let mut kept = self.kept.reference.borrow_mut();
            make_room(&mut kept, TENANTS_KEPT_MAX);
            kept.insert(known.connection.clone(), known);
        }
    }
}

#[cfg(test)]
mod tests;
