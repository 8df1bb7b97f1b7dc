//! Invoices that look like an earlier one: what to look for, and what a finding does.

use super::codes::Codes;
use crate::document::Invoice;
use crate::rules::PossibleDuplicate;
use crate::{BusinessId, Code, Document, DocumentId, Reason};

/// An earlier document with the same [`likeness`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Its document id.
    pub document: DocumentId,
    /// Its business id.
    pub business: BusinessId,
}

/// By what an invoice is found that was entered twice: vendor, currency, total, date, and the number without punctuation, case
/// and leading zeros. Equal texts are alike. `None` for documents that are no invoice, or lack vendor, date or number.
#[must_use]
pub fn likeness(document: &Document) -> Option<String> {
    let Document::Invoice(invoice) = document else {
        return None;
    };
    let vendor = invoice.vendor.code.as_deref()?.trim();
    let (total, currency) = (invoice.total.normalize(), invoice.header.currency);
    let number = bare(invoice.number.as_deref()?);
    Some(format!(
        "{vendor}|{currency}|{total}|{}|{number}",
        invoice.date?
    ))
}

/// Letters and digits in lower case; all of it where there are none.
fn bare(number: &str) -> String {
    let kept = number.chars().filter(|c| c.is_alphanumeric());
    let kept: String = kept.flat_map(char::to_lowercase).collect();
    let bare = kept.trim_start_matches('0');
    match (bare.is_empty(), kept.is_empty()) {
        (false, _) => bare.to_owned(),
        (true, false) => "0".to_owned(),
        (true, true) => number.trim().to_owned(),
    }
}

/// A finding is a reason or a note, as the rules say.
pub(super) fn judge(invoice: &Invoice, found: &[Duplicate], codes: &mut Codes<'_>) {
    for duplicate in found {
        let message = format!(
            "{} has the same vendor, date, amount and all but the same number",
            duplicate.business
        );
        match codes.rules.invoice.possible_duplicate {
            PossibleDuplicate::Warn => codes.notes.push(format!("possible duplicate: {message}")),
            PossibleDuplicate::Hold => {
                let number = invoice.number.as_deref().unwrap_or_default();
                let reason = Reason::new(Code::PossibleDuplicate, message);
                codes.keep(reason.at("requestHeader.vendorInvoiceNumber", number), None);
            }
        }
    }
}
