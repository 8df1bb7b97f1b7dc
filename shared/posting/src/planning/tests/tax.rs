use serde_json::{Value, json};

use super::super::share::shares;
use super::super::{Planning, codes::Codes};
use super::support::{application, card, dec, entry, jotted, journal, plan_with, report, rules};
use crate::Document;
use crate::document::{Allocation, Entry, Expense, Journal, Tax};
use crate::plan::{Posting, TaxRow};

fn tax(guid: &str, reclaim_code: &str, amount: &str, reclaim: &str) -> Tax {
    Tax {
        guid: Some(guid.to_owned()),
        authority: Some("DEVAT".to_owned()),
        code: None,
        reclaim_code: Some(reclaim_code.to_owned()),
        country: Some("DE".to_owned()),
        amount: dec(amount),
        reclaim: dec(reclaim),
    }
}

/// A journal with its nets and the taxes it names.
fn taxed(party: &str, [gross, of_tax, of_reclaim]: [&str; 3], guids: &[&str]) -> Journal {
    Journal {
        net_of_tax: dec(of_tax),
        net_of_reclaim: dec(of_reclaim),
        taxes: guids.iter().map(|guid| (*guid).to_owned()).collect(),
        ..journal(party, gross, "474230")
    }
}

fn with(mut entry: Entry, journals: Vec<Journal>, taxes: Vec<Tax>) -> Entry {
    entry.approved = Some(journals.iter().map(|journal| journal.gross).sum());
    let allocation = &mut entry.allocations[0];
    (allocation.journals, allocation.taxes) = (journals, taxes);
    entry
}

/// Published example 2.4: two taxes, half of each reclaimable.
pub(super) fn half() -> Expense {
    let journals = vec![taxed("EMPL", ["55", "48.68", "51.83"], &["g1", "g2"])];
    let taxes = vec![
        tax("g1", "GST", "2.43", "1.22"),
        tax("g2", "PST", "3.89", "1.95"),
    ];
    report(vec![with(entry("e1", &[]), journals, taxes)])
}

fn mode(mode: &str) -> Value {
    json!({"rules": {"tax": {
        "mode": mode,
        "codes": {
            "GST": {"account": "14100", "non_deductible_account": "66100", "tax_id": "CAGST"},
            "PST": {"account": "14200", "non_deductible_account": "66200", "tax_id": "CAPST"}
        }
    }}})
}

pub(super) fn acumatica() -> Value {
    let mut changes = mode("acumatica");
    changes["rules"]["tax"]["categories"] = json!({"CAGST+CAPST": "BOTH", "CAGST": "GST"});
    changes
}

fn check(expense: Expense, changes: &Value, wanted: &[&str]) {
    assert_eq!(jotted(&Document::Expense(expense), changes), wanted);
}

#[test]
fn reclaim_and_split_give_the_tax_lines_of_its_own() {
    check(
        half(),
        &mode("reclaim"),
        &[
            "1 Bill EMPL E7 R-1 55.00",
            "  +51.83 61000 cost e1",
            "  +1.22 14100 tax e1",
            "  +1.95 14200 tax e1",
        ],
    );
    check(
        half(),
        &mode("split"),
        &[
            "1 Bill EMPL E7 R-1 55.00",
            "  +48.68 61000 cost e1",
            "  +1.22 14100 tax e1",
            "  +1.21 66100 tax e1",
            "  +1.95 14200 tax e1",
            "  +1.94 66200 tax e1",
        ],
    );
}

#[test]
fn tax_lines_take_the_balance_dimensions_and_the_exempt_category() {
    let plan = plan_with(&Document::Expense(half()), &rules(&mode("reclaim"))).unwrap();
    let line = &plan.postings[0].lines[1];
    assert_eq!(line.subaccount.as_deref(), Some("000000"));
    assert_eq!(line.project.as_deref(), Some("X"));
    assert_eq!(line.tax_category.as_deref(), Some("EXEMPT"));
    assert_eq!(
        line.because,
        "EMPL: tax by rules.tax.codes.GST.account; dimensions by rules.balance_line"
    );
}

#[test]
fn journals_have_tax_lines_too_and_their_counter_side_stays_whole() {
    let journals = vec![taxed("CBCP", ["10", "8.40", "8.40"], &["g1"])];
    let taxes = vec![tax("g1", "GST", "1.60", "1.60")];
    let entry = with(card("e1", "1000", "", &[]), journals, taxes);
    check(
        report(vec![entry]),
        &mode("reclaim"),
        &[
            "1 GL CBCP - - 10.00",
            "  +8.4 61000 cost e1",
            "  +1.6 14100 tax e1",
            "  -10 21500 counter e1",
        ],
    );
}

