//! What a screen holds outside the contract.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::custom::CustomField;

/// Fields read of one schema; a screen has some hundreds.
const FIELDS_MAX: usize = 20_000;

/// The fields of a screen that only `custom` reaches, of the header and of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdHocSchema {
    fields: BTreeSet<String>,
}

impl AdHocSchema {
    pub(crate) fn of(body: &Value) -> Self {
        let mut fields = BTreeSet::new();
        let rows = body.as_object().into_iter().flatten();
        let rows = rows.filter_map(|(_, list)| list.as_array()?.first());
        for record in std::iter::once(body).chain(rows) {
            let views = record.get("custom").and_then(Value::as_object);
            for (view, members) in views.into_iter().flatten() {
                let members = members.as_object().into_iter().flatten();
                fields.extend(members.map(|(name, _)| format!("{view}.{name}")));
            }
        }
        let fields = fields.into_iter().take(FIELDS_MAX).collect();
        Self { fields }
    }

    /// Whether the screen has this field; `None` where the answer named none at all, which builds differ in.
    #[must_use]
    pub fn has(&self, field: &CustomField) -> Option<bool> {
        (!self.fields.is_empty()).then(|| self.fields.contains(&field.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_of_header_and_rows_are_known_and_an_odd_answer_says_nothing() {
        let schema = AdHocSchema::of(&json!({
            "Type": {}, "custom": {"Document": {"AttributeKEY": {"type": "CustomStringField"}}},
            "Details": [{"custom": {"Transactions": {"LineNbr": {"type": "CustomIntField"}}}}],
        }));
        let has = |schema: &AdHocSchema, field: &str| schema.has(&field.parse().unwrap());
        assert_eq!(has(&schema, "Document.AttributeKEY"), Some(true));
        assert_eq!(has(&schema, "Transactions.LineNbr"), Some(true));
        assert_eq!(has(&schema, "Document.AttributeOTHER"), Some(false));
        for odd in [json!(null), json!([]), json!({"custom": []}), json!({})] {
            assert_eq!(has(&AdHocSchema::of(&odd), "Document.AttributeKEY"), None);
        }
    }
}
