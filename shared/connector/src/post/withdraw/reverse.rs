//! The opposite document: one for each posting at most, searched before it is written, and released where that makes a pair of
//! journals cancel.

use acumatica::{ActionOutcome, Error, Kind};
use jiff::Timestamp;
use posting::plan::{Plan, Posting};
use posting::record::Permitted;
use posting::state::{Gone, Happened, Outcome, Receipt, Release, State, Undo, Undoing};
use posting::withdraw::{Verdict, opposite, quiet_at};
use posting::{Code, Reason};

use super::super::Batch;
use super::super::job::Job;
use super::super::search::Proof;
use super::super::settle::{Flow, unproven_reason};
use super::prove::Reversal;
use super::{find, posting, said};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::retry;
use crate::seats::{Seat, SeatError};
use crate::translate::bodies::{Body, reversal};
use crate::translate::receipt::Stored;

const NONE_KNOWN: &str = "no document of this kind is known by which the search could prove itself";

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Stores the intent, searches, and writes what is known not to stand; `verdict` is how the posting itself was judged.
    pub(super) async fn reverse(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, n): (&Plan, u32),
        verdict: Verdict,
    ) -> Flow {
        let (Some(undo), Some(posting)) = (find(job, n), posting(plan, n)) else {
            return Flow::On;
        };
        if !matches!(undo.step, Undoing::Reverse { .. }) {
            let step = self.intent(seat, (plan, n), &undo.receipt).await;
            self.undo(job, n, step).await;
        }
        let Some(undo) = find(job, n).filter(|_| job.is_on()) else {
            return Flow::On;
        };
        let Undoing::Reverse { period, outcome } = undo.step.clone() else {
            return Flow::On;
        };
        let other = opposite(plan, posting, &undo.receipt, period.clone());
        let searched = self.needs.now();
        let found = match self.reversal(seat, plan, (&other, &outcome)).await {
            Ok(found) => found,
            Err(error) => {
                self.fail_seat(job, &error).await;
                return Flow::Stop;
            }
        };
        match found {
            Reversal::Ours(stored) => return self.reversed(job, (&other, period), *stored).await,
            Reversal::Taken(reason) => {
                self.hold(job, vec![*reason]).await;
                return Flow::On;
            }
            Reversal::Absent(proof) => {
                self.absent(job, (&undo, posting), proof, searched).await;
            }
        }
        if !job.is_on() {
            return Flow::On;
        }
        match verdict {
            Verdict::Reverse | Verdict::Delete if !self.has_time() => {
                let now = self.needs.now();
                self.park(job, "too little time is left for a write", now)
                    .await;
                Flow::On
            }
            Verdict::Reverse | Verdict::Delete => {
                let body = reversal(plan, &other);
                self.write_reversal(seat, job, (&other, period), body).await
            }
            Verdict::Gone(how) => self.undo(job, n, Undoing::Gone { how }).await,
            Verdict::Held(reason) => {
                self.hold(job, vec![*reason]).await;
                Flow::On
            }
        }
    }

    /// Whether a reversal that was not found may be written. If not, the run is over for the document.
    async fn absent(
        &self,
        job: &mut Job,
        (undo, posting): (&Undo, &Posting),
        proof: Proof,
        searched: Timestamp,
    ) {
        let Undoing::Reverse { period, outcome } = &undo.step else {
            return;
        };
        match (outcome, proof) {
            // A person looked, and nothing was sent since.
            (Outcome::Open, _) if job.record.may(Permitted::Write) => {}
            (_, Proof::Void) => self.void(job, posting).await,
            (Outcome::Unknown { since }, _) if self.is_unproven(job, posting.n, searched) => {
                let wait = self.needs.deployment.clocks.proof_wait;
                let due = since.checked_add(wait).unwrap_or(Timestamp::MAX);
                self.park(job, "a lost reversal is not proved yet", due)
                    .await;
            }
            (Outcome::Unknown { .. }, Proof::None) => {
                let reason = unproven_reason(posting, NONE_KNOWN);
                self.hold(job, vec![reason]).await;
            }
            (Outcome::Unknown { .. }, Proof::Holds) => {
                let step = Undoing::Reverse {
                    period: period.clone(),
                    outcome: Outcome::Open,
                };
                self.undo(job, posting.n, step).await;
            }
            _ => {}
        }
    }

    async fn write_reversal(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (other, period): (&Posting, Option<String>),
        body: Body,
    ) -> Flow {
        let n = other.n;
        match self.insert(seat, job, other, body).await {
            Ok(stored) => self.reversed(job, (other, period), stored).await,
            Err(SeatError::Call(error)) if error.outcome_unknown() => {
                self.reversal_lost(job, (n, period), &error).await
            }
            Err(SeatError::Call(error)) if is_refusal(&error) => {
                let said = said(&error);
                let reason = Reason::new(Code::WithdrawalRefused, said).at(
                    format!("postings[{n}] {}", other.kind.label()),
                    chain(&error),
                );
                let step = Undoing::Undecided;
                let reasons = vec![reason];
                let happened = [Happened::Undo { n, step }, Happened::Held { reasons }];
                self.note(job, &happened).await;
                Flow::On
            }
            Err(error) => {
                self.fail_seat(job, &error).await;
                Flow::Stop
            }
        }
    }

    /// The receipt of the reversal is stored before anything else happens, also when it is not as it was meant.
    async fn reversed(
        &self,
        job: &mut Job,
        (other, period): (&Posting, Option<String>),
        stored: Stored,
    ) -> Flow {
        let n = other.n;
        let differences: Vec<Reason> = stored
            .differences(other)
            .into_iter()
            .map(|reason| Reason {
                code: Code::WithdrawalOpen,
                ..reason
            })
            .collect();
        let receipt = stored.receipt;
        let done = Undoing::Reverse {
            period: period.clone(),
            outcome: Outcome::Done {
                receipt: receipt.clone(),
            },
        };
        let mut happened = vec![Happened::Undo { n, step: done }];
        if !differences.is_empty() {
            happened.push(Happened::Held {
                reasons: differences,
            });
        }
        let since = self.needs.now();
        let instead = |reason: Reason| {
            let code = Code::WithdrawalOpen;
            let reasons = vec![Reason { code, ..reason }];
            let outcome = Outcome::Unknown { since };
            let step = Undoing::Reverse { period, outcome };
            vec![Happened::Undo { n, step }, Happened::Held { reasons }]
        };
        self.note_number(job, &happened, &receipt, instead).await;
        Flow::On
    }

    async fn reversal_lost(
        &self,
        job: &mut Job,
        (n, period): (u32, Option<String>),
        error: &Error,
    ) -> Flow {
        let outcome = Outcome::Unknown {
            since: self.needs.now(),
        };
        let step = Undoing::Reverse { period, outcome };
        let failed = Happened::Failed {
            reason: Reason::new(Code::OutcomeUnproven, chain(error)),
            due: self.later(self.needs.deployment.clocks.proof_wait),
            attempts_max: retry::ATTEMPTS_MAX,
        };
        self.note(job, &[Happened::Undo { n, step }, failed]).await;
        Flow::On
    }

    /// Asks for the release of a reversing journal, stored before it is sent, and reads what became of it.
    pub(super) async fn release_reversal(&self, seat: &mut Seat, job: &mut Job, n: u32) -> Flow {
        let Some((period, other)) = standing_reversal(job, n) else {
            return Flow::On;
        };
        let now = self.needs.now();
        let wait = self.needs.deployment.clocks.proof_wait;
        if let Some(until) = quiet_at(&other, now, wait) {
            self.park(job, "a release of the reversal may be under way", until)
                .await;
            return Flow::On;
        }
        let asked = Receipt {
            release: Release::Asked {
                since: now,
                sent: Some(now),
                again: now,
            },
            ..other.clone()
        };
        let stands = |receipt: Receipt| Undoing::Reverse {
            period: period.clone(),
            outcome: Outcome::Done { receipt },
        };
        self.undo(job, n, stands(asked)).await;
        if !job.is_on() {
            return Flow::On;
        }
        let answer = match self.send_release(seat, job, &other).await {
            Ok(ActionOutcome::Running(running)) => self.poll(seat, running).await,
            answer => answer,
        };
        let is_released = match self.look(seat, &other).await {
            Ok(seen) => seen.is_some_and(|seen| seen.found.stage.is_released()),
            Err(error) => {
                self.fail_seat(job, &error).await;
                return Flow::Stop;
            }
        };
        if is_released {
            let how = Gone::Reversed;
            return self.undo(job, n, Undoing::Gone { how }).await;
        }
        self.not_released(job, (n, stands(other)), answer).await
    }

    async fn not_released(
        &self,
        job: &mut Job,
        (n, unsent): (u32, Undoing),
        answer: Result<ActionOutcome, SeatError>,
    ) -> Flow {
        match answer {
            Ok(ActionOutcome::Running(_)) => {
                let due = self.later(self.needs.deployment.clocks.proof_wait);
                self.park(job, "a release of the reversal is under way", due)
                    .await;
                Flow::On
            }
            Err(SeatError::Call(error)) if is_refusal(&error) || error.is_business_exception() => {
                let reason = Reason::new(Code::WithdrawalOpen, error.message());
                let reasons = vec![reason.at(format!("postings[{n}]"), "release")];
                let step = unsent;
                let happened = [Happened::Undo { n, step }, Happened::Held { reasons }];
                self.note(job, &happened).await;
                Flow::On
            }
            Ok(ActionOutcome::Done) => {
                let message = "Acumatica ended the release and left the reversal as it was";
                let reason = Reason::new(Code::WithdrawalOpen, message);
                let reasons = vec![reason.at(format!("postings[{n}]"), "release")];
                self.hold(job, reasons).await;
                Flow::On
            }
            Err(error) => {
                let is_unheard = !matches!(&error, SeatError::Call(call) if call.outcome_unknown());
                if is_unheard {
                    self.undo(job, n, unsent).await;
                }
                self.fail_seat(job, &error).await;
                Flow::Stop
            }
        }
    }
}

fn standing_reversal(job: &Job, n: u32) -> Option<(Option<String>, Receipt)> {
    let State::Withdrawing { undo, .. } = &job.record.state else {
        return None;
    };
    undo.iter().find_map(|one| match &one.step {
        Undoing::Reverse {
            period,
            outcome: Outcome::Done { receipt },
        } if one.receipt.n == n => Some((period.clone(), receipt.clone())),
        _ => None,
    })
}

/// Acumatica looked at it and said no.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Invalid | Kind::Forbidden | Kind::Refused
    )
}
