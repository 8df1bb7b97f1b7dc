//! A lenient reader of JSON objects: it goes on after a fault, so that every fault is reported at once, each at its path.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::fault::{Fault, Faults};

/// Longest excerpt of a wrong value in a fault, in characters.
const EXCERPT_CHARS_MAX: usize = 40;

/// Reads one object, field by field. When it is dropped, fields that nobody asked for are faults.
#[derive(Debug)]
pub struct Reader<'a> {
    path: String,
    object: Option<&'a Map<String, Value>>,
    /// Whether a required field that is absent is a fault; not when the whole object is already one.
    complains: bool,
    known: Vec<&'static str>,
    faults: &'a Faults,
}

impl<'a> Reader<'a> {
    /// Reads the outermost object.
    #[must_use]
    pub fn root(value: &'a Value, faults: &'a Faults) -> Self {
        Self::at(String::new(), Some(value), faults)
    }

    /// Reads the object at a path; an absent one counts as empty, another type is a fault.
    pub(super) fn at(path: String, value: Option<&'a Value>, faults: &'a Faults) -> Self {
        let mut reader = Self {
            path,
            object: None,
            complains: true,
            known: Vec::new(),
            faults,
        };
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Object(object)) => reader.object = Some(object),
            Some(other) => {
                reader.complains = false;
                faults.add(wrong_type(reader.path.clone(), other, "an object"));
            }
        }
        reader
    }

    /// Where faults go.
    #[must_use]
    pub fn faults(&self) -> &'a Faults {
        self.faults
    }

    /// The JSON path of a field of this object.
    #[must_use]
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Adds a fault at a field.
    pub fn fault(&self, key: &str, message: impl Into<String>, expected: impl Into<String>) {
        self.faults
            .add(Fault::new(self.path_of(key), message).expected(expected));
    }

    /// Fields somebody else reads.
    pub fn pass_over(&mut self, keys: &[&'static str]) {
        self.known.extend_from_slice(keys);
    }

    /// The value of a field; null counts as absent.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.object?.get(key).filter(|value| !value.is_null())
    }

    /// Whether the field stands there, be it null.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.object.is_some_and(|object| object.contains_key(key))
    }

    /// A text that must be there and not be blank; trimmed.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let found = self.value(key);
        if found.is_none() {
            self.missing(key);
        }
        found.and_then(|value| text_of(self.path_of(key), value, self.faults))
    }

    /// A text that may be absent; blank is a fault.
    pub fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        text_of(self.path_of(key), value, self.faults)
    }

    /// `true` or `false`; `None` when absent.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        if value.as_bool().is_none() {
            self.faults
                .add(wrong_type(self.path_of(key), value, "true or false"));
        }
        value.as_bool()
    }

    /// A whole number inside a range; `None` when absent.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.faults
                .add(wrong_type(self.path_of(key), value, &expected));
        }
        number
    }

    /// One of some words; `None` when absent.
    pub fn word<T: Clone>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let value = self.value(key)?;
        let found = value
            .as_str()
            .and_then(|word| words.iter().find(|(known, _)| *known == word));
        if found.is_none() {
            self.faults
                .add(wrong_type(self.path_of(key), value, &words_of(words)));
        }
        found.map(|(_, meaning)| meaning.clone())
    }

    /// A list of texts, empty when absent.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let path = self.path_of(key);
        let faults = self.faults;
        self.list(key)
            .iter()
            .enumerate()
            .filter_map(|(index, value)| text_of(format!("{path}[{index}]"), value, faults))
            .collect()
    }

    /// A table from texts to texts, empty when absent.
    pub fn table(&mut self, key: &'static str) -> BTreeMap<String, String> {
        let faults = self.faults;
        self.section(key)
            .entries()
            .into_iter()
            .filter_map(|(code, path, value)| {
                Some((code.trim().to_owned(), text_of(path, value, faults)?))
            })
            .collect()
    }

    /// The object in a field; an absent one counts as empty.
    #[must_use]
    pub fn section(&mut self, key: &'static str) -> Reader<'a> {
        let value = self.value(key);
        let mut section = Reader::at(self.path_of(key), value, self.faults);
        section.complains &= self.complains;
        section
    }

    /// The objects in a list, empty when absent.
    pub fn sections(&mut self, key: &'static str) -> Vec<Reader<'a>> {
        let path = self.path_of(key);
        let faults = self.faults;
        self.list(key)
            .iter()
            .enumerate()
            .map(|(index, value)| Reader::at(format!("{path}[{index}]"), Some(value), faults))
            .collect()
    }

    /// Every field with its path, for objects whose keys are the customer's.
    #[must_use]
    pub fn entries(mut self) -> Vec<(&'a str, String, &'a Value)> {
        let object = self.object.take();
        object
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), self.path_of(key), value))
            .collect()
    }

    /// Says that a required field is absent, unless the whole object is a fault already.
    pub fn missing(&self, key: &str) {
        if self.complains {
            self.faults.add(Fault::new(self.path_of(key), "is missing"));
        }
    }

    fn list(&mut self, key: &'static str) -> &'a [Value] {
        match self.value(key) {
            None => &[],
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.faults
                    .add(wrong_type(self.path_of(key), other, "a list"));
                &[]
            }
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        for key in self.object.into_iter().flat_map(Map::keys) {
            if !self.known.iter().any(|known| known == key) {
                let shown: String = key.chars().take(EXCERPT_CHARS_MAX).collect();
                let expected = if self.known.is_empty() {
                    "no field".to_owned()
                } else {
                    format!("one of {}", self.known.join(", "))
                };
                self.faults
                    .add(Fault::new(self.path_of(&shown), "unknown field").expected(expected));
            }
        }
    }
}

/// A text that is not blank, trimmed, or a fault at the path.
pub(super) fn text_of(path: String, value: &Value, faults: &Faults) -> Option<String> {
    let text = value
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    if text.is_none() {
        faults.add(wrong_type(path, value, "a text that is not blank"));
    }
    text.map(str::to_owned)
}

/// The words in a sentence.
pub(super) fn words_of<T>(words: &[(&str, T)]) -> String {
    words
        .iter()
        .map(|(word, _)| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(" or ")
}

/// A fault for a value that is not what is expected; texts, numbers and words are quoted, shortened.
pub(super) fn wrong_type(path: String, value: &Value, expected: &str) -> Fault {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string().chars().take(EXCERPT_CHARS_MAX).collect(),
        Value::String(text) => format!(
            "`{}`",
            text.chars().take(EXCERPT_CHARS_MAX).collect::<String>()
        ),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    Fault::new(path, format!("found {found}")).expected(expected)
}
