//! One item of the table, written and read attribute by attribute.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use connector::ports::{Key, PortError};
use jiff::Timestamp;

use crate::fault;

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const RECORD: &str = "record";
pub(super) const HOLDER: &str = "holder";

/// Partition of a document.
pub(super) fn document_pk(key: &Key) -> String {
    format!("{}#{}", key.connection, key.document)
}

/// A time as text of fixed width, so that texts sort as times do.
pub(super) fn stamp(at: Timestamp) -> String {
    format!("{at:.9}")
}

pub(super) fn string(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item.
#[derive(Clone, Default)]
pub(super) struct Row(HashMap<String, AttributeValue>);

impl Row {
    pub(super) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self::default().with(PK, string(pk)).with(SK, string(sk))
    }

    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(super) fn with_bytes(self, name: &str, bytes: Vec<u8>) -> Self {
        self.with(name, AttributeValue::B(Blob::new(bytes)))
    }

    /// What the SDK takes.
    pub(super) fn into_item(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// The key for error texts: `pk/sk`.
    pub(super) fn key(&self) -> String {
        let part = |name| self.optional(name).unwrap_or("?");
        format!("{}/{}", part(PK), part(SK))
    }

    pub(super) fn fault(&self, detail: impl Into<String>) -> PortError {
        fault::corrupt(self.key(), detail)
    }

    pub(super) fn value(&self, name: &str) -> Option<&AttributeValue> {
        self.0.get(name)
    }

    fn optional(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(AttributeValue::S(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, PortError> {
        self.optional(name)
            .ok_or_else(|| self.fault(format!("attribute {name} is no text")))
    }

    /// The text, empty when the attribute is missing.
    pub(super) fn text_or_empty(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    pub(super) fn whole<N: std::str::FromStr>(&self, name: &str) -> Result<N, PortError> {
        match self.0.get(name) {
            Some(AttributeValue::N(digits)) => digits.parse().ok(),
            _ => None,
        }
        .ok_or_else(|| self.fault(format!("attribute {name} is no whole number")))
    }

    pub(super) fn bytes(&self, name: &str) -> Result<&[u8], PortError> {
        match self.0.get(name) {
            Some(AttributeValue::B(blob)) => Ok(blob.as_ref()),
            _ => Err(self.fault(format!("attribute {name} is not binary"))),
        }
    }

    /// A time written by [`stamp`].
    pub(super) fn time(&self, name: &str) -> Result<Timestamp, PortError> {
        self.text(name)?
            .parse()
            .map_err(|_| self.fault(format!("attribute {name} is no time")))
    }
}

impl From<HashMap<String, AttributeValue>> for Row {
    fn from(item: HashMap<String, AttributeValue>) -> Self {
        Self(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_texts() {
        let texts = [0_i64, 1, 1_000_000_000, 1_000_000_001, 60_000_000_000]
            .map(|nanos| stamp(Timestamp::from_nanosecond(i128::from(nanos)).unwrap()));
        assert!(texts.is_sorted());
        assert_eq!(texts[0], "1970-01-01T00:00:00.000000000Z");
    }

    #[test]
    fn a_wrong_attribute_is_named_without_its_value() {
        let row = Row::new("acme#1", RECORD).with("v", string("hunter2"));
        let text = row.whole::<u64>("v").unwrap_err().to_string();
        assert_eq!(
            text,
            "stored item `acme#1/record` cannot be read: attribute v is no whole number"
        );
    }
}
