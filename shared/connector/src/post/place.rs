//! A document is finished where it was begun. `apply` moves no connection while documents are open, but one that a running
//! `poll` stores in that very moment is not seen by it: such a document is held before anything else is done with it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use posting::{Code, Reason};

use super::Batch;
use super::job::{Job, Why};
use crate::connection::Fixed;
use crate::ports::{Clock, Ledger, PortError, Queue, Vault};

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Holds the documents taken under a version of the connection that names another place than the newest one.
    pub(super) async fn keep_place(&self, jobs: &mut [Job]) {
        let mut moved = BTreeMap::new();
        for job in jobs.iter_mut().filter(|job| job.is_on()) {
            let newest = self.connection.version;
            let Some(under) = job.record.under.filter(|under| *under != newest) else {
                continue;
            };
            if let Entry::Vacant(unknown) = moved.entry(under) {
                match self.moved_since(under).await {
                    Ok(paths) => drop(unknown.insert(paths)),
                    Err(error) => {
                        tracing::error!(document = %job.key.document, %error, "version of the connection not read");
                        job.end(Why::Again);
                        continue;
                    }
                }
            }
            let Some(paths) = moved.get(&under).filter(|paths| !paths.is_empty()) else {
                continue;
            };
            let paths = paths.join(", ");
            let message =
                format!("taken under version {under} of the connection, which had another {paths}");
            self.hold(job, vec![Reason::new(Code::ConnectionMoved, message)])
                .await;
        }
    }

    /// Paths at which the newest version differs from an earlier one in what must not change. A version that is not stored
    /// or that nobody can read any more forbids nothing.
    async fn moved_since(&self, version: u64) -> Result<Vec<&'static str>, PortError> {
        let (id, below) = (&self.connection.id, version.checked_add(1));
        let found = self.needs.ledger.versions(id, below, 1).await?;
        let before = found
            .first()
            .filter(|stored| stored.version == version)
            .and_then(|stored| Fixed::read(&stored.text, &self.needs.deployment));
        let now = self.connection.fixed();
        let paths = before.iter().flat_map(|before| before.differences(&now));
        Ok(paths.map(|(path, _)| path).collect())
    }
}
