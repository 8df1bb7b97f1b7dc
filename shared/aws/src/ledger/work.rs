//! Work lists, from the index: connection and list, in the order of `due`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use connector::ports::PortError;
use jiff::Timestamp;
use posting::{ConnectionId, DocumentId, record::List};

use super::{
    DynamoLedger, PAGES_MAX,
    row::{PK, Row, stamp, string},
};
use crate::fault::{self, DYNAMODB};

/// Items asked for in one answer.
const PAGE_MAX: usize = 1_000;

impl DynamoLedger {
    /// The index follows the table by moments, so a document can stand in its old list for that long; the record decides.
    pub(super) async fn list_work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(DocumentId, Timestamp)>, PortError> {
        let mut found = Vec::new();
        let mut next: Option<HashMap<String, AttributeValue>> = None;
        let prefix = format!("{connection}#");
        for _ in 0..PAGES_MAX {
            let wanted = limit.saturating_sub(found.len());
            if wanted == 0 {
                break;
            }
            let page = i32::try_from(wanted.min(PAGE_MAX)).unwrap_or(i32::MAX);
            let mut query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(&self.index)
                .expression_attribute_values(":list", string(format!("{prefix}{}", list.as_str())))
                .limit(page)
                .set_exclusive_start_key(next);
            query = match until {
                None => query.key_condition_expression("list_pk = :list"),
                Some(until) => query
                    .key_condition_expression("list_pk = :list AND due <= :until")
                    .expression_attribute_values(":until", string(stamp(until))),
            };
            let answer = query
                .send()
                .await
                .map_err(|error| fault::port(DYNAMODB, &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(entry(&Row::from(item), &prefix)?);
            }
            next = answer.last_evaluated_key;
            if next.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

fn entry(row: &Row, prefix: &str) -> Result<(DocumentId, Timestamp), PortError> {
    let document = row
        .text(PK)?
        .strip_prefix(prefix)
        .and_then(|id| DocumentId::new(id).ok())
        .ok_or_else(|| row.fault("its key names no document"))?;
    Ok((document, row.time("due")?))
}
