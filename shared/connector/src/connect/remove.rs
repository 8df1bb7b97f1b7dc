//! `remove`: take a connection out of use. Its records and its history stay, and it can be applied again.

use posting::ConnectionId;
use serde::Serialize;

use super::under_way::{UnderWay, under_way};
use super::{ConnectError, Signed};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Ledger, Standing, StoredConnection};

/// Note of the version that puts a connection back.
const PUT_BACK: &str = "put back: a document came while it was removed";

/// What became of a `remove`.
#[derive(Debug, Serialize)]
pub struct Removed {
    /// Whether the connection is out of use.
    pub removed: bool,
    /// The connection.
    pub connection: ConnectionId,
    /// Its newest version.
    pub version: u64,
    /// Documents being worked on, at most 1,000.
    pub open: usize,
    /// Documents that wait for a person, at most 1,000.
    pub held: usize,
    /// Why it was not removed and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What stays, and how to be rid of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
}

/// Something a removed connection leaves.
#[derive(Debug, Serialize)]
pub struct Left {
    /// What it is.
    pub what: &'static str,
    /// The command that deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// A removal is a version, so that who removed it and when is told as every other change is. The documents are counted once
/// more after it: what a running `poll` stored meanwhile puts the connection back.
pub(super) async fn remove<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
    signed: Signed,
) -> Result<Removed, ConnectError> {
    let newest = needs.ledger.connection(id).await?;
    let newest = newest.ok_or_else(|| ConnectionError::Missing(id.clone()))?;
    let left = under_way(needs, id).await?;
    if newest.standing == Standing::Removed {
        return Ok(removed(needs, &newest, left));
    }
    if !left.is_over() {
        return Ok(refused(&newest, left));
    }
    let gone = StoredConnection {
        version: newest.version.saturating_add(1),
        applied: needs.now(),
        by: signed.by,
        note: signed.note,
        standing: Standing::Removed,
        ..newest
    };
    needs.ledger.put_connection(&gone).await?;
    let left = under_way(needs, id).await?;
    if left.is_over() {
        tracing::info!(connection = %id, version = gone.version, "connection removed");
        return Ok(removed(needs, &gone, left));
    }
    let back = StoredConnection {
        version: gone.version.saturating_add(1),
        note: PUT_BACK.to_owned(),
        standing: Standing::Applied,
        ..gone
    };
    needs.ledger.put_connection(&back).await?;
    Ok(refused(&back, left))
}

fn answer(stored: &StoredConnection, left: UnderWay) -> Removed {
    Removed {
        removed: stored.standing == Standing::Removed,
        connection: stored.id.clone(),
        version: stored.version,
        open: left.open,
        held: left.held,
        refused: None,
        left: Vec::new(),
    }
}

fn refused(stored: &StoredConnection, left: UnderWay) -> Removed {
    let why = format!(
        "{left}: let the open ones end, bring the held ones on or close them with replay, then remove it again; list with `connection` shows them"
    );
    Removed {
        refused: Some(why),
        ..answer(stored, left)
    }
}

fn removed<L, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    stored: &StoredConnection,
    left: UnderWay,
) -> Removed {
    let prefix = format!("{}/{}/", needs.deployment.stack, stored.id);
    // Whatever secrets there are, how many seats it ever had: the prefix ends where no other connection's begins.
    let secrets = format!(
        "aws secretsmanager list-secrets --filters Key=name,Values={prefix} --query 'SecretList[].Name' --output text | xargs -rn1 aws secretsmanager delete-secret --recovery-window-in-days 7 --secret-id"
    );
    let mut rest = vec![
        Left {
            what: "its secrets: the operator's two, the tokens and those of the seats",
            command: Some(secrets),
        },
        Left {
            what: "the connected application in Acumatica and the app in Concur: revoke them there",
            command: None,
        },
        Left {
            what: "its history and the records of its documents, which keep a document from being posted twice",
            command: None,
        },
    ];
    if !left.is_over() {
        rest.push(Left {
            what: "documents that came in the last moment: apply the connection again and let them end",
            command: None,
        });
    }
    Removed {
        left: rest,
        ..answer(stored, left)
    }
}
