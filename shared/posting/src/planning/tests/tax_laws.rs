//! Laws of tax over generated allocations, whose taxes are drawn for each journal and only then added up to the records.

use std::sync::LazyLock;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::{
    Planning,
    prorate::{prorate, weights},
};
use super::support::{card, dec, entry, invoice, journal, plan_with, report, rules};
use crate::document::{Entry, Expense, Journal, Tax};
use crate::money;
use crate::plan::{Posting, PostingKind, Role, TaxRow};
use crate::rules::Rules;
use crate::{Currency, Document, Plan};

/// What a journal has of a record, in cents: reclaimable and not; `None` where it does not name it.
type Cell = Option<(i64, i64)>;

const RECORDS: usize = 3;

fn cell() -> impl Strategy<Value = Cell> {
    prop::option::weighted(0.7, (0..500_i64, 0..500_i64))
}

prop_compose! {
    /// Journals with what they have of each record and a net, all of one sign.
    fn allocation()(
        party in prop::sample::select(vec!["EMPL", "IBCP", "CBCP"]),
        journals in prop::collection::vec((prop::array::uniform3(cell()), 1..10_000_i64), 1..5),
        credit in any::<bool>(),
    ) -> (&'static str, Vec<([Cell; RECORDS], i64)>, bool) {
        (party, journals, credit)
    }
}

fn entry_of(
    id: &str,
    (party, drawn, credit): &(&'static str, Vec<([Cell; RECORDS], i64)>, bool),
) -> Entry {
    let signed = |cents: i64| Decimal::new(if *credit { -cents } else { cents }, 2);
    let mut journals: Vec<Journal> = Vec::new();
    for (cells, net) in drawn {
        let reclaim: i64 = cells.iter().flatten().map(|cell| cell.0).sum();
        let other: i64 = cells.iter().flatten().map(|cell| cell.1).sum();
        let gross = signed(net + reclaim + other).to_string();
        let named = cells.iter().enumerate().filter(|(_, cell)| cell.is_some());
        journals.push(Journal {
            net_of_tax: signed(*net),
            net_of_reclaim: signed(net + other),
            taxes: named.map(|(record, _)| format!("{id}-{record}")).collect(),
            ..journal(party, &gross, "474230")
        });
    }
    let record = |record: usize| {
        let cells = drawn.iter().filter_map(|(cells, _)| cells[record]);
        let (reclaim, other) = cells.fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        let named = drawn.iter().any(|(cells, _)| cells[record].is_some());
        named.then(|| Tax {
            guid: Some(format!("{id}-{record}")),
            authority: None,
            code: Some(format!("T{record}")),
            reclaim_code: None,
            country: None,
            amount: signed(reclaim + other),
            reclaim: signed(reclaim),
        })
    };
    let mut entry = match *party {
        "EMPL" => entry(id, &[]),
        party => card(
            id,
            if party == "IBCP" { "1003" } else { "1000" },
            "199999",
            &[],
        ),
    };
    entry.approved = Some(journals.iter().map(|journal| journal.gross).sum());
    let allocation = &mut entry.allocations[0];
    allocation.taxes = (0..RECORDS).filter_map(record).collect();
    allocation.journals = journals;
    entry
}

static RULES: LazyLock<[(&str, Rules); 3]> =
    LazyLock::new(|| ["reclaim", "split", "acumatica"].map(|name| (name, rules(&mode(name)))));

fn rules_of(mode: &str) -> &'static Rules {
    let found = RULES.iter().find(|(name, _)| *name == mode);
    &found.unwrap().1
}

fn mode(mode: &str) -> Value {
    let code = |n: usize| {
        json!({
            "account": format!("1410{n}"), "non_deductible_account": format!("6610{n}"), "tax_id": format!("VAT{n}")
        })
    };
    let mut categories = serde_json::Map::new();
    for set in 1..8_usize {
        let ids = (0..RECORDS)
            .filter(|n| set & (1 << n) != 0)
            .map(|n| format!("VAT{n}"));
        categories.insert(
            ids.collect::<Vec<_>>().join("+"),
            json!(format!("SET{set}")),
        );
    }
    let mut tax = json!({"mode": mode, "codes": {"T0": code(0), "T1": code(1), "T2": code(2)}});
    if mode == "acumatica" {
        tax["categories"] = Value::Object(categories);
        tax["journal_mode"] = json!("reclaim");
    }
    json!({"rules": {"tax": tax}})
}

fn records(expense: &Expense, number: usize, part: fn(&Tax) -> Decimal) -> Decimal {
    let code = format!("T{number}");
    let allocations = expense.entries.iter().flat_map(|entry| &entry.allocations);
    let taxes = allocations.flat_map(|allocation| &allocation.taxes);
    taxes
        .filter(|tax| tax.code.as_ref() == Some(&code))
        .map(part)
        .sum()
}

/// What stands on an account, debit positive.
fn on(plan: &Plan, account: &str) -> Decimal {
    let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
    lines
        .filter(|line| line.account == account)
        .map(crate::plan::Line::signed)
        .sum()
}

/// What Acumatica's own taxes come to for a tax, debit positive.
fn rows(plan: &Plan, number: usize, part: fn(&TaxRow) -> Decimal) -> Decimal {
    let tax_id = format!("VAT{number}");
    let of = |posting: &Posting| {
        let rows = posting.taxes.iter().filter(|row| row.tax_id == tax_id);
        let sum: Decimal = rows.map(part).sum();
        if posting.kind == PostingKind::DebitAdj {
            -sum
        } else {
            sum
        }
    };
    plan.postings.iter().map(of).sum()
}

