//! The rows of one list, and what an absent key means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much of a list its rows are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it: a key without row does not exist.
    Whole,
    /// The keys looked up so far.
    #[default]
    Part,
}

/// What is known of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// It exists.
    Here(T),
    /// It does not exist.
    Missing,
    /// It was never looked up.
    Unknown,
}

/// Rows of a list by key. Keys are compared as Acumatica compares them: without blanks around them and without case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows<T> {
    #[serde(default)]
    version: u64,
    #[serde(default)]
    extent: Extent,
    /// `None` was looked up in vain.
    #[serde(rename = "rows")]
    found: BTreeMap<String, Option<T>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            version: 0,
            extent: Extent::default(),
            found: BTreeMap::new(),
        }
    }
}

impl<T> Rows<T> {
    /// The whole list, as the successor of a version (0 when there is none yet).
    pub fn whole<K: AsRef<str>>(before: u64, rows: impl IntoIterator<Item = (K, T)>) -> Self {
        let rows = rows.into_iter();
        Self {
            version: before.saturating_add(1),
            extent: Extent::Whole,
            found: rows
                .map(|(code, row)| (key(code.as_ref()), Some(row)))
                .collect(),
        }
    }

    /// The same rows, no longer trusted to be all: what is not among them is looked up. For a list that was read too long
    /// ago to say what does not exist.
    #[must_use]
    pub fn as_part(mut self) -> Self {
        self.extent = Extent::Part;
        self
    }

    /// Notes what one look-up gave; `None` when there is no such row. Counts the version up when that was not known.
    pub fn learn(&mut self, code: &str, found: Option<T>)
    where
        T: PartialEq,
    {
        let key = key(code);
        if self.found.get(&key) != Some(&found) {
            self.found.insert(key, found);
            self.version = self.version.saturating_add(1);
        }
    }

    /// What is known of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Known<&T> {
        match (self.found.get(&key(code)), self.extent) {
            (Some(Some(row)), _) => Known::Here(row),
            (Some(None), _) | (None, Extent::Whole) => Known::Missing,
            (None, Extent::Part) => Known::Unknown,
        }
    }

    /// The rows that exist, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let rows = self.found.iter();
        rows.filter_map(|(key, row)| Some((key.as_str(), row.as_ref()?)))
    }

    /// How much of the list this is.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Number of this state of the list, from 1; 0 while nothing is known.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A code as it is compared.
pub(super) fn key(code: &str) -> String {
    code.trim().to_uppercase()
}
