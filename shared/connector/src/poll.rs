//! `poll`: fetches what Concur offers, stores it durably, acknowledges it page by page and wakes `post`; then wakes what is
//! due. A connection that fails never stops the others.

mod answer;
mod business;
mod dry;
mod page;
mod take;

use std::rc::Rc;

use futures_util::StreamExt;
use posting::{BusinessId, ConnectionId, DocumentKind, record::List};
use serde::Deserialize;

use crate::connection::Connection;
use crate::explain::ANSWER_BYTES_MAX;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Key, Ledger, PortError, Queue, StoredConnection, Vault, Wake};
use crate::report::{self, Failure};
use crate::tokens::ConcurError;
pub use answer::{Answer, ConnectionAnswer};
use page::RoundError;

/// Connections worked on at a time.
const CONNECTIONS_AT_A_TIME: usize = 4;
/// Records one run wakes for one connection; the next run wakes the next.
const SWEEP_MAX: usize = 500;
/// Held documents shown for one connection.
const HELD_MAX: usize = 100;

/// What `poll` is asked for; the schedule sends `{}`, which means everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// One connection only.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Some kinds only, among those the connection takes.
    #[serde(default)]
    pub document_types: Option<Vec<DocumentKind>>,
    /// One report, invoice or cash advance only.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
    /// Several of them: what this system acknowledged and its table does not know is taken too.
    #[serde(default)]
    pub business_ids: Vec<BusinessId>,
    /// Plans everything that would be taken and shows the plans; nothing is acknowledged, stored or woken.
    #[serde(default)]
    pub dry_run: bool,
}

/// One run of `poll`.
pub(crate) struct Poll<'a, L, Q, V, C> {
    needs: &'a Needs<L, Q, V, C>,
    run: &'a Run,
    request: &'a Request,
    /// Bytes of plans that each connection may show in a dry run.
    room: usize,
}

/// Runs `poll`. May be repeated at any time: what is stored is found again, what is acknowledged stays so.
///
/// # Errors
/// [`PortError`] when not even the connections can be read; everything else is told per connection in the answer.
pub async fn poll<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: &Request,
) -> Result<Answer, PortError> {
    let wanted = match &request.connection {
        Some(id) => needs.ledger.connection(id).await?.into_iter().collect(),
        None => needs.ledger.connections().await?,
    };
    if let (Some(id), true) = (&request.connection, wanted.is_empty()) {
        return Ok(Answer::of(vec![ConnectionAnswer::missing(id)]));
    }
    let poll = Poll {
        needs,
        run,
        request,
        room: ANSWER_BYTES_MAX.checked_div(wanted.len()).unwrap_or(0),
    };
    let mut answers: Vec<_> = futures_util::stream::iter(&wanted)
        .map(|stored| poll.connection(stored))
        .buffer_unordered(CONNECTIONS_AT_A_TIME)
        .collect()
        .await;
    answers.sort_by(|a: &ConnectionAnswer, b| a.connection.cmp(&b.connection));
    Ok(Answer::of(answers))
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    async fn connection(&self, stored: &StoredConnection) -> ConnectionAnswer {
        let mut answer = ConnectionAnswer::new(&stored.id);
        match self.needs.compiled(stored) {
            Ok(connection) => self.kinds(&connection, &mut answer).await,
            Err(error) => answer.errors.push(Failure::new(
                "read the connection",
                &error,
                "Apply the connection again; the faults name its fields.",
            )),
        }
        if !self.request.dry_run
            && let Err(error) = self.sweep(&stored.id, &mut answer).await
        {
            answer.errors.push(Failure::new(
                "wake what is due",
                &error,
                "The next run does it.",
            ));
        }
        if let Err(error) = self.held(&stored.id, &mut answer).await {
            answer
                .errors
                .push(Failure::new("list what is held", &error, "Ask again."));
        }
        for failure in &answer.errors {
            tracing::warn!(connection = %stored.id, step = failure.step, message = failure.message, "poll failed in part");
        }
        answer
    }

    async fn kinds(&self, connection: &Rc<Connection>, answer: &mut ConnectionAnswer) {
        let kinds = connection.rules.documents.iter().copied().filter(|kind| {
            let wanted = self.request.document_types.as_ref();
            wanted.is_none_or(|wanted| wanted.contains(kind))
        });
        for kind in kinds {
            let done = if self.is_named() {
                self.named(connection, kind, answer).await
            } else {
                self.round(connection, kind, answer).await
            };
            if let Err(error) = done {
                let cure = error.cure();
                answer
                    .errors
                    .push(Failure::new(format!("fetch {kind}"), &error, cure));
                if matches!(error, RoundError::Concur(ConcurError::Token(_))) {
                    // Without a token no other kind can be fetched, and asking again could look like an attack.
                    return;
                }
            }
        }
    }

    /// Wakes every open record that is due, whatever became of its own wake.
    async fn sweep(
        &self,
        id: &ConnectionId,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), PortError> {
        let now = self.needs.now();
        let ledger = &self.needs.ledger;
        let due = ledger.work(id, List::Open, Some(now), SWEEP_MAX).await?;
        let wakes: Vec<_> = due
            .into_iter()
            .map(|(document, _)| Wake {
                connection: id.clone(),
                document,
            })
            .map(|wake| (wake, jiff::SignedDuration::ZERO))
            .collect();
        if !wakes.is_empty() {
            self.needs.queue.wake(&wakes).await?;
        }
        answer.swept = wakes.len();
        Ok(())
    }

    async fn held(
        &self,
        id: &ConnectionId,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), PortError> {
        let ledger = &self.needs.ledger;
        let listed = ledger.work(id, List::Held, None, HELD_MAX).await?;
        let keys: Vec<_> = listed
            .into_iter()
            .map(|(document, _)| Key {
                connection: id.clone(),
                document,
            })
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        let records = ledger.records(&keys).await?;
        let held = records.iter().filter(|record| record.list() == List::Held);
        answer.held = held.map(report::row).collect();
        Ok(())
    }
}
