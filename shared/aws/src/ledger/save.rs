//! The one conditional write of a record with all that belongs to it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        builders::PutBuilder,
    },
};
use connector::ports::{Change, Holder, PortError, SaveError};
use posting::plan::PostingKind;
use posting::{ConnectionId, DocumentId};

use super::{
    DynamoLedger,
    record::{VERSION, is_written, key_of, record_row},
    reference::alike_row,
    row::{HOLDER, Row, number, string},
    source::audit_row,
};
use crate::fault::{self, DYNAMODB};

/// Items `DynamoDB` takes in one transaction.
const TRANSACTION_ITEMS_MAX: usize = 100;
/// Values one `IN` may list.
const IN_MAX: usize = 100;

/// Reason of a cancelled transaction: a condition did not hold.
const FAILED: &str = "ConditionalCheckFailed";
/// Reasons that will not pass by themselves.
const LASTING: [&str; 3] = [
    "AccessDenied",
    "ItemCollectionSizeLimitExceeded",
    "ValidationError",
];
const UNTOUCHED: &str = "attribute_not_exists(pk)";
const DOCUMENT: &str = "document";

/// What an item of the transaction is, to say what its failed condition means.
enum Part {
    Record(Row),
    /// A reservation or a number of Acumatica.
    Name(String),
    Audit(String),
    Free,
}

impl DynamoLedger {
    /// Writes a change. A try that finds its own earlier, successful try reports success: the stored record then has the
    /// version and the body this one would have written, and what goes with the record went with it. That also covers the
    /// SDK's own retries, so the change may be repeated after any unknown outcome, also long after the ten minutes for
    /// which `DynamoDB` remembers a transaction's token.
    pub(super) async fn write_change(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let alone = change.plan.is_none()
            && change.reservations.is_empty()
            && change.likeness.is_none()
            && change.receipts.is_empty()
            && change.removed.is_none()
            && change.audit.is_none();
        if alone {
            self.put_record(change).await
        } else {
            self.transact(change).await
        }
    }

