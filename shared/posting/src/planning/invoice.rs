//! What an invoice says: each allocation on its account, header amounts on theirs, all owed to the vendor.

use rust_decimal::Decimal;

use super::Read;
use super::balance::Expected;
use super::codes::{Codes, LOCATION, VENDOR};
use super::gate::{precision, too_large};
use super::item::{Item, Target};
use super::party::Party;
use crate::document::{Invoice, InvoiceAllocation, LineItem};
use crate::money;
use crate::plan::Role;
use crate::rules::{PaidByConcur, Rules, Template, UnmappedRemitTo};
use crate::{Code, Reason};

/// Where the total stands in the document.
const TOTAL: &str = "requestHeader.requestTotal";

/// Reads an invoice; reasons are kept in `codes`.
pub(super) fn read(invoice: &Invoice, codes: &mut Codes<'_>) -> Read {
    check_decimals(invoice, codes);
    let target = target(invoice, codes);
    let mut items = Vec::new();
    for line in &invoice.lines {
        for allocation in &line.allocations {
            if !allocation.gross.is_zero() {
                items.push(item(line, allocation, &target, codes));
            }
        }
    }
    items.extend(header_amounts(invoice, &target, codes));
    let mut expected = Expected::default();
    let expected = expected
        .cost(Party::Vendor.name(), invoice.total)
        .map(|()| expected);
    Read { items, expected }
}

fn check_decimals(invoice: &Invoice, codes: &mut Codes<'_>) {
    let currency = invoice.header.currency;
    codes
        .reasons
        .extend(precision(currency, TOTAL, invoice.total, None));
    for (at, line) in invoice.lines.iter().enumerate() {
        for (number, allocation) in line.allocations.iter().enumerate() {
            let path = format!("lineItem[{at}].allocation[{number}].journal.amountGross");
            let reason = precision(currency, &path, allocation.gross, Some(&line.id));
            codes.reasons.extend(reason);
        }
    }
}

/// Where the vendor's side goes. What Invoice Pay pays must not be paid again by a bill.
fn target(invoice: &Invoice, codes: &mut Codes<'_>) -> Target {
    let rules = codes.rules;
    let names = codes.names.clone();
    if invoice.paid_by_concur {
        return match &rules.invoice.paid_by_concur {
            Some(PaidByConcur::Skip) => Target::Skipped,
            Some(PaidByConcur::Journal { account }) => Target::Ledger {
                account: codes.account(account, &names, None),
                reference: None,
            },
            None => {
                let reason = Reason::new(
                    Code::PaidByConcur,
                    "Invoice Pay pays the invoice and no rule says how that is posted",
                );
                codes.keep(reason.at("requestHeader.invoicePayIndicator", "Y"), None);
                Target::unresolved()
            }
        };
    }
    let vendor = codes.required(&rules.vendor.invoice, &names, VENDOR, None);
    Target::Payable {
        vendor: vendor.unwrap_or_default(),
        location: location(invoice, codes),
    }
}

/// The vendor's location by the remit-to code; without a code Acumatica takes the vendor's own.
fn location(invoice: &Invoice, codes: &mut Codes<'_>) -> Option<String> {
    let remit_to = invoice.vendor.remit_to.as_deref()?;
    let template = &codes.rules.location;
    let names = codes.names.clone();
    let location = codes.evaluate(template, &names, None)?;
    match &location {
        Some(location) => codes.fit(location, LOCATION, template.rule(), None),
        None if codes.rules.unmapped_remit_to == UnmappedRemitTo::Default => {}
        None => {
            let reason = Reason::new(
                Code::RemitToUnmapped,
                "the rules know no location for the remit-to code, money could go to the wrong address",
            );
            codes.keep(reason.at("vendor.vendorRemitToAddressCode", remit_to), None);
        }
    }
    location
}

fn item(
    line: &LineItem,
    allocation: &InvoiceAllocation,
    target: &Target,
    codes: &mut Codes<'_>,
) -> Item {
    let names = codes
        .names
        .allocation(&allocation.custom)
        .invoice_line(line, allocation);
    if *target == Target::Skipped {
        return Item::skipped(Party::Vendor, allocation.gross, Role::Cost);
    }
    let text = codes.text(&codes.rules.text.line.invoice, &names);
    let from = allocation.account.as_deref().unwrap_or("none");
    Item {
        party: Party::Vendor,
        amount: allocation.gross,
        role: Role::Cost,
        codes: codes.cost(&names, &line.id),
        text: with_purchase_order(text, line),
        source: Some(line.id.clone()),
        because: format!("account {from} by rules.line.account; dimensions by rules.line"),
        target: target.clone(),
    }
}

