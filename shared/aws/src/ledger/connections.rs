//! Connections: one partition lists the newest versions, another keeps every version of one.

use aws_sdk_dynamodb::types::TransactWriteItem;
use connector::ports::{PortError, SaveError, Standing, StoredConnection};
use posting::ConnectionId;

use super::{
    DynamoLedger,
    chunks::{BYTES, pack, unpack},
    row::{Row, SK, number, stamp, string},
};
use crate::fault::{self, DYNAMODB};

const REGISTRY: &str = "connections";
const ID: &str = "id";
const VERSION: &str = "v";
const APPLIED: &str = "applied";
const BY: &str = "by";
const NOTE: &str = "note";
/// Stands on the version that removed the connection, and on no other.
const REMOVED: &str = "removed";

/// Bytes of a compressed connection: an item may have 400 KB with its keys.
const PACKED_BYTES_MAX: usize = 350_000;

impl DynamoLedger {
    /// Both items and the schedule's in one transaction; a repetition that finds its own version applied reports success.
    pub(super) async fn write_connection(
        &self,
        connection: &StoredConnection,
    ) -> Result<(), SaveError> {
        let packed = pack(&connection.text);
        if packed.len() > PACKED_BYTES_MAX {
            return Err(SaveError::Port(PortError::TooLarge {
                service: DYNAMODB,
                bytes: packed.len(),
                bytes_max: PACKED_BYTES_MAX,
            }));
        }
        let items = self
            .connection_items(connection, &packed)
            .map_err(|error| SaveError::Port(fault::refused(DYNAMODB, error.to_string())))?;
        let Some(found) = self.write_all(items).await? else {
            return Ok(());
        };
        match found.map(|row| read(&row, connection.id.as_str())) {
            Some(Ok(found)) if found == *connection => Ok(()),
            _ => Err(SaveError::Conflict),
        }
    }

    fn connection_items(
        &self,
        connection: &StoredConnection,
        packed: &[u8],
    ) -> Result<Vec<TransactWriteItem>, aws_sdk_dynamodb::error::BuildError> {
        let row = |pk: &str, sk: &str| row(pk, sk, connection).with_bytes(BYTES, packed.to_vec());
        let newest = self.put(row(REGISTRY, connection.id.as_str()));
        let newest = match connection.version {
            0 | 1 => newest.condition_expression("attribute_not_exists(pk)"),
            version => newest
                .condition_expression("v = :before")
                .expression_attribute_values(":before", number(version.saturating_sub(1))),
        };
        let kept = row(
            &versions_pk(&connection.id),
            &version_sk(connection.version),
        )
        .with(ID, string(connection.id.as_str()));
        let kept = self
            .put(kept)
            .condition_expression("attribute_not_exists(pk)");
        let mut items = vec![self.reschedule(connection)?];
        for put in [newest, kept] {
            items.push(TransactWriteItem::builder().put(put.build()?).build());
        }
        Ok(items)
    }

    pub(super) async fn read_connection(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<StoredConnection>, PortError> {
        let row = self.item(REGISTRY, id.as_str()).await?;
        Ok(row.as_ref().map(|row| newest(row, id)))
    }

    pub(super) async fn list_connections(
        &self,
        standing: Standing,
    ) -> Result<Vec<StoredConnection>, PortError> {
        // Ids consist of letters, digits and `-`, all of which sort before `~`.
        let rows = self.range(REGISTRY, "-", "~").await?;
        let wanted = rows.iter().filter(|row| standing_of(row) == standing);
        Ok(wanted.filter_map(listed).collect())
    }

    pub(super) async fn list_versions(
        &self,
        id: &ConnectionId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredConnection>, PortError> {
        let Some(newest) = below.unwrap_or(u64::MAX).checked_sub(1) else {
            return Ok(Vec::new());
        };
        let (pk, to) = (versions_pk(id), version_sk(newest.min(VERSION_MAX)));
        let rows = self.last(&pk, ("version#", &to), limit).await?;
        Ok(rows.iter().map(|row| kept(row, id)).collect())
    }
}

/// The greatest number whose key is as long as the others, so that keys sort as numbers do.
const VERSION_MAX: u64 = 999_999;

fn versions_pk(id: &ConnectionId) -> String {
    format!("connection#{id}")
}

fn version_sk(version: u64) -> String {
    format!("version#{version:06}")
}

/// Tables of accounts make a connection long, so its text is compressed.
fn row(pk: &str, sk: &str, connection: &StoredConnection) -> Row {
    let row = Row::new(pk, sk)
        .with(VERSION, number(connection.version))
        .with(APPLIED, string(stamp(connection.applied)))
        .with(BY, string(&connection.by))
        .with(NOTE, string(&connection.note));
    match connection.standing {
        Standing::Applied => row,
        Standing::Removed => row.with(REMOVED, string("removed")),
    }
}

/// The connection in its item of the registry. A damaged one is told as one without a text.
fn newest(row: &Row, id: &ConnectionId) -> StoredConnection {
    read(row, id.as_str()).unwrap_or_else(|error| {
        tracing::error!(connection = %id, %error, "connection not readable; apply it again");
        without_text(row, id, row.whole(VERSION).unwrap_or_default())
    })
}

/// A version that is kept, told as one without a text where it is damaged. Its key always says its number.
fn kept(row: &Row, id: &ConnectionId) -> StoredConnection {
    let own = row.text(ID).unwrap_or_default();
    read(row, own).unwrap_or_else(|error| {
        tracing::error!(connection = %id, %error, "version of the connection not readable");
        let key = row.text(SK).unwrap_or_default();
        let number = key
            .strip_prefix("version#")
            .and_then(|number| number.parse().ok());
        without_text(row, id, number.unwrap_or_default())
    })
}

fn without_text(row: &Row, id: &ConnectionId, version: u64) -> StoredConnection {
    StoredConnection {
        id: id.clone(),
        version,
        applied: row.time(APPLIED).unwrap_or_default(),
        by: row.text_or_empty(BY).to_owned(),
        note: row.text_or_empty(NOTE).to_owned(),
        standing: standing_of(row),
        text: String::new(),
    }
}

/// One of all connections; none in an item that does not even have an id.
fn listed(row: &Row) -> Option<StoredConnection> {
    let id = row.text(SK).ok().and_then(|id| ConnectionId::new(id).ok());
    if id.is_none() {
        tracing::error!(key = row.key(), "item of the registry without a connection");
    }
    id.map(|id| newest(row, &id))
}

fn read(row: &Row, id: &str) -> Result<StoredConnection, PortError> {
    Ok(StoredConnection {
        id: ConnectionId::new(id).map_err(|error| row.fault(error.to_string()))?,
        version: row.whole(VERSION)?,
        applied: row.time(APPLIED)?,
        by: row.text_or_empty(BY).to_owned(),
        note: row.text_or_empty(NOTE).to_owned(),
        standing: standing_of(row),
        text: unpack(row.bytes(BYTES)?, row)?,
    })
}

fn standing_of(row: &Row) -> Standing {
    match row.value(REMOVED) {
        Some(_) => Standing::Removed,
        None => Standing::Applied,
    }
}
