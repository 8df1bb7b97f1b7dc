//! Queries that read a whole range.

use std::collections::HashMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use connector::ports::PortError;

use super::{
    DynamoLedger, PAGES_MAX,
    row::{PK, Row, SK, string},
};
use crate::fault::{self, DYNAMODB};

impl DynamoLedger {
    /// All items of a partition whose sort key lies between two texts, consistently, in order.
    pub(super) async fn range(
        &self,
        pk: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Row>, PortError> {
        let mut rows = Vec::new();
        let mut next: Option<HashMap<String, AttributeValue>> = None;
        for _ in 0..PAGES_MAX {
            let answer = self
                .between(pk, from, to)
                .set_exclusive_start_key(next)
                .send()
                .await
                .map_err(|error| fault::port(DYNAMODB, &error))?;
            rows.extend(answer.items.unwrap_or_default().into_iter().map(Row::from));
            next = answer.last_evaluated_key;
            if next.is_none() {
                return Ok(rows);
            }
        }
        let key = format!("{pk}/{from}");
        Err(fault::corrupt(key, "there are too many items"))
    }

    /// The last items of a partition whose sort key lies between two texts, consistently, last first.
    pub(super) async fn last(
        &self,
        pk: &str,
        (from, to): (&str, &str),
        limit: usize,
    ) -> Result<Vec<Row>, PortError> {
        let mut rows = Vec::new();
        let mut next: Option<HashMap<String, AttributeValue>> = None;
        for _ in 0..PAGES_MAX {
            let wanted = limit.saturating_sub(rows.len());
            if wanted == 0 {
                break;
            }
            let answer = self
                .between(pk, from, to)
                .scan_index_forward(false)
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .set_exclusive_start_key(next)
                .send()
                .await
                .map_err(|error| fault::port(DYNAMODB, &error))?;
            rows.extend(answer.items.unwrap_or_default().into_iter().map(Row::from));
            next = answer.last_evaluated_key;
            if next.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    fn between(&self, pk: &str, from: &str, to: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", string(pk))
            .expression_attribute_values(":from", string(from))
            .expression_attribute_values(":to", string(to))
    }

    /// One item, consistently.
    pub(super) async fn item(&self, pk: &str, sk: &str) -> Result<Option<Row>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .key(PK, string(pk))
            .key(SK, string(sk))
            .send()
            .await
            .map_err(|error| fault::port(DYNAMODB, &error))?;
        Ok(answer.item.map(Row::from))
    }
}
