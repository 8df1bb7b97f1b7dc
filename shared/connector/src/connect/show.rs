//! `show`: a connection as it is stored, or one document with its story, its plan and the exact requests of the plan.

use jiff::Timestamp;
use posting::record::{Event, chain_holds};
use posting::{ConnectionId, DocumentId};
use serde::Serialize;
use serde_json::Value;

use super::{ConnectError, history::DAMAGED};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger, Standing, StoredConnection};
use crate::report::{self, DocumentRow, PlanRow};

/// The answer of `show` for a document.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The document as a row.
    pub document: DocumentRow,
    /// System id under which Concur knows it.
    pub system_id: String,
    /// Version of the connection it was taken under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<u64>,
    /// Failed tries of the step it stands before.
    pub attempt: u32,
    /// What happened to it, in order.
    pub story: Vec<Event>,
    /// Whether every entry of the story carries the hash of the one before.
    pub story_unbroken: bool,
    /// The plan it works by, with the version of the rules it was made by.
    pub plan: Option<PlanRow>,
}

/// The answer of `show` for a connection.
#[derive(Debug, Serialize)]
pub struct ShownConnection {
    /// Its id.
    pub connection: ConnectionId,
    /// Which version this is.
    pub version: u64,
    /// Whether it put the text in force or removed the connection.
    pub standing: Standing,
    /// When it was applied.
    pub applied: Timestamp,
    /// Who said to have applied it.
    pub by: String,
    /// Why.
    pub note: String,
    /// That its text is damaged, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<&'static str>,
    /// The connection as `apply` took it, and takes it again; null where it is damaged.
    pub text: Value,
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
        under: record.under,
        attempt: record.attempt,
        story_unbroken: chain_holds("", &story),
        story,
        plan: plan.as_ref().map(report::plan),
    })
}

pub(super) async fn connection<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: ConnectionId,
    version: Option<u64>,
) -> Result<ShownConnection, ConnectError> {
    let stored = match version {
        None => needs.ledger.connection(&id).await?,
        Some(version) => {
            let below = version.checked_add(1);
            let mut found = needs.ledger.versions(&id, below, 1).await?.into_iter();
            found.find(|stored| stored.version == version)
        }
    };
    let Some(stored) = stored else {
        return Err(match version {
            None => ConnectionError::Missing(id).into(),
            Some(version) => ConnectError::Version { id, version },
        });
    };
    let text = text(&stored);
    Ok(ShownConnection {
        damaged: text.is_none().then_some(DAMAGED),
        text: text.unwrap_or_default(),
        connection: stored.id,
        version: stored.version,
        standing: stored.standing,
        applied: stored.applied,
        by: stored.by,
        note: stored.note,
    })
}

/// The stored text; `apply` stores nothing but JSON, so one that is none is damaged.
pub(super) fn text(stored: &StoredConnection) -> Option<Value> {
    serde_json::from_str(&stored.text).ok()
}
