//! Connections: one partition lists the newest versions, another keeps every version of one.

use aws_sdk_dynamodb::types::TransactWriteItem;
use connector::ports::{PortError, SaveError, StoredConnection};
use posting::ConnectionId;

use super::{
    DynamoLedger,
    chunks::{BYTES, pack, unpack},
    row::{Row, SK, number, stamp, string},
};
use crate::fault::{self, DYNAMODB};

const REGISTRY: &str = "connections";
const VERSION: &str = "v";
const APPLIED: &str = "applied";

impl DynamoLedger {
    /// Both items in one transaction; a repetition that finds its own version applied reports success.
    pub(super) async fn write_connection(
        &self,
        connection: &StoredConnection,
    ) -> Result<(), SaveError> {
        let items = self
            .connection_items(connection)
            .map_err(|error| SaveError::Port(fault::refused(DYNAMODB, error.to_string())))?;
        let Some(found) = self.write_all(items).await? else {
            return Ok(());
        };
        match found.map(|row| stored(&row)) {
            Some(Ok(found)) if found == *connection => Ok(()),
            _ => Err(SaveError::Conflict),
        }
    }

    fn connection_items(
        &self,
        connection: &StoredConnection,
    ) -> Result<Vec<TransactWriteItem>, aws_sdk_dynamodb::error::BuildError> {
        let newest = self.put(row(REGISTRY, connection.id.as_str(), connection));
        let newest = match connection.version {
            0 | 1 => newest.condition_expression("attribute_not_exists(pk)"),
            version => newest
                .condition_expression("v = :before")
                .expression_attribute_values(":before", number(version.saturating_sub(1))),
        };
        let pk = format!("connection#{}", connection.id);
        let sk = format!("version#{:06}", connection.version);
        let kept = row(&pk, &sk, connection).with("id", string(connection.id.as_str()));
        let kept = self
            .put(kept)
            .condition_expression("attribute_not_exists(pk)");
        [newest, kept]
            .into_iter()
            .map(|put| Ok(TransactWriteItem::builder().put(put.build()?).build()))
            .collect()
    }

    pub(super) async fn read_connection(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<StoredConnection>, PortError> {
        let row = self.item(REGISTRY, id.as_str()).await?;
        row.as_ref().map(stored).transpose()
    }

    pub(super) async fn list_connections(&self) -> Result<Vec<StoredConnection>, PortError> {
        // Ids consist of letters, digits and `-`, all of which sort before `~`.
        let rows = self.range(REGISTRY, "-", "~").await?;
        rows.iter().map(stored).collect()
    }
}

/// Tables of accounts make a connection long, so its text is compressed.
fn row(pk: &str, sk: &str, connection: &StoredConnection) -> Row {
    Row::new(pk, sk)
        .with(VERSION, number(connection.version))
        .with(APPLIED, string(stamp(connection.applied)))
        .with_bytes(BYTES, pack(&connection.text))
}

/// The connection in its item of the registry.
fn stored(row: &Row) -> Result<StoredConnection, PortError> {
    Ok(StoredConnection {
        id: ConnectionId::new(row.text(SK)?).map_err(|error| row.fault(error.to_string()))?,
        version: row.whole(VERSION)?,
        applied: row.time(APPLIED)?,
        text: unpack(row.bytes(BYTES)?, row)?,
    })
}
