//! A dry run: what would become of the documents of a page. It reads and plans; no side learns of it.

use std::collections::BTreeSet;

use posting::{DocumentId, DocumentKind, State};

use super::answer::ConnectionAnswer;
use super::take::Ours;
use super::{Connection, Poll};
use crate::explain;
use crate::ports::{Clock, Key, Ledger, PortError, Queue, Vault};

/// Business ids listed of documents whose plans do not fit; the counts have them all.
const LEFT_OUT_MAX: usize = 1_000;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    /// Explains what of a page would be taken, as far as the answer has room for it.
    pub(super) async fn explain(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        ours: Vec<Ours>,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), PortError> {
        let known = self.known(connection, &ours).await?;
        let tenant = self.needs.known(connection).await;
        for (id, reading, _) in &ours {
            if known.contains(id) {
                answer.skip("known");
                continue;
            }
            let key = Key {
                connection: connection.id.clone(),
                document: id.clone(),
            };
            let alike = explain::alike(&self.needs.ledger, &key, reading).await?;
            let mut explained =
                explain::explain(connection, (kind, id), reading, (&tenant.view, &alike));
            answer.count(explained.outcome.word());
            let bytes = explained.fit(self.room);
            let filled = answer.plan_bytes.saturating_add(bytes);
            if filled <= self.room {
                answer.plan_bytes = filled;
                answer.plans.push(explained);
            } else if answer.plans_left_out.len() < LEFT_OUT_MAX {
                answer.plans_left_out.push(reading.header.business.clone());
            }
        }
        Ok(())
    }

    /// Those that a run would pass over, because they were taken before.
    async fn known(
        &self,
        connection: &Connection,
        ours: &[Ours],
    ) -> Result<BTreeSet<DocumentId>, PortError> {
        let key = |(document, _, _): &Ours| Key {
            connection: connection.id.clone(),
            document: document.clone(),
        };
        let keys: Vec<Key> = ours.iter().map(key).collect();
        if keys.is_empty() {
            return Ok(BTreeSet::new());
        }
        let records = self.needs.ledger.records(&keys).await?;
        let taken = records
            .into_iter()
            .filter(|record| record.state != State::Received);
        Ok(taken.map(|record| record.document).collect())
    }
}
