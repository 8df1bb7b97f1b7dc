//! The documents Concur holds, and the moves it allows.

use serde::Serialize;
use serde_json::Value;

use crate::documents::Random;

/// State of an FI document, by the name it has on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Being built; not listed, cannot be acknowledged yet.
    Delayed,
    /// Listed, may be acknowledged or recalled.
    Ready,
    /// Claimed by an ERP; recall is blocked.
    Acknowledged,
    /// Confirmed as posted; locked.
    PostingConfirmedSuccess,
    /// Confirmed as refused; the processor may recall.
    PostingConfirmedFailure,
    /// Taken back by the processor.
    Recalled,
    /// Cancelled by Concur's back office: no confirmation is possible.
    Void,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delayed => "DELAYED",
            Self::Ready => "READY",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::PostingConfirmedSuccess => "POSTING_CONFIRMED_SUCCESS",
            Self::PostingConfirmedFailure => "POSTING_CONFIRMED_FAILURE",
            Self::Recalled => "RECALLED",
            Self::Void => "VOID",
        }
    }
}

/// What the ERP said about a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// `success` or `error`.
    pub verdict: String,
    /// The ERP documents named, as sent.
    pub posting_docs: Vec<Value>,
    /// The messages given, as sent.
    pub system_messages: Vec<Value>,
}

/// One document as Concur holds it.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// FI document id, new at every approval.
    pub id: String,
    /// `expense`, `invoice` or `cashadvance`.
    pub doc_type: String,
    /// reportId, requestId or cashAdvanceId: stays over resubmissions.
    pub business_id: String,
    /// Who acknowledged it.
    pub system_id: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What Concur was told.
    pub told: Option<Told>,
    /// One sentence for everything that happened to it.
    pub audit: Vec<String>,
    /// The document itself.
    pub document: Value,
}

/// Concur does not allow the move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecallable {
    /// No document has this id.
    #[error("no document {0}")]
    Unknown(String),
    /// The document's state forbids it.
    #[error("document {id} is {status}")]
    Blocked {
        /// FI document id.
        id: String,
        /// Its state on the wire.
        status: &'static str,
    },
}

/// All documents, oldest first.
#[derive(Debug)]
pub(super) struct Shelf {
    random: Random,
    held: Vec<Held>,
    /// Ids whose processor recalls them as soon as they were listed.
    recalled_when_listed: Vec<String>,
}

impl Shelf {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed ^ 0x5e1f),
            held: Vec::new(),
            recalled_when_listed: Vec::new(),
        }
    }

    pub(super) fn offer(&mut self, doc_type: &str, document: Value) -> String {
        let id = self.random.hex(32);
        self.offer_as(&id, doc_type, document);
        id
    }

    pub(super) fn offer_as(&mut self, id: &str, doc_type: &str, document: Value) {
        self.held.push(Held {
            id: id.to_owned(),
            doc_type: doc_type.to_owned(),
            business_id: business_id(&document),
            system_id: None,
            status: Status::Ready,
            told: None,
            audit: vec!["approved and ready".to_owned()],
            document,
        });
    }

    pub(super) fn all(&self) -> &[Held] {
        &self.held
    }

    pub(super) fn find(&self, id: &str) -> Option<&Held> {
        self.held.iter().find(|held| held.id == id)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.id == id)
    }

    pub(super) fn set_status(&mut self, id: &str, status: Status) {
        if let Some(held) = self.find_mut(id) {
            held.status = status;
            held.audit
                .push(format!("set to {} by the back office", status.as_str()));
        }
    }

    pub(super) fn set_system(&mut self, id: &str, system_id: &str) {
        if let Some(held) = self.find_mut(id) {
            held.system_id = Some(system_id.to_owned());
        }
    }

    pub(super) fn recall(&mut self, id: &str) -> Result<(), NotRecallable> {
        let held = self
            .find_mut(id)
            .ok_or_else(|| NotRecallable::Unknown(id.to_owned()))?;
        if !matches!(held.status, Status::Ready | Status::PostingConfirmedFailure) {
            return Err(NotRecallable::Blocked {
                id: id.to_owned(),
                status: held.status.as_str(),
            });
        }
        held.status = Status::Recalled;
        held.audit.push("recalled by the processor".to_owned());
        Ok(())
    }

    pub(super) fn recall_when_listed(&mut self, id: &str) {
        self.recalled_when_listed.push(id.to_owned());
    }

    /// Carries out the recalls that were waiting for a list with these ids.
    pub(super) fn listed(&mut self, ids: &[String]) {
        let (now, later): (Vec<_>, Vec<_>) = self
            .recalled_when_listed
            .drain(..)
            .partition(|id| ids.contains(id));
        self.recalled_when_listed = later;
        for id in now {
            // A document that moved on meanwhile stays where it is, as in Concur.
            let _blocked = self.recall(&id);
        }
    }

    pub(super) fn resubmit(
        &mut self,
        id: &str,
        corrected: Option<Value>,
    ) -> Result<String, NotRecallable> {
        let held = self
            .find_mut(id)
            .ok_or_else(|| NotRecallable::Unknown(id.to_owned()))?;
        if held.status != Status::Recalled {
            return Err(NotRecallable::Blocked {
                id: id.to_owned(),
                status: held.status.as_str(),
            });
        }
        held.audit.push("corrected and resubmitted".to_owned());
        let (doc_type, document) = (
            held.doc_type.clone(),
            corrected.unwrap_or_else(|| held.document.clone()),
        );
        Ok(self.offer(&doc_type, document))
    }
}

/// The id that stays the same over resubmissions.
fn business_id(document: &Value) -> String {
    [
        "/report/reportId",
        "/requestHeader/requestId",
        "/cashAdvanceData/cashAdvanceId",
    ]
    .iter()
    .find_map(|path| document.pointer(path)?.as_str())
    .unwrap_or_default()
    .to_owned()
}
