//! What an invoice says: each allocation on its account, header amounts on theirs, all owed to the vendor.

use rust_decimal::Decimal;

use super::Read;
use super::balance::Expected;
use super::codes::{Codes, LOCATION, ORDER, UNIT, VENDOR};
use super::gate::{precision, too_large, used_twice};
use super::item::{Item, Target};
use super::party::Party;
use super::prorate;
use crate::document::{Invoice, InvoiceAllocation, LineItem, LineTax};
use crate::money;
use crate::plan::{PurchaseOrder, Role};
use crate::rules::{
    HeaderAmounts, InvoiceRules, Names, PaidByConcur, PurchaseOrders, Rules, TaxMode, Template,
    UnmappedRemitTo,
};
use crate::{Code, Reason};

/// Why a line that states tax is not posted.
const TAX_WITHOUT_PLACE: &str = "the line states tax and not what of it can be reclaimed, which only tax mode `gross` can post; without it, post the invoice by hand and close it";
/// Where the total stands in the document.
const TOTAL: &str = "requestHeader.requestTotal";

/// Reads an invoice; reasons are kept in `codes`.
pub(super) fn read(invoice: &Invoice, codes: &mut Codes<'_>) -> Read {
    check_decimals(invoice, codes);
    let ids = invoice.lines.iter().map(|line| line.id.as_str());
    let path = |index| format!("lineItem[{index}].lineItemSequenceOrder");
    codes.reasons.extend(used_twice(ids, path));
    let target = target(invoice, codes);
    let mut items = Vec::new();
    for (at, line) in invoice.lines.iter().enumerate() {
        for (number, allocation) in line.allocations.iter().enumerate() {
            if !allocation.gross.is_zero() {
                if is_without_place(&allocation.taxes, &target, codes.rules) {
                    let path = format!("lineItem[{at}].allocation[{number}].journal.tax");
                    let reason = Reason::new(Code::TaxUnmapped, TAX_WITHOUT_PLACE);
                    let reason = reason.at(path, stated(&allocation.taxes));
                    codes.keep(reason, Some(&line.id));
                }
                items.push(item((at, line), allocation, &target, codes));
            }
        }
    }
    header_amounts(invoice, &target, &mut items, codes);
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
    (at, line): (usize, &LineItem),
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
    let because = format!("account {from} by rules.line.account; dimensions by rules.line");
    let order = order(at, line, &names, codes);
    let box_1099 = box_1099(line, &names, codes);
    Item {
        party: Party::Vendor,
        amount: allocation.gross,
        role: Role::Cost,
        codes: match order {
            Some(_) => codes.cost_of_order(&names, &line.id),
            None => codes.cost(&names, &line.id),
        },
        text: with_purchase_order(text, line),
        source: Some(line.id.clone()),
        because: codes.origins.of_line(because),
        target: target.clone(),
        taxed: None,
        taxes: None,
        order,
        box_1099,
    }
}

/// The line of the purchase order, where the rules want the link and the document has all it takes. A line that cannot be
/// linked says so in a note.
fn order(
    at: usize,
    line: &LineItem,
    names: &Names,
    codes: &mut Codes<'_>,
) -> Option<PurchaseOrder> {
    let PurchaseOrders::Link { unit } = &codes.rules.invoice.purchase_orders else {
        return None;
    };
    let number = line.purchase_order.as_deref()?.trim();
    let known = line.purchase_order_line.as_deref();
    let known = known.and_then(|known| known.trim().parse::<i32>().ok());
    let quantity = line.quantity.filter(|quantity| *quantity > Decimal::ZERO);
    let missing = match (
        known,
        quantity,
        line.unit_price,
        line.allocations.as_slice(),
    ) {
        (None, ..) => "no order line",
        (_, None, ..) => "no quantity",
        (_, _, None, _) => "no unit price",
        (_, Some(quantity), Some(unit_price), [one])
            if quantity.checked_mul(unit_price) != Some(one.gross) =>
        {
            "a quantity and a unit price that do not make its amount"
        }
        (Some(order_line), Some(quantity), Some(unit_price), [_]) => {
            let path = format!("lineItem[{at}].lineItemPurchaseOrderNumber");
            codes.fit(number, ORDER, &path, Some(&line.id));
            let unit = unit.as_ref().and_then(|template| {
                let unit = codes.evaluate(template, names, Some(&line.id)).flatten();
                if let Some(unit) = &unit {
                    codes.fit(unit, UNIT, template.rule(), Some(&line.id));
                }
                unit
            });
            return Some(PurchaseOrder {
                number: number.to_owned(),
                line: order_line,
                quantity,
                unit_price,
                unit,
            });
        }
        _ => "more than one allocation",
    };
    let note = format!(
        "line {} is not linked to PO {number}: it has {missing}",
        line.id
    );
    if !codes.notes.contains(&note) {
        codes.notes.push(note);
    }
    None
}

