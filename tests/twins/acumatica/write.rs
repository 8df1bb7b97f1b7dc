//! PUT and DELETE: create or update, with the dangers of the real thing.

use serde_json::{Map, Value, json};

use super::contract::{Entity, Field, Kind};
use super::filter::{self, Fault};
use super::read::{Shape, exception, is_document, missing, position};
use super::record::{Fields, Record, Row, is_empty, stored_moment, wrapped};
use super::{Books, Options, bill, journal};
use crate::amounts::{decimal, number};
use crate::twins::wire::{Call, Reply};

/// The only version whose bills lack `IsTaxValid`: it is ignored like any unknown member.
const VERSION_WITHOUT_TAX_OVERRIDE: &str = "22.200.001";

/// What the rules of a screen object to: where (`VendorRef`, `Details/0/Account`, blank for the record) and why.
#[derive(Debug, Default)]
pub(super) struct Objections(Vec<(String, String)>);

impl Objections {
    pub(super) fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.push((path.into(), text.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first objection.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first().map(|(_, text)| text.as_str())
    }
}

/// Carries out a PUT.
pub(super) fn put(
    books: &mut Books,
    options: &Options,
    entity: &'static Entity,
    call: &Call,
) -> Reply {
    if !is_document(entity) {
        let text = format!(
            "You have insufficient rights to access the {} ({}) form.",
            entity.name, entity.screen
        );
        return Reply::json(403, &json!({"message": text}));
    }
    let Some(Value::Object(mut sent)) = call.json() else {
        return malformed("The request body is not a JSON object.");
    };
    if options.version == VERSION_WITHOUT_TAX_OVERRIDE {
        sent.remove("IsTaxValid");
    }
    let shape = match Shape::read(entity, call) {
        Ok(shape) => shape,
        Err(refusal) => return refusal,
    };
    let target = match target(books.records(entity.name), entity, &sent, call) {
        Ok(target) => target,
        Err(refusal) => return refusal,
    };
    let conflict = match target {
        Some(_) => call.header("if-none-match") == Some("*"),
        None => call.header("if-match").is_some(),
    };
    if conflict {
        return exception(
            412,
            "PX.Api.ContractBased.PreconditionFailedException",
            "The precondition failed.",
        );
    }
    let mut record = target
        .and_then(|at| books.records(entity.name).get(at).cloned())
        .unwrap_or_default();
    let mut objections = Objections::default();
    if let Err(refusal) = merge(books, entity, &mut record, &sent, &mut objections) {
        return refusal;
    }
    match entity.name {
        "Bill" => bill::check(books, options, &mut record, &mut objections),
        _ => journal::check(books, options, &mut record, &mut objections),
    }
    if !objections.is_empty() {
        return echo(entity, &record, &sent, &objections);
    }
    let saved = books.save(entity, target, record);
    Reply::json(200, &shape.of_write(&saved, &sent))
}

/// Removes a record that is not released.
pub(super) fn delete(
    books: &mut Books,
    options: &Options,
    entity: &'static Entity,
    keys: &[&str],
) -> Reply {
    if !options.deletion.is_on() {
        let text = format!(
            "You have insufficient rights to delete records on the {} ({}) form.",
            entity.name, entity.screen
        );
        return Reply::json(403, &json!({"message": text}));
    }
    let Some(at) = position(entity, books.records(entity.name), keys) else {
        return missing(entity);
    };
    let status = books
        .records(entity.name)
        .get(at)
        .map(|record| record.text("Status").to_owned())
        .unwrap_or_default();
    if !matches!(status.as_str(), "On Hold" | "Balanced") {
        return exception(
            500,
            "PX.Data.PXInvalidOperationException",
            &format!("The document is {status} and cannot be deleted."),
        );
    }
    books.remove(entity, at);
    Reply::empty(204)
}

/// The record a PUT updates: by id, by all keys, or by a filter in the query that happens to match.
fn target(
    records: &[Record],
    entity: &Entity,
    sent: &Map<String, Value>,
    call: &Call,
) -> Result<Option<usize>, Reply> {
    if let Some(id) = sent.get("id").and_then(Value::as_str) {
        return records
            .iter()
            .position(|record| record.id == id)
            .map(Some)
            .ok_or_else(|| missing(entity));
    }
    let keys: Vec<&str> = entity
        .keys
        .iter()
        .map(|key| {
            match (
                *key,
                sent.get(*key)
                    .and_then(|wrapped| wrapped.get("value"))
                    .and_then(Value::as_str),
            ) {
                ("Type", None) => "Bill",
                ("Module", None) => "GL",
                (_, key) => key.unwrap_or_default(),
            }
        })
        .collect();
    if keys.iter().all(|key| !key.is_empty()) {
        return Ok(position(entity, records, &keys));
    }
    let Some(filter) = call.query.get("$filter") else {
        return Ok(None);
    };
    match filter::matching(entity, Some(filter), records) {
        Ok(found) => Ok(found
            .first()
            .and_then(|first| records.iter().position(|record| record.id == first.id))),
        Err(Fault::Silent) => Ok(None),
        Err(Fault::Broken(text)) => Err(exception(500, "Microsoft.OData.ODataException", &text)),
    }
}

/// Lays what was sent over a record. Unknown and computed members are ignored without a word.
fn merge(
    books: &mut Books,
    entity: &Entity,
    record: &mut Record,
    sent: &Map<String, Value>,
    objections: &mut Objections,
) -> Result<(), Reply> {
    merge_fields(entity.fields, &mut record.fields, sent, ("", objections))?;
    let custom = sent.get("custom").map(custom_values).unwrap_or_default();
    record.custom.extend(custom);
    for (list, fields) in entity.lists {
        let Some(rows) = sent.get(*list) else {
            continue;
        };
        let Value::Array(rows) = rows else {
            return Err(malformed(&format!("{list} is not an array.")));
        };
        let mut stored = record.lists.remove(*list).unwrap_or_default();
        for row in rows {
            let Value::Object(row) = row else {
                return Err(malformed(&format!(
                    "{list} holds something that is no object."
                )));
            };
            merge_row(books, (list, fields), &mut stored, row, objections)?;
        }
        record.lists.insert((*list).to_owned(), stored);
    }
    Ok(())
}

/// A row with an id is updated or deleted; a row without one is appended, every time.
fn merge_row(
    books: &mut Books,
    (list, fields): (&str, &[Field]),
    stored: &mut Vec<Row>,
    sent: &Map<String, Value>,
    objections: &mut Objections,
) -> Result<(), Reply> {
    let at = match sent.get("id").and_then(Value::as_str) {
        None => {
            stored.push(Row {
                id: books.new_id(),
                ..Row::default()
            });
            stored.len().saturating_sub(1)
        }
        Some(id) => {
            if let Some(at) = stored.iter().position(|row| row.id == id) {
                at
            } else {
                objections.add(
                    "",
                    format!("The row {id} of {list} cannot be found in the system."),
                );
                return Ok(());
            }
        }
    };
    if sent.get("delete") == Some(&Value::Bool(true)) {
        stored.remove(at);
        return Ok(());
    }
    let Some(row) = stored.get_mut(at) else {
        return Ok(());
    };
    row.custom
        .extend(sent.get("custom").map(custom_values).unwrap_or_default());
    merge_fields(
        fields,
        &mut row.fields,
        sent,
        (&format!("{list}/{at}/"), objections),
    )
}

fn merge_fields(
    fields: &[Field],
    stored: &mut Map<String, Value>,
    sent: &Map<String, Value>,
    (prefix, objections): (&str, &mut Objections),
) -> Result<(), Reply> {
    for field in fields.iter().filter(|field| !field.computed) {
        let Some(member) = sent.get(field.name) else {
            continue;
        };
        let Some(member) = member.as_object() else {
            return Err(malformed(&format!(
                "{prefix}{} is not wrapped in a value.",
                field.name
            )));
        };
        let value = member.get("value").cloned().unwrap_or_default();
        let value = stored_value(field, &value).unwrap_or_else(|text| {
            objections.add(format!("{prefix}{}", field.name), text);
            value
        });
        stored.insert(field.name.to_owned(), value);
    }
    Ok(())
}

/// A value in its stored form, or what is wrong with it.
fn stored_value(field: &Field, value: &Value) -> Result<Value, String> {
    if is_empty(Some(value)) {
        return Ok(Value::Null);
    }
    let wrong = || format!("'{}' has a value of the wrong type.", field.name);
    match field.kind {
        Kind::Text(length_max) => match value.as_str() {
            None => Err(wrong()),
            Some(text) if length_max > 0 && text.chars().count() > length_max => Err(format!(
                "'{}' is longer than {length_max} characters.",
                field.name
            )),
            Some(_) => Ok(value.clone()),
        },
        Kind::Decimal => decimal(value).map(number).ok_or_else(wrong),
        Kind::Integer => decimal(value)
            .filter(rust_decimal::Decimal::is_integer)
            .map(number)
            .ok_or_else(wrong),
        Kind::Flag => {
            if value.is_boolean() {
                Ok(value.clone())
            } else {
                Err(wrong())
            }
        }
        Kind::Instant => value
            .as_str()
            .and_then(stored_moment)
            .map(Value::String)
            .ok_or_else(wrong),
    }
}

/// `{"View": {"Field": {"type", "value"}}}` as `View.Field` and value.
fn custom_values(custom: &Value) -> Vec<(String, Value)> {
    let Some(views) = custom.as_object() else {
        return Vec::new();
    };
    views
        .iter()
        .filter_map(|(view, fields)| Some((view, fields.as_object()?)))
        .flat_map(|(view, fields)| {
            fields.iter().map(move |(field, member)| {
                (
                    format!("{view}.{field}"),
                    member.get("value").cloned().unwrap_or_default(),
                )
            })
        })
        .collect()
}

fn malformed(text: &str) -> Reply {
    Reply::json(
        400,
        &json!({"message": "The request is invalid.", "modelState": {"entity": [text]}}),
    )
}

/// 422: the record as understood, with every objection at its place.
fn echo(
    entity: &Entity,
    record: &Record,
    sent: &Map<String, Value>,
    objections: &Objections,
) -> Reply {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(record.id));
    for field in entity
        .fields
        .iter()
        .filter(|field| sent.contains_key(field.name))
    {
        body.insert(
            field.name.to_owned(),
            wrapped(record.fields().get(field.name)),
        );
    }
    for (list, fields) in entity
        .lists
        .iter()
        .filter(|(list, _)| sent.contains_key(*list))
    {
        let rows = record
            .rows(list)
            .iter()
            .map(|row| echoed_row(row, fields))
            .collect();
        body.insert((*list).to_owned(), Value::Array(rows));
    }
    if let (Some(number), true) = (entity.keys.last(), record.id.is_empty()) {
        body.insert((*number).to_owned(), json!({"value": "<NEW>"}));
    }
    let mut body = Value::Object(body);
    let mut root = Vec::new();
    for (path, text) in &objections.0 {
        if path.is_empty() {
            root.push(text.as_str());
        } else if let Some(field) = field_at(&mut body, path) {
            // The first objection to a field is the one shown.
            field.entry("error").or_insert_with(|| json!(text));
        }
    }
    let complaint = format!(
        "{} record raised at least one error. Please review the errors.",
        entity.name
    );
    let complaint = if root.is_empty() {
        complaint
    } else {
        root.join(" ")
    };
    if let Some(members) = body.as_object_mut() {
        members.insert("error".to_owned(), json!(complaint));
    }
    Reply::json(422, &body)
}

