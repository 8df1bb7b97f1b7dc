//! What the screens check alike: periods, currencies, branches, accounts of lines.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::books::Books;
use super::options::{Options, Preference};
use super::projects;
use super::record::{Fields, OFFSET, Record, Row, day_of};
use super::write::Objections;

/// Decimals of a currency nobody described.
const DECIMALS_DEFAULT: u32 = 2;
/// Subaccount of a line that names none.
const SUBACCOUNT_DEFAULT: &str = "000000";

/// "'X' cannot be found in the system.", the text of every selector.
pub(super) fn not_found(value: &str) -> String {
    format!("'{value}' cannot be found in the system.")
}

/// Says that a field must not be empty.
pub(super) fn empty(name: &str) -> String {
    format!("'{name}' cannot be empty.")
}

/// Branch, currency and period of a header.
pub(super) fn header(
    books: &Books,
    options: &Options,
    record: &mut Record,
    date_field: &str,
    objections: &mut Objections,
) {
    record.default_to(
        date_field,
        json!(format!("{}T00:00:00{OFFSET}", options.business_date)),
    );
    record.default_to("BranchID", json!(options.branch));
    record.default_to("CurrencyID", json!(options.base_currency));
    let branch = record.text("BranchID").to_owned();
    if !has_branch(books, &branch) {
        objections.add("BranchID", not_found(&branch));
    }
    let currency = record.text("CurrencyID").to_owned();
    if currency != options.base_currency {
        if books.find("Currency", &currency).is_none() {
            objections.add("CurrencyID", not_found(&currency));
        } else if !options.seed.rates().contains(&currency) {
            objections.add(
                "CurrencyID",
                "Currency rate is not defined for the document date.",
            );
        }
    }
    period(books, record, date_field, objections);
}

/// The period: from the date unless sent, existing, and not closed.
fn period(books: &Books, record: &mut Record, date_field: &str, objections: &mut Objections) {
    let periods: Vec<&Row> = books
        .records("FinancialPeriod")
        .iter()
        .flat_map(|year| year.rows("Details"))
        .collect();
    let date = day_of(record.text(date_field));
    let of_date = periods.iter().find(|period| {
        date.is_some()
            && day_of(period.text("StartDate")) <= date
            && date <= day_of(period.text("EndDate"))
    });
    // Both `11-2026` and `112026` are understood, the latter comes back.
    let sent = record.text("PostPeriod").replace('-', "");
    let (path, found) = if sent.is_empty() {
        (date_field, of_date.copied())
    } else {
        (
            "PostPeriod",
            periods
                .iter()
                .find(|period| period.text("FinancialPeriodID") == sent)
                .copied(),
        )
    };
    let Some(found) = found else {
        objections.add(
            path,
            "The financial period does not exist for the specified date or code.",
        );
        return;
    };
    let closed_here = record.fields().contains_key("Type") && found.flag("ClosedInAP");
    if found.text("Status") != "Open" || closed_here {
        let id = found.text("FinancialPeriodID");
        objections.add(
            path,
            format!("The {id} financial period is closed or inactive."),
        );
    }
    record.set("PostPeriod", json!(found.text("FinancialPeriodID")));
}

fn has_branch(books: &Books, id: &str) -> bool {
    books.branch(id).is_some_and(|branch| branch.flag("Active"))
}

/// What a line takes from its document.
pub(super) struct Header {
    /// `AP` or `GL`.
    pub(super) module: &'static str,
    /// The line's own field for its branch.
    pub(super) branch_field: &'static str,
    pub(super) branch: String,
    pub(super) currency: String,
}

/// Account, subaccount, branch and project of one line.
pub(super) fn line(
    books: &Books,
    row: &mut Row,
    (path, header): (&str, &Header),
    objections: &mut Objections,
) {
    account(books, row, (path, &header.currency), objections);
    default_to(row, "Subaccount", SUBACCOUNT_DEFAULT);
    default_to(row, header.branch_field, &header.branch);
    let subaccount = row.text("Subaccount").to_owned();
    if !books
        .find("Subaccount", &subaccount)
        .is_some_and(|known| known.flag("Active"))
    {
        objections.add(format!("{path}Subaccount"), not_found(&subaccount));
    }
    let branch = row.text(header.branch_field).to_owned();
    if !has_branch(books, &branch) {
        objections.add(format!("{path}{}", header.branch_field), not_found(&branch));
    }
    projects::check(books, row, (path, header.module), objections);
}

fn account(
    books: &Books,
    row: &mut Row,
    (path, currency): (&str, &str),
    objections: &mut Objections,
) {
    let account = row.text("Account").to_owned();
    if account.is_empty() {
        objections.add(format!("{path}Account"), empty("Account"));
    } else {
        match books.find("Account", &account) {
            None => objections.add(format!("{path}Account"), not_found(&account)),
            Some(known) if !known.flag("Active") => {
                objections.add(
                    format!("{path}Account"),
                    format!("Account '{account}' is inactive."),
                );
            }
            Some(known) => {
                row.fields
                    .insert("Description".to_owned(), json!(known.text("Description")));
                let own = known.text("CurrencyID");
                if !own.is_empty() && own != currency {
                    objections.add(
                        format!("{path}Account"),
                        format!("The account is denominated in {own}."),
                    );
                }
                let has_units = !row.is_blank("Qty") && !row.is_blank("UOM");
                if known.flag("RequireUnits") && !has_units {
                    objections.add(format!("{path}UOM"), empty("UOM"));
                }
            }
        }
    }
}
fn default_to(row: &mut Row, name: &str, value: &str) {
    if row.is_blank(name) {
        row.fields.insert(name.to_owned(), json!(value));
    }
}

/// Decimals of the document's currency.
pub(super) fn decimals(books: &Books, currency: &str) -> u32 {
    let precision = books
        .find("Currency", currency)
        .and_then(|known| known.fields().get("DecimalPrecision"));
    precision
        .and_then(Value::as_u64)
        .and_then(|digits| u32::try_from(digits).ok())
        .unwrap_or(DECIMALS_DEFAULT)
}

/// Rounds as the screens do, without a word.
pub(super) fn rounded(amount: Decimal, decimals: u32) -> Decimal {
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Hold and status of a document that may be edited; says so when it may not.
pub(super) fn status(
    options: &Options,
    record: &mut Record,
    on_entry: Preference,
    objections: &mut Objections,
) {
    let before = record.text("Status").to_owned();
    if !matches!(before.as_str(), "" | "On Hold" | "Balanced") {
        objections.add(
            "",
            format!("The document is {before} and cannot be changed."),
        );
        return;
    }
    record.default_to("Hold", json!(on_entry.is_on()));
    let approval = options.approval.is_on();
    if approval && before.is_empty() {
        record.set("Hold", json!(true));
    }
    let status = match (record.flag("Hold"), approval) {
        (true, _) => "On Hold",
        (false, true) => "Pending Approval",
        (false, false) => "Balanced",
    };
    record.set("Status", json!(status));
}
