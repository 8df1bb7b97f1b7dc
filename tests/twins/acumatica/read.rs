//! Lists, keyed reads and the shape of answers: `$select`, `$expand`, `$custom`, `$top`, `$skip`.

use serde_json::{Map, Value, json};

use super::contract::{Entity, Field};
use super::filter::{self, Fault};
use super::record::{Fields, Record, wrapped_fields};
use crate::twins::wire::{Call, Reply};

/// An error as the service writes them: the useful text is in `exceptionMessage`.
pub(super) fn exception(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({
            "message": "An error has occurred.",
            "exceptionMessage": message,
            "exceptionType": kind,
            "stackTrace": "   at PX.Api.ContractBased (simulated)",
        }),
    )
}

/// What an answer shall contain.
pub(super) struct Shape<'a> {
    entity: &'a Entity,
    select: Vec<&'a str>,
    expand: Vec<&'a str>,
    custom: Vec<&'a str>,
}

impl<'a> Shape<'a> {
    /// Reads the query; a name the entity does not have is an exception of the server.
    pub(super) fn read(entity: &'a Entity, call: &'a Call) -> Result<Self, Reply> {
        let names = |option: &str| -> Vec<&str> {
            call.query
                .get(option)
                .map(|names| {
                    names
                        .split(',')
                        .map(str::trim)
                        .filter(|name| !name.is_empty())
                        .collect()
                })
                .unwrap_or_default()
        };
        let shape = Self {
            entity,
            select: names("$select"),
            expand: names("$expand"),
            custom: names("$custom"),
        };
        let unknown_field = shape.select.iter().find(|name| !shape.knows(name));
        let unknown_list = shape.expand.iter().find(|name| {
            entity.list(name).is_none() && entity.linked(name).is_none() && !is_contact(name)
        });
        match unknown_field.or(unknown_list) {
            None => Ok(shape),
            Some(name) => Err(exception(
                500,
                "System.InvalidOperationException",
                &format!(
                    "Could not find a property named '{name}' on type '{}'",
                    entity.name
                ),
            )),
        }
    }

    fn knows(&self, name: &str) -> bool {
        match name.split_once('/') {
            None => {
                matches!(name, "id" | "note")
                    || self.entity.field(name).is_some()
                    || self.entity.list(name).is_some()
            }
            Some((list, field)) => {
                let fields = self.entity.list(list).or(self.entity.linked(list));
                is_contact(list)
                    || fields.is_some_and(|fields| fields.iter().any(|known| known.name == field))
            }
        }
    }

    /// The top fields wanted: all of them without a `$select`.
    fn selected(&self) -> Vec<&'static Field> {
        let top = self.select.iter().any(|name| !name.contains('/'));
        // Known of this entity: it hands out everything, selected or not.
        let everything = !top || self.entity.name == "JournalTransaction";
        self.entity
            .fields
            .iter()
            .filter(|field| everything || self.select.contains(&field.name))
            .collect()
    }

    /// A record as a read answers it.
    pub(super) fn of_read(&self, record: &Record) -> Value {
        self.build(record, &self.selected())
    }

    /// A record as a write answers it: what was sent, the keys, and what was selected.
    pub(super) fn of_write(&self, record: &Record, sent: &Map<String, Value>) -> Value {
        let wanted: Vec<&Field> = self
            .entity
            .fields
            .iter()
            .filter(|field| {
                sent.contains_key(field.name)
                    || self.entity.keys.contains(&field.name)
                    || self.select.contains(&field.name)
            })
            .collect();
        self.build(record, &wanted)
    }

    fn build(&self, record: &Record, wanted: &[&Field]) -> Value {
        let mut object = wrapped_fields(record, &record.id, 1, wanted);
        for (list, fields) in self
            .entity
            .lists
            .iter()
            .filter(|(list, _)| self.expand.contains(list))
        {
            object.insert(
                (*list).to_owned(),
                Value::Array(self.rows(record, list, fields)),
            );
        }
        for (name, fields) in self
            .entity
            .linked
            .iter()
            .filter(|(name, _)| self.expand.contains(name))
        {
            let linked = record.linked.get(*name).map_or_else(
                || json!({}),
                |row| {
                    let wanted = self.chosen(name, fields);
                    Value::Object(wrapped_fields(row, &row.id, 1, &wanted))
                },
            );
            object.insert((*name).to_owned(), linked);
        }
        let custom = object.entry("custom").or_insert_with(|| json!({}));
        for path in &self.custom {
            if let Some(value) = record.custom.get(*path) {
                add_custom(custom, path, value);
            }
        }
        let path = format!("/entity/Default/{}/{}", self.entity.name, record.id);
        object.insert(
            "_links".to_owned(),
            json!({"self": path, "files:put": format!("{path}/files/{{filename}}")}),
        );
        Value::Object(object)
    }

    /// The fields wanted of a list or linked record: all of them when none is selected.
    fn chosen(&self, list: &str, fields: &'static [Field]) -> Vec<&'static Field> {
        let prefix = format!("{list}/");
        let chosen: Vec<&str> = self
            .select
            .iter()
            .filter_map(|name| name.strip_prefix(prefix.as_str()))
            .collect();
        fields
            .iter()
            .filter(|field| chosen.is_empty() || chosen.contains(&field.name))
            .collect()
    }

    fn rows(&self, record: &Record, list: &str, fields: &'static [Field]) -> Vec<Value> {
        let prefix = format!("{list}/");
        let wanted = self.chosen(list, fields);
        record
            .rows(list)
            .iter()
            .zip(1..)
            .map(|(row, number)| {
                let mut object = wrapped_fields(row, &row.id, number, &wanted);
                let custom = object.entry("custom").or_insert_with(|| json!({}));
                for path in self
                    .custom
                    .iter()
                    .filter_map(|path| path.strip_prefix(prefix.as_str()))
                {
                    if let Some(value) = row.custom.get(path) {
                        add_custom(custom, path, value);
                    }
                }
                Value::Object(object)
            })
            .collect()
    }
}

