//! What holds of every single plan.

use std::collections::BTreeSet;

use posting::plan::{Line, Posting, PostingKind};
use posting::{Plan, Stamp};
use rust_decimal::Decimal;

use crate::draw::FAMILY;

/// Longest texts and codes, in UTF-16 units, as .NET counts (AP301000, GL301000).
const DESCRIPTION: usize = 512;
const BILL_LINE: usize = 256;
const JOURNAL_LINE: usize = 512;
const REFERENCE: usize = 40;
const LINE_REFERENCE: usize = 15;
const ACCOUNT: usize = 10;
const CODE: usize = 30;

/// Panics with the law a plan breaks.
pub(crate) fn check(plan: &Plan) {
    let mut payable = Decimal::ZERO;
    let mut ledger = Decimal::ZERO;
    for (n, posting) in (1..).zip(&plan.postings) {
        assert_eq!(posting.n, n, "numbered from 1");
        assert_eq!(posting.currency, plan.currency, "one currency");
        balances(posting);
        texts(plan, posting);
        for line in &posting.lines {
            one_side(line);
        }
        ledger += net(posting);
        payable += match posting.kind {
            PostingKind::Bill | PostingKind::CreditAdj => posting.total,
            PostingKind::DebitAdj => -posting.total,
            PostingKind::Journal => Decimal::ZERO,
        };
    }
    assert_eq!(ledger, payable, "what is debited is owed");
    let payables = plan
        .postings
        .iter()
        .filter_map(|each| each.reference.as_ref());
    let distinct: BTreeSet<&String> = payables.clone().collect();
    assert_eq!(distinct.len(), payables.count(), "no reference twice");
}

fn balances(posting: &Posting) {
    assert!(posting.total > Decimal::ZERO, "a total is positive");
    assert!(!posting.lines.is_empty(), "a posting has lines");
    let net = net(posting);
    let debits: Decimal = posting.lines.iter().map(|line| line.debit).sum();
    match posting.kind {
        PostingKind::Journal => assert_eq!((net, debits), (Decimal::ZERO, posting.total)),
        PostingKind::DebitAdj => assert_eq!(-net, posting.total),
        PostingKind::Bill | PostingKind::CreditAdj => assert_eq!(net, posting.total),
    }
    for row in &posting.taxes {
        let parts = [
            row.taxable,
            row.amount,
            row.non_deductible,
            row.amount - row.non_deductible,
        ];
        assert!(
            parts.iter().all(|part| *part >= Decimal::ZERO),
            "no negative tax"
        );
    }
    if let Some(discount) = posting.discount {
        assert_eq!(posting.kind, PostingKind::Bill, "only a bill is paid early");
        assert!(Decimal::ZERO < discount.amount && discount.amount < posting.total);
    }
    assert_eq!(
        posting.vendor.is_some(),
        posting.kind != PostingKind::Journal
    );
}

/// Lines and taxes, debit positive.
fn net(posting: &Posting) -> Decimal {
    let lines = posting.lines.iter().map(|line| line.debit - line.credit);
    let tax: Decimal = posting.taxes.iter().map(|row| row.amount).sum();
    let lines: Decimal = lines.sum();
    match posting.kind {
        PostingKind::DebitAdj => lines - tax,
        _ => lines + tax,
    }
}

fn one_side(line: &Line) {
    let negative = line.debit.is_sign_negative() || line.credit.is_sign_negative();
    assert!(!negative, "no negative amount");
    assert_ne!(line.debit.is_zero(), line.credit.is_zero(), "one side");
    assert!(!line.account.trim().is_empty(), "no line without account");
}

fn texts(plan: &Plan, posting: &Posting) {
    let optional = |text: &Option<String>| text.as_deref().map_or(0, width);
    assert!(width(&posting.description) <= DESCRIPTION);
    whole(&posting.description);
    let stamp = Stamp::find(&posting.description);
    let own = posting.key_field.is_none().then(|| plan.stamp(posting.n));
    assert_eq!(stamp, own, "the stamp is whole, in one place");
    assert!(optional(&posting.reference) <= REFERENCE);
    let (payable, line_chars) = match posting.kind {
        PostingKind::Journal => (false, JOURNAL_LINE),
        _ => (true, BILL_LINE),
    };
    assert_eq!(posting.reference.is_some(), payable);
    for line in &posting.lines {
        assert!(width(&line.text) <= line_chars);
        whole(&line.text);
        assert!(optional(&line.reference) <= LINE_REFERENCE);
        assert!(width(&line.account) <= ACCOUNT);
        for code in [&line.subaccount, &line.branch, &line.project, &line.task] {
            assert!(optional(code) <= CODE);
        }
        assert_eq!(
            line.tax_category.is_some(),
            payable,
            "a bill line is exempt"
        );
    }
}

/// How much of a field a text fills.
fn width(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// No text ends inside what a person sees as one character.
fn whole(text: &str) {
    let rest = text.replace(FAMILY, "");
    assert!(!rest.contains(['👩', '\u{200d}']), "cut apart: {text}");
}
