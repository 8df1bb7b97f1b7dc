//! What a template gives: every trap of plain minijinja, every name of every kind.

use std::collections::BTreeMap;
use std::time::Instant;

use super::super::names::{Place, table, unknown};
use super::super::read::prove::{Filled, sample};
use super::super::{Card, FILTERS, Names, Tables, Template, TemplateError};
use super::{empty, full};
use crate::DocumentKind;
use crate::document::{Coded, Document};

/// A report whose entry is from 2026-03-02, with table entries, a blank and nothing in org units 1 to 3.
fn report() -> Names {
    let Document::Expense(mut expense) = sample(DocumentKind::Expense, Filled::Nothing).unwrap()
    else {
        unreachable!()
    };
    expense.header.name = Some("  March,  Boston ".to_owned());
    expense.header.org.insert(1, coded("0021", "Boston"));
    expense.header.org.insert(2, coded("  ", "Blank"));
    let mut entry = expense.entries.remove(0);
    entry.id = "E1".to_owned();
    entry.date = Some("2026-03-02".parse().unwrap());
    entry.clearing_account = Some("21500".to_owned());
    entry.custom.insert(40, coded("last", ""));
    let codes = BTreeMap::from([(
        "branches".to_owned(),
        BTreeMap::from([("0021".to_owned(), "MAIN".to_owned())]),
    )]);
    let journal = entry.allocations[0].journals[0].clone();
    let tables = Tables::new(codes, BTreeMap::new());
    Names::document(&Document::Expense(expense), &tables)
        .entry(&entry)
        .journal(&entry, &journal)
}

fn coded(code: &str, value: &str) -> Coded {
    Coded {
        code: Some(code.to_owned()),
        value: Some(value.to_owned()),
    }
}

fn code(source: &str) -> Result<Option<String>, TemplateError> {
    Template::compile("rules.test", source)?.evaluate(&report())
}

#[test]
fn codes() {
    for (source, expected) in [
        ("61000", Some("61000")),
        (" 61000 ", Some("61000")),
        ("{{ document.org[1].code }}", Some("0021")),
        ("{{ document.org[1].value }}", Some("Boston")),
        // Null stays null, blank is none.
        ("{{ document.org[3].code }}", None),
        ("{{ document.org[2].code }}", None),
        ("{{ entry.custom[40].code }}", Some("last")),
        // Half a code is no code.
        ("A-{{ document.org[3].code }}", None),
        ("{{ 'A' ~ document.org[3].code }}", None),
        ("A-{{ document.org[1].code }}", Some("A-0021")),
        // Tables are overrides: a code they lack is null.
        ("{{ tables.branches[document.org[1].code] }}", Some("MAIN")),
        ("{{ tables.branches['9999'] }}", None),
        ("{{ tables.branches[document.org[3].code] }}", None),
        (
            "{{ tables.accounts[line.account] | default(line.account) }}",
            Some("21500"),
        ),
        (
            "{{ document.org[1].code | lookup(tables.branches, 'OTHER') }}",
            Some("MAIN"),
        ),
        (
            "{{ document.org[3].code | lookup(tables.branches, 'OTHER') }}",
            Some("OTHER"),
        ),
        ("{{ '9' | lookup(tables.branches) }}", None),
        // `default` and `first` act on null, blank and missing.
        ("{{ document.org[3].code | default('x') }}", Some("x")),
        ("{{ document.org[2].code | default('x') }}", Some("x")),
        ("{{ a.missing.b | default('x') }}", Some("x")),
        ("{{ document.missing | default('x') }}", Some("x")),
        ("{{ document.org[1].code | default('x') }}", Some("0021")),
        (
            "{{ first(document.org[3].code, document.org[2].code, document.org[1].code) }}",
            Some("0021"),
        ),
        (
            "{{ first(a.missing.b, document.org[1].code) }}",
            Some("0021"),
        ),
        ("{{ first(document.org[3].code) }}", None),
        ("{{ first() }}", None),
        (
            "{{ first(document.org[3].code, document.org[2].code) | default('x') }}",
            Some("x"),
        ),
    ] {
        assert_eq!(code(source).unwrap().as_deref(), expected, "{source}");
    }
}

