//! What is known, what is missing and what is unknown; and the stored form.

use super::*;
use crate::Currency;
use crate::periods::Openness;

fn currency(code: &str) -> Currency {
    Currency::new(code).unwrap()
}

#[test]
fn absent_means_missing_only_where_it_was_looked_for() {
    let mut rows: Rows<Account> = Rows::default();
    assert_eq!((rows.get("61000"), rows.version()), (Known::Unknown, 0));
    rows.learn("61000", Some(Account::default()));
    rows.learn("62000", None);
    assert_eq!(rows.get("61000"), Known::Here(&Account::default()));
    assert_eq!(rows.get("62000"), Known::Missing);
    assert_eq!(rows.get("63000"), Known::Unknown);

    let whole = Rows::whole(rows.version(), [("61000", Account::default())]);
    assert_eq!((whole.version(), whole.extent()), (3, Extent::Whole));
    assert_eq!(whole.get("63000"), Known::Missing);
    let old = whole.as_part();
    assert_eq!(old.get("61000"), Known::Here(&Account::default()));
    assert_eq!(old.get("63000"), Known::Unknown);
}

#[test]
fn codes_are_compared_as_acumatica_compares_them() {
    let rows = Rows::whole(0, [("amex ", Payee::default())]);
    assert_eq!(rows.get(" AMEX"), Known::Here(&Payee::default()));
    let tasks = Tasks::new([("Main", Task::default())]);
    assert_eq!(tasks.get("MAIN "), Known::Here(&Task::default()));
    assert_eq!(tasks.get("MAINS"), Known::Missing);
    let mut view = View::default();
    assert!(!view.is_project("x") && view.is_project("P1"));
    view.non_project = Some("NONE".to_owned());
    assert!(!view.is_project("NONE") && view.is_project("X"));
}

#[test]
fn a_view_is_named_by_what_it_knows() {
    let mut view = View::default();
    assert_eq!(view.name(), "");
    view.vendors.learn("AMEX", Some(Payee::default()));
    view.vendors.learn("AMEX", Some(Payee::default()));
    view.accounts.learn("61000", None);
    view.accounts.learn("61000", Some(Account::default()));
    assert_eq!(view.name(), "vendors@1 accounts@2");
}

/// [`stored`] as it lies in the cache.
const STORED: [&str; 10] = [
    r#"{"list":"vendors","version":3,"extent":"part","rows":{"V1":{},"V2":{"status":"on_hold","currency":"EUR","currency_override":true},"V3":null}}"#,
    r#"{"list":"employees","version":7,"extent":"whole","rows":{"E7":{}}}"#,
    r#"{"list":"accounts","version":1,"extent":"part","rows":{"61000":{"activity":"inactive","currency":"USD","group":"TRAVEL","needs_units":true}}}"#,
    r#"{"list":"subaccounts","version":1,"extent":"part","rows":{"000100":{"activity":"inactive"}}}"#,
    r#"{"list":"branches","version":1,"extent":"whole","rows":{"MAIN":{"base_currency":"USD"}}}"#,
    r#"{"list":"projects","version":1,"extent":"part","rows":{"P1":{"stage":"ended","hidden_in":["ap","gl"]}}}"#,
    r#"{"list":"tasks","version":1,"extent":"part","rows":{"P1":{"10":{"stage":"planned","hidden_in":["gl"],"default":true},"20":{}}}}"#,
    r#"{"list":"taxes","version":1,"extent":"part","rows":{"VAT":{"last_day":"2026-12-31"}}}"#,
    r#"{"list":"tax_categories","version":1,"extent":"part","rows":{"EXEMPT":{}}}"#,
    r#"{"list":"periods","version":2,"extent":"whole","rows":{"102026":{"first":"2026-10-01","last":"2026-10-31","closed_in":["ap"]}}}"#,
];

