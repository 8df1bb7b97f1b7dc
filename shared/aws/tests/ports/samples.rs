//! Records, plans and texts to store.

use connector::ports::{Key, Source};
use jiff::{SignedDuration, Timestamp};
use posting::{ConnectionId, DocumentId, Plan, Record};
use serde_json::json;

pub(crate) fn connection(id: &str) -> ConnectionId {
    ConnectionId::new(id).unwrap()
}

pub(crate) fn document(n: u32) -> DocumentId {
    DocumentId::new(format!("{n:032x}")).unwrap()
}

pub(crate) fn key(id: &str, n: u32) -> Key {
    Key {
        connection: connection(id),
        document: document(n),
    }
}

/// A fixed moment and so many seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

/// A received expense report, due at [`at`]`(0)`.
pub(crate) fn record(key: &Key) -> Record {
    serde_json::from_value(json!({
        "connection": key.connection,
        "document": key.document,
        "kind": "expense",
        "business": "2519BED4A22B43C4B8E7",
        "system_id": format!("stack-{}", key.connection),
        "payee": "V00017",
        "currency": "USD",
        "amount": "1234.56",
        "state": "received",
        "received": at(0),
        "due": at(0),
    }))
    .unwrap()
}

pub(crate) fn plan(key: &Key, number: u32, notes: &[String]) -> Plan {
    serde_json::from_value(json!({
        "document": key.document,
        "kind": "expense",
        "number": number,
        "rules_version": 1,
        "currency": "USD",
        "gross": "1234.56",
        "postings": [],
        "notes": notes,
    }))
    .unwrap()
}

pub(crate) fn source(text: impl Into<String>) -> Source {
    Source {
        text: text.into(),
        entity: Some("p0012345abcd".to_owned()),
    }
}

/// Hex digits that hardly compress: two of them cost a byte.
pub(crate) fn noise(digits: usize) -> String {
    let mut seed = 7_u64;
    let step = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from_digit(u32::try_from(seed >> 60).unwrap(), 16).unwrap()
    };
    (0..digits).map(step).collect()
}
