//! What a run works on: the woken documents, and further due ones of the same connection.

use std::rc::Rc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use posting::record::List;
use posting::state::{Happened, advance};
use posting::{Code, ConnectionId, DocumentId, Reason};

use super::job::{CLAIMS_MAX, Job, Why, save};
use super::{Batch, Woken};
use crate::connection::Connection;
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Change, Clock, Key, Ledger, Loaded, PortError, Queue, Vault};
use crate::report::chain;

/// Documents of one run of one connection.
const JOBS_MAX: usize = 10;
/// How much before its time a failed record may be looked at: clocks of two machines differ.
const EARLY_MAX: SignedDuration = SignedDuration::from_secs(5);

/// What a run works on.
#[derive(Default)]
pub(super) struct Jobs {
    pub(super) all: Vec<Job>,
    /// Messages whose records could not be read: they come again.
    pub(super) unread: Vec<String>,
}

/// What became of the search for a connection.
pub(super) enum Found {
    /// Here it is.
    Usable(Rc<Connection>),
    /// It is missing or faulty: a person must look.
    Unusable(Reason),
    /// The ledger did not answer.
    Unavailable,
}

/// Reads the newest version of a connection.
pub(super) async fn connection<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
) -> Found {
    match needs.connection(id).await {
        Ok(connection) => Found::Usable(connection),
        Err(ConnectionError::Port(error)) => {
            tracing::error!(connection = %id, %error, "connection not read");
            Found::Unavailable
        }
        Err(error) => Found::Unusable(Reason::new(Code::ConnectionMissing, chain(&error))),
    }
}

/// Holds the open documents of a connection that cannot be used.
pub(super) async fn hold_all<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
    woken: Woken,
    reason: &Reason,
) -> Jobs {
    let mut jobs = Jobs::default();
    for (document, messages) in woken {
        let mut job = match load(needs, id, document).await {
            Ok(Some(job)) => job,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(connection = %id, %error, "record not read");
                jobs.unread.extend(messages);
                continue;
            }
        };
        job.messages = messages;
        let held = Happened::Held {
            reasons: vec![reason.clone()],
        };
        if let Ok(mut record) = advance(&job.record, &held, needs.now()) {
            let audit = record.take_trail();
            let change = Change {
                audit,
                ..Change::of(&record)
            };
            match save(&needs.ledger, &change).await {
                Ok(()) => job.end(Why::Held),
                Err(error) => {
                    tracing::error!(document = %job.key.document, %error, "record not stored");
                    job.end(Why::Again);
                }
            }
        } else {
            job.end(Why::Noted);
        }
        jobs.all.push(job);
    }
    jobs
}

/// A job for a document that has a record.
async fn load<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
    document: DocumentId,
) -> Result<Option<Job>, PortError> {
    let key = Key {
        connection: id.clone(),
        document,
    };
    let loaded: Option<Loaded> = needs.ledger.load(&key).await?;
    Ok(loaded.map(|loaded| Job::new(key, loaded.record, loaded.source)))
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Loads the woken documents and fills up with due ones.
    pub(super) async fn load(&self, woken: Woken) -> Jobs {
        let id = &self.connection.id;
        let known: Vec<DocumentId> = woken.keys().cloned().collect();
        let room = JOBS_MAX.saturating_sub(known.len());
        let more = self.due(&known, room).await;
        let all = woken
            .into_iter()
            .chain(more.into_iter().map(|document| (document, Vec::new())));
        let loads = all.map(|(document, messages)| async move {
            (messages, load(self.needs, id, document).await)
        });
        let mut jobs = Jobs::default();
        for (messages, loaded) in join_all(loads).await {
            match loaded {
                Ok(Some(mut job)) => {
                    job.messages = messages;
                    self.admit(&mut job).await;
                    jobs.all.push(job);
                }
                // A forged or very old wake: nothing is known of such a document, so nothing is done.
                Ok(None) => tracing::warn!(connection = %id, "a wake names no record"),
                Err(error) => {
                    tracing::error!(connection = %id, %error, "record not read");
                    jobs.unread.extend(messages);
                }
            }
        }
        jobs
    }

    async fn due(&self, known: &[DocumentId], room: usize) -> Vec<DocumentId> {
        if room == 0 {
            return Vec::new();
        }
        let limit = room.saturating_add(known.len());
        let now = self.needs.now();
        let ledger = &self.needs.ledger;
        match ledger
            .work(&self.connection.id, List::Open, Some(now), limit)
            .await
        {
            Ok(due) => {
                let due = due.into_iter().map(|(document, _)| document);
                due.filter(|document| !known.contains(document))
                    .take(room)
                    .collect()
            }
            Err(error) => {
                tracing::warn!(connection = %self.connection.id, %error, "due records not listed");
                Vec::new()
            }
        }
    }

    /// Lets a document in, unless it rests, waits its turn, or has ended too many workers.
    async fn admit(&self, job: &mut Job) {
        let now = self.needs.now();
        let record = &job.record;
        let soon = now.checked_add(EARLY_MAX).unwrap_or(now);
        let waits = record.attempt > 0 && record.due > soon;
        if record.list() != List::Open || waits || record.is_claimed_by_other(&self.run.worker, now)
        {
            job.end(Why::Noted);
        } else if record.claims > CLAIMS_MAX {
            let reason = Reason::new(
                Code::WorkerCrashed,
                format!("{} workers ended without a result", record.claims),
            );
            self.hold(job, vec![reason]).await;
        }
    }
}
