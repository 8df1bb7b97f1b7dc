//! One document on its way through a run, and the one place where its record is changed.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;
use posting::plan::PostingKind;
use posting::record::List;
use posting::state::{Happened, State, Step, advance, next};
use posting::{Document, DocumentId, Plan, Reason, Record};

use super::Batch;
use crate::ports::{
    Change, Clock, Key, Ledger, PortError, Queue, Reservation, SaveError, Source, Vault, Wake,
};
use crate::retry;

/// Claims without a result after which a document runs alone; one more, and a person must look.
pub(super) const CLAIMS_MAX: u32 = 3;
/// Tries of one save inside a run, and the pause before the second: the ledger's own passing troubles.
const SAVES_MAX: usize = 3;
const SAVE_PAUSE: Duration = Duration::from_millis(200);
/// Bytes of audit entries that may ride in the record before they leave it.
const TRAIL_BYTES_MAX: usize = 1_024;

/// One document on its way.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) record: Record,
    pub(super) source: Option<Source>,
    /// Messages that woke it; none for one that was due.
    pub(super) messages: Vec<String>,
    /// The plan it works by, once known.
    pub(super) plan: Option<Plan>,
    way: Way,
}

/// How far the run is with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It goes on.
    On,
    /// Nothing more in this run.
    Over(Why),
}

/// Why a run is over for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its record says all: ended, held, or somebody else's.
    Noted,
    /// Given back until it is due again.
    Parked,
    /// Held by this run.
    Held,
    /// The platform failed: its messages come again.
    Again,
}

/// What is stored with a change of a record.
#[derive(Debug, Default)]
pub(super) struct With<'a> {
    pub(super) plan: Option<&'a Plan>,
    pub(super) reservations: &'a [Reservation],
    pub(super) replaced: &'a [DocumentId],
    pub(super) receipts: &'a [(PostingKind, String)],
}

/// What became of a save.
#[derive(Debug)]
pub(super) enum Saved {
    /// The record is as it should be.
    Yes,
    /// A name belongs to another document; nothing was saved.
    Taken { key: String, by: DocumentId },
    /// The run is over for the document.
    No,
}