#[test]
fn gaps_in_a_code() {
    for (source, expected) in [
        // A blank that is wanted is no gap; alone it is no code.
        ("A{{ document.org[3].code | default('') }}", Some("A")),
        (
            "{{ document.org[1].code }}{{ document.org[2].code | default('') | trim }}",
            Some("0021"),
        ),
        ("A{{ '9' | lookup(tables.branches, '') }}", Some("A")),
        (
            "A{{ document.org[3].code }}{{ document.org[3].code | default('') }}",
            None,
        ),
        (
            "A{{ document.org[3].code | default('') }}{{ document.org[2].code }}",
            None,
        ),
        ("{{ document.org[3].code | default('') }}", None),
        // Half a code is none, so that the default wins.
        (
            "{{ ('A' ~ document.org[3].code) | default('z') }}",
            Some("z"),
        ),
        (
            "{{ first(document.org[2].code ~ 'A', document.org[1].code) }}",
            Some("0021"),
        ),
    ] {
        assert_eq!(code(source).unwrap().as_deref(), expected, "{source}");
    }
}

#[test]
fn filters_and_the_language_itself() {
    for (source, expected) in [
        // Filters.
        ("{{ ' b ' | trim | upper }}", Some("B")),
        ("{{ 'ÄB' | lower }}", Some("äb")),
        ("{{ document.org[3].code | upper }}", None),
        ("{{ '21' | pad(6) }}", Some("000021")),
        ("{{ '21' | pad(4, 'x') }}", Some("xx21")),
        ("{{ '0021' | pad(2) }}", Some("0021")),
        ("{{ entry.date }}", Some("2026-03-02")),
        ("{{ entry.date | date }}", Some("2026-03-02")),
        (
            "{{ '2017-04-12T07:00:00.000' | date('%d.%m.%y') }}",
            Some("12.04.17"),
        ),
        // The language itself.
        (
            "{% if document.org[3].code %}a{% else %}b{% endif %}",
            Some("b"),
        ),
        (
            "{% if document.org[3].code is none %}a{% else %}b{% endif %}",
            Some("a"),
        ),
        (
            "{% if document.org[2].code is blank %}a{% else %}b{% endif %}",
            Some("a"),
        ),
        (
            "{{ 'A' if document.org[1].code == '0021' else 'B' }}",
            Some("A"),
        ),
        ("{{ document.org[1].code[:2] }}", Some("00")),
        ("{{ document.org[1].code[-2:] ~ 'x[:1]' }}", Some("21x[:1]")),
        ("{{ document.org[1].code[::2] }}", Some("02")),
        ("{{ document.org[3].code[:2] }}", None),
        ("A{{ document.org[3].code[:2] }}", None),
        ("A{{ document.org[1].code[7:] }}", None),
        ("{{ document.org[3].code[:2] | default('z') }}", Some("z")),
        (
            "{{ 'a' if document.org[3].code == '' else 'b' }}",
            Some("b"),
        ),
        ("{# none #}{{ 'none' }}", Some("none")),
    ] {
        assert_eq!(code(source).unwrap().as_deref(), expected, "{source}");
    }
}

#[test]
fn texts() {
    for (source, expected) in [
        ("{{ document.name }}", "March, Boston"),
        (
            "{{ employee.name }} {{ document.id }}   {{ document.name }} ",
            "1 March, Boston",
        ),
        ("{{ document.org[3].code }}", ""),
        ("a {{ document.org[3].code }} b", "a b"),
        (
            "{{ document.org[3].code ~ '/' ~ document.org[1].code }}",
            "/0021",
        ),
        ("a\n\n b", "a b"),
        ("", ""),
    ] {
        let template = Template::compile("rules.test", source).unwrap();
        assert_eq!(template.text(&report()).unwrap(), expected, "{source}");
    }
}

#[test]
fn what_does_not_exist_is_an_error_that_names_it() {
    for (source, word, column) in [
        ("{{ entry.vendr }}", "entry.vendr", 4),
        ("{{ entri.vendor }}", "entri", 4),
        ("Ä {{ a.missing.b }}", "`a`", 6),
        ("{{ document.org[0].code }}", "document.org[0]", 16),
        ("{{ document.org[7].code }}", "document.org[7]", 16),
        ("{{ document.org[-1].code }}", "document.org", 16),
        ("{{ entry.custom[41].code }}", "entry.custom[41]", 16),
        ("{{ document.custom['1'].code }}", "document.custom", 19),
        ("{{ tables.other['1'] }}", "tables.other", 10),
        ("{{ vendor.code | upper }}", "vendor", 4),
        ("{% if vendor %}a{% endif %}", "vendor", 7),
    ] {
        let error = code(source).unwrap_err();
        assert!(error.message.contains(word), "{source}: {error}");
        assert_eq!(error.column, column, "{source}: {error}");
        assert_eq!(error.reason().field, "rules.test");
    }
}

