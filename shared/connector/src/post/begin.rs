//! Plan, intent, claim and the names that keep two documents apart: stored in one write, before anything is sent.

use posting::record::{Claim, List};
use posting::rules::Rules;
use posting::state::{ConfirmAfter, Happened, State, intents};
use posting::{Code, DocumentId, Plan, Reason, Record};

use super::Batch;
use super::job::{Job, Saved, With};
use crate::ports::{Clock, Key, Ledger, Queue, Reservation, Vault};
use jiff::SignedDuration;

/// How long a document waits for an earlier one of the same business object or reference.
const TURN: SignedDuration = SignedDuration::from_mins(5);
/// Names taken over in one go; a plan has one of its business object and one of each AP document.
const TAKEN_MAX: usize = 32;

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
                receipts: &[],
            };
            match self
                .note_with(job, std::slice::from_ref(&happened), with)
                .await
            {
                Saved::Yes | Saved::No => return,
                Saved::Taken { key, by } => match self.turn(job, &key, &by).await {
                    Some(Turn::TakeOver) => replaced.push(by),
                    Some(Turn::Wait) => {
                        let why = format!("waits for document {by}");
                        return self.park(job, &why, self.later(TURN)).await;
                    }
                    Some(Turn::Held(reason)) => return self.hold(job, vec![reason]).await,
                    None => return,
                },
            }
        }
        let many = Reason::new(
            Code::AlreadyPostedReport,
            format!("more than {TAKEN_MAX} documents hold its names"),
        );
        self.hold(job, vec![many]).await;
    }

    /// The claim under which this run acts.
    pub(super) fn claim(&self) -> Claim {
        self.run.claim(self.needs.deployment.clocks.claim_margin)
    }

    async fn turn(&self, job: &mut Job, name: &str, by: &DocumentId) -> Option<Turn> {
        let key = Key {
            connection: job.key.connection.clone(),
            document: by.clone(),
        };
        match self.needs.ledger.records(&[key]).await {
            Ok(found) => Some(turn(&job.record, name, found.first())),
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "holder of a name not read");
                job.end(super::job::Why::Again);
                None
            }
        }
    }
}

/// When Concur may be told: at once, unless the rules want it otherwise or success releases money.
pub(super) fn confirm_after(rules: &Rules, plan: &Plan) -> ConfirmAfter {
    let by_rule = rules.posting.confirm_after == posting::rules::ConfirmAfter::Released;
    if by_rule || plan.pays_on_success() {
        ConfirmAfter::Released
    } else {
        ConfirmAfter::Created
    }
}

/// Decides what a name held by another document means for this one.
pub(super) fn turn(record: &Record, name: &str, other: Option<&Record>) -> Turn {
    // A name without a record keeps nobody out: its document was never posted under it.
    let Some(other) = other else {
        return Turn::TakeOver;
    };
    let is_business = *name == Reservation::Business(record.business.to_string()).key();
    match &other.state {
        state if matches!(state.list(), List::Open | List::Held) => Turn::Wait,
        // Whether a posting with this reference still stands is what the search finds out.
        _ if !is_business => Turn::TakeOver,
        State::Confirmed { .. } => Turn::Held(
            Reason::new(
                Code::AlreadyPostedReport,
                format!(
                    "document {} of the same business id is confirmed",
                    other.document
                ),
            )
            .at("business_id", &record.business),
        ),
        state if !state.receipts().is_empty() => Turn::Held(
            Reason::new(
                Code::EarlierPosting,
                format!(
                    "document {} of the same business id left a posting",
                    other.document
                ),
            )
            .at("business_id", &record.business),
        ),
        _ => Turn::TakeOver,
    }
}

/// The names a document takes: its business object, and each vendor's reference.
pub(super) fn reservations(record: &Record, plan: &Plan) -> Vec<Reservation> {
    let mut names = vec![Reservation::Business(record.business.to_string())];
    for posting in &plan.postings {
        if let (Some(vendor), Some(reference)) = (&posting.vendor, &posting.reference) {
            names.push(Reservation::Reference {
                vendor: vendor.trim().to_uppercase(),
                number: normalised(reference),
            });
        }
    }
    names
}

/// A reference without punctuation, case and leading zeros; one of punctuation alone stays as it is.
pub(super) fn normalised(reference: &str) -> String {
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
