//! `apply`: prove a connection whole, then store it as its next version.

use posting::ConnectionId;
use posting::rules::Fault;
use serde::Serialize;
use serde_json::Value;

use super::under_way::under_way_elsewhere;
use super::{Apply, ConnectError, consents};
use crate::connection::{Connection, Fixed};
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, PortError, SaveError, Standing, StoredConnection, Vault};

/// What became of an `apply`.
#[derive(Debug, Serialize)]
pub struct Applied {
    /// Whether the connection holds as given. The same text again stores no new version.
    pub applied: bool,
    /// The connection, where its id could be read.
    pub connection: Option<String>,
    /// The version that holds now; `None` when nothing was stored.
    pub version: Option<u64>,
    /// Whether that version is new: `false` when the same text was in force already, or when there are faults.
    pub changed: bool,
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

pub(super) async fn apply<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    asked: Apply,
) -> Result<Applied, ConnectError> {
    let text = asked.connection.to_string();
    let named = asked.connection.get("id").and_then(Value::as_str);
    let (connection, newest) = match proved(needs, &asked.connection).await? {
        Ok(proved) => proved,
        Err(faults) => return Ok(refused(named.map(str::to_owned), faults)),
    };
    let same =
        |newest: &&StoredConnection| newest.standing == Standing::Applied && newest.text == text;
    if let Some(newest) = newest.as_ref().filter(same) {
        return Ok(applied(&connection, newest.version));
    }
    let before = newest.as_ref().map_or(0, |newest| newest.version);
    let version = before.saturating_add(1);
    let next = StoredConnection {
        id: connection.id.clone(),
        version,
        applied: needs.now(),
        by: asked.signed.by,
        note: asked.signed.note,
        standing: Standing::Applied,
        text,
    };
    match needs.ledger.put_connection(&next).await {
        Err(SaveError::Port(error @ PortError::TooLarge { .. })) => {
            return Ok(refused(named.map(str::to_owned), vec![too_large(&error)]));
        }
        stored => stored?,
    }
    tracing::info!(connection = %connection.id, version, "connection applied");
    let mut applied = applied(&connection, version);
    applied.changed = true;
    let consents = consents::warnings(needs, newest.as_ref(), &connection).await;
    applied.warnings.extend(consents);
    Ok(applied)
}

/// A connection that may be applied, with its newest version; else every fault.
pub(super) async fn proved<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    value: &Value,
) -> Result<Result<(Connection, Option<StoredConnection>), Vec<FaultRow>>, PortError> {
    let read = Connection::of(value, 0, &needs.deployment);
    // Faults elsewhere in it do not hide that it moved.
    let (id, fixed) = match &read {
        Ok(connection) => (Some(connection.id.clone()), Some(connection.fixed())),
        Err(_) => (
            id(value),
            Fixed::read(&value.to_string(), &needs.deployment),
        ),
    };
    let newest = match id {
        Some(id) => needs.ledger.connection(&id).await?,
        None => None,
    };
    let moved = match newest.as_ref().zip(fixed) {
        Some((newest, fixed)) => moved(needs, newest, &fixed).await?,
        None => Vec::new(),
    };
    let faults = read.as_ref().err().into_iter().flatten();
    let faults: Vec<_> = faults.map(FaultRow::from).chain(moved).collect();
    Ok(match read {
        Ok(connection) if faults.is_empty() => Ok((connection, newest)),
        _ => Err(faults),
    })
}

fn id(value: &Value) -> Option<ConnectionId> {
    ConnectionId::new(value.get("id")?.as_str()?).ok()
}

/// What differs and must not, while there are documents that were begun elsewhere. A stored version whose places cannot be
/// read any more forbids nothing.
async fn moved<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    newest: &StoredConnection,
    after: &Fixed,
) -> Result<Vec<FaultRow>, PortError> {
    let before = Fixed::read(&newest.text, &needs.deployment);
    let Some(before) = before.filter(|before| before != after) else {
        return Ok(Vec::new());
    };
    let left = under_way_elsewhere(needs, newest, after).await?;
    if left.is_over() {
        return Ok(Vec::new());
    }
    let rows = before.differences(after).map(|(path, before)| FaultRow {
        path: path.to_owned(),
        message: format!("must stay `{before}` while documents are open or held ({left})"),
        cure: "finish, return or close them first; list shows them".to_owned(),
    });
    Ok(rows.collect())
}

fn applied(connection: &Connection, version: u64) -> Applied {
    let warnings = connection.rules.warnings();
    Applied {
        applied: true,
        connection: Some(connection.id.to_string()),
        version: Some(version),
        changed: false,
        faults: Vec::new(),
        warnings: warnings.iter().map(warning).collect(),
    }
}

/// No field is to blame, so the whole connection is.
fn too_large(error: &PortError) -> FaultRow {
    FaultRow {
        path: "connection".to_owned(),
        message: error.to_string(),
        cure: "shorten its tables: a rule or a template for many codes instead of a row for each"
            .to_owned(),
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
        changed: false,
        faults,
        warnings: Vec::new(),
    }
}
