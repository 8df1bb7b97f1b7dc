//! Master data from Acumatica, on a seat: whole lists, keys in one list call, or one record. A list that Acumatica does not
//! show (no right to its form, a list it cannot export) stays unknown; trouble that passes, and an address that leads
//! nowhere, end the reading.

use std::collections::{BTreeMap, BTreeSet};

use acumatica::{
    Account, Employee, Entity, Error, Filter, FinancialPeriod, Kind, Pages, Paging, Project,
    ProjectTask, Query, Session, Subaccount, Tax, TaxCategory, Vendor,
};
use acumatica::{Keyed, Rows as With};
use posting::reference::{List, Lookup, Rows, Table, Tasks, View};

use super::Known;
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, Vault};
use crate::seats::{Seat, SeatError};
use crate::translate::master;

/// Keys of one list call: the address stays under 2,000 characters.
const KEYS_MAX: usize = 20;
/// Records read one by one in one round; what is beyond stays open for the next.
const RECORDS_MAX: usize = 20;
/// Not found: of a list it says that the address is wrong, of a record perhaps only that there is none.
const NOT_FOUND: u16 = 404;

/// How Acumatica is asked for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ask {
    /// With others in one list call. That a key is not in its answer is likely, not proved.
    Listed,
    /// By a call of its own, whose answer is final.
    ByKey,
}

/// What was asked in the run, so that nothing is asked twice.
pub(crate) type Asked = BTreeSet<(Ask, Lookup)>;

/// Where a seat's calls go.
struct Desk<'a, L, Q, V, C> {
    needs: &'a Needs<L, Q, V, C>,
    connection: &'a Connection,
    seat: &'a mut Seat,
}

/// Why a call brought nothing.
enum Trouble {
    /// Acumatica does not show it, and will not the next time.
    Hidden(Error),
    /// It passes, or concerns every call: a wrong address does.
    Passing(SeatError),
}

impl From<SeatError> for Trouble {
    fn from(error: SeatError) -> Self {
        match error {
            SeatError::Call(error) if is_of_one_list(&error) => Self::Hidden(error),
            error => Self::Passing(error),
        }
    }
}

