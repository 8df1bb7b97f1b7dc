//! The rows of a ping, each with the time it took.

use std::time::Instant;

use serde::Serialize;

use super::finding::{Check, Finding};

/// What became of a check, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Ok,
    /// Not asked, because an earlier one did not hold or no time was left.
    Skipped,
    /// It holds for now, or cannot be told; documents go on.
    Warning,
    /// It does not hold.
    Failed,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What was checked.
    pub check: Check,
    /// Of which entity, document type or rule, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What was found wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// What was seen.
    pub detail: String,
    /// What to do, and the screen where; empty unless something was found wrong.
    pub cure: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// Collects rows; the time of each is what passed since the one before.
#[derive(Debug)]
pub(super) struct Sheet {
    rows: Vec<Row>,
    begun: Instant,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// A check holds.
    pub(super) fn ok(&mut self, check: Check, of: Option<&str>, detail: impl Into<String>) {
        self.add((check, of), (Outcome::Ok, None), detail.into());
    }

    /// A check found something.
    pub(super) fn found(&mut self, finding: Finding, of: Option<&str>, detail: impl Into<String>) {
        let outcome = (finding.outcome(), Some(finding));
        self.add((finding.check(), of), outcome, detail.into());
    }

    /// A check was not made.
    pub(super) fn skip(&mut self, check: Check, of: Option<&str>, why: &str) {
        self.add((check, of), (Outcome::Skipped, None), why.to_owned());
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    fn add(
        &mut self,
        (check, of): (Check, Option<&str>),
        (outcome, finding): (Outcome, Option<Finding>),
        detail: String,
    ) {
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.begun = Instant::now();
        self.rows.push(Row {
            check,
            of: of.map(str::to_owned),
            outcome,
            finding,
            detail,
            cure: finding
                .map(|finding| finding.cure_of(of))
                .unwrap_or_default(),
            ms,
        });
    }
}
