//! `remove`: take a connection out of use. Its records and its history stay, and it can be applied again.

use posting::ConnectionId;
use serde::Serialize;

use super::under_way::{UnderWay, under_way};
use super::{ConnectError, Signed};
use crate::connection::Connection;
use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Clock, Ledger, Standing, StoredConnection, Vault};

/// Note of the version that puts a connection back.
const PUT_BACK: &str = "put back: a document came while it was removed";

/// What becomes of a session that is not signed out.
const ENDS: &str =
    "it ends by itself within the hour, or with a restart of the site on Apply Updates (SM203510)";

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
    pub what: String,
    /// The command that deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// A removal is a version, so that who removed it and when is told as every other change is. The documents are counted once
/// more after it: what a running `poll` stored meanwhile puts the connection back. Its sessions in Acumatica are signed out
/// then; one that does not end now is told, and ends by itself.
pub(super) async fn remove<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    id: &ConnectionId,
    signed: Signed,
) -> Result<Removed, ConnectError> {
    let newest = needs.ledger.connection(id).await?;
    let newest = newest.ok_or_else(|| ConnectionError::Missing(id.clone()))?;
    let left = under_way(needs, id).await?;
    if newest.standing == Standing::Removed {
        let sessions = sign_out(needs, run, &newest).await;
        return Ok(removed(needs, &newest, (left, sessions)));
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
        let sessions = sign_out(needs, run, &gone).await;
        return Ok(removed(needs, &gone, (left, sessions)));
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

/// Ends the sessions the connection has in Acumatica; what is told of those that may be left.
async fn sign_out<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    stored: &StoredConnection,
) -> Option<String> {
    let read = Connection::read(&stored.text, stored.version, &needs.deployment);
    let Ok(connection) = read else {
        return Some(format!(
            "its API sessions in Acumatica, as its stored text cannot be read: {ENDS}"
        ));
    };
    let open = Box::pin(needs.give_up_all(&connection, run)).await;
    if open.is_empty() {
        return None;
    }
    let seats: Vec<String> = open.iter().map(ToString::to_string).collect();
    Some(format!(
        "its API session in Acumatica of seat {}, which could not be signed out now: {ENDS}; removed again, it is tried once more",
        seats.join(", ")
    ))
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
    (left, sessions): (UnderWay, Option<String>),
) -> Removed {
    let prefix = format!("{}/{}/", needs.deployment.stack, stored.id);
    // Whatever secrets there are, how many seats it ever had: the prefix ends where no other connection's begins.
    let secrets = format!(
        "aws secretsmanager list-secrets --filters Key=name,Values={prefix} --query 'SecretList[].Name' --output text | xargs -rn1 aws secretsmanager delete-secret --recovery-window-in-days 7 --secret-id"
    );
    let without_command = |what: &str| Left {
        what: what.to_owned(),
        command: None,
    };
    let mut rest = vec![Left {
        what: "its secrets: the operator's two, the tokens and those of the seats".to_owned(),
        command: Some(secrets),
    }];
    rest.extend(sessions.as_deref().map(without_command));
    rest.extend(
        [
            "the connected application in Acumatica and the app in Concur: revoke them there",
            "its history and the records of its documents, which keep a document from being posted twice",
        ]
        .map(without_command),
    );
    if !left.is_over() {
        rest.push(without_command(
            "documents that came in the last moment: apply the connection again and let them end",
        ));
    }
    Removed {
        left: rest,
        ..answer(stored, left)
    }
}
