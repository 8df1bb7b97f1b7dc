//! `replay`: what a person does with documents that wait: look, let them go on, have them planned anew or returned, name what
//! stands in Acumatica, permit what was held, have it withdrawn, close one. Nothing here writes to Acumatica or Concur; `post`
//! goes on from the record. A dry run unless `apply` is said.

mod adopt;
mod anew;
mod redrive;
mod request;
mod select;
mod wish;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use posting::record::{Event, chain_holds};
use posting::{ConnectionId, DocumentId, Record};
use serde::Serialize;
use serde_json::Value;

use crate::explain::Difference;
use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Clock, DeadLetters, Key, Ledger, PortError, Queue, Vault, Wake};
use crate::report::{self, DocumentRow, Failure, ReasonRow};
use crate::translate::receipt::Compared;
pub use redrive::Redriven;
pub use request::{Named, Request, RequestError, Wish};
use wish::Wished;

/// Documents one call looks at; what is left is said.
pub const DOCUMENTS_MAX: usize = 100;
/// Newest entries shown of a story when several documents are asked for.
const STORY_MAX: usize = 50;
/// No further document is begun with less time left.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// The answer of `replay`.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// What was asked for.
    #[serde(rename = "do")]
    pub wish: Wish,
    /// Whether it was done; `false` is a dry run, which changed nothing.
    pub apply: bool,
    /// One row for each document.
    pub documents: Vec<Row>,
    /// Documents asked for by id that are not stored.
    pub unknown: Vec<DocumentId>,
    /// Further documents that match, for the next call.
    pub left: usize,
    /// What became of each dead-letter queue; only of `redrive`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub redriven: BTreeMap<&'static str, Redriven>,
    /// What did not work, with its cure.
    pub errors: Vec<Failure>,
}

/// One document: where it stands, what would be or was done, and its story.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The document as it stands now.
    #[serde(flatten)]
    pub document: DocumentRow,
    /// Whether the wish is fulfilled.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub says: String,
    /// What the next plan would change; of `replan` and `allow`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What stands against the next plan by what is known now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<ReasonRow>,
    /// What was named, field by field against the plan; of `adopt`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Compared>,
    /// Postings the connector deleted, as they stood; of one document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<Deleted>,
    /// What happened to it, in order; of many documents only the newest entries.
    pub story: Vec<Event>,
    /// Whether every entry of its whole story carries the hash of the one before.
    pub story_unbroken: bool,
}

/// A posting the connector deleted in Acumatica.
#[derive(Debug, Serialize)]
pub struct Deleted {
    /// Number of its plan.
    pub plan: u32,
    /// Number of the posting in that plan.
    pub n: u32,
    /// The document as Acumatica returned it just before.
    pub body: Value,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Only looked at.
    Shown,
    /// It would be done; a dry run changes nothing.
    Would,
    /// It was done.
    Done,
    /// It was done before, and nothing held the document since.
    Already,
    /// It is not permitted.
    Refused,
    /// It was permitted and could not be stored; ask again.
    Failed,
}

/// Why nothing can be answered at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such connection, and no document of it.
    #[error("the connection cannot be used")]
    Connection(#[from] ConnectionError),
    /// The ledger failed.
    #[error("the documents cannot be read")]
    Port(#[from] PortError),
}

impl Answer {
    fn new(request: &Request) -> Self {
        Self {
            connection: request.connection.clone(),
            wish: request.wish,
            apply: request.applies(),
            documents: Vec::new(),
            unknown: Vec::new(),
            left: 0,
            redriven: BTreeMap::new(),
            errors: Vec::new(),
        }
    }
}

/// Does what is asked, document by document. May be repeated: what was done already is told so and left alone.
///
/// # Errors
/// [`ReplayError`] when the documents cannot be read; what fails for one document is told in its row.
pub async fn replay<L: Ledger, Q: Queue + DeadLetters, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: &Request,
) -> Result<Answer, ReplayError> {
    let Some(connection) = &request.connection else {
        return redrive::redrive(needs, run, request).await;
    };
    let selected = select::select(needs, (request, connection)).await?;
    let mut answer = Answer {
        unknown: selected.unknown,
        left: selected.left,
        ..Answer::new(request)
    };
    let mut wakes = Vec::new();
    let shown = match selected.records.len() {
        1 => usize::MAX,
        _ => STORY_MAX,
    };
    for record in selected.records {
        if run.left(needs.now()) < MARGIN {
            answer.left = answer.left.saturating_add(1);
            continue;
        }
        let before = story(needs, &record).await?;
        let wished = wish::wished((needs, run), request, (record, &before)).await;
        let record = &wished.record;
        if wished.verdict == Verdict::Done && record.list() == posting::record::List::Open {
            let wake = Wake {
                connection: record.connection.clone(),
                document: record.document.clone(),
            };
            wakes.push((wake, SignedDuration::ZERO));
        }
        let story = match wished.verdict {
            Verdict::Done => story(needs, record).await?,
            _ => before,
        };
        let deleted = if shown == usize::MAX && story.iter().any(is_deletion) {
            deleted(needs, record).await?
        } else {
            Vec::new()
        };
        answer.documents.push(row(wished, (story, shown), deleted));
    }
    if !wakes.is_empty()
        && let Err(error) = needs.queue.wake(&wakes).await
    {
        let cure = "Nothing is lost: the next run of poll wakes them.";
        answer.errors.push(Failure::new("wake post", &error, cure));
    }
    Ok(answer)
}

fn row(wished: Wished, (mut story, shown): (Vec<Event>, usize), deleted: Vec<Deleted>) -> Row {
    let story_unbroken = chain_holds("", &story);
    story.drain(..story.len().saturating_sub(shown));
    Row {
        document: report::row(&wished.record),
        verdict: wished.verdict,
        says: wished.says,
        differences: wished.differences,
        against: wished.against,
        compared: wished.compared,
        deleted,
        story,
        story_unbroken,
    }
}

fn is_deletion(event: &Event) -> bool {
    event.what == posting::state::DELETING
}

/// What was kept of postings before they were deleted.
async fn deleted<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
) -> Result<Vec<Deleted>, PortError> {
    let kept = needs.ledger.deleted(&key(record)).await?;
    let bodies = kept.into_iter().map(|kept| Deleted {
        plan: kept.plan,
        n: kept.n,
        // Stored as it came; what is no JSON is shown as text.
        body: serde_json::from_str(&kept.text).unwrap_or(Value::String(kept.text)),
    });
    Ok(bodies.collect())
}

/// Everything that happened to a document.
async fn story<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
) -> Result<Vec<Event>, PortError> {
    let mut story = needs.ledger.audit(&key(record)).await?;
    story.extend(record.trail.iter().cloned());
    Ok(story)
}

fn key(record: &Record) -> Key {
    Key {
        connection: record.connection.clone(),
        document: record.document.clone(),
    }
}

#[cfg(test)]
mod tests;
