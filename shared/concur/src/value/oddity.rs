//! What is present in a document and is not what it should be, and where.

use std::fmt;

/// Enough to recognise a value in Concur.
const FOUND_CHARS_MAX: usize = 80;

/// What stands where something else should be.
#[derive(Clone, PartialEq, Eq)]
pub enum Found {
    /// A text, number, boolean or null: at most 80 characters of it.
    Scalar(Box<str>),
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Found {
    pub(crate) fn scalar(text: &str) -> Self {
        Self::Scalar(text.chars().take(FOUND_CHARS_MAX).collect())
    }

    /// The JSON type, with its article.
    #[must_use]
    pub fn json_type(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "a scalar",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// For the person who must correct the document; it can be personal, so it belongs into no log line.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Array | Self::Object => f.write_str(self.json_type()),
        }
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json_type())
    }
}

/// One fault of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// For example `expenseEntry[3].allocation[0].journal[1].amountGross`, counted from 0.
    pub path: String,
    /// What stands there. Can be personal.
    pub found: Found,
}

/// Lists the oddities below a place.
pub(crate) trait Walk {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>);
}

/// The place of a value; costs nothing until it is written out.
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Path<'static> = Path {
        parent: None,
        step: Step::Key(""),
    };

    pub(crate) fn key(&'a self, key: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    pub(crate) fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    pub(crate) fn report(&self, odd: &Found, found: &mut Vec<Oddity>) {
        found.push(Oddity {
            path: self.to_string(),
            found: odd.clone(),
        });
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return Ok(());
        };
        parent.fmt(f)?;
        match self.step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if parent.parent.is_none() => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
        }
    }
}
