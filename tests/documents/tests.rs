//! The generator keeps the invariants of the published examples, for any seed.

use proptest::prelude::{any as arbitrary, proptest};
use rust_decimal::Decimal;
use serde_json::Value;

use super::*;
use crate::amounts::decimal;

fn amount(value: &Value, name: &str) -> Decimal {
    decimal(&value[name]).unwrap_or_else(|| panic!("{name} is no number in {value}"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn check_allocation(allocation: &Value) -> Decimal {
    let (mut gross, mut tax, mut reclaim) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let mut guids = Vec::new();
    for journal in list(allocation, "journal") {
        let a = amount(journal, "amountGross");
        let from_company = journal["journalPayer"] == "COMP";
        let to_company = journal["journalPayee"] == "COMP";
        assert!(
            from_company ^ to_company,
            "exactly one party is the company: {journal}"
        );
        assert!(
            if from_company {
                a >= Decimal::ZERO
            } else {
                a <= Decimal::ZERO
            },
            "sign follows the payer: {journal}"
        );
        gross += a;
        tax += a - amount(journal, "amountNetOfTax");
        reclaim += a - amount(journal, "amountNetOfReclaim");
        guids.extend(list(journal, "taxGuid"));
    }
    let records = list(allocation, "tax");
    assert_eq!(
        tax,
        records
            .iter()
            .map(|t| amount(t, "amountTax"))
            .sum::<Decimal>()
    );
    assert_eq!(
        reclaim,
        records
            .iter()
            .map(|t| amount(t, "amountReclaim"))
            .sum::<Decimal>()
    );
    assert_eq!(
        guids,
        records.iter().map(|t| &t["taxGuid"]).collect::<Vec<_>>()
    );
    gross
}

fn check_expense(body: &Value) {
    let mut approved = Decimal::ZERO;
    for entry in list(body, "expenseEntry") {
        let allocations = list(entry, "allocation");
        assert!(!allocations.is_empty());
        let gross: Decimal = allocations.iter().map(check_allocation).sum();
        assert_eq!(gross, amount(entry, "entryApprovedAmount"));
        if entry["entryIsPersonal"] == "N" {
            let shares: Decimal = allocations
                .iter()
                .map(|a| amount(a, "allocationPercentage"))
                .sum();
            assert_eq!(shares, Decimal::ONE_HUNDRED);
        }
        approved += gross;
    }
    assert_eq!(approved, amount(&body["report"], "totalApprovedAmount"));
}

fn check_invoice(body: &Value) {
    let header = &body["requestHeader"];
    let gross: Decimal = list(body, "lineItem")
        .iter()
        .flat_map(|line| list(line, "allocation"))
        .map(|allocation| amount(&allocation["journal"], "amountGross"))
        .sum();
    let extra = amount(header, "amountShippingTotal") + amount(header, "amountTax");
    assert_eq!(gross, amount(header, "amountNetInvoice"));
    assert_eq!(gross + extra, amount(header, "requestTotal"));
}

fn check(document: &Document) {
    match document.kind {
        Kind::Expense => check_expense(&document.body),
        Kind::Invoice => check_invoice(&document.body),
        Kind::CashAdvance => {
            let issued = amount(&document.body["journalData"][0], "amount");
            assert_eq!(
                issued,
                amount(&document.body["cashAdvanceData"], "requestAmount")
            );
        }
    }
}

proptest! {
    #[test]
    fn every_seed_gives_documents_that_keep_the_invariants(seed in arbitrary::<u64>()) {
        let mut random = Random::new(seed);
        for _ in 0..4 {
            check(&super::any(&mut random));
        }
    }
}

#[test]
fn equal_seeds_give_equal_documents() {
    assert_eq!(
        super::any(&mut Random::new(7)),
        super::any(&mut Random::new(7))
    );
    assert_ne!(
        super::any(&mut Random::new(7)),
        super::any(&mut Random::new(8))
    );
}

#[test]
fn a_report_of_two_thousand_entries_has_the_size_it_is_for() {
    let person = Person::new("E00100", "Ada", "Example");
    let report = large_report(
        2_000,
        person,
        &Place::new("0021", "410"),
        &mut Random::new(3),
    );
    check(&report);
    let bytes = report.body.to_string().len();
    assert!((3_500_000..6_000_000).contains(&bytes), "{bytes}");
}

#[test]
fn the_demo_keeps_the_invariants_but_for_the_document_meant_to_break_them() {
    for example in crate::demo::documents() {
        let broken = std::panic::catch_unwind(|| check(&example.document)).is_err();
        assert_eq!(
            broken,
            example.fate == crate::demo::Fate::Refused,
            "{}",
            example.name
        );
    }
}

#[test]
fn every_documented_family_of_fields_is_present() {
    let mut random = Random::new(11);
    let report = expense::any(&mut random).body;
    for field in [
        "reportCustom20Value",
        "reportOrgUnit6Code",
        "lastApproverId",
    ] {
        assert!(report["report"].get(field).is_some(), "{field}");
    }
    for field in [
        "entryCustom40Code",
        "entryOrgUnit1Value",
        "mileage",
        "reportEntryPatKey",
    ] {
        assert!(report["expenseEntry"][0].get(field).is_some(), "{field}");
    }
}
