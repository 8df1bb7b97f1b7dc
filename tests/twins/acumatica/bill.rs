//! Bills and adjustments: what the Bills and Adjustments form (AP301000) checks and computes.

use jiff::ToSpan;
use rust_decimal::Decimal;
use serde_json::json;

use super::Options;
use super::books::Books;
use super::record::{Fields, OFFSET, Record, Row, day_of};
use super::rules::{decimals, empty, header, line, not_found, rounded, status};
use super::write::Objections;
use crate::amounts::number;

/// Types of AP documents, by their labels.
const TYPES: [&str; 4] = ["Bill", "Credit Adj.", "Debit Adj.", "Prepayment"];
/// Credit terms every vendor of the twin has.
const TERMS_DAYS: i64 = 30;
/// The category that no tax zone taxes.
const EXEMPT: &str = "EXEMPT";

/// Checks and completes a bill before it is saved.
pub(super) fn check(
    books: &Books,
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
    let tax_zone = books
        .find("Vendor", record.text("Vendor"))
        .is_some_and(|vendor| !vendor.is_blank("TaxZone"));
    let (lines, taxable) = lines(books, options, record, objections);
    let tax = tax(
        options,
        record,
        if tax_zone { taxable } else { Decimal::ZERO },
    );
    totals(books, options, record, (lines, tax), objections);
    status(options, record, options.hold_bills_on_entry, objections);
}

fn vendor(books: &Books, record: &mut Record, objections: &mut Objections) {
    let id = record.text("Vendor").to_owned();
    if id.is_empty() {
        objections.add("Vendor", empty("Vendor"));
        return;
    }
    let Some(vendor) = books.find("Vendor", &id) else {
        if books.find("Employee", &id).is_none() {
            objections.add("Vendor", not_found(&id));
        }
        return;
    };
    // `Hold Payments` may be billed, it is only not paid.
    let state = vendor.text("Status");
    if matches!(state, "On Hold" | "Inactive") {
        objections.add("Vendor", format!("The vendor status is '{state}'."));
    }
    let own_currency = vendor.text("CurrencyID").to_owned();
    let sent = record.text("CurrencyID").to_owned();
    if !sent.is_empty() && sent != own_currency && !vendor.flag("EnableCurrencyOverride") {
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
        other.id != record.id
            && other.text("Vendor") == record.text("Vendor")
            && other.text("VendorRef") == reference
            && other.text("Status") != "Voided"
    };
    if let (true, Some(other)) = (
        options.raise_on_duplicate_ref.is_on(),
        books.records("Bill").iter().find(same),
    ) {
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

/// Checks every line; returns their sum and the sum a tax zone would tax.
fn lines(
    books: &Books,
    options: &Options,
    record: &mut Record,
    objections: &mut Objections,
) -> (Decimal, Decimal) {
    let digits = decimals(books, record.text("CurrencyID"));
    let branch = record.text("BranchID").to_owned();
    let mut rows = record.lists.remove("Details").unwrap_or_default();
    let (mut sum, mut taxable) = (Decimal::ZERO, Decimal::ZERO);
    for (at, row) in rows.iter_mut().enumerate() {
        let path = format!("Details/{at}/");
        line(books, row, (&path, "Branch", &branch), objections);
        let category = row.text("TaxCategory").to_owned();
        if !category.is_empty() && books.find("TaxCategory", &category).is_none() {
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
        taxable += if category == EXEMPT {
            Decimal::ZERO
        } else {
            amount
        };
    }
    record.lists.insert("Details".to_owned(), rows);
    (sum, taxable)
}

fn extended_cost(row: &Row) -> Decimal {
    let product = || Some(row.amount("Qty")? * row.amount("UnitCost")?);
    row.amount("ExtendedCost")
        .or_else(product)
        .or_else(|| row.amount("Amount"))
        .unwrap_or_default()
}

/// The taxes imposed by the sender, else what the vendor's tax zone makes of the taxable lines.
fn tax(options: &Options, record: &Record, taxable: Decimal) -> Decimal {
    if record.flag("IsTaxValid") {
        return record
            .rows("TaxDetails")
            .iter()
            .filter_map(|row| row.amount("TaxAmount"))
            .sum();
    }
    taxable * Decimal::from(options.zone_tax_percent) / Decimal::ONE_HUNDRED
}

fn totals(
    books: &Books,
    options: &Options,
    record: &mut Record,
    (lines, tax): (Decimal, Decimal),
    objections: &mut Objections,
) {
    let tax = rounded(tax, decimals(books, record.text("CurrencyID")));
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