/// Whether Acumatica refuses this list alone, and will again.
fn is_of_one_list(error: &Error) -> bool {
    !error.is_transient() && !error.is_unauthorized() && error.status() != Some(NOT_FOUND)
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Reads a list whole.
    ///
    /// # Errors
    /// Trouble that passes, or a wrong address; then no list is read for some minutes.
    pub(crate) async fn read_list(
        &self,
        (seat, connection): (&mut Seat, &Connection),
        known: &mut Known,
        list: List,
    ) -> Result<(), SeatError> {
        let mut desk = Desk {
            needs: self,
            connection,
            seat,
        };
        let read = Box::pin(desk.whole(list, &known.view)).await;
        let now = self.now();
        match read {
            Ok(table) => known.put(table, now),
            Err(Trouble::Hidden(error)) => {
                tracing::warn!(connection = %connection.id, %list, %error, "a list is not shown; plans are not checked against it");
                // Counts as read, so that it is asked for once a day.
                known.withhold(list, now);
            }
            Err(Trouble::Passing(error)) => {
                known.troubled = Some(now);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Asks for keys and notes the answers. What Acumatica does not show stays unknown. Returns what was asked: of many keys
    /// to be read one by one, the first.
    ///
    /// # Errors
    /// Trouble that passes, or a wrong address; the answers before it are noted.
    pub(crate) async fn look_up(
        &self,
        (seat, connection): (&mut Seat, &Connection),
        known: &mut Known,
        wanted: &Asked,
    ) -> Result<Asked, SeatError> {
        let mut desk = Desk {
            needs: self,
            connection,
            seat,
        };
        let mut by_list: BTreeMap<(Ask, List), Vec<&str>> = BTreeMap::new();
        for (ask, key) in wanted {
            let keys = by_list.entry((*ask, key.list)).or_default();
            keys.push(key.key.as_str());
        }
        let mut asked = Asked::new();
        for ((ask, list), keys) in by_list {
            let looked = Box::pin(desk.keys(known, (ask, list), &keys)).await;
            match looked {
                Ok(keys) => {
                    let keys = keys.into_iter().map(|key| (ask, Lookup { list, key }));
                    asked.extend(keys);
                }
                Err(Trouble::Hidden(error)) => {
                    tracing::warn!(connection = %connection.id, %list, %error, "a list is not shown; plans are not checked against it");
                    known.hidden.insert(list, self.now());
                }
                Err(Trouble::Passing(error)) => return Err(error),
            }
        }
        Ok(asked)
    }
}

impl<L: Ledger, Q, V: Vault, C: Clock> Desk<'_, L, Q, V, C> {
    async fn all<E: Keyed>(&mut self) -> Result<Vec<E>, Trouble> {
        let site = &self.connection.acumatica.site;
        let mut pages = Pages::new(site, &Query::all(), Paging::default());
        // Each page is a request of the seat's share.
        loop {
            let page = self.list(&pages.query()).await?;
            let all = pages.add(page).map_err(SeatError::Call)?;
            if let Some(all) = all {
                return Ok(all);
            }
        }
    }

    async fn list<E: Entity>(&mut self, query: &Query) -> Result<Vec<E>, Trouble> {
        let call = async |session: &mut Session| session.list::<E>(query).await;
        Ok(self.needs.on_seat(self.seat, self.connection, call).await?)
    }

    async fn record<E: Keyed>(&mut self, key: &str) -> Result<Option<E>, Trouble> {
        let call = async |session: &mut Session| session.record::<E>(&[key]).await;
        let read = self.needs.on_seat(self.seat, self.connection, call).await;
        match read {
            Ok(found) => Ok(found),
            // A key that cannot stand in an address is no code of Acumatica's.
            Err(SeatError::Call(error)) if error.kind() == Kind::Invalid => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn whole(&mut self, list: List, view: &View) -> Result<Table, Trouble> {
        let before = view.version(list);
        Ok(match list {
            List::Accounts => {
                let rows: Vec<Account> = self.all().await?;
                Table::Accounts(spoken(Rows::whole(
                    before,
                    rows.iter().map(master::account),
                )))
            }
            List::Subaccounts => {
                let rows: Vec<Subaccount> = self.all().await?;
                let rows = rows.iter().map(master::subaccount);
                Table::Subaccounts(spoken(Rows::whole(before, rows)))
            }
            List::Branches => {
                let call = async |session: &mut Session| session.branches().await;
                let read = self.needs.on_seat(self.seat, self.connection, call).await;
                let rows = read?;
                Table::Branches(spoken(Rows::whole(before, rows.iter().map(master::branch))))
            }
            List::Taxes => {
                let rows: Vec<Tax> = self.all().await?;
                Table::Taxes(spoken(Rows::whole(before, rows.iter().map(master::tax))))
            }
            List::TaxCategories => {
                let rows: Vec<TaxCategory> = self.all().await?;
                let rows = rows.iter().map(master::tax_category);
                Table::TaxCategories(spoken(Rows::whole(before, rows)))
            }
            List::Periods => {
                let years: Vec<FinancialPeriod> = self.list(&Query::all().rows(With::With)).await?;
                Table::Periods(spoken(Rows::whole(before, master::periods(&years))))
            }
            // Too many to be read whole: they are looked up.
            List::Vendors | List::Employees | List::Projects | List::Tasks => view.table(list),
        })
    }

    /// The keys that were asked for.
    async fn keys(
        &mut self,
        known: &mut Known,
        (ask, list): (Ask, List),
        keys: &[&str],
    ) -> Result<BTreeSet<String>, Trouble> {
        let before = known.view.version(list);
        let all = || keys.iter().map(|key| (*key).to_owned()).collect();
        macro_rules! look {
            ($entity:ty, $rows:ident, $translate:path) => {{
                let found = self.find::<$entity>(known, (ask, list), keys).await?;
                let read: BTreeMap<String, _> = found
                    .found
                    .iter()
                    .map($translate)
                    .map(|(code, row)| (code.to_uppercase(), row))
                    .collect();
                for key in keys.iter().filter(|key| found.asked.contains(**key)) {
                    let row = read.get(&key.trim().to_uppercase()).cloned();
                    known.note((ask, list, *key), row.is_some(), self.needs.now());
                    known.view.$rows.learn(key, row);
                }
                found.asked
            }};
        }
        let asked = match list {
            List::Vendors => look!(Vendor, vendors, master::vendor),
            List::Employees => look!(Employee, employees, master::employee),
            List::Accounts => look!(Account, accounts, master::account),
            List::Subaccounts => look!(Subaccount, subaccounts, master::subaccount),
            List::Projects => look!(Project, projects, master::project),
            List::Taxes => look!(Tax, taxes, master::tax),
            List::TaxCategories => look!(TaxCategory, tax_categories, master::tax_category),
            List::Tasks => {
                self.tasks(known, keys).await?;
                all()
            }
            List::Branches | List::Periods => {
                let table = self.whole(list, &known.view).await?;
                known.put(table, self.needs.now());
                all()
            }
        };
        known.learned(list, before, self.needs.now());
        Ok(asked)
    }

    /// The records of some keys. A list that cannot be exported is read record by record.
    async fn find<E: Keyed>(
        &mut self,
        known: &mut Known,
        (ask, list): (Ask, List),
        keys: &[&str],
    ) -> Result<Found<E>, Trouble> {
        let mut found = Found {
            found: Vec::new(),
            asked: BTreeSet::new(),
        };
        let field = E::KEYS.first().copied().unwrap_or_default();
        if ask == Ask::Listed {
            for chunk in keys.chunks(KEYS_MAX) {
                let Some(filter) = Filter::any_of(field, chunk.iter().copied()) else {
                    continue;
                };
                let rows = self.heard(known, list, Query::matching(filter).rows(With::With));
                let Some(rows) = rows.await? else { break };
                found.found.extend::<Vec<E>>(rows);
                found
                    .asked
                    .extend(chunk.iter().map(|key| (*key).to_owned()));
            }
        }
        let left = keys.iter().filter(|key| !found.asked.contains(**key));
        let left: Vec<&str> = left.copied().take(RECORDS_MAX).collect();
        for key in left {
            let record: Option<E> = self.record(key).await?;
            // A site answers alike for a record that is not there and for an address that leads nowhere; a list tells.
            if record.is_none() && !known.was_heard(list, self.needs.now()) {
                self.heard::<E>(known, list, Query::all().top(1)).await?;
            }
            found.found.extend(record);
            found.asked.insert(key.to_owned());
        }
        Ok(found)
    }

    /// Rows of a list; `None` when it is there but cannot be exported.
    async fn heard<E: Entity>(
        &mut self,
        known: &mut Known,
        list: List,
        query: Query,
    ) -> Result<Option<Vec<E>>, Trouble> {
        let rows = match self.list(&query).await {
            Ok(rows) => Some(rows),
            Err(Trouble::Hidden(error)) if error.kind() != Kind::Forbidden => None,
            Err(trouble) => return Err(trouble),
        };
        known.heard.insert(list, self.needs.now());
        Ok(rows)
    }

    /// All tasks of some projects; a project without any has none.
    async fn tasks(&mut self, known: &mut Known, projects: &[&str]) -> Result<(), Trouble> {
        for chunk in projects.chunks(KEYS_MAX) {
            let Some(filter) = Filter::any_of("ProjectID", chunk.iter().copied()) else {
                continue;
            };
            let rows: Vec<ProjectTask> =
                self.list(&Query::matching(filter).rows(With::With)).await?;
            let mut tasks: BTreeMap<String, Tasks> = by_project(&rows)
                .into_iter()
                .map(|(project, tasks)| (project.to_uppercase(), tasks))
                .collect();
            for project in chunk {
                let row = tasks.remove(&project.trim().to_uppercase());
                known.note((Ask::ByKey, List::Tasks, *project), true, self.needs.now());
                known.view.tasks.learn(project, row);
            }
        }
        Ok(())
    }
}

/// Records, and the keys that were asked for.
struct Found<E> {
    found: Vec<E>,
    asked: BTreeSet<String>,
}

impl Known {
    /// Notes that a key was asked for. An answer without it settles nothing when a filter gave it.
    fn note(&mut self, (ask, list, key): (Ask, List, &str), is_here: bool, now: jiff::Timestamp) {
        if is_here || ask == Ask::ByKey {
            let key = key.to_owned();
            self.settled.insert(Lookup { list, key }, now);
        }
    }
}

/// A list without rows says nothing: the user may see none of them.
fn spoken<T>(rows: Rows<T>) -> Rows<T> {
    if rows.iter().next().is_none() {
        return rows.as_part();
    }
    rows
}

fn by_project(tasks: &[ProjectTask]) -> BTreeMap<String, Tasks> {
    let mut projects: BTreeMap<String, Vec<(String, posting::reference::Task)>> = BTreeMap::new();
    for (project, id, row) in tasks.iter().map(master::task) {
        projects.entry(project).or_default().push((id, row));
    }
    let tasks = projects.into_iter();
    tasks
        .map(|(project, tasks)| (project, Tasks::new(tasks)))
        .collect()
}
