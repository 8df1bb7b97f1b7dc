//! POST …/transactions/postingconfirmations: tell Concur what became of documents in the ERP.

use std::fmt;

use serde::Serialize;

use super::{Code, ITEMS_ANSWER_BYTES_MAX, Item, owned, transactions};
use crate::client::Client;
use crate::documents::DocumentType;
use crate::error::Error;

/// Longest `messageShortText` Concur stores.
const MESSAGE_CHARS_MAX: usize = 1300;

/// What became of one document. Concur takes one verdict per document and never another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingConfirmation {
    /// FIS id of the document.
    pub document_id: String,
    /// The verdict on all of it.
    pub verdict: Verdict,
    /// The ERP documents created; empty with [`Verdict::Error`], because nothing may be left then.
    pub posting_docs: Vec<PostingDoc>,
    /// What employee and processor read in the audit trail.
    pub messages: Vec<SystemMessage>,
}

/// All of a document is in the ERP, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Posted: the report becomes "Sent for Payment", the invoice "Extracted"; Expense Pay releases its money.
    Success,
    /// Not posted: "Financial Posting Failed"; the processor can recall, correct and submit again.
    Error,
}

/// One ERP document; one line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingDoc {
    /// The organisational unit, at most 32 characters.
    pub company_id: String,
    /// At most 80 characters.
    pub document_number: Option<String>,
    /// Four digits.
    pub fiscal_year: Option<String>,
    /// `YYYY-MM-DD`.
    pub posting_date: Option<String>,
}

/// One message; one line of the audit trail. A text over 1,300 characters is sent as several.
#[derive(Clone, PartialEq, Eq)]
pub struct SystemMessage {
    /// The entry it is about.
    pub entry_id: Option<String>,
    /// The ERP's id of the message.
    pub id: String,
    /// `EN`, `FR` and so on.
    pub language: String,
    /// The sentence.
    pub text: String,
}

/// A message can quote the document, so its text is not shown.
impl fmt::Debug for SystemMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemMessage")
            .field("entry_id", &self.entry_id)
            .field("id", &self.id)
            .field("language", &self.language)
            .field("text_bytes", &self.text.len())
            .finish()
    }
}

/// The answer about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingConfirmed {
    /// Whether the verdict was recorded; [`Code::Processed`] also for a recorded `error`.
    pub code: Code,
    /// FIS id of the document.
    pub document_id: String,
    /// Who holds the document.
    pub system_id: Option<String>,
    /// `SUCCESS`, `FAILURE` and others; judge by the code.
    pub result: Option<String>,
    /// Concur's sentence.
    pub message: Option<String>,
    /// Concur's second sentence.
    pub detail: Option<String>,
}

impl From<Item> for PostingConfirmed {
    fn from(item: Item) -> Self {
        Self {
            code: item.code,
            document_id: item.document_id,
            system_id: owned(&item.rest.system_id),
            result: owned(&item.rest.posting_confirmation_result),
            message: owned(&item.rest.error_message),
            detail: owned(&item.rest.detail_message),
        }
    }
}

impl Client {
    /// Confirms the posting of documents of one kind, under the system id of their acknowledgement. An id can be
    /// missing in the answer. No confirmations: no call.
    ///
    /// May be repeated with the same verdicts: a document confirmed before answers [`Code::AlreadyConfirmed`], and
    /// [`by_business_id`](Self::by_business_id) then says with which verdict.
    ///
    /// # Errors
    /// As any call; [`outcome_unknown`](Error::outcome_unknown) says whether some may be confirmed now.
    pub async fn confirm_posting(
        &self,
        document_type: DocumentType,
        system_id: &str,
        confirmations: &[PostingConfirmation],
    ) -> Result<Vec<PostingConfirmed>, Error> {
        if confirmations.is_empty() {
            return Ok(Vec::new());
        }
        let path = transactions(document_type) + "/postingconfirmations";
        let request = Request {
            system_id,
            posting_confirmations: confirmations.iter().map(Confirmation::of).collect(),
        };
        let answer = self
            .post("confirm posting", &path, &request, ITEMS_ANSWER_BYTES_MAX)
            .await?;
        Ok(Item::all(&answer)?
            .into_iter()
            .map(PostingConfirmed::from)
            .collect())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    system_id: &'a str,
    posting_confirmations: Vec<Confirmation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Confirmation<'a> {
    doc_id: &'a str,
    overall_posting_status_code: &'static str,
    posting_docs: Vec<Doc<'a>>,
    system_messages: Vec<MessageFields<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Doc<'a> {
    company_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_number: Option<&'a str>,
    /// A quoted string, as in all examples; the table says number.
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_year: Option<&'a str>,
    payment_relevant_line_items: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    posting_date: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageFields<'a> {
    concur_transaction_line_item_id: &'a str,
    message_id: &'a str,
    message_language: &'a str,
    message_short_text: &'a str,
    /// Empty as in all examples: the table calls it a list, so nothing that matters is put here.
    message_long_text: &'static str,
}

impl<'a> Confirmation<'a> {
    fn of(confirmation: &'a PostingConfirmation) -> Self {
        Self {
            doc_id: &confirmation.document_id,
            overall_posting_status_code: match confirmation.verdict {
                Verdict::Success => "success",
                Verdict::Error => "error",
            },
            posting_docs: confirmation.posting_docs.iter().map(Doc::of).collect(),
            system_messages: confirmation
                .messages
                .iter()
                .flat_map(MessageFields::all)
                .collect(),
        }
    }
}

impl<'a> Doc<'a> {
    fn of(doc: &'a PostingDoc) -> Self {
        Self {
            company_id: &doc.company_id,
            document_number: doc.document_number.as_deref(),
            fiscal_year: doc.fiscal_year.as_deref(),
            payment_relevant_line_items: [],
            posting_date: doc.posting_date.as_deref(),
        }
    }
}

impl<'a> MessageFields<'a> {
    /// The message in pieces that fit.
    fn all(message: &'a SystemMessage) -> impl Iterator<Item = Self> {
        pieces(&message.text).map(|text| Self {
            concur_transaction_line_item_id: message.entry_id.as_deref().unwrap_or_default(),
            message_id: &message.id,
            message_language: &message.language,
            message_short_text: text,
            message_long_text: "",
        })
    }
}

/// Cuts a text into pieces of at most [`MESSAGE_CHARS_MAX`] characters; an empty text is one empty piece.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, left) = match text.char_indices().nth(MESSAGE_CHARS_MAX) {
            Some((end, _)) => text.split_at(end),
            None => (text, ""),
        };
        rest = (!left.is_empty()).then_some(left);
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_become_several_messages() {
        assert_eq!(pieces("").collect::<Vec<_>>(), [""]);
        let text = "é".repeat(2 * MESSAGE_CHARS_MAX + 1);
        let lengths: Vec<_> = pieces(&text).map(|piece| piece.chars().count()).collect();
        assert_eq!(lengths, [MESSAGE_CHARS_MAX, MESSAGE_CHARS_MAX, 1]);
        assert_eq!(pieces(&text).collect::<String>(), text);
    }

    #[test]
    fn debug_shows_no_message() {
        let message = SystemMessage {
            entry_id: None,
            id: "1".into(),
            language: "EN".into(),
            text: "Jane Doe".into(),
        };
        assert!(!format!("{message:?}").contains("Doe"));
    }
}
