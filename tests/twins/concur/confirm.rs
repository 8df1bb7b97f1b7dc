//! Posting confirmations: the verdict of the ERP, once per document, with strict bodies.

use serde_json::{Value, json};

use super::documents::{Held, Shelf, Status, Told};
use super::failure;
use super::fis::{Order, SYSTEM_ID_LENGTH_MAX};
use crate::twins::wire::Reply;

/// Longest document id and company id, in characters.
const ID_LENGTH_MAX: usize = 32;
/// Longest ERP document number, in characters.
const NUMBER_LENGTH_MAX: usize = 80;
/// Longest message text, in characters.
const TEXT_LENGTH_MAX: usize = 1_300;

/// Answers `POST …/postingconfirmations`.
pub(super) fn answer(shelf: &mut Shelf, doc_type: &str, order: &Order<'_>) -> Reply {
    let body = order.call.json().unwrap_or_default();
    let system_id = body.get("systemId").and_then(Value::as_str);
    let items = body.get("postingConfirmations").and_then(Value::as_array);
    let (Some(system_id), Some(items)) =
        (system_id.filter(|id| fits(id, SYSTEM_ID_LENGTH_MAX)), items)
    else {
        return failure(
            400,
            "systemId or postingConfirmations is missing or not valid",
        );
    };
    let answers: Vec<Value> = items
        .iter()
        .map(|item| {
            let code = order
                .forced_code()
                .unwrap_or_else(|| settle(shelf, doc_type, system_id, item));
            answered_item(shelf, item, code)
        })
        .collect();
    Reply::json(200, &Value::Array(answers))
}

/// Records one verdict where it can be recorded; returns the service code.
fn settle(shelf: &mut Shelf, doc_type: &str, system_id: &str, item: &Value) -> i64 {
    let Some(verdict) = Verdict::read(item) else {
        return 198;
    };
    let Some(held) = shelf.find_mut(verdict.doc_id) else {
        return 116;
    };
    if held.doc_type != doc_type {
        return 115;
    }
    match held.status {
        Status::Recalled => 112,
        Status::Ready | Status::Delayed => 111,
        Status::Void => 114,
        // Nothing stored and an empty text are the same system.
        _ if held.system_id.as_deref().unwrap_or_default() != system_id => 99,
        Status::PostingConfirmedSuccess | Status::PostingConfirmedFailure => 113,
        Status::Acknowledged => {
            verdict.record(held);
            0
        }
    }
}

/// A confirmation item that keeps to the contract.
struct Verdict<'a> {
    doc_id: &'a str,
    success: bool,
    posting_docs: &'a [Value],
    system_messages: &'a [Value],
}

impl<'a> Verdict<'a> {
    fn read(item: &'a Value) -> Option<Self> {
        let list = |name: &str| item.get(name).and_then(Value::as_array).map(Vec::as_slice);
        let verdict = Self {
            doc_id: item
                .get("docId")
                .and_then(Value::as_str)
                .filter(|id| fits(id, ID_LENGTH_MAX))?,
            success: match item
                .get("overallPostingStatusCode")
                .and_then(Value::as_str)?
            {
                "success" => true,
                "error" => false,
                _ => return None,
            },
            posting_docs: list("postingDocs")?,
            system_messages: list("systemMessages")?,
        };
        // An error names no ERP documents: everything was backed out.
        let consistent = verdict.success || verdict.posting_docs.is_empty();
        let sound = verdict.posting_docs.iter().all(posting_doc_is_sound)
            && verdict.system_messages.iter().all(message_is_sound);
        (consistent && sound).then_some(verdict)
    }

    fn record(&self, held: &mut Held) {
        let (status, word) = if self.success {
            (Status::PostingConfirmedSuccess, "success")
        } else {
            (Status::PostingConfirmedFailure, "error")
        };
        held.status = status;
        held.audit.push(format!("confirmed as {word}"));
        let text = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        held.audit.extend(
            self.posting_docs
                .iter()
                .map(|doc| format!("posted as {}", text(doc, "documentNumber"))),
        );
        held.audit.extend(
            self.system_messages
                .iter()
                .map(|message| text(message, "messageShortText")),
        );
        held.told = Some(Told {
            verdict: word.to_owned(),
            posting_docs: self.posting_docs.to_vec(),
            system_messages: self.system_messages.to_vec(),
        });
    }
}

fn fits(text: &str, length_max: usize) -> bool {
    text.chars().count() <= length_max
}

/// An optional text member: absent, or a string that is short enough.
fn optional(value: &Value, name: &str, length_max: usize) -> bool {
    value
        .get(name)
        .is_none_or(|member| member.as_str().is_some_and(|text| fits(text, length_max)))
}

fn posting_doc_is_sound(doc: &Value) -> bool {
    let company = doc.get("companyId").and_then(Value::as_str);
    let date_is_sound = doc.get("postingDate").is_none_or(|date| {
        date.as_str()
            .is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
    });
    let line_items_are_a_list = doc
        .get("paymentRelevantLineItems")
        .is_none_or(Value::is_array);
    company.is_some_and(|id| !id.is_empty() && fits(id, ID_LENGTH_MAX))
        && optional(doc, "documentNumber", NUMBER_LENGTH_MAX)
        && optional(doc, "fiscalYear", 4)
        && date_is_sound
        && line_items_are_a_list
}

fn message_is_sound(message: &Value) -> bool {
    message.is_object()
        && optional(message, "concurTransactionLineItemId", TEXT_LENGTH_MAX)
        && optional(message, "messageId", TEXT_LENGTH_MAX)
        && optional(message, "messageLanguage", 2)
        && optional(message, "messageShortText", TEXT_LENGTH_MAX)
        && optional(message, "messageLongText", TEXT_LENGTH_MAX)
}

fn answered_item(shelf: &Shelf, item: &Value, code: i64) -> Value {
    let doc_id = item.get("docId").cloned().unwrap_or_default();
    let system_id = doc_id
        .as_str()
        .and_then(|id| shelf.find(id))
        .and_then(|held| held.system_id.clone());
    let (result, message) = match code {
        0 => ("SUCCESS", ""),
        99 => ("FAILURE", "The systemId differs from the stored one."),
        111 => (
            "NOT_YET_ACKNOWLEDGED",
            "This document was not acknowledged.",
        ),
        112 => ("WAS_RECALLED", "This document was recalled."),
        113 => ("FAILURE", "A confirmation was already posted."),
        114 => ("FAILURE", "The state of this document is not known."),
        115 => ("FAILURE", "This document has another type."),
        116 => ("FAILURE", "This document does not exist."),
        198 => ("FAILURE", "The request is not valid."),
        _ => ("SYSTEM_ERROR_OCCURRED", "Unknown error, try again later."),
    };
    json!({
        "code": code,
        "docId": doc_id,
        "systemId": system_id,
        "postingConfirmationResult": result,
        "errorMessage": message,
        "detailMessage": "",
    })
}
