//! The Financial Integration Service v4: list ready documents, acknowledge them, confirm their posting.
//!
//! Source: SAP's `v4.financial-integration` (2026-08-20). One kind of document per call; scope `FISVC`, company token.

use std::fmt;

use serde::Deserialize;

use crate::client::Answer;
use crate::documents::DocumentType;
use crate::error::{Error, Kind};
use crate::value::{Number, Text};

mod acknowledge;
mod code;
mod confirm;
mod list;

pub use acknowledge::Acknowledged;
pub use code::Code;
pub use confirm::{PostingConfirmation, PostingConfirmed, PostingDoc, SystemMessage, Verdict};
pub use list::{FinancialDocument, Page};

/// Room for a large report more than once: a report of 2,000 entries takes about 4 MB.
const LIST_ANSWER_BYTES_MAX: usize = 24 * 1024 * 1024;
/// An answer holds about 200 bytes per document.
const ITEMS_ANSWER_BYTES_MAX: usize = 1024 * 1024;

fn transactions(document_type: DocumentType) -> String {
    format!("/financialintegration/fi/v4/companies/transactiontypes/{document_type}/transactions")
}

/// What FIS says about a document (`docStatus`). Open, because two published lists differ.
#[derive(Clone, PartialEq, Eq)]
pub enum DocumentStatus {
    /// Offered, not yet acknowledged; can be recalled.
    Ready,
    /// Acknowledged by somebody; recall is blocked.
    Acknowledged,
    /// Confirmed with `success`.
    PostingConfirmedSuccess,
    /// Confirmed with `error`.
    PostingConfirmedFailure,
    /// Recalled in Concur.
    Recalled,
    /// Any other word, or none (empty).
    Other(String),
}

impl From<&Text> for DocumentStatus {
    fn from(text: &Text) -> Self {
        match text.get().unwrap_or_default() {
            "READY" => Self::Ready,
            "ACKNOWLEDGED" => Self::Acknowledged,
            "POSTING_CONFIRMED_SUCCESS" => Self::PostingConfirmedSuccess,
            "POSTING_CONFIRMED_FAILURE" => Self::PostingConfirmedFailure,
            "RECALLED" => Self::Recalled,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl DocumentStatus {
    /// Concur's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ready => "READY",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::PostingConfirmedSuccess => "POSTING_CONFIRMED_SUCCESS",
            Self::PostingConfirmedFailure => "POSTING_CONFIRMED_FAILURE",
            Self::Recalled => "RECALLED",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Debug for DocumentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One element of the answer to an acknowledgement or a confirmation.
struct Item {
    code: Code,
    document_id: String,
    rest: ItemFields,
}

/// The same, as sent.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ItemFields {
    code: Number<0>,
    doc_id: Text,
    system_id: Text,
    acknowledge_result: Text,
    posting_confirmation_result: Text,
    error_message: Text,
    detail_message: Text,
}

impl Item {
    /// Reads the bare array of an answer. An element without code or id says nothing, so it spoils the answer: the
    /// caller asks again and is told what holds.
    fn all(answer: &Answer) -> Result<Vec<Self>, Error> {
        let sent: Vec<ItemFields> = answer.read()?;
        let items = sent.into_iter().map(|rest| {
            let code = Code::from(rest.code.whole()?);
            Some(Self {
                code,
                document_id: owned(&rest.doc_id)?,
                rest,
            })
        });
        items
            .collect::<Option<_>>()
            .ok_or_else(|| answer.error(Kind::Unreadable))
    }
}

fn owned(text: &Text) -> Option<String> {
    text.get().map(Into::into)
}
