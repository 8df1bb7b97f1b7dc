//! POST …/transactions/acknowledgements: claim documents, which blocks their recall in Concur.

use serde::Serialize;

use super::{Code, ITEMS_ANSWER_BYTES_MAX, Item, owned, transactions};
use crate::client::Client;
use crate::documents::DocumentType;
use crate::error::Error;

/// The answer about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The verdict.
    pub code: Code,
    /// FIS id of the document.
    pub document_id: String,
    /// Who holds the document; of [`Code::AlreadyAcknowledged`] the one that came first, if it said its name.
    pub system_id: Option<String>,
    /// `SUCCESS` or `FAILURE`.
    pub result: Option<String>,
    /// Concur's sentence.
    pub message: Option<String>,
}

impl From<Item> for Acknowledged {
    fn from(item: Item) -> Self {
        Self {
            code: item.code,
            document_id: item.document_id,
            system_id: owned(&item.rest.system_id),
            result: owned(&item.rest.acknowledge_result),
            message: owned(&item.rest.error_message),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    ids: Vec<&'a str>,
    system_id: &'a str,
}

impl Client {
    /// Acknowledges documents of one kind by their FIS ids, for the system `system_id` (at most 50 characters, always
    /// the same one). An id can be missing in the answer. No ids: no call.
    ///
    /// May be repeated: a document acknowledged before answers [`Code::AlreadyAcknowledged`] with its system id.
    ///
    /// # Errors
    /// As any call; [`outcome_unknown`](Error::outcome_unknown) says whether some may be acknowledged now.
    pub async fn acknowledge(
        &self,
        document_type: DocumentType,
        system_id: &str,
        ids: &[impl AsRef<str>],
    ) -> Result<Vec<Acknowledged>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let path = transactions(document_type) + "/acknowledgements";
        let request = Request {
            ids: ids.iter().map(AsRef::as_ref).collect(),
            system_id,
        };
        let answer = self
            .post("acknowledge", &path, &request, ITEMS_ANSWER_BYTES_MAX)
            .await?;
        Ok(Item::all(&answer)?
            .into_iter()
            .map(Acknowledged::from)
            .collect())
    }
}
