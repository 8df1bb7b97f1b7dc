//! Tax that has no place under the rules: of an invoice's lines, and of parties that are not posted at all.

use serde_json::{Value, json};

use super::support::{dec, entry, invoice, jotted, journal, plan_with, report, rules};
use crate::Document;
use crate::document::{Expense, Invoice, Journal, LineTax, Tax};
use crate::plan::Role;

fn tax_mode(mode: &str) -> Value {
    let code = json!({"account": "14100", "non_deductible_account": "66100", "tax_id": "VAT"});
    if mode == "gross" {
        return json!({"rules": {"tax": {"mode": mode, "reclaimable_as_cost": false}}});
    }
    json!({"rules": {"tax": {"mode": mode, "codes": {"V1": code}}}})
}

fn of_line(taxes: Vec<LineTax>) -> Invoice {
    let mut document = invoice("7", &[("50", "63000"), ("10", "63001")]);
    document.lines[1].allocations[0].taxes = taxes;
    document
}

fn line_tax(code: Option<&str>, amount: Option<&str>) -> LineTax {
    LineTax {
        code: code.map(str::to_owned),
        amount: amount.map(dec),
    }
}

#[test]
fn the_tax_of_an_invoices_line_has_a_place_in_mode_gross_only() {
    let taxes = [
        (vec![line_tax(Some("V1"), Some("1.60"))], "V1 1.60"),
        (vec![line_tax(None, None)], ""),
        (
            vec![line_tax(None, Some("0")), line_tax(Some("V2"), None)],
            "0, V2",
        ),
    ];
    for (taxes, stated) in taxes {
        let document = Document::Invoice(of_line(taxes));
        for mode in ["reclaim", "split", "acumatica"] {
            let wanted = format!("tax_unmapped lineItem[1].allocation[0].journal.tax [{stated}] 2");
            assert_eq!(jotted(&document, &tax_mode(mode)), [wanted], "{mode}");
        }
        let gross = [
            "1 Bill vendor V7 7 60",
            "  +50 63000 cost 1",
            "  +10 63001 cost 2",
        ];
        assert_eq!(jotted(&document, &tax_mode("gross")), gross);
    }
}

#[test]
fn an_invoices_line_without_tax_is_gross_in_every_mode() {
    for taxes in [vec![], vec![line_tax(Some("V0"), Some("0.00"))]] {
        let document = Document::Invoice(of_line(taxes));
        for mode in ["gross", "reclaim", "split", "acumatica"] {
            let plan = plan_with(&document, &rules(&tax_mode(mode))).unwrap();
            let lines = &plan.postings[0].lines;
            assert!(lines.iter().all(|line| line.role == Role::Cost), "{mode}");
        }
    }
}

#[test]
fn the_journal_of_an_invoice_that_concur_pays_follows_the_mode_of_journals() {
    let mut document = of_line(vec![line_tax(Some("V1"), Some("1.60"))]);
    document.paid_by_concur = true;
    let document = Document::Invoice(document);
    let planned = |mode: &str, paid: &Value| {
        let mut changes = tax_mode(mode);
        changes["rules"]["invoice"] = json!({ "paid_by_concur": paid });
        plan_with(&document, &rules(&changes)).is_ok()
    };
    let journal = json!({"as": "journal", "account": "22900"});
    assert!(planned("acumatica", &journal));
    assert!(!planned("split", &journal));
    assert!(planned("split", &json!({"as": "skip"})));
}

/// An entry of two parties, each with its own tax.
fn of_two(own: [&str; 2]) -> Expense {
    let taxed = |party: &str, guid: &str| Journal {
        net_of_tax: dec("8"),
        net_of_reclaim: dec("9"),
        taxes: vec![guid.to_owned()],
        ..journal(party, "10", "474230")
    };
    let tax = |guid: &str, reclaim: &str| Tax {
        guid: Some(guid.to_owned()),
        authority: None,
        code: Some("V9".to_owned()),
        reclaim_code: None,
        country: None,
        amount: dec(if reclaim == "2" { "4" } else { "2" }),
        reclaim: dec(reclaim),
    };
    let mut both = entry("e1", &[]);
    let allocation = &mut both.allocations[0];
    let [employee, card] = own;
    allocation.journals = vec![taxed("EMPL", employee), taxed("CBCP", card)];
    allocation.taxes = if employee == card {
        vec![tax(employee, "2")]
    } else {
        vec![tax(employee, "1"), tax(card, "1")]
    };
    both.approved = Some(dec("20"));
    report(vec![both])
}

#[test]
fn what_is_skipped_gives_no_reclaimable_tax_up() {
    let path = |n: u32| {
        format!(
            "reclaim_without_mapping expenseEntry[0].allocation[0].tax[{n}].amountReclaim [1] e1"
        )
    };
    let skip = |parties: &[&str]| {
        let mut changes = tax_mode("gross");
        for party in parties {
            changes["rules"]["parties"][*party] = json!({"as": "skip"});
        }
        changes
    };
    let told = |own: [&str; 2], parties: &[&str]| {
        let told = jotted(&Document::Expense(of_two(own)), &skip(parties));
        let faults = told.into_iter().filter(|line| line.starts_with("reclaim"));
        faults.collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(told(["t1", "t2"], &[]), [path(0), path(1)]);
    assert_eq!(told(["t1", "t2"], &["CBCP"]), [path(0)]);
    assert_eq!(told(["t1", "t2"], &["EMPL"]), [path(1)]);
    assert_eq!(told(["t1", "t2"], &["EMPL", "CBCP"]), none);
    // A tax that both bear is given up by the one that is posted.
    let shared =
        "reclaim_without_mapping expenseEntry[0].allocation[0].tax[0].amountReclaim [2] e1";
    assert_eq!(told(["t1", "t1"], &["CBCP"]), [shared]);
    assert_eq!(told(["t1", "t1"], &["EMPL", "CBCP"]), none);
}

#[test]
fn what_is_skipped_needs_no_mapping_either() {
    for mode in ["reclaim", "split", "acumatica"] {
        let mut changes = tax_mode(mode);
        let parties = &mut changes["rules"]["parties"];
        *parties = json!({"EMPL": {"as": "skip"}, "CBCP": {"as": "skip"}});
        let document = Document::Expense(of_two(["t1", "t2"]));
        let plan = plan_with(&document, &rules(&changes)).unwrap();
        assert_eq!(plan.postings, []);
    }
}
