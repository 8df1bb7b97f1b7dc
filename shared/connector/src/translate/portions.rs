//! A posting with more lines than one request should carry, as the requests that build it: the first makes the document, on
//! hold, each further one adds the lines that come next.

use acumatica::{Bill, JournalTransaction};
use posting::money;
use posting::plan::{Line, Plan, Posting, PostingKind};
use rust_decimal::Decimal;

use super::bodies::{Body, body};

/// Whether a posting is built in portions. One with tax details is not: they must agree with every line of the request.
#[must_use]
pub fn is_portioned(posting: &Posting, lines_max: usize) -> bool {
    posting.taxes.is_empty() && posting.lines.len() > lines_max
}

/// The document to insert: the first lines, on hold whatever the plan says. `None` when their sum is out of range.
#[must_use]
pub fn first(plan: &Plan, posting: &Posting, lines_max: usize) -> Option<Body> {
    let lines = posting.lines.get(..lines_max)?;
    let part = Posting {
        hold: true,
        total: total(posting.kind, lines)?,
        lines: lines.to_vec(),
        ..posting.clone()
    };
    Some(body(plan, &part))
}

/// What to extend document `number` by when `stand` lines are in it: the lines that come next, and the total they lead to.
/// `None` when there are none, or their sum is out of range.
#[must_use]
pub fn next(
    plan: &Plan,
    posting: &Posting,
    number: &str,
    (stand, lines_max): (usize, usize),
) -> Option<Body> {
    let until = posting.lines.len().min(stand.checked_add(lines_max)?);
    let lines = posting
        .lines
        .get(stand..until)
        .filter(|lines| !lines.is_empty())?;
    let part = Posting {
        total: total(posting.kind, posting.lines.get(..until)?)?,
        lines: lines.to_vec(),
        ..posting.clone()
    };
    let number = Some(number.to_owned());
    Some(match body(plan, &part) {
        Body::Bill(bill) => Body::Bill(Box::new(Bill {
            kind: bill.kind,
            reference_nbr: number,
            amount: bill.amount,
            details: bill.details,
            ..Bill::default()
        })),
        Body::Journal(journal) => Body::Journal(Box::new(JournalTransaction {
            module: journal.module,
            batch_nbr: number,
            details: journal.details,
            ..JournalTransaction::default()
        })),
    })
}

/// What Acumatica must show while only the first `stand` lines are in the document. `None` when there are not so many.
#[must_use]
pub fn total_of_first(posting: &Posting, stand: usize) -> Option<Decimal> {
    total(posting.kind, posting.lines.get(..stand)?)
}

/// Of an AP document what it pays so far, of a journal the sum of its debits.
fn total(kind: PostingKind, lines: &[Line]) -> Option<Decimal> {
    match kind {
        PostingKind::Journal => money::sum(lines.iter().map(|line| line.debit)),
        PostingKind::DebitAdj => money::sum(lines.iter().map(|line| -line.signed())),
        PostingKind::Bill | PostingKind::CreditAdj => money::sum(lines.iter().map(Line::signed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{amount, plan, posting};

    fn long(kind: PostingKind) -> Posting {
        let mut long = posting(1, kind);
        let line = long.lines[0].clone();
        long.lines = (1..=5_u32)
            .map(|n| {
                let side = |side: Decimal| {
                    if side.is_zero() {
                        side
                    } else {
                        Decimal::from(n)
                    }
                };
                Line {
                    debit: side(line.debit),
                    credit: side(line.credit),
                    ..line.clone()
                }
            })
            .collect();
        long.total = amount("15");
        long
    }

    fn sums(posting: &Posting) -> Vec<(usize, Option<Decimal>)> {
        let plan = plan(vec![posting.clone()]);
        let shape = |body: Body| match body {
            Body::Bill(bill) => (bill.details.len(), bill.amount),
            Body::Journal(journal) => (journal.details.len(), None),
        };
        let mut sums = vec![shape(first(&plan, posting, 2).unwrap())];
        for stand in [2, 4] {
            sums.push(shape(next(&plan, posting, "000031", (stand, 2)).unwrap()));
        }
        assert!(next(&plan, posting, "000031", (5, 2)).is_none());
        sums
    }

    #[test]
    fn every_line_is_in_one_portion_and_each_total_is_that_of_what_stands_then() {
        let rising = [
            (2, Some(amount("3"))),
            (2, Some(amount("10"))),
            (1, Some(amount("15"))),
        ];
        for kind in [PostingKind::Bill, PostingKind::DebitAdj] {
            assert_eq!(sums(&long(kind)), rising, "{kind:?}");
        }
        let lines = sums(&long(PostingKind::Journal));
        assert_eq!(lines, [(2, None), (2, None), (1, None)]);
        let journal = long(PostingKind::Journal);
        assert_eq!(total_of_first(&journal, 4), Some(amount("10")));
        assert_eq!(total_of_first(&journal, 6), None);
    }

    #[test]
    fn the_first_portion_is_on_hold_and_the_next_say_nothing_but_lines_and_total() {
        let long = long(PostingKind::Bill);
        let plan = plan(vec![long.clone()]);
        let Some(Body::Bill(first)) = first(&plan, &long, 2) else {
            panic!("a bill")
        };
        assert_eq!(first.hold, Some(true));
        assert!(first.vendor_ref.is_some() && first.reference_nbr.is_none());
        let Some(Body::Bill(next)) = next(&plan, &long, "000031", (2, 2)) else {
            panic!("a bill")
        };
        assert_eq!(next.reference_nbr.as_deref(), Some("000031"));
        assert_eq!((next.hold, next.vendor, next.date), (None, None, None));
    }

    #[test]
    fn only_long_postings_without_taxes_are_built_in_portions() {
        let mut long = long(PostingKind::Bill);
        assert!(is_portioned(&long, 4) && !is_portioned(&long, 5));
        long.taxes = vec![posting::plan::TaxRow {
            tax_id: "VAT".to_owned(),
            taxable: amount("15"),
            amount: amount("1"),
            non_deductible: Decimal::ZERO,
        }];
        assert!(!is_portioned(&long, 4));
    }
}
