//! Between the wire and the domain: Concur's documents in, Acumatica's bodies and Concur's confirmations out.

pub mod bodies;
mod cash_advance;
pub mod confirmation;
mod dates;
mod expense;
mod fields;
mod invoice;
pub mod master;
pub mod portions;
pub mod receipt;

use concur::DocumentType;
use concur::documents::{self, WireDocument};
use posting::document::{Document, Header};
use posting::{Code, DocumentId, DocumentKind, Reason};

use crate::ports::Source;
use fields::Faults;

/// What was read of a document. The header is always there, as far as it could be read, because a document that cannot be
/// posted must still be stored, acknowledged and listed.
#[derive(Debug)]
pub struct Reading {
    /// What every kind has; of an unreadable document little more than its id.
    pub header: Header,
    /// Whom it pays: vendor code or employee id.
    pub payee: Option<String>,
    /// The document, or every reason why it is none.
    pub document: Result<Document, Vec<Reason>>,
}

/// Reads a stored document.
#[must_use]
pub fn read(kind: DocumentKind, id: &DocumentId, source: &Source) -> Reading {
    let faults = Faults::default();
    let place = Place {
        id,
        entity: source.entity.as_deref(),
    };
    let wire = match documents::read(document_type(kind), &source.text) {
        Ok(wire) => wire,
        Err(error) => {
            return Reading {
                header: fields::bare(place),
                payee: None,
                document: Err(vec![
                    Reason::new(Code::DocumentUnreadable, error.to_string())
                        .at("document", format!("{} bytes", source.text.len())),
                ]),
            };
        }
    };
    for oddity in wire.oddities() {
        faults.add(
            Reason::new(
                Code::FieldOdd,
                "the field holds something else than Concur publishes for it",
            )
            .at(oddity.path, &oddity.found),
        );
    }
    let (document, payee) = match &wire {
        WireDocument::Expense(wire) => expense::read(wire, place, &faults),
        WireDocument::Invoice(wire) => invoice::read(wire, place, &faults),
        WireDocument::CashAdvance(wire) => cash_advance::read(wire, place, &faults),
    };
    let header = document.header().clone();
    let reasons = faults.into_vec();
    Reading {
        header,
        payee,
        document: if reasons.is_empty() {
            Ok(document)
        } else {
            Err(reasons)
        },
    }
}

/// The envelope's part of a header.
#[derive(Clone, Copy)]
struct Place<'a> {
    id: &'a DocumentId,
    entity: Option<&'a str>,
}

/// The client's word for a kind.
#[must_use]
pub fn document_type(kind: DocumentKind) -> DocumentType {
    match kind {
        DocumentKind::Expense => DocumentType::Expense,
        DocumentKind::Invoice => DocumentType::Invoice,
        DocumentKind::CashAdvance => DocumentType::CashAdvance,
    }
}

#[cfg(test)]
mod tests;
