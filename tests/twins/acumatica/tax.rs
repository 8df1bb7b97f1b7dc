//! Taxes of a bill: what the vendor's tax zone makes of its lines, and what the sender imposes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::json;

use super::books::Books;
use super::options::{Options, TaxZones};
use super::record::{Fields, Record, Row, day_of};
use super::rules::{decimals, not_found, rounded};
use super::write::Objections;
use crate::amounts::{decimal, number};

/// The category that no tax zone taxes.
const EXEMPT: &str = "EXEMPT";
/// The tax zone of a document where it differs from its vendor's, outside the contract.
const ZONE: &str = "CurrentDocument.TaxZoneID";
/// The part of a row's tax that cannot be reclaimed, outside the contract; no part of `TaxAmount`.
const EXPENSE: &str = "Taxes.CuryExpenseAmt";

/// One tax as the system computes it.
struct Computed {
    rate: Decimal,
    taxable: Decimal,
}

/// Settles the tax rows of a bill; returns their sum.
pub(super) fn settle(
    books: &mut Books,
    options: &Options,
    record: &mut Record,
    objections: &mut Objections,
) -> Decimal {
    let digits = decimals(books, record.text("CurrencyID"));
    let sent = record.lists.remove("TaxDetails").unwrap_or_default();
    let is_imposed = record.flag("IsTaxValid");
    let date = record.text("Date");
    let is_unknown = is_imposed && !are_known(books, &sent, date, objections);
    let is_external = is_imposed && options.tax_zones == TaxZones::External;
    let rows: Vec<Row> = if is_unknown || is_external {
        sent
    } else {
        let computed = compute(books, options, record);
        let by_id = |id: &str| sent.iter().find(|row| row.text("TaxID") == id).cloned();
        let mut rows = Vec::new();
        for (id, tax) in computed {
            let row = by_id(&id);
            rows.push(match row {
                Some(row) if is_imposed => row,
                other => computed_row(other.unwrap_or_default(), &id, &tax, digits),
            });
        }
        rows
    };
    let sum = rows.iter().map(whole_tax).sum();
    let rows = rows.into_iter().map(|row| with_id(books, row)).collect();
    record.lists.insert("TaxDetails".to_owned(), rows);
    rounded(sum, digits)
}

/// What a row adds to the tax total.
fn whole_tax(row: &Row) -> Decimal {
    let expense = row.custom.get(EXPENSE).and_then(decimal);
    row.amount("TaxAmount").unwrap_or_default() + expense.unwrap_or_default()
}

fn with_id(books: &mut Books, mut row: Row) -> Row {
    if row.id.is_empty() {
        row.id = books.new_id();
    }
    row
}

fn are_known(books: &Books, rows: &[Row], date: &str, objections: &mut Objections) -> bool {
    let mut all = true;
    for (at, row) in rows.iter().enumerate() {
        let id = row.text("TaxID");
        let is_valid = |tax: &Record| {
            let last_day = day_of(tax.text("NotValidAfter"));
            last_day.is_none() || day_of(date) <= last_day
        };
        if !books.find("Tax", id).is_some_and(is_valid) {
            objections.add(format!("TaxDetails/{at}/TaxID"), not_found(id));
            all = false;
        }
    }
    all
}

/// What the zone makes of the lines, by tax.
fn compute(books: &Books, options: &Options, record: &Record) -> BTreeMap<String, Computed> {
    let mut computed = BTreeMap::new();
    let own = record.custom.get(ZONE).and_then(|zone| zone.as_str());
    let vendor = books.find("Vendor", record.text("Vendor"));
    let zone = own.unwrap_or_else(|| vendor.map_or("", |vendor| vendor.text("TaxZone")));
    if zone.is_empty() {
        return computed;
    }
    let taxes = of_zone(books, options, zone);
    for line in record.rows("Details") {
        let category = line.text("TaxCategory");
        if category == EXEMPT {
            continue;
        }
        for (id, rate) in &taxes {
            if !lists(books, category, id) {
                continue;
            }
            let tax = computed.entry(id.clone()).or_insert(Computed {
                rate: *rate,
                taxable: Decimal::ZERO,
            });
            tax.taxable += line.amount("Amount").unwrap_or_default();
        }
    }
    computed
}

/// The taxes of a zone and their rates; one that bears its name where no tax names it.
fn of_zone(books: &Books, options: &Options, zone: &str) -> Vec<(String, Decimal)> {
    let taxes: Vec<(String, Decimal)> = books
        .records("Tax")
        .iter()
        .filter(|tax| {
            let mut zones = tax.rows("Zones").iter();
            zones.any(|row| row.text("TaxZoneID") == zone)
        })
        .map(|tax| (tax.text("TaxID").to_owned(), rate(tax)))
        .collect();
    if taxes.is_empty() {
        return vec![(zone.to_owned(), Decimal::from(options.zone_tax_percent))];
    }
    taxes
}

fn rate(tax: &Record) -> Decimal {
    let schedule = tax.rows("TaxSchedule").last();
    let rate = schedule.and_then(|row| row.fields.get("TaxRate"));
    rate.and_then(decimal).unwrap_or_default()
}

/// Whether a category has a tax; one without a list has them all.
fn lists(books: &Books, category: &str, tax: &str) -> bool {
    let listed = books
        .find("TaxCategory", category)
        .map(|known| known.rows("Details"))
        .unwrap_or_default();
    listed.is_empty() || listed.iter().any(|row| row.text("TaxID") == tax)
}

fn computed_row(mut row: Row, id: &str, tax: &Computed, digits: u32) -> Row {
    let amount = rounded(tax.taxable * tax.rate / Decimal::ONE_HUNDRED, digits);
    for (name, value) in [
        ("TaxID", json!(id)),
        ("TaxRate", number(tax.rate)),
        ("TaxableAmount", number(tax.taxable)),
        ("TaxAmount", number(amount)),
    ] {
        row.fields.insert(name.to_owned(), value);
    }
    row.custom.clear();
    row
}