/// Whether a line states tax that the rules would have to share out, which an invoice does not say enough for: only mode
/// `gross` has a place for it, and in the others it never becomes cost in silence.
fn is_without_place(taxes: &[LineTax], target: &Target, rules: &Rules) -> bool {
    let mode = match target {
        Target::Payable { .. } => rules.tax.mode,
        Target::Ledger { .. } => rules.tax.journal_mode,
        Target::Skipped => TaxMode::Gross,
    };
    let is_none = |tax: &LineTax| tax.amount.is_some_and(|amount| amount.is_zero());
    mode != TaxMode::Gross && !taxes.iter().all(is_none)
}

/// What can be read of it.
fn stated(taxes: &[LineTax]) -> String {
    let taxes = taxes.iter().map(|tax| {
        let amount = tax.amount.map(|amount| amount.to_string());
        let parts: Vec<String> = tax.code.clone().into_iter().chain(amount).collect();
        parts.join(" ")
    });
    taxes.collect::<Vec<_>>().join(", ")
}

/// The line's box of form 1099, where the rule names one; what is none is a reason, as a wrong box is found only at year's end.
fn box_1099(line: &LineItem, names: &Names, codes: &mut Codes<'_>) -> Option<i16> {
    let template = codes.rules.invoice.box_1099.as_ref()?;
    let text = codes.evaluate(template, names, Some(&line.id))??;
    let found = InvoiceRules::box_1099_of(&text);
    if found.is_none() {
        let reason = Reason::new(
            Code::TemplateFailed,
            "no box of form 1099, a number from 1 to 99",
        );
        codes.keep(reason.at(template.rule(), text), Some(&line.id));
    }
    found
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
    /// Where the amount stands in the document.
    field: &'static str,
    amount: Decimal,
    account: Option<&'a Template>,
    /// Whether the lines share it.
    shared: bool,
}

/// Adds what the total has and the lines have not: shipping and tax of the header, or a rounding difference; on lines of their
/// own, or shared among the lines there are.
fn header_amounts(
    invoice: &Invoice,
    target: &Target,
    items: &mut Vec<Item>,
    codes: &mut Codes<'_>,
) {
    let lines = || invoice.lines.iter().flat_map(|line| &line.allocations);
    let gross = money::sum(lines().map(|allocation| allocation.gross));
    let Some(difference) = gross.and_then(|gross| invoice.total.checked_sub(gross)) else {
        codes.keep(too_large(TOTAL), None);
        return;
    };
    if difference.is_zero() {
        return;
    }
    if let Some(parts) = parts(invoice, difference, lines().count(), codes.rules) {
        let weights = prorate::weights(items, codes.currency);
        for part in parts {
            let odd = precision(codes.currency, part.field, part.amount, None);
            codes.reasons.extend(odd);
            if part.shared && !items.is_empty() {
                let shared = weights.as_ref().and_then(|weights| {
                    prorate::prorate(part.amount, items, weights, codes.currency)
                });
                if shared.is_none() {
                    codes.keep(too_large(TOTAL), None);
                }
                for item in &mut *items {
                    item.because = format!("{}, with its share of {}", item.because, part.name);
                }
            } else if !part.amount.is_zero() {
                items.push(header_item(&part, target, codes));
            }
        }
        return;
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
}

/// Which header amounts the difference is; `None` when it is none of them, or could be either.
fn parts<'a>(
    invoice: &Invoice,
    difference: Decimal,
    lines: usize,
    rules: &'a Rules,
) -> Option<Vec<Part<'a>>> {
    let shared = rules.invoice.header_amounts == HeaderAmounts::Prorate;
    let shipping = || Part {
        name: "shipping",
        field: "requestHeader.amountShippingTotal",
        shared,
        rule: "rules.invoice.header_amounts.shipping",
        amount: invoice.shipping,
        account: rules.invoice.shipping_account.as_ref(),
    };
    let tax = || Part {
        name: "tax",
        field: "requestHeader.amountTax",
        shared,
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
            field: TOTAL,
            shared: false,
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
    let because = format!("{} of the header, by {}", part.name, part.rule);
    Item {
        party: Party::Vendor,
        amount: part.amount,
        role: Role::Cost,
        codes: codes.balance.on(&account),
        text: part.name.to_owned(),
        source: None,
        because: codes.origins.of_line(because),
        target: target.clone(),
        taxed: None,
        taxes: None,
        order: None,
        box_1099: None,
    }
}
