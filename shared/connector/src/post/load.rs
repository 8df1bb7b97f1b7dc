//! What a run works on: the woken documents, and further due ones of the same connection.

use std::rc::Rc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use posting::record::List;
use posting::{Code, ConnectionId, DocumentId, Reason, Record};

use super::job::{CLAIMS_MAX, Job, Why, moved};
use super::{Batch, Woken};
use crate::claimed::save;
use crate::connection::Connection;
use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Change, Clock, Key, Ledger, Loaded, PortError, Queue, SaveError, Vault};
use crate::report::chain;
use crate::retry;

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
    /// It is missing or faulty.
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

/// The open documents of a connection that cannot be used are tried again until their budget ends: correcting the connection
/// lets them go on by themselves.
pub(super) async fn fail_all<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    (id, run): (&ConnectionId, &Run),
    woken: Woken,
    reason: &Reason,
) -> Jobs {
    let mut jobs = Jobs::default();
    for (document, messages) in woken {
        match load(needs, id, document).await {
            Ok(Some(mut job)) => {
                job.messages = messages;
                fail(needs, run, &mut job, reason).await;
                jobs.all.push(job);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(connection = %id, %error, "record not read");
                jobs.unread.extend(messages);
            }
        }
    }
    jobs
}

async fn fail<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    job: &mut Job,
    reason: &Reason,
) {
    let now = needs.now();
    if rests(&job.record, run, now) {
        return job.end(Why::Noted);
    }
    let failed = retry::failed(&job.record, reason.clone(), now, None);
    let claim = run.claim(needs.deployment.clocks.claim_margin);
    let Ok(mut record) = moved(&job.record, &[failed], claim, now) else {
        return job.end(Why::Noted);
    };
    let audit = record.take_trail();
    let change = Change {
        audit,
        ..Change::of(&record)
    };
    match save(&needs.ledger, &change, run).await {
        Ok(_) if record.list() == List::Held => job.end(Why::Held),
        Ok(_) => job.end(Why::Parked),
        Err(SaveError::Conflict) => job.end(Why::Noted),
        Err(error) => {
            tracing::error!(document = %job.key.document, %error, "record not stored");
            job.end(Why::Again);
        }
    }
    job.record = record;
}

/// Whether nothing is to be done with a record now: it ended or is held, another worker has it, or it failed and its next
/// try is not due.
fn rests(record: &Record, run: &Run, now: Timestamp) -> bool {
    let waits = record.attempt > 0 && is_later(record, now);
    record.list() != List::Open || waits || record.is_claimed_by_other(&run.worker, now)
}

/// Whether a record is not due for a while.
fn is_later(record: &Record, now: Timestamp) -> bool {
    record.due > now.checked_add(EARLY_MAX).unwrap_or(now)
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
        self.keep_place(&mut jobs.all).await;
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
        job.is_early = job.record.waits.is_some() && is_later(&job.record, self.needs.now());
        if rests(&job.record, self.run, self.needs.now()) {
            job.end(Why::Noted);
        } else if job.record.claims > CLAIMS_MAX {
            let reason = Reason::new(
                Code::WorkerCrashed,
                format!("{} workers ended without a result", job.record.claims),
            );
            self.hold(job, vec![reason]).await;
        }
    }
}
