//! The judgement itself.

use jiff::{SignedDuration, Timestamp};

use super::{Found, FoundLine, Stage};
use crate::plan::{Line, Posting};
use crate::state::{Gone, Receipt, Release, provable_at};
use crate::{Code, Reason};

/// What undoes a posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing of it counts.
    Gone(Gone),
    /// It is deleted.
    Delete,
    /// Its opposite is written.
    Reverse,
    /// A person must look.
    Held(Box<Reason>),
}

/// Whether the tenant lets the connector delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// As far as is known.
    Allowed,
    /// It refused to delete this very document.
    Refused,
}

/// What undoes a posting that stands like this; `None` was looked for by its key and is not there.
#[must_use]
pub fn judge(
    posting: &Posting,
    receipt: &Receipt,
    found: Option<&Found>,
    deletion: Deletion,
) -> Verdict {
    let Some(found) = found else {
        return Verdict::Gone(Gone::Absent);
    };
    let held = |code, message: String| {
        let reason = Reason::new(code, message).at(receipt.label(), &found.status);
        Verdict::Held(Box::new(reason))
    };
    let label = receipt.label();
    match found.stage {
        Stage::Dead => return Verdict::Gone(Gone::Voided),
        Stage::Waiting => {
            let message = format!("{label} waits for an approver");
            return held(Code::WithdrawalApproval, message);
        }
        Stage::Odd => {
            let message = format!("{label} is {} in Acumatica", found.status);
            return held(Code::WithdrawalStatus, message);
        }
        _ => {}
    }
    if let Some(order) = order(posting, found) {
        let message = format!("{label} bills purchase order {order}");
        return held(Code::WithdrawalOrder, message);
    }
    if receipt.kind.is_payable() && is_paid(found) {
        let open = found.balance.map_or("nothing it says".to_owned(), |open| {
            posting.currency.format(open)
        });
        let message = format!("of {label} {open} is still open");
        return held(Code::WithdrawalPaid, message);
    }
    if let Some((field, value)) = edited(posting, receipt, found) {
        let message = format!("{field} of {label} was changed after it was written");
        let reason = Reason::new(Code::WithdrawalEdited, message);
        let place = format!("postings[{}].{field}", posting.n);
        return Verdict::Held(Box::new(reason.at(place, value)));
    }
    if found.stage.is_editable() && deletion == Deletion::Allowed {
        return Verdict::Delete;
    }
    match half(posting, receipt, &found.status) {
        Some(reason) => Verdict::Held(Box::new(reason)),
        None => Verdict::Reverse,
    }
}

/// Why a posting that is not deleted is not reversed either: only some of its lines were written, and half a document has no
/// opposite. `said` is what stands against deleting it. `None` of a whole one.
#[must_use]
pub fn half(posting: &Posting, receipt: &Receipt, said: &str) -> Option<Reason> {
    let (part, all) = (lines_written(posting, receipt).len(), posting.lines.len());
    let label = receipt.label();
    (part < all).then(|| {
        let message = format!("{label} has {part} of {all} lines and is not deleted: {said}");
        Reason::new(Code::WithdrawalRefused, message).at(label, said)
    })
}

/// The lines that were written of a posting.
fn lines_written<'a>(posting: &'a Posting, receipt: &Receipt) -> &'a [Line] {
    let part = receipt.part.and_then(|part| posting.lines.get(..part));
    part.unwrap_or(&posting.lines)
}

/// When a release that was asked for cannot change the document any more; `None` when none may be under way.
#[must_use]
pub fn quiet_at(
    receipt: &Receipt,
    now: Timestamp,
    proof_wait: SignedDuration,
) -> Option<Timestamp> {
    let Release::Asked {
        sent: Some(sent), ..
    } = receipt.release
    else {
        return None;
    };
    Some(provable_at(sent, proof_wait)).filter(|until| *until > now)
}

/// Released, and something of it is not open any more.
fn is_paid(found: &Found) -> bool {
    match found.stage {
        Stage::Closed => true,
        Stage::Released => found.balance != Some(found.amount),
        _ => false,
    }
}

fn order(posting: &Posting, found: &Found) -> Option<String> {
    let planned = posting.lines.iter().find_map(|line| {
        let order = line.purchase_order.as_ref()?;
        Some(order.number.clone())
    });
    let stands = || found.lines.iter().find_map(|line| line.order.clone());
    planned.or_else(stands)
}

