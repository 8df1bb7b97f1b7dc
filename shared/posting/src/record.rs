//! Our row for a document: what it is, how far it has come, when it is due, and the story of how it came there.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    BusinessId, ConnectionId, Currency, DocumentId, DocumentKind, Plan,
    state::{ConfirmAfter, State},
};

/// The row of one document. The record is the truth; queues only wake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The customer it belongs to.
    pub connection: ConnectionId,
    /// FIS id of this approval.
    pub document: DocumentId,
    /// Kind of document.
    pub kind: DocumentKind,
    /// The id that stays over re-approvals.
    pub business: BusinessId,
    /// System id every Concur call for this document carries; fixed when the record is made.
    pub system_id: String,
    /// Version of the connection it was taken under: it is finished in the places that version names. `None` where it was not
    /// noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<u64>,
    /// Whom the document pays, as a code (vendor code or employee id), never a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// Currency of the document, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Gross of the document, where it could be read.
    #[serde(
        default,
        with = "rust_decimal::serde::str_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub amount: Option<Decimal>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// When it was first seen.
    pub received: Timestamp,
    /// When it is to be worked on next; of an ended record, when it ended.
    pub due: Timestamp,
    /// Failed tries of the step it stands before; 0 after every step that succeeded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// Why it was given back last, as long as it has not moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// The document that held its business object when it was acknowledged: nothing is planned before that one's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<DocumentId>,
    /// The worker that may act on it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Claims taken since the last result; a document that crashes its workers is found by it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub claims: u32,
    /// Plans made so far; the next is this plus one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub plans: u32,
    /// Plans of its business object that were reversed in Acumatica rather than deleted, its own and those of the documents
    /// whose turn it took: their references stay taken there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reversed: u32,
    /// What a person permitted for the next try only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
    /// When Concur may be told "success"; fixed when the plan begins.
    #[serde(default, skip_serializing_if = "ConfirmAfter::is_created")]
    pub confirm_after: ConfirmAfter,
    /// What its plan noted for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Audit items already moved out of the record.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub audits: u32,
    /// Hash of the newest audit entry, which the next one carries.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub head: String,
    /// Audit entries of the present run; they leave as one item when the record is parked or ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<Event>,
    /// Version read; every write is conditional on it and stores the next. 0 before the first write.
    #[serde(skip)]
    pub version: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Most notes of a plan that its record keeps, and the longest of them in characters: a record is one item of a table.
const NOTES_MAX: usize = 20;
const NOTE_CHARS_MAX: usize = 500;

/// What a plan noted for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The sentence, at most 500 characters.
    pub text: String,
    /// Whether Concur is told it with success.
    #[serde(default)]
    pub told: bool,
}

impl Record {
    /// Keeps the notes of the plan it works by, at most 20, those for Concur first.
    pub fn take_notes(&mut self, plan: &Plan) {
        let is_told = |text: &&String| plan.told.contains(text);
        let (told, others): (Vec<&String>, Vec<&String>) = plan.notes.iter().partition(is_told);
        let count = told.len();
        let notes = told.into_iter().chain(others).enumerate();
        let note = |(at, text): (usize, &String)| Note {
            text: text.chars().take(NOTE_CHARS_MAX).collect(),
            told: at < count,
        };
        self.notes = notes.take(NOTES_MAX).map(note).collect();
    }
}

/// What a person permitted once, against what the connector would do by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Once {
    /// What is permitted.
    pub what: Permitted,
    /// Who said so.
    pub by: String,
    /// Why.
    pub note: String,
}

/// What may be permitted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permitted {
    /// Planning and beginning although an earlier invoice looks like this one.
    Duplicate,
    /// Posting although an earlier approval left something in Acumatica: a person removed it.
    Earlier,
    /// Writing, or ending a withdrawal, although the search proves nothing: a person looked.
    Write,
}

/// The lease that gives one worker the right to act on a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who holds it: one invocation of one worker.
    pub worker: String,
    /// When it ends, by the record's own time.
    pub until: Timestamp,
}

/// One entry of the audit trail: append-only, each carrying the hash of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// What happened, one stable word.
    pub what: String,
    /// The particulars: numbers, codes, amounts; no secrets, no personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// First 32 hex digits of the SHA-256 of the entry before, as stored; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub previous: String,
}

impl Event {
    /// First 32 hex digits of the SHA-256 of this entry as stored.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut digest = Sha256::new();
        for part in [
            &self.at.to_string(),
            &self.what,
            &self.detail,
            &self.previous,
        ] {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        let bytes = digest.finalize();
        bytes
            .iter()
            .take(16)
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }
}

/// Whether the entries form an unbroken chain that starts after `previous`.
#[must_use]
pub fn chain_holds(previous: &str, events: &[Event]) -> bool {
    let mut head = previous.to_owned();
    events.iter().all(|event| {
        let linked = event.previous == head;
        head = event.hash();
        linked
    })
}

/// Longest detail kept in an audit entry, in characters.
const DETAIL_CHARS_MAX: usize = 300;

fn shortened(detail: &str) -> String {
    detail.chars().take(DETAIL_CHARS_MAX).collect()
}

impl Record {
    /// Adds an entry to the trail, linked to the one before.
    pub fn note(&mut self, at: Timestamp, what: &str, detail: &str) {
        let detail = shortened(detail);
        let event = Event {
            at,
            what: what.to_owned(),
            detail,
            previous: self.head.clone(),
        };
        self.head = event.hash();
        self.trail.push(event);
    }

    /// Remembers why it is given back; returns whether that is another reason than before.
    pub(crate) fn wait_for(&mut self, why: &str) -> bool {
        let why = Some(shortened(why));
        let is_new = self.waits != why;
        self.waits = why;
        is_new
    }

    /// Takes the trail out of the record as the next audit item: its number (from 1) and entries. `None` when empty.
    pub fn take_trail(&mut self) -> Option<(u32, Vec<Event>)> {
        if self.trail.is_empty() {
            return None;
        }
        self.audits = self.audits.saturating_add(1);
        Some((self.audits, std::mem::take(&mut self.trail)))
    }

    /// Whether a person permitted this for the present try.
    #[must_use]
    pub fn may(&self, what: Permitted) -> bool {
        self.once.as_ref().is_some_and(|once| once.what == what)
    }

    /// Which work list it stands in: open, held or done.
    #[must_use]
    pub fn list(&self) -> List {
        self.state.list()
    }

    /// Whether another worker than this one may act on it now.
    #[must_use]
    pub fn is_claimed_by_other(&self, worker: &str, now: Timestamp) -> bool {
        self.claim
            .as_ref()
            .is_some_and(|claim| claim.until > now && claim.worker != worker)
    }
}

/// The work lists of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Being worked on, or due again.
    Open,
    /// Waiting for a person.
    Held,
    /// At one of the ends.
    Done,
}

impl List {
    /// The word in keys and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Done => "done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(what: &str, previous: &str) -> Event {
        Event {
            at: Timestamp::UNIX_EPOCH,
            what: what.to_owned(),
            detail: String::new(),
            previous: previous.to_owned(),
        }
    }

    #[test]
    fn a_changed_entry_breaks_the_chain() {
        let first = event("received", "");
        let second = event("acknowledged", &first.hash());
        assert!(chain_holds("", &[first.clone(), second.clone()]));
        let forged = Event {
            detail: "0".to_owned(),
            ..first
        };
        assert!(!chain_holds("", &[forged, second]));
    }
}
