//! Schedules: one partition holds where each stands, so that one query finds what is due.

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::put_item::PutItemError,
    types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use connector::ports::{Polling, PortError, SaveError, Standing, StoredConnection};
use jiff::Timestamp;
use posting::ConnectionId;

use super::{
    DynamoLedger,
    row::{PK, Row, SK, number, stamp, string},
};
use crate::fault::{self, DYNAMODB};

const SCHEDULE: &str = "schedule";
const VERSION: &str = "v";
const DUE: &str = "due";
const HELD_BY: &str = "held_by";
const POLLED: &str = "polled";
const FAILING: &str = "failing";
const LIMITS: &str = "limits";

impl DynamoLedger {
    pub(super) async fn read_pollings(&self) -> Result<Vec<Polling>, PortError> {
        // As in the registry: ids consist of letters, digits and `-`.
        let rows = self.range(SCHEDULE, "-", "~").await?;
        Ok(readable(&rows))
    }

    pub(super) async fn read_polling(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<Polling>, PortError> {
        let row = self.item(SCHEDULE, id.as_str()).await?;
        row.as_ref().map(polling).transpose()
    }

    /// A repetition that finds its own write reports success.
    pub(super) async fn write_polling(&self, wanted: &Polling) -> Result<(), SaveError> {
        let next = Polling {
            version: wanted.version.saturating_add(1),
            ..wanted.clone()
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(row(&next).into_item()))
            .condition_expression("v = :read")
            .expression_attribute_values(":read", number(wanted.version))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(());
        };
        let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error()
        else {
            return Err(SaveError::Port(fault::port(DYNAMODB, &error)));
        };
        let stored = failed.item().cloned().map(Row::from);
        match stored.map(|row| polling(&row)) {
            Some(Ok(stored)) if stored == next => Ok(()),
            _ => Err(SaveError::Conflict),
        }
    }

    /// What a new version of a connection does to its schedule: due at once, or never; nobody has it any more.
    pub(super) fn reschedule(
        &self,
        connection: &StoredConnection,
    ) -> Result<TransactWriteItem, BuildError> {
        let due = match connection.standing {
            Standing::Applied => connection.applied,
            Standing::Removed => Timestamp::MAX,
        };
        let update = Update::builder()
            .table_name(&self.table)
            .key(PK, string(SCHEDULE))
            .key(SK, string(connection.id.as_str()))
            .update_expression("SET due = :due, v = if_not_exists(v, :none) + :one REMOVE held_by")
            .expression_attribute_values(":due", string(stamp(due)))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// One damaged schedule must not stop those of all other customers.
fn readable(rows: &[Row]) -> Vec<Polling> {
    let read = rows.iter().map(polling).filter_map(|read| {
        read.inspect_err(|error| {
            tracing::error!(%error, "schedule not readable; apply its connection again");
        })
        .ok()
    });
    read.collect()
}

fn row(polling: &Polling) -> Row {
    let mut row = Row::new(SCHEDULE, polling.connection.as_str())
        .with(VERSION, number(polling.version))
        .with(DUE, string(stamp(polling.due)));
    if let Some(holder) = &polling.holder {
        row = row.with(HELD_BY, string(holder));
    }
    for (name, time) in [(POLLED, polling.polled), (FAILING, polling.failing)] {
        if let Some(time) = time {
            row = row.with(name, string(stamp(time)));
        }
    }
    if !polling.limits.is_empty() {
        let limits = serde_json::to_string(&polling.limits).unwrap_or_default();
        row = row.with(LIMITS, string(limits));
    }
    row
}

fn polling(row: &Row) -> Result<Polling, PortError> {
    let time = |name| row.value(name).map(|_| row.time(name)).transpose();
    Ok(Polling {
        connection: ConnectionId::new(row.text(SK)?)
            .map_err(|error| row.fault(error.to_string()))?,
        version: row.whole(VERSION)?,
        due: row.time(DUE)?,
        holder: row
            .value(HELD_BY)
            .map(|_| row.text(HELD_BY).map(str::to_owned))
            .transpose()?,
        polled: time(POLLED)?,
        failing: time(FAILING)?,
        // An odd text costs a slow call.
        limits: serde_json::from_str(row.text_or_empty(LIMITS)).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_schedule_stops_no_other() {
        let of = |id: &str| {
            let id = ConnectionId::new(id).unwrap();
            row(&Polling::new(id, Timestamp::UNIX_EPOCH))
        };
        let damaged = of("beta").with(DUE, string("yesterday"));
        let read = readable(&[of("alpha"), damaged, of("gamma")]);
        let ids: Vec<&str> = read.iter().map(|one| one.connection.as_str()).collect();
        assert_eq!(ids, ["alpha", "gamma"]);
    }
}
