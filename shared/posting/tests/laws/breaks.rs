//! One thing wrong with a document: a field that is missing or cannot be, or an amount that is off by one minor unit.

use posting::document::{Allocation, Entry, Expense, Family, Invoice, Journal};
use posting::{Code, Document};
use rust_decimal::Decimal;

use crate::connections::{Connection, Tax};
use crate::draw::Draw;

/// What a break must be refused for, and the entry or line it is tied to.
pub(crate) type Wanted = (Code, Option<String>);

/// How often the document states an amount: what it states twice cannot change unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stated {
    Once,
    Twice,
}

/// Every amount of a document that its posting depends on.
pub(crate) fn amounts(document: &mut Document) -> Vec<(&mut Decimal, Stated)> {
    match document {
        Document::Expense(expense) => {
            let mut amounts: Vec<(&mut Decimal, Stated)> = Vec::new();
            amounts.extend(
                expense
                    .approved_total
                    .as_mut()
                    .map(|each| (each, Stated::Twice)),
            );
            for application in &mut expense.applications {
                amounts.push((&mut application.amount, Stated::Once));
            }
            for entry in &mut expense.entries {
                amounts.extend(entry.approved.as_mut().map(|each| (each, Stated::Twice)));
                for allocation in &mut entry.allocations {
                    for journal in &mut allocation.journals {
                        let nets = [&mut journal.net_of_tax, &mut journal.net_of_reclaim];
                        amounts.push((&mut journal.gross, Stated::Twice));
                        amounts.extend(nets.map(|each| (each, Stated::Twice)));
                    }
                    for tax in &mut allocation.taxes {
                        let both = [&mut tax.amount, &mut tax.reclaim];
                        amounts.extend(both.map(|each| (each, Stated::Twice)));
                    }
                }
            }
            amounts
        }
        Document::Invoice(invoice) => {
            let lines = invoice.lines.iter_mut();
            let allocations = lines.flat_map(|line| &mut line.allocations);
            let gross = allocations.map(|each| (&mut each.gross, Stated::Twice));
            std::iter::once((&mut invoice.total, Stated::Twice))
                .chain(gross)
                .collect()
        }
        Document::CashAdvance(advance) => {
            let journals = advance.journals.iter_mut();
            journals
                .map(|each| (&mut each.amount, Stated::Once))
                .collect()
        }
    }
}

/// Breaks one place; `None` where the document has nothing of the kind that was drawn.
pub(crate) fn one_place(
    document: &mut Document,
    connection: &Connection,
    draw: &mut Draw,
) -> Option<Wanted> {
    match document {
        Document::Expense(expense) => {
            if draw.percent(10) {
                return Some(report(expense, draw));
            }
            let at = draw.below(expense.entries.len().max(1));
            let half = Decimal::new(5, expense.header.currency.decimals() + 1);
            entry(expense.entries.get_mut(at)?, half, connection, draw)
        }
        Document::Invoice(invoice) => Some(self::invoice(invoice, draw)),
        Document::CashAdvance(advance) => {
            let code = match draw.below(4) {
                0 => {
                    advance.issued = None;
                    Code::DateMissing
                }
                1 => {
                    advance.transaction_type = draw.pick(&[None, Some(2), Some(3), Some(9)]);
                    Code::AdvanceType
                }
                2 => {
                    advance.journals[0].credit = !advance.journals[0].credit;
                    Code::AdvanceType
                }
                _ => {
                    advance.journals[0].account = None;
                    Code::AccountMissing
                }
            };
            Some((code, None))
        }
    }
}

fn report(expense: &mut Expense, draw: &mut Draw) -> Wanted {
    let code = if draw.percent(50) {
        (expense.processed, expense.submitted) = (None, None);
        Code::DateMissing
    } else {
        expense.header.org = Family::new();
        Code::CodeMissing
    };
    (code, None)
}

