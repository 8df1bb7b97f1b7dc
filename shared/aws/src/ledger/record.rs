//! Records: the item of a record, and reading it.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure},
};
use connector::ports::{Created, Key, Loaded, PortError};
use posting::Record;

use super::{
    DynamoLedger,
    row::{PK, RECORD, Row, SK, document_pk, number, stamp, string},
    source::{self, AFTER, place},
};
use crate::fault::{self, DYNAMODB};

pub(super) const VERSION: &str = "v";
const BODY: &str = "body";

/// Keys `DynamoDB` takes in one batch.
const BATCH_MAX: usize = 100;
/// Tries for the keys a batch left out.
const BATCH_ATTEMPTS_MAX: u32 = 6;
/// First wait before they are asked for again; it doubles.
const BATCH_WAIT_MS: u64 = 50;

pub(super) fn key_of(record: &Record) -> Key {
    Key {
        connection: record.connection.clone(),
        document: record.document.clone(),
    }
}

/// The item of the record's next version. What people look for in the console stands beside the body.
pub(super) fn record_row(record: &Record) -> Result<Row, PortError> {
    let row = Row::new(document_pk(&key_of(record)), RECORD);
    let body = serde_json::to_string(record).map_err(|error| row.fault(error.to_string()))?;
    let list = format!("{}#{}", record.connection, record.list().as_str());
    Ok(row
        .with(VERSION, number(record.version.saturating_add(1)))
        .with("list_pk", string(list))
        .with("due", string(stamp(record.due)))
        .with("state", string(record.state.word()))
        .with("type", string(record.kind.as_str()))
        .with("business", string(record.business.as_str()))
        .with(BODY, string(body)))
}

/// The record in its item.
pub(super) fn record(row: &Row) -> Result<Record, PortError> {
    let mut record: Record =
        serde_json::from_str(row.text(BODY)?).map_err(|error| row.fault(place(&error)))?;
    record.version = row.whole(VERSION)?;
    Ok(record)
}

/// Whether what is stored is the very thing that was to be written: then an earlier try of the same write succeeded.
pub(super) fn is_written(stored: &Row, wanted: &Row) -> bool {
    [VERSION, BODY]
        .into_iter()
        .all(|name| stored.value(name).is_some() && stored.value(name) == wanted.value(name))
}

impl DynamoLedger {
    pub(super) async fn create_record(&self, record: &Record) -> Result<Created, PortError> {
        let mut first = record.clone();
        first.version = 0;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record_row(&first)?.into_item()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(Created::New);
        };
        let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error()
        else {
            return Err(fault::port(DYNAMODB, &error));
        };
        let item = failed
            .item()
            .ok_or_else(|| fault::unavailable(DYNAMODB, "the existing record was not told"))?;
        self::record(&Row::from(item.clone())).map(|found| Created::Existing(Box::new(found)))
    }

    pub(super) async fn read_record(&self, key: &Key) -> Result<Option<Loaded>, PortError> {
        let end = format!("source{AFTER}");
        let mut rows = self.range(&document_pk(key), RECORD, &end).await?;
        // A source is stored before its record, so there can be one without the other.
        let Some(first) = rows.first().filter(|row| row.text_or_empty(SK) == RECORD) else {
            return Ok(None);
        };
        let record = record(first)?;
        let source = source::source(rows.split_off(1))?;
        Ok(Some(Loaded { record, source }))
    }

    pub(super) async fn read_records(&self, keys: &[Key]) -> Result<Vec<Record>, PortError> {
        // A key named twice is an error to the service.
        let keys: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut records = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH_MAX) {
            let wanted = batch.iter().map(|key| item_key(key)).collect();
            for row in self.batch(wanted).await? {
                records.push(record(&row)?);
            }
        }
        records.sort_by(|a, b| (&a.connection, &a.document).cmp(&(&b.connection, &b.document)));
        Ok(records)
    }

    async fn batch(
        &self,
        mut wanted: Vec<HashMap<String, AttributeValue>>,
    ) -> Result<Vec<Row>, PortError> {
        let mut rows = Vec::with_capacity(wanted.len());
        for attempt in 0..BATCH_ATTEMPTS_MAX {
            if attempt > 0 {
                let wait = BATCH_WAIT_MS.saturating_mul(1 << attempt);
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(|error| fault::refused(DYNAMODB, error.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, keys)
                .send()
                .await
                .map_err(|error| fault::port(DYNAMODB, &error))?;
            let found = answer.responses.unwrap_or_default().into_values();
            rows.extend(found.flatten().map(Row::from));
            let left = answer.unprocessed_keys.unwrap_or_default().into_values();
            wanted = left.flat_map(|keys| keys.keys).collect();
            if wanted.is_empty() {
                return Ok(rows);
            }
        }
        Err(fault::unavailable(
            DYNAMODB,
            "a batch of records is read only in part",
        ))
    }
}

fn item_key(key: &Key) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (PK.to_owned(), string(document_pk(key))),
        (SK.to_owned(), string(RECORD)),
    ])
}
