//! Documents that somebody names by their business ids. Concur answers with all of them, also those its list of ready ones
//! does not show any more: what this system acknowledged and its table does not know, after a restored backup say, is taken
//! like a ready one and goes its way; the search before its first write finds what was posted for it before.

use concur::financial::{DocumentStatus, FinancialDocument};
use posting::{BusinessId, DocumentKind};

use super::answer::ConnectionAnswer;
use super::limit::PAGE_LIMIT;
use super::page::{BESIDE_BYTES_MAX, RoundError, is_larger};
use super::{Connection, Poll};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::tokens::ConcurError;
use crate::translate::document_type;

/// Documents of one business id that are taken; each approval makes one, and all but the last are at their end.
const DOCUMENTS_MAX: usize = 200;

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
        let asked = (kind, id);
        match self.found(connection, asked, BESIDE_BYTES_MAX).await {
            Ok(found) => self.take_found(connection, asked, found, answer).await,
            Err(ConcurError::Call(error)) if is_larger(&error) => {
                let _alone = self.needs.kept.large.lock().await;
                let found = self.found(connection, asked, usize::MAX).await?;
                self.take_found(connection, asked, found, answer).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn found(
        &self,
        connection: &Connection,
        (kind, id): (DocumentKind, &BusinessId),
        bytes: usize,
    ) -> Result<Vec<FinancialDocument>, ConcurError> {
        let kind = document_type(kind);
        let call = async |client: &concur::Client| {
            client.by_business_id_within(kind, id.as_str(), bytes).await
        };
        self.needs.concur(connection, self.run, call).await
    }

    /// Takes what is takeable of one answer, which comes whole, in portions of a page.
    async fn take_found(
        &self,
        connection: &Connection,
        (kind, id): (DocumentKind, &BusinessId),
        found: Vec<FinancialDocument>,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), RoundError> {
        let (mut takeable, others): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|document| is_takeable(connection, document));
        for _ in others {
            answer.skip("not_ready");
        }
        if takeable.len() > DOCUMENTS_MAX {
            let over = takeable.len().saturating_sub(DOCUMENTS_MAX);
            answer.left.push(format!("{over} documents of {kind} {id}"));
            takeable.truncate(DOCUMENTS_MAX);
        }
        let page = usize::try_from(PAGE_LIMIT).unwrap_or(DOCUMENTS_MAX);
        while !takeable.is_empty() {
            let rest = takeable.split_off(takeable.len().min(page));
            self.take(connection, kind, takeable, answer).await?;
            takeable = rest;
        }
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
