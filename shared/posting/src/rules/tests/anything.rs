//! No input ends in a panic.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::{Rules, Template};
use super::{empty, full, with};
use crate::DocumentKind;

/// Any JSON, with the words of a connection among its keys so that it gets somewhere.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "documents",
        "time_zone",
        "accept",
        "tables",
        "cards",
        "rules",
        "posting",
        "line",
        "account",
        "subaccount",
        "parties",
        "EMPL",
        "as",
        "vendor",
        "text",
        "header",
        "expense",
        "invoice",
        "value",
        "length",
        "pad",
        "default",
        "branch",
        "tax",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        r"\{\{ [a-z.\[\]0-9'|()~ ]{0,24} \}\}".prop_map(Value::from),
        prop::sample::select(vec!["bill", "journal", "expense", "UTC", "header"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let key = prop_oneof![4 => words.clone().prop_map(str::to_owned), 1 => ".{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(Map::from_iter(map))),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_without_panic(value in any_json(), below in "/(rules|posting|tables|accept)(/[a-z]{1,8})?") {
        let _ = Rules::read(&value);
        let _ = Rules::read(&with(&below, value));
    }

    #[test]
    fn any_template_is_evaluated_without_panic(source in r"\{\{ ?[a-z.\[\]0-9'|()~+*:,% -]{0,40} ?\}\}|\PC{0,40}") {
        if let Ok(template) = Template::compile("t", source) {
            for kind in DocumentKind::ALL {
                let _ = (template.evaluate(&full(kind)), template.text(&empty(kind)), template.prove(&full(kind)));
            }
        }
    }
}

#[test]
fn deep_templates_end_in_an_error_not_in_a_full_stack() {
    for (open, inside, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("first(", "1", ")"),
        ("not ", "1", ""),
        ("-", "1", ""),
        ("1 + ", "1", ""),
        ("1 ~ ", "1", ""),
        ("'a' if 1 else ", "1", ""),
        ("document.org[", "1", "]"),
        ("{'a': ", "1", "}"),
    ] {
        for times in [40, 90, 120, 400, 1_000] {
            let source = format!(
                "{{{{ {}{inside}{} }}}}",
                open.repeat(times),
                close.repeat(times)
            );
            if let Ok(template) = Template::compile("t", source) {
                let _ = template.evaluate(&full(DocumentKind::Expense));
            }
        }
    }
    for block in [
        "{% if 1 %}",
        "{% for a in [1] %}",
        "{% set a %}",
        "{% filter upper %}",
    ] {
        let word = block.split(' ').nth(1).unwrap_or_default();
        let source = block.repeat(24) + "x" + &format!("{{% end{word} %}}").repeat(24);
        if let Ok(template) = Template::compile("t", source) {
            let _ = template.evaluate(&full(DocumentKind::Expense));
        }
    }
    let chain = format!("{{{{ document{} }}}}", ".a".repeat(2_000));
    assert!(
        Template::compile("t", chain)
            .and_then(|template| template.evaluate(&full(DocumentKind::Expense)))
            .is_err()
    );
    let filters = format!("{{{{ 'a'{} }}}}", "|upper".repeat(600));
    assert!(Template::compile("t", filters).is_err());
}
