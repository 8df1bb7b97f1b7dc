//! `show`: one document with its story, its plan and the exact requests of the plan.

use posting::record::{Event, chain_holds};
use posting::{ConnectionId, DocumentId};
use serde::Serialize;

use super::ConnectError;
use crate::needs::Needs;
use crate::ports::{Clock, Key, Ledger};
use crate::report::{self, DocumentRow, PlanRow};

/// The answer of `show`.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The document as a row.
    pub document: DocumentRow,
    /// System id under which Concur knows it.
    pub system_id: String,
    /// Failed tries of the step it stands before.
    pub attempt: u32,
    /// What happened to it, in order.
    pub story: Vec<Event>,
    /// Whether every entry of the story carries the hash of the one before.
    pub story_unbroken: bool,
    /// The plan it works by.
    pub plan: Option<PlanRow>,
}

pub(super) async fn show<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    connection: ConnectionId,
    document: DocumentId,
) -> Result<Shown, ConnectError> {
    let key = Key {
        connection,
        document,
    };
    let found = needs.ledger.records(std::slice::from_ref(&key)).await?;
    let Some(record) = found.into_iter().next() else {
        return Err(ConnectError::Unknown {
            connection: key.connection,
            document: key.document,
        });
    };
    let mut story = needs.ledger.audit(&key).await?;
    story.extend(record.trail.iter().cloned());
    let plan = match record.state.plan() {
        Some(number) => needs.ledger.plan(&key, number).await?,
        None => None,
    };
    Ok(Shown {
        document: report::row(&record),
        system_id: record.system_id.clone(),
        attempt: record.attempt,
        story_unbroken: chain_holds("", &story),
        story,
        plan: plan.as_ref().map(report::plan),
    })
}
