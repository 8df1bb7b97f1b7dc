//! Searching: for a reversal before it is written, and for anything that is left before Concur hears that nothing is.

use std::collections::BTreeSet;

use acumatica::{Bill, CustomField, JournalTransaction, Session};
use posting::plan::{Plan, Posting};
use posting::record::Permitted;
use posting::state::{Gone, Happened, Outcome, Undoing};
use posting::{Code, Reason, Stamp};

use super::super::Batch;
use super::super::job::Job;
use super::super::search::{Found, Proof, term};
use super::super::settle::{Flow, unproven_reason};
use super::undos;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Seat, SeatError};
use crate::translate::bodies::bill_type;
use crate::translate::receipt::{Stored, is_live_bill, is_live_journal, same_code};

const NO_FIELDS: [CustomField; 0] = [];

/// What a search for a reversal found.
pub(super) enum Reversal {
    /// It stands.
    Ours(Box<Stored>),
    /// Something has its reference.
    Taken(Box<Reason>),
    /// Nothing; what that proves.
    Absent(Proof),
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Searches for the opposite `other` of a posting. After a lost answer the search must be able to prove itself.
    pub(super) async fn reversal(
        &self,
        seat: &mut Seat,
        plan: &Plan,
        (other, outcome): (&Posting, &Outcome),
    ) -> Result<Reversal, SeatError> {
        let is_lost = matches!(outcome, Outcome::Unknown { .. });
        let stamp = posting::withdraw::stamp(plan, other.n);
        let is_payable = other.kind.is_payable();
        let terms: Vec<String> = if is_payable {
            other.reference.clone().into_iter().collect()
        } else if other.key_field.is_some() {
            vec![stamp.clone()]
        } else {
            vec![Stamp::prefix(&plan.document)]
        };
        let acumatica = &self.connection.acumatica;
        let (number, taken, proof) = if is_payable {
            let found = self.all_bills(seat, &terms, is_lost).await?;
            let live = || found.0.iter().filter(|bill| is_live_bill(bill));
            let ours = live().find(|bill| acumatica.bill_carries(bill, &stamp));
            let number = ours.and_then(|bill| bill.reference_nbr.clone());
            (number, live().find_map(|bill| taken(other, bill)), found.1)
        } else {
            let found = self.all_journals(seat, &terms, is_lost).await?;
            let mut live = found.0.iter().filter(|journal| is_live_journal(journal));
            let ours = live.find(|journal| acumatica.journal_carries(journal, &stamp));
            let number = ours.and_then(|journal| journal.batch_nbr.clone());
            (number, None, found.1)
        };
        match (number, taken) {
            (Some(number), _) => match self.stored(seat, other, &number).await? {
                Some(stored) => Ok(Reversal::Ours(Box::new(stored))),
                None => Ok(Reversal::Absent(Proof::Void)),
            },
            (None, Some(reason)) => Ok(Reversal::Taken(Box::new(reason))),
            (None, None) => Ok(Reversal::Absent(proof)),
        }
    }

    async fn stored(
        &self,
        seat: &mut Seat,
        other: &Posting,
        number: &str,
    ) -> Result<Option<Stored>, SeatError> {
        let (needs, connection) = (self.needs, &self.connection);
        if let Some(kind) = bill_type(other.kind) {
            let bill = needs
                .on_seat(seat, connection, async |session: &mut Session| {
                    session.bill(&kind, number, &NO_FIELDS).await
                })
                .await?;
            return Ok(bill.map(|bill| Stored::bill(other.n, other.kind, &bill)));
        }
        let journal = needs
            .on_seat(seat, connection, async |session: &mut Session| {
                session.journal("GL", number, &NO_FIELDS).await
            })
            .await?;
        Ok(journal.map(|journal| Stored::journal(other.n, &journal)))
    }

    async fn all_bills(
        &self,
        seat: &mut Seat,
        terms: &[String],
        must_prove: bool,
    ) -> Result<(Vec<Bill>, Proof), SeatError> {
        let found = self.bills(seat, terms).await?;
        if must_prove && found.1 == Proof::None && self.bill_anchor(seat).await? {
            return self.bills(seat, terms).await;
        }
        Ok(found)
    }

    async fn all_journals(
        &self,
        seat: &mut Seat,
        terms: &[String],
        must_prove: bool,
    ) -> Result<(Vec<JournalTransaction>, Proof), SeatError> {
        let found = self.journals(seat, terms).await?;
        if must_prove && found.1 == Proof::None && self.journal_anchor(seat).await? {
            return self.journals(seat, terms).await;
        }
        Ok(found)
    }

