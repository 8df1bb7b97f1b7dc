//! Before anything is taken back, Concur is asked what it holds: an answer that was lost may have been our "success".

use concur::financial::DocumentStatus;
use posting::state::{State, Undo, Undoing, Why};
use posting::{Code, Reason};

use super::super::Batch;
use super::super::dead::{Open, SILENT};
use super::super::job::Job;
use crate::circuit::{Side, due_after};
use crate::ports::{Clock, Ledger, Queue, Vault};

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Holds what a person wants taken back and Concur counts as posted.
    pub(in crate::post) async fn ask_before_withdrawing(&self, jobs: &mut [Job]) {
        let untouched = |job: &&mut Job| self.withdraws(job) && is_untouched(&job.record.state);
        for job in jobs.iter_mut().filter(untouched) {
            if self.is_late() {
                let now = self.needs.now();
                self.park(job, "too little time is left to ask concur", now)
                    .await;
                continue;
            }
            if let Open::No(until) = self.gate(Side::Concur).await {
                self.park(job, SILENT, due_after(until)).await;
                continue;
            }
            match self.status(job).await {
                Ok(Some(DocumentStatus::PostingConfirmedSuccess)) => {
                    let why =
                        "concur holds success for this document, so nothing of it was taken back";
                    let reason = Reason::new(Code::VerdictDiffers, why);
                    self.hold(job, vec![reason]).await;
                }
                Ok(_) => {}
                Err(error) => self.fail_concur(job, &error).await,
            }
        }
    }
}

/// Whether nothing was sent yet of a withdrawal that ends with "error" or a person; a recalled document holds no verdict.
fn is_untouched(state: &State) -> bool {
    let is_undecided = |one: &Undo| one.step == Undoing::Undecided;
    match state {
        State::Withdrawing {
            why: Why::Refused { .. },
            undo,
            ..
        } => undo.iter().all(is_undecided),
        _ => false,
    }
}
