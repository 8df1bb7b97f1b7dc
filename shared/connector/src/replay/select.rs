//! The documents a request means, oldest first.

use jiff::Timestamp;
use posting::state::Release;
use posting::{Code, ConnectionId, DocumentId, Record};

use super::request::{Chosen, Filter, Request};
use super::{DOCUMENTS_MAX, ReplayError};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger};

/// Documents of a work list a filter is held against.
const LISTED_MAX: usize = 5_000;
/// Records read in one request of the ledger.
const RECORDS_MAX: usize = 100;

/// What was found.
#[derive(Default)]
pub(super) struct Selected {
    pub(super) records: Vec<Record>,
    pub(super) unknown: Vec<DocumentId>,
    pub(super) left: usize,
}

pub(super) async fn select<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    (request, connection): (&Request, &ConnectionId),
) -> Result<Selected, ReplayError> {
    let selected = match &request.chosen {
        Chosen::Named(ids) => named(needs, connection, ids).await?,
        Chosen::Filter(filter) => filtered(needs, connection, filter).await?,
        Chosen::None => Selected::default(),
    };
    // A mistyped connection must not look like one without documents.
    if selected.records.is_empty() && needs.ledger.connection(connection).await?.is_none() {
        let missing = ConnectionError::Missing(connection.clone());
        return Err(ReplayError::Connection(missing));
    }
    Ok(selected)
}

fn keys(connection: &ConnectionId, ids: impl IntoIterator<Item = DocumentId>) -> Vec<Key> {
    let key = |document| Key {
        connection: connection.clone(),
        document,
    };
    ids.into_iter().map(key).collect()
}

async fn named<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    connection: &ConnectionId,
    ids: &[DocumentId],
) -> Result<Selected, ReplayError> {
    let keys = keys(connection, ids.iter().take(DOCUMENTS_MAX).cloned());
    let mut records = needs.ledger.records(&keys).await?;
    records.sort_by_key(|record| record.due);
    let is_missing = |key: &Key| !records.iter().any(|record| record.document == key.document);
    let unknown = keys.into_iter().filter(is_missing);
    Ok(Selected {
        unknown: unknown.map(|key| key.document).collect(),
        records,
        left: ids.len().saturating_sub(DOCUMENTS_MAX),
    })
}

async fn filtered<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    connection: &ConnectionId,
    filter: &Filter,
) -> Result<Selected, ReplayError> {
    let listed = needs
        .ledger
        .work(connection, filter.list, None, LISTED_MAX)
        .await?;
    let keys = keys(connection, listed.into_iter().map(|(document, _)| document));
    let mut selected = Selected::default();
    for keys in keys.chunks(RECORDS_MAX) {
        let mut records = needs.ledger.records(keys).await?;
        // The index follows by moments; the record says where a document stands.
        records.retain(|record| fits(filter, record, needs.now()));
        records.sort_by_key(|record| record.due);
        let room = DOCUMENTS_MAX.saturating_sub(selected.records.len());
        let found = records.len();
        selected.records.extend(records.into_iter().take(room));
        selected.left = selected.left.saturating_add(found.saturating_sub(room));
    }
    Ok(selected)
}

fn fits(filter: &Filter, record: &Record, now: Timestamp) -> bool {
    let stands_there = match &filter.state {
        Some(state) => record.state.word() == state,
        None => record.list() == filter.list,
    };
    stands_there
        && filter.kind.is_none_or(|kind| record.kind == kind)
        && filter
            .business
            .as_ref()
            .is_none_or(|business| record.business == *business)
        && filter.reason.is_none_or(|code| bears(record, code))
        && filter
            .older_than
            .is_none_or(|age| now.duration_since(record.received) > age)
}

/// Whether a document waits for this reason; a release that failed is kept with its posting.
fn bears(record: &Record, code: Code) -> bool {
    let failed = || {
        let receipts = record.state.receipts();
        let failed =
            |receipt: &&posting::state::Receipt| matches!(receipt.release, Release::Failed { .. });
        receipts.iter().any(failed)
    };
    let reasons = record.state.reasons();
    reasons.iter().any(|reason| reason.code == code) || (code == Code::ReleaseFailed && failed())
}
