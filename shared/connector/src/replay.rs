//! `replay`: what a person does with documents that wait: look, let them go on, have them planned anew, close one. Nothing
//! here writes to Acumatica or Concur; `post` goes on from the record. A dry run unless `apply` is said.

mod request;
mod select;

use jiff::SignedDuration;
use posting::record::{Event, chain_holds};
use posting::remedy::{Do, permitted};
use posting::state::{Happened, advance};
use posting::{ConnectionId, DocumentId, Record};
use serde::Serialize;

use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Change, Clock, Key, Ledger, PortError, Queue, SaveError, Wake};
use crate::report::{self, DocumentRow, Failure};
pub use request::{Request, RequestError, Wish};

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
    pub connection: ConnectionId,
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
    /// What happened to it, in order; of many documents only the newest entries.
    pub story: Vec<Event>,
    /// Whether every entry of its whole story carries the hash of the one before.
    pub story_unbroken: bool,
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

/// Does what is asked, document by document. May be repeated: what was brought on already is not held any more, so it is
/// told as refused and left alone.
///
/// # Errors
/// [`ReplayError`] when the documents cannot be read; what fails for one document is told in its row.
pub async fn replay<L: Ledger, Q: Queue, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: &Request,
) -> Result<Answer, ReplayError> {
    let selected = select::select(needs, request).await?;
    let mut answer = Answer {
        connection: request.connection.clone(),
        wish: request.wish,
        apply: request.applies(),
        documents: Vec::new(),
        unknown: selected.unknown,
        left: selected.left,
        errors: Vec::new(),
    };
    let mut wakes = Vec::new();
    let single = selected.records.len() == 1;
    for record in selected.records {
        if run.left(needs.now()) < MARGIN {
            answer.left = answer.left.saturating_add(1);
            continue;
        }
        let (record, verdict, says) = wished(needs, request, record).await;
        if verdict == Verdict::Done && record.list() == posting::record::List::Open {
            let wake = Wake {
                connection: record.connection.clone(),
                document: record.document.clone(),
            };
            wakes.push((wake, SignedDuration::ZERO));
        }
        let mut story = needs.ledger.audit(&key(&record)).await?;
        story.extend(record.trail.iter().cloned());
        let story_unbroken = chain_holds("", &story);
        if !single {
            story.drain(..story.len().saturating_sub(STORY_MAX));
        }
        answer.documents.push(Row {
            document: report::row(&record),
            verdict,
            says,
            story,
            story_unbroken,
        });
    }
    if !wakes.is_empty()
        && let Err(error) = needs.queue.wake(&wakes).await
    {
        let cure = "Nothing is lost: the next run of poll wakes them.";
        answer.errors.push(Failure::new("wake post", &error, cure));
    }
    Ok(answer)
}

fn key(record: &Record) -> Key {
    Key {
        connection: record.connection.clone(),
        document: record.document.clone(),
    }
}

/// The record after the wish, or as it was, with the verdict.
async fn wished<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    request: &Request,
    record: Record,
) -> (Record, Verdict, String) {
    let Some(way) = request.wish.way() else {
        return (record, Verdict::Shown, String::new());
    };
    let after = permitted(&record.state, way)
        .map_err(|refusal| refusal.to_string())
        .and_then(|()| {
            let happened = happened(request, way).ok_or("it is not possible yet")?;
            advance(&record, &happened, needs.now()).map_err(|illegal| illegal.to_string())
        });
    let mut after = match after {
        Ok(after) => after,
        Err(says) => return (record, Verdict::Refused, says),
    };
    let says = says(way, &record, &after);
    if !request.applies() {
        return (record, Verdict::Would, says);
    }
    let audit = after.take_trail();
    let change = Change {
        audit,
        ..Change::of(&after)
    };
    let saved = needs.ledger.save(&change).await;
    drop(change);
    match saved {
        Ok(()) => {
            after.version = after.version.saturating_add(1);
            tracing::info!(connection = %after.connection, document = %after.document, to = after.state.word(), way = way.as_str(), "document brought on by a person");
            (after, Verdict::Done, says)
        }
        Err(error @ SaveError::Port(_)) => {
            tracing::error!(document = %record.document, error = %report::chain(&error), "record not stored");
            let says = format!("{}; ask again", report::chain(&error));
            (record, Verdict::Failed, says)
        }
        Err(error) => (record, Verdict::Failed, format!("{error}; ask again")),
    }
}

fn happened(request: &Request, way: Do) -> Option<Happened> {
    let (by, note) = (request.by.clone(), request.note.clone());
    Some(match way {
        Do::Resume => Happened::Resumed { by, note },
        Do::Replan => Happened::Replanned { by, note },
        Do::Close => Happened::Closed { by, note },
        _ => return None,
    })
}

/// What the way means for this document.
fn says(way: Do, before: &Record, after: &Record) -> String {
    match (way, before.state.plan()) {
        (Do::Resume, Some(plan)) => format!(
            "it goes on as {} by plan {plan}; Acumatica is searched before anything is written",
            after.state.word()
        ),
        (Do::Resume, None) => format!("it goes on as {}", after.state.word()),
        (Do::Replan, _) => format!(
            "plan {} is made from the newest rules",
            before.plans.saturating_add(1)
        ),
        _ => {
            let receipts = before.state.receipts();
            let numbers: Vec<_> = receipts.iter().map(|receipt| receipt.label()).collect();
            let stays = if numbers.is_empty() {
                "no posting of it is known".to_owned()
            } else {
                format!("{} stays in Acumatica", numbers.join(", "))
            };
            format!("the record ends here; {stays}, and Concur is told nothing")
        }
    }
}

#[cfg(test)]
mod tests;
