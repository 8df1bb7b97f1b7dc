//! Building a posting in portions. How far it is stands in Acumatica alone: lines and total are read back with every answer and
//! before anything is repeated, so no line is ever doubled. It leaves hold only when both are the plan's. Left half-way, the record
//! says how far it is; refused half-way, what stands is taken back.

use acumatica::Kind;
use posting::plan::{Plan, Posting};
use posting::state::{Happened, Receipt};
use posting::{Code, Reason};

use super::Batch;
use super::job::Job;
use super::settle::Flow;
use super::write::reasons;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Seat, SeatError};
use crate::translate::portions::{is_portioned, next, total_of_first};
use crate::translate::receipt::Stored;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Whether what stands is not all of a posting that is built in portions, or not off hold as it shall be.
    pub(super) fn is_unfinished(&self, posting: &Posting, stored: &Stored) -> bool {
        is_portioned(posting, self.connection.rules.posting.lines_per_request)
            && stored.is_on_hold()
            && (stored.lines() < posting.lines.len() || !posting.hold)
    }

    /// Adds what is missing, portion by portion, while there is time, then takes it off hold where the plan says so.
    pub(super) async fn grow(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, posting): (&Plan, &Posting),
        mut stored: Stored,
    ) -> Flow {
        let lines_max = self.connection.rules.posting.lines_per_request;
        for _ in 0..=posting.lines.len() {
            let stand = stored.lines();
            if total_of_first(posting, stand) != Some(stored.receipt.amount) {
                let reasons = strange(posting, &stored);
                self.leave(job, (posting, &stored), Some(Happened::Held { reasons }))
                    .await;
                return Flow::On;
            }
            let number = stored.receipt.number.clone();
            let more = next(plan, posting, &number, (stand, lines_max));
            if more.is_none() && posting.hold {
                self.written(seat, job, (plan, posting), stored).await;
                return Flow::On;
            }
            let now = self.needs.now();
            if self.run.left(now) < self.needs.deployment.clocks.write_margin {
                let parked = Happened::Parked {
                    why: "too little time is left for its next lines".to_owned(),
                    due: now,
                };
                self.leave(job, (posting, &stored), Some(parked)).await;
                return Flow::On;
            }
            let is_last = more.is_none();
            let grown = if let Some(more) = more {
                self.extend(seat, job, posting, more).await
            } else {
                let own = (posting.n, posting.kind, number.as_str());
                self.take_off_hold(seat, job, own).await
            };
            match grown {
                Ok(grown) if is_last => {
                    self.written(seat, job, (plan, posting), grown).await;
                    return Flow::On;
                }
                Ok(grown) => stored = grown,
                Err(error) => return self.not_grown(job, (posting, &stored), error).await,
            }
        }
        Flow::On
    }

    async fn not_grown(
        &self,
        job: &mut Job,
        (posting, stored): (&Posting, &Stored),
        error: SeatError,
    ) -> Flow {
        let SeatError::Call(refusal) = &error else {
            self.leave(job, (posting, stored), None).await;
            self.fail_seat(job, &error).await;
            return Flow::Stop;
        };
        if refusal.outcome_unknown() {
            self.lost(job, posting, refusal).await;
            return Flow::On;
        }
        match refusal.kind() {
            // What stands of it is taken back, as after any refusal half-way. A page is somebody else's word.
            Kind::Refused | Kind::Invalid | Kind::Forbidden if !refusal.is_page() => {
                let refused = Happened::Refused {
                    reasons: reasons(posting, refusal),
                    policy: self.policy(),
                };
                self.leave(job, (posting, stored), Some(refused)).await;
                Flow::On
            }
            _ => {
                self.leave(job, (posting, stored), None).await;
                self.fail_seat(job, &error).await;
                Flow::Stop
            }
        }
    }

    /// Part of it stands and nothing is under way, so from now on it is not as if it had never been sent: it is read before it
    /// goes on.
    async fn leave(
        &self,
        job: &mut Job,
        (posting, stored): (&Posting, &Stored),
        more: Option<Happened>,
    ) {
        let receipt = Receipt {
            part: Some(stored.lines()),
            ..stored.receipt.clone()
        };
        let of = posting.lines.len();
        let part = Happened::Part { receipt, of };
        let happened: Vec<Happened> = std::iter::once(part).chain(more).collect();
        self.note(job, &happened).await;
    }
}

/// Somebody changed it meanwhile, or it is not what was sent: nothing more is added.
fn strange(posting: &Posting, stored: &Stored) -> Vec<Reason> {
    let planned = total_of_first(posting, stored.lines()).map_or_else(
        || "no such number of lines".to_owned(),
        |total| posting.currency.format(total),
    );
    let stands = posting.currency.format(stored.receipt.amount);
    let (label, lines, all) = (stored.receipt.label(), stored.lines(), posting.lines.len());
    let message = format!(
        "{lines} of {all} lines are in {label}, with {stands}; planned for these is {planned}"
    );
    vec![
        Reason::new(Code::AmountDiffers, message)
            .at(format!("postings[{}].amount", posting.n), stands),
    ]
}