impl Job {
    pub(super) fn new(key: Key, record: Record, source: Option<Source>) -> Self {
        Self {
            key,
            record,
            source,
            messages: Vec::new(),
            plan: None,
            way: Way::On,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.way == Way::On
    }

    pub(super) fn end(&mut self, why: Why) {
        self.way = Way::Over(why);
    }

    pub(super) fn was_parked(&self) -> bool {
        self.way == Way::Over(Why::Parked)
    }

    pub(super) fn was_held(&self) -> bool {
        self.way == Way::Over(Why::Held)
    }

    /// The messages to deliver again.
    pub(super) fn take_messages(&mut self) -> Vec<String> {
        if self.way == Way::Over(Why::Again) {
            std::mem::take(&mut self.messages)
        } else {
            Vec::new()
        }
    }

    /// Whether its workers ended without a result so often that it must not take others with it.
    pub(super) fn ended_workers(&self) -> bool {
        self.record.claims >= CLAIMS_MAX
    }

    pub(super) fn wake(&self) -> Wake {
        Wake {
            connection: self.key.connection.clone(),
            document: self.key.document.clone(),
        }
    }

    /// The document as its kind, for logs.
    pub(super) fn kind(&self) -> posting::DocumentKind {
        self.record.kind
    }
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// What comes next for a document in this run.
    pub(super) fn step(&self, job: &Job) -> Step {
        let clocks = &self.needs.deployment.clocks;
        next(
            &job.record,
            &self.run.worker,
            self.needs.now(),
            clocks.proof_wait,
        )
    }

    /// Notes what happened and stores it.
    pub(super) async fn note(&self, job: &mut Job, happened: &[Happened]) -> Saved {
        self.note_with(job, happened, With::default()).await
    }

    /// Notes what happened and stores it with all that belongs to it, in one write.
    pub(super) async fn note_with(
        &self,
        job: &mut Job,
        happened: &[Happened],
        with: With<'_>,
    ) -> Saved {
        let now = self.needs.now();
        let mut record = job.record.clone();
        for happening in happened {
            match advance(&record, happening, now) {
                Ok(moved) => record = moved,
                Err(error) => {
                    tracing::error!(document = %job.key.document, %error, "a move that does not exist; the record stays as it is");
                    job.end(Why::Noted);
                    return Saved::No;
                }
            }
        }
        let parked = happened.iter().any(gives_back);
        let is_over = parked || record.list() != List::Open;
        let trail: usize = record.trail.iter().map(|event| event.detail.len()).sum();
        let audit = if is_over || trail > TRAIL_BYTES_MAX {
            record.take_trail()
        } else {
            None
        };
        let change = Change {
            record: &record,
            plan: with.plan,
            reservations: with.reservations,
            replaced: with.replaced,
            receipts: with.receipts,
            audit,
        };
        let saved = save(&self.needs.ledger, &change).await;
        drop(change);
        match saved {
            Ok(()) => {
                record.version = record.version.saturating_add(1);
                log(&job.record, &record);
                job.record = record;
                end_by_record(job, parked);
                Saved::Yes
            }
            Err(SaveError::Taken { key, by }) => Saved::Taken { key, by },
            Err(SaveError::Conflict) => {
                tracing::info!(document = %job.key.document, "another worker was faster");
                job.end(Why::Noted);
                Saved::No
            }
            Err(SaveError::Port(error)) => {
                tracing::error!(document = %job.key.document, %error, state = record.state.word(), "record not stored");
                job.end(Why::Again);
                Saved::No
            }
        }
    }

    /// The step failed in passing.
    pub(super) async fn fail(&self, job: &mut Job, reason: Reason, asked: Option<Duration>) {
        let failed = retry::failed(&job.record, reason, self.needs.now(), asked);
        self.note(job, &[failed]).await;
    }

    /// It cannot go on now, and nothing failed.
    pub(super) async fn park(&self, job: &mut Job, why: &str, due: Timestamp) {
        let parked = Happened::Parked {
            why: why.to_owned(),
            due,
        };
        self.note(job, &[parked]).await;
    }

    /// A person must look.
    pub(super) async fn hold(&self, job: &mut Job, reasons: Vec<Reason>) {
        self.note(job, &[Happened::Held { reasons }]).await;
    }

    /// So long after now.
    pub(super) fn later(&self, wait: jiff::SignedDuration) -> Timestamp {
        let now = self.needs.now();
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

fn end_by_record(job: &mut Job, parked: bool) {
    match job.record.list() {
        List::Held => job.end(Why::Held),
        List::Done => job.end(Why::Noted),
        List::Open if parked => job.end(Why::Parked),
        List::Open => {}
    }
}

/// Whether the record is given back by it, which ends the run for the document.
fn gives_back(happened: &Happened) -> bool {
    matches!(happened, Happened::Parked { .. } | Happened::Failed { .. })
}

/// A save may be repeated: it is conditional, and finds its own earlier success.
pub(super) async fn save<L: Ledger>(ledger: &L, change: &Change<'_>) -> Result<(), SaveError> {
    let steps = ExponentialBuilder::new()
        .with_min_delay(SAVE_PAUSE)
        .with_max_times(SAVES_MAX.saturating_sub(1))
        .with_jitter();
    (async || ledger.save(change).await)
        .retry(steps)
        .when(|error| matches!(error, SaveError::Port(PortError::Unavailable { .. })))
        .await
}

fn log(before: &Record, after: &Record) {
    if before.state.word() != after.state.word() {
        tracing::info!(
            connection = %after.connection,
            document = %after.document,
            business = %after.business,
            from = before.state.word(),
            to = after.state.word(),
            reasons = reasons(&after.state),
            "document moved"
        );
    }
}

fn reasons(state: &State) -> String {
    let codes: Vec<&str> = state
        .reasons()
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    codes.join(", ")
}

/// The document of a job, read from its source.
pub(super) fn read(job: &Job) -> Result<Document, Vec<Reason>> {
    let Some(source) = &job.source else {
        return Err(vec![Reason::new(
            posting::Code::DocumentUnreadable,
            "the stored document is past its life",
        )]);
    };
    crate::translate::read(job.kind(), &job.key.document, source).document
}
