use serde_json::{Value, json};

use super::*;
use crate::connection::{Connection, Fixed};
use crate::samples::deployment;

fn faults(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut value: Value =
        serde_json::from_str(include_str!("../published/connection.json")).unwrap();
    change(&mut value);
    match Connection::of(&value, 1, &deployment()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| fault.path).collect(),
    }
}

#[test]
fn every_fault_is_told_at_once_with_its_path() {
    assert_eq!(faults(|_| {}), Vec::<String>::new());
    let found = faults(|value| {
        value["id"] = json!("Not An Id");
        value["concur"]["token_url"] = json!("https://evil.example");
        value["concur"]["system_id"] = json!("x".repeat(51));
        value["acumatica"]["url"] = json!("http://127.0.0.1:8080");
        value["acumatica"]["version"] = json!("26.200.001");
        value["acumatica"]["seats"] = json!(0);
        value["acumatica"]["colour"] = json!("blue");
        value["acumatica"]["key_field"] = json!({"bill": "no dot"});
        value["time_zone"] = json!("Mars/Olympus");
    });
    for path in [
        "id",
        "concur.token_url",
        "concur.system_id",
        "acumatica.url",
        "acumatica.version",
        "acumatica.seats",
        "acumatica.colour",
        "acumatica.key_field.bill",
        "time_zone",
    ] {
        assert!(
            found.iter().any(|found| found == path),
            "{path} in {found:?}"
        );
    }
}

#[test]
fn rules_that_the_endpoint_cannot_follow_are_a_fault() {
    let of = |version: &str| {
        faults(|value| {
            value["acumatica"]["version"] = json!(version);
            value["rules"]["tax"] = json!({
                "mode": "acumatica", "category": "EXEMPT",
                "codes": {"V1": {"tax_id": "SALESTAX"}}, "categories": {"SALESTAX": "TAXABLE"},
            });
        })
    };
    assert_eq!(of("22.200.001"), ["rules.tax.mode"]);
    assert_eq!(of("23.200.001"), Vec::<String>::new());
}

#[test]
fn what_is_missing_is_named_and_what_has_a_default_is_not() {
    let found = faults(|value| {
        value["acumatica"] = json!({});
        value.as_object_mut().unwrap().remove("concur");
    });
    for path in [
        "concur",
        "acumatica.url",
        "acumatica.tenant",
        "acumatica.version",
    ] {
        assert!(
            found.iter().any(|found| found == path),
            "{path} in {found:?}"
        );
    }
    let connection = crate::samples::connection();
    assert_eq!(connection.concur.system_id, "stack-published");
    assert_eq!(connection.acumatica.seats, 1);
    assert_eq!(connection.acumatica.site.endpoint(), "Default");
}

#[test]
fn requests_name_what_is_wrong_with_them() {
    for (event, named) in [
        (json!({}), "action"),
        (json!("ping"), "action"),
        (json!({"action": "dance", "connection": "acme"}), "action"),
        (
            json!({"action": "preview", "connection": "acme"}),
            "`document`",
        ),
        (json!({"action": "ping"}), "`connection`"),
        (json!({"action": "ping", "connection": "Acme"}), "Acme"),
        (json!({"action": "list", "state": "held"}), "`state`"),
        (
            json!({"action": "show", "connection": "acme", "document": "R-1"}),
            "R-1",
        ),
        (
            json!({"action": "apply", "connection": {}, "by": "x".repeat(101)}),
            "`by`",
        ),
        (
            json!({"action": "apply", "connection": {}, "note": "x".repeat(1_001)}),
            "`note`",
        ),
        (
            json!({"action": "remove", "connection": "acme", "note": "gone"}),
            "`by`",
        ),
        (
            json!({"action": "remove", "connection": "acme", "by": "Kim", "note": " "}),
            "`note`",
        ),
        (json!({"action": "list", "list": "held"}), "`connection`"),
        (
            json!({"action": "list", "connection": "acme", "after": "x"}),
            "`list`",
        ),
        (json!({"action": "list", "limit": 0}), "`limit`"),
        (
            json!({"action": "history", "connection": "acme", "before": -1}),
            "`before`",
        ),
        (
            json!({"action": "show", "connection": "acme", "version": "1"}),
            "`version`",
        ),
    ] {
        let error = Request::try_from(event.clone()).unwrap_err().to_string();
        assert!(error.contains(named), "{event}: {error}");
    }
}

#[test]
fn what_must_not_change_under_way_is_seen_to_change() {
    let read = |change: &dyn Fn(&mut Value)| {
        let text = include_str!("../published/connection.json");
        let mut value: Value = serde_json::from_str(text).unwrap();
        change(&mut value);
        Connection::of(&value, 1, &deployment()).unwrap().fixed()
    };
    let before = read(&|_| {});
    let differing = |after: Fixed| {
        let paths = before.differences(&after).map(|(path, _)| path);
        paths.collect::<Vec<_>>()
    };
    assert_eq!(
        differing(read(&|value| {
            value["concur"]["system_id"] = json!("another");
            value["acumatica"]["url"] = json!("https://other.example");
            value["acumatica"]["key_field"] = json!({"journal": "BatchModule.AttributeKEY"});
        })),
        [
            "concur.system_id",
            "acumatica.url",
            "acumatica.key_field.journal"
        ]
    );
    // Spelling is no change, and what may change is not looked at.
    let spelled = read(&|value| {
        value["acumatica"]["url"] = json!("https://Published.example/");
        value["acumatica"]["tenant"] = json!("pub");
        value["acumatica"]["seats"] = json!(2);
    });
    assert_eq!(differing(spelled), Vec::<&str>::new());
}
