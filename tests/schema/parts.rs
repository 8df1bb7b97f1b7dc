//! What schemas are made of.

use serde_json::{Map, Value, json};

/// Every kind of document.
pub(super) const ALL: &[&str] = &["expense", "invoice", "cashadvance"];
/// Kinds with lines and allocations.
pub(super) const WITH_LINES: &[&str] = &["expense", "invoice"];
/// Kinds with an employee who is paid.
pub(super) const WITH_EMPLOYEE: &[&str] = &["expense", "cashadvance"];
/// Reports only.
pub(super) const REPORTS: &[&str] = &["expense"];
/// Invoices only.
pub(super) const INVOICES: &[&str] = &["invoice"];
/// Cash advances only.
pub(super) const ADVANCES: &[&str] = &["cashadvance"];

/// What the object of a template is called.
const BY_KIND: &str = "A template for each kind.";

pub(super) fn object(description: &str, required: &[&str], fields: Vec<(&str, Value)>) -> Value {
    let properties: Map<String, Value> = fields
        .into_iter()
        .map(|(key, schema)| (key.to_owned(), schema))
        .collect();
    json!({"description": description, "type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// An object whose keys are the customer's.
pub(super) fn map(description: &str, values: &Value) -> Value {
    json!({"description": description, "type": "object", "additionalProperties": values})
}

pub(super) fn table(description: &str) -> Value {
    map(description, &json!({"type": "string", "minLength": 1}))
}

pub(super) fn text(description: &str) -> Value {
    json!({"description": description, "type": "string", "minLength": 1})
}

pub(super) fn texts(description: &str) -> Value {
    json!({"description": description, "type": "array", "items": {"type": "string", "minLength": 1}})
}

pub(super) fn flag(description: &str) -> Value {
    json!({"description": description, "type": "boolean"})
}

pub(super) fn whole(description: &str, least: u64, most: u64) -> Value {
    json!({"description": description, "type": "integer", "minimum": least, "maximum": most})
}

pub(super) fn words(description: &str, words: &[&str]) -> Value {
    json!({"description": description, "enum": words})
}

pub(super) fn any(description: &str, choices: &[Value]) -> Value {
    json!({"description": description, "anyOf": choices})
}

/// A template for all kinds of documents, or one for each.
pub(super) fn template(description: &str, kinds: &[&str]) -> Value {
    any(
        description,
        &[text("A template for all kinds."), by_kind(kinds)],
    )
}

pub(super) fn by_kind(kinds: &[&str]) -> Value {
    let fields = kinds
        .iter()
        .map(|kind| (*kind, optional(text("A template."))))
        .collect();
    object(BY_KIND, &[], fields)
}

/// A template for all kinds, or one for each of them, none left out: there is no default.
pub(super) fn every(description: &str, kinds: &[&str]) -> Value {
    any(
        description,
        &[text("A template for all kinds."), every_kind(kinds)],
    )
}

pub(super) fn every_kind(kinds: &[&str]) -> Value {
    let fields = kinds.iter().map(|kind| (*kind, text("A template.")));
    object(BY_KIND, kinds, fields.collect())
}

/// The same, or null.
pub(super) fn optional(mut schema: Value) -> Value {
    let null = json!({"type": "null"});
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(null);
    } else if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    } else if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    schema
}
