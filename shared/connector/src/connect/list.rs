//! `list`: the connections, or the documents of one.

use jiff::Timestamp;
use posting::ConnectionId;
use posting::record::List;
use serde::Serialize;

use super::ConnectError;
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger, PortError, StoredConnection};
use crate::report::{self, DocumentRow};

/// Documents counted of one list; more are shown as this number.
const COUNT_MAX: usize = 1_000;
/// Rows shown of one list: an answer of a function may have 6 MB.
const ROWS_MAX: usize = 200;
/// Records read in one request of the ledger.
const RECORDS_MAX: usize = 100;

/// The answer of `list`.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The connections asked for.
    pub connections: Vec<ConnectionRow>,
    /// Documents of the one connection asked for: held, open, and ended ones, each by due time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<DocumentRow>>,
}

/// One connection.
#[derive(Debug, Serialize)]
pub struct ConnectionRow {
    /// Its id.
    pub connection: ConnectionId,
    /// Newest version.
    pub version: u64,
    /// When that was applied.
    pub applied: Timestamp,
    /// Documents being worked on, at most 1,000.
    pub open: usize,
    /// Documents that wait for a person, at most 1,000.
    pub held: usize,
    /// Documents that ended, at most 1,000.
    pub done: usize,
}

pub(super) async fn list<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: Option<&ConnectionId>,
) -> Result<Listed, ConnectError> {
    let Some(id) = id else {
        let mut connections = Vec::new();
        for stored in needs.ledger.connections().await? {
            connections.push(row(needs, &stored).await?);
        }
        return Ok(Listed {
            connections,
            documents: None,
        });
    };
    let stored = needs.ledger.connection(id).await?;
    let stored = stored.ok_or_else(|| ConnectionError::Missing(id.clone()))?;
    let mut documents = Vec::new();
    for list in [List::Held, List::Open, List::Done] {
        documents.extend(rows(needs, id, list).await?);
    }
    Ok(Listed {
        connections: vec![row(needs, &stored).await?],
        documents: Some(documents),
    })
}

async fn row<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    stored: &StoredConnection,
) -> Result<ConnectionRow, PortError> {
    let count = async |list| {
        let listed = needs.ledger.work(&stored.id, list, None, COUNT_MAX).await;
        listed.map(|listed| listed.len())
    };
    Ok(ConnectionRow {
        connection: stored.id.clone(),
        version: stored.version,
        applied: stored.applied,
        open: count(List::Open).await?,
        held: count(List::Held).await?,
        done: count(List::Done).await?,
    })
}

/// The newest rows of a list.
async fn rows<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
    list: List,
) -> Result<Vec<DocumentRow>, PortError> {
    let listed = needs.ledger.work(id, list, None, COUNT_MAX).await?;
    let newest = listed.len().saturating_sub(ROWS_MAX);
    let keys: Vec<Key> = listed
        .into_iter()
        .skip(newest)
        .map(|(document, _)| Key {
            connection: id.clone(),
            document,
        })
        .collect();
    let mut records = Vec::new();
    for keys in keys.chunks(RECORDS_MAX) {
        records.extend(needs.ledger.records(keys).await?);
    }
    // The index follows by moments; the record says where a document stands.
    records.retain(|record| record.list() == list);
    records.sort_by_key(|record| record.due);
    Ok(records.iter().map(report::row).collect())
}
