//! Fields outside the contract: user-defined fields, and screen fields that the endpoint does not map.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// `View.Field`, as `$adHocSchema` names it; a user-defined field is `View.Attribute{ID}`, e.g. `Document.AttributeCNQRKEY`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomField {
    view: String,
    field: String,
}

/// Why a name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a field name such as Document.AttributeKEY")]
pub struct CustomFieldError(String);

impl CustomField {
    /// A field of the forms themselves, which this crate names.
    pub(crate) fn known(view: &'static str, field: &'static str) -> Self {
        Self {
            view: view.to_owned(),
            field: field.to_owned(),
        }
    }

    /// The data view.
    #[must_use]
    pub fn view(&self) -> &str {
        &self.view
    }

    /// The field of the view.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl FromStr for CustomField {
    type Err = CustomFieldError;

    fn from_str(text: &str) -> Result<Self, CustomFieldError> {
        let is_name = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match text.split_once('.') {
            Some((view, field)) if is_name(view) && is_name(field) => Ok(Self {
                view: view.to_owned(),
                field: field.to_owned(),
            }),
            _ => Err(CustomFieldError(text.to_owned())),
        }
    }
}

impl fmt::Display for CustomField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.view, self.field)
    }
}

/// A value with the type name that Acumatica wants beside it, e.g. `CustomStringField`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomValue {
    /// `CustomStringField`, `CustomDecimalField`, `CustomBooleanField`, `CustomDateTimeField` …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Absent when the field is empty.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// The `custom` member of a record: view, field, value.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Custom(BTreeMap<String, BTreeMap<String, CustomValue>>);

/// Without the value, which can be a name.
impl fmt::Debug for CustomValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomValue")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.fields().map(|field| field.to_string()))
            .finish()
    }
}

impl Custom {
    /// Sets a text field.
    pub fn set_text(&mut self, field: &CustomField, text: &str) {
        let value = CustomValue {
            kind: "CustomStringField".to_owned(),
            value: Value::from(text),
        };
        self.set(field, value);
    }

    /// Sets an amount.
    pub fn set_decimal(&mut self, field: &CustomField, amount: Decimal) {
        // The digits of a decimal are always a JSON number.
        let number = amount.to_string().parse::<Number>().ok();
        let value = CustomValue {
            kind: "CustomDecimalField".to_owned(),
            value: number.map_or(Value::Null, Value::Number),
        };
        self.set(field, value);
    }

    /// Sets a small whole number.
    pub fn set_short(&mut self, field: &CustomField, number: i16) {
        let value = CustomValue {
            kind: "CustomShortField".to_owned(),
            value: Value::from(number),
        };
        self.set(field, value);
    }

    /// Sets a business date.
    pub fn set_date(&mut self, field: &CustomField, date: Date) {
        let value = CustomValue {
            kind: "CustomDateTimeField".to_owned(),
            value: Value::from(format!("{date}T00:00:00")),
        };
        self.set(field, value);
    }

    /// Sets a field of any type.
    pub fn set(&mut self, field: &CustomField, value: CustomValue) {
        self.0
            .entry(field.view.clone())
            .or_default()
            .insert(field.field.clone(), value);
    }

    /// The value of a field, if it was returned and is not empty.
    #[must_use]
    pub fn get(&self, field: &CustomField) -> Option<&Value> {
        let found = self.0.get(&field.view)?.get(&field.field)?;
        Some(&found.value).filter(|value| !value.is_null())
    }

    /// The text of a text field, without trailing blanks.
    #[must_use]
    pub fn text(&self, field: &CustomField) -> Option<&str> {
        self.get(field).and_then(Value::as_str).map(str::trim_end)
    }

    /// The amount of a decimal field, every digit of it.
    #[must_use]
    pub fn decimal(&self, field: &CustomField) -> Option<Decimal> {
        match self.get(field)? {
            Value::Number(number) => crate::decimal::parse(&number.to_string()),
            _ => None,
        }
    }

    /// Which fields are set.
    pub fn fields(&self) -> impl Iterator<Item = CustomField> + '_ {
        self.0.iter().flat_map(|(view, fields)| {
            fields.keys().map(|field| CustomField {
                view: view.clone(),
                field: field.clone(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(
            "Document.AttributeKEY"
                .parse::<CustomField>()
                .unwrap()
                .to_string(),
            "Document.AttributeKEY"
        );
        for odd in [
            "",
            "Document",
            "Document.",
            ".Key",
            "A.B.C",
            "Document.Key' or 1 eq 1",
            "A/B.C",
        ] {
            assert!(odd.parse::<CustomField>().is_err(), "{odd}");
        }
    }

    #[test]
    fn values_come_back() {
        let key: CustomField = "Document.AttributeKEY".parse().unwrap();
        let mut custom = Custom::default();
        assert_eq!(custom.text(&key), None);
        custom.set_text(&key, "CNQR:1/1.1 ");
        let wire = serde_json::to_value(&custom).unwrap();
        assert_eq!(
            wire,
            serde_json::json!({"Document": {"AttributeKEY": {"type": "CustomStringField", "value": "CNQR:1/1.1 "}}})
        );
        let back: Custom = serde_json::from_value(wire).unwrap();
        assert_eq!(back.text(&key), Some("CNQR:1/1.1"));
        let empty: Custom =
            serde_json::from_value(serde_json::json!({"Document": {"AttributeKEY": {}}})).unwrap();
        assert_eq!(empty.text(&key), None);
    }
}
