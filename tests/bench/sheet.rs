//! A table of figures under its title.

use std::fmt;

use crate::table::{Align, aligned};

/// Figures in columns: the first names, the others are aligned to the right.
pub(crate) struct Sheet {
    title: String,
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table with headings for the figures.
    pub(crate) fn new(title: String, headings: &[&'static str]) -> Self {
        Self {
            title,
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, name: &str, figures: &[String]) {
        let name = [name.to_owned()];
        self.rows.push([&name, figures].concat());
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = self.headings.iter().map(|&heading| (heading, Align::Right));
        let headings: Vec<_> = [(self.title.as_str(), Align::Left)]
            .into_iter()
            .chain(figures)
            .collect();
        f.write_str(&aligned(&headings, &self.rows))
    }
}

/// A number with two decimals, from its hundredths.
pub(crate) fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// `part` of `whole` with two decimals, rounded.
pub(crate) fn ratio(part: u64, whole: u64) -> String {
    let whole = whole.max(1);
    hundredths((part * 100 + whole / 2) / whole)
}

/// Kilobytes as MB with two decimals.
pub(crate) fn megabytes(kilobytes: u64) -> String {
    hundredths(kilobytes * 100 / 1_024)
}
