//! What is found, each thing once.

use std::collections::HashSet;

use super::Preflight;
use crate::plan::Source;
use crate::reference::{Activity, Known, List, Lookup, Rows, View};
use crate::{Code, Reason};

/// A code of the plan and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Field of the plan, the same for all lines: `plan.lines.account`.
    pub(super) field: &'static str,
    /// What the code is called in a sentence.
    pub(super) noun: &'static str,
    pub(super) list: List,
    /// The row looked for.
    pub(super) key: &'a str,
    /// What the reason shows; empty where the key names a person.
    pub(super) shown: &'a str,
}

#[derive(Debug)]
pub(super) struct Findings<'a> {
    pub(super) view: &'a View,
    /// What the posting or line at hand comes from.
    pub(super) source: Source<'a>,
    found: Preflight,
    seen: HashSet<(Code, String, Option<String>)>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        Self {
            view,
            source: Source::Document,
            found: Preflight::default(),
            seen: HashSet::new(),
        }
    }

    /// The row of a place; without one the place is looked up or at fault.
    pub(super) fn row<'r, T>(
        &mut self,
        place: Place<'_>,
        rows: &'r Rows<T>,
        absent: Code,
    ) -> Option<&'r T> {
        match rows.get(place.key) {
            Known::Here(row) => return Some(row),
            Known::Missing => self.is(place, absent, "does not exist"),
            Known::Unknown => self.look_up(place.list, place.key),
        }
        None
    }

    /// Keeps that a row is inactive.
    pub(super) fn active(&mut self, place: Place<'_>, activity: Activity, inactive: Code) {
        if activity == Activity::Inactive {
            self.is(place, inactive, "is inactive");
        }
    }

    fn is(&mut self, place: Place<'_>, code: Code, what: &str) {
        let message = format!("{} {} {what} in Acumatica", place.noun, place.shown);
        self.fault(place, code, message);
    }

    /// Keeps a fault of a place, once for each line: a sentence names all it is about.
    pub(super) fn fault(&mut self, place: Place<'_>, code: Code, message: impl Into<String>) {
        self.found.rests_on.insert(Lookup {
            list: place.list,
            key: place.key.to_owned(),
        });
        let reason = Reason::new(code, message).at(place.field, place.shown);
        let reason = reason.about(self.source);
        let one = (code, reason.message.clone(), reason.line.clone());
        if self.seen.insert(one) {
            self.found.reasons.push(reason);
        }
    }

    pub(super) fn look_up(&mut self, list: List, key: &str) {
        let key = key.to_owned();
        self.found.lookups.insert(Lookup { list, key });
    }

    /// At most so many reasons; the last one says how many more there are.
    pub(super) fn into_preflight(self, reasons_max: usize) -> Preflight {
        let mut found = self.found;
        let more = found.reasons.len().saturating_sub(reasons_max);
        found.reasons.truncate(reasons_max);
        if more > 0
            && let Some(last) = found.reasons.last_mut()
        {
            last.message = format!("{} (and {more} more reasons)", last.message);
        }
        found
    }
}