/// The purchase order stands first in the text, where no long description can cut it off.
fn with_purchase_order(text: String, line: &LineItem) -> String {
    match &line.purchase_order {
        Some(order) => format!("PO {order} {text}"),
        None => text,
    }
}

/// An amount of the header that no line has.
struct Part<'a> {
    name: &'static str,
    /// JSON path of the rule that names its account.
    rule: &'static str,
    amount: Decimal,
    account: Option<&'a Template>,
}

/// Items for what the total has and the lines have not: shipping and tax of the header, or a rounding difference.
fn header_amounts(invoice: &Invoice, target: &Target, codes: &mut Codes<'_>) -> Vec<Item> {
    let lines = || invoice.lines.iter().flat_map(|line| &line.allocations);
    let gross = money::sum(lines().map(|allocation| allocation.gross));
    let Some(difference) = gross.and_then(|gross| invoice.total.checked_sub(gross)) else {
        codes.keep(too_large(TOTAL), None);
        return Vec::new();
    };
    if difference.is_zero() {
        return Vec::new();
    }
    if let Some(parts) = parts(invoice, difference, lines().count(), codes.rules) {
        return parts
            .into_iter()
            .map(|part| header_item(&part, target, codes))
            .collect();
    }
    let message = format!(
        "total {} less lines {} leaves {difference}, which is not exactly one of shipping {}, tax {} and their sum",
        invoice.total,
        gross.unwrap_or_default(),
        invoice.shipping,
        invoice.tax
    );
    let reason = Reason::new(Code::InvoiceSum, message).at(TOTAL, invoice.total);
    codes.keep(reason, None);
    Vec::new()
}

/// Which header amounts the difference is; `None` when it is none of them, or could be either.
fn parts<'a>(
    invoice: &Invoice,
    difference: Decimal,
    lines: usize,
    rules: &'a Rules,
) -> Option<Vec<Part<'a>>> {
    let shipping = || Part {
        name: "shipping",
        rule: "rules.invoice.header_amounts.shipping",
        amount: invoice.shipping,
        account: rules.invoice.shipping_account.as_ref(),
    };
    let tax = || Part {
        name: "tax",
        rule: "rules.invoice.header_amounts.tax",
        amount: invoice.tax,
        account: rules.invoice.tax_account.as_ref(),
    };
    match (difference == invoice.shipping, difference == invoice.tax) {
        (true, false) => return Some(vec![shipping()]),
        (false, true) => return Some(vec![tax()]),
        (true, true) => return None,
        (false, false) => {}
    }
    if invoice.shipping.checked_add(invoice.tax) == Some(difference) {
        return Some(vec![shipping(), tax()]);
    }
    let unit = Decimal::new(1, invoice.header.currency.decimals());
    let room = Decimal::from(lines).checked_mul(unit)?;
    let account = rules.invoice.rounding_account.as_ref();
    (difference.abs() <= room && account.is_some()).then(|| {
        vec![Part {
            name: "rounding",
            rule: "rules.invoice.rounding_account",
            amount: difference,
            account,
        }]
    })
}

fn header_item(part: &Part<'_>, target: &Target, codes: &mut Codes<'_>) -> Item {
    if *target == Target::Skipped {
        return Item::skipped(Party::Vendor, part.amount, Role::Cost);
    }
    let names = codes.names.clone();
    let account = if let Some(template) = part.account {
        codes.account(template, &names, None)
    } else {
        let message = format!("the {} of the header has no account", part.name);
        let reason = Reason::new(Code::AccountMissing, message).at(part.rule, part.amount);
        codes.keep(reason, None);
        String::new()
    };
    Item {
        party: Party::Vendor,
        amount: part.amount,
        role: Role::Cost,
        codes: codes.balance.on(&account),
        text: part.name.to_owned(),
        source: None,
        because: format!("{} of the header, by {}", part.name, part.rule),
        target: target.clone(),
    }
}
