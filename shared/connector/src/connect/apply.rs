//! `apply`: prove a connection whole, then store it as its next version.

use posting::ConnectionId;
use posting::record::List;
use posting::rules::Fault;
use serde::Serialize;
use serde_json::Value;

use super::ConnectError;
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, PortError, StoredConnection};

/// What became of an `apply`.
#[derive(Debug, Serialize)]
pub struct Applied {
    /// Whether the connection holds as given. The same text again stores no new version.
    pub applied: bool,
    /// The connection, where its id could be read.
    pub connection: Option<String>,
    /// The version that holds now; `None` when nothing was stored.
    pub version: Option<u64>,
    /// Every fault; with one of them nothing was stored.
    pub faults: Vec<FaultRow>,
    /// What is allowed and may surprise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FaultRow>,
}

/// One fault of a connection.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct FaultRow {
    /// JSON path.
    pub path: String,
    /// What is wrong, with its place in a template.
    pub message: String,
    /// What to write instead.
    pub cure: String,
}

impl From<&Fault> for FaultRow {
    fn from(fault: &Fault) -> Self {
        let place = fault
            .template
            .as_ref()
            .map(|place| format!(" at column {} of `{}`", place.column, place.source));
        let cure = match fault.expected.as_str() {
            "" => "correct the field and apply again".to_owned(),
            expected => format!("expected is {expected}"),
        };
        Self {
            path: fault.path.clone(),
            message: format!("{}{}", fault.message, place.unwrap_or_default()),
            cure,
        }
    }
}

pub(super) async fn apply<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    value: &Value,
) -> Result<Applied, ConnectError> {
    let text = value.to_string();
    let named = value.get("id").and_then(Value::as_str).map(str::to_owned);
    let (connection, newest) = match proved(needs, value).await? {
        Ok(proved) => proved,
        Err(faults) => return Ok(refused(named, faults)),
    };
    if let Some(newest) = newest.as_ref().filter(|newest| newest.text == text) {
        return Ok(applied(&connection, newest.version));
    }
    let version = newest.map_or(0, |newest| newest.version).saturating_add(1);
    needs
        .ledger
        .put_connection(&StoredConnection {
            id: connection.id.clone(),
            version,
            applied: needs.now(),
            text,
        })
        .await?;
    tracing::info!(connection = %connection.id, version, "connection applied");
    Ok(applied(&connection, version))
}

/// A connection that may be applied, with the version that holds now; else every fault.
pub(super) async fn proved<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    value: &Value,
) -> Result<Result<(Connection, Option<StoredConnection>), Vec<FaultRow>>, PortError> {
    let connection = match Connection::of(value, 0, &needs.deployment) {
        Ok(connection) => connection,
        Err(faults) => return Ok(Err(faults.iter().map(FaultRow::from).collect())),
    };
    let newest = needs.ledger.connection(&connection.id).await?;
    if let Some(newest) = &newest {
        let changed = changed(needs, newest, &connection);
        if !changed.is_empty() && has_work(needs, &connection.id).await? {
            return Ok(Err(changed));
        }
    }
    Ok(Ok((connection, newest)))
}

fn applied(connection: &Connection, version: u64) -> Applied {
    let warnings = connection.rules.warnings();
    Applied {
        applied: true,
        connection: Some(connection.id.to_string()),
        version: Some(version),
        faults: Vec::new(),
        warnings: warnings.iter().map(warning).collect(),
    }
}

pub(super) fn warning(fault: &Fault) -> FaultRow {
    FaultRow {
        cure: "nothing must be done; change the rule if it is not meant so".to_owned(),
        ..FaultRow::from(fault)
    }
}

fn refused(connection: Option<String>, faults: Vec<FaultRow>) -> Applied {
    Applied {
        applied: false,
        connection,
        version: None,
        faults,
        warnings: Vec::new(),
    }
}

/// Fields that differ and must not while documents are under way: those documents would be searched, confirmed or posted in
/// another place than they were begun in. A stored version that cannot be read any more forbids nothing.
fn changed<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    newest: &StoredConnection,
    connection: &Connection,
) -> Vec<FaultRow> {
    let Ok(before) = needs.compiled(newest) else {
        return Vec::new();
    };
    let pairs = before.fixed().into_iter().zip(connection.fixed());
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((path, before), _)| FaultRow {
            path: path.to_owned(),
            message: format!("must stay `{before}` while documents are open or held"),
            cure: "finish, return or close them first; list shows them".to_owned(),
        })
        .collect()
}

async fn has_work<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
) -> Result<bool, PortError> {
    for list in [List::Open, List::Held] {
        if !needs.ledger.work(id, list, None, 1).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
