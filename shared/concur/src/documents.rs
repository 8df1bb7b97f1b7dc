//! The three kinds of financial documents, with the fields a posting needs or a rule can name.
//!
//! Nothing in a document is required, everything can be null, and the types of scalars vary between the published
//! tables and the published examples; so reading fails only on text that is no JSON object. What cannot be what it
//! should be is kept as odd and listed by [`WireDocument::oddities`].
//! Source: SAP's `v4.financial-documents-schema` (2026-08-20) and the published example files.

use std::fmt;

use crate::value::{Part, Path, Walk};

#[macro_use]
mod object;

pub mod cash_advance;
pub mod expense;
pub mod invoice;

pub use crate::value::Oddity;
pub use cash_advance::CashAdvanceDocument;
pub use expense::ExpenseDocument;
pub use invoice::InvoiceDocument;

/// The kinds of documents this client reads. Concur knows more (payroll, obligations), which hold no ledger entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentType {
    /// An expense report.
    Expense,
    /// An invoice of Concur Invoice.
    Invoice,
    /// A cash advance.
    CashAdvance,
}

impl DocumentType {
    /// All of them, in the order a reader expects.
    pub const ALL: [Self; 3] = [Self::Expense, Self::Invoice, Self::CashAdvance];

    /// Concur's word, as in addresses and envelopes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expense => "expense",
            Self::Invoice => "invoice",
            Self::CashAdvance => "cashadvance",
        }
    }
}

impl fmt::Display for DocumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A document of one of the three kinds.
#[derive(Clone, Debug, PartialEq)]
pub enum WireDocument {
    /// An expense report.
    Expense(Box<ExpenseDocument>),
    /// An invoice.
    Invoice(Box<InvoiceDocument>),
    /// A cash advance.
    CashAdvance(Box<CashAdvanceDocument>),
}

impl WireDocument {
    /// Everything in the document that is present and not what it should be, with its JSON path, in document order of
    /// this crate's types. Empty for every published example.
    #[must_use]
    pub fn oddities(&self) -> Vec<Oddity> {
        let mut found = Vec::new();
        match self {
            Self::Expense(document) => document.walk(&Path::ROOT, &mut found),
            Self::Invoice(document) => document.walk(&Path::ROOT, &mut found),
            Self::CashAdvance(document) => document.walk(&Path::ROOT, &mut found),
        }
        found
    }
}

/// A text that is no document at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or cut off.
    #[error("document is not json")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but no object.
    #[error("document is {found}, not an object")]
    NotAnObject {
        /// The JSON type that stands there instead.
        found: &'static str,
    },
}

/// Reads a document as FIS delivers it (the text of [`FinancialDocument::document`](crate::financial::FinancialDocument)).
///
/// # Errors
/// Only when the text is no complete JSON object.
pub fn read(document_type: DocumentType, text: &str) -> Result<WireDocument, ReadError> {
    Ok(match document_type {
        DocumentType::Expense => WireDocument::Expense(object(text)?),
        DocumentType::Invoice => WireDocument::Invoice(object(text)?),
        DocumentType::CashAdvance => WireDocument::CashAdvance(object(text)?),
    })
}

fn object<T>(text: &str) -> Result<Box<T>, ReadError>
where
    Part<T>: serde::de::DeserializeOwned,
{
    match serde_json::from_str(text).map_err(ReadError::NotJson)? {
        Part::Read(object) => Ok(Box::new(object)),
        Part::Missing => Err(ReadError::NotAnObject { found: "null" }),
        Part::Odd(found) => Err(ReadError::NotAnObject {
            found: found.json_type(),
        }),
    }
}
