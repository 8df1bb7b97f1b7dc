//! One business object at a time: a document that was acknowledged while another held its business object looks at that
//! one before anything is planned.

use jiff::{SignedDuration, Timestamp};
use posting::record::{List, Permitted};
use posting::state::{Happened, Receipt, State};
use posting::{Code, DocumentId, Reason, Record};

use super::Batch;
use super::job::{Job, Saved, With};
use crate::ports::{Clock, Key, Ledger, Queue, Reservation, Vault};

/// Shortest and longest wait for an earlier document of the same business object or reference.
const TURN_MIN: SignedDuration = SignedDuration::from_mins(5);
const TURN_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Names taken over in one go; a plan has one of its business object and one of each AP document.
pub(super) const TAKEN_MAX: usize = 32;

/// What a name that belongs to another document means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The other is still under way.
    Wait,
    /// The other left nothing, or the search will see what it left.
    TakeOver,
    /// A person must look.
    Held(Reason),
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Lets the documents that stand behind another one go on, wait, or be held.
    pub(super) async fn turns(&self, jobs: &mut [Job]) {
        for job in jobs.iter_mut().filter(|job| job.is_on()) {
            if is_before_posting(&job.record.state) {
                self.own_business(job).await;
            }
        }
    }

    /// Takes the business object over from the document in front, if that one's end allows it.
    async fn own_business(&self, job: &mut Job) {
        let name = business(&job.record);
        let mut replaced: Vec<DocumentId> = Vec::new();
        for _ in 0..TAKEN_MAX {
            let Some(by) = job.record.behind.take() else {
                return;
            };
            let turn = self.turn(job, &name.key(), &by).await;
            if turn != Some(Turn::TakeOver) {
                job.record.behind = Some(by.clone());
                return self.yield_to(job, turn, &by).await;
            }
            let before = job.record.clone();
            let after = format!("after document {by}");
            job.record.note(self.needs.now(), "took_turn", &after);
            replaced.push(by);
            let with = With {
                reservations: std::slice::from_ref(&name),
                replaced: &replaced,
                ..With::default()
            };
            // Another one was faster: it stands in front now.
            if let Saved::Taken { by, .. } = self.note_with(job, &[], with).await {
                job.record = before;
                job.record.behind = Some(by);
            }
        }
        self.hold(job, vec![crowd()]).await;
    }

    /// What a document does that cannot take a name over.
    pub(super) async fn yield_to(&self, job: &mut Job, turn: Option<Turn>, by: &DocumentId) {
        match turn {
            Some(Turn::Wait) => {
                let due = next_look(&job.record, self.needs.now());
                // Planned anew in its turn: what the other one is decides whether this one looks like it.
                self.park(job, &format!("waits for document {by}"), due)
                    .await;
            }
            Some(Turn::Held(reason)) => self.hold(job, vec![reason]).await,
            Some(Turn::TakeOver) | None => {}
        }
    }

    /// Parks a document before its posting, with its plan if it has one: it is not planned again at every look.
    pub(super) async fn lay_aside(&self, job: &mut Job, why: &str, due: Timestamp) {
        let parked = Happened::Parked {
            why: why.to_owned(),
            due,
        };
        match job.plan.clone() {
            Some(plan) if job.record.state == State::Acknowledged => {
                let planned = Happened::Planned { plan: plan.number };
                let with = With {
                    plan: Some(&plan),
                    ..With::default()
                };
                self.note_with(job, &[planned, parked], with).await;
            }
            _ => {
                self.note(job, &[parked]).await;
            }
        }
    }

    /// What the document means that holds a name; `None` when it cannot be read now.
    pub(super) async fn turn(&self, job: &mut Job, name: &str, by: &DocumentId) -> Option<Turn> {
        let key = Key {
            connection: job.key.connection.clone(),
            document: by.clone(),
        };
        match self.needs.ledger.records(&[key]).await {
            Ok(found) => {
                let turn = turn(&job.record, name, found.first());
                if let (Turn::TakeOver, Some(before)) = (&turn, found.first())
                    && *name == business(&job.record).key()
                {
                    // Its references stand in Acumatica, reversed: the next plan takes others.
                    job.record.reversed = job.record.reversed.max(before.reversed);
                }
                Some(turn)
            }
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "holder of a name not read");
                job.end(super::job::Why::Again);
                None
            }
        }
    }
}

/// The name of a document's business object.
pub(super) fn business(record: &Record) -> Reservation {
    Reservation::Business(record.business.to_string())
}

/// So many documents in front of one cannot be right.
pub(super) fn crowd() -> Reason {
    Reason::new(
        Code::AlreadyPostedReport,
        format!("more than {TAKEN_MAX} documents hold its names"),
    )
}

/// Decides what a name held by another document means for this one.
pub(super) fn turn(record: &Record, name: &str, other: Option<&Record>) -> Turn {
    // A name without a record keeps nobody out: its document was never posted under it.
    let Some(other) = other else {
        return Turn::TakeOver;
    };
    let held = |code, what: &str| {
        let message = format!("document {} of the same business id {what}", other.document);
        Turn::Held(Reason::new(code, message).at("business_id", &record.business))
    };
    match &other.state {
        state if matches!(state.list(), List::Open | List::Held) => Turn::Wait,
        // Whether a posting with this reference still stands is what the search finds out.
        _ if *name != business(record).key() => Turn::TakeOver,
        State::Confirmed { .. } => held(Code::AlreadyPostedReport, "is confirmed"),
        // A person says that it is removed.
        _ if record.may(Permitted::Earlier) => Turn::TakeOver,
        state => match left(state) {
            Some(what) => held(Code::EarlierPosting, &what),
            None => Turn::TakeOver,
        },
    }
}

/// What an ended document left in Acumatica, or may have.
fn left(state: &State) -> Option<String> {
    let receipts = state.receipts().into_iter();
    let labels: Vec<_> = receipts.map(Receipt::label).collect();
    let unproved = state.unproved().into_iter();
    let unproved: Vec<_> = unproved.map(|n| n.to_string()).collect();
    let (word, labels, unproved) = (state.word(), labels.join(", "), unproved.join(", "));
    match (labels.is_empty(), unproved.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("is {word} and left {labels}")),
        (true, false) => Some(format!(
            "is {word} and may have left its posting {unproved}"
        )),
        (false, false) => Some(format!(
            "is {word} and left {labels}, and may have left its posting {unproved}"
        )),
    }
}

/// A document that has waited long waits as long again: the one in front may wait for a person.
fn next_look(record: &Record, now: Timestamp) -> Timestamp {
    let waited = now.duration_since(record.received);
    now.checked_add(waited.clamp(TURN_MIN, TURN_MAX))
        .unwrap_or(Timestamp::MAX)
}

fn is_before_posting(state: &State) -> bool {
    matches!(state, State::Acknowledged | State::Planned { .. })
}

#[cfg(test)]
mod tests;