fn invoice(invoice: &mut Invoice, draw: &mut Draw) -> Wanted {
    match draw.below(4) {
        0 => {
            invoice.date = None;
            (Code::DateMissing, None)
        }
        1 => {
            invoice.vendor.code = None;
            invoice.paid_by_concur = false;
            (Code::CodeMissing, None)
        }
        2 => {
            invoice.lines[0].allocations[0].account = None;
            invoice.lines[0].allocations[0].gross += Decimal::ONE;
            invoice.total += Decimal::TWO;
            (Code::InvoiceSum, None)
        }
        _ => {
            let line = &mut invoice.lines[0];
            let allocation = line.allocations.last_mut().unwrap();
            // A part of nothing is not posted, whatever its account.
            if allocation.gross.is_zero() {
                allocation.gross += Decimal::ONE;
                invoice.total += Decimal::ONE;
            }
            allocation.account = None;
            (Code::AccountMissing, Some(line.id.clone()))
        }
    }
}

fn entry(
    entry: &mut Entry,
    half: Decimal,
    connection: &Connection,
    draw: &mut Draw,
) -> Option<Wanted> {
    let line = Some(entry.id.clone());
    let (personal, clearing) = (entry.personal, &mut entry.clearing_account);
    if draw.percent(10) {
        entry.approved = None;
        return Some((Code::FieldMissing, line));
    }
    let allocations = entry.allocations.len();
    let allocation = &mut entry.allocations[draw.below(allocations)];
    match (allocation.taxes.first_mut(), draw.below(4)) {
        (Some(tax), 0) => {
            tax.guid = draw.percent(50).then(|| "OTHER".to_owned());
            return Some((Code::TaxReference, line));
        }
        (Some(_), 1) => return unmapped(allocation, connection).map(|code| (code, line)),
        _ => {}
    }
    let posts = |journal: &Journal| !journal.gross.is_zero() && !connection.skips(journal);
    let posts_any = allocation.journals.iter().any(posts);
    let journals = allocation.journals.len();
    let journal = &mut allocation.journals[draw.below(journals)];
    if journal.gross.is_zero() {
        return None;
    }
    let posts = posts(journal);
    let code = match draw.below(8) {
        0 => {
            journal.payer = "COMP".to_owned();
            journal.payee = "COMP".to_owned();
            Code::PartyInvalid
        }
        1 => {
            std::mem::swap(&mut journal.payer, &mut journal.payee);
            Code::JournalSign
        }
        2 => {
            journal.gross += half;
            Code::AmountPrecision
        }
        3 => {
            let other = if journal.payer == "COMP" {
                &mut journal.payee
            } else {
                &mut journal.payer
            };
            "XXXX".clone_into(other);
            Code::PartyWithoutRule
        }
        // What is skipped needs no codes.
        4..=6 if !posts => return None,
        4 => {
            (journal.account, *clearing) = (None, None);
            Code::AccountMissing
        }
        5 => {
            journal.account = Some("61000-00000-000".to_owned());
            Code::CodeTooLong
        }
        6 => {
            journal.account = Some("20000".to_owned());
            Code::ControlAccount
        }
        _ if personal || !posts_any => return None,
        _ => {
            let coded = allocation.custom.entry(2).or_default();
            coded.code = Some("9999".to_owned());
            Code::CodeMissing
        }
    };
    Some((code, line))
}

/// A tax that no code of the rules answers for.
fn unmapped(allocation: &mut Allocation, connection: &Connection) -> Option<Code> {
    let tax = allocation.taxes.first_mut()?;
    let is_asked = match connection.tax {
        // Acumatica's own is asked for on AP documents only.
        Tax::Gross | Tax::Acumatica => false,
        Tax::Reclaim => !tax.reclaim.is_zero(),
        Tax::Split => !tax.amount.is_zero(),
    };
    is_asked.then(|| {
        tax.code = Some("GST".to_owned());
        Code::TaxUnmapped
    })
}
