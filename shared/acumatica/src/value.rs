//! The shape of Acumatica's JSON, kept away from the types: every field travels as `{"value": X}`, an empty one comes
//! back as `{}`, detail lists are arrays of records. Source: Integration Development Guide, "Representation of a Record in JSON".

use serde_json::{Map, Value};

/// Members of a record that are not wrapped. All others are fields, detail lists or linked records.
const BARE: &[&str] = &[
    "id",
    "rowNumber",
    "delete",
    "custom",
    "error",
    "files",
    "_links",
];

/// From plain members to the wire. Members that are null, empty lists or empty records are left out.
pub(crate) fn wrap(plain: Value) -> Value {
    match plain {
        Value::Object(members) => Value::Object(wrap_members(members)),
        other => other,
    }
}

fn wrap_members(members: Map<String, Value>) -> Map<String, Value> {
    let mut wire = Map::new();
    for (name, value) in members {
        let wrapped = match value {
            Value::Null => continue,
            Value::Array(rows) if rows.is_empty() => continue,
            Value::Object(inner) if inner.is_empty() => continue,
            bare if BARE.contains(&name.as_str()) => bare,
            Value::Array(rows) => Value::Array(rows.into_iter().map(wrap).collect()),
            linked @ Value::Object(_) => wrap(linked),
            scalar => Value::Object(Map::from_iter([("value".to_owned(), scalar)])),
        };
        wire.insert(name, wrapped);
    }
    wire
}

/// From the wire to plain members. Empty fields disappear; blanks that pad a fixed-width code are cut off.
pub(crate) fn unwrap(wire: Value) -> Value {
    match wire {
        Value::Object(members) => Value::Object(unwrap_members(members)),
        Value::Array(rows) => Value::Array(rows.into_iter().map(unwrap).collect()),
        other => other,
    }
}

fn unwrap_members(members: Map<String, Value>) -> Map<String, Value> {
    let mut plain = Map::new();
    for (name, value) in members {
        if BARE.contains(&name.as_str()) {
            plain.insert(name, value);
            continue;
        }
        let inner = match value {
            Value::Object(mut field) if is_field(&field) => match field.remove("value") {
                Some(Value::String(text)) => Value::String(text.trim_end().to_owned()),
                Some(other) => other,
                None => Value::Null,
            },
            other => unwrap(other),
        };
        if !inner.is_null() {
            plain.insert(name, inner);
        }
    }
    plain
}

/// A field has nothing but lower-case control members: `{}`, `{"value": X}`, `{"error": …}`, `{"value": X, "Translations": …}`.
fn is_field(object: &Map<String, Value>) -> bool {
    object.contains_key("value") || object.keys().all(|name| name == "error")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn wrapping() {
        let plain = json!({"id": "g", "Vendor": "V1", "Amount": 1.50, "Hold": false, "Terms": null, "TaxDetails": [],
            "Details": [{"Account": "6", "custom": {"View": {"Field": {"type": "CustomStringField", "value": "x"}}}}]});
        let wire = json!({"id": "g", "Vendor": {"value": "V1"}, "Amount": {"value": 1.50}, "Hold": {"value": false},
            "Details": [{"Account": {"value": "6"}, "custom": {"View": {"Field": {"type": "CustomStringField", "value": "x"}}}}]});
        assert_eq!(wrap(plain), wire);
    }

    #[test]
    fn unwrapping() {
        let wire = json!({"id": "g", "rowNumber": 1, "note": {"value": ""}, "Terms": {}, "Vendor": {"value": "V1   "},
            "Project": {"value": "X", "error": "no"}, "Date": {"error": "no"}, "Hold": {"value": null},
            "Description": {"value": "a", "Translations": {"fr": "b"}},
            "MainContact": {"id": "c", "Email": {"value": "a@b"}}, "Details": [{"Account": {"value": "6 "}, "UOM": {}}]});
        let plain = json!({"id": "g", "rowNumber": 1, "note": "", "Vendor": "V1", "Project": "X", "Description": "a",
            "MainContact": {"id": "c", "Email": "a@b"}, "Details": [{"Account": "6"}]});
        assert_eq!(unwrap(wire), plain);
    }

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (any::<i32>(), 1_u32..8).prop_map(|(digits, scale)| {
                let decimal = rust_decimal::Decimal::new(i64::from(digits), scale);
                Value::Number(decimal.to_string().parse().unwrap())
            }),
            "\\PC{0,12}".prop_map(|text| Value::from(text.trim_end())),
        ]
    }

    fn record() -> impl Strategy<Value = Value> {
        let row = prop::collection::btree_map("[A-Z][A-Za-z]{0,8}", scalar(), 1..5)
            .prop_map(|row| json!(row))
            .boxed();
        let rows = prop::collection::vec(row.clone(), 1..4).prop_map(Value::from);
        let member = prop_oneof![4 => scalar(), 1 => row, 1 => rows];
        prop::collection::btree_map("[A-Z][A-Za-z]{0,8}", member, 0..8)
            .prop_map(|record| json!(record))
    }

    proptest! {
        #[test]
        fn what_is_wrapped_comes_back(plain in record()) {
            prop_assert_eq!(unwrap(wrap(plain.clone())), plain);
        }
    }
}
