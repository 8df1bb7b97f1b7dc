//! The date of a document's postings.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::document::{CashAdvance, Expense, Invoice};
use crate::rules::{AdvanceDate, DateRules, ExpenseDate, InvoiceDate};
use crate::{Code, DocumentKind, Reason};

/// Dates of a plan's postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) date: Date,
    /// The day whose period is meant.
    pub(super) period_of: Date,
    /// `MMYYYY` by the calendar, only where it is not the date's; for tenants whose periods are not known.
    pub(super) period: Option<String>,
}

impl Dates {
    fn on(date: Date) -> Self {
        Self {
            date,
            period_of: date,
            period: None,
        }
    }
}

/// The day an instant falls on where the customer is.
fn day(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// Where the date of a plan comes from.
pub(super) fn because(rules: DateRules, kind: DocumentKind, date: Date) -> String {
    let (rule, field) = match kind {
        DocumentKind::Expense => match rules.expense {
            ExpenseDate::Approved => (
                "expense = approved",
                "report.reportPaymentProcessingDate, else report.reportSubmitDate",
            ),
            ExpenseDate::Submitted => ("expense = submitted", "report.reportSubmitDate"),
        },
        DocumentKind::Invoice => match rules.invoice {
            InvoiceDate::Invoice => ("invoice = invoice", "requestHeader.invoiceDate"),
            InvoiceDate::Posting => (
                "invoice = posting",
                "the posting date, else requestHeader.invoiceDate",
            ),
        },
        DocumentKind::CashAdvance => match rules.cash_advance {
            AdvanceDate::Issued => ("cashadvance = issued", "cashAdvanceData.issuedDate"),
            AdvanceDate::Requested => ("cashadvance = requested", "cashAdvanceData.requestDate"),
        },
    };
    format!("date {date} by rules.date.{rule}: {field}, in time_zone")
}

/// Of a report: when it was approved, else submitted.
///
/// # Errors
/// `date_missing` when the document has neither.
pub(super) fn expense(
    expense: &Expense,
    rules: DateRules,
    zone: &TimeZone,
) -> Result<Dates, Reason> {
    let (instant, field) = match rules.expense {
        ExpenseDate::Approved => (
            expense.processed.or(expense.submitted),
            "report.reportPaymentProcessingDate",
        ),
        ExpenseDate::Submitted => (expense.submitted, "report.reportSubmitDate"),
    };
    instant
        .map(|instant| Dates::on(day(instant, zone)))
        .ok_or_else(|| missing(field))
}

/// Of an invoice: the date it bears; the posting date moves the period only. Acumatica's periods are asked for by month
/// only where the posting date lies in another month than the date, whose period Acumatica knows better.
///
/// # Errors
/// `date_missing` when the document has none.
pub(super) fn invoice(invoice: &Invoice, rules: DateRules) -> Result<Dates, Reason> {
    const FIELD: &str = "requestHeader.invoiceDate";
    match rules.invoice {
        InvoiceDate::Posting => invoice
            .posting_date
            .or(invoice.date)
            .map(Dates::on)
            .ok_or_else(|| missing(FIELD)),
        InvoiceDate::Invoice => {
            let date = invoice.date.ok_or_else(|| missing(FIELD))?;
            let month = |day: Date| (day.year(), day.month());
            let moved = invoice
                .posting_date
                .filter(|posting| month(*posting) != month(date));
            let period =
                moved.map(|posting| format!("{:02}{:04}", posting.month(), posting.year()));
            Ok(Dates {
                date,
                period_of: invoice.posting_date.unwrap_or(date),
                period,
            })
        }
    }
}

/// Of a cash advance: when it was issued.
///
/// # Errors
/// `date_missing` when the document does not say.
pub(super) fn advance(
    advance: &CashAdvance,
    rules: DateRules,
    zone: &TimeZone,
) -> Result<Dates, Reason> {
    let (instant, field) = match rules.cash_advance {
        AdvanceDate::Issued => (advance.issued, "cashAdvanceData.issuedDate"),
        AdvanceDate::Requested => (advance.requested, "cashAdvanceData.requestDate"),
    };
    instant
        .map(|instant| Dates::on(day(instant, zone)))
        .ok_or_else(|| missing(field))
}

fn missing(field: &str) -> Reason {
    Reason::new(Code::DateMissing, "the date the rules ask for is not there").at(field, "")
}

#[cfg(test)]
mod tests {
    use super::super::tests::support;
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn instants_become_days_where_the_customer_is() {
        let report = support::report(Vec::new());
        let rules = DateRules::default();
        for (name, date) in [
            ("America/Los_Angeles", "2026-10-31"),
            ("Europe/Berlin", "2026-11-01"),
        ] {
            let found = expense(&report, rules, &zone(name)).unwrap();
            assert_eq!(found.date.to_string(), date, "{name}");
        }
    }

    #[test]
    fn a_report_without_approval_date_takes_the_submit_date() {
        let mut report = support::report(Vec::new());
        report.processed = None;
        let found = expense(&report, DateRules::default(), &TimeZone::UTC).unwrap();
        assert_eq!(found.date.to_string(), "2026-10-30");
        report.submitted = None;
        let reason = expense(&report, DateRules::default(), &TimeZone::UTC).unwrap_err();
        assert_eq!(reason.code, Code::DateMissing);
    }

    #[test]
    fn a_posting_date_moves_the_period_and_not_the_date() {
        let mut document = support::invoice("7", &[("10", "63000")]);
        let rules = DateRules::default();
        let period = |document: &Invoice| invoice(document, rules).unwrap().period;
        assert_eq!(period(&document), None);
        document.posting_date = Some("2026-10-20".parse().unwrap());
        assert_eq!(period(&document), None);
        document.posting_date = Some("2026-11-02".parse().unwrap());
        assert_eq!(period(&document).as_deref(), Some("112026"));
        let date = invoice(&document, rules).unwrap().date;
        assert_eq!(date.to_string(), "2026-10-05");
        document.date = None;
        assert_eq!(
            invoice(&document, rules).unwrap_err().code,
            Code::DateMissing
        );
    }

    #[test]
    fn an_advance_is_dated_by_its_issue() {
        let mut document = support::advance(&[("300", "CADV")]);
        let dates = advance(&document, DateRules::default(), &zone("Asia/Tokyo")).unwrap();
        assert_eq!(dates.date.to_string(), "2026-10-01");
        document.issued = None;
        let reason = advance(&document, DateRules::default(), &TimeZone::UTC).unwrap_err();
        assert_eq!(reason.field, "cashAdvanceData.issuedDate");
    }
}
