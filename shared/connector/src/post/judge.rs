//! Whose a hit is. Bills are found by the vendor's reference, journals by the stamp; both are judged here, because a filter
//! knows nothing of vendors, statuses and stamps.

use acumatica::{Bill, BillType, JournalTransaction};
use posting::plan::{Plan, Posting, PostingKind};
use posting::{Code, Reason, Stamp};

use crate::connection::Acumatica;
use crate::translate::receipt::{is_live_bill, is_live_journal, same_code};

/// What a search says about one posting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It stands in Acumatica under this number.
    Ours {
        /// Its number.
        number: String,
    },
    /// Nothing of it was found; whether that proves anything is another question.
    Absent,
    /// Something stands in its way.
    Taken(Box<Reason>),
}

/// Judges the bills of a search for an AP posting. The stamp comes first: a clerk may have changed vendor and reference of
/// what we wrote, and it is ours nevertheless.
pub(super) fn payable(
    acumatica: &Acumatica,
    plan: &Plan,
    posting: &Posting,
    bills: &[Bill],
) -> Judged {
    let (Some(vendor), Some(reference)) = (&posting.vendor, &posting.reference) else {
        return Judged::Absent;
    };
    let live = bills
        .iter()
        .filter(|bill| is_live_bill(bill) && !acumatica.is_reversing_bill(bill));
    let mut foreign = None;
    for bill in live {
        let number = bill.reference_nbr.clone().unwrap_or_default();
        match acumatica.bill_stamp(bill) {
            Some(stamp) if stamp == plan.stamp(posting.n) => return Judged::Ours { number },
            // Another posting of this plan.
            Some(stamp) if stamp.document == plan.document && stamp.plan == plan.number => {}
            Some(stamp) if stamp.document == plan.document => {
                foreign.get_or_insert_with(|| earlier_plan(&stamp, &label(bill), reference));
            }
            _ if !is(bill.vendor.as_deref(), vendor)
                || !is(bill.vendor_ref.as_deref(), reference) => {}
            // A credit memo may re-use the number of the invoice it credits.
            _ if is_opposite(posting.kind, bill.kind.as_ref()) => {}
            _ => {
                foreign.get_or_insert_with(|| duplicate(&label(bill), vendor, reference));
            }
        }
    }
    foreign.map_or(Judged::Absent, |reason| Judged::Taken(Box::new(reason)))
}

/// Judges the journals of a search for a journal posting.
pub(super) fn journal(
    acumatica: &Acumatica,
    plan: &Plan,
    posting: &Posting,
    journals: &[JournalTransaction],
) -> Judged {
    let mut foreign = None;
    let is_live = |journal: &&JournalTransaction| {
        is_live_journal(journal) && !acumatica.is_reversed(journal, journals)
    };
    for journal in journals.iter().filter(is_live) {
        let number = journal.batch_nbr.clone().unwrap_or_default();
        match acumatica.journal_stamp(journal) {
            Some(stamp) if stamp == plan.stamp(posting.n) => return Judged::Ours { number },
            // Another posting of this plan, or somebody else's document.
            Some(stamp) if stamp.document != plan.document || stamp.plan == plan.number => {}
            Some(stamp) => {
                foreign.get_or_insert_with(|| {
                    earlier_plan(&stamp, &format!("GL {number}"), &stamp.to_string())
                });
            }
            None => {}
        }
    }
    foreign.map_or(Judged::Absent, |reason| Judged::Taken(Box::new(reason)))
}

fn is(found: Option<&str>, wanted: &str) -> bool {
    found.is_some_and(|found| same_code(found, wanted))
}

fn is_opposite(kind: PostingKind, found: Option<&BillType>) -> bool {
    let lowers = kind == PostingKind::DebitAdj;
    match found {
        Some(BillType::DebitAdj) => !lowers,
        Some(BillType::Bill | BillType::CreditAdj) => lowers,
        // A kind nobody knows could be anything.
        _ => false,
    }
}

fn label(bill: &Bill) -> String {
    let kind = bill.kind.as_ref().map_or("Bill", BillType::as_str);
    let number = bill.reference_nbr.as_deref().unwrap_or_default();
    format!("{kind} {number}")
}

fn duplicate(label: &str, vendor: &str, reference: &str) -> Reason {
    Reason::new(
        Code::DuplicateReference,
        format!("{label} of vendor {vendor} has the reference already"),
    )
    .at("VendorRef", reference)
}

fn earlier_plan(stamp: &Stamp, label: &str, mark: &str) -> Reason {
    Reason::new(
        Code::EarlierPosting,
        format!(
            "{label} was written by plan {} of this document",
            stamp.plan
        ),
    )
    .at("stamp", mark)
}

#[cfg(test)]
mod tests;
