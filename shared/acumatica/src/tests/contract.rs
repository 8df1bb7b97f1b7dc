//! Our types against the published field lists: the real server ignores a misspelt name silently.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::branch::{CompaniesStructure, Ledger};
use crate::value::unwrap;
use crate::{
    Account, Bill, Currency, Employee, EndpointVersion, Entity, FinancialPeriod,
    JournalTransaction, Keyed, Project, ProjectTask, Subaccount, Tax, TaxCategory, Vendor,
};

const LISTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/reference/acumatica"
);

/// Members of a record that the contract lacks or that are of another sort there, as `Entity.Member`.
fn strangers(
    contract: &Value,
    entity: &str,
    record: &Value,
    version: EndpointVersion,
) -> Vec<String> {
    let fields = &contract[entity]["fields"];
    let mut strangers = Vec::new();
    for (name, value) in record.as_object().unwrap() {
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        match (&fields[name], value) {
            (Value::Null, _) if version.lacks(entity, name) => {}
            (Value::String(_), Value::Null) if !version.lacks(entity, name) => {}
            (Value::Object(of), Value::Object(_)) => {
                let linked = of["ref"].as_str().unwrap();
                strangers.extend(self::strangers(contract, linked, value, version));
            }
            (Value::Array(of), Value::Array(rows)) => {
                strangers.extend(self::strangers(
                    contract,
                    of[0].as_str().unwrap(),
                    &rows[0],
                    version,
                ));
            }
            _ => strangers.push(format!("{entity}.{name}")),
        }
    }
    strangers
}

/// A record of the contract with a value in every field, as the server writes it.
fn full(contract: &Value, entity: &str) -> Value {
    let mut record = Map::new();
    for (name, sort) in contract[entity]["fields"].as_object().unwrap() {
        let value = match sort {
            Value::Array(of) => json!([full(contract, of[0].as_str().unwrap())]),
            Value::String(sort) => json!({"value": match sort.as_str() {
                // Good as a text, as a label and as a period.
                "string" | "guid" => json!("012026"),
                "decimal" => json!(1.5),
                "boolean" => json!(true),
                "dateTime" => json!("2026-01-31T00:00:00-05:00"),
                _ => json!(1),
            }}),
            // Only what we read: the linked records of the contract lead in circles.
            Value::Object(of) => match of["ref"].as_str().unwrap() {
                linked @ ("VisibilitySettings" | "EmployeeSettings") => full(contract, linked),
                _ => continue,
            },
            _ => continue,
        };
        record.insert(name.clone(), value);
    }
    Value::Object(record)
}

fn check<E: Entity>(contract: &Value, version: EndpointVersion) {
    let outline = serde_json::to_value(E::outline()).unwrap();
    let none: [String; 0] = [];
    assert_eq!(
        strangers(contract, E::NAME, &outline, version),
        none,
        "{version}"
    );

    let read: E = serde_json::from_value(unwrap(full(contract, E::NAME))).unwrap_or_else(|error| {
        panic!(
            "{version} {}: a member is of another type: {error}",
            E::NAME
        )
    });
    for (name, value) in serde_json::to_value(read).unwrap().as_object().unwrap() {
        let is_control = name.starts_with(|c: char| c.is_ascii_lowercase());
        assert!(
            is_control || version.lacks(E::NAME, name) || !value.is_null(),
            "{version} {}.{name} was not read",
            E::NAME
        );
    }
}

fn check_key<E: Keyed>(contract: &Value, version: EndpointVersion) {
    check::<E>(contract, version);
    let read: E = serde_json::from_value(unwrap(full(contract, E::NAME))).unwrap();
    let fields = &contract[E::NAME]["fields"];
    assert!(E::KEYS.iter().all(|key| fields[*key] == "string"));
    assert_eq!(read.key(), vec!["012026"; E::KEYS.len()], "{}", E::NAME);
}

#[test]
fn our_names_and_types_are_acumaticas() {
    let mut files = 0;
    for version in EndpointVersion::ALL {
        let file = Path::new(LISTS).join(format!("{version}.json"));
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let contract: Value = serde_json::from_str(&text).unwrap();
        check::<Bill>(&contract, version);
        check::<JournalTransaction>(&contract, version);
        check::<FinancialPeriod>(&contract, version);
        check::<CompaniesStructure>(&contract, version);
        check::<Ledger>(&contract, version);
        check_key::<Vendor>(&contract, version);
        check_key::<Employee>(&contract, version);
        check_key::<Account>(&contract, version);
        check_key::<Subaccount>(&contract, version);
        check_key::<Project>(&contract, version);
        check_key::<ProjectTask>(&contract, version);
        check_key::<Tax>(&contract, version);
        check_key::<TaxCategory>(&contract, version);
        check_key::<Currency>(&contract, version);
        files += 1;
    }
    match files {
        0 => println!("skipped: the field lists of the contracts are not beside the repository"),
        _ => assert!(files >= 4, "only {files} of the field lists were read"),
    }
}

#[test]
fn a_misspelt_name_would_be_seen() {
    let contract = json!({
        "Bill": {"fields": {"Vendor": "string", "Details": ["BillDetail"], "Approval": {"ref": "Approver"}}},
        "BillDetail": {"fields": {"Account": "string"}},
        "Approver": {"fields": {"Name": "string"}}
    });
    let record = json!({"id": null, "Vendor": null, "Vendr": null, "Details": [{"Account": null, "Acount": null, "custom": {}}],
        "Approval": {"Nam": null}});
    assert_eq!(
        strangers(&contract, "Bill", &record, EndpointVersion::V24),
        ["Approver.Nam", "BillDetail.Acount", "Bill.Vendr"]
    );
}