/// The first thing that is not as it was written, and what it is now. Texts may be changed; they post nothing.
fn edited(posting: &Posting, receipt: &Receipt, found: &Found) -> Option<(String, String)> {
    let differs = |field: &str, planned: Option<&str>, stands: Option<&str>| {
        let (planned, stands) = (planned?, stands?);
        (!is_same(planned, stands)).then(|| (field.to_owned(), stands.to_owned()))
    };
    if found.amount != receipt.amount {
        let amount = posting.currency.format(found.amount);
        return Some(("amount".to_owned(), amount));
    }
    let date = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
    let written = Some(receipt.period.as_str()).filter(|period| !period.is_empty());
    differs("vendor", posting.vendor.as_deref(), found.vendor.as_deref())
        .or_else(|| {
            let stands = found.reference.as_deref();
            differs("reference", posting.reference.as_deref(), stands)
        })
        .or_else(|| {
            let (written, stands) = (date(receipt.date), date(found.date));
            differs("date", written.as_deref(), stands.as_deref())
        })
        .or_else(|| differs("period", written, found.period.as_deref()))
        .or_else(|| edited_line((posting, lines_written(posting, receipt)), found))
}

/// What is in the ledger cannot be edited, but a journal between branches gets balancing lines when it is released.
fn edited_line((posting, written): (&Posting, &[Line]), found: &Found) -> Option<(String, String)> {
    let may_grow = !posting.kind.is_payable() && found.stage.is_released();
    if found.lines.len() < written.len() || (found.lines.len() > written.len() && !may_grow) {
        return Some(("lines".to_owned(), found.lines.len().to_string()));
    }
    let mut stand: Vec<&FoundLine> = found.lines.iter().collect();
    for (at, planned) in (1..).zip(written) {
        let is_it = |line: &&FoundLine| is_line(planned, line);
        let Some(place) = stand.iter().position(is_it) else {
            return Some((format!("lines[{at}]"), planned.account.clone()));
        };
        stand.swap_remove(place);
    }
    None
}

fn is_line(planned: &Line, line: &FoundLine) -> bool {
    let account = Some(planned.account.clone()).filter(|account| !account.is_empty());
    let codes = [
        (&account, &line.account),
        (&planned.subaccount, &line.subaccount),
        (&planned.branch, &line.branch),
        (&planned.project, &line.project),
        (&planned.task, &line.task),
        (&planned.cost_code, &line.cost_code),
    ];
    let is_same = |(planned, stands): (&Option<String>, &Option<String>)| {
        let both = planned.as_deref().zip(stands.as_deref());
        both.is_none_or(|(planned, stands)| is_same_code(planned, stands))
    };
    planned.signed() == line.signed && codes.into_iter().all(is_same)
}

/// Segments of a code may come back with separators.
fn is_same_code(one: &str, other: &str) -> bool {
    let plain = |code: &str| -> String {
        let letters = code.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_uppercase).collect()
    };
    plain(one) == plain(other)
}

/// Codes are compared without padding and case, as Acumatica does.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// What a posting and its opposite come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pair {
    /// They cancel, or neither counts.
    Gone(Gone),
    /// The opposite journal is to be released: then they do.
    Release,
    /// A person must bring both to an end.
    Held(Box<Reason>),
}

/// Whether a posting and its opposite cancel. An AP document counts until both are closed by application.
#[must_use]
pub fn pair(
    (receipt, found): (&Receipt, Option<&Found>),
    (opposite, reversal): (&Receipt, Option<&Found>),
) -> Pair {
    let stage = |found: Option<&Found>| found.map(|found| found.stage);
    let is_dead = |stage: Option<Stage>| matches!(stage, None | Some(Stage::Dead));
    let (one, other) = (stage(found), stage(reversal));
    let closed = (Some(Stage::Closed), Some(Stage::Closed));
    let both_released = |one: Stage, other: Stage| one.is_released() && other.is_released();
    match (one, other) {
        _ if is_dead(one) && is_dead(other) => Pair::Gone(Gone::Absent),
        both if receipt.kind.is_payable() && both == closed => Pair::Gone(Gone::Reversed),
        (Some(one), Some(other)) if !receipt.kind.is_payable() && both_released(one, other) => {
            Pair::Gone(Gone::Reversed)
        }
        (Some(Stage::Released), Some(Stage::Balanced)) if !receipt.kind.is_payable() => {
            Pair::Release
        }
        _ => {
            let word = |found: Option<&Found>| {
                found.map_or("not in Acumatica".to_owned(), |found| found.status.clone())
            };
            let message = format!(
                "{} is {} and its opposite {} is {}",
                receipt.label(),
                word(found),
                opposite.label(),
                word(reversal)
            );
            let reason = Reason::new(Code::WithdrawalOpen, message);
            Pair::Held(Box::new(reason.at(receipt.label(), opposite.label())))
        }
    }
}
