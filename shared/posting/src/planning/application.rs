//! Cash advances used on a report: each application credits the advance account and is held against the employee, cash
//! that was returned is debited where the rules say.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::codes::Codes;
use super::expense::{employee_vendor, payable};
use super::gate::too_large;
use super::item::{Item, Target};
use super::party::Party;
use crate::document::{Application, Entry, Expense, Journal};
use crate::money;
use crate::plan::Role;
use crate::rules::{Names, Party as Rule, ReturnAccount, Template};
use crate::{Code, Reason};

/// Where the returned cash stands in the document.
const RETURNS: &str = "report.cashAdvanceReturnsAmount";

/// The advance items of a report whose other items are read already.
pub(super) fn items(expense: &Expense, read: &[Item], codes: &mut Codes<'_>) -> Vec<Item> {
    let returned = expense.returns.abs();
    if expense.applications.is_empty() && returned.is_zero() {
        return Vec::new();
    }
    let Some(party) = party(expense, codes) else {
        return Vec::new();
    };
    let target = target(&party, read, codes);
    let mut items = Vec::new();
    for (index, application) in expense.applications.iter().enumerate() {
        check(index, application, codes);
        if application.amount.is_zero() {
            continue;
        }
        let names = codes.names.application(application);
        let template = &codes.rules.cash_advance.account.expense;
        let side = (&party, &target);
        let mut item = item(side, application.amount, template, &names, codes);
        item.source.clone_from(&application.advance);
        items.push(item);
    }
    items.extend(returns(expense, (&party, &target), codes));
    items
}

/// The one employee party of the report; without any it is `EMPL`. Journals of nothing pay nobody, and are asked only where
/// no other one says who is meant.
fn party(expense: &Expense, codes: &mut Codes<'_>) -> Option<Party> {
    let journals = || {
        expense.entries.iter().flat_map(|entry| {
            let journals = entry.allocations.iter().flat_map(|each| &each.journals);
            journals.map(move |journal| (entry, journal))
        })
    };
    let of = |(entry, journal): (&Entry, &Journal)| {
        let party = Party::of(expense, entry, journal);
        party.filter(Party::is_employee)
    };
    let paid = journals().filter(|(_, journal)| !journal.gross.is_zero());
    let parties: BTreeSet<Party> = paid.filter_map(of).collect();
    if parties.len() > 1 {
        let names: Vec<&str> = parties.iter().map(Party::name).collect();
        let reason = Reason::new(
            Code::PaymentMixed,
            "an advance is applied and the employee is paid in several ways",
        );
        codes.keep(reason.at("cashAdvanceApplication", names.join(", ")), None);
        return None;
    }
    let unpaid = || journals().filter_map(of).min();
    let party = parties.into_iter().next().or_else(unpaid);
    Some(party.unwrap_or(Party::Employee))
}

/// Where the party's other items go; without any as its rule says.
fn target(party: &Party, read: &[Item], codes: &mut Codes<'_>) -> Target {
    let mut others = read
        .iter()
        .filter(|item| item.party == *party)
        .map(|item| without_reference(&item.target));
    if let Some(first) = others.next() {
        if others.any(|other| other != first) {
            let reason = Reason::new(
                Code::AccountMissing,
                "the party's entries go to several accounts, so that none can be held against the advance",
            );
            codes.keep(reason.at(party.rule(), party), None);
        }
        return first;
    }
    let rules = codes.rules;
    let names = codes.names.clone();
    match rules.parties.get(party.name()) {
        None => {
            codes.without_rule(party, None);
            Target::unresolved()
        }
        Some(Rule::Skip) => Target::Skipped,
        Some(Rule::Bill { vendor }) => payable(employee_vendor(vendor.as_ref(), &names, codes)),
        Some(Rule::Journal { account }) => Target::Ledger {
            account: codes.account(account, &names, None),
            reference: None,
        },
    }
}

fn without_reference(target: &Target) -> Target {
    match target {
        Target::Ledger { account, .. } => Target::Ledger {
            account: account.clone(),
            reference: None,
        },
        other => other.clone(),
    }
}

/// Only what is applied or returned here is posted: a balance that is carried forward moves nothing.
fn check(index: usize, application: &Application, codes: &mut Codes<'_>) {
    let path = |field| format!("cashAdvanceApplication[{index}].{field}");
    let source = application.source();
    if !matches!(application.transaction_type, Some(1 | 2)) {
        let kind = application.transaction_type;
        let reason = Reason::new(
            Code::AdvanceType,
            "the advance is neither applied nor returned",
        )
        .at(
            path("cashAdvanceTransactionType"),
            kind.map(|kind| kind.to_string()).unwrap_or_default(),
        );
        codes.keep(reason.about(source), None);
    }
    if application.amount > Decimal::ZERO {
        let reason = Reason::new(Code::AdvanceType, "an applied amount is negative")
            .at(path("cashAdvanceApplicationAmount"), application.amount);
        codes.keep(reason.about(source), None);
    }
}

/// The cash the employee handed back. No single application is it, so the whole is debited once and the employee is held
/// to the rest only.
fn returns(expense: &Expense, side: (&Party, &Target), codes: &mut Codes<'_>) -> Option<Item> {
    let returned = expense.returns.abs();
    if returned.is_zero() {
        return None;
    }
    let Some(applied) = money::sum(expense.applications.iter().map(|each| each.amount.abs()))
    else {
        codes.keep(too_large(RETURNS), None);
        return None;
    };
    if returned > applied {
        let message = format!("more was returned than the {applied} applied");
        codes.keep(
            Reason::new(Code::AdvanceReturn, message).at(RETURNS, expense.returns),
            None,
        );
        return None;
    }
    match &codes.rules.cash_advance.return_account {
        Some(ReturnAccount::Employee) => None,
        Some(ReturnAccount::Account(template)) => {
            let names = match expense.applications.first() {
                Some(first) => codes.names.application(first),
                None => codes.names.clone(),
            };
            let mut item = item(side, returned, &template.expense, &names, codes);
            let ids = expense.applications.iter().map(|each| &each.advance);
            let ids: BTreeSet<&str> = ids.flatten().map(String::as_str).collect();
            let ids = ids.into_iter().collect::<Vec<_>>().join(", ");
            item.text = format!("{} (cash returned of {ids})", item.text);
            Some(item)
        }
        None => {
            let reason = Reason::new(
                Code::AdvanceReturn,
                "cash was returned and rules.cash_advance.return_account does not say where it went",
            );
            codes.keep(reason.at(RETURNS, expense.returns), None);
            None
        }
    }
}

/// An advance line: its text carries advance and employee id, the proof of open items.
fn item(
    (party, target): (&Party, &Target),
    amount: Decimal,
    template: &Template,
    names: &Names,
    codes: &mut Codes<'_>,
) -> Item {
    if *target == Target::Skipped {
        return Item::skipped(party.clone(), amount, Role::Advance);
    }
    let account = codes.account(template, names, None);
    let text = &codes.rules.text.line.cash_advance;
    Item {
        party: party.clone(),
        amount,
        role: Role::Advance,
        codes: codes.balance.on(&account),
        text: codes.text(text, names),
        source: None,
        because: codes
            .origins
            .of_line(format!("{party}: advance account by {}", template.rule())),
        target: target.clone(),
        taxed: None,
        taxes: None,
        order: None,
        box_1099: None,
    }
}