    async fn put_record(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let row = record_row(change.record).map_err(SaveError::Port)?;
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(row.clone().into_item()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put = match change.record.version {
            0 => put.condition_expression(UNTOUCHED),
            read => put
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(read)),
        };
        let Err(error) = put.send().await else {
            return Ok(());
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                judge(&row, failed.item().cloned().map(Row::from).as_ref())
            }
            _ => Err(SaveError::Port(fault::port(DYNAMODB, &error))),
        }
    }

    async fn transact(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let (parts, items) = self.items(change).map_err(SaveError::Port)?;
        if items.len() > TRANSACTION_ITEMS_MAX {
            let detail = format!("{} items are too many for one write", items.len());
            return Err(SaveError::Port(fault::refused(DYNAMODB, detail)));
        }
        let write = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items));
        let Err(error) = write.send().await else {
            return Ok(());
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                explain(&parts, cancelled.cancellation_reasons())
            }
            _ => Err(SaveError::Port(fault::port(DYNAMODB, &error))),
        }
    }

    /// The items of a change, each with what it is.
    fn items(&self, change: &Change<'_>) -> Result<(Vec<Part>, Vec<TransactWriteItem>), PortError> {
        let key = key_of(change.record);
        let row = record_row(change.record)?;
        let put = self.put(row.clone());
        let put = match change.record.version {
            0 => put.condition_expression(UNTOUCHED),
            read => put
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(read)),
        };
        let mut all = vec![(Part::Record(row), put)];
        if let Some(plan) = change.plan {
            let rows = self.plan_rows(&key, plan)?;
            all.extend(rows.into_iter().map(|row| (Part::Free, self.put(row))));
        }
        if let Some(removed) = change.removed {
            let rows = self.removed_rows(&key, removed);
            all.extend(rows.into_iter().map(|row| (Part::Free, self.put(row))));
        }
        if let Some((item, events)) = &change.audit {
            let row = audit_row(&key, *item, events)?;
            let part = Part::Audit(row.key());
            all.push((part, self.put(row).condition_expression(UNTOUCHED)));
        }
        // Two postings of a plan may need one name, yet an item can stand in a transaction only once.
        let mut names = BTreeMap::new();
        for reservation in change.reservations {
            let name = reservation.key();
            let pk = format!("{}#{name}", key.connection);
            let put = self.put(holder(&pk, &key.document));
            let put = reserve(put, &key.document, change.replaced);
            names.insert(pk, (Part::Name(name), put));
        }
        for (kind, receipt) in change.receipts {
            let name = receipt_name(*kind, receipt);
            let pk = format!("{}#{name}", key.connection);
            let taken = number(change.record.version.saturating_add(1));
            let put = self.put(holder(&pk, &key.document).with(VERSION, taken));
            let put = take_over(put, &key.document, change.former);
            names.insert(pk, (Part::Name(name), put));
        }
        all.extend(names.into_values());
        if let Some(likeness) = change.likeness {
            let document = (&key.document, &change.record.business);
            let row = alike_row(&key.connection, likeness, document);
            all.push((Part::Free, self.put(row)));
        }
        let (parts, puts): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let items = puts
            .into_iter()
            .map(|put| Ok(TransactWriteItem::builder().put(put.build()?).build()))
            .collect::<Result<_, aws_sdk_dynamodb::error::BuildError>>()
            .map_err(|error| fault::refused(DYNAMODB, error.to_string()))?;
        Ok((parts, items))
    }

    /// Which document a number belongs to.
    pub(super) async fn read_holder(
        &self,
        connection: &ConnectionId,
        kind: PostingKind,
        number: &str,
    ) -> Result<Option<Holder>, PortError> {
        let pk = format!("{connection}#{}", receipt_name(kind, number));
        let rows = self.range(&pk, HOLDER, HOLDER).await?;
        let read = |row: &Row| {
            let document = DocumentId::new(row.text(DOCUMENT)?);
            Ok(Holder {
                document: document.map_err(|error| row.fault(error.to_string()))?,
                version: row.whole(VERSION)?,
            })
        };
        rows.first().map(read).transpose()
    }

    pub(super) fn put(&self, row: Row) -> PutBuilder {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(row.into_item()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// The item that says whose a name is.
fn holder(pk: &str, document: &DocumentId) -> Row {
    Row::new(pk, HOLDER).with(DOCUMENT, string(document.as_str()))
}

/// The name of a number of Acumatica.
fn receipt_name(kind: PostingKind, number: &str) -> String {
    format!("receipt#{}#{number}", kind.label())
}

/// A name is free, the document's own, or held by one of those it replaces.
fn reserve(put: PutBuilder, document: &DocumentId, replaced: &[DocumentId]) -> PutBuilder {
    let mut condition = format!("{UNTOUCHED} OR document = :mine");
    let mut put = put.expression_attribute_values(":mine", string(document.as_str()));
    for (group, documents) in replaced.chunks(IN_MAX).enumerate() {
        let mut names = Vec::with_capacity(documents.len());
        for (index, document) in documents.iter().enumerate() {
            let name = format!(":r{group}x{index}");
            put = put.expression_attribute_values(&name, string(document.as_str()));
            names.push(name);
        }
        for part in [" OR document IN (", &names.join(", "), ")"] {
            condition.push_str(part);
        }
    }
    put.condition_expression(condition)
}

/// A number is free, the document's own, or held as it was read by one that counts it no more.
fn take_over(put: PutBuilder, document: &DocumentId, former: &[Holder]) -> PutBuilder {
    let mut condition = format!("{UNTOUCHED} OR document = :mine");
    let mut put = put.expression_attribute_values(":mine", string(document.as_str()));
    for (index, holder) in former.iter().enumerate() {
        let (by, read) = (format!(":by{index}"), format!(":read{index}"));
        put = put
            .expression_attribute_values(&by, string(holder.document.as_str()))
            .expression_attribute_values(&read, number(holder.version));
        for part in [" OR (document = ", &by, " AND v = ", &read, ")"] {
            condition.push_str(part);
        }
    }
    put.condition_expression(condition)
}

/// What a failed condition on the record means.
fn judge(wanted: &Row, stored: Option<&Row>) -> Result<(), SaveError> {
    if stored.is_some_and(|stored| is_written(stored, wanted)) {
        Ok(())
    } else {
        Err(SaveError::Conflict)
    }
}

/// What a cancelled transaction means; the record comes first, because a change that lost says nothing about names.
fn explain(parts: &[Part], reasons: &[CancellationReason]) -> Result<(), SaveError> {
    for (part, reason) in parts.iter().zip(reasons) {
        let code = reason.code().unwrap_or_default();
        if code != FAILED {
            continue;
        }
        let stored = reason.item().cloned().map(Row::from);
        match part {
            Part::Record(wanted) => return judge(wanted, stored.as_ref()),
            Part::Name(key) => return Err(taken(key, stored.as_ref())),
            Part::Audit(key) => {
                let detail = "an audit item would be overwritten";
                return Err(SaveError::Port(fault::corrupt(key, detail)));
            }
            Part::Free => {}
        }
    }
    Err(SaveError::Port(cancelled(reasons)))
}

impl DynamoLedger {
    /// Writes all items or none. `None` when they are written; else what stands where the first condition did not hold, for
    /// the caller to see whether it is his own earlier write.
    pub(super) async fn write_all(
        &self,
        items: Vec<TransactWriteItem>,
    ) -> Result<Option<Option<Row>>, SaveError> {
        let write = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items));
        let Err(error) = write.send().await else {
            return Ok(None);
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cause)) =
            error.as_service_error()
        else {
            return Err(SaveError::Port(fault::port(DYNAMODB, &error)));
        };
        let reasons = cause.cancellation_reasons();
        let failed = |reason: &&CancellationReason| reason.code() == Some(FAILED);
        match reasons.iter().find(failed) {
            Some(first) => Ok(Some(first.item().cloned().map(Row::from))),
            None => Err(SaveError::Port(cancelled(reasons))),
        }
    }
}

/// What a transaction cancelled for no failed condition means.
fn cancelled(reasons: &[CancellationReason]) -> PortError {
    let codes: Vec<&str> = reasons
        .iter()
        .filter_map(CancellationReason::code)
        .filter(|code| *code != "None")
        .collect();
    let detail = format!("the transaction was cancelled: {}", codes.join(", "));
    if codes.iter().any(|code| LASTING.contains(code)) {
        fault::refused(DYNAMODB, detail)
    } else {
        fault::unavailable(DYNAMODB, detail)
    }
}

fn taken(key: &str, stored: Option<&Row>) -> SaveError {
    let by = stored.and_then(|row| DocumentId::new(row.text_or_empty(DOCUMENT)).ok());
    match by {
        Some(by) => SaveError::Taken {
            key: key.to_owned(),
            by,
        },
        None => SaveError::Port(fault::corrupt(key, "its holder is no document")),
    }
}
