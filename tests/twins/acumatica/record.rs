//! Stored records: plain values inside, wrapped values on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, offset};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::contract::{Entity, Field};
use crate::amounts::decimal;

/// The zone of the API user, east of Greenwich: whoever turns a date into UTC loses a day here.
pub(super) const ZONE: TimeZone = TimeZone::fixed(offset(2));
/// The offset every answered moment carries.
pub(super) const OFFSET: &str = "+02:00";

/// One row of a detail list.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
    pub(super) custom: BTreeMap<String, Value>,
}

/// One record of an entity.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) fields: Map<String, Value>,
    pub(super) lists: BTreeMap<String, Vec<Row>>,
    /// Linked records.
    pub(super) linked: BTreeMap<String, Row>,
    pub(super) custom: BTreeMap<String, Value>,
}

/// A value that is absent or null or blank: what Acumatica calls empty.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| {
        value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
    })
}

/// Reading of plain fields, the same for records and rows.
pub(super) trait Fields {
    fn fields(&self) -> &Map<String, Value>;

    /// A text, trimmed; blank for an empty field.
    fn text(&self, name: &str) -> &str {
        self.fields()
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
    }

    fn amount(&self, name: &str) -> Option<Decimal> {
        self.fields().get(name).and_then(decimal)
    }

    fn flag(&self, name: &str) -> bool {
        self.fields()
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    fn is_blank(&self, name: &str) -> bool {
        is_empty(self.fields().get(name))
    }
}

impl Fields for Record {
    fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl Fields for Row {
    fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl Record {
    /// Sets a field unless it has a value.
    pub(super) fn default_to(&mut self, name: &str, value: Value) {
        if self.is_blank(name) {
            self.fields.insert(name.to_owned(), value);
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }

    pub(super) fn rows(&self, list: &str) -> &[Row] {
        self.lists.get(list).map(Vec::as_slice).unwrap_or_default()
    }

    /// A flag of a linked record.
    pub(super) fn linked_flag(&self, linked: &str, name: &str) -> bool {
        self.linked.get(linked).is_some_and(|row| row.flag(name))
    }

    /// Whether every key of the address matches, blanks at the end aside.
    pub(super) fn has_keys(&self, entity: &Entity, keys: &[&str]) -> bool {
        keys.len() == entity.keys.len()
            && entity
                .keys
                .iter()
                .zip(keys)
                .all(|(name, key)| self.text(name) == key.trim())
    }

    /// The record as plain JSON, for tests and for the window.
    pub(super) fn plain(&self) -> Value {
        let mut plain = self.fields.clone();
        plain.insert("id".to_owned(), json!(self.id));
        for (list, rows) in &self.lists {
            let rows = rows.iter().map(|row| with_custom(&row.fields, &row.custom));
            plain.insert(list.clone(), rows.collect());
        }
        for (name, linked) in &self.linked {
            plain.insert(name.clone(), Value::Object(linked.fields.clone()));
        }
        with_custom(&plain, &self.custom)
    }
}

fn with_custom(fields: &Map<String, Value>, custom: &BTreeMap<String, Value>) -> Value {
    let mut plain = fields.clone();
    if !custom.is_empty() {
        plain.insert("custom".to_owned(), json!(custom));
    }
    Value::Object(plain)
}

/// `{"value": X}`; an empty field is `{}`.
pub(super) fn wrapped(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!({}),
        Some(value) => json!({"value": value}),
    }
}

/// The wanted fields of a record or row, wrapped, with the members every object has.
pub(super) fn wrapped_fields(
    source: &impl Fields,
    id: &str,
    row_number: usize,
    wanted: &[&Field],
) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(id));
    object.insert("rowNumber".to_owned(), json!(row_number));
    object.insert("note".to_owned(), json!({"value": ""}));
    for field in wanted {
        object.insert(
            field.name.to_owned(),
            wrapped(source.fields().get(field.name)),
        );
    }
    object.insert("custom".to_owned(), json!({}));
    object
}

/// A moment in any of the forms requests and filters use; a form without an offset is in the user's zone.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let local = text.parse::<DateTime>().ok().or_else(|| {
        american_date(text).map(|date| date.to_datetime(jiff::civil::Time::midnight()))
    })?;
    ZONE.to_timestamp(local).ok()
}

/// `10/18/2021`, the locale style of an English site.
fn american_date(text: &str) -> Option<Date> {
    let mut parts = text.split('/').map(|part| part.parse::<i16>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The stored and answered form of a moment.
pub(super) fn stored_moment(text: &str) -> Option<String> {
    Some(format!("{}{OFFSET}", ZONE.to_datetime(moment(text)?)))
}

/// The calendar day of a stored moment.
pub(super) fn day_of(stored: &str) -> Option<Date> {
    Some(ZONE.to_datetime(moment(stored)?).date())
}
