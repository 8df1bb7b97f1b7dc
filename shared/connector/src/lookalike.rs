//! Earlier invoices that look like one, as far as they stand in Acumatica or may come to.

use posting::planning::{self, Duplicate};
use posting::record::List;
use posting::{BusinessId, Document, Record};

use crate::ports::{Key, Ledger, PortError};

/// Longest likeness kept as part of a key; codes and numbers of Concur stay far below.
const LIKENESS_BYTES_MAX: usize = 512;

/// By what a document is found again; `None` for all but invoices.
pub(crate) fn likeness(document: &Document) -> Option<String> {
    planning::likeness(document).filter(|text| text.len() <= LIKENESS_BYTES_MAX)
}

/// Others with this likeness. A new approval of the same request is none of them.
pub(crate) async fn earlier<L: Ledger>(
    ledger: &L,
    key: &Key,
    business: &BusinessId,
    likeness: Option<&str>,
) -> Result<Vec<Duplicate>, PortError> {
    let Some(likeness) = likeness else {
        return Ok(Vec::new());
    };
    let mut found = ledger.alike(&key.connection, likeness).await?;
    found.retain(|other| other.document != key.document && other.business != *business);
    if found.is_empty() {
        return Ok(found);
    }
    let keys: Vec<Key> = found
        .iter()
        .map(|other| Key {
            connection: key.connection.clone(),
            document: other.document.clone(),
        })
        .collect();
    let records = ledger.records(&keys).await?;
    found.retain(|other| {
        let record = records
            .iter()
            .find(|record| record.document == other.document);
        record.is_none_or(may_stand)
    });
    Ok(found)
}

/// Whether something of a document stands in Acumatica, or may come to.
fn may_stand(record: &Record) -> bool {
    record.list() != List::Done || !record.state.receipts().is_empty()
}
