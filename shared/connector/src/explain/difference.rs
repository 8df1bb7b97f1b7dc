//! How two plans of one document differ, posting by posting and line by line, so that a change of the rules can be judged.

use posting::plan::Role;
use serde::Serialize;
use serde_json::Value;

use crate::report::{LineRow, PlanRow, PlannedRow};

/// One difference.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which posting: kind, party and vendor.
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
    /// Under the stored rules.
    pub stored: Value,
    /// Under the changed ones.
    pub changed: Value,
}

/// What differs from the stored plan to the changed one, in the order of the postings; origins of values are no difference.
#[must_use]
pub fn differences(stored: Option<&PlanRow>, changed: Option<&PlanRow>) -> Vec<Difference> {
    let stored = stored.map_or(&[][..], |plan| &plan.postings);
    let changed = changed.map_or(&[][..], |plan| &plan.postings);
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

fn codes(row: &LineRow) -> (&str, [Option<&str>; 8]) {
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
    (&row.account, codes)
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

/// A posting without its lines, and without what follows from the rest.
fn header(row: &PlannedRow) -> Value {
    without(row, &["n", "lines", "body"])
}

/// A line without the words about it.
fn values_of(row: &LineRow) -> Value {
    without(row, &["because"])
}

fn without<T: Serialize>(row: &T, keys: &[&str]) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.retain(|key, _| !keys.contains(&key.as_str()));
    }
    value
}

fn fields(stored: &Value, changed: &Value) -> Vec<Field> {
    let (Value::Object(stored), Value::Object(changed)) = (stored, changed) else {
        return Vec::new();
    };
    let pairs = stored.iter().filter_map(|(key, before)| {
        let after = changed.get(key)?;
        (before != after).then(|| Field {
            field: key.clone(),
            stored: before.clone(),
            changed: after.clone(),
        })
    });
    pairs.collect()
}
