//! One document on its way through a run, and the one place where its record is changed.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use posting::plan::PostingKind;
use posting::record::{Claim, List};
use posting::state::{Happened, IllegalMove, State, Step, advance, next};
use posting::{Code, Document, DocumentId, Plan, Reason, Record};

use super::Batch;
use crate::claimed::{Claimed, save};
use crate::ports::{
    Change, Clock, Holder, Key, Ledger, Queue, Removed, Reservation, SaveError, Source, Vault, Wake,
};
use crate::retry;

/// Claims without a result after which a document runs alone; one more, and a person must look.
pub(super) const CLAIMS_MAX: u32 = 3;
/// Bytes of audit entries that may ride in the record before they leave it.
const TRAIL_BYTES_MAX: usize = 1_024;

/// One document on its way.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) record: Record,
    /// Needed until there is a plan, and dropped then: it can be large.
    pub(super) source: Option<Source>,
    /// Messages that woke it; none for one that was due.
    pub(super) messages: Vec<String>,
    /// Whether it was given back until later than now.
    pub(super) is_early: bool,
    /// What later invoices are compared by, noted with the intent.
    pub(super) likeness: Option<String>,
    /// The plan it works by, once known.
    pub(super) plan: Option<Rc<Plan>>,
    /// What the ledger gave this run when it last stored the record with its claim; without it nothing is sent outside.
    pub(super) claimed: Option<Claimed>,
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
    pub(super) likeness: Option<&'a str>,
    pub(super) receipts: &'a [(PostingKind, String)],
    pub(super) former: &'a [Holder],
    pub(super) removed: Option<&'a Removed>,
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
            is_early: false,
            likeness: None,
            plan: None,
            claimed: None,
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

    /// Whether its own wake is still to come, and nothing of it was begun: it filled the batch up, or was woken before its
    /// time. Where it cannot go on it is left as it is, so that of a backlog's wakes none breeds another.
    pub(super) fn is_extra(&self) -> bool {
        (self.messages.is_empty() || self.is_early) && self.claimed.is_none()
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
        self.step_at(job, self.needs.now())
    }

    /// The same as it was at a time.
    pub(super) fn step_at(&self, job: &Job, at: Timestamp) -> Step {
        let clocks = &self.needs.deployment.clocks;
        next(&job.record, &self.run.worker, at, clocks.proof_wait)
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
        let (claim, now) = (self.claim(), self.needs.now());
        let mut record = match moved(&job.record, happened, claim, now) {
            Ok(record) => record,
            Err(error) => return self.lose_way(job, happened, &error).await,
        };
        if let Some(plan) = with.plan {
            record.take_notes(plan);
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
            likeness: with.likeness,
            receipts: with.receipts,
            former: with.former,
            removed: with.removed,
            audit,
        };
        let saved = save(&self.needs.ledger, &change, self.run).await;
        drop(change);
        job.claimed = None;
        match saved {
            Ok(claimed) => {
                job.claimed = claimed;
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

    /// A move that does not exist is a fault of the connector. The document is held: left open, it would be woken for ever.
    async fn lose_way(&self, job: &mut Job, happened: &[Happened], error: &IllegalMove) -> Saved {
        tracing::error!(document = %job.key.document, %error, "a move that does not exist");
        match happened {
            [Happened::Held { .. }] => job.end(Why::Noted),
            _ => Box::pin(self.hold(job, vec![lost_way(error)])).await,
        }
        Saved::No
    }

    /// Takes the claims this run has not yet; returns the places of the documents it may act on.
    pub(super) async fn claim_all(&self, jobs: &mut [Job], places: &[usize]) -> Vec<usize> {
        let free = |(place, job): &(usize, &mut Job)| {
            places.contains(place) && job.is_on() && job.claimed.is_none()
        };
        let claims = jobs.iter_mut().enumerate().filter(free);
        join_all(claims.map(|(_, job)| self.take_claim(job))).await;
        let may_act = |place: &&usize| {
            let job = jobs.get(**place);
            job.is_some_and(|job| job.is_on() && job.claimed.is_some())
        };
        places.iter().filter(may_act).copied().collect()
    }

    pub(super) async fn take_claim(&self, job: &mut Job) {
        self.note(job, &[Happened::Claimed(self.claim())]).await;
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

/// The record after all that happened. A claim that lapsed is taken over first, whatever happened: its worker may have
/// sent a write, and giving the record back without noting that would make the write look as if it was never sent.
pub(super) fn moved(
    record: &Record,
    happened: &[Happened],
    claim: Claim,
    now: Timestamp,
) -> Result<Record, IllegalMove> {
    let lapsed = record.claim.as_ref();
    let takes_over = lapsed.is_some_and(|lapsed| lapsed.worker != claim.worker)
        && !matches!(happened.first(), Some(Happened::Claimed(_)));
    let mut moved = record.clone();
    if takes_over {
        moved = advance(&moved, &Happened::Claimed(claim), now)?;
    }
    for happening in happened {
        moved = advance(&moved, happening, now)?;
    }
    Ok(moved)
}

/// Why a document is held that came to a move that does not exist.
fn lost_way(error: &IllegalMove) -> Reason {
    let message = format!("{error}: a fault of the connector; report it with the document's story");
    Reason::new(Code::WorkerCrashed, message)
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
        let gone = "the stored document is past its life";
        let reason = Reason::new(posting::Code::DocumentUnreadable, gone);
        return Err(vec![reason.at("document", "")]);
    };
    crate::translate::read(job.kind(), &job.key.document, source).document
}

#[cfg(test)]
mod tests {
    use posting::plan::PostingKind;
    use posting::state::{Outcome, Write};

    use super::*;
    use crate::samples::{ID, at, record};

    fn claim(worker: &str, until: i64) -> Claim {
        Claim {
            worker: worker.to_owned(),
            until: at(until),
        }
    }

    #[test]
    fn a_write_of_a_lapsed_claim_is_unknown_however_the_record_is_given_back() {
        let writes = vec![Write {
            n: 1,
            kind: PostingKind::Bill,
            outcome: Outcome::Open,
        }];
        let mut before = record(ID, State::Posting { plan: 1, writes });
        before.claim = Some(claim("dead", 310));
        let parked = Happened::Parked {
            why: "every seat is taken".to_owned(),
            due: at(500),
        };
        let held = Happened::Held {
            reasons: Vec::new(),
        };
        for happened in [parked, held] {
            let after = moved(&before, &[happened], claim("me", 700), at(400)).unwrap();
            let state = match after.state {
                State::Held { resume, .. } => *resume,
                state => state,
            };
            let State::Posting { writes, .. } = state else {
                panic!("{state:?}");
            };
            assert_eq!(writes[0].outcome, Outcome::Unknown { since: at(310) });
        }
    }

    #[test]
    fn a_live_claim_of_another_is_left_alone() {
        let mut before = record(ID, State::Acknowledged);
        before.claim = Some(claim("other", 310));
        let parked = Happened::Parked {
            why: String::new(),
            due: at(500),
        };
        assert!(
            moved(
                &before,
                std::slice::from_ref(&parked),
                claim("me", 700),
                at(300)
            )
            .is_err()
        );
        assert!(moved(&before, &[parked], claim("other", 310), at(300)).is_ok());
    }

    #[test]
    fn a_move_that_does_not_exist_can_always_be_held() {
        let posting = State::Posting {
            plan: 1,
            writes: Vec::new(),
        };
        for state in [State::Received, State::Acknowledged, posting] {
            let before = record(ID, state.clone());
            let error =
                moved(&before, &[Happened::Withdrawn], claim("me", 700), at(400)).unwrap_err();
            let reasons = vec![lost_way(&error)];
            let held = [Happened::Held { reasons }];
            let after = moved(&before, &held, claim("me", 700), at(400)).unwrap();
            assert!(
                matches!(&after.state, State::Held { resume, .. } if **resume == state),
                "{:?}",
                after.state
            );
        }
    }
}
