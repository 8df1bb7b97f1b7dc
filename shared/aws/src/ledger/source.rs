//! Sources, plans, audit entries and what was deleted in Acumatica: what hangs on a record.

use connector::ports::{Key, PortError, Removed, Source};
use jiff::Timestamp;
use posting::{Plan, record::Event};

use super::{
    DynamoLedger, chunks,
    row::{Row, document_pk, number, string},
};
use crate::fault::{self, DYNAMODB};

/// Attribute with the end of an item's life, in seconds since 1970; `DynamoDB` deletes it some time after.
const EXPIRES: &str = "expires";
const ENTITY: &str = "entity";
const EVENTS: &str = "events";
const PLAN: &str = "plan";
const POSTING: &str = "n";

/// Follows every key that begins with the same word and `#`.
pub(super) const AFTER: &str = "#~";

impl DynamoLedger {
    /// Writes the parts, the first one last: where it is, all are.
    pub(super) async fn write_source(&self, key: &Key, source: &Source) -> Result<(), PortError> {
        let expires = self.expires();
        let pk = document_pk(key);
        let rows = chunks::rows(&pk, &source.text, |n| format!("source#{n:04}"));
        for (index, row) in rows.into_iter().enumerate().rev() {
            let mut row = row.with(EXPIRES, number(expires));
            if index == 0
                && let Some(entity) = &source.entity
            {
                row = row.with(ENTITY, string(entity));
            }
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(row.into_item()))
                .send()
                .await
                .map_err(|error| fault::port(DYNAMODB, &error))?;
        }
        Ok(())
    }

    pub(super) fn plan_rows(&self, key: &Key, plan: &Plan) -> Result<Vec<Row>, PortError> {
        let pk = document_pk(key);
        let sk = format!("plan#{:04}", plan.number);
        let text = serde_json::to_string(plan)
            .map_err(|error| fault::corrupt(format!("{pk}/{sk}"), error.to_string()))?;
        let expires = self.expires();
        Ok(chunks::rows(&pk, &text, |n| format!("{sk}#{n:03}"))
            .into_iter()
            .map(|row| row.with(EXPIRES, number(expires)))
            .collect())
    }

    pub(super) async fn read_plan(&self, key: &Key, plan: u32) -> Result<Option<Plan>, PortError> {
        let sk = format!("plan#{plan:04}");
        let end = format!("{sk}{AFTER}");
        let rows = living(self.range(&document_pk(key), &sk, &end).await?)?;
        let (Some(first), Some(text)) = (rows.first(), chunks::text(&rows)?) else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| first.fault(place(&error)))
    }

    pub(super) fn removed_rows(&self, key: &Key, removed: &Removed) -> Vec<Row> {
        let sk = format!("removed#{:04}.{:04}", removed.plan, removed.n);
        let expires = self.expires();
        chunks::rows(&document_pk(key), &removed.text, |n| format!("{sk}#{n:03}"))
            .into_iter()
            .map(|row| {
                row.with(EXPIRES, number(expires))
                    .with(PLAN, number(removed.plan))
                    .with(POSTING, number(removed.n))
            })
            .collect()
    }

    pub(super) async fn read_removed(&self, key: &Key) -> Result<Vec<Removed>, PortError> {
        let end = format!("removed{AFTER}");
        let mut all: Vec<Vec<Row>> = Vec::new();
        for row in self.range(&document_pk(key), "removed#", &end).await? {
            match all.last_mut() {
                Some(rows) if !chunks::is_first(&row) => rows.push(row),
                _ => all.push(vec![row]),
            }
        }
        let mut found = Vec::new();
        for rows in all {
            let rows = living(rows)?;
            if let (Some(first), Some(text)) = (rows.first(), chunks::text(&rows)?) {
                let (plan, n) = (first.whole(PLAN)?, first.whole(POSTING)?);
                found.push(Removed { plan, n, text });
            }
        }
        Ok(found)
    }

    pub(super) async fn read_audit(&self, key: &Key) -> Result<Vec<Event>, PortError> {
        let end = format!("audit{AFTER}");
        let mut events = Vec::new();
        for row in self.range(&document_pk(key), "audit#", &end).await? {
            let entries: Vec<Event> = serde_json::from_str(row.text(EVENTS)?)
                .map_err(|error| row.fault(place(&error)))?;
            events.extend(entries);
        }
        Ok(events)
    }
}

/// The audit item: plain text, because it is the evidence people look for in the console.
pub(super) fn audit_row(key: &Key, item: u32, events: &[Event]) -> Result<Row, PortError> {
    let row = Row::new(document_pk(key), format!("audit#{item:06}"));
    let text = serde_json::to_string(events).map_err(|error| row.fault(error.to_string()))?;
    Ok(row.with(EVENTS, string(text)))
}

/// The source in the rows of a document, if it still lives.
pub(super) fn source(rows: Vec<Row>) -> Result<Option<Source>, PortError> {
    let rows = living(rows)?;
    let Some(text) = chunks::text(&rows)? else {
        return Ok(None);
    };
    let entity = rows.first().map(|row| row.text_or_empty(ENTITY));
    Ok(Some(Source {
        text,
        entity: entity
            .filter(|entity| !entity.is_empty())
            .map(str::to_owned),
    }))
}

/// Leaves out what has expired: `DynamoDB` deletes late, and not all parts at one time.
fn living(rows: Vec<Row>) -> Result<Vec<Row>, PortError> {
    let now = Timestamp::now().as_second();
    let Some(first) = rows.first() else {
        return Ok(rows);
    };
    // All parts are written with one end; without the first there is no whole.
    if !chunks::is_first(first) || first.whole::<i64>(EXPIRES)? <= now {
        return Ok(Vec::new());
    }
    Ok(rows)
}

/// Where a stored text is wrong; the error's own words could quote it.
pub(super) fn place(error: &serde_json::Error) -> String {
    format!(
        "its JSON is wrong at line {} column {}",
        error.line(),
        error.column()
    )
}
