//! The gate: what every expense report satisfies, checked before anything is planned from it.
//!
//! The six invariants are those Concur's published reports have in common. One that is broken would post out of balance,
//! so the report is refused with every fault at once, each with its field and values.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::party::{COMPANY, Side};
use crate::document::{Allocation, Entry, Expense, Journal, Tax};
use crate::{Code, Currency, Reason, money};

/// Every fault of the report; empty when it may be planned.
pub(super) fn gate(expense: &Expense) -> Vec<Reason> {
    let mut faults = Faults {
        currency: expense.header.currency,
        found: Vec::new(),
    };
    for (index, entry) in expense.entries.iter().enumerate() {
        faults.entry(index, entry);
    }
    let ids = expense.entries.iter().map(|entry| entry.id.as_str());
    let path = |index| format!("{}.entryId", entry_path(index));
    faults.found.extend(used_twice(ids, path));
    faults.report(expense);
    faults.found
}

/// The fault of every entry or line whose id an earlier one has: their amounts would be taken for one another's.
pub(super) fn used_twice<'a>(
    ids: impl Iterator<Item = &'a str>,
    path: impl Fn(usize) -> String,
) -> Vec<Reason> {
    let mut seen = BTreeSet::new();
    let again = ids.enumerate().filter(|(_, id)| !seen.insert(id.trim()));
    let fault = |(index, id): (usize, &str)| {
        let message = format!("an earlier entry or line has the id {id}, too");
        Reason::new(Code::LineTwice, message)
            .at(path(index), id)
            .on_line(id)
    };
    again.map(fault).collect()
}

/// Path of an entry in the document, counted from 0 as JSON does.
pub(super) fn entry_path(index: usize) -> String {
    format!("expenseEntry[{index}]")
}

/// Path of a journal of an entry.
pub(super) fn journal_path(entry: usize, allocation: usize, journal: usize) -> String {
    format!("expenseEntry[{entry}].allocation[{allocation}].journal[{journal}]")
}

struct Faults {
    currency: Currency,
    found: Vec<Reason>,
}

impl Faults {
    fn entry(&mut self, index: usize, entry: &Entry) {
        for (at, allocation) in entry.allocations.iter().enumerate() {
            for (number, journal) in allocation.journals.iter().enumerate() {
                self.journal(&journal_path(index, at, number), entry, journal);
            }
            let path = format!("{}.allocation[{at}]", entry_path(index));
            self.tax_sums(&path, entry, allocation);
            self.tax_references(&path, entry, allocation);
        }
        self.entry_sum(index, entry);
    }

    /// Invariants 1 and 2: one side is the company, and the sign says who pays.
    fn journal(&mut self, path: &str, entry: &Entry, journal: &Journal) {
        let gross = journal.gross;
        match Side::of(journal) {
            None => self.push(
                Reason::new(
                    Code::PartyInvalid,
                    format!("exactly one of payer and payee must be {COMPANY}"),
                )
                .at(
                    format!("{path}.journalPayee"),
                    format!("{} -> {}", journal.payer, journal.payee),
                )
                .on_line(&entry.id),
            ),
            Some(side) if !side.allows(gross) => self.push(
                Reason::new(
                    Code::JournalSign,
                    format!(
                        "{} -> {} with an amount of the wrong sign",
                        journal.payer, journal.payee
                    ),
                )
                .at(format!("{path}.amountGross"), gross)
                .on_line(&entry.id),
            ),
            Some(_) => {}
        }
        self.precision(&format!("{path}.amountGross"), gross, Some(&entry.id));
    }

    /// Invariant 3: the journals of an entry sum to what was approved.
    fn entry_sum(&mut self, index: usize, entry: &Entry) {
        let path = format!("{}.entryApprovedAmount", entry_path(index));
        let journals = entry.allocations.iter().flat_map(|each| &each.journals);
        let Some(sum) = self.sum(&path, journals.map(|journal| journal.gross)) else {
            return;
        };
        match entry.approved {
            None => self.push(
                Reason::new(Code::FieldMissing, "the entry states no approved amount")
                    .at(path, "")
                    .on_line(&entry.id),
            ),
            Some(approved) if approved != sum => self.push(
                Reason::new(
                    Code::EntrySum,
                    format!("journals sum to {sum}, approved is {approved}"),
                )
                .at(path, approved)
                .on_line(&entry.id),
            ),
            Some(_) => {}
        }
    }

