use posting::plan::{Plan, PostingKind};
use serde_json::json;

use super::*;
use crate::samples::{amount, plan, posting};

fn told(stored: &Plan, changed: &Plan) -> Vec<(Change, String, Vec<String>)> {
    let (stored, changed) = (report::plan(stored), report::plan(changed));
    differences(Some(&stored), Some(&changed))
        .into_iter()
        .map(|found| {
            let fields = found.fields.into_iter().map(|field| field.field);
            let place = found.line.unwrap_or(found.posting);
            (found.change, place, fields.collect())
        })
        .collect()
}

fn one_bill() -> Plan {
    plan(vec![posting(1, PostingKind::Bill)])
}

#[test]
fn equal_plans_do_not_differ_whatever_is_said_about_them() {
    let mut other = one_bill();
    other.postings[0].lines[0].because = "other words".to_owned();
    other.because.push("other words".to_owned());
    other.rules_version = 2;
    assert_eq!(told(&one_bill(), &other), []);
}

#[test]
fn a_changed_field_is_named_where_it_stands() {
    let mut other = one_bill();
    other.postings[0].branch = Some("EAST".to_owned());
    other.postings[0].lines[0].account = "62000".to_owned();
    let header = (
        Change::Changed,
        "Bill EMPL V000012".to_owned(),
        vec!["branch".to_owned()],
    );
    let line = "ENTRY1 debit 42.50 on 61000".to_owned();
    let line = (Change::Changed, line, vec!["account".to_owned()]);
    assert_eq!(told(&one_bill(), &other), [header, line]);
}

#[test]
fn a_field_that_one_side_lacks_and_the_notes_are_differences() {
    let mut other = one_bill();
    other.postings[0].taxes = vec![posting::plan::TaxRow {
        tax_id: "VAT".to_owned(),
        taxable: amount("40.00"),
        amount: amount("2.50"),
        non_deductible: amount("0"),
    }];
    other.notes.push("no receipt".to_owned());
    let (with_tax, plain) = (report::plan(&other), report::plan(&one_bill()));
    let found = differences(Some(&plain), Some(&with_tax));
    let places: Vec<_> = found.iter().map(|one| one.posting.as_str()).collect();
    assert_eq!(places, ["Bill EMPL V000012", "plan"]);
    let (taxes, notes) = (&found[0].fields, &found[1].fields);
    assert_eq!((taxes.len(), taxes[0].field.as_str()), (1, "taxes"));
    assert_eq!(taxes[0].stored, json!(null));
    assert_eq!(taxes[0].changed[0]["tax_id"], json!("VAT"));
    assert_eq!((notes.len(), notes[0].field.as_str()), (1, "notes"));
    assert_eq!(notes[0].changed, json!(["no receipt"]));
    let back = differences(Some(&with_tax), Some(&plain));
    assert_eq!(back[0].fields[0].changed, json!(null));
    assert_eq!(back[1].fields[0].stored, json!(["no receipt"]));
}

#[test]
fn whatever_changes_a_request_is_a_difference() {
    let order = |unit: &str| posting::plan::PurchaseOrder {
        number: "PO0007".to_owned(),
        line: 2,
        quantity: amount("2"),
        unit_price: amount("21.25"),
        unit: Some(unit.to_owned()),
    };
    let linked = |unit: &str, key_field: Option<&str>| {
        let mut plan = one_bill();
        plan.postings[0].key_field = key_field.map(str::to_owned);
        plan.postings[0].lines[0].purchase_order = Some(order(unit));
        plan
    };
    let fields = |stored: &Plan, changed: &Plan| {
        assert_ne!(
            report::plan(stored).postings[0].body,
            report::plan(changed).postings[0].body
        );
        let found = told(stored, changed).into_iter();
        found.flat_map(|(_, _, fields)| fields).collect::<Vec<_>>()
    };
    let each = linked("EACH", Some("Document.AttributeKEY"));
    assert_eq!(
        fields(&each, &linked("BOX", Some("Document.AttributeKEY"))),
        ["purchase_order"]
    );
    assert_eq!(
        fields(&each, &linked("EACH", Some("Document.AttributeOTHER"))),
        ["key_field"]
    );
}

#[test]
fn another_vendor_is_a_change_and_another_line_is_added_or_removed() {
    let mut other = one_bill();
    other.postings[0].vendor = Some("V2".to_owned());
    let changed = told(&one_bill(), &other);
    assert_eq!(changed[0].2, ["vendor"]);
    let mut more = one_bill();
    let mut line = more.postings[0].lines[0].clone();
    line.source = Some("ENTRY2".to_owned());
    more.postings[0].lines.push(line);
    let place = "ENTRY2 debit 42.50 on 61000".to_owned();
    assert_eq!(
        told(&one_bill(), &more),
        [(Change::Added, place.clone(), vec![])]
    );
    assert_eq!(told(&more, &one_bill()), [(Change::Removed, place, vec![])]);
}

#[test]
fn a_plan_that_is_new_or_gone_is_so_whole() {
    let bill = report::plan(&one_bill());
    let added = differences(None, Some(&bill));
    assert_eq!((added.len(), added[0].change), (1, Change::Added));
    let removed = differences(Some(&bill), None);
    assert_eq!((removed.len(), removed[0].change), (1, Change::Removed));
}

#[test]
fn totals_hold_the_vendors_side_and_what_is_owed() {
    let mut journal = posting(2, PostingKind::Journal);
    let mut counter = journal.lines[0].clone();
    (counter.debit, counter.credit) = (amount("0"), amount("42.50"));
    counter.role = posting::plan::Role::Counter;
    counter.account = "21500".to_owned();
    journal.party = "CBCP".to_owned();
    journal.lines.push(counter);
    let adjustment = posting(3, PostingKind::DebitAdj);
    let made = plan(vec![posting(1, PostingKind::Bill), journal, adjustment]);
    let totals = serde_json::to_value(report::plan(&made).totals).unwrap();
    assert_eq!(totals["balanced"], json!(true));
    assert_eq!(
        totals["accounts"],
        json!([
            {"account": "21500", "debit": "0.00", "credit": "42.50"},
            {"account": "61000", "debit": "85.00", "credit": "42.50"},
            {"account": "accounts payable V000012", "debit": "42.50", "credit": "42.50"},
        ])
    );
    assert_eq!(
        totals["parties"],
        json!([{"party": "CBCP", "vendor": null, "amount": "42.50"}])
    );
}
