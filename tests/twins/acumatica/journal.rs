//! GL batches: what the Journal Transactions form (GL301000) checks and computes.

use rust_decimal::Decimal;
use serde_json::json;

use super::books::Books;
use super::options::Options;
use super::record::{Fields, Record, Row};
use super::rules::{Header, decimals, header, line, rounded, status};
use super::write::Objections;
use crate::amounts::number;

/// Control total of a batch, outside the contract.
const CONTROL_TOTAL: &str = "BatchModule.CuryControlTotal";

/// Checks and completes a batch before it is saved.
pub(super) fn check(
    books: &Books,
    options: &Options,
    record: &mut Record,
    objections: &mut Objections,
) {
    record.default_to("Module", json!("GL"));
    record.default_to("LedgerID", json!("ACTUAL"));
    if record.text("Module") != "GL" {
        objections.add("Module", "Only batches of the GL module can be created.");
    }
    header(books, options, record, "TransactionDate", objections);
    let (debits, credits) = lines(books, record, objections);
    status(options, record, options.hold_journals_on_entry, objections);
    if debits != credits && !record.flag("Hold") {
        objections.add(
            "",
            "The batch is out of balance. Please review the debit and credit amounts.",
        );
    }
    let control = record
        .custom
        .get(CONTROL_TOTAL)
        .and_then(crate::amounts::decimal);
    if options.validate_totals.is_on() && !record.flag("Hold") && control != Some(debits) {
        objections.add("", "The batch is not balanced with its control total.");
    }
    record
        .custom
        .insert("BatchModule.CuryDebitTotal".to_owned(), number(debits));
    record
        .custom
        .insert("BatchModule.CuryCreditTotal".to_owned(), number(credits));
}

/// Checks every line; returns the sums of both sides.
fn lines(books: &Books, record: &mut Record, objections: &mut Objections) -> (Decimal, Decimal) {
    let digits = decimals(books, record.text("CurrencyID"));
    let header = Header {
        module: "GL",
        branch_field: "BranchID",
        branch: record.text("BranchID").to_owned(),
        currency: record.text("CurrencyID").to_owned(),
    };
    let mut rows = record.lists.remove("Details").unwrap_or_default();
    let (mut debits, mut credits) = (Decimal::ZERO, Decimal::ZERO);
    for (at, row) in rows.iter_mut().enumerate() {
        let path = format!("Details/{at}/");
        line(books, row, (&path, &header), objections);
        row.fields.insert("LineNbr".to_owned(), json!(at + 1));
        let (debit, credit) = (
            side(row, "DebitAmount", digits),
            side(row, "CreditAmount", digits),
        );
        let one_side = debit.is_zero() != credit.is_zero();
        if !one_side || debit < Decimal::ZERO || credit < Decimal::ZERO {
            objections.add(
                format!("{path}DebitAmount"),
                "A line must have either a debit or a credit amount above 0.",
            );
        }
        debits += debit;
        credits += credit;
    }
    record.lists.insert("Details".to_owned(), rows);
    (debits, credits)
}

fn side(row: &mut Row, name: &str, digits: u32) -> Decimal {
    let amount = rounded(row.amount(name).unwrap_or_default(), digits);
    row.fields.insert(name.to_owned(), number(amount));
    amount
}
