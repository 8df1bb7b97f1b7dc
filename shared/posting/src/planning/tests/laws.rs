//! Laws that every plan keeps, over generated reports, held against sums that know nothing of the planning.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::support::{application, card, dec, entry, invoice, personal, plan_with, report, rules};
use crate::document::{Entry, Expense};
use crate::plan::{Line, PostingKind, Role};
use crate::rules::{EmployeeOwes, MixedSigns, Rules};
use crate::{Code, Document, Plan};

fn lenient() -> Rules {
    rules(&json!({
        "tables": {"cards": {"IBCP": {"vendor": "BANK"}, "CBCP": {"account": "21600"}}},
        "rules": {"cash_advance": {"return_account": "10200"}}
    }))
}

/// The rules of mixed signs, each with both rules for an employee who owes.
static SIGNS: LazyLock<[Rules; 6]> = LazyLock::new(|| {
    let signs = ["clearing", "one_bill", "split"];
    let owes = [
        json!("debit_adj"),
        json!({"as": "journal", "account": "11500"}),
    ];
    std::array::from_fn(|at| {
        rules(&json!({
            "tables": {"cards": {"IBCP": {"vendor": "BANK"}, "CBCP": {"account": "21600"}}},
            "rules": {
                "cash_advance": {"return_account": "10200"},
                "mixed_signs": signs[at / 2],
                "employee_owes": owes[at % 2]
            }
        }))
    })
});

fn cents(cents: i64) -> String {
    Decimal::new(cents, 2).to_string()
}

prop_compose! {
    fn journals()(
        journals in prop::collection::vec(
            (prop::sample::select(vec!["EMPL", "EMPL", "IBCP", "CBCP", "COPD"]), -5_000..50_000_i64, 0..3_usize),
            1..5,
        ),
    ) -> Vec<(&'static str, String, &'static str)> {
        let accounts = ["474230", "62000", "63000"];
        journals.into_iter().map(|(party, amount, account)| (party, cents(amount), accounts[account])).collect()
    }
}

prop_compose! {
    fn entries()(
        drawn in prop::collection::vec((journals(), 0..4_u8, prop::sample::select(vec!["1000", "1003", "77"])), 0..8),
    ) -> Vec<Entry> {
        let made = drawn.iter().enumerate().map(|(at, (journals, shape, pat))| {
            let id = format!("e{at}");
            let journals: Vec<_> = journals.iter().map(|(party, gross, account)| (*party, gross.as_str(), *account)).collect();
            match shape {
                0 => entry(&id, &journals),
                1 => personal(&id, &journals),
                2 => Entry {
                    expense_pay: true,
                    liability_account: Some("22000".to_owned()),
                    ..entry(&id, &journals)
                },
                _ => card(&id, pat, "199999", &journals),
            }
        });
        made.collect()
    }
}

prop_compose! {
    fn reports()(
        entries in entries(),
        applied in prop::collection::vec(1..20_000_i64, 0..3),
        share in 0..=100_i64,
        payroll in any::<bool>(),
    ) -> Expense {
        let mut expense = report(entries);
        if payroll {
            expense.payroll = true;
            expense.payroll_clearing_account = Some("176882".to_owned());
        }
        expense.applications = applied.iter().map(|amount| application(&cents(-amount))).collect();
        expense.returns = dec(&cents(applied.iter().sum::<i64>() * share / 100));
        expense
    }
}

/// What each party is owed, by the codes of the document alone; the employee as one, however paid.
fn owed(expense: &Expense) -> BTreeMap<String, Decimal> {
    let mut owed = BTreeMap::new();
    for journal in expense
        .entries
        .iter()
        .flat_map(|entry| &entry.allocations)
        .flat_map(|each| &each.journals)
    {
        let party = if journal.payer == "COMP" {
            &journal.payee
        } else {
            &journal.payer
        };
        *owed.entry(party.clone()).or_insert(Decimal::ZERO) += journal.gross;
    }
    let advances = expense.applications.iter().map(|each| each.amount);
    *owed.entry("EMPL".to_owned()).or_insert(Decimal::ZERO) +=
        advances.sum::<Decimal>() + expense.returns;
    owed.retain(|_, sum| !sum.is_zero());
    owed
}

/// What each party is owed by the plan: its AP documents and its counter-lines.
fn planned(plan: &Plan) -> BTreeMap<String, Decimal> {
    let mut owed = BTreeMap::new();
    for posting in &plan.postings {
        let party = posting.party.split('.').next().unwrap().to_owned();
        let sum = owed.entry(party).or_insert(Decimal::ZERO);
        match posting.kind {
            PostingKind::Bill => *sum += posting.total,
            PostingKind::DebitAdj => *sum -= posting.total,
            _ => {
                for line in posting
                    .lines
                    .iter()
                    .filter(|line| line.role == Role::Counter)
                {
                    *sum += line.credit - line.debit;
                }
            }
        }
    }
    owed.retain(|_, sum| !sum.is_zero());
    owed
}

/// The whole general ledger effect by account, the vendor's side of AP documents left open.
fn check_ledger(plan: &Plan) {
    for posting in &plan.postings {
        let debits: Decimal = posting.lines.iter().map(|line| line.debit).sum();
        let credits: Decimal = posting.lines.iter().map(|line| line.credit).sum();
        for line in &posting.lines {
            assert!(!line.debit.is_sign_negative() && !line.credit.is_sign_negative());
            assert!(line.debit.is_zero() != line.credit.is_zero());
        }
        match posting.kind {
            PostingKind::Journal => assert_eq!(debits, credits),
            PostingKind::Bill => {
                assert_eq!((debits - credits, credits), (posting.total, Decimal::ZERO));
            }
            _ => assert_eq!((credits - debits, debits), (posting.total, Decimal::ZERO)),
        }
    }
    let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
    let between: Decimal = lines
        .filter(|line| line.account == "21999")
        .map(|line| line.debit - line.credit)
        .sum();
    assert_eq!(between, Decimal::ZERO);
}

