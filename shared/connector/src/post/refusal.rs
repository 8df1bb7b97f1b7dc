//! What a refused write comes to, when it was refused for a reference that stands already.

use posting::plan::{Plan, Posting};
use posting::{Code, Reason};

use super::Batch;
use super::job::Job;
use super::judge::{self, Judged};
use super::search::term;
use super::settle::Flow;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::Seat;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// A reference that the site finds twice is looked up, so that its holder is named; an earlier try of this very posting is
    /// no duplicate.
    pub(super) async fn refused(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, posting): (&Plan, &Posting),
        mut reasons: Vec<Reason>,
    ) -> Flow {
        let is_duplicate = |reason: &Reason| reason.code == Code::DuplicateReference;
        if reasons.iter().any(is_duplicate)
            && let Some(term) = term(plan, posting)
            && let Ok((bills, _)) = self.bills(seat, &[term]).await
        {
            match judge::payable(&self.connection.acumatica, plan, posting, &bills) {
                Judged::Ours { number } => {
                    return match self.adopt(seat, job, (posting, number.as_str())).await {
                        Some(part) => Box::pin(self.grow(seat, job, (plan, posting), part)).await,
                        None => Flow::On,
                    };
                }
                Judged::Taken(holder) => {
                    reasons.retain(|reason| !is_duplicate(reason));
                    reasons.insert(0, *holder);
                }
                Judged::Absent => {}
            }
        }
        self.refuse(job, reasons).await;
        Flow::On
    }
}
