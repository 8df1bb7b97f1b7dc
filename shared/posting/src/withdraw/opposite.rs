//! The opposite of a posting: same vendor, accounts and dimensions, the other side.

use jiff::civil::Date;

use crate::periods::{Openness, Period, Periods};
use crate::plan::{Line, Plan, Posting, PostingKind, Release};
use crate::planning::short_reference;
use crate::state::Receipt;

/// What the reversal of posting `n` is found by: its stamp with an `R` behind it.
#[must_use]
pub fn stamp(plan: &Plan, n: u32) -> String {
    format!("{}R", plan.stamp(n))
}

/// The document that cancels `posting`, which stands as `receipt`. It gets a reference of its own, `{reference}-W{n}`, because
/// Acumatica takes a vendor's reference once.
#[must_use]
pub fn opposite(
    plan: &Plan,
    posting: &Posting,
    receipt: &Receipt,
    period: Option<String>,
) -> Posting {
    let n = posting.n;
    let reference = posting.reference.as_deref();
    let reference = reference.map(|reference| short_reference(reference, &format!("-W{n}")));
    let text = format!("Withdrawal of {}", receipt.label());
    let stamp = stamp(plan, n);
    let description = match (&posting.key_field, posting.kind, &reference) {
        (Some(_), _, _) => text,
        (None, PostingKind::Journal, _) => format!("{stamp} {text}"),
        (None, _, Some(reference)) => format!("{reference} {text} {stamp}"),
        (None, _, None) => format!("{text} {stamp}"),
    };
    Posting {
        kind: match posting.kind {
            PostingKind::Bill | PostingKind::CreditAdj => PostingKind::DebitAdj,
            PostingKind::DebitAdj => PostingKind::CreditAdj,
            PostingKind::Journal => PostingKind::Journal,
        },
        period,
        due_date: None,
        terms: None,
        reference,
        description,
        hold: false,
        release: Release::NotWanted,
        lines: posting.lines.iter().map(other_side).collect(),
        ..posting.clone()
    }
}

fn other_side(line: &Line) -> Line {
    Line {
        debit: line.credit,
        credit: line.debit,
        ..line.clone()
    }
}

/// The period of a reversal: the posting's own while it takes such a document, else the first later one that does. Where the
/// tenant's periods are not known it is the posting's own, and Acumatica judges.
#[must_use]
pub fn period_for(receipt: &Receipt, date: Date, periods: Option<&Periods>) -> Option<String> {
    let own_id = Some(receipt.period.clone()).filter(|period| !period.is_empty());
    let Some(periods) = periods else {
        return own_id;
    };
    let own = match &own_id {
        Some(id) => periods.named(id),
        None => periods.of(date),
    };
    let Some(own) = own else {
        return own_id;
    };
    let takes = |period: &Period| match receipt.kind {
        PostingKind::Journal => period.ledger == Openness::Open,
        _ => period.payables == Openness::Open,
    };
    if takes(own) {
        return Some(own.id.clone());
    }
    let later = periods.after(own).find(|period| takes(period));
    later.map(|period| period.id.clone()).or(own_id)
}