#[test]
fn a_credit_with_tax_is_a_debit_adj_with_both_credited() {
    let journals = vec![taxed("EMPL", ["-10", "-8.40", "-8.40"], &["g1"])];
    let taxes = vec![tax("g1", "GST", "-1.60", "-1.60")];
    let expense = || {
        report(vec![with(
            entry("e1", &[]),
            journals.clone(),
            taxes.clone(),
        )])
    };
    check(
        expense(),
        &mode("split"),
        &[
            "1 Debit Adj. EMPL E7 R-1 10.00",
            "  -8.4 61000 cost e1",
            "  -1.6 14100 tax e1",
        ],
    );
    let plan = plan_with(&Document::Expense(expense()), &rules(&acumatica())).unwrap();
    let [row] = plan.postings[0].taxes.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!((row.taxable, row.amount), (dec("8.40"), dec("1.60")));
}

#[test]
fn acumatica_gets_net_lines_and_one_row_for_each_tax_id() {
    let journals = vec![
        taxed("EMPL", ["55", "48.68", "51.83"], &["g1", "g2"]),
        taxed("EMPL", ["20", "20", "20"], &[]),
    ];
    let taxes = vec![
        tax("g1", "GST", "2.43", "1.22"),
        tax("g2", "PST", "3.89", "1.95"),
    ];
    let second = vec![taxed("EMPL", ["11", "10", "10"], &["g3"])];
    let expense = report(vec![
        with(entry("e1", &[]), journals, taxes),
        with(entry("e2", &[]), second, vec![tax("g3", "GST", "1", "1")]),
    ]);
    let plan = plan_with(&Document::Expense(expense), &rules(&acumatica())).unwrap();
    let [posting] = plan.postings.as_slice() else {
        panic!("{plan:?}")
    };
    let line = |line: &crate::plan::Line| (line.debit, line.tax_category.clone().unwrap());
    let lines: Vec<_> = posting.lines.iter().map(line).collect();
    let wanted = [("48.68", "BOTH"), ("20", "EXEMPT"), ("10", "GST")];
    assert_eq!(
        lines,
        wanted.map(|(net, category)| (dec(net), category.to_owned()))
    );
    let row = |id: &str, [taxable, amount, other]: [&str; 3]| TaxRow {
        tax_id: id.to_owned(),
        taxable: dec(taxable),
        amount: dec(amount),
        non_deductible: dec(other),
    };
    assert_eq!(
        posting.taxes,
        [
            row("CAGST", ["58.68", "3.43", "1.21"]),
            row("CAPST", ["48.68", "3.89", "1.94"])
        ]
    );
    assert_eq!(
        (posting.total, posting.tax_total()),
        (dec("86"), Some(dec("7.32")))
    );
    assert_eq!(plan.gross, dec("86"));
}

#[test]
fn where_the_lines_reach_a_journal_its_own_mode_counts() {
    let mut expense = half();
    expense.applications = vec![application("-20")];
    let lost = "reclaim_without_mapping expenseEntry[0].allocation[0].tax";
    let mut changes = acumatica();
    check(
        expense.clone(),
        &changes,
        &[
            &format!("{lost}[0].amountReclaim [1.22] e1"),
            &format!("{lost}[1].amountReclaim [1.95] e1"),
        ],
    );
    changes["rules"]["tax"]["journal_mode"] = json!("reclaim");
    check(
        expense.clone(),
        &changes,
        &[
            "1 Bill EMPL E7 R-1 35",
            "  +35 21999 net -",
            "2 GL EMPL - - 75.00",
            "  +51.83 61000 cost e1",
            "  +1.22 14100 tax e1",
            "  +1.95 14200 tax e1",
            "  -20 12500 advance ADV-1",
            "  -55 21999 clearing e1",
            "  +20 21999 clearing ADV-1",
        ],
    );
    changes["rules"]["tax"]["journal_mode"] = json!("gross");
    changes["rules"]["tax"]["reclaimable_as_cost"] = json!(true);
    let told = jotted(&Document::Expense(expense), &changes);
    assert_eq!(told[3], "  +55 61000 cost e1");
}

