//! The schema of a connection says what its readers say: every field, word, range and null is asked of both.

use std::collections::{BTreeMap, BTreeSet};

use connector::{Deployment, Stage, clocks::Clocks, connection::Connection};
use e2e::{demo, schema};
use jiff::SignedDuration;
use posting::rules::Fault;
use serde_json::{Value, json};

use super::repository::{read, root};

const FILE: &str = "infra/connection.schema.json";
/// A word nobody offers.
const NONSENSE: &str = "zzz";

fn faults(connection: &Value) -> Vec<Fault> {
    let deployment = Deployment {
        stack: "stack".to_owned(),
        stage: Stage::Local,
        clocks: Clocks::default(),
        poll_margin: SignedDuration::from_secs(60),
    };
    Connection::of(connection, 1, &deployment)
        .err()
        .unwrap_or_default()
}

/// The demo's connection with changes.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut connection = demo::connection("http://127.0.0.1:1", "http://127.0.0.1:2");
    connection["acumatica"]["seats"] = json!(1);
    for (pointer, value) in changes {
        put(&mut connection, pointer, value.clone());
    }
    connection
}

/// Sets a member that may be absent yet.
fn put(value: &mut Value, pointer: &str, member: Value) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent).expect("its parent") {
        Value::Object(members) => drop(members.insert(key, member)),
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = member,
        other => panic!("{parent} is {other}"),
    }
}

/// Connections that together use every field there is.
fn samples() -> Vec<Value> {
    let key = "Document.AttributeKEY";
    vec![
        with(&[
            ("/$schema", json!("connection.schema.json")),
            ("/concur/system_id", json!("own")),
            (
                "/acumatica/key_field",
                json!({"bill": key, "journal": "BatchModule.AttributeKEY"}),
            ),
            (
                "/accept",
                json!({"ledger_code": ["A"], "entity_id": ["B"], "org_unit": ["C"]}),
            ),
            ("/tables/employees", json!({"E1": "V1"})),
            ("/tables/locations", json!({"R1": "L1"})),
            ("/tables/vendors", json!({"1": "V1"})),
            (
                "/tables/cards/CBCP~1x",
                json!({"vendor": "V1", "account": "1"}),
            ),
            ("/rules/parties/XYZ", json!({"as": "bill", "vendor": "V1"})),
            (
                "/rules/employee_owes",
                json!({"as": "journal", "account": "1"}),
            ),
            ("/rules/line/task", json!("10")),
            ("/rules/line/cost_code", json!("C1")),
            ("/rules/line/subaccount/0/pad", json!("0")),
            (
                "/rules/text",
                json!({"header": "{{ document.id }}", "line": "{{ document.id }}"}),
            ),
            ("/rules/nothing_to_post_id", json!("none")),
            ("/rules/invoice/po", json!("link")),
            ("/rules/invoice/po_unit", json!("EA")),
            ("/rules/invoice/box_1099", json!("1")),
            ("/rules/invoice/terms", json!({"30": "NET30"})),
            ("/rules/invoice/rounding_account", json!("1")),
            (
                "/rules/invoice/paid_by_concur",
                json!({"as": "journal", "account": "1"}),
            ),
            ("/rules/cash_advance/as", json!("journal")),
            ("/rules/cash_advance/credit_account", json!("1")),
            ("/rules/cash_advance/return_account", json!("1")),
            ("/posting/company_id", json!("1")),
            (
                "/schedule",
                json!({"every_minutes": 5, "paused": false, "hours": {"from": "07:00", "to": "19:30", "days": ["mon"]}}),
            ),
        ]),
        with(&[
            ("/acumatica/version", json!("24.200.001")),
            ("/rules/tax/mode", json!("split")),
            ("/rules/tax/journal_mode", Value::Null),
            (
                "/rules/tax/codes",
                json!({"V1": {"account": "1", "non_deductible_account": "2", "tax_id": "T"}, "V2": "1"}),
            ),
            ("/rules/invoice/header_amounts", json!("prorate")),
            (
                "/rules/cash_advance/return_account",
                json!({"expense": "1", "cashadvance": "2"}),
            ),
        ]),
        with_taxes(),
    ]
}

fn with_taxes() -> Value {
    with(&[
        ("/rules/tax/mode", json!("acumatica")),
        ("/rules/tax/journal_mode", json!("gross")),
        (
            "/rules/tax/codes",
            json!({"V1": {"account": "1", "tax_id": "T"}}),
        ),
        ("/rules/tax/categories", json!({"T": "TAXABLE"})),
    ])
}

/// One place: the schema's node, its pointer there, and the value's pointer in the sample.
struct Node<'a> {
    schema: &'a Value,
    name: String,
    at: String,
}

