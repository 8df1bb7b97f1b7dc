//! `history`: who changed what in a connection and when.

use std::collections::BTreeMap;

use jiff::Timestamp;
use posting::ConnectionId;
use serde::Serialize;
use serde_json::Value;

use super::{ConnectError, show::text};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Ledger, Standing, StoredConnection};

/// Versions of one answer, which may have 6 MB.
const VERSIONS_MAX: usize = 20;
/// Further versions that are read, one of which the last one shown is compared with.
const EARLIER_MAX: usize = 5;
/// Changes shown of one version.
const CHANGES_MAX: usize = 100;
/// What is said of a version whose text cannot be read.
pub(super) const DAMAGED: &str = "its stored text is damaged and cannot be shown; where it is the newest version, apply the connection again, else \
     nothing needs it: bring it back from a backup of the table if it must be seen";
/// The same of those before it.
const DAMAGED_BEFORE: &str = "the versions before it are damaged, so what it changed cannot be told; `show` with `version` shows it whole";

/// Longest value shown, in characters; longer ones end in `…`.
const VALUE_CHARS_MAX: usize = 300;

/// The answer of `history`.
#[derive(Debug, Serialize)]
pub struct History {
    /// The connection.
    pub connection: ConnectionId,
    /// Its versions, newest first.
    pub versions: Vec<VersionRow>,
    /// The event that shows the versions before these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Earlier>,
}

/// An event that asks for earlier versions.
#[derive(Debug, Serialize)]
pub struct Earlier {
    action: &'static str,
    connection: ConnectionId,
    before: u64,
}

/// One version.
#[derive(Debug, Serialize)]
pub struct VersionRow {
    /// Its number, from 1.
    pub version: u64,
    /// Whether it put a text in force or removed the connection.
    pub standing: Standing,
    /// When it was applied.
    pub applied: Timestamp,
    /// Who said to have applied it; empty when nobody was named.
    pub by: String,
    /// Why; empty when nothing was said.
    pub note: String,
    /// That its text or that of those before it is damaged, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<&'static str>,
    /// What differs from the version before, by path; nothing for the first, which `show` shows whole.
    pub changes: Vec<ChangeRow>,
    /// The version it is compared with where those between are damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<u64>,
    /// Further changes that are not shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub changes_left_out: usize,
}

/// One field that differs from the version before.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ChangeRow {
    /// JSON path, as `apply` writes it.
    pub path: String,
    /// What stood there before; left out when nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What stands there since; left out when nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

pub(super) async fn history<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    id: ConnectionId,
    before: Option<u64>,
) -> Result<History, ConnectError> {
    let limit = VERSIONS_MAX.saturating_add(EARLIER_MAX);
    let stored = needs.ledger.versions(&id, before, limit).await?;
    if stored.is_empty() && before.is_none() {
        return Err(ConnectionError::Missing(id).into());
    }
    let texts: Vec<_> = stored.iter().map(fields).collect();
    let mut earlier = stored.iter().zip(&texts);
    let mut versions = Vec::new();
    while let Some((now, text)) = earlier.next() {
        if versions.len() == VERSIONS_MAX {
            break;
        }
        let mut readable = earlier.clone().map(|(stored, text)| (stored.version, text));
        let before = readable.find_map(|(version, text)| Some((version, text.as_ref()?)));
        versions.push(row(now, before, text.as_ref()));
    }
    let is_more = stored.len() > VERSIONS_MAX;
    let next = versions.last().filter(|_| is_more).map(|last| Earlier {
        action: "history",
        connection: id.clone(),
        before: last.version,
    });
    Ok(History {
        connection: id,
        versions,
        next,
    })
}

/// Every value of a connection that is neither a list nor an object with something in it, by its path.
type Fields = BTreeMap<String, Value>;

/// `None` of a damaged text.
fn fields(stored: &StoredConnection) -> Option<Fields> {
    let text = text(stored).filter(Value::is_object)?;
    let mut fields = Fields::new();
    flatten(String::new(), text, &mut fields);
    Some(fields)
}

/// Stored text was read once and is no deeper than serde reads it.
fn flatten(path: String, value: Value, fields: &mut Fields) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let path = if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                };
                flatten(path, value, fields);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.into_iter().enumerate() {
                flatten(format!("{path}[{index}]"), value, fields);
            }
        }
        value => {
            fields.insert(path, value);
        }
    }
}

fn row(
    stored: &StoredConnection,
    before: Option<(u64, &Fields)>,
    now: Option<&Fields>,
) -> VersionRow {
    let compared = before.zip(now);
    let mut changes = compared.map_or_else(Vec::new, |((_, before), now)| differences(before, now));
    let directly = stored.version.checked_sub(1);
    let damaged = match (before, now) {
        (_, None) => Some(DAMAGED),
        (None, Some(_)) if stored.version > 1 => Some(DAMAGED_BEFORE),
        _ => None,
    };
    let compared_with = compared
        .map(|((version, _), _)| version)
        .filter(|version| Some(*version) != directly);
    let changes_left_out = changes.len().saturating_sub(CHANGES_MAX);
    changes.truncate(CHANGES_MAX);
    VersionRow {
        version: stored.version,
        standing: stored.standing,
        applied: stored.applied,
        by: stored.by.clone(),
        note: stored.note.clone(),
        damaged,
        changes,
        compared_with,
        changes_left_out,
    }
}

fn differences(before: &Fields, now: &Fields) -> Vec<ChangeRow> {
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let mut paths: Vec<&String> = gone.chain(now.keys()).collect();
    paths.sort();
    let change = |path: &String| {
        let (before, after) = (before.get(path), now.get(path));
        (before != after).then(|| ChangeRow {
            path: path.clone(),
            before: before.map(shortened),
            after: after.map(shortened),
        })
    };
    paths.into_iter().filter_map(change).collect()
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().nth(VALUE_CHARS_MAX).is_some() => {
            let kept: String = text.chars().take(VALUE_CHARS_MAX).collect();
            Value::String(format!("{kept}…"))
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(before: Value, now: Value) -> Vec<Value> {
        let of = |value| {
            let mut fields = Fields::new();
            flatten(String::new(), value, &mut fields);
            fields
        };
        let found = differences(&of(before), &of(now));
        found
            .iter()
            .map(|change| serde_json::to_value(change).unwrap())
            .collect()
    }

    #[test]
    fn each_change_is_told_by_its_path() {
        let before = json!({"a": {"b": 1, "c": null, "d": {}}, "list": [{"x": "1"}, {"x": "2"}], "same": [true]});
        let now = json!({"a": {"b": 1.0, "d": {"e": "new"}}, "list": [{"x": "1"}], "same": [true]});
        assert_eq!(
            changes(before.clone(), now),
            [
                json!({"path": "a.b", "before": 1, "after": 1.0}),
                json!({"path": "a.c", "before": null}),
                json!({"path": "a.d", "before": {}}),
                json!({"path": "a.d.e", "after": "new"}),
                json!({"path": "list[1].x", "before": "2"}),
            ]
        );
        assert_eq!(changes(before.clone(), before), Vec::<Value>::new());
    }

    #[test]
    fn a_long_value_is_cut() {
        let long = "ä".repeat(VALUE_CHARS_MAX + 1);
        let found = changes(json!({"a": "short"}), json!({ "a": long }));
        let after = found[0]["after"].as_str().unwrap();
        assert_eq!(after.chars().count(), VALUE_CHARS_MAX + 1);
        assert!(after.ends_with('…'));
    }
}
