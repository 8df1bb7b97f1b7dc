//! Taking back what was written. Everything that stands is looked at first: where one posting is a person's business, nothing
//! is touched. Then each is deleted or reversed, its intent stored before anything is sent, and the document goes on only when
//! a search shows that nothing of it is left.

mod look;
mod prove;
mod remove;
mod reverse;
mod told;

use jiff::Timestamp;
use posting::plan::{Plan, Posting};
use posting::state::{Gone, Happened, Outcome, State, Step, Undo, Undoing};
use posting::withdraw::{Deletion, Pair, Verdict, half, judge, pair, quiet_at};
use posting::{Code, Reason};

use super::Batch;
use super::job::Job;
use super::settle::Flow;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::seats::{Seat, SeatError};
use look::Seen;

/// Rounds over the postings of a document in one run: undo, look at the pairs, release, look again.
const ROUNDS_MAX: usize = 4;

/// What is to be done for one posting.
enum Move {
    /// What stands decides it; nothing is sent.
    Note(Undoing),
    /// Delete what stands like this.
    Delete(String),
    /// Write the opposite document, if nothing speaks against it once it is known not to stand.
    Reverse(Verdict),
    /// Release the opposite journal.
    Release,
    /// Not before this time.
    Wait(Timestamp),
    /// A person must look, before anything is touched.
    Held(Reason),
    /// A person must bring the posting and its opposite to an end; the others go on.
    Open(Reason),
    /// Nothing but deleting undoes it, and Acumatica does not delete it.
    Stuck(Reason),
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Whether what was written of a document is to be taken back now.
    pub(super) fn withdraws(&self, job: &Job) -> bool {
        job.is_on() && matches!(self.step(job), Step::Withdraw { .. })
    }

    /// Takes back what was written of a document, as far as it goes in this run.
    pub(super) async fn withdraw(&self, seat: &mut Seat, job: &mut Job) -> Flow {
        let Some(plan) = job.plan.clone() else {
            return Flow::On;
        };
        for _ in 0..ROUNDS_MAX {
            if open(job).is_empty() {
                return Box::pin(self.prove_empty(seat, job, &plan)).await;
            }
            let moves = match self.moves(seat, job, &plan).await {
                Ok(moves) => moves,
                Err(error) => {
                    self.fail_seat(job, &error).await;
                    return Flow::Stop;
                }
            };
            let flow = Box::pin(self.carry_out(seat, job, (&plan, moves))).await;
            if flow == Flow::Stop || !job.is_on() {
                return flow;
            }
        }
        let due = self.needs.now();
        self.park(job, "more is to be taken back than one run does", due)
            .await;
        Flow::On
    }

    /// What is to be done for each posting that still counts, judged by how all of them stand now.
    async fn moves(
        &self,
        seat: &mut Seat,
        job: &Job,
        plan: &Plan,
    ) -> Result<Vec<(u32, Move)>, SeatError> {
        let mut moves = Vec::new();
        for undo in open(job) {
            let n = undo.receipt.n;
            let Some(posting) = posting(plan, n) else {
                let gone = Reason::new(Code::PlanUnproved, format!("posting {n} is not planned"));
                moves.push((n, Move::Held(gone)));
                continue;
            };
            let looked = self.needs.now();
            let seen = self.look(seat, &undo.receipt).await?;
            let next = match &undo.step {
                Undoing::Reverse {
                    outcome: Outcome::Done { receipt },
                    ..
                } => {
                    let other = self.look(seat, receipt).await?;
                    let stand = |seen: &Option<Seen>| seen.as_ref().map(|seen| seen.found.clone());
                    let (one, other) = (stand(&seen), stand(&other));
                    of_pair(pair(
                        (&undo.receipt, one.as_ref()),
                        (receipt, other.as_ref()),
                    ))
                }
                _ => self.next_move(job, (&undo, posting), seen, looked),
            };
            moves.push((n, next));
        }
        Ok(moves)
    }

