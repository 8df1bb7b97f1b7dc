//! GET …/transactions: the documents that are ready, or those of one business object.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{DocumentStatus, LIST_ANSWER_BYTES_MAX, owned, transactions};
use crate::client::{Answer, Client};
use crate::documents::DocumentType;
use crate::error::Error;
use crate::value::{Amount, Text};

/// One page of ready documents.
#[derive(Clone, Debug)]
pub struct Page {
    /// The documents, in Concur's order.
    pub documents: Vec<FinancialDocument>,
    /// Envelopes without an id, which nobody can acknowledge; they are left out of `documents` and stay listed.
    pub unreadable: usize,
    /// Number of this page, from 0.
    pub number: u32,
    /// How many pages there are, where the answer says so.
    pub total_pages: Option<u32>,
    /// Whether the answer links to a next page. Its address is not used: published samples carry a placeholder host.
    pub has_next: bool,
}

/// A document in its envelope.
#[derive(Clone, PartialEq)]
pub struct FinancialDocument {
    /// FIS id, 32 hex characters, new at every approval. Not the business id.
    pub id: String,
    /// Concur's word for the kind, as sent.
    pub document_type: Option<String>,
    /// Concur's company number.
    pub company_id: Option<String>,
    /// The entity, `p0085104gigw`.
    pub entity_id: Option<String>,
    /// The company's UUID.
    pub company_uuid: Option<String>,
    /// Who acknowledged it.
    pub erp_system_id: Option<String>,
    /// Where it stands.
    pub status: DocumentStatus,
    /// The JSON text of the document, every digit as received, for [`documents::read`](crate::documents::read). It can
    /// be broken; that is found there and costs no other document of the page.
    pub document: Box<str>,
}

/// A document is personal, so only its size is shown.
impl fmt::Debug for FinancialDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinancialDocument")
            .field("id", &self.id)
            .field("document_type", &self.document_type)
            .field("erp_system_id", &self.erp_system_id)
            .field("status", &self.status)
            .field("document_bytes", &self.document.len())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Lists documents that are ready: page `page` (from 0) of pages with `limit` documents (25 is Concur's default, no
    /// maximum is published). May be repeated; acknowledged documents leave the list and later ones move up.
    ///
    /// # Errors
    /// [`Kind::TooLarge`](crate::Kind::TooLarge) or [`Kind::Timeout`](crate::Kind::Timeout) for a page that should be
    /// asked for with a smaller `limit`; else as any call.
    pub async fn ready(
        &self,
        document_type: DocumentType,
        page: u32,
        limit: u32,
    ) -> Result<Page, Error> {
        self.ready_within(document_type, (page, limit), LIST_ANSWER_BYTES_MAX)
            .await
    }

    /// As [`ready`](Self::ready), for a caller with room for an answer of `bytes_max` bytes only.
    ///
    /// # Errors
    /// As [`ready`](Self::ready).
    pub async fn ready_within(
        &self,
        document_type: DocumentType,
        (page, limit): (u32, u32),
        bytes_max: usize,
    ) -> Result<Page, Error> {
        let query = format!("?page={page}&limit={limit}");
        let answer = self
            .get(
                "list ready",
                &transactions(document_type),
                &query,
                bytes_max.min(LIST_ANSWER_BYTES_MAX),
            )
            .await?;
        let listed = Listed::of(&answer)?;
        let number = listed
            .page
            .number
            .whole()
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(page);
        let total_pages = listed
            .page
            .total_pages
            .whole()
            .and_then(|pages| u32::try_from(pages).ok());
        let has_next = listed
            .links
            .unwrap_or_default()
            .iter()
            .any(|link| link.rel.get() == Some("next"));
        let (documents, unreadable) = documents(&listed.content);
        Ok(Page {
            documents,
            unreadable,
            number,
            total_pages,
            has_next,
        })
    }

    /// All documents ever made for one report, invoice or cash advance, whatever their status: several after a recall
    /// and a new approval, none for an unknown id. May be repeated.
    ///
    /// # Errors
    /// As any call.
    pub async fn by_business_id(
        &self,
        document_type: DocumentType,
        business_id: &str,
    ) -> Result<Vec<FinancialDocument>, Error> {
        self.by_business_id_within(document_type, business_id, LIST_ANSWER_BYTES_MAX)
            .await
    }

    /// As [`by_business_id`](Self::by_business_id), for a caller with room for an answer of `bytes_max` bytes only.
    ///
    /// # Errors
    /// [`Kind::TooLarge`](crate::Kind::TooLarge) for an answer with more; else as any call.
    pub async fn by_business_id_within(
        &self,
        document_type: DocumentType,
        business_id: &str,
        bytes_max: usize,
    ) -> Result<Vec<FinancialDocument>, Error> {
        let id = utf8_percent_encode(business_id, NON_ALPHANUMERIC);
        let query = format!("?docId={id}&ignoreDocumentStatus=yes");
        let answer = self
            .get(
                "get by business id",
                &transactions(document_type),
                &query,
                bytes_max.min(LIST_ANSWER_BYTES_MAX),
            )
            .await?;
        Ok(documents(&Listed::of(&answer)?.content).0)
    }
}

