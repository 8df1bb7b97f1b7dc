//! What Acumatica says it stored, and whether that is what was planned.

use acumatica::{Bill, BillStatus, JournalStatus, JournalTransaction};
use posting::money;
use posting::plan::{Posting, PostingKind};
use posting::state::{Receipt, Release};
use posting::{Code, Reason};
use rust_decimal::Decimal;
use serde::Serialize;

/// A document as Acumatica returned it, with its lines.
#[derive(Debug)]
pub struct Stored {
    /// What the record keeps of it.
    pub receipt: Receipt,
    currency: Option<String>,
    vendor: Option<String>,
    /// Of an AP document; what was not returned is zero.
    tax: Option<Decimal>,
    lines: usize,
    live: bool,
}

impl Stored {
    /// Of an AP document.
    #[must_use]
    pub fn bill(n: u32, kind: PostingKind, bill: &Bill) -> Self {
        Self {
            receipt: Receipt {
                n,
                kind,
                number: bill.reference_nbr.clone().unwrap_or_default(),
                amount: bill.amount.unwrap_or_default(),
                status: label(bill.status.as_ref().map(BillStatus::as_str)),
                period: label(bill.post_period.as_ref().map(acumatica::Period::as_str)),
                date: bill.date,
                branch: bill.branch_id.clone().unwrap_or_default(),
                release: Release::NotWanted,
                adopted: false,
                part: None,
            },
            currency: bill.currency_id.clone(),
            vendor: bill.vendor.clone(),
            tax: Some(bill.tax_total.unwrap_or_default()),
            lines: bill.details.len(),
            live: is_live_bill(bill),
        }
    }

    /// Of a journal; its amount is the sum of its debits.
    #[must_use]
    pub fn journal(n: u32, journal: &JournalTransaction) -> Self {
        let debits = journal.details.iter().filter_map(|line| line.debit_amount);
        Self {
            receipt: Receipt {
                n,
                kind: PostingKind::Journal,
                number: journal.batch_nbr.clone().unwrap_or_default(),
                amount: money::sum(debits).unwrap_or(Decimal::MAX),
                status: label(journal.status.as_ref().map(JournalStatus::as_str)),
                period: label(journal.post_period.as_ref().map(acumatica::Period::as_str)),
                date: journal.transaction_date,
                branch: journal.branch_id.clone().unwrap_or_default(),
                release: Release::NotWanted,
                adopted: false,
                part: None,
            },
            currency: journal.currency_id.clone(),
            vendor: None,
            tax: None,
            lines: journal.details.len(),
            live: is_live_journal(journal),
        }
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Whether it stands on hold, where lines can still be added.
    #[must_use]
    pub fn is_on_hold(&self) -> bool {
        self.receipt.status == BillStatus::OnHold.as_str()
    }

    /// What differs from the plan, one reason for each; a field that was not returned is no difference, an amount is. Accounts
    /// are not compared: where one was sent Acumatica takes it or refuses the document, and of a line with a purchase order it
    /// is the order's.
    #[must_use]
    pub fn differences(&self, posting: &Posting) -> Vec<Reason> {
        let mut found = Vec::new();
        let mut differs = |field: &str, planned: &str, stored: &str| {
            found.push(
                Reason::new(
                    Code::AmountDiffers,
                    format!(
                        "{} has {field} {stored}, planned was {planned}",
                        self.receipt.label()
                    ),
                )
                .at(format!("postings[{}].{field}", posting.n), stored),
            );
        };
        if self.receipt.amount != posting.total {
            differs(
                "amount",
                &posting.currency.format(posting.total),
                &posting.currency.format(self.receipt.amount),
            );
        }
        if let Some(tax) = self.tax.filter(|tax| posting.tax_total() != Some(*tax)) {
            let planned = posting.tax_total().unwrap_or_default();
            differs(
                "tax",
                &posting.currency.format(planned),
                &posting.currency.format(tax),
            );
        }
        if self.lines != posting.lines.len() {
            differs(
                "lines",
                &posting.lines.len().to_string(),
                &self.lines.to_string(),
            );
        }
        if let Some(currency) = self
            .currency
            .as_deref()
            .filter(|text| !text.trim().eq_ignore_ascii_case(posting.currency.as_str()))
        {
            differs("currency", posting.currency.as_str(), currency);
        }
        if let (Some(planned), Some(stored)) = (&posting.vendor, &self.vendor)
            && !same_code(planned, stored)
        {
            differs("vendor", planned, stored);
        }
        if !self.live {
            differs("status", "a live one", &self.receipt.status);
        }
        found
    }
}

/// One field of what stands in Acumatica, held against what was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Number of the posting in its plan.
    pub posting: u32,
    /// What stands: type and number.
    pub number: String,
    /// `vendor`, `currency`, `amount` or `status`.
    pub field: &'static str,
    /// As it was planned.
    pub planned: String,
    /// As it stands.
    pub stands: String,
    /// Whether they agree.
    pub same: bool,
}