/// Every list with the usual row, an unusual one and one that is not there.
fn stored() -> View {
    let mut view = View::default();
    let on_hold = Payee {
        status: PayeeStatus::OnHold,
        currency: Some(currency("EUR")),
        currency_override: true,
    };
    view.vendors.learn("V1", Some(Payee::default()));
    view.vendors.learn("V2", Some(on_hold));
    view.vendors.learn("V3", None);
    view.employees = Rows::whole(6, [("E7", Payee::default())]);
    let odd = Account {
        activity: Activity::Inactive,
        currency: Some(currency("USD")),
        group: Some("TRAVEL".to_owned()),
        needs_units: true,
    };
    view.accounts.learn("61000", Some(odd));
    let closed = Subaccount {
        activity: Activity::Inactive,
    };
    view.subaccounts.learn("000100", Some(closed));
    let branch = Branch {
        activity: Activity::Active,
        base_currency: Some(currency("USD")),
        ..Branch::default()
    };
    view.branches = Rows::whole(0, [("MAIN", branch)]);
    let project = Project {
        stage: Stage::Ended,
        hidden_in: [Module::Payables, Module::Ledger].into(),
    };
    view.projects.learn("P1", Some(project));
    let task = Task {
        stage: Stage::Planned,
        hidden_in: [Module::Ledger].into(),
        default: true,
    };
    view.tasks.learn(
        "P1",
        Some(Tasks::new([("10", task), ("20", Task::default())])),
    );
    let tax = Tax {
        last_day: Some("2026-12-31".parse().unwrap()),
    };
    view.taxes.learn("VAT", Some(tax));
    view.tax_categories
        .learn("EXEMPT", Some(TaxCategory::default()));
    let period = Period {
        first: "2026-10-01".parse().unwrap(),
        last: "2026-10-31".parse().unwrap(),
        closed_in: [Module::Payables].into(),
    };
    view.periods = Rows::whole(1, [("102026", period)]);
    view
}

#[test]
fn lists_are_stored_tagged_and_short() {
    let view = stored();
    let tables: Vec<Table> = List::ALL.into_iter().map(|list| view.table(list)).collect();
    let texts: Vec<String> = tables
        .iter()
        .map(|table| serde_json::to_string(table).unwrap())
        .collect();
    assert_eq!(texts, STORED);
    let mut read = View::default();
    for (list, table) in List::ALL.into_iter().zip(tables) {
        assert_eq!(table.list(), list);
        let text = serde_json::to_string(&table).unwrap();
        assert!(
            text.starts_with(&format!("{{\"list\":\"{list}\"")),
            "{text}"
        );
        read.put(serde_json::from_str(&text).unwrap());
    }
    assert_eq!(read, view);
}

#[test]
fn a_lookup_does_not_print_its_key() {
    let lookup = Lookup {
        list: List::Employees,
        key: "E7".to_owned(),
    };
    assert_eq!(format!("{lookup:?}"), "Lookup(employees, ..)");
}

#[test]
fn branches_name_their_base_currencies() {
    let mut view = stored();
    view.branches.learn("SOUTH", Some(Branch::default()));
    view.branches.learn("GONE", None);
    let currencies = [("MAIN".to_owned(), currency("USD"))];
    assert_eq!(view.base_currencies(), currencies.into());
}

#[test]
fn the_calendar_is_the_periods_documents_can_be_dated_into() {
    let period = |first: &str, last: &str, closed_in: &[Module]| Period {
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
        closed_in: closed_in.iter().copied().collect(),
    };
    let october = period("2026-10-01", "2026-10-31", &[Module::Payables]);
    let adjusting = period("2027-01-01", "2026-12-31", &[]);
    let periods = || [("102026", october.clone()), ("132026", adjusting.clone())];
    let mut view = View {
        periods: Rows::whole(0, periods()),
        ..View::default()
    };
    let calendar = view.calendar().unwrap();
    let found = calendar.of("2026-10-31".parse().unwrap()).unwrap();
    assert_eq!((found.id.as_str(), found.year.as_str()), ("102026", "2026"));
    assert_eq!(
        (found.payables, found.ledger),
        (Openness::Closed, Openness::Open)
    );
    assert_eq!(calendar.after(found).count(), 0);
    view.periods = Rows::whole(0, periods()).as_part();
    assert_eq!(view.calendar(), None);
    view.periods = Rows::whole(0, [] as [(&str, Period); 0]);
    assert_eq!(view.calendar(), None, "no rows say nothing");
}