#[test]
fn the_reclaim_code_is_asked_first_then_the_tax_code_then_authority_and_country() {
    let found = |reclaim: Option<&str>, code: Option<&str>, country: Option<&str>| {
        let mut expense = half();
        let taxes = &mut expense.entries[0].allocations[0].taxes;
        taxes[1].reclaim_code = reclaim.map(str::to_owned);
        taxes[1].code = code.map(str::to_owned);
        taxes[1].country = country.map(str::to_owned);
        let codes = json!({"R": "14001", "C": "14002", "DEVAT/DE": "14003"});
        let mut changes = mode("reclaim");
        let table = changes["rules"]["tax"]["codes"].as_object_mut().unwrap();
        table.extend(codes.as_object().unwrap().clone());
        jotted(&Document::Expense(expense), &changes).pop().unwrap()
    };
    for (asked, wanted) in [
        ((Some("R"), Some("C"), Some("DE")), "  +1.95 14001 tax e1"),
        ((Some("?"), Some("C"), Some("DE")), "  +1.95 14002 tax e1"),
        ((None, None, Some("DE")), "  +1.95 14003 tax e1"),
        (
            (Some("?"), None, None),
            "tax_unmapped expenseEntry[0].allocation[0].tax[1].taxReclaimCode [?] e1",
        ),
        (
            (None, Some("!"), Some("FR")),
            "tax_unmapped expenseEntry[0].allocation[0].tax[1].taxReclaimCode [!, DEVAT/FR] e1",
        ),
    ] {
        assert_eq!(found(asked.0, asked.1, asked.2), wanted);
    }
}

#[test]
fn a_missing_mapping_is_always_a_reason() {
    let mut changes = mode("split");
    changes["rules"]["tax"]["codes"]["PST"] = json!({"account": "14200"});
    let told = "tax_unmapped rules.tax.codes.PST.non_deductible_account [] e1";
    check(half(), &changes, &[told]);
    changes["rules"]["tax"]["codes"]["PST"] = json!({"non_deductible_account": "20000"});
    check(
        half(),
        &changes,
        &[
            "tax_unmapped rules.tax.codes.PST.account [] e1",
            "control_account rules.tax.codes.PST.non_deductible_account [20000] e1",
        ],
    );
    let mut changes = acumatica();
    changes["rules"]["tax"]["categories"] = json!({"CAGST": "GST"});
    let told = "tax_unmapped rules.tax.categories.CAGST+CAPST [CAGST+CAPST] e1";
    check(half(), &changes, &[told]);
    changes["rules"]["tax"]["categories"] = json!({"CAGST+CAPST": "A".repeat(16)});
    let told = format!(
        "code_too_long rules.tax.categories.CAGST+CAPST [{}] e1",
        "A".repeat(16)
    );
    check(half(), &changes, &[&told]);
}

/// The shares of an allocation, as `reclaim/rest` for each tax a journal names; the reasons where there are none.
fn shared(journals: Vec<Journal>, taxes: Vec<Tax>) -> Vec<String> {
    let entry = with(entry("e1", &[]), journals, taxes);
    let allocation: &Allocation = &entry.allocations[0];
    let document = Document::Expense(report(Vec::new()));
    let rules = rules(&mode("split"));
    let mut codes = Codes::new(&Planning::new(&document, &rules, 1));
    let found = shares((0, 0), &entry, allocation, &mut codes);
    if !codes.reasons.is_empty() {
        return codes.reasons.iter().map(super::support::told).collect();
    }
    let share = |share: &super::super::share::Share| {
        format!(
            "{}:{}/{}",
            share.record, share.reclaim, share.non_deductible
        )
    };
    found
        .iter()
        .map(|taxed| match taxed {
            Some(part) => part.shares.iter().map(share).collect::<Vec<_>>().join(" "),
            None => "-".to_owned(),
        })
        .collect()
}

#[test]
fn journals_of_one_allocation_share_their_taxes_exactly() {
    let one = || vec![tax("g1", "GST", "10.00", "3.33")];
    assert_eq!(
        shared(
            vec![
                taxed("EMPL", ["33.33", "30", "32.22"], &["g1"]),
                taxed("IBCP", ["66.67", "60", "64.45"], &["g1"]),
                taxed("EMPL", ["5", "5", "5"], &[]),
            ],
            one(),
        ),
        ["0:1.11/2.22", "0:2.22/4.45", "-"]
    );
    // The first journal fills the first tax to its own total, then goes on to the next.
    assert_eq!(
        shared(
            vec![
                taxed("EMPL", ["100", "90", "90"], &["g1", "g2"]),
                taxed("COPD", ["50", "45", "45"], &["g1", "g2"]),
            ],
            vec![tax("g1", "GST", "6", "6"), tax("g2", "PST", "9", "9")],
        ),
        ["0:6/0 1:4/0", "0:0/0 1:5/0"]
    );
    // What runs against the sum raises what there is to share.
    assert_eq!(
        shared(
            vec![
                taxed("EMPL", ["20", "18.40", "18.40"], &["g1"]),
                taxed("COPD", ["-5", "-4.60", "-4.60"], &["g1"]),
            ],
            vec![tax("g1", "GST", "1.20", "1.20")],
        ),
        ["0:1.60/0.00", "0:-0.40/0.00"]
    );
}