fn sound(plan: &Plan, gross: Decimal) -> Result<(), TestCaseError> {
    prop_assert_eq!(plan.gross, gross);
    let mut planned = Decimal::ZERO;
    for posting in &plan.postings {
        prop_assert!(posting.total > Decimal::ZERO);
        let side = if posting.kind == PostingKind::DebitAdj {
            -Decimal::ONE
        } else {
            Decimal::ONE
        };
        let taxes = posting.tax_total().unwrap() * side;
        for line in &posting.lines {
            prop_assert!(line.debit.is_zero() != line.credit.is_zero());
            prop_assert!(line.debit >= Decimal::ZERO && line.credit >= Decimal::ZERO);
            prop_assert!(!line.account.is_empty());
            if matches!(line.role, Role::Cost | Role::Tax) {
                planned += line.signed();
            }
        }
        planned += taxes;
        let signed: Decimal = posting.lines.iter().map(crate::plan::Line::signed).sum();
        if posting.kind == PostingKind::Journal {
            prop_assert!(signed.is_zero() && posting.taxes.is_empty());
        } else {
            prop_assert_eq!(signed + taxes, posting.total * side);
        }
    }
    prop_assert_eq!(planned, gross);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_mode_posts_each_tax_to_the_last_cent(drawn in prop::collection::vec(allocation(), 1..4)) {
        let entries = drawn.iter().enumerate().map(|(at, drawn)| entry_of(&format!("e{at}"), drawn));
        let expense = report(entries.collect());
        let document = Document::Expense(expense.clone());
        let gross: Decimal = expense.entries.iter().filter_map(|entry| entry.approved).sum();
        for name in ["reclaim", "split", "acumatica"] {
            let planned = plan_with(&document, rules_of(name));
            let plan = planned.map_err(|reasons| TestCaseError::fail(format!("{name}: {reasons:#?}")))?;
            sound(&plan, gross)?;
            for number in 0..RECORDS {
                let reclaim = records(&expense, number, |tax| tax.reclaim);
                let other = records(&expense, number, |tax| tax.amount - tax.reclaim);
                let account = on(&plan, &format!("1410{number}"));
                let apart = on(&plan, &format!("6610{number}"));
                match name {
                    "reclaim" => prop_assert_eq!((account, apart), (reclaim, Decimal::ZERO)),
                    "split" => prop_assert_eq!((account, apart), (reclaim, other)),
                    // What reaches a journal follows `journal_mode`, the rest is Acumatica's.
                    _ => {
                        let deductible = rows(&plan, number, |row| row.amount - row.non_deductible);
                        prop_assert_eq!(account + deductible, reclaim);
                    }
                }
            }
            prop_assert_eq!(plan_with(&document, rules_of(name)).unwrap(), plan);
        }
    }

    #[test]
    fn bills_alone_give_acumatica_every_tax(drawn in prop::collection::vec(allocation(), 1..4)) {
        let entries = drawn.iter().enumerate().map(|(at, (_, journals, _))| {
            entry_of(&format!("e{at}"), &("EMPL", journals.clone(), false))
        });
        let expense = report(entries.collect());
        let document = Document::Expense(expense.clone());
        let plan = plan_with(&document, rules_of("acumatica")).unwrap();
        for number in 0..RECORDS {
            let amount = records(&expense, number, |tax| tax.amount);
            prop_assert_eq!(rows(&plan, number, |row| row.amount), amount);
        }
        prop_assert_eq!(on(&plan, "14100"), Decimal::ZERO);
    }

    #[test]
    fn a_cent_of_tax_more_is_never_planned(drawn in allocation(), reclaim in any::<bool>()) {
        let mut expense = report(vec![entry_of("e1", &drawn)]);
        let taxes = &mut expense.entries[0].allocations[0].taxes;
        prop_assume!(!taxes.is_empty());
        let cent = Decimal::new(1, 2);
        if reclaim { taxes[0].reclaim += cent } else { taxes[0].amount += cent }
        let reasons = plan_with(&Document::Expense(expense), rules_of("split")).unwrap_err();
        prop_assert!(reasons.iter().any(|reason| reason.code == crate::Code::TaxSum));
    }

    #[test]
    fn shares_of_a_header_amount_are_exact_and_fair(
        lines in prop::collection::vec((-50_000..50_000_i64).prop_filter("zero", |cents| *cents != 0), 1..20),
        amount in -10_000..10_000_i64,
    ) {
        let currency = Currency::new("USD").unwrap();
        let amounts: Vec<String> = lines.iter().map(|cents| Decimal::new(*cents, 2).to_string()).collect();
        let lines: Vec<(&str, &str)> = amounts.iter().map(|amount| (amount.as_str(), "63000")).collect();
        let document = Document::Invoice(invoice("7", &lines));
        let rules = rules_of("split");
        let mut codes = super::super::codes::Codes::new(&Planning::new(&document, rules, 1));
        let Document::Invoice(read) = &document else { unreachable!() };
        let mut items = super::super::invoice::read(read, &mut codes).items;
        let before: Vec<Decimal> = items.iter().map(|item| item.amount).collect();
        let amount = Decimal::new(amount, 2);
        let shares = weights(&items, currency).unwrap();
        prorate(amount, &mut items, &shares, currency).unwrap();
        let shares: Vec<Decimal> = items.iter().zip(&before).map(|(item, before)| item.amount - before).collect();
        prop_assert_eq!(money::sum(shares.iter().copied()), Some(amount));
        let all: Decimal = before.iter().map(Decimal::abs).sum();
        for (share, before) in shares.iter().zip(&before) {
            prop_assert!(currency.holds(*share));
            let exact = amount * before.abs() / all;
            prop_assert!((share - exact).abs() < dec("0.01"), "{share} {exact}");
        }
    }
}
