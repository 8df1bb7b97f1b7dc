//! Invoices that look like an earlier one: what to look for, and what a finding does.

use super::codes::Codes;
use crate::document::Invoice;
use crate::rules::{PossibleDuplicate, Rules};
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

/// Why an invoice is held whose plan was made before these others were found. Nothing where the rules only warn, nor for
/// other documents.
#[must_use]
pub fn found_late(document: &Document, found: &[Duplicate], rules: &Rules) -> Vec<Reason> {
    match (document, rules.invoice.possible_duplicate) {
        (Document::Invoice(invoice), PossibleDuplicate::Hold) => {
            found.iter().map(|other| reason(invoice, other)).collect()
        }
        _ => Vec::new(),
    }
}

/// A finding is a reason or a note, as the rules say.
pub(super) fn judge(invoice: &Invoice, found: &[Duplicate], codes: &mut Codes<'_>) {
    for duplicate in found {
        let reason = reason(invoice, duplicate);
        match codes.rules.invoice.possible_duplicate {
            PossibleDuplicate::Warn => {
                let note = format!("possible duplicate: {}", reason.message);
                codes.notes.push(note);
            }
            PossibleDuplicate::Hold => codes.keep(reason, None),
        }
    }
}

fn reason(invoice: &Invoice, duplicate: &Duplicate) -> Reason {
    let message = format!(
        "{} has the same vendor, date, amount and all but the same number",
        duplicate.business
    );
    let number = invoice.number.as_deref().unwrap_or_default();
    Reason::new(Code::PossibleDuplicate, message).at("requestHeader.vendorInvoiceNumber", number)
}
