//! A text that may have been sent as a number.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Found, Oddity, Path, Walk};

/// A string, number or boolean as trimmed text: codes come padded with blanks, and numbers where the schema says string.
///
/// A number keeps its digits (`0E-8` stays `0E-8`). `Debug` shows no content, because names are read as such texts.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Text {
    /// Absent, null or blank.
    #[default]
    Missing,
    /// Not blank, without surrounding blanks.
    Value(Box<str>),
    /// A list or an object.
    Odd(Found),
}

impl Text {
    /// The text, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        match self {
            Self::Value(text) => Some(text),
            Self::Missing | Self::Odd(_) => None,
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Value(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Odd(found) => write!(f, "Odd({found:?})"),
        }
    }
}

/// A JSON scalar, seen through its raw text: that keeps every digit and never fails.
pub(super) enum Scalar<'a> {
    Null,
    String(Cow<'a, str>),
    /// A number or boolean, as written.
    Plain(&'a str),
    Array,
    Object,
}

impl<'a> Scalar<'a> {
    pub(super) fn of(raw: &'a RawValue) -> Self {
        let raw = raw.get().trim();
        match raw.as_bytes() {
            [b'"', ..] => Self::String(unquoted(raw)),
            [b'{', ..] => Self::Object,
            [b'[', ..] => Self::Array,
            b"null" => Self::Null,
            _ => Self::Plain(raw),
        }
    }
}

/// The content of a JSON string. Without escapes it is taken as it stands; a broken escape leaves the raw text.
fn unquoted(raw: &str) -> Cow<'_, str> {
    let inner = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(raw);
    if inner.contains('\\') {
        return serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned);
    }
    Cow::Borrowed(inner)
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Scalar::of(<&RawValue>::deserialize(deserializer)?) {
            Scalar::Null => return Ok(Self::Missing),
            Scalar::Array => return Ok(Self::Odd(Found::Array)),
            Scalar::Object => return Ok(Self::Odd(Found::Object)),
            Scalar::String(text) => text,
            Scalar::Plain(text) => Cow::Borrowed(text),
        };
        Ok(match text.trim() {
            "" => Self::Missing,
            text => Self::Value(text.into()),
        })
    }
}

impl Walk for Text {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>) {
        if let Self::Odd(odd) = self {
            at.report(odd, found);
        }
    }
}

/// A list of texts, also where a single one was sent: `taxGuid` is a string in the schema and a list in the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<Text>);

impl Texts {
    /// The texts that are there.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::get)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let texts = match Scalar::of(raw) {
            Scalar::Null => Ok(Vec::new()),
            Scalar::Array => serde_json::from_str(raw.get()),
            _ => serde_json::from_str(raw.get()).map(|text| vec![text]),
        };
        texts.map(Self).map_err(serde::de::Error::custom)
    }
}

impl Walk for Texts {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>) {
        for (index, text) in self.0.iter().enumerate() {
            text.walk(&at.index(index), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Text {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn scalars_become_trimmed_text() {
        for (json, text) in [
            (r#""2000   ""#, "2000"),
            (r#""a\"b\u00e9\n""#, "a\"b\u{e9}"),
            ("30", "30"),
            ("50.00000000", "50.00000000"),
            ("0E-8", "0E-8"),
            ("-1.5e+3", "-1.5e+3"),
            ("true", "true"),
        ] {
            assert_eq!(read(json).get(), Some(text), "{json}");
        }
    }

    #[test]
    fn blank_is_missing_and_shapes_are_odd() {
        for json in ["null", r#""""#, r#""  \t ""#] {
            assert_eq!(read(json), Text::Missing, "{json}");
        }
        assert_eq!(read("[1]"), Text::Odd(Found::Array));
        assert_eq!(read("{}"), Text::Odd(Found::Object));
    }

    #[test]
    fn a_broken_escape_is_kept_as_written() {
        assert_eq!(read(r#""a\ud800b""#).get(), Some(r"a\ud800b"));
    }

    #[test]
    fn one_text_or_many() {
        for (json, count) in [
            ("null", 0),
            ("[]", 0),
            (r#""a""#, 1),
            (r#"["a","b"]"#, 2),
            (r#"["a",null,{}]"#, 1),
        ] {
            assert_eq!(
                serde_json::from_str::<Texts>(json).unwrap().iter().count(),
                count,
                "{json}"
            );
        }
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", read(r#""Jane Doe""#)), "Text(8 bytes)");
    }

    proptest! {
        #[test]
        fn any_string_survives_up_to_its_edges(text in any::<String>()) {
            let read = read(&serde_json::to_string(&text).unwrap());
            prop_assert_eq!(read.get().unwrap_or_default(), text.trim());
        }

        #[test]
        fn any_number_keeps_its_digits(text in r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
            let read = read(&text);
            prop_assert_eq!(read.get(), Some(text.as_str()));
        }
    }
}
