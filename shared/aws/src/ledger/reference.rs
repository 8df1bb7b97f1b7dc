//! Cached master data: one text for each list, in one partition, so that one query reads a tenant's. And the likeness of
//! invoices, one partition for each.

use aws_sdk_dynamodb::types::TransactWriteItem;
use connector::ports::{Cached, PortError, SaveError};
use posting::{BusinessId, ConnectionId, DocumentId, planning::Duplicate};

use super::{
    DynamoLedger,
    chunks::{self, BYTES},
    row::{Row, SK, number, stamp, string},
    source::place,
};
use crate::fault::{self, DYNAMODB};

const VERSION: &str = "v";
const READ: &str = "read";
/// Attribute of a list: the tenant it was read from.
const TENANT: &str = "tenant";
/// Attribute of a likeness: the business id of its document.
const BUSINESS: &str = "business";

impl DynamoLedger {
    /// All parts in one transaction, on the version of the first; parts of a longer list before are left over and not read.
    /// A repetition that finds its own list reports success.
    pub(super) async fn write_reference(
        &self,
        connection: &ConnectionId,
        list: &Cached,
    ) -> Result<(), SaveError> {
        let rows = rows(connection, list).map_err(SaveError::Port)?;
        let first = rows.first().cloned();
        let items = rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| {
                let put = self.put(row);
                let put = match (index, list.version) {
                    (0, 0) => put.condition_expression("attribute_not_exists(pk)"),
                    (0, read) => put
                        .condition_expression("v = :read")
                        .expression_attribute_values(":read", number(read)),
                    _ => put,
                };
                Ok(TransactWriteItem::builder().put(put.build()?).build())
            })
            .collect::<Result<Vec<_>, aws_sdk_dynamodb::error::BuildError>>()
            .map_err(|error| SaveError::Port(fault::refused(DYNAMODB, error.to_string())))?;
        let Some(found) = self.write_all(items).await? else {
            return Ok(());
        };
        let is_own = first.zip(found).is_some_and(|(wanted, found)| {
            [VERSION, BYTES]
                .into_iter()
                .all(|name| found.value(name) == wanted.value(name))
        });
        if is_own {
            Ok(())
        } else {
            Err(SaveError::Conflict)
        }
    }

    pub(super) async fn read_reference(
        &self,
        connection: &ConnectionId,
    ) -> Result<Vec<Cached>, PortError> {
        let rows = self.range(&partition(connection), "!", "~").await?;
        let mut lists = Vec::new();
        let mut rest = rows.as_slice();
        while let Some(first) = rest.first() {
            let own = list_of(first)?.to_owned();
            let of_list = |row: &&Row| list_of(row).is_ok_and(|list| list == own);
            let parts = rest.iter().take_while(of_list).count();
            let (parts, others) = rest.split_at(parts.max(1));
            lists.push(cached(parts, first)?);
            rest = others;
        }
        Ok(lists)
    }

    pub(super) async fn read_alike(
        &self,
        connection: &ConnectionId,
        likeness: &str,
    ) -> Result<Vec<Duplicate>, PortError> {
        let rows = self.range(&alike(connection, likeness), "!", "~").await?;
        let duplicate = |row: &Row| {
            Ok(Duplicate {
                document: DocumentId::new(row.text(SK)?)
                    .map_err(|error| row.fault(error.to_string()))?,
                business: BusinessId::new(row.text(BUSINESS)?)
                    .map_err(|error| row.fault(error.to_string()))?,
            })
        };
        rows.iter().map(duplicate).collect()
    }
}

/// The item by which later invoices find a document that looks like them.
pub(super) fn alike_row(
    connection: &ConnectionId,
    likeness: &str,
    (document, business): (&DocumentId, &BusinessId),
) -> Row {
    Row::new(alike(connection, likeness), document.as_str())
        .with(BUSINESS, string(business.as_str()))
}

fn alike(connection: &ConnectionId, likeness: &str) -> String {
    format!("{connection}#like#{likeness}")
}

fn partition(connection: &ConnectionId) -> String {
    format!("reference#{connection}")
}

fn rows(connection: &ConnectionId, list: &Cached) -> Result<Vec<Row>, PortError> {
    let pk = partition(connection);
    let name = list.table.list().as_str();
    let text = serde_json::to_string(&list.table)
        .map_err(|error| fault::corrupt(format!("{pk}/{name}"), error.to_string()))?;
    let rows = chunks::rows(&pk, &text, |n| format!("{name}#{n:03}"));
    Ok(rows
        .into_iter()
        .map(|row| {
            if chunks::is_first(&row) {
                row.with(VERSION, number(list.version.saturating_add(1)))
                    .with(READ, string(stamp(list.read)))
                    .with(TENANT, string(list.tenant.clone()))
            } else {
                row
            }
        })
        .collect())
}

fn list_of(row: &Row) -> Result<&str, PortError> {
    let sk = row.text(SK)?;
    Ok(sk.split_once('#').map_or(sk, |(list, _)| list))
}

fn cached(parts: &[Row], first: &Row) -> Result<Cached, PortError> {
    let text = chunks::text(parts)?.unwrap_or_default();
    Ok(Cached {
        version: first.whole(VERSION)?,
        read: first.time(READ)?,
        tenant: first.text(TENANT)?.to_owned(),
        table: serde_json::from_str(&text).map_err(|error| first.fault(place(&error)))?,
    })
}
