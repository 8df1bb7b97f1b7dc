//! From page to page of Concur's ready list, which shrinks under the reader as documents are acknowledged.

use concur::{DocumentType, Kind};
use posting::DocumentKind;

use super::answer::ConnectionAnswer;
use super::{Connection, Poll};
use crate::ports::{Clock, Ledger, PortError, Queue, Vault};
use crate::retry::Class;
use crate::tokens::ConcurError;
use crate::translate::document_type;

/// Bytes of an answer that is read beside those of other connections; a larger one is read while no other large one is.
pub(super) const BESIDE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Calls of one round: 5,000 documents of a kind in one run, far over any day of a customer.
const CALLS_MAX: u32 = 200;

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    /// Concur did not do its part.
    #[error("concur does not answer as needed")]
    Concur(#[from] ConcurError),
    /// The platform did not do its part.
    #[error("the document cannot be kept")]
    Port(#[from] PortError),
}

impl RoundError {
    /// Whether Concur gave no answer that says anything.
    pub(super) fn is_silence(&self) -> bool {
        match self {
            Self::Concur(error) => Class::of_call(error).is_some_and(Class::is_silence),
            Self::Port(_) => false,
        }
    }

    /// Whether a smaller question might have been answered in time.
    pub(super) fn is_slow(&self) -> bool {
        matches!(self, Self::Concur(ConcurError::Call(error)) if error.kind() == Kind::Timeout)
    }

    /// What to do.
    pub(super) fn cure(&self) -> &'static str {
        match self {
            Self::Port(_) => "Nothing was lost; the next run goes on.",
            Self::Concur(_) if self.is_silence() => {
                "Nothing was lost, and Concur was asked nothing more for this connection in this run; the next run goes on."
            }
            Self::Concur(error) if error.is_transient() => {
                "Nothing was lost; the next run goes on."
            }
            Self::Concur(ConcurError::Token(_)) => {
                "Check the secret `concur` of the connection, then run connect with action `connect`."
            }
            Self::Concur(ConcurError::Call(_) | ConcurError::Late) => {
                "Check that the application has scope FISVC and FIS is switched on for the company; SAP's support wants the correlation id."
            }
        }
    }
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    /// One kind: a page is read again as long as something on it was acknowledged, the next one is taken when all that is
    /// left stays by decision, and no link to a next page ends the round without another call.
    pub(super) async fn round(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), RoundError> {
        let (mut page, mut limit) = (0_u32, self.limit(&connection.id, kind));
        let mut is_large = false;
        for answered in 0..CALLS_MAX {
            let alone = if is_large {
                Some(self.needs.kept.large.lock().await)
            } else {
                None
            };
            if self.run.left(self.needs.now()) < self.needs.deployment.poll_margin {
                answer.left.push(format!("{kind} from page {page}"));
                if answered > 0 {
                    self.was_answered(&connection.id, kind);
                }
                return Ok(());
            }
            let bytes = if is_large {
                usize::MAX
            } else {
                BESIDE_BYTES_MAX
            };
            let listed = match self
                .ready(connection, document_type(kind), (page, limit), bytes)
                .await
            {
                Ok(listed) => listed,
                Err(ConcurError::Call(error)) if is_larger(&error) && limit > 1 => {
                    // The same documents in smaller portions.
                    (page, limit) = (page.saturating_mul(2), limit / 2);
                    continue;
                }
                Err(ConcurError::Call(error)) if is_larger(&error) && !is_large => {
                    is_large = true;
                    continue;
                }
                Err(ConcurError::Call(error)) if is_larger(&error) => {
                    // One document alone is too large: it is told, and must not hide those behind it.
                    let failure = crate::report::Failure::new(
                        format!("fetch {kind}, document {page} of the list"),
                        &error,
                        "Post the document by hand; Concur's answer for it is larger than the connector reads.",
                    );
                    answer.errors.push(failure);
                    (page, is_large) = (page.saturating_add(1), false);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for _ in 0..listed.unreadable {
                answer.skip("without_id");
            }
            let taken = self
                .take(connection, kind, listed.documents, answer)
                .await?;
            drop(alone);
            is_large = false;
            if !listed.has_next {
                self.was_answered(&connection.id, kind);
                return Ok(());
            }
            if taken == 0 {
                page = page.saturating_add(1);
            }
        }
        answer.left.push(format!("{kind} after {CALLS_MAX} pages"));
        self.was_answered(&connection.id, kind);
        Ok(())
    }

    async fn ready(
        &self,
        connection: &Connection,
        kind: DocumentType,
        pages: (u32, u32),
        bytes: usize,
    ) -> Result<concur::financial::Page, ConcurError> {
        self.needs
            .concur(connection, self.run, async |client: &concur::Client| {
                client.ready_within(kind, pages, bytes).await
            })
            .await
    }
}

pub(super) fn is_larger(error: &concur::Error) -> bool {
    error.kind() == Kind::TooLarge
}