#[test]
fn a_proof_reads_slices_and_the_branches_not_taken() {
    for (source, column) in [
        ("{{ document.org[3].code[:2] }}", None),
        (
            "{{ 'a' if document.name[1:] == 'b' else document.id[:1] }}",
            None,
        ),
        ("{% if false %}{{ tables.branches['9'] }}{% endif %}", None),
        ("{% set other = [1] %}{{ other[0] }}", None),
        ("{% if false %}{{ document['x'] }}{% endif %}", Some(18)),
        ("{% if false %}{{ document['name'] }}{% endif %}", None),
        ("{{ 'a' if true else document.org[7].code }}", Some(21)),
        ("{{ 'a' if true else document.custom['1'].code }}", Some(21)),
    ] {
        let template = Template::compile("rules.test", source).unwrap();
        for names in [empty(DocumentKind::Expense), full(DocumentKind::Expense)] {
            let error = template.prove(&names).err();
            assert_eq!(error.map(|error| error.column), column, "{source}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_an_error() {
    for source in [
        "{{ document }}",
        "{{ document.org }}",
        "{{ document.org[1] }}",
        "{{ tables.branches }}",
        "{{ document | upper }}",
        "{{ '1' | lookup('2') }}",
        "{{ '1' | pad(100000) }}",
        "{{ '1' | pad(4, 'ab') }}",
        "{{ 'x' | date }}",
        "{{ '2026-13-01' | date }}",
        "{{ 'ÄÄÄÄÄÄÄÄÄÄ' | date }}",
        "{{ '2026-03-02' | date('%Q%') }}",
        "{{ 'x' | escape }}",
        "{{ range(3) }}",
        "{{ debug() }}",
        "{{ 1 / 0 }}",
        "{{ 'x' * 100000000 }}",
        "{% for a in document %}{{ a }}{% endfor %}",
    ] {
        assert!(code(source).is_err(), "{source}");
    }
    for source in [
        "{{",
        "{{ a b }}",
        "{% include 'x' %}",
        "{% macro a() %}{% endmacro %}",
        "{{ a == none }}",
    ] {
        assert!(Template::compile("rules.test", source).is_err(), "{source}");
    }
    assert!(Template::compile("rules.test", "x".repeat(5000)).is_err());
}

#[test]
fn work_is_bounded() {
    let deep = "{% for a in 'xxxxxxxxxxxxxxxx' %}".repeat(8) + "x" + &"{% endfor %}".repeat(8);
    let list = format!(
        "{{% set a = {:?} %}}{}",
        [1; 60],
        "{% for x in a %}".repeat(6) + "x" + &"{% endfor %}".repeat(6)
    );
    for source in [deep, list] {
        let started = Instant::now();
        let outcome = code(&source);
        assert!(outcome.is_err(), "{source}");
        assert!(started.elapsed().as_secs() < 5, "{source}");
    }
}

#[test]
fn every_name_of_the_table_exists_for_its_kinds_and_for_no_other() {
    for kind in DocumentKind::ALL {
        for name in table() {
            for expression in expressions(name.name) {
                let template =
                    Template::compile("rules.test", format!("{{{{ {expression} }}}}")).unwrap();
                let place = Place::AdvanceAccount;
                let statically = template
                    .names()
                    .iter()
                    .find_map(|used| unknown(used, kind, place));
                let exists = name.source(kind).is_some();
                assert_eq!(statically.is_none(), exists, "{kind} {expression}");
                assert_eq!(
                    template.prove(&full(kind)).is_ok(),
                    exists,
                    "{kind} {expression}"
                );
                assert_eq!(
                    template.prove(&empty(kind)).is_ok(),
                    exists,
                    "{kind} {expression}"
                );
                let unfilled = expression.starts_with("tables")
                    || kind == DocumentKind::Invoice && expression.starts_with("tax");
                if exists && !unfilled {
                    assert!(
                        template.evaluate(&full(kind)).unwrap().is_some(),
                        "{kind} {expression}"
                    );
                }
            }
        }
    }
}

/// `document.org[n].code, .value (1-6)` as two expressions.
fn expressions(name: &str) -> Vec<String> {
    let shown = name.replace("[n]", "[1]").replace("[code]", "['1']");
    match shown.split_once(", ") {
        Some((code, _)) => vec![code.to_owned(), code.replace(".code", ".value")],
        None => vec![shown],
    }
}

#[test]
fn what_an_advance_has_a_report_has_too() {
    // The text of cash advances is also the text of an advance applied on a report.
    for name in table()
        .iter()
        .filter(|name| name.source(DocumentKind::CashAdvance).is_some())
    {
        assert!(
            name.source(DocumentKind::Expense).is_some(),
            "{}",
            name.name
        );
    }
}

#[test]
fn the_journal_exists_only_for_the_advance_account() {
    assert!(unknown("journal.account", DocumentKind::CashAdvance, Place::Any).is_some());
    assert!(
        unknown(
            "journal.account",
            DocumentKind::CashAdvance,
            Place::AdvanceAccount
        )
        .is_none()
    );
    assert!(
        unknown(
            "journal.account",
            DocumentKind::Invoice,
            Place::AdvanceAccount
        )
        .is_some()
    );
}

#[test]
fn the_filters_named_exist() {
    for filter in FILTERS {
        let source = format!("{{{{ '2026-03-02' | {filter}(tables.branches) }}}}");
        let error = code(&source)
            .err()
            .map(|error| error.message)
            .unwrap_or_default();
        assert!(!error.contains("unknown filter"), "{filter}: {error}");
    }
}

#[test]
fn cards_and_lines() {
    let Document::Expense(expense) = sample(DocumentKind::Expense, Filled::Everything).unwrap()
    else {
        unreachable!()
    };
    let mut entry = expense.entries[0].clone();
    let mut journal = entry.allocations[0].journals[0].clone();
    let document = Document::Expense(expense);
    let names = Names::document(&document, &Tables::default());
    entry.clearing_account = Some("clearing".to_owned());
    entry.card_transaction = Some("T".to_owned());
    journal.account = Some(" ".to_owned());
    journal.card_reference = None;
    let evaluated = |names: &Names, source: &str| {
        Template::compile("t", source)
            .unwrap()
            .evaluate(names)
            .unwrap()
    };
    let at = names.entry(&entry).journal(&entry, &journal);
    assert_eq!(
        evaluated(&at, "{{ line.account }}").as_deref(),
        Some("clearing")
    );
    assert_eq!(
        evaluated(&at, "{{ line.card_reference }}").as_deref(),
        Some("T")
    );
    journal.account = Some("474230".to_owned());
    let at = names.journal(&entry, &journal);
    assert_eq!(
        evaluated(&at, "{{ line.account }}").as_deref(),
        Some("474230")
    );
    let card = Card {
        vendor: Some("AMEX".to_owned()),
        account: None,
    };
    let at = at.card(Some(&card), entry.clearing_account.as_deref());
    assert_eq!(
        evaluated(&at, "{{ card.vendor }}/{{ card.account }}").as_deref(),
        Some("AMEX/clearing")
    );
    assert_eq!(evaluated(&at.card(None, None), "{{ card.account }}"), None);
    assert!(!format!("{document:?}").is_empty());
}

#[test]
fn two_thousand_entries_are_cheap_enough_to_count() {
    let Document::Expense(expense) = sample(DocumentKind::Expense, Filled::Everything).unwrap()
    else {
        unreachable!()
    };
    let entry = expense.entries[0].clone();
    let names = Names::document(&Document::Expense(expense), &Tables::default());
    let templates: Vec<Template> = [
        "{{ tables.accounts[line.account] | default(line.account) }}",
        "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}",
        "{{ tables.subaccounts[first(allocation.custom[4].code, document.org[4].code)] }}",
        "{{ allocation.custom[5].code | default('X') }}",
        "{{ employee.id }} {{ entry.date }} {{ entry.vendor }} {{ line.expense_type.name }}",
        "EXEMPT",
    ]
    .map(|source| Template::compile("t", source).unwrap())
    .into();
    let started = Instant::now();
    for _ in 0..2_000 {
        let allocation = &entry.allocations[0];
        let at = names
            .entry(&entry)
            .allocation(&allocation.custom)
            .journal(&entry, &allocation.journals[0]);
        for template in &templates {
            template.text(&at).unwrap();
        }
    }
    // The figure is printed, not asserted: machines differ.
    eprintln!(
        "12,000 evaluations over 2,000 entries: {} ms",
        started.elapsed().as_millis()
    );
}
