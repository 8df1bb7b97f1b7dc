//! Work lists, from the index: connection and list, in the order of `due`.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder, types::AttributeValue as Value,
};
use connector::ports::{Key, Order, Page, PortError};
use jiff::Timestamp;
use posting::{ConnectionId, DocumentId, record::List};

use super::{
    DynamoLedger, PAGES_MAX,
    row::{PK, RECORD, Row, SK, document_pk, stamp, string},
};
use crate::fault::{self, DYNAMODB};

/// Items asked for in one answer.
const PAGE_MAX: usize = 1_000;
/// Attributes of the index's key.
const LIST: &str = "list_pk";
const DUE: &str = "due";

type Entry = (DocumentId, Timestamp);

impl DynamoLedger {
    /// The index follows the table by moments, so a document can stand in its old list for that long; the record decides.
    pub(super) async fn list_work(
        &self,
        connection: &ConnectionId,
        list: List,
        until: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Entry>, PortError> {
        let query = self.entries(&list_pk(connection, list));
        let query = match until {
            None => query,
            Some(until) => query
                .key_condition_expression("list_pk = :list AND due <= :until")
                .expression_attribute_values(":until", string(stamp(until))),
        };
        self.read_entries(connection, query, None, limit).await
    }

    /// As [`Self::list_work`]; the page before need not exist any more.
    pub(super) async fn page_work(
        &self,
        connection: &ConnectionId,
        list: List,
        page: &Page,
    ) -> Result<Vec<Entry>, PortError> {
        let list = list_pk(connection, list);
        let query = self
            .entries(&list)
            .scan_index_forward(page.order == Order::Oldest);
        let after = page.after.clone().map(|(document, due)| {
            let key = Key {
                connection: connection.clone(),
                document,
            };
            HashMap::from([
                (PK.to_owned(), string(document_pk(&key))),
                (SK.to_owned(), string(RECORD)),
                (LIST.to_owned(), string(list.as_str())),
                (DUE.to_owned(), string(stamp(due))),
            ])
        });
        self.read_entries(connection, query, after, page.limit)
            .await
    }

    fn entries(&self, list: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .index_name(&self.index)
            .key_condition_expression("list_pk = :list")
            .expression_attribute_values(":list", string(list))
    }

    async fn read_entries(
        &self,
        connection: &ConnectionId,
        query: QueryFluentBuilder,
        after: Option<HashMap<String, Value>>,
        limit: usize,
    ) -> Result<Vec<Entry>, PortError> {
        let mut found = Vec::new();
        let mut next = after;
        let prefix = format!("{connection}#");
        for _ in 0..PAGES_MAX {
            let wanted = limit.saturating_sub(found.len());
            if wanted == 0 {
                break;
            }
            let page = i32::try_from(wanted.min(PAGE_MAX)).unwrap_or(i32::MAX);
            let answer = query
                .clone()
                .limit(page)
                .set_exclusive_start_key(next)
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

fn list_pk(connection: &ConnectionId, list: List) -> String {
    format!("{connection}#{}", list.as_str())
}

fn entry(row: &Row, prefix: &str) -> Result<Entry, PortError> {
    let document = row
        .text(PK)?
        .strip_prefix(prefix)
        .and_then(|id| DocumentId::new(id).ok())
        .ok_or_else(|| row.fault("its key names no document"))?;
    Ok((document, row.time(DUE)?))
}