fn echoed_row(row: &Row, fields: &[Field]) -> Value {
    let known = fields
        .iter()
        .filter(|field| row.fields.contains_key(field.name));
    Value::Object(
        known
            .map(|field| (field.name.to_owned(), wrapped(row.fields.get(field.name))))
            .collect(),
    )
}

/// The wrapped field a path leads to, made where it was not sent.
fn field_at<'a>(body: &'a mut Value, path: &str) -> Option<&'a mut Map<String, Value>> {
    let mut steps: Vec<&str> = path.split('/').collect();
    let name = steps.pop()?;
    let mut at = body;
    for step in steps {
        at = match step.parse::<usize>() {
            Ok(index) => at.get_mut(index)?,
            Err(_) => at.get_mut(step)?,
        };
    }
    at.as_object_mut()?
        .entry(name)
        .or_insert_with(|| json!({}))
        .as_object_mut()
}

/// The refusal a test scripts: an objection to the whole record.
pub(super) fn scripted_refusal(entity: &Entity, call: &Call, text: &str) -> Reply {
    let sent = call
        .json()
        .and_then(|body| body.as_object().cloned())
        .unwrap_or_default();
    let mut objections = Objections::default();
    objections.add("", text);
    echo(entity, &Record::default(), &sent, &objections)
}
