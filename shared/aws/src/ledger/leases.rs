//! Leases: one item each, which outlives its holders and carries the memo from one to the next.

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use connector::ports::{Lease, PortError};
use jiff::Timestamp;

use super::{
    DynamoLedger,
    row::{PK, Row, SK, stamp, string},
};
use crate::fault::{self, DYNAMODB};

impl DynamoLedger {
    /// A repetition finds the holder's own lease, so it succeeds.
    pub(super) async fn claim_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, PortError> {
        let update = self
            .lease(name)
            .update_expression("SET held_by = :holder, ends = :until")
            .condition_expression(
                "attribute_not_exists(held_by) OR held_by = :holder OR ends <= :now",
            )
            .expression_attribute_values(":holder", string(holder))
            .expression_attribute_values(":until", string(stamp(until)))
            .expression_attribute_values(":now", string(stamp(now)))
            .return_values(ReturnValue::AllNew);
        match update.send().await {
            Ok(answer) => {
                let row = Row::from(answer.attributes.unwrap_or_default());
                Ok(Some(Lease {
                    name: name.to_owned(),
                    holder: holder.to_owned(),
                    until,
                    memo: row.text_or_empty("memo").to_owned(),
                }))
            }
            Err(error) if lost(error.as_service_error()) => Ok(None),
            Err(error) => Err(fault::port(DYNAMODB, &error)),
        }
    }

    pub(super) async fn read_memo(&self, name: &str) -> Result<Option<String>, PortError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, string(format!("lease#{name}")))
            .key(SK, string("lease"));
        let answer = get.send().await;
        let answer = answer.map_err(|error| fault::port(DYNAMODB, &error))?;
        let memo = |item| Row::from(item).text_or_empty("memo").to_owned();
        Ok(answer.item.map(memo))
    }

    /// A repetition finds its own memo.
    pub(super) async fn write_memo(
        &self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<String>, PortError> {
        let condition = if before.is_empty() {
            "attribute_not_exists(memo) OR memo = :before"
        } else {
            "memo = :before"
        };
        let update = self
            .lease(name)
            .update_expression("SET memo = :after")
            .condition_expression(condition)
            .expression_attribute_values(":before", string(before))
            .expression_attribute_values(":after", string(after))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = update.send().await else {
            return Ok(None);
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) =
            error.as_service_error()
        else {
            return Err(fault::port(DYNAMODB, &error));
        };
        let stored = Row::from(failed.item().cloned().unwrap_or_default());
        let stands = stored.text_or_empty("memo");
        Ok((stands != after).then(|| stands.to_owned()))
    }

    pub(super) async fn return_lease(&self, lease: &Lease) -> Result<(), PortError> {
        let update = self
            .lease(&lease.name)
            .update_expression("SET memo = :memo REMOVE held_by, ends")
            .condition_expression("held_by = :holder")
            .expression_attribute_values(":memo", string(&lease.memo))
            .expression_attribute_values(":holder", string(&lease.holder));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if lost(error.as_service_error()) => Ok(()),
            Err(error) => Err(fault::port(DYNAMODB, &error)),
        }
    }

    fn lease(&self, name: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(PK, string(format!("lease#{name}")))
            .key(SK, string("lease"))
    }
}

fn lost(error: Option<&UpdateItemError>) -> bool {
    error.is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