impl Stored {
    /// What must agree before this can stand for a posting that somebody else keyed: whom it pays, how much of what, and that it
    /// counts. Its lines are that person's own.
    #[must_use]
    pub fn compared(&self, posting: &Posting) -> Vec<Compared> {
        let row = |field, planned: &str, stands: &str, same| Compared {
            posting: posting.n,
            number: self.receipt.label(),
            field,
            planned: planned.to_owned(),
            stands: stands.to_owned(),
            same,
        };
        let mut rows = Vec::new();
        if let Some(planned) = &posting.vendor {
            let stands = self.vendor.as_deref().unwrap_or_default();
            rows.push(row("vendor", planned, stands, same_code(planned, stands)));
        }
        let (planned, stands) = (posting.currency.as_str(), self.currency.as_deref());
        let stands = stands.unwrap_or_default();
        rows.push(row("currency", planned, stands, same_code(planned, stands)));
        let [planned, stands] =
            [posting.total, self.receipt.amount].map(|amount| posting.currency.format(amount));
        let same = posting.total == self.receipt.amount;
        rows.push(row("amount", &planned, &stands, same));
        rows.push(row("status", "a live one", &self.receipt.status, self.live));
        rows
    }
}

/// Codes are compared without padding and case, as Acumatica does.
#[must_use]
pub fn same_code(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Whether an AP document counts: not taken back, not refused by an approver.
#[must_use]
pub fn is_live_bill(bill: &Bill) -> bool {
    !matches!(bill.status, Some(BillStatus::Voided | BillStatus::Rejected))
}

/// Whether a journal counts.
#[must_use]
pub fn is_live_journal(journal: &JournalTransaction) -> bool {
    !matches!(
        journal.status,
        Some(JournalStatus::Void | JournalStatus::Rejected)
    )
}

fn label(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use acumatica::BillDetail;
    use posting::plan::TaxRow;

    use super::*;
    use crate::samples::{amount, posting};

    fn differences(tax_total: Option<&str>, taxes: Vec<TaxRow>) -> Vec<String> {
        let bill = Bill {
            reference_nbr: Some("004512".to_owned()),
            amount: Some(amount("42.50")),
            tax_total: tax_total.map(amount),
            details: vec![BillDetail::default()],
            ..Bill::default()
        };
        let mut planned = posting(1, PostingKind::Bill);
        planned.taxes = taxes;
        let found = Stored::bill(1, PostingKind::Bill, &bill).differences(&planned);
        found.into_iter().map(|reason| reason.field).collect()
    }

    #[test]
    fn a_tax_that_was_not_planned_or_not_stored_is_a_difference() {
        let planned = || {
            vec![TaxRow {
                tax_id: "VAT".to_owned(),
                taxable: amount("40.00"),
                amount: amount("2.50"),
                non_deductible: amount("0"),
            }]
        };
        let tax = vec!["postings[1].tax".to_owned()];
        assert_eq!(differences(Some("0.00"), Vec::new()), Vec::<String>::new());
        assert_eq!(differences(None, Vec::new()), Vec::<String>::new());
        assert_eq!(differences(Some("3.40"), Vec::new()), tax);
        assert_eq!(differences(Some("2.5"), planned()), Vec::<String>::new());
        assert_eq!(differences(Some("2.51"), planned()), tax);
        assert_eq!(differences(None, planned()), tax);
    }
}
