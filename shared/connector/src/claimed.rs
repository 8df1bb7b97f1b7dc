//! The right to write outside. Every call that changes anything in Acumatica or Concur for a document wants a [`Claimed`], and
//! one comes out of a write the ledger accepted and out of nothing else: whoever was too late has none.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::{SignedDuration, Timestamp};
use posting::record::List;
use posting::state::State;
use posting::{DocumentId, Record};

use crate::needs::Run;
use crate::ports::{Change, Created, Ledger, PortError, SaveError};

/// Tries of one save inside a run, and the pause before the second: the ledger's own passing troubles.
const SAVES_MAX: usize = 3;
const SAVE_PAUSE: Duration = Duration::from_millis(200);

/// Says that the ledger gave a document to this run. Nothing but [`save`] and [`create`] makes one.
#[derive(Debug)]
pub(crate) struct Claimed {
    document: DocumentId,
    deadline: Timestamp,
}

impl Claimed {
    fn of(record: &Record, run: &Run) -> Self {
        Self {
            document: record.document.clone(),
            deadline: run.deadline,
        }
    }

    /// Whose it is.
    pub(crate) fn document(&self) -> &DocumentId {
        &self.document
    }

    /// Whether a write that begins now, and its answer, end before the run does.
    pub(crate) fn lasts(&self, now: Timestamp, margin: SignedDuration) -> bool {
        self.deadline.duration_since(now) >= margin
    }
}

/// Saves a change, which may be repeated: it is conditional, and finds its own earlier success. Where the record carries the
/// claim of this run and is not at an end, the run may act on it from then on.
pub(crate) async fn save<L: Ledger>(
    ledger: &L,
    change: &Change<'_>,
    run: &Run,
) -> Result<Option<Claimed>, SaveError> {
    let steps = ExponentialBuilder::new()
        .with_min_delay(SAVE_PAUSE)
        .with_max_times(SAVES_MAX.saturating_sub(1))
        .with_jitter();
    (async || ledger.save(change).await)
        .retry(steps)
        .when(|error| matches!(error, SaveError::Port(PortError::Unavailable { .. })))
        .await?;
    let record = change.record;
    let claim = record
        .claim
        .as_ref()
        .filter(|_| record.list() == List::Open);
    let is_mine = claim.is_some_and(|claim| claim.worker == run.worker);
    Ok(is_mine.then(|| Claimed::of(record, run)))
}

/// Stores a record just seen. What is new, or was stored by a run that ended before it knew an answer, may be acknowledged,
/// unless another worker is about to.
pub(crate) async fn create<L: Ledger>(
    ledger: &L,
    record: &Record,
    (run, now): (&Run, Timestamp),
) -> Result<(Created, Option<Claimed>), PortError> {
    let created = ledger.create(record).await?;
    let is_free = match &created {
        Created::New => true,
        Created::Existing(known) => {
            known.state == State::Received && !known.is_claimed_by_other(&run.worker, now)
        }
    };
    let claimed = is_free.then(|| Claimed::of(record, run));
    Ok((created, claimed))
}

#[cfg(test)]
mod tests {
    use posting::record::Claim;

    use super::*;
    use crate::memory::MemoryLedger;
    use crate::samples::{ID, at, record};

    fn run(worker: &str) -> Run {
        Run {
            worker: worker.to_owned(),
            deadline: at(300),
        }
    }

    fn by(worker: &str, version: u64) -> Record {
        let mut record = record(ID, State::Acknowledged);
        record.version = version;
        record.claim = Some(Claim {
            worker: worker.to_owned(),
            until: at(310),
        });
        record
    }

    #[tokio::test]
    async fn only_the_worker_whose_claim_was_stored_may_act_and_only_in_time() {
        let ledger = MemoryLedger::default();
        let first = record(ID, State::Acknowledged);
        ledger.create(&first).await.unwrap();
        let (mine, other) = (by("me", 1), by("other", 1));
        let claimed = save(&ledger, &Change::of(&mine), &run("me")).await;
        let claimed = claimed.unwrap().expect("it is mine");
        assert_eq!(*claimed.document(), mine.document);
        let margin = SignedDuration::from_secs(120);
        assert!(claimed.lasts(at(180), margin) && !claimed.lasts(at(181), margin));

        let late = save(&ledger, &Change::of(&other), &run("other")).await;
        assert!(matches!(late, Err(SaveError::Conflict)), "{late:?}");
        let stored = by("me", 2);
        let others = save(&ledger, &Change::of(&stored), &run("other")).await;
        assert!(others.unwrap().is_none(), "a claim of another is none");
        let given_back = Record {
            version: 3,
            ..record(ID, State::Acknowledged)
        };
        let none = save(&ledger, &Change::of(&given_back), &run("me")).await;
        assert!(none.unwrap().is_none(), "nobody holds it");
    }

    #[tokio::test]
    async fn what_another_worker_is_about_to_acknowledge_is_left_to_it() {
        let ledger = MemoryLedger::default();
        let mut first = record(ID, State::Received);
        let now = at(100);
        let (_, claimed) = create(&ledger, &first, (&run("me"), now)).await.unwrap();
        assert!(claimed.is_some());
        let (_, again) = create(&ledger, &first, (&run("me"), now)).await.unwrap();
        assert!(again.is_some());
        first.version = 1;
        first.claim = by("other", 1).claim;
        ledger.save(&Change::of(&first)).await.unwrap();
        let (_, taken) = create(&ledger, &first, (&run("me"), now)).await.unwrap();
        assert!(taken.is_none());
        let (_, lapsed) = create(&ledger, &first, (&run("me"), at(310)))
            .await
            .unwrap();
        assert!(lapsed.is_some());
    }
}
