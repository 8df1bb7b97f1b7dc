//! Planning takes memory in proportion to the entries of a report. What is counted is what is asked of the allocator, so that the
//! figures are the same on every machine; the peak lies between what stays and what was asked for altogether.
#![cfg(test)]

use std::alloc::System;

use posting::document::{Allocation, Coded, Employee, Entry, Expense, Family, Header, Journal};
use posting::planning::{Planning, plan};
use posting::rules::Rules;
use posting::{BusinessId, Currency, Document, DocumentId};
use rust_decimal::Decimal;
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A small report and the largest one there may be.
const FEW: usize = 500;
const MANY: usize = 10_000;

/// Bytes for each entry.
#[derive(Debug)]
struct Taken {
    /// Asked for while planning.
    asked: usize,
    /// In the plan when it is done.
    kept: usize,
}

#[test]
fn planning_takes_memory_in_proportion_to_the_entries() {
    let (few, many) = (taken(FEW), taken(MANY));
    println!("{FEW} entries: {few:?} bytes each; {MANY} entries: {many:?} bytes each");
    for (few, many) in [(few.asked, many.asked), (few.kept, many.kept)] {
        assert!(many <= few + few / 2, "{few} bytes an entry became {many}");
    }
}

fn taken(entries: usize) -> Taken {
    let (document, rules) = (report(entries), rules());
    let planning = Planning::new(&document, &rules, 1);
    let region = Region::new(ALLOCATOR);
    let planned = plan(&planning).unwrap();
    let change = region.change();
    let lines: usize = planned.postings.iter().map(|each| each.lines.len()).sum();
    assert!(lines >= entries, "every entry is planned");
    Taken {
        asked: change.bytes_allocated / entries,
        kept: change
            .bytes_allocated
            .saturating_sub(change.bytes_deallocated)
            / entries,
    }
}

/// Entries of three parties in turn, each allocated to a project of its own.
fn report(entries: usize) -> Document {
    let entries: Vec<Entry> = (0..entries).map(entry).collect();
    Document::Expense(Expense {
        header: Header {
            document: DocumentId::new("de2c2b936bc44114aa487fdab9f7bf61").unwrap(),
            business: BusinessId::new("R-1").unwrap(),
            name: Some("Fair".to_owned()),
            currency: Currency::new("USD").unwrap(),
            ledger: None,
            entity: None,
            org: coded(2, "0021"),
            custom: Family::new(),
            employee: Employee {
                id: Some("E7".to_owned()),
                name: Some("Ann Lee".to_owned()),
            },
            test: false,
            revision: 1,
        },
        approved_total: None,
        returns: Decimal::ZERO,
        payroll: false,
        payroll_clearing_account: None,
        submitted: None,
        processed: Some("2026-10-31T12:00:00Z".parse().unwrap()),
        entries,
        applications: Vec::new(),
    })
}

fn entry(at: usize) -> Entry {
    let gross = Decimal::new(1_000 + i64::try_from(at).unwrap(), 2);
    let party = ["EMPL", "IBCP", "CBCP"][at % 3];
    let text = |word: &str| Some(format!("{word} {at}"));
    Entry {
        id: format!("E{at}"),
        date: Some("2026-10-12".parse().unwrap()),
        vendor: text("Taxi"),
        description: text("Airport"),
        approved: Some(gross),
        personal: false,
        expense_pay: false,
        payment_type: Some("1000".to_owned()),
        card_program: None,
        card_transaction: text("2401516517"),
        clearing_account: Some("19999".to_owned()),
        liability_account: None,
        expense_type: Coded::default(),
        org: Family::new(),
        custom: Family::new(),
        allocations: vec![Allocation {
            id: text("A"),
            custom: coded(5, &format!("P{at}")),
            journals: vec![Journal {
                account: Some("61000".to_owned()),
                payer: "COMP".to_owned(),
                payee: party.to_owned(),
                gross,
                net_of_tax: gross,
                net_of_reclaim: gross,
                card_reference: None,
                taxes: Vec::new(),
            }],
            taxes: Vec::new(),
        }],
    }
}

fn coded(n: u8, code: &str) -> Family {
    let code = Coded {
        code: Some(code.to_owned()),
        value: None,
    };
    Family::from([(n, code)])
}

fn rules() -> Rules {
    let stored = json!({
        "documents": ["expense"],
        "time_zone": "UTC",
        "tables": {
            "branches": {"0021": "MAIN"},
            "cards": {"IBCP": {"vendor": "AMEX"}, "CBCP": {"account": "21500"}}
        },
        "rules": {
            "line": {"project": "{{ allocation.custom[5].code | default('X') }}"},
            "tax": {"mode": "gross", "category": "EXEMPT", "reclaimable_as_cost": true}
        }
    });
    Rules::read(&stored).unwrap_or_else(|faults| panic!("{faults:#?}"))
}
