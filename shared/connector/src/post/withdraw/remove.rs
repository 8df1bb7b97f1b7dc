//! Deleting what is not released: kept in full with the intent, then sent once.

use acumatica::{Error, Kind};
use posting::plan::Plan;
use posting::reference::List;
use posting::state::{Gone, Happened, Outcome, Receipt, Undoing};
use posting::withdraw::{half, period_for};
use posting::{Code, Reason};

use super::super::Batch;
use super::super::job::{Job, With};
use super::super::settle::Flow;
use super::{find, posting, said};
use crate::ports::{Clock, Ledger, Queue, Removed, Vault};
use crate::report::chain;
use crate::retry;
use crate::seats::{Seat, SeatError};

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Deletes a posting that stands as `text` says.
    pub(super) async fn delete(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, n): (&Plan, u32),
        text: String,
    ) -> Flow {
        let Some(undo) = find(job, n) else {
            return Flow::On;
        };
        let removed = Removed {
            plan: plan.number,
            n,
            text,
        };
        let with = With {
            removed: Some(&removed),
            ..With::default()
        };
        let step = Undoing::Delete {
            since: None,
            said: None,
        };
        self.note_with(job, &[Happened::Undo { n, step }], with)
            .await;
        if !job.is_on() {
            return Flow::On;
        }
        let deleted = Undoing::Gone { how: Gone::Deleted };
        match self.send_deletion(seat, job, &undo.receipt).await {
            Ok(()) => self.undo(job, n, deleted).await,
            Err(SeatError::Call(error)) => match error.kind() {
                // Read again at once: only a record that cannot be read is believed to be gone.
                Kind::NotFound => {
                    let since = Some(self.needs.now());
                    let step = Undoing::Delete { since, said: None };
                    self.undo(job, n, step).await
                }
                _ if error.outcome_unknown() => self.deletion_lost(job, n, &error).await,
                // Where Acumatica forbids deleting, the opposite document is written, in the next round. A page is somebody
                // else's word.
                Kind::Refused | Kind::Forbidden if !error.is_page() => {
                    let said = said(&error);
                    let posting = posting(plan, n);
                    if let Some(reason) = posting.and_then(|one| half(one, &undo.receipt, &said)) {
                        return self.stuck(job, n, reason).await;
                    }
                    let step = self.intent(seat, (plan, n), &undo.receipt).await;
                    self.undo(job, n, step).await
                }
                _ => {
                    self.fail_seat(job, &SeatError::Call(error)).await;
                    Flow::Stop
                }
            },
            Err(error) => {
                self.fail_seat(job, &error).await;
                Flow::Stop
            }
        }
    }

    /// The intent to write the opposite of a posting, in its own period while that is open by what Acumatica says now.
    pub(super) async fn intent(
        &self,
        seat: &mut Seat,
        (plan, n): (&Plan, u32),
        receipt: &Receipt,
    ) -> Undoing {
        let mut known = self.needs.known(&self.connection).await;
        if known.is_old(List::Periods, self.needs.now()) {
            let desk = (seat, &*self.connection);
            let read = Box::pin(self.needs.read_list(desk, &mut known, List::Periods));
            if let Err(error) = read.await {
                // Acumatica judges the period then.
                tracing::warn!(connection = %self.connection.id, error = chain(&error), "periods not read now");
            }
        }
        let date = posting(plan, n)
            .map(|posting| posting.date)
            .or(receipt.date);
        let calendar = known.view.calendar();
        let period = date.and_then(|date| period_for(receipt, date, calendar.as_ref()));
        self.needs.keep(known).await;
        Undoing::Reverse {
            period,
            outcome: Outcome::Open,
        }
    }

    /// It may have been deleted, or may be later: read again when that is proved.
    async fn deletion_lost(&self, job: &mut Job, n: u32, error: &Error) -> Flow {
        let said = error
            .is_business_exception()
            .then(|| error.message().to_owned());
        let step = Undoing::Delete {
            since: Some(self.needs.now()),
            said,
        };
        let failed = Happened::Failed {
            reason: Reason::new(Code::OutcomeUnproven, chain(error)),
            due: self.later(self.needs.deployment.clocks.proof_wait),
            attempts_max: retry::ATTEMPTS_MAX,
        };
        self.note(job, &[Happened::Undo { n, step }, failed]).await;
        Flow::On
    }
}