#[derive(Deserialize)]
struct Listed<'a> {
    /// Required: an answer without it is no list, and must not pass for an empty one.
    #[serde(borrow)]
    content: Vec<&'a RawValue>,
    #[serde(default)]
    page: PageFields,
    links: Option<Vec<Link>>,
}

impl<'a> Listed<'a> {
    fn of(answer: &'a Answer) -> Result<Self, Error> {
        answer.read()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PageFields {
    number: Amount,
    total_pages: Amount,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    rel: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    doc_type: Text,
    #[serde(default)]
    company_id: Text,
    #[serde(default)]
    entity_id: Text,
    #[serde(default)]
    company_uuid: Text,
    #[serde(default)]
    erp_system_id: Text,
    #[serde(default)]
    doc_status: Text,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

/// The documents, and how many elements are none.
fn documents(content: &[&RawValue]) -> (Vec<FinancialDocument>, usize) {
    let documents: Vec<_> = content
        .iter()
        .filter_map(|element| document(element))
        .collect();
    let unreadable = content.len() - documents.len();
    if unreadable > 0 {
        tracing::warn!(unreadable, "concur listed elements without a document id");
    }
    (documents, unreadable)
}

fn document(element: &RawValue) -> Option<FinancialDocument> {
    let envelope: Envelope<'_> = serde_json::from_str(element.get()).ok()?;
    Some(FinancialDocument {
        id: owned(&envelope.id)?,
        document_type: owned(&envelope.doc_type),
        company_id: owned(&envelope.company_id),
        entity_id: owned(&envelope.entity_id),
        company_uuid: owned(&envelope.company_uuid),
        erp_system_id: owned(&envelope.erp_system_id),
        status: DocumentStatus::from(&envelope.doc_status),
        document: text(envelope.document),
    })
}

/// The document's own JSON text: the object as it stands, or what the string form holds.
fn text(document: Option<&RawValue>) -> Box<str> {
    let raw = document.map_or("null", RawValue::get);
    if raw.starts_with('"')
        && let Ok(inner) = serde_json::from_str::<Box<str>>(raw)
    {
        return inner;
    }
    raw.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: &str) -> (Vec<FinancialDocument>, usize) {
        documents(&serde_json::from_str::<Listed<'_>>(json).unwrap().content)
    }

    #[test]
    fn every_digit_of_a_document_survives_in_both_forms() {
        let document = r#"{"a":50.00000000, "b":0E-8,"c":12345678901234567890.12345678,"d":"é\""}"#;
        let json = format!(r#"{{"content":[{{"id":"1","document": {document} }}]}}"#);
        assert_eq!(&*list(&json).0[0].document, document);
        let json = format!(
            r#"{{"content":[{{"id":"1","document":{}}}]}}"#,
            serde_json::to_string(document).unwrap()
        );
        assert_eq!(&*list(&json).0[0].document, document);
    }

    #[test]
    fn one_broken_document_does_not_lose_the_page() {
        let json = r#"{"content":[{"id":"1","document":"{\"cut"},{"docType":"expense","document":{}},{"id":3},null,[],{"id":"4","document":"\ud800"}]}"#;
        let (documents, unreadable) = list(json);
        assert_eq!(unreadable, 3);
        let texts: Vec<_> = documents
            .iter()
            .map(|document| (&*document.id, &*document.document))
            .collect();
        assert_eq!(
            texts,
            [("1", "{\"cut"), ("3", "null"), ("4", "\"\\ud800\"")]
        );
    }

    #[test]
    fn debug_shows_no_document() {
        let (documents, _) =
            list(r#"{"content":[{"id":"1","document":{"employeeLastName":"Doe"}}]}"#);
        assert!(!format!("{documents:?}").contains("Doe"));
    }
}
