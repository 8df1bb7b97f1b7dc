//! Bills and adjustments: what the Bills and Adjustments form (AP301000) checks and computes.

use jiff::ToSpan;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Books;
use super::options::Options;
use super::record::{Fields, OFFSET, Record, Row, day_of};
use super::rules::{Header, decimals, empty, header, line, not_found, rounded, status};
use super::tax;
use super::write::Objections;
use crate::amounts::number;

/// Types of AP documents, by their labels.
const TYPES: [&str; 4] = ["Bill", "Credit Adj.", "Debit Adj.", "Prepayment"];
/// Credit terms every vendor of the twin has.
const TERMS_DAYS: i64 = 30;

/// Checks and completes a bill before it is saved.
pub(super) fn check(
    books: &mut Books,
    options: &Options,
    record: &mut Record,
    objections: &mut Objections,
) {
    record.default_to("Type", json!("Bill"));
    let kind = record.text("Type").to_owned();
    if !TYPES.contains(&kind.as_str()) {
        objections.add("Type", format!("'{kind}' is not a valid document type."));
    }
    vendor(books, record, objections);
    header(books, options, record, "Date", objections);
    vendor_reference(books, options, record, objections);
    terms(record, &kind, objections);
    let lines = lines(books, options, record, objections);
    let tax = tax::settle(books, options, record, objections);
    totals(options, record, (lines, tax), objections);
    status(options, record, options.hold_bills_on_entry, objections);
}

fn vendor(books: &Books, record: &mut Record, objections: &mut Objections) {
    let id = record.text("Vendor").to_owned();
    if id.is_empty() {
        objections.add("Vendor", empty("Vendor"));
        return;
    }
    let Some(payee) = books.find("Vendor", &id).or(books.find("Employee", &id)) else {
        objections.add("Vendor", not_found(&id));
        return;
    };
    // `Hold Payments` may be billed, it is only not paid.
    let state = payee.text("Status");
    if matches!(state, "On Hold" | "Inactive") {
        objections.add("Vendor", format!("The vendor status is '{state}'."));
    }
    // An employee keeps both in their settings.
    let settings = payee.linked.get("EmployeeSettings");
    let (own_currency, is_free) = match settings {
        Some(settings) => (
            settings.text("CurrencyID").to_owned(),
            settings.flag("EnableCurrencyOverride"),
        ),
        None => (
            payee.text("CurrencyID").to_owned(),
            payee.flag("EnableCurrencyOverride"),
        ),
    };
    let sent = record.text("CurrencyID").to_owned();
    let is_bound = !own_currency.is_empty() && !is_free;
    if !sent.is_empty() && sent != own_currency && is_bound {
        objections.add(
            "CurrencyID",
            "The currency of the vendor cannot be overridden.",
        );
    }
    record.default_to("CurrencyID", json!(own_currency));
    record.default_to("LocationID", json!("MAIN"));
}

/// Required, and once per vendor over all types, where the preferences say so; voided documents do not count.
fn vendor_reference(
    books: &Books,
    options: &Options,
    record: &Record,
    objections: &mut Objections,
) {
    let reference = record.text("VendorRef");
    if reference.is_empty() {
        if options.require_vendor_ref.is_on() && record.text("Type") == "Bill" {
            objections.add("VendorRef", empty("VendorRef"));
        }
        return;
    }
    let same = |other: &&Record| {
        other.text("VendorRef") == reference
            && other.id != record.id
            && other.text("Vendor") == record.text("Vendor")
            && other.text("Status") != "Voided"
    };
    if options.raise_on_duplicate_ref.is_on()
        && let Some(other) = books.records("Bill").iter().find(same)
    {
        objections.add(
            "VendorRef",
            format!(
                "Document with Vendor Ref. '{reference}' already exists for this Vendor - see document {} dated '{}'.",
                other.text("ReferenceNbr"),
                other.text("Date"),
            ),
        );
    }
}

fn terms(record: &mut Record, kind: &str, objections: &mut Objections) {
    if kind == "Debit Adj." || kind == "Prepayment" {
        if !record.is_blank("Terms") {
            objections.add("Terms", format!("Terms cannot be specified for {kind}."));
        }
        return;
    }
    record.default_to("Terms", json!("30D"));
    if let Some(due) =
        day_of(record.text("Date")).and_then(|date| date.checked_add(TERMS_DAYS.days()).ok())
    {
        record.default_to("DueDate", json!(format!("{due}T00:00:00{OFFSET}")));
    }
}

/// Checks every line; returns their sum.
fn lines(
    books: &Books,
    options: &Options,
    record: &mut Record,
    objections: &mut Objections,
) -> Decimal {
    let digits = decimals(books, record.text("CurrencyID"));
    let header = Header {
        module: "AP",
        branch_field: "Branch",
        branch: record.text("BranchID").to_owned(),
        currency: record.text("CurrencyID").to_owned(),
    };
    let mut rows = record.lists.remove("Details").unwrap_or_default();
    let mut sum = Decimal::ZERO;
    for (at, row) in rows.iter_mut().enumerate() {
        let path = format!("Details/{at}/");
        purchase_order(options, row, &path, objections);
        line(books, row, (&path, &header), objections);
        let category = row.text("TaxCategory").to_owned();
        let known = books.find("TaxCategory", &category);
        let is_usable = known.is_some_and(|known| known.flag("Active"));
        if !category.is_empty() && !is_usable {
            objections.add(format!("{path}TaxCategory"), not_found(&category));
        }
        let amount = rounded(extended_cost(row), digits);
        row.fields.insert("ExtendedCost".to_owned(), number(amount));
        row.fields.insert("Amount".to_owned(), number(amount));
        row.custom
            .insert("Transactions.LineNbr".to_owned(), json!(at + 1));
        if amount < Decimal::ZERO && !options.negative_lines.is_on() {
            objections.add(
                format!("{path}ExtendedCost"),
                "The amount must be greater than or equal to 0.",
            );
        }
        sum += amount;
    }
    record.lists.insert("Details".to_owned(), rows);
    sum
}

/// A line of a purchase order takes the account from there.
fn purchase_order(options: &Options, row: &mut Row, path: &str, objections: &mut Objections) {
    let number = row.text("POOrderNbr").to_owned();
    if number.is_empty() {
        return;
    }
    let line = row.fields.get("POLine").and_then(Value::as_u64);
    let Some(account) = options.seed.purchase_order_account(&number, line) else {
        objections.add(format!("{path}POOrderNbr"), not_found(&number));
        return;
    };
    for name in ["Qty", "UOM"] {
        if row.is_blank(name) {
            objections.add(format!("{path}{name}"), empty(name));
        }
    }
    if row.is_blank("Account") {
        row.fields.insert("Account".to_owned(), json!(account));
    }
}

fn extended_cost(row: &Row) -> Decimal {
    let product = || Some(row.amount("Qty")? * row.amount("UnitCost")?);
    row.amount("ExtendedCost")
        .or_else(product)
        .or_else(|| row.amount("Amount"))
        .unwrap_or_default()
}

fn totals(
    options: &Options,
    record: &mut Record,
    (lines, tax): (Decimal, Decimal),
    objections: &mut Objections,
) {
    let total = lines + tax;
    if options.validate_totals.is_on() && record.amount("Amount") != Some(total) {
        objections.add("Amount", "The document is out of balance.");
    }
    if total < Decimal::ZERO {
        objections.add(
            "Amount",
            "The document total must be greater than or equal to 0.",
        );
    }
    record.set("Amount", number(total));
    record.set("Balance", number(total));
    record.set("TaxTotal", number(tax));
}