    /// Invariant 4: the entries sum to the report's total, where it states one.
    fn report(&mut self, expense: &Expense) {
        const TOTAL: &str = "report.totalApprovedAmount";
        const RETURNS: &str = "report.cashAdvanceReturnsAmount";
        let approved: Option<Vec<Decimal>> =
            expense.entries.iter().map(|each| each.approved).collect();
        if let (Some(total), Some(approved)) = (expense.approved_total, approved) {
            let sum = self.sum(TOTAL, approved.into_iter());
            if let Some(sum) = sum.filter(|sum| *sum != total) {
                self.push(
                    Reason::new(
                        Code::ReportSum,
                        format!("entries sum to {sum}, the report says {total}"),
                    )
                    .at(TOTAL, total),
                );
            }
        }
        self.precision(RETURNS, expense.returns, None);
        for (index, application) in expense.applications.iter().enumerate() {
            let path = format!("cashAdvanceApplication[{index}].cashAdvanceApplicationAmount");
            let odd = precision(self.currency, &path, application.amount, None);
            self.found
                .extend(odd.map(|reason| reason.about(application.source())));
        }
    }

    /// Invariant 5: the tax records explain gross less net, in full and as far as it is reclaimable.
    fn tax_sums(&mut self, path: &str, entry: &Entry, allocation: &Allocation) {
        let less = |net: fn(&Journal) -> Decimal| {
            let journals = allocation.journals.iter();
            let differences = journals.map(|journal| journal.gross.checked_sub(net(journal)));
            differences.collect::<Option<Vec<_>>>().and_then(money::sum)
        };
        let records = |part: fn(&Tax) -> Decimal| money::sum(allocation.taxes.iter().map(part));
        let tax = (less(|each| each.net_of_tax), records(|tax| tax.amount));
        let reclaim = (less(|each| each.net_of_reclaim), records(|tax| tax.reclaim));
        for (field, (wanted, explained)) in [("amountTax", tax), ("amountReclaim", reclaim)] {
            let path = format!("{path}.tax[].{field}");
            let (Some(wanted), Some(explained)) = (wanted, explained) else {
                self.too_large(&path);
                continue;
            };
            if explained != wanted {
                let message = format!(
                    "tax records sum to {explained}, gross less net of the journals is {wanted}"
                );
                self.push(
                    Reason::new(Code::TaxSum, message)
                        .at(path, explained)
                        .on_line(&entry.id),
                );
            }
        }
    }

    /// Invariant 6: journals and tax records of an allocation name the same taxes.
    fn tax_references(&mut self, path: &str, entry: &Entry, allocation: &Allocation) {
        let named: BTreeSet<&str> = allocation
            .journals
            .iter()
            .flat_map(|journal| &journal.taxes)
            .map(String::as_str)
            .collect();
        let present: BTreeSet<&str> = allocation
            .taxes
            .iter()
            .filter_map(|tax| tax.guid.as_deref())
            .collect();
        let unnamed = allocation.taxes.iter().any(|tax| tax.guid.is_none());
        if named == present && !unnamed {
            return;
        }
        let odd: Vec<&str> = named.symmetric_difference(&present).copied().collect();
        self.push(
            Reason::new(
                Code::TaxReference,
                "journals and tax records of the allocation do not name the same taxes",
            )
            .at(format!("{path}.tax[].taxGuid"), odd.join(", "))
            .on_line(&entry.id),
        );
    }

    fn precision(&mut self, path: &str, amount: Decimal, line: Option<&str>) {
        self.found
            .extend(precision(self.currency, path, amount, line));
    }

    fn sum(&mut self, path: &str, amounts: impl Iterator<Item = Decimal>) -> Option<Decimal> {
        let sum = money::sum(amounts);
        if sum.is_none() {
            self.too_large(path);
        }
        sum
    }

    fn too_large(&mut self, path: &str) {
        self.push(too_large(path));
    }

    fn push(&mut self, reason: Reason) {
        self.found.push(reason);
    }
}

/// The fault of an amount with more decimals than its currency has; nothing is ever rounded.
pub(super) fn precision(
    currency: Currency,
    path: &str,
    amount: Decimal,
    line: Option<&str>,
) -> Option<Reason> {
    if currency.holds(amount) {
        return None;
    }
    let message = format!("{currency} has {} decimals", currency.decimals());
    let reason = Reason::new(Code::AmountPrecision, message).at(path, amount);
    Some(match line {
        Some(line) => reason.on_line(line),
        None => reason,
    })
}

/// The fault of amounts whose sum leaves the range of a decimal.
pub(super) fn too_large(path: &str) -> Reason {
    Reason::new(
        Code::PlanTooLarge,
        "the amounts leave the range of a ledger",
    )
    .at(path, "")
}
