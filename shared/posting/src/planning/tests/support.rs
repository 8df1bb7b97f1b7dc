//! Documents for tests, built from the few words that matter to a case.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::{Planning, plan};
use crate::document::{
    AdvanceJournal, Allocation, Application, CashAdvance, Coded, Discount, Employee, Entry,
    Expense, Family, Header, Invoice, InvoiceAllocation, Journal, LineItem, Vendor,
};
use crate::rules::Rules;
use crate::{BusinessId, Currency, Document, DocumentId, Plan, Reason};

pub(in super::super) const DOCUMENT: &str = "de2c2b936bc44114aa487fdab9f7bf61";

pub(in super::super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(in super::super) fn family(fields: &[(u8, &str)]) -> Family {
    let coded = |code: &str| Coded {
        code: some(code),
        value: None,
    };
    fields.iter().map(|(n, code)| (*n, coded(code))).collect()
}

pub(in super::super) fn header(business: &str, currency: &str) -> Header {
    Header {
        document: DocumentId::new(DOCUMENT).unwrap(),
        business: BusinessId::new(business).unwrap(),
        name: some("Trip"),
        currency: Currency::new(currency).unwrap(),
        ledger: None,
        entity: None,
        org: family(&[(2, "0021")]),
        custom: BTreeMap::new(),
        employee: Employee {
            id: some("E7"),
            name: some("Ann Lee"),
        },
        test: false,
        revision: 1,
    }
}

/// A report whose total and approved amounts follow from its journals.
pub(in super::super) fn report(entries: Vec<Entry>) -> Expense {
    let total = entries.iter().filter_map(|entry| entry.approved).sum();
    Expense {
        header: header("R-1", "USD"),
        approved_total: Some(total),
        returns: Decimal::ZERO,
        payroll: false,
        payroll_clearing_account: None,
        submitted: Some("2026-10-30T20:00:00Z".parse().unwrap()),
        processed: Some("2026-11-01T03:00:00Z".parse().unwrap()),
        entries,
        applications: Vec::new(),
    }
}

/// An entry of journals `("EMPL", "10", "61000")`: party, signed amount, account; the sign says who pays.
pub(in super::super) fn entry(id: &str, journals: &[(&str, &str, &str)]) -> Entry {
    let journals: Vec<Journal> = journals
        .iter()
        .map(|(party, gross, account)| journal(party, gross, account))
        .collect();
    Entry {
        id: id.to_owned(),
        date: Some("2026-10-12".parse().unwrap()),
        vendor: some("Taxi"),
        description: None,
        approved: Some(journals.iter().map(|journal| journal.gross).sum()),
        personal: false,
        expense_pay: false,
        payment_type: some("CASH"),
        card_program: None,
        card_transaction: None,
        clearing_account: None,
        liability_account: None,
        expense_type: Coded {
            code: some("TAXI"),
            value: some("Taxi ride"),
        },
        org: BTreeMap::new(),
        custom: BTreeMap::new(),
        allocations: vec![Allocation {
            id: some("A1"),
            custom: family(&[(2, "0021"), (4, "100"), (5, "P1")]),
            journals,
            taxes: Vec::new(),
        }],
    }
}

/// A personal entry: no allocation fields.
pub(in super::super) fn personal(id: &str, journals: &[(&str, &str, &str)]) -> Entry {
    let mut entry = entry(id, journals);
    entry.personal = true;
    for allocation in &mut entry.allocations {
        allocation.id = None;
        allocation.custom = BTreeMap::new();
    }
    entry
}

/// A card entry with its payment type and the clearing account Concur gives it.
pub(in super::super) fn card(
    id: &str,
    pat: &str,
    clearing: &str,
    journals: &[(&str, &str, &str)],
) -> Entry {
    Entry {
        payment_type: some(pat),
        clearing_account: some(clearing),
        card_transaction: Some(format!("TX-{id}")),
        ..entry(id, journals)
    }
}

pub(in super::super) fn journal(party: &str, gross: &str, account: &str) -> Journal {
    let gross = dec(gross);
    let received = gross.is_sign_negative();
    let (from, to) = if received {
        (party, "COMP")
    } else {
        ("COMP", party)
    };
    Journal {
        account: some(account),
        payer: from.to_owned(),
        payee: to.to_owned(),
        gross,
        net_of_tax: gross,
        net_of_reclaim: gross,
        card_reference: None,
        taxes: Vec::new(),
    }
}

pub(in super::super) fn application(amount: &str) -> Application {
    Application {
        advance: some("ADV-1"),
        amount: dec(amount),
        clearing_account: some("CADV"),
        transaction_type: Some(2),
    }
}

/// An invoice of lines `("10", "63000")`: signed gross and account; its total is their sum.
pub(in super::super) fn invoice(number: &str, lines: &[(&str, &str)]) -> Invoice {
    let line = |(at, (gross, account)): (usize, &(&str, &str))| LineItem {
        id: (at + 1).to_string(),
        description: Some(format!("Goods {}", at + 1)),
        expense_type: Coded::default(),
        custom: BTreeMap::new(),
        quantity: None,
        unit_price: None,
        purchase_order: None,
        purchase_order_line: None,
        allocations: vec![InvoiceAllocation {
            account: some(account),
            custom: family(&[(2, "0021"), (4, "100"), (5, "P1")]),
            gross: dec(gross),
            taxes: Vec::new(),
        }],
    };
    Invoice {
        header: header("Q-1", "USD"),
        number: some(number),
        description: None,
        total: lines.iter().map(|(gross, _)| dec(gross)).sum(),
        shipping: Decimal::ZERO,
        tax: Decimal::ZERO,
        date: Some("2026-10-05".parse().unwrap()),
        posting_date: None,
        due_date: Some("2026-11-04".parse().unwrap()),
        paid_by_concur: false,
        term_days: Some(30),
        discount: Discount::default(),
        purchase_order: None,
        vendor: Vendor {
            code: some("V7"),
            remit_to: None,
            name: some("Acme"),
        },
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

/// A cash advance of journals `("300", "CADV")`: signed amount and account.
pub(in super::super) fn advance(journals: &[(&str, &str)]) -> CashAdvance {
    CashAdvance {
        header: header("ADV-1", "USD"),
        currency: Currency::new("USD").unwrap(),
        rate: Some(Decimal::ONE),
        issued: Some("2026-10-01T12:00:00Z".parse().unwrap()),
        requested: None,
        expense_pay: false,
        transaction_type: Some(1),
        card_transaction: None,
        journals: journals
            .iter()
            .map(|(amount, account)| AdvanceJournal {
                account: some(account),
                amount: dec(amount),
                credit: amount.starts_with('-'),
                payment_code: some("Cash"),
            })
            .collect(),
    }
}

/// The rules of posting: a small tenant with tables for branches, subaccounts, locations and three cards.
pub(in super::super) fn connection() -> Value {
    serde_json::json!({
        "documents": ["expense", "invoice", "cashadvance"],
        "time_zone": "America/Los_Angeles",
        "tables": {
            "accounts": {"474230": "61000", "CADV": "12500"},
            "branches": {"0021": "MAIN"},
            "subaccounts": {"100": "000100"},
            "locations": {"R1": "REMIT1"},
            "cards": {"IBCP/1000": {"vendor": "AMEX"}, "IBCP/1003": {"vendor": "VISA"},
                      "CBCP/1000": {"account": "21500"}, "COPD": {"account": "21590"}}
        },
        "rules": {
            "mixed_signs_account": "21999",
            "branch": {
                "header": "{{ tables.branches[document.org[2].code] }}",
                "line": "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}"
            },
            "line": {
                "account": "{{ tables.accounts[line.account] | default(line.account) }}",
                "subaccount": [{"value": "{{ tables.subaccounts[allocation.custom[4].code] }}", "length": 6}],
                "project": "{{ allocation.custom[5].code | default('X') }}",
                "task": null,
                "cost_code": null
            },
            "balance_line": {"branch": "header", "subaccount": "000000", "project": "X"},
            "control_accounts": ["20000"],
            "tax": {"mode": "gross", "category": "EXEMPT", "reclaimable_as_cost": false},
            "invoice": {"header_amounts": {"shipping": "63100", "tax": "63200"}}
        }
    })
}

/// The rules with changes: JSON merged over [`connection`], `null` included.
pub(in super::super) fn rules(changes: &Value) -> Rules {
    let mut connection = connection();
    merge(&mut connection, changes);
    Rules::read(&connection).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(into.entry(key.clone()).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

pub(in super::super) fn plan_with(document: &Document, rules: &Rules) -> Result<Plan, Vec<Reason>> {
    plan(&Planning::new(document, rules, 3))
}

/// The plan under changed rules, as an accountant would jot it down.
pub(in super::super) fn jotted(document: &Document, changes: &Value) -> Vec<String> {
    match plan_with(document, &rules(changes)) {
        Ok(plan) => jot(&plan),
        Err(reasons) => reasons.iter().map(told).collect(),
    }
}

/// A reason in one line: code, field, value, line.
pub(in super::super) fn told(reason: &Reason) -> String {
    let line = reason.line.as_deref().unwrap_or("-");
    format!("{} {} [{}] {line}", reason.code, reason.field, reason.value)
}

/// A plan, one line for each posting and for each of its lines; plus debits, minus credits.
pub(in super::super) fn jot(plan: &Plan) -> Vec<String> {
    let mut jotted = Vec::new();
    for posting in &plan.postings {
        let payee = posting.vendor.as_deref().unwrap_or("-");
        let reference = posting.reference.as_deref().unwrap_or("-");
        jotted.push(format!(
            "{} {} {} {payee} {reference} {}",
            posting.n,
            posting.kind.label(),
            posting.party,
            posting.total
        ));
        for line in &posting.lines {
            jotted.push(format!(
                "  {:+} {} {} {}",
                line.signed().normalize(),
                line.account,
                serde_json::to_value(line.role).unwrap().as_str().unwrap(),
                line.source.as_deref().unwrap_or("-"),
            ));
        }
    }
    for skipped in &plan.skipped {
        jotted.push(format!("skipped {} {}", skipped.party, skipped.amount));
    }
    jotted
}
