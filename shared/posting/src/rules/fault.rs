//! What is wrong with a connection, one fault for each place: all of them are reported at once.

use std::cell::RefCell;
use std::fmt;

/// Most faults kept for one connection; a text that is no connection at all must not give a thousand.
const FAULTS_MAX: usize = 100;

/// One fault of a connection, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON path, such as `rules.line.subaccount[0].length`; empty for the whole text.
    pub path: String,
    /// What is wrong there, a fragment such as `unknown name entry.vendr`.
    pub message: String,
    /// What is expected or what to do; empty when the message says it all.
    pub expected: String,
    /// Where in which template, when the fault lies in one.
    pub template: Option<TemplatePlace>,
}

/// A place in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePlace {
    /// The template as written.
    pub source: String,
    /// Column in characters, from 1; of a template of several lines counted over all of them.
    pub column: usize,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            expected: String::new(),
            template: None,
        }
    }

    /// Adds what is expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "connection"
        } else {
            &self.path
        };
        write!(f, "{path}: {}", self.message)?;
        if let Some(TemplatePlace { source, column }) = &self.template {
            write!(f, " at column {column} of `{source}`")?;
        }
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        Ok(())
    }
}

/// The faults found so far, shared by every reader of one connection.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a fault; above 100 it is dropped, and so is an exact repetition.
    pub fn add(&self, fault: Fault) {
        let mut kept = self.0.borrow_mut();
        if kept.len() < FAULTS_MAX && !kept.contains(&fault) {
            kept.push(fault);
        }
    }

    /// Keeps several.
    pub fn extend(&self, faults: impl IntoIterator<Item = Fault>) {
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    /// Every fault, in the order found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner()
    }
}