/// Every node of the schema that a value reaches.
fn nodes<'a>(schema: &'a Value, value: &Value, name: &str, at: &str, found: &mut Vec<Node<'a>>) {
    found.push(Node {
        schema,
        name: name.to_owned(),
        at: at.to_owned(),
    });
    for (choice, each) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        if fits(each, value) {
            nodes(each, value, &format!("{name}/anyOf/{choice}"), at, found);
        }
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let key = key.replace('~', "~0").replace('/', "~1");
        let own = schema["properties"].get(&key);
        let (inner, part) = match own {
            Some(own) => (own, format!("{name}/properties/{key}")),
            None => (
                &schema["additionalProperties"],
                format!("{name}/additionalProperties"),
            ),
        };
        if inner.is_object() {
            nodes(inner, member, &part, &format!("{at}/{key}"), found);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            nodes(
                &schema["items"],
                item,
                &format!("{name}/items"),
                &format!("{at}/{index}"),
                found,
            );
        }
    }
}

/// Whether a value is what a schema says, as far as [`schema::connection`] says anything.
fn fits(schema: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64(),
        Some("null") => value.is_null(),
        other => panic!("type {other:?}"),
    };
    let list = |key: &str| schema[key].as_array();
    let kind = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    };
    let number = |key: &str| schema[key].as_u64();
    let in_range = value.as_u64().is_none_or(|value| {
        number("minimum").is_none_or(|least| value >= least)
            && number("maximum").is_none_or(|most| value <= most)
    });
    let long = value
        .as_str()
        .is_none_or(|text| !text.trim().is_empty() || number("minLength").is_none());
    let many = value
        .as_array()
        .is_none_or(|items| items.len() as u64 >= number("minItems").unwrap_or(0));
    kind && in_range
        && long
        && many
        && list("anyOf").is_none_or(|choices| choices.iter().any(|choice| fits(choice, value)))
        && list("enum").is_none_or(|words| words.contains(value))
        && members_fit(schema, value)
}

fn members_fit(schema: &Value, value: &Value) -> bool {
    let required = schema["required"].as_array().into_iter().flatten();
    let has = |key: &Value| value.get(key.as_str().expect("a key")).is_some();
    let members = value.as_object().into_iter().flatten();
    let items = value.as_array().into_iter().flatten();
    (!value.is_object() || required.clone().all(has))
        && members.clone().all(|(key, member)| {
            match (
                schema["properties"].get(key),
                &schema["additionalProperties"],
            ) {
                (Some(own), _) => fits(own, member),
                (None, Value::Bool(free)) => *free,
                (None, Value::Null) => true,
                (None, all) => fits(all, member),
            }
        })
        && items
            .clone()
            .all(|item| schema["items"].is_null() || fits(&schema["items"], item))
}

#[test]
fn the_file_is_current() {
    let wanted = format!("{:#}\n", schema::connection());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(root().join(FILE), &wanted).expect("the schema can be written");
    }
    assert!(
        read(FILE) == wanted,
        "{FILE} is stale: run UPDATE_SCHEMA=1 cargo test -p e2e --test house"
    );
}

#[test]
fn every_sample_is_read_and_fits() {
    let schema = schema::connection();
    let mut all = samples();
    let event: Value = serde_json::from_str(&read("events/connect.apply.json")).expect("JSON");
    all.extend([with(&[]), event["connection"].clone()]);
    for sample in all {
        assert!(fits(&schema, &sample), "{sample:#}");
        assert_eq!(faults(&sample), [], "{sample:#}");
    }
    for (pointer, value) in [
        ("/posting/on_recal", json!("hold")),
        ("/rules/line/subaccount/0/length", json!(31)),
        ("/rules/mixed_signs", json!("net")),
        ("/documents", json!([])),
        ("/tables/accounts", json!({"1": 2})),
    ] {
        assert!(!fits(&schema, &with(&[(pointer, value)])), "{pointer}");
    }
}

#[test]
fn the_fields_of_the_schema_are_those_of_the_readers() {
    let schema = schema::connection();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sample in samples() {
        for sample in std::iter::once(sample.clone()).chain(by_kind(&schema, &sample)) {
            let mut found = Vec::new();
            nodes(&schema, &sample, "", "", &mut found);
            for node in found
                .iter()
                .filter(|node| node.schema["properties"].is_object())
                .filter(|node| sample.pointer(&node.at).is_some_and(Value::is_object))
            {
                let mut probe = sample.clone();
                put(&mut probe, &format!("{}/{NONSENSE}", node.at), json!(1));
                let faults = faults(&probe);
                let fault = faults.iter().find(|fault| fault.path.ends_with(NONSENSE));
                let fault = fault.unwrap_or_else(|| panic!("{} takes anything", node.at));
                let words = fault.expected.trim_start_matches("one of ").split(", ");
                let known = known.entry(node.name.clone()).or_default();
                known.extend(words.map(str::to_owned));
            }
        }
    }
    let mut wanted = BTreeMap::new();
    objects(&schema, "", &mut wanted);
    assert_eq!(known, wanted);
}

