//! `list`: the connections, or the documents of one, page by page.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use posting::record::List;
use posting::{ConnectionId, DocumentId};
use serde::Serialize;

use super::under_way::{COUNT_MAX, UnderWay, under_way};
use super::{Asked, ConnectError};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger, Order, Page, PortError, Standing, StoredConnection};
use crate::report::{self, DocumentRow};

/// Rows shown of one list: an answer of a function may have 6 MB.
const ROWS_MAX: usize = 200;
/// Connections shown at once: each is counted in three requests.
const CONNECTIONS_MAX: usize = 100;
/// Connections counted at a time.
const COUNTS_AT_A_TIME: usize = 8;
/// Records read in one request of the ledger.
const RECORDS_MAX: usize = 100;

/// The answer of `list`.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The connections asked for, by id.
    pub connections: Vec<ConnectionRow>,
    /// Documents of the one connection asked for: held and open ones, those due longest first, and ended ones, the newest
    /// first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<DocumentRow>>,
    /// The events that show what comes after these rows; none at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Next>,
}

/// An event that asks for the next page.
#[derive(Debug, Serialize)]
pub struct Next {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<List>,
    after: String,
    limit: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
}

/// One connection.
#[derive(Debug, Serialize)]
pub struct ConnectionRow {
    /// Its id.
    pub connection: ConnectionId,
    /// Newest version.
    pub version: u64,
    /// Whether that put it in force or removed it.
    pub standing: Standing,
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
    asked: &Asked,
) -> Result<Listed, ConnectError> {
    match &asked.connection {
        Some(id) => documents(needs, asked, id).await,
        None => connections(needs, asked).await,
    }
}

async fn connections<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    asked: &Asked,
) -> Result<Listed, ConnectError> {
    let limit = asked
        .limit
        .map_or(CONNECTIONS_MAX, |limit| limit.min(CONNECTIONS_MAX));
    let mut all = if asked.removed {
        needs.ledger.removed().await?
    } else {
        needs.ledger.connections().await?
    };
    if let Some(after) = &asked.after {
        all.retain(|stored| stored.id.as_str() > after.as_str());
    }
    let is_more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| is_more).map(|last| Next {
        action: "list",
        connection: None,
        list: None,
        after: last.id.to_string(),
        limit,
        removed: asked.removed,
    });
    let rows = all.iter().map(|stored| row(needs, stored));
    let rows = futures_util::stream::iter(rows).buffered(COUNTS_AT_A_TIME);
    Ok(Listed {
        connections: rows.try_collect().await?,
        documents: None,
        next: next.into_iter().collect(),
    })
}

async fn documents<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    asked: &Asked,
    id: &ConnectionId,
) -> Result<Listed, ConnectError> {
    let stored = needs.ledger.connection(id).await?;
    let stored = stored.ok_or_else(|| ConnectionError::Missing(id.clone()))?;
    let after = asked.after.as_deref().map(place_of).transpose()?;
    let limit = asked.limit.map_or(ROWS_MAX, |limit| limit.min(ROWS_MAX));
    let all = [List::Held, List::Open, List::Done];
    let lists = all
        .into_iter()
        .filter(|list| asked.list.is_none_or(|asked| asked == *list));
    let (mut rows, mut next) = (Vec::new(), Vec::new());
    for list in lists {
        let page = Page {
            order: match list {
                List::Held | List::Open => Order::Oldest,
                List::Done => Order::Newest,
            },
            after: after.clone(),
            limit,
        };
        let listed = needs.ledger.page(id, list, &page).await?;
        let full = listed.len() == limit;
        next.extend(listed.last().filter(|_| full).map(|(document, due)| Next {
            action: "list",
            connection: Some(id.clone()),
            list: Some(list),
            after: format!("{due} {document}"),
            limit,
            removed: false,
        }));
        rows.extend(rows_of(needs, id, list, listed).await?);
    }
    Ok(Listed {
        connections: vec![row(needs, &stored).await?],
        documents: Some(rows),
        next,
    })
}

/// Due time and id, as [`Next`] writes them.
fn place_of(after: &str) -> Result<(DocumentId, Timestamp), ConnectError> {
    let place = after.split_once(' ').and_then(|(due, document)| {
        let document = DocumentId::new(document).ok()?;
        Some((document, due.parse().ok()?))
    });
    place.ok_or_else(|| ConnectError::After(after.to_owned()))
}

async fn row<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    stored: &StoredConnection,
) -> Result<ConnectionRow, PortError> {
    let id = &stored.id;
    let UnderWay { open, held } = under_way(needs, id).await?;
    let done = needs.ledger.work(id, List::Done, None, COUNT_MAX).await?;
    Ok(ConnectionRow {
        connection: id.clone(),
        version: stored.version,
        standing: stored.standing,
        applied: stored.applied,
        open,
        held,
        done: done.len(),
    })
}

/// The rows of the listed documents, in their order.
async fn rows_of<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    id: &ConnectionId,
    list: List,
    listed: Vec<(DocumentId, Timestamp)>,
) -> Result<Vec<DocumentRow>, PortError> {
    let mut keys = Vec::new();
    for (document, _) in listed {
        keys.push(Key {
            connection: id.clone(),
            document,
        });
    }
    let mut records = BTreeMap::new();
    for keys in keys.chunks(RECORDS_MAX) {
        let read = needs.ledger.records(keys).await?.into_iter();
        records.extend(read.map(|record| (record.document.clone(), record)));
    }
    let records = keys.iter().filter_map(|key| records.get(&key.document));
    // The index follows by moments; the record says where a document stands.
    let records = records.filter(|record| record.list() == list);
    Ok(records.map(report::row).collect())
}
