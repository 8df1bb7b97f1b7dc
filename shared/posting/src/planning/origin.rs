//! Where every value of a plan comes from, in sentences an accountant can follow: rule, fields of the document, tables.
//! Only told when asked for, because a plan is made far more often than it is read.

use super::codes::looked_up;
use crate::DocumentKind;
use crate::rules::{Names, Template, names};

/// How much a plan says about where its values come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// The rule of each line: enough for the story of a document.
    #[default]
    Rules,
    /// Every value with its rule, the fields it was made from and the tables it was looked up in.
    Values,
}

/// Names a template can begin with.
const ROOTS: [&str; 11] = [
    "document",
    "report",
    "employee",
    "entry",
    "allocation",
    "line",
    "journal",
    "vendor",
    "card",
    "advance",
    "tax",
];
/// Rules whose values stand in headers, or on every line alike.
const OF_HEADERS: [&str; 8] = [
    "rules.vendor.",
    "rules.location",
    "rules.branch.header",
    "rules.balance_line",
    "rules.tax.category",
    "rules.mixed_signs",
    "rules.employee_owes",
    "rules.text.header",
];

/// What is said about the values so far.
#[derive(Debug)]
pub(super) struct Origins {
    detail: Detail,
    line: Vec<String>,
    header: Vec<String>,
}

impl Origins {
    pub(super) fn new(detail: Detail) -> Self {
        Self {
            detail,
            line: Vec::new(),
            header: Vec::new(),
        }
    }

    /// Keeps where the answer of a rule comes from.
    pub(super) fn value(&mut self, template: &Template, names: &Names, value: Option<&str>) {
        if self.detail == Detail::Rules {
            return;
        }
        let rule = template.rule();
        let of_header = OF_HEADERS.iter().any(|part| rule.starts_with(part));
        let told = if of_header || rule.ends_with(".vendor") {
            &mut self.header
        } else {
            &mut self.line
        };
        let sentence = sentence(template, names, value);
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    }

    /// Keeps a sentence about all postings.
    pub(super) fn say(&mut self, sentence: impl FnOnce() -> String) {
        if self.detail == Detail::Values {
            self.header.push(sentence());
        }
    }

    /// Why a line stands there: a sentence, and below it those kept since the line before.
    pub(super) fn of_line(&mut self, mut because: String) -> String {
        for sentence in self.line.drain(..) {
            because.push('\n');
            because.push_str(&sentence);
        }
        because
    }

    /// What all postings share.
    pub(super) fn of_headers(self) -> Vec<String> {
        self.header
    }
}

/// `61000 by rules.line.account: tables.accounts[474230] = 61000; line.account = 474230 (journal[].journalAccountCode)`.
fn sentence(template: &Template, names: &Names, value: Option<&str>) -> String {
    let own = template.of_kind(names.kind());
    let rule = own.rule();
    let value = value.unwrap_or("nothing");
    if !own.source().contains('{') {
        return format!("{value} stated by {rule}");
    }
    let fields = words(own.source())
        .into_iter()
        .map(|word| field(word, rule, names));
    let parts: Vec<String> = table(own, names).into_iter().chain(fields).collect();
    if parts.is_empty() {
        return format!("{value} by {rule}");
    }
    format!("{value} by {rule}: {}", parts.join("; "))
}

/// The first table a template looks into, with what stands there.
fn table(template: &Template, names: &Names) -> Option<String> {
    let (table, key) = looked_up(template, names)?;
    let entry = format!("{{{{ tables.{table}['{}'] }}}}", key.replace('\'', "\\'"));
    Some(match answer(template.rule(), &entry, names) {
        Some(found) => format!("tables.{table}[{key}] = {found}"),
        None => format!("tables.{table} has no {key}"),
    })
}

fn field(word: &str, rule: &str, names: &Names) -> String {
    let value = answer(rule, &format!("{{{{ {word} }}}}"), names);
    let value = value.as_deref().unwrap_or("nothing");
    match source(word, names.kind()) {
        Some(source) => format!("{word} = {value} ({source})"),
        None => format!("{word} = {value}"),
    }
}

fn answer(rule: &str, source: &str, names: &Names) -> Option<String> {
    Template::compile(rule, source).ok()?.evaluate(names).ok()?
}

/// Concur's field behind a name, with its number: `allocationCustom5`.
fn source(word: &str, kind: DocumentKind) -> Option<String> {
    let (dotted, number) = match word.split_once('[') {
        Some((dotted, rest)) => (dotted, rest.split(']').next()),
        None => (word, None),
    };
    let row = names::table().iter().find(|name| name.dotted() == dotted)?;
    let field = row.source(kind)?.split(" (").next()?;
    Some(match number {
        Some(number) => format!("{}{number}", field.trim_end_matches('N')),
        None => field.to_owned(),
    })
}

/// The dotted names in a template with their subscripts, each once, in order; texts in quotes are none.
fn words(source: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    // Every other part stands between quotes.
    for part in source.split(['\'', '"']).step_by(2) {
        let mut rest = part;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
            let from = rest.get(start..).unwrap_or_default();
            let word = from.get(..end(from)).unwrap_or(from);
            let root = word.split(['.', '[']).next().unwrap_or_default();
            if ROOTS.contains(&root) && word.contains('.') && !found.contains(&word) {
                found.push(word);
            }
            rest = from.get(word.len()..).unwrap_or_default();
        }
    }
    found
}

/// Where the word ends that a text begins with; a bracket belongs to it when a number stands inside.
fn end(text: &str) -> usize {
    let mut subscript = false;
    for (at, character) in text.char_indices() {
        let belongs = match character {
            '[' => {
                let inside = text.get(at..).unwrap_or_default();
                subscript = inside.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
                subscript
            }
            ']' => std::mem::take(&mut subscript),
            other => other.is_ascii_alphanumeric() || matches!(other, '_' | '.'),
        };
        if !belongs {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_names_of_a_template_are_found_with_their_numbers() {
        for (source, found) in [
            (
                "{{ tables.accounts[line.account] | default(line.account) }}",
                vec!["line.account"],
            ),
            (
                "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}",
                vec!["allocation.custom[2].code", "document.org[2].code"],
            ),
            (
                "{{ allocation.custom[5].code | default('line.account') }}",
                vec!["allocation.custom[5].code"],
            ),
            (
                "{{ tables.branches[document.org[2].code] }}",
                vec!["document.org[2].code"],
            ),
            (
                "{{ employee.name }} {{ document.id }}",
                vec!["employee.name", "document.id"],
            ),
        ] {
            assert_eq!(words(source), found, "{source}");
        }
    }
}