/// A sample for each template of it, given for each kind.
fn by_kind(schema: &Value, sample: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    nodes(schema, sample, "", "", &mut found);
    let mut samples = Vec::new();
    for node in found {
        let value = sample.pointer(&node.at).expect("a value");
        let choices = node.schema["anyOf"].as_array().into_iter().flatten();
        let of_kinds = choices
            .filter(|choice| choice["description"] == "A template for each kind.")
            .filter(|_| value.is_string());
        for choice in of_kinds {
            let kinds = choice["properties"].as_object().expect("kinds").keys();
            let each: serde_json::Map<_, _> =
                kinds.map(|kind| (kind.clone(), value.clone())).collect();
            let mut sample = sample.clone();
            put(&mut sample, &node.at, Value::Object(each));
            samples.push(sample);
        }
    }
    samples
}

/// The fields of every object of a schema.
fn objects(schema: &Value, name: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.insert(name.to_owned(), properties.keys().cloned().collect());
        for (key, inner) in properties {
            objects(inner, &format!("{name}/properties/{key}"), found);
        }
    }
    for part in ["additionalProperties", "items"] {
        if schema[part].is_object() {
            objects(&schema[part], &format!("{name}/{part}"), found);
        }
    }
    for (at, choice) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        objects(choice, &format!("{name}/anyOf/{at}"), found);
    }
}

/// The paths of faults at a place: `rules.line.subaccount[0].pad`; an item's can be told at its list.
fn paths(sample: &Value, pointer: &str) -> Vec<String> {
    let mut path = String::new();
    let (mut at, mut list) = (String::new(), None);
    for part in pointer.split('/').skip(1) {
        let is_list = sample.pointer(&at).is_some_and(Value::is_array);
        list = is_list.then(|| path.clone());
        at = format!("{at}/{part}");
        let key = part.replace("~1", "/").replace("~0", "~");
        path = match (is_list, path.is_empty()) {
            (true, _) => format!("{path}[{key}]"),
            (false, true) => key,
            (false, false) => format!("{path}.{key}"),
        };
    }
    std::iter::once(path).chain(list).collect()
}

#[test]
fn words_ranges_and_nulls_are_those_of_the_readers() {
    let schema = schema::connection();
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    let samples = samples().into_iter();
    let samples = samples.flat_map(|sample| {
        let more = by_kind(&schema, &sample);
        std::iter::once(sample).chain(more)
    });
    for sample in samples {
        let mut found = Vec::new();
        nodes(&schema, &sample, "", "", &mut found);
        for node in found.iter().filter(|node| !node.at.is_empty()) {
            if !seen.insert(node.name.clone()) {
                continue;
            }
            let paths = paths(&sample, &node.at);
            let probe = |value: Value| {
                let mut probe = sample.clone();
                put(&mut probe, &node.at, value.clone());
                // What a missing part is to the parts in it is no matter of a schema.
                let own = |fault: &Fault| {
                    paths.iter().any(|path| {
                        let rest = fault.path.strip_prefix(path);
                        rest.is_some_and(|rest| match rest.chars().next() {
                            None | Some('[') => true,
                            Some('.') => !value.is_null(),
                            _ => false,
                        })
                    })
                };
                let faults: Vec<_> = faults(&probe).into_iter().filter(own).collect();
                (fits(&schema, &probe), faults)
            };
            for value in [Value::Null, json!([[]]), json!(-1), json!(" ")] {
                let (fits, faults) = probe(value.clone());
                // It may be null where nothing becomes a bill.
                let conditional = node.at == "/rules/tax/category" && value.is_null();
                if fits != faults.is_empty() && !conditional {
                    wrong.push(format!("{} is {value}: {faults:?}", node.at));
                }
            }
            if let Some(words) = node.schema["enum"].as_array() {
                let faults = probe(json!(NONSENSE)).1;
                let fault = faults.iter().find(|fault| fault.message.contains(NONSENSE));
                let told = fault.unwrap_or_else(|| panic!("{}: {faults:?}", node.at));
                let told: BTreeSet<_> = told.expected.split('`').skip(1).step_by(2).collect();
                let words: BTreeSet<_> = words.iter().filter_map(Value::as_str).collect();
                assert_eq!(told, words, "{}", node.at);
            }
            if let Some(most) = node.schema["maximum"].as_u64() {
                let faults = probe(json!(most + 1)).1;
                let range = format!("a whole number from {} to {most}", node.schema["minimum"]);
                assert!(
                    faults.iter().any(|fault| fault.expected == range),
                    "{}: {faults:?}",
                    node.at
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