    fn next_move(
        &self,
        job: &Job,
        (undo, posting): (&Undo, &Posting),
        seen: Option<Seen>,
        looked: Timestamp,
    ) -> Move {
        let found = seen.as_ref().map(|seen| &seen.found);
        let wait = self.needs.deployment.clocks.proof_wait;
        let judged = |deletion| judge(posting, &undo.receipt, found, deletion);
        let verdict = match &undo.step {
            Undoing::Reverse { .. } => return Move::Reverse(judged(Deletion::Refused)),
            Undoing::Delete { since: Some(_), .. } if seen.is_none() => {
                let how = Gone::Deleted;
                return Move::Note(Undoing::Gone { how });
            }
            Undoing::Delete {
                since: Some(since), ..
            } if self.is_unproven(job, undo.receipt.n, looked) => {
                return Move::Wait(since.checked_add(wait).unwrap_or(Timestamp::MAX));
            }
            Undoing::Delete {
                said: Some(said), ..
            } => match half(posting, &undo.receipt, said) {
                Some(reason) => return Move::Stuck(reason),
                None => judged(Deletion::Refused),
            },
            _ => judged(Deletion::Allowed),
        };
        match (verdict, seen) {
            (Verdict::Gone(how), _) => Move::Note(Undoing::Gone { how }),
            (Verdict::Held(reason), _) => Move::Held(*reason),
            (verdict, Some(seen)) => match quiet_at(&undo.receipt, looked, wait) {
                Some(until) if !seen.found.stage.is_released() => Move::Wait(until),
                _ if verdict == Verdict::Delete => Move::Delete(seen.text),
                _ => Move::Reverse(verdict),
            },
            (verdict, None) => Move::Reverse(verdict),
        }
    }

    /// Whether something sent for a posting could still arrive after a look at this time.
    fn is_unproven(&self, job: &Job, n: u32, looked: Timestamp) -> bool {
        match self.step_at(job, looked) {
            Step::Withdraw { unproven, .. } => unproven.contains(&n),
            _ => false,
        }
    }

    /// What a person must look at first stops everything; what must wait, or be brought to an end by a person, only itself.
    async fn carry_out(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, moves): (&Plan, Vec<(u32, Move)>),
    ) -> Flow {
        let against = moves.iter().filter_map(|(_, next)| match next {
            Move::Held(reason) => Some(reason.clone()),
            _ => None,
        });
        let against: Vec<Reason> = against.collect();
        if !against.is_empty() {
            self.hold(job, against).await;
            return Flow::On;
        }
        let (mut waits, mut ends) = (None, Vec::new());
        for (n, next) in moves {
            let flow = match next {
                Move::Note(step) => self.undo(job, n, step).await,
                Move::Wait(until) => {
                    waits = waits.max(Some(until));
                    Flow::On
                }
                Move::Open(reason) => {
                    ends.push(reason);
                    Flow::On
                }
                Move::Held(_) => Flow::On,
                Move::Stuck(reason) => self.stuck(job, n, reason).await,
                _ if !self.has_time() => {
                    let now = self.needs.now();
                    self.park(job, "too little time is left for a write", now)
                        .await;
                    Flow::On
                }
                Move::Delete(text) => self.delete(seat, job, (plan, n), text).await,
                Move::Reverse(verdict) => {
                    let subject = (plan, n);
                    Box::pin(self.reverse(seat, job, subject, verdict)).await
                }
                Move::Release => Box::pin(self.release_reversal(seat, job, n)).await,
            };
            if flow == Flow::Stop || !job.is_on() {
                return flow;
            }
        }
        if let Some(until) = waits {
            self.park(job, "what was sent may still arrive", until)
                .await;
        } else if !ends.is_empty() {
            self.hold(job, ends).await;
        }
        Flow::On
    }

    /// Leaves a posting that is only deleted to a person; resumed, deleting it is tried again.
    async fn stuck(&self, job: &mut Job, n: u32, reason: Reason) -> Flow {
        let step = Undoing::Undecided;
        let reasons = vec![reason];
        let happened = [Happened::Undo { n, step }, Happened::Held { reasons }];
        self.note(job, &happened).await;
        Flow::On
    }

    /// Notes how far the undoing of a posting is.
    async fn undo(&self, job: &mut Job, n: u32, step: Undoing) -> Flow {
        self.note(job, &[Happened::Undo { n, step }]).await;
        Flow::On
    }
}

/// What still counts of a document.
fn open(job: &Job) -> Vec<Undo> {
    undos(job)
        .iter()
        .filter(|one| !one.step.is_gone())
        .cloned()
        .collect()
}

fn undos(job: &Job) -> &[Undo] {
    match &job.record.state {
        State::Withdrawing { undo, .. } => undo,
        _ => &[],
    }
}

fn find(job: &Job, n: u32) -> Option<Undo> {
    undos(job).iter().find(|one| one.receipt.n == n).cloned()
}

fn posting(plan: &Plan, n: u32) -> Option<&Posting> {
    plan.postings.iter().find(|posting| posting.n == n)
}

/// What Acumatica said when it refused.
fn said(error: &acumatica::Error) -> String {
    match error.message() {
        "" => chain(error),
        said => said.to_owned(),
    }
}

fn of_pair(pair: Pair) -> Move {
    match pair {
        Pair::Gone(how) => Move::Note(Undoing::Gone { how }),
        Pair::Release => Move::Release,
        Pair::Held(reason) => Move::Open(*reason),
    }
}
