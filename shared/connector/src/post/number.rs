//! A number of Acumatica stands for one document of ours. What the connector wrote is its own, whatever had that number before;
//! what a person named for another document at this very moment is that one's.

use posting::plan::PostingKind;
use posting::state::{Happened, Receipt, State};
use posting::{Code, Reason, Record};

use super::Batch;
use super::job::{Job, Saved, Why, With};
use crate::ports::{Clock, Holder, Key, Ledger, PortError, Queue, Vault};

/// Tries to store a number that others let go of meanwhile.
const TRIES_MAX: usize = 4;

/// Whom a number belongs to.
enum Whose {
    /// One that counts it no more, or whose own posting of that number is no more in Acumatica, which gave it out again.
    Former(Holder),
    /// One that a person named it for, said in a sentence.
    Named(String),
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Notes what happened with the number it brought for posting `n`. Where a person named that number for another document
    /// first, what `instead` makes of the reason is noted, which must leave the outcome unknown.
    pub(super) async fn note_number(
        &self,
        job: &mut Job,
        happened: &[Happened],
        receipt: &Receipt,
        instead: impl FnOnce(Reason) -> Vec<Happened>,
    ) {
        let receipts = [(receipt.kind, receipt.number.clone())];
        let mut former: Vec<Holder> = Vec::new();
        for _ in 0..TRIES_MAX {
            let with = With {
                receipts: &receipts,
                former: &former,
                ..With::default()
            };
            let Saved::Taken { .. } = self.note_with(job, happened, with).await else {
                return;
            };
            match self.whose(job, receipt).await {
                Ok(None) => {}
                Ok(Some(Whose::Former(holder))) => former = vec![holder],
                Ok(Some(Whose::Named(says))) => {
                    let place = format!("postings[{}]", receipt.n);
                    let reason = Reason::new(Code::DuplicateReference, says);
                    let reason = reason.at(place, receipt.label());
                    self.note(job, &instead(reason)).await;
                    return;
                }
                Err(error) => {
                    tracing::error!(document = %job.key.document, %error, "holder of a number not read");
                    break;
                }
            }
        }
        // What was written is searched when the claim has lapsed.
        job.end(Why::Again);
    }

    async fn whose(&self, job: &Job, receipt: &Receipt) -> Result<Option<Whose>, PortError> {
        let ledger = &self.needs.ledger;
        let connection = &job.key.connection;
        let number = receipt.number.as_str();
        let Some(holder) = ledger.holder(connection, receipt.kind, number).await? else {
            return Ok(None);
        };
        let key = Key {
            connection: connection.clone(),
            document: holder.document.clone(),
        };
        let other = ledger.records(&[key]).await?.pop();
        let named = other.filter(|other| {
            let kept = kept(other, (receipt.kind, number));
            kept.is_some_and(|kept| kept.adopted)
        });
        Ok(Some(match named {
            Some(other) => Whose::Named(stands_for_other(&receipt.label(), &other)),
            None => Whose::Former(holder),
        }))
    }
}

/// The posting under this number that a document counts as its own. A number that was mistyped and named anew stands for nothing
/// any more, nor does what a closed document left.
pub(crate) fn kept<'a>(
    record: &'a Record,
    (kind, number): (PostingKind, &str),
) -> Option<&'a Receipt> {
    let receipts = record.state.receipts().into_iter();
    let mut same = receipts.filter(|one| one.kind == kind && one.number == number);
    let is_closed = matches!(record.state, State::Closed { .. });
    same.next().filter(|_| !is_closed)
}

/// What is said of a number that is another document's.
pub(crate) fn stands_for_other(label: &str, other: &Record) -> String {
    format!(
        "{label} stands for document {} already, which is {}",
        other.document,
        other.state.word()
    )
}