    /// Ends the withdrawal, once a search that proves itself finds nothing of the document that counts.
    pub(super) async fn prove_empty(&self, seat: &mut Seat, job: &mut Job, plan: &Plan) -> Flow {
        let found = match self.what_is_left(seat, plan).await {
            Ok(found) => found,
            Err(error) => {
                self.fail_seat(job, &error).await;
                return Flow::Stop;
            }
        };
        for posting in &plan.postings {
            match found.proof(posting.kind) {
                // A person looked.
                _ if job.record.may(Permitted::Write) => {}
                Proof::Holds => {}
                Proof::Void => {
                    self.void(job, posting).await;
                    return Flow::On;
                }
                Proof::None => {
                    let why = "no other document of this kind is known by which the search could prove that nothing is left";
                    self.hold(job, vec![unproven_reason(posting, why)]).await;
                    return Flow::On;
                }
            }
        }
        let left = self.left(job, plan, &found);
        if left.is_empty() {
            self.note(job, &[Happened::Withdrawn]).await;
        } else {
            self.hold(job, left).await;
        }
        Flow::On
    }

    async fn what_is_left(&self, seat: &mut Seat, plan: &Plan) -> Result<Found, SeatError> {
        let (mut bills, mut journals) = (Vec::new(), Vec::new());
        for posting in &plan.postings {
            let terms = if posting.kind.is_payable() {
                &mut bills
            } else {
                &mut journals
            };
            terms.extend(term(plan, posting).filter(|term| !terms.contains(term)));
        }
        let (bills, bills_prove) = self.all_bills(seat, &bills, true).await?;
        let (journals, journals_prove) = self.all_journals(seat, &journals, true).await?;
        Ok(Found {
            bills,
            bills_prove,
            journals,
            journals_prove,
        })
    }

    /// What carries a stamp of the document and counts. A posting and its reversal do not, once they cancel.
    fn left(&self, job: &Job, plan: &Plan, found: &Found) -> Vec<Reason> {
        let acumatica = &self.connection.acumatica;
        let reversed = undos(job).iter().filter(|one| {
            one.step
                == Undoing::Gone {
                    how: Gone::Reversed,
                }
        });
        let cancelled: BTreeSet<String> = reversed.map(|one| one.receipt.label()).collect();
        let bills = found.bills.iter().filter(|bill| is_live_bill(bill));
        let bills = bills.filter_map(|bill| {
            let kind = bill
                .kind
                .as_ref()
                .map_or("Bill", acumatica::BillType::as_str);
            let number = bill.reference_nbr.as_deref().unwrap_or_default();
            Some((acumatica.bill_stamp(bill)?, format!("{kind} {number}")))
        });
        let live = |journal: &&JournalTransaction| is_live_journal(journal);
        let journals = found.journals.iter().filter(live);
        let journals = journals.filter_map(|journal| {
            let number = journal.batch_nbr.as_deref().unwrap_or_default();
            let stamp = acumatica.journal_stamp(journal)?;
            let is_reversed = acumatica.is_reversed(journal, &found.journals);
            (!is_reversed).then(|| (stamp, format!("GL {number}")))
        });
        let left = bills
            .chain(journals)
            .filter(|(stamp, label)| stamp.document == plan.document && !cancelled.contains(label));
        left.map(|(stamp, label)| {
            let message = format!("{label} still stands and carries the stamp of this document");
            Reason::new(Code::WithdrawalIncomplete, message).at("stamp", stamp)
        })
        .collect()
    }
}

/// Somebody else's document under the reference of a reversal.
fn taken(other: &Posting, bill: &Bill) -> Option<Reason> {
    let is = |found: Option<&String>, wanted: Option<&String>| {
        found
            .zip(wanted)
            .is_some_and(|(one, two)| same_code(one, two))
    };
    let is_taken = is(bill.vendor.as_ref(), other.vendor.as_ref())
        && is(bill.vendor_ref.as_ref(), other.reference.as_ref());
    is_taken.then(|| {
        let number = bill.reference_nbr.as_deref().unwrap_or_default();
        let message = format!("document {number} has the reference of the reversal already");
        let reference = other.reference.as_deref().unwrap_or_default();
        Reason::new(Code::WithdrawalRefused, message).at("VendorRef", reference)
    })
}