#[test]
fn shares_in_document_order_give_way_where_a_later_journal_has_no_other_tax() {
    assert_eq!(
        shared(
            vec![
                taxed("EMPL", ["100", "90", "90"], &["g1", "g2"]),
                taxed("COPD", ["50", "40", "40"], &["g1"]),
            ],
            vec![tax("g1", "GST", "10", "10"), tax("g2", "PST", "10", "10")],
        ),
        ["0:0/0 1:10/0", "0:10/0"]
    );
}

#[test]
fn taxes_of_opposite_signs_are_shared_where_only_one_way_comes_out() {
    let taxes = || {
        vec![
            tax("g1", "GST", "10", "10"),
            tax("g2", "REFUND", "-2", "-2"),
        ]
    };
    for (journals, wanted) in [
        (
            vec![taxed("EMPL", ["100", "92", "92"], &["g1", "g2"])],
            vec!["0:10/0 1:-2/0"],
        ),
        (
            vec![
                taxed("EMPL", ["50", "46", "46"], &["g1"]),
                taxed("COPD", ["50", "46", "46"], &["g1", "g2"]),
            ],
            vec!["0:4/0", "0:6/0 1:-2/0"],
        ),
        (
            vec![
                taxed("EMPL", ["50", "46", "46"], &["g1", "g2"]),
                taxed("COPD", ["50", "46", "46"], &["g1", "g2"]),
            ],
            vec!["tax_unshared expenseEntry[0].allocation[0].journal[].taxGuid [] e1"],
        ),
    ] {
        assert_eq!(shared(journals, taxes()), wanted);
    }
}

#[test]
fn taxes_that_cannot_be_shared_are_a_reason() {
    assert_eq!(
        shared(
            vec![
                taxed("EMPL", ["100", "90", "90"], &["g1"]),
                taxed("COPD", ["50", "40", "40"], &["g2"]),
            ],
            vec![tax("g1", "GST", "12", "12"), tax("g2", "PST", "8", "8")],
        ),
        ["tax_unshared expenseEntry[0].allocation[0].journal[].taxGuid [] e1"]
    );
    let [more, third] = ["10.001", "-2"];
    assert_eq!(
        shared(
            vec![taxed("EMPL", ["10", third, third], &["g1"])],
            vec![tax("g1", "GST", "12", "12")],
        ),
        ["tax_sum expenseEntry[0].allocation[0].journal[0].amountNetOfTax [-2] e1"]
    );
    assert_eq!(
        shared(
            vec![taxed("EMPL", ["20", "9.999", "9.999"], &["g1"])],
            vec![tax("g1", "GST", more, more)],
        )
        .len(),
        4
    );
}

#[test]
fn a_tax_that_runs_against_its_bill_is_a_reason() {
    let first = vec![taxed("EMPL", ["50", "50", "50"], &[])];
    let second = vec![taxed("EMPL", ["-11", "-10", "-10"], &["g1"])];
    let expense = report(vec![
        with(entry("e1", &[]), first, Vec::new()),
        with(entry("e2", &[]), second, vec![tax("g1", "GST", "-1", "-1")]),
    ]);
    let mut changes = acumatica();
    changes["rules"]["mixed_signs"] = json!("one_bill");
    check(expense, &changes, &["mixed_signs rules.tax.mode [-1] -"]);
}

#[test]
fn a_line_that_is_all_tax_has_no_place_in_acumatica() {
    let journals = vec![taxed("EMPL", ["5", "0", "0"], &["g1"])];
    let expense = || {
        let taxes = vec![tax("g1", "GST", "5", "5")];
        report(vec![with(entry("e1", &[]), journals.clone(), taxes)])
    };
    let told = "tax_unmapped expenseEntry[0].allocation[0] [] e1";
    check(expense(), &acumatica(), &[told]);
    let wanted = ["1 Bill EMPL E7 R-1 5", "  +5 14100 tax e1"];
    check(expense(), &mode("reclaim"), &wanted);
}

#[test]
fn tampered_tax_rows_are_found() {
    let plan = |change: fn(&mut Posting)| {
        let document = Document::Expense(half());
        let rules = rules(&acumatica());
        let mut plan = plan_with(&document, &rules).unwrap();
        change(&mut plan.postings[0]);
        let Document::Expense(expense) = &document else {
            panic!()
        };
        let expected = super::super::balance::Expected::of_expense(expense).unwrap();
        super::super::balance::prove(&plan, &expected, &document).len()
    };
    assert_eq!(plan(|_| {}), 0);
    assert_eq!(plan(|posting| posting.taxes[0].amount += dec("0.01")), 2);
    assert_eq!(
        plan(|posting| posting.taxes[0].non_deductible = dec("9")),
        1
    );
    assert!(plan(|posting| posting.taxes.clear()) > 0);
}
