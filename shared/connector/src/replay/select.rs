//! The documents a request means, oldest first.

use jiff::Timestamp;
use posting::{DocumentId, Record};

use super::request::{Chosen, Filter, Request};
use super::{DOCUMENTS_MAX, ReplayError};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger};

/// Documents of a work list a filter is held against.
const LISTED_MAX: usize = 5_000;
/// Records read in one request of the ledger.
const RECORDS_MAX: usize = 100;

/// What was found.
pub(super) struct Selected {
    pub(super) records: Vec<Record>,
    pub(super) unknown: Vec<DocumentId>,
    pub(super) left: usize,
}

pub(super) async fn select<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    request: &Request,
) -> Result<Selected, ReplayError> {
    let selected = match &request.chosen {
        Chosen::Named(ids) => named(needs, request, ids).await?,
        Chosen::Filter(filter) => filtered(needs, request, filter).await?,
    };
    // A mistyped connection must not look like one without documents.
    if selected.records.is_empty()
        && needs
            .ledger
            .connection(&request.connection)
            .await?
            .is_none()
    {
        let missing = ConnectionError::Missing(request.connection.clone());
        return Err(ReplayError::Connection(missing));
    }
    Ok(selected)
}

fn keys(request: &Request, ids: impl IntoIterator<Item = DocumentId>) -> Vec<Key> {
    let key = |document| Key {
        connection: request.connection.clone(),
        document,
    };
    ids.into_iter().map(key).collect()
}

async fn named<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    request: &Request,
    ids: &[DocumentId],
) -> Result<Selected, ReplayError> {
    let keys = keys(request, ids.iter().take(DOCUMENTS_MAX).cloned());
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
    request: &Request,
    filter: &Filter,
) -> Result<Selected, ReplayError> {
    let listed = needs
        .ledger
        .work(&request.connection, filter.list, None, LISTED_MAX)
        .await?;
    let keys = keys(request, listed.into_iter().map(|(document, _)| document));
    let mut selected = Selected {
        records: Vec::new(),
        unknown: Vec::new(),
        left: 0,
    };
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
    record.state.word() == filter.state
        && filter.kind.is_none_or(|kind| record.kind == kind)
        && filter
            .business
            .as_ref()
            .is_none_or(|business| record.business == *business)
        && filter.reason.is_none_or(|code| {
            let reasons = record.state.reasons();
            reasons.iter().any(|reason| reason.code == code)
        })
        && filter
            .older_than
            .is_none_or(|age| now.duration_since(record.received) > age)
}
