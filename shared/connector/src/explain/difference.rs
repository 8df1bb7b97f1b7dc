//! How two plans of one document differ, posting by posting and line by line, so that a change of the rules can be judged.

use std::collections::BTreeSet;

use posting::plan::Role;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::report::{LineRow, PlanRow, PlannedRow};

/// One difference.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which posting: kind, party and vendor; `plan` is the plan as a whole.
    pub posting: String,
    /// Which line of it: entry or line of the document, role and amount; `None` is the posting as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What happens to it.
    pub change: Change,
    /// The fields that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// What a change of the rules does to a posting or line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has other values.
    Changed,
}

/// One field under both rules.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in the plan.
    pub field: String,
    /// Under the stored rules; null where it has none.
    pub stored: Value,
    /// Under the changed ones; null where it has none.
    pub changed: Value,
}

/// What differs from the stored plan to the changed one, in the order of the postings, then the notes; origins of values are
/// no difference.
#[must_use]
pub fn differences(stored: Option<&PlanRow>, changed: Option<&PlanRow>) -> Vec<Difference> {
    let mut found = postings(
        stored.map_or(&[], |plan| &plan.postings),
        changed.map_or(&[], |plan| &plan.postings),
    );
    let fields = fields(&noted(stored), &noted(changed));
    if !fields.is_empty() {
        found.push(Difference {
            posting: "plan".to_owned(),
            line: None,
            change: Change::Changed,
            fields,
        });
    }
    found
}

fn postings(stored: &[PlannedRow], changed: &[PlannedRow]) -> Vec<Difference> {
    let name = |row: &PlannedRow| {
        let vendor = row.vendor.as_deref().map(|vendor| format!(" {vendor}"));
        format!("{} {}{}", row.kind, row.party, vendor.unwrap_or_default())
    };
    let whole = |row: &PlannedRow, change| Difference {
        posting: name(row),
        line: None,
        change,
        fields: Vec::new(),
    };
    let keys: [fn(&PlannedRow, &PlannedRow) -> bool; 3] = [
        |a, b| (a.kind, &a.party, &a.vendor) == (b.kind, &b.party, &b.vendor),
        |a, b| (a.kind, &a.party) == (b.kind, &b.party),
        |a, b| a.party == b.party,
    ];
    let mut found = Vec::new();
    let (pairs, removed, added) = paired(stored, changed, &keys);
    for (before, after) in pairs {
        let fields = fields(&header(before), &header(after));
        if !fields.is_empty() {
            found.push(Difference {
                fields,
                ..whole(before, Change::Changed)
            });
        }
        found.extend(lines(&name(before), &before.lines, &after.lines));
    }
    found.extend(removed.into_iter().map(|row| whole(row, Change::Removed)));
    found.extend(added.into_iter().map(|row| whole(row, Change::Added)));
    found
}

fn lines(posting: &str, stored: &[LineRow], changed: &[LineRow]) -> Vec<Difference> {
    let keys: [fn(&LineRow, &LineRow) -> bool; 3] = [
        |a, b| codes(a) == codes(b) && amounts(a) == amounts(b),
        |a, b| amounts(a) == amounts(b),
        |a, b| (&a.source, a.role) == (&b.source, b.role),
    ];
    let line = |row: &LineRow, change, fields| {
        let source = row.source.as_deref().unwrap_or("header");
        let (side, amount) = if row.debit.bytes().any(|digit| matches!(digit, b'1'..=b'9')) {
            ("debit", &row.debit)
        } else {
            ("credit", &row.credit)
        };
        Difference {
            posting: posting.to_owned(),
            line: Some(format!("{source} {side} {amount} on {}", row.account)),
            change,
            fields,
        }
    };
    let (pairs, removed, added) = paired(stored, changed, &keys);
    let pairs = pairs.into_iter().filter_map(|(before, after)| {
        let fields = fields(&values_of(before), &values_of(after));
        (!fields.is_empty()).then(|| line(before, Change::Changed, fields))
    });
    let mut found: Vec<_> = pairs.collect();
    found.extend(
        removed
            .into_iter()
            .map(|row| line(row, Change::Removed, Vec::new())),
    );
    found.extend(
        added
            .into_iter()
            .map(|row| line(row, Change::Added, Vec::new())),
    );
    found
}

/// What a line is about, cheap to compare: a report can have thousands.
fn amounts(row: &LineRow) -> (Option<&str>, Role, [&str; 2]) {
    (row.source.as_deref(), row.role, [&row.debit, &row.credit])
}

fn codes(row: &LineRow) -> (&str, [Option<&str>; 8], Option<i16>) {
    let codes = [
        row.subaccount.as_deref(),
        row.branch.as_deref(),
        row.project.as_deref(),
        row.task.as_deref(),
        row.cost_code.as_deref(),
        row.tax_category.as_deref(),
        row.reference.as_deref(),
        Some(row.text.as_str()),
    ];
    (&row.account, codes, row.box_1099)
}

/// Pairs, what only the first has, what only the second has.
type Paired<'a, T> = (Vec<(&'a T, &'a T)>, Vec<&'a T>, Vec<&'a T>);

/// Pairs rows by the strictest key first, each row once, in the order of the first list.
fn paired<'a, T>(first: &'a [T], second: &'a [T], keys: &[fn(&T, &T) -> bool]) -> Paired<'a, T> {
    let mut partners: Vec<Option<&T>> = vec![None; first.len()];
    let mut rest: Vec<&T> = second.iter().collect();
    for same in keys {
        for (row, partner) in first.iter().zip(&mut partners) {
            if partner.is_none()
                && let Some(at) = rest.iter().position(|other| same(row, other))
            {
                *partner = Some(rest.remove(at));
            }
        }
    }
    let (mut pairs, mut alone) = (Vec::new(), Vec::new());
    for (row, partner) in first.iter().zip(partners) {
        match partner {
            Some(other) => pairs.push((row, other)),
            None => alone.push(row),
        }
    }
    (pairs, alone, rest)
}

/// The notes of a plan, where it has any.
fn noted(plan: Option<&PlanRow>) -> Map<String, Value> {
    let notes = plan.map(|plan| &plan.notes);
    let notes = notes.filter(|notes| !notes.is_empty());
    notes
        .map(|notes| ("notes".to_owned(), Value::from(notes.clone())))
        .into_iter()
        .collect()
}

/// A posting without its lines, and without what follows from the rest.
fn header(row: &PlannedRow) -> Map<String, Value> {
    without(row, &["n", "lines", "body"])
}

/// A line without the words about it.
fn values_of(row: &LineRow) -> Map<String, Value> {
    without(row, &["because"])
}

fn without<T: Serialize>(row: &T, keys: &[&str]) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(row) else {
        return Map::new();
    };
    members.retain(|key, _| !keys.contains(&key.as_str()));
    members
}

/// Fields of either side that differ: one that only one side has is null on the other.
fn fields(stored: &Map<String, Value>, changed: &Map<String, Value>) -> Vec<Field> {
    let keys: BTreeSet<&String> = stored.keys().chain(changed.keys()).collect();
    let value = |of: &Map<String, Value>, key| of.get(key).cloned().unwrap_or_default();
    let pairs = keys.into_iter().filter_map(|key| {
        let (stored, changed) = (value(stored, key), value(changed, key));
        (stored != changed).then(|| Field {
            field: key.clone(),
            stored,
            changed,
        })
    });
    pairs.collect()
}
