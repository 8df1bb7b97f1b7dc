//! Plan, intent, claim and the names that keep two documents apart: stored in one write, before anything is sent.

use posting::record::Claim;
use posting::rules::Rules;
use posting::state::{ConfirmAfter, Happened, State, intents};
use posting::{DocumentId, Plan, Record};

use super::Batch;
use super::job::{Job, Saved, With};
use super::turn::{TAKEN_MAX, Turn, business, crowd};
use crate::ports::{Clock, Ledger, Payable, Queue, Reservation, Vault};

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Begins one planned document.
    pub(super) async fn begin(&self, job: &mut Job) {
        let Some(plan) = job.plan.clone() else {
            return;
        };
        let names = reservations(&job.record, &plan);
        let happened = if plan.postings.is_empty() {
            Happened::NothingToPost { plan: plan.number }
        } else {
            Happened::Began {
                plan: plan.number,
                writes: intents(&plan),
                claim: self.claim(),
                confirm_after: confirm_after(&self.connection.rules, &plan),
            }
        };
        // A plan that was stored before is not stored again.
        let is_new = job.record.state == State::Acknowledged;
        let mut replaced: Vec<DocumentId> = Vec::new();
        let likeness = job.likeness.clone();
        for _ in 0..TAKEN_MAX {
            let with = With {
                plan: is_new.then_some(&plan),
                reservations: &names,
                replaced: &replaced,
                likeness: likeness.as_deref(),
                ..With::default()
            };
            match self
                .note_with(job, std::slice::from_ref(&happened), with)
                .await
            {
                Saved::Yes | Saved::No => return,
                Saved::Taken { key, by } => match self.turn(job, &key, &by).await {
                    Some(Turn::TakeOver) => replaced.push(by),
                    turn => return self.yield_to(job, turn, &by).await,
                },
            }
        }
        self.hold(job, vec![crowd()]).await;
    }

    /// The claim under which this run acts.
    pub(super) fn claim(&self) -> Claim {
        self.run.claim(self.needs.deployment.clocks.claim_margin)
    }
}

/// When Concur may be told: at once, unless the rules want it otherwise or success releases money.
pub(crate) fn confirm_after(rules: &Rules, plan: &Plan) -> ConfirmAfter {
    let by_rule = rules.posting.confirm_after == posting::rules::ConfirmAfter::Released;
    if by_rule || plan.pays_on_success() {
        ConfirmAfter::Released
    } else {
        ConfirmAfter::Created
    }
}

/// The names a document takes: its business object, which it has since it was acknowledged, and each vendor's reference.
pub(super) fn reservations(record: &Record, plan: &Plan) -> Vec<Reservation> {
    let mut names = vec![business(record)];
    for posting in &plan.postings {
        let payable = Payable::of(posting.kind);
        if let (Some(payable), Some(vendor), Some(reference)) =
            (payable, &posting.vendor, &posting.reference)
        {
            names.push(Reservation::Reference {
                payable,
                vendor: vendor.trim().to_uppercase(),
                number: normalised(reference),
            });
        }
    }
    names
}

/// A reference without punctuation, case and leading zeros; one of punctuation alone stays as it is.
pub(crate) fn normalised(reference: &str) -> String {
    let plain: String = reference
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    match plain.trim_start_matches('0') {
        "" => reference.trim().to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests;
