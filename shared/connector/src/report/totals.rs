//! What a plan comes to, per account and per party, so that it can be checked against the document without adding up.

use std::collections::BTreeMap;

use posting::Plan;
use posting::plan::{Posting, PostingKind, Role};
use rust_decimal::Decimal;
use serde::Serialize;

/// Sums of a plan, in its currency.
#[derive(Debug, Serialize)]
pub struct Totals {
    /// Gross of the document.
    pub gross: String,
    /// Part of it that the rules leave out.
    pub skipped: String,
    /// All debits, those of accounts payable among them.
    pub debit: String,
    /// All credits.
    pub credit: String,
    /// Whether debits and credits are equal.
    pub balanced: bool,
    /// By account, with the vendors' side of AP documents as `accounts payable`.
    pub accounts: Vec<AccountRow>,
    /// By party: what the company owes it after this; negative is owed to the company.
    pub parties: Vec<PartyRow>,
}

/// What one account gets.
#[derive(Debug, Serialize)]
pub struct AccountRow {
    /// Account, or `accounts payable VENDOR`.
    pub account: String,
    /// Sum of its debits.
    pub debit: String,
    /// Sum of its credits.
    pub credit: String,
}

/// What one party gets.
#[derive(Debug, Serialize)]
pub struct PartyRow {
    /// `EMPL`, `IBCP` … or `vendor`.
    pub party: String,
    /// Vendor in Acumatica, where AP documents carry it.
    pub vendor: Option<String>,
    /// Owed to it, cents and all.
    pub amount: String,
}

type Sides = (Decimal, Decimal);

/// The sums of a plan. Its amounts were proved to stay in range when it was made.
pub(super) fn totals(plan: &Plan) -> Totals {
    let mut accounts: BTreeMap<String, Sides> = BTreeMap::new();
    let mut parties: BTreeMap<(&str, Option<&str>), Decimal> = BTreeMap::new();
    for posting in &plan.postings {
        for line in &posting.lines {
            let account = match line.account.as_str() {
                "" => "account of the purchase order",
                account => account,
            };
            add(&mut accounts, account.to_owned(), (line.debit, line.credit));
        }
        for tax in &posting.taxes {
            let account = format!("tax {}", tax.tax_id);
            add(&mut accounts, account, sides(posting.kind, tax.amount));
        }
        if posting.kind.is_payable() {
            let vendor = posting.vendor.as_deref().unwrap_or_default();
            let (debit, credit) = sides(posting.kind, posting.total);
            add(
                &mut accounts,
                format!("accounts payable {vendor}"),
                (credit, debit),
            );
        }
        let owed = parties
            .entry((&posting.party, posting.vendor.as_deref()))
            .or_default();
        *owed = owed.checked_add(owed_by(posting)).unwrap_or_default();
    }
    let sum = |side: fn(&Sides) -> Decimal| accounts.values().map(side).sum::<Decimal>();
    let (debit, credit) = (sum(|sides| sides.0), sum(|sides| sides.1));
    let shown = |amount: Decimal| plan.currency.format(amount);
    Totals {
        gross: shown(plan.gross),
        skipped: shown(plan.skipped.iter().map(|skipped| skipped.amount).sum()),
        debit: shown(debit),
        credit: shown(credit),
        balanced: debit == credit,
        accounts: accounts
            .into_iter()
            .map(|(account, (debit, credit))| AccountRow {
                account,
                debit: shown(debit),
                credit: shown(credit),
            })
            .collect(),
        parties: parties
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|((party, vendor), amount)| PartyRow {
                party: party.to_owned(),
                vendor: vendor.map(str::to_owned),
                amount: shown(amount),
            })
            .collect(),
    }
}

/// Debit and credit of an amount on the lines' side of a kind.
fn sides(kind: PostingKind, amount: Decimal) -> Sides {
    match kind {
        PostingKind::DebitAdj => (Decimal::ZERO, amount),
        PostingKind::Bill | PostingKind::CreditAdj | PostingKind::Journal => {
            (amount, Decimal::ZERO)
        }
    }
}

fn add(accounts: &mut BTreeMap<String, Sides>, account: String, (debit, credit): Sides) {
    let sums = accounts.entry(account).or_default();
    sums.0 = sums.0.checked_add(debit).unwrap_or_default();
    sums.1 = sums.1.checked_add(credit).unwrap_or_default();
}

/// What a posting makes the company owe its party. The lines of a journal on the clearing account meet the net's AP
/// document there, which alone is owed.
fn owed_by(posting: &Posting) -> Decimal {
    match posting.kind {
        PostingKind::Bill | PostingKind::CreditAdj => posting.total,
        PostingKind::DebitAdj => -posting.total,
        PostingKind::Journal => {
            let counter = posting.lines.iter();
            let counter = counter.filter(|line| line.role == Role::Counter);
            counter.fold(Decimal::ZERO, |owed, line| {
                owed.checked_sub(line.signed()).unwrap_or_default()
            })
        }
    }
}
