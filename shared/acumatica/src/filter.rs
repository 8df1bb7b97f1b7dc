//! Conditions of a list, built so that no value can change their meaning.
//!
//! Source: Integration Development Guide, "$filter Parameter" (contract 4, OData 3 style).

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::custom::CustomField;

/// What a condition is about: a field of the contract, or one outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(Cow<'static, str>);

impl Field {
    /// A text field outside the contract. Found only where the tenant has it.
    #[must_use]
    pub fn custom_text(field: &CustomField) -> Self {
        Self(Cow::Owned(format!("cf.String(f='{field}')")))
    }
}

impl From<&'static str> for Field {
    /// A name of the contract, case-sensitive: `VendorRef`, `MainContact/Email`. Fields of detail lists cannot be filtered.
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

/// A value in the spelling of the query language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(format!("'{}'", text.replace('\'', "''")))
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<Decimal> for Literal {
    fn from(value: Decimal) -> Self {
        Self(value.to_string())
    }
}

impl From<Date> for Literal {
    fn from(date: Date) -> Self {
        Self(format!("datetimeoffset'{date}'"))
    }
}

impl From<Timestamp> for Literal {
    fn from(instant: Timestamp) -> Self {
        Self(format!("datetimeoffset'{instant:.3}'"))
    }
}

/// A condition. An empty answer to one is no proof of absence: the server has been seen to answer `[]` although rows match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// `or` binds looser than `and`, so it needs parentheses inside one.
    is_or: bool,
}

impl Filter {
    /// Equal.
    pub fn eq(field: impl Into<Field>, value: impl Into<Literal>) -> Self {
        Self::compare(&field.into(), "eq", &value.into())
    }

    /// Not equal.
    pub fn ne(field: impl Into<Field>, value: impl Into<Literal>) -> Self {
        Self::compare(&field.into(), "ne", &value.into())
    }

    /// Greater.
    pub fn gt(field: impl Into<Field>, value: impl Into<Literal>) -> Self {
        Self::compare(&field.into(), "gt", &value.into())
    }

    /// Greater or equal.
    pub fn ge(field: impl Into<Field>, value: impl Into<Literal>) -> Self {
        Self::compare(&field.into(), "ge", &value.into())
    }

    /// Less or equal.
    pub fn le(field: impl Into<Field>, value: impl Into<Literal>) -> Self {
        Self::compare(&field.into(), "le", &value.into())
    }

    /// The text begins so. Written bare, because `… eq true` answers an empty list.
    pub fn starts_with(field: impl Into<Field>, prefix: &str) -> Self {
        let (field, prefix) = (field.into(), Literal::from(prefix));
        Self {
            text: format!("startswith({},{})", field.0, prefix.0),
            is_or: false,
        }
    }

    /// Equal to one of these; `None` when there are none, because a list without condition is everything.
    pub fn any_of<'a>(
        field: impl Into<Field>,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let field = field.into();
        values
            .into_iter()
            .map(|value| Self::eq(field.clone(), value))
            .reduce(Self::or)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut text = String::new();
        for (separator, side) in [("", self), (" and ", other)] {
            // Writing into a String cannot fail.
            let _ = if side.is_or {
                write!(text, "{separator}({})", side.text)
            } else {
                write!(text, "{separator}{}", side.text)
            };
        }
        Self { text, is_or: false }
    }

    /// At least one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            text: [self.text, other.text].join(" or "),
            is_or: true,
        }
    }

    /// The condition before percent-encoding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn compare(field: &Field, operator: &str, value: &Literal) -> Self {
        Self {
            text: format!("{} {operator} {}", field.0, value.0),
            is_or: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(filter: &Filter, expected: &str) {
        assert_eq!(filter.as_str(), expected);
    }

    #[test]
    fn spelling() {
        check(
            &Filter::eq("VendorRef", "O'Brien & Söhne + 1"),
            "VendorRef eq 'O''Brien & Söhne + 1'",
        );
        check(&Filter::ne("Active", true), "Active ne true");
        check(
            &Filter::gt("Amount", Decimal::new(1250, 2)),
            "Amount gt 12.50",
        );
        check(
            &Filter::ge("Date", jiff::civil::date(2026, 1, 31)),
            "Date ge datetimeoffset'2026-01-31'",
        );
        let instant: Timestamp = "2026-01-31T10:00:00Z".parse().unwrap();
        check(
            &Filter::gt("LastModifiedDateTime", instant),
            "LastModifiedDateTime gt datetimeoffset'2026-01-31T10:00:00.000Z'",
        );
        check(
            &Filter::starts_with("Description", "CNQR:1/"),
            "startswith(Description,'CNQR:1/')",
        );
        let key = "BatchModule.AttributeKEY".parse().unwrap();
        check(
            &Filter::eq(Field::custom_text(&key), "x"),
            "cf.String(f='BatchModule.AttributeKEY') eq 'x'",
        );
    }

    #[test]
    fn combining() {
        let [a, b, c] = ["a", "b", "c"].map(|value| Filter::eq("F", value));
        check(
            &a.clone().or(b.clone()).and(c.clone()),
            "(F eq 'a' or F eq 'b') and F eq 'c'",
        );
        check(
            &c.clone().and(a.clone().or(b.clone())),
            "F eq 'c' and (F eq 'a' or F eq 'b')",
        );
        check(
            &a.clone().and(b.clone()).or(c.clone()),
            "F eq 'a' and F eq 'b' or F eq 'c'",
        );
        check(
            &Filter::any_of("F", ["a", "b", "c"]).unwrap(),
            "F eq 'a' or F eq 'b' or F eq 'c'",
        );
        assert_eq!(Filter::any_of("F", []), None);
    }

    /// Reads one literal as an OData parser does; what is left over would be the value's own code.
    fn read_literal(text: &str) -> Option<(String, &str)> {
        let mut value = String::new();
        let mut rest = text.strip_prefix('\'')?;
        loop {
            let (before, after) = rest.split_once('\'')?;
            value.push_str(before);
            match after.strip_prefix('\'') {
                Some(more) => {
                    value.push('\'');
                    rest = more;
                }
                None => return Some((value, after)),
            }
        }
    }

    proptest! {
        #[test]
        fn no_value_escapes_its_quotes(value in "('|[ -~]|\\PC){0,20}") {
            let filter = Filter::eq("F", value.as_str());
            let literal = filter.as_str().strip_prefix("F eq ").unwrap();
            prop_assert_eq!(read_literal(literal), Some((value, "")));
        }
    }
}
