//! The second phase: what stands in Acumatica is released, journals first. Every ask is stored before it is sent, and what
//! became of it is read from the document, never from the answer alone.

mod ask;
mod pair;
mod standing;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use posting::plan;
use posting::plan::PostingKind;
use posting::state::{ConfirmAfter, Happened, Receipt, Release, State, Step};

use super::Batch;
use super::job::{Job, Saved};
use super::settle::{Flow, LICENCE_WAIT};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Seat, SeatError};
use pair::Turn;
use standing::{Seen, Sending, Standing, Waits};

/// How long a release is left alone that was put off for want of time.
const LATE_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// Whether a posting can be released now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ready {
    Yes,
    /// Not now; what stands in the way is noted.
    No,
    /// The seat is no good any more.
    Stop,
}

/// Whether a posting was in the ledger when it was last seen.
pub(crate) fn is_released(receipt: &Receipt) -> bool {
    Seen::receipt(receipt).standing == Standing::Released
}

/// The release a planned posting begins with.
pub(super) fn first(planned: plan::Release) -> Release {
    match planned {
        plan::Release::NotWanted => Release::NotWanted,
        plan::Release::Wanted => Release::Wanted,
    }
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Releases what is due of a document, each posting once in a run. What is still pending then waits in the record.
    pub(super) async fn release(&self, seat: &mut Seat, job: &mut Job) -> Flow {
        let mut tried = BTreeSet::new();
        let mut flow = Flow::On;
        while flow == Flow::On && job.plan.is_some() && self.has_time() {
            let next = due(&self.step(job))
                .into_iter()
                .find(|n| !tried.contains(n));
            let Some(receipt) = next.and_then(|n| receipt(job, n)) else {
                break;
            };
            tried.insert(receipt.n);
            flow = Box::pin(self.release_one(seat, job, &receipt)).await;
            if !job.is_on() {
                return flow;
            }
        }
        if matches!(self.step(job), Step::Release { .. }) {
            let due = self.later(LATE_WAIT);
            self.put_off(job, "a release waits for its turn", due).await;
        }
        if let (true, Step::Wait { until }) = (job.is_on(), self.step(job)) {
            self.park(job, "waits for a release in Acumatica", until)
                .await;
        }
        flow
    }

    /// Leaves a document's releases for later. Where Concur need not wait for them, the document goes on to be confirmed.
    pub(super) async fn put_off(&self, job: &mut Job, why: &str, due: Timestamp) {
        if is_confirmed_meanwhile(job) {
            self.defer(job, due).await;
        } else {
            self.park(job, why, due).await;
        }
    }

    /// Acumatica could not be asked: the release is tried again, as often as any other step.
    pub(super) async fn set_back(&self, job: &mut Job, error: &SeatError) {
        if is_confirmed_meanwhile(job) {
            self.defer(job, self.later(LICENCE_WAIT)).await;
        } else {
            self.fail_seat(job, error).await;
        }
    }

    async fn defer(&self, job: &mut Job, due: Timestamp) {
        for n in self::due(&self.step(job)) {
            if let Some(receipt) = receipt(job, n) {
                let again = due.max(self.later(LATE_WAIT));
                let later = self.waits(&receipt).until(again);
                self.note_release(job, n, later, None).await;
            }
        }
    }

    /// Releases one posting, if it is ready. A journal looks after its other half too: both leave hold together, so that
    /// an approver sees both.
    async fn release_one(&self, seat: &mut Seat, job: &mut Job, one: &Receipt) -> Flow {
        let own = self.ready(seat, job, one).await;
        let mut ready = Vec::new();
        if one.kind == PostingKind::Journal && own != Ready::Stop && job.is_on() {
            for partner in pair::pending(job, one) {
                match self.ready(seat, job, &partner).await {
                    Ready::Yes => ready.push(partner.n),
                    Ready::No => {}
                    Ready::Stop => return Flow::Stop,
                }
                if !job.is_on() {
                    return Flow::On;
                }
            }
        }
        match own {
            Ready::Yes => {}
            Ready::No => return Flow::On,
            Ready::Stop => return Flow::Stop,
        }
        // It may have left hold just now.
        let Some(one) = receipt(job, one.n) else {
            return Flow::On;
        };
        match pair::turn(&one, &pair::partners(job, &one), &ready) {
            Turn::Go => return self.ask(seat, job, one.n).await,
            Turn::Wait => self.wait(job, &one, None).await,
            Turn::Never(message) => self.never(job, &one, (message, None)).await,
        }
        Flow::On
    }

    /// Whether a posting can be released now; if not, notes why. It is taken off hold where Acumatica put it on.
    async fn ready(&self, seat: &mut Seat, job: &mut Job, receipt: &Receipt) -> Ready {
        // What was never asked for stands as it was written.
        let seen = match receipt.release {
            Release::Wanted => Ok(Some(Seen::receipt(receipt))),
            _ => self.seen(seat, receipt).await,
        };
        match seen {
            Ok(Some(seen)) if seen.standing == Standing::OnHold && was_on_hold(receipt) => {
                self.off_hold(seat, job, receipt).await
            }
            Ok(seen) => self.judge_release(job, receipt, seen).await,
            Err(error) if is_busy(&error) => {
                self.wait(job, receipt, None).await;
                Ready::No
            }
            Err(error) => {
                self.set_back(job, &error).await;
                Ready::Stop
            }
        }
    }

    async fn judge_release(&self, job: &mut Job, receipt: &Receipt, seen: Option<Seen>) -> Ready {
        let Some(Seen { status, standing }) = seen else {
            self.never(job, receipt, (GONE.to_owned(), None)).await;
            return Ready::No;
        };
        match standing {
            Standing::Ready => return self.unsent(job, receipt, status).await,
            Standing::Released => {
                self.note_release(job, receipt.n, Release::Done, Some(status))
                    .await;
            }
            Standing::Waiting => self.wait(job, receipt, Some(status)).await,
            // A person put it there. The status is not kept: it would look as if Acumatica had done it.
            Standing::OnHold => self.wait(job, receipt, None).await,
            Standing::Never => {
                let message = format!("{} is {status} in Acumatica", receipt.label());
                self.never(job, receipt, (message, Some(status))).await;
            }
        }
        Ready::No
    }

    /// A document that could be released, unless an earlier ask may still be under way.
    async fn unsent(&self, job: &mut Job, receipt: &Receipt, status: String) -> Ready {
        let now = self.needs.now();
        let waits = self.waits(receipt);
        let is_early = matches!(receipt.release, Release::Asked { again, .. } if again > now);
        match waits.sending(now, self.needs.deployment.clocks.proof_wait) {
            Sending::GivenUp => {
                let message = format!("no release of {} came to an end", receipt.label());
                self.never(job, receipt, (message, Some(status))).await;
                Ready::No
            }
            Sending::Unproved => {
                self.wait(job, receipt, Some(status)).await;
                Ready::No
            }
            Sending::Free if is_early => {
                // The other half of a pair is looked at before its time: it is due with it.
                let due = waits.until(now);
                let noted = self.note_release(job, receipt.n, due, Some(status)).await;
                if noted { Ready::Yes } else { Ready::No }
            }
            Sending::Free => Ready::Yes,
        }
    }

    /// It is looked at again after as long as it has waited so far.
    async fn wait(&self, job: &mut Job, receipt: &Receipt, status: Option<String>) {
        let asked = self.waits(receipt).on(self.needs.now());
        self.note_release(job, receipt.n, asked, status).await;
    }

    async fn never(
        &self,
        job: &mut Job,
        receipt: &Receipt,
        (message, status): (String, Option<String>),
    ) {
        let failed = Release::Failed { message };
        self.note_release(job, receipt.n, failed, status).await;
    }

    /// Notes how far a release is; whether the document goes on in this run.
    async fn note_release(
        &self,
        job: &mut Job,
        n: u32,
        release: Release,
        status: Option<String>,
    ) -> bool {
        let noted = Happened::Release { n, release, status };
        matches!(self.note(job, &[noted]).await, Saved::Yes) && job.is_on()
    }

    fn waits(&self, receipt: &Receipt) -> Waits {
        Waits::of(receipt, self.needs.now())
    }

    /// Whether there is time for one more write and its answer.
    pub(super) fn has_time(&self) -> bool {
        self.run.left(self.needs.now()) >= self.needs.deployment.clocks.write_margin
    }
}

const GONE: &str = "it is not in Acumatica any more";

/// Whether Concur is told without waiting for the releases.
fn is_confirmed_meanwhile(job: &Job) -> bool {
    let is_posted = matches!(job.record.state, State::Posted { .. });
    is_posted && job.record.confirm_after == ConfirmAfter::Created
}

fn due(step: &Step) -> Vec<u32> {
    match step {
        Step::Release { numbers } => numbers.clone(),
        _ => Vec::new(),
    }
}

fn receipt(job: &Job, n: u32) -> Option<Receipt> {
    let receipts = job.record.state.receipts();
    receipts.into_iter().find(|receipt| receipt.n == n).cloned()
}

fn was_on_hold(receipt: &Receipt) -> bool {
    Seen::receipt(receipt).standing == Standing::OnHold
}

/// An earlier action of this session is at work on the form.
fn is_busy(error: &SeatError) -> bool {
    matches!(error, SeatError::Call(call) if call.is_busy() || call.is_business_exception())
}