/// Contacts of a vendor or employee: known by name, empty in the twin.
fn is_contact(name: &str) -> bool {
    name.split('/')
        .next()
        .is_some_and(|first| first.ends_with("Contact") || first == "ContactInfo")
}

fn add_custom(custom: &mut Value, path: &str, value: &Value) {
    let (Some((view, field)), Some(views)) = (path.split_once('.'), custom.as_object_mut()) else {
        return;
    };
    let kind = if value.is_number() {
        "CustomDecimalField"
    } else {
        "CustomStringField"
    };
    if let Some(fields) = views
        .entry(view)
        .or_insert_with(|| json!({}))
        .as_object_mut()
    {
        fields.insert(field.to_owned(), json!({"type": kind, "value": value}));
    }
}

/// Answers a list.
pub(super) fn list(entity: &Entity, records: &[Record], call: &Call) -> Reply {
    let shape = match Shape::read(entity, call) {
        Ok(shape) => shape,
        Err(refusal) => return refusal,
    };
    let mut found = match filter::matching(
        entity,
        call.query.get("$filter").map(String::as_str),
        records,
    ) {
        Ok(found) => found,
        Err(Fault::Silent) => Vec::new(),
        Err(Fault::Broken(text)) => return exception(500, "Microsoft.OData.ODataException", &text),
    };
    let count = |option: &str, absent: usize| {
        call.query
            .get(option)
            .map_or(Some(absent), |digits| digits.parse().ok())
    };
    let (Some(skip), Some(top)) = (count("$skip", 0), count("$top", usize::MAX)) else {
        return exception(
            500,
            "Microsoft.OData.ODataException",
            "Invalid value for $top or $skip",
        );
    };
    // Reference data is kept in the order of its key; documents come as they were made.
    if call.query.contains_key("$top") && !is_document(entity) {
        found.sort_by_key(|record| {
            entity
                .keys
                .iter()
                .map(|key| record.text(key))
                .collect::<Vec<_>>()
        });
    }
    let rows: Vec<Value> = found
        .into_iter()
        .skip(skip)
        .take(top)
        .map(|record| shape.of_read(record))
        .collect();
    Reply::json(200, &Value::Array(rows))
}

/// Whether the API user may write it.
pub(super) fn is_document(entity: &Entity) -> bool {
    matches!(entity.name, "Bill" | "JournalTransaction")
}

/// Answers a read by key or by id.
pub(super) fn one(entity: &Entity, records: &[Record], keys: &[&str], call: &Call) -> Reply {
    let shape = match Shape::read(entity, call) {
        Ok(shape) => shape,
        Err(refusal) => return refusal,
    };
    match position(entity, records, keys).and_then(|at| records.get(at)) {
        Some(record) => Reply::json(200, &shape.of_read(record)),
        None => missing(entity),
    }
}

/// Where the record of these keys, or of this id, stands.
pub(super) fn position(entity: &Entity, records: &[Record], keys: &[&str]) -> Option<usize> {
    records.iter().position(|record| {
        record.has_keys(entity, keys) || matches!(keys, [id] if record.id == *id)
    })
}

/// A record that is not there: 500, not 404.
pub(super) fn missing(entity: &Entity) -> Reply {
    exception(
        500,
        "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
        &format!("No entity satisfies the condition. ({})", entity.name),
    )
}

/// The refusal of a form the user may not open.
pub(super) fn forbidden(entity: &Entity) -> Reply {
    let text = format!(
        "You have insufficient rights to access the {} ({}) form.",
        entity.name, entity.screen
    );
    Reply::json(403, &json!({"message": text}))
}

/// Answers `$adHocSchema`: the fields of the contract, and those outside of it.
pub(super) fn schema(entity: &Entity, user_fields: &[String]) -> Reply {
    let fields = entity
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), json!({})));
    let mut body: Map<String, Value> = fields.collect();
    let known = ["CurrentDocument.TaxZoneID", "BatchModule.CuryControlTotal"];
    let known = known
        .into_iter()
        .chain(user_fields.iter().map(String::as_str));
    let mut custom = json!({});
    for path in known {
        add_custom(&mut custom, path, &json!(""));
    }
    body.insert("custom".to_owned(), custom);
    Reply::json(200, &Value::Object(body))
}