fn check_order(plan: &Plan) {
    let order = [
        "EMPL",
        "EMPL.expense_pay",
        "EMPL.payroll",
        "IBCP",
        "CBCP",
        "COPD",
    ];
    let rank = |party: &str| order.iter().position(|known| *known == party).unwrap();
    let keys: Vec<_> = plan
        .postings
        .iter()
        .map(|posting| {
            let mixed = posting.lines.iter().any(|line| line.role == Role::Clearing);
            let journal = posting.kind == PostingKind::Journal;
            (journal, rank(&posting.party), journal && !mixed)
        })
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!((1..).zip(&plan.postings).all(|(n, posting)| posting.n == n));
    let references: Vec<_> = plan
        .postings
        .iter()
        .filter_map(|posting| posting.reference.clone())
        .collect();
    assert_eq!(
        references.iter().collect::<BTreeSet<_>>().len(),
        references.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn plans_balance_and_owe_what_the_document_says(expense in reports()) {
        let rules = lenient();
        let gross: Decimal = expense.entries.iter().filter_map(|entry| entry.approved).sum();
        let wanted = owed(&expense);
        let document = Document::Expense(expense);
        match plan_with(&document, &rules) {
            Ok(plan) => {
                check_ledger(&plan);
                check_order(&plan);
                let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
                let cost: Decimal = lines.filter(|line| line.role == Role::Cost).map(|line| line.debit - line.credit).sum();
                prop_assert_eq!(cost, gross);
                prop_assert_eq!(plan.gross, gross);
                prop_assert_eq!(planned(&plan), wanted);
                prop_assert_eq!(&plan_with(&document, &rules).unwrap(), &plan);
                let stored = serde_json::to_string(&plan).unwrap();
                prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
            }
            Err(reasons) => {
                for reason in reasons {
                    prop_assert_eq!(reason.code, Code::PaymentMixed);
                }
            }
        }
    }

    #[test]
    fn every_rule_of_signs_owes_what_the_document_says(expense in reports(), at in 0..SIGNS.len()) {
        let (rules, document) = (&SIGNS[at], Document::Expense(expense.clone()));
        let gross: Decimal = expense.entries.iter().filter_map(|entry| entry.approved).sum();
        let Ok(plan) = plan_with(&document, rules) else {
            return Ok(());
        };
        check_order(&plan);
        prop_assert_eq!(planned(&plan), owed(&expense));
        let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
        let cost: Decimal = lines.filter(|line| line.role == Role::Cost).map(Line::signed).sum();
        prop_assert_eq!(cost, gross);
        for posting in &plan.postings {
            let debits = posting.lines.iter().any(|line| !line.debit.is_zero());
            let credits = posting.lines.iter().any(|line| !line.credit.is_zero());
            let payable = posting.kind.is_payable();
            // Only where the rules say one_bill has an AP document lines of both signs.
            prop_assert!(!(payable && debits && credits) || rules.mixed_signs == MixedSigns::OneBill);
            let owes = posting.kind == PostingKind::DebitAdj && posting.party.starts_with("EMPL");
            let receivable = matches!(rules.employee_owes, EmployeeOwes::Journal { .. });
            prop_assert!(!(owes && receivable) || rules.mixed_signs == MixedSigns::Split);
        }
    }

    #[test]
    fn one_cent_off_is_never_planned(expense in reports(), at in any::<prop::sample::Index>(), approved in any::<bool>()) {
        prop_assume!(!expense.entries.is_empty());
        let mut expense = expense;
        let index = at.index(expense.entries.len());
        let cent = Decimal::new(1, 2);
        let entry = &mut expense.entries[index];
        if approved {
            entry.approved = entry.approved.map(|amount| amount + cent);
        } else {
            entry.allocations[0].journals[0].gross += cent;
        }
        let reasons = plan_with(&Document::Expense(expense), &lenient()).unwrap_err();
        let id = format!("e{index}");
        prop_assert!(reasons.iter().any(|reason| reason.code == Code::EntrySum && reason.line == Some(id.clone())));
    }

    #[test]
    fn invoices_owe_their_total(
        lines in prop::collection::vec(-5_000..50_000_i64, 1..6),
        shipping in prop::sample::select(vec![0_i64, 500]),
        tax in prop::sample::select(vec![0_i64, 700]),
        shown in 0..4_u8,
    ) {
        let amounts: Vec<String> = lines.iter().map(|amount| cents(*amount)).collect();
        let lines: Vec<(&str, &str)> = amounts.iter().map(|amount| (amount.as_str(), "63000")).collect();
        let mut document = invoice("INV 7", &lines);
        document.shipping = dec(&cents(shipping));
        document.tax = dec(&cents(tax));
        document.total += match shown {
            0 => Decimal::ZERO,
            1 => document.shipping,
            2 => document.tax,
            _ => document.shipping + document.tax,
        };
        let total = document.total;
        let plan = plan_with(&Document::Invoice(document), &lenient()).unwrap();
        check_ledger(&plan);
        prop_assert_eq!(planned(&plan).remove("vendor").unwrap_or_default(), total);
        let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
        let cost: Decimal = lines.filter(|line| line.role == Role::Cost).map(|line| line.debit - line.credit).sum();
        prop_assert_eq!(cost, total);
    }
}
