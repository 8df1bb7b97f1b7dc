//! Documents that somebody names by their business ids. Concur answers with all of them, also those its list of ready ones
//! does not show any more: what this system acknowledged and its table does not know, after a restored backup say, is taken
//! like a ready one and goes its way; the search before its first write finds what was posted for it before.

use concur::financial::{DocumentStatus, FinancialDocument};
use posting::{BusinessId, DocumentKind};

use super::answer::ConnectionAnswer;
use super::page::RoundError;
use super::{Connection, Poll};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::translate::document_type;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    /// Whether some documents only are asked for.
    pub(super) fn is_named(&self) -> bool {
        self.request.business_id.is_some() || !self.request.business_ids.is_empty()
    }

    /// One kind of the business objects that are named.
    pub(super) async fn by_business_ids(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), RoundError> {
        let ids = self.request.business_id.iter();
        for id in ids.chain(&self.request.business_ids) {
            if self.run.left(self.needs.now()) < self.needs.deployment.poll_margin {
                answer.left.push(format!("{kind} {id}"));
                continue;
            }
            self.one(connection, kind, id, answer).await?;
        }
        Ok(())
    }

    async fn one(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        id: &BusinessId,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), RoundError> {
        let found = self
            .needs
            .concur(connection, self.run, async |client: &concur::Client| {
                client
                    .by_business_id(document_type(kind), id.as_str())
                    .await
            })
            .await?;
        let (takeable, others): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|document| is_takeable(connection, document));
        for _ in others {
            answer.skip("not_ready");
        }
        self.take(connection, kind, takeable, answer).await?;
        Ok(())
    }
}

/// Ready, or acknowledged by this system. What was told a verdict is at its end.
fn is_takeable(connection: &Connection, document: &FinancialDocument) -> bool {
    let holder = document.erp_system_id.as_deref().map(str::trim);
    match document.status {
        DocumentStatus::Ready => true,
        DocumentStatus::Acknowledged => holder == Some(connection.concur.system_id.as_str()),
        _ => false,
    }
}
