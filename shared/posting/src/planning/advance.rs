//! What a cash advance says: the advance account is debited, the employee or what already paid is credited.

use super::Read;
use super::balance::Expected;
use super::codes::Codes;
use super::expense::{employee_vendor, payable};
use super::gate::{precision, too_large};
use super::item::{Item, Target};
use super::party::Party;
use crate::document::{AdvanceJournal, CashAdvance};
use crate::plan::Role;
use crate::rules::{AdvanceIssue, Names, ReturnAccount};
use crate::{Code, Reason};

/// Reads a cash advance; reasons are kept in `codes`.
pub(super) fn read(advance: &CashAdvance, codes: &mut Codes<'_>) -> Read {
    check(advance, codes);
    let party = if advance.expense_pay {
        Party::ExpensePay
    } else {
        Party::Employee
    };
    let issued = issued(advance, codes);
    let mut items = Vec::new();
    let mut expected = Some(Expected::default());
    for (index, journal) in advance.journals.iter().enumerate() {
        let path = format!("journalData[{index}].amount");
        codes.reasons.extend(precision(
            advance.header.currency,
            &path,
            journal.amount,
            None,
        ));
        if let Some(sums) = &mut expected
            && sums.cost(party.name(), journal.amount).is_none()
        {
            codes.keep(too_large(&path), None);
            expected = None;
        }
        if journal.credit != journal.amount.is_sign_negative() && !journal.amount.is_zero() {
            let reason = Reason::new(Code::AdvanceType, "sign and debitOrCredit contradict");
            codes.keep(reason.at(path, journal.amount), None);
        }
        if !journal.amount.is_zero() {
            let names = codes.names.advance_journal(advance, journal);
            let target = if journal.amount.is_sign_negative() && issued != Target::Skipped {
                returned(index, journal, &issued, codes)
            } else {
                issued.clone()
            };
            items.push(item(
                advance,
                journal,
                (party.clone(), target),
                &names,
                codes,
            ));
        }
    }
    Read { items, expected }
}

/// Only an issue or its return is posted, and only in a currency that can be right.
fn check(advance: &CashAdvance, codes: &mut Codes<'_>) {
    if advance.transaction_type != Some(1) {
        let kind = advance.transaction_type.map(|kind| kind.to_string());
        let reason = Reason::new(
            Code::AdvanceType,
            "the advance is neither issued nor returned",
        );
        let reason = reason.at("cashAdvanceData.transactionType", kind.unwrap_or_default());
        codes.keep(reason, None);
    }
    let one = advance
        .rate
        .is_none_or(|rate| rate == rust_decimal::Decimal::ONE);
    if advance.currency != advance.header.currency && one {
        let message = format!(
            "{} and {} cannot have the rate 1",
            advance.currency, advance.header.currency
        );
        let rate = advance.rate.map(|rate| rate.to_string());
        let reason = Reason::new(Code::AdvanceCurrency, message)
            .at("cashAdvanceData.exchangeRate", rate.unwrap_or_default());
        codes.keep(reason, None);
    }
}

/// Where the employee's side of an issue goes. What Expense Pay or a card already paid must not be billed, or it would be
/// paid twice.
fn issued(advance: &CashAdvance, codes: &mut Codes<'_>) -> Target {
    let names = codes.names.clone();
    let paid = if advance.expense_pay {
        Some(("cashAdvanceData.expensePayIndicator", "Y", "Expense Pay"))
    } else {
        let card = advance.card_transaction.as_ref();
        card.map(|id| ("cashAdvanceData.cardTransactionID", id.as_str(), "a card"))
    };
    match (&codes.rules.cash_advance.issue, paid) {
        (AdvanceIssue::Skip, _) => Target::Skipped,
        (AdvanceIssue::Journal { credit_account }, _) => Target::Ledger {
            account: codes.account(credit_account, &names, None),
            reference: advance.card_transaction.clone(),
        },
        (AdvanceIssue::Bill, None) => payable(employee_vendor(None, &names, codes)),
        (AdvanceIssue::Bill, Some((field, value, payer))) => {
            let message = format!(
                "{payer} already paid the advance and rules.cash_advance.as would pay it again by a bill"
            );
            codes.keep(
                Reason::new(Code::ReimbursedElsewhere, message).at(field, value),
                None,
            );
            Target::unresolved()
        }
    }
}

/// Where the other side of returned cash goes: not to the employee, who handed it back, unless the rules say so.
fn returned(
    index: usize,
    journal: &AdvanceJournal,
    issued: &Target,
    codes: &mut Codes<'_>,
) -> Target {
    let names = codes.names.clone();
    match &codes.rules.cash_advance.return_account {
        Some(ReturnAccount::Employee) => issued.clone(),
        Some(ReturnAccount::Account(template)) => Target::Ledger {
            account: codes.account(&template.cash_advance, &names, None),
            reference: None,
        },
        None => {
            let reason = Reason::new(
                Code::AdvanceReturn,
                "cash was returned and rules.cash_advance.return_account does not say where it went",
            );
            let path = format!("journalData[{index}].amount");
            codes.keep(reason.at(path, journal.amount), None);
            Target::unresolved()
        }
    }
}

fn item(
    advance: &CashAdvance,
    journal: &AdvanceJournal,
    (party, target): (Party, Target),
    names: &Names,
    codes: &mut Codes<'_>,
) -> Item {
    let template = &codes.rules.cash_advance.account.cash_advance;
    if target == Target::Skipped {
        let mut item = Item::skipped(party, journal.amount, Role::Advance);
        "skip, by rules.cash_advance.as".clone_into(&mut item.because);
        return item;
    }
    let account = codes.account(template, names, None);
    let text = &codes.rules.text.line.cash_advance;
    Item {
        party,
        amount: journal.amount,
        role: Role::Advance,
        codes: codes.balance.on(&account),
        text: codes.text(text, names),
        source: Some(advance.header.business.as_str().to_owned()),
        because: codes
            .origins
            .of_line(format!("advance account by {}", template.rule())),
        target,
        taxed: None,
        taxes: None,
        order: None,
        box_1099: None,
    }
}
