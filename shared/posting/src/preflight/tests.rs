//! A plan against a tenant: one thing wrong at a time, then all at once.

use super::*;
use serde_json::json;

use crate::plan::{Line, Posting, PostingKind, Role};
use crate::reference::{
    Account, Activity, Branch, List, Payee, PayeeStatus, Project, Rows, Stage, Subaccount, Task,
    Tasks, Tax, TaxCategory,
};
use crate::{Code, Currency};

fn line(source: &str, account: &str) -> Line {
    serde_json::from_value(json!({
        "account": account, "subaccount": "000100", "branch": "MAIN", "project": "P1", "task": "10",
        "tax_category": "EXEMPT", "debit": "10", "credit": "0", "text": "", "source": source,
        "role": "cost", "because": ""
    }))
    .unwrap()
}

fn posting(kind: PostingKind, party: &str, vendor: Option<&str>, lines: &[Line]) -> Posting {
    serde_json::from_value(json!({
        "n": 1, "kind": kind, "party": party, "vendor": vendor, "branch": "MAIN", "date": "2026-10-12",
        "currency": "USD", "total": "10", "description": "", "hold": false, "lines": lines
    }))
    .unwrap()
}

fn plan(postings: &[Posting]) -> Plan {
    serde_json::from_value(json!({
        "document": "de2c2b936bc44114aa487fdab9f7bf61", "kind": "expense", "number": 1, "rules_version": 1,
        "currency": "USD", "gross": "10", "postings": postings
    }))
    .unwrap()
}

/// A bill to a card company, with one line.
fn bill() -> Plan {
    let lines = vec![line("E1", "61000")];
    plan(&[posting(PostingKind::Bill, "IBCP", Some("AMEX"), &lines)])
}

/// A tenant that takes [`bill`], every list whole.
fn tenant() -> View {
    let account = Account {
        group: Some("TRAVEL".to_owned()),
        ..Account::default()
    };
    View {
        vendors: Rows::whole(0, [("AMEX", Payee::default())]),
        employees: Rows::whole(0, [("E7", Payee::default())]),
        accounts: Rows::whole(0, [("61000", account), ("21500", Account::default())]),
        subaccounts: Rows::whole(0, [("000100", Subaccount::default())]),
        branches: Rows::whole(0, [("MAIN", Branch::default())]),
        projects: Rows::whole(0, [("P1", Project::default())]),
        tasks: Rows::whole(0, [("P1", Tasks::new([("10", Task::default())]))]),
        tax_categories: Rows::whole(0, [("EXEMPT", TaxCategory::default())]),
        ..View::default()
    }
}

/// What is found, in one line each: code, field, value, line.
fn told(plan: &Plan, view: &View) -> Vec<String> {
    let found = preflight(plan, view);
    assert!(found.lookups.is_empty(), "{:?}", found.lookups);
    assert_eq!(found.reasons.is_empty(), found.rests_on.is_empty());
    let told = |reason: &Reason| {
        let line = reason.line.as_deref().unwrap_or("-");
        format!("{} {} [{}] {line}", reason.code, reason.field, reason.value)
    };
    found.reasons.iter().map(told).collect()
}

fn check(change: impl FnOnce(&mut View), wanted: &str) {
    let mut view = tenant();
    change(&mut view);
    assert_eq!(told(&bill(), &view), [wanted]);
}

#[test]
fn a_tenant_that_has_everything_takes_the_plan() {
    assert_eq!(preflight(&bill(), &tenant()), Preflight::default());
}

#[test]
fn vendors_are_there_usable_and_in_the_currency() {
    let status = |status| Payee {
        status,
        ..Payee::default()
    };
    let in_euro = |currency_override| Payee {
        currency: Some(Currency::new("EUR").unwrap()),
        currency_override,
        ..Payee::default()
    };
    let none: [(&str, Payee); 0] = [];
    check(
        |view| view.vendors = Rows::whole(0, none),
        "vendor_unknown plan.vendor [AMEX] -",
    );
    for (payee, wanted) in [
        (
            status(PayeeStatus::OnHold),
            "vendor_on_hold plan.vendor [AMEX] -",
        ),
        (
            status(PayeeStatus::Inactive),
            "vendor_inactive plan.vendor [AMEX] -",
        ),
        (in_euro(false), "vendor_currency plan.vendor [AMEX] -"),
    ] {
        check(|view| view.vendors.learn("AMEX", Some(payee)), wanted);
    }
    for payee in [status(PayeeStatus::HoldPayments), in_euro(true)] {
        let mut view = tenant();
        view.vendors.learn("AMEX", Some(payee));
        assert_eq!(preflight(&bill(), &view), Preflight::default());
    }
}

#[test]
fn an_employee_is_a_vendor_and_is_never_named() {
    let lines = || vec![line("E1", "61000")];
    let plan = |id| plan(&[posting(PostingKind::Bill, "EMPL", Some(id), &lines())]);
    assert_eq!(preflight(&plan("E7"), &tenant()), Preflight::default());
    assert_eq!(preflight(&plan("AMEX"), &tenant()), Preflight::default());
    let found = preflight(&plan("E8"), &tenant());
    assert_eq!(found.reasons.len(), 1);
    assert_eq!(found.reasons[0].code, Code::VendorUnknown);
    assert!(!format!("{found:?}").contains("E8"));
    let lists: Vec<List> = found.rests_on.iter().map(|lookup| lookup.list).collect();
    assert_eq!(lists, [List::Vendors, List::Employees]);
}

#[test]
fn accounts_take_the_line() {
    let account = |change: fn(&mut Account)| {
        let mut account = Account {
            group: Some("TRAVEL".to_owned()),
            ..Account::default()
        };
        change(&mut account);
        Some(account)
    };
    for (row, wanted) in [
        (None, "account_unknown"),
        (
            account(|row| row.activity = Activity::Inactive),
            "account_inactive",
        ),
        (
            account(|row| row.currency = Currency::new("EUR").ok()),
            "account_currency",
        ),
        (account(|row| row.needs_units = true), "account_needs_units"),
        (account(|row| row.group = None), "account_without_group"),
    ] {
        check(
            |view| view.accounts.learn("61000", row),
            &format!("{wanted} plan.lines.account [61000] E1"),
        );
    }
}

#[test]
fn dimensions_are_there_and_active() {
    let inactive = Activity::Inactive;
    let subaccount = Subaccount { activity: inactive };
    let branch = Branch {
        activity: inactive,
        base_currency: None,
        ..Branch::default()
    };
    let category = TaxCategory { activity: inactive };
    for (row, wanted) in [(None, "unknown"), (Some(subaccount), "inactive")] {
        check(
            |view| view.subaccounts.learn("000100", row),
            &format!("subaccount_{wanted} plan.lines.subaccount [000100] E1"),
        );
    }
    for (row, wanted) in [(None, "unknown"), (Some(category), "inactive")] {
        check(
            |view| view.tax_categories.learn("EXEMPT", row),
            &format!("tax_category_{wanted} plan.lines.tax_category [EXEMPT] E1"),
        );
    }
    for (row, wanted) in [(None, "unknown"), (Some(branch), "inactive")] {
        let mut view = tenant();
        view.branches.learn("MAIN", row);
        let header = format!("branch_{wanted} plan.branch [MAIN] -");
        let line = format!("branch_{wanted} plan.lines.branch [MAIN] E1");
        assert_eq!(told(&bill(), &view), [header, line]);
    }
}

#[test]
fn taxes_are_there_and_valid_on_the_day() {
    let mut plan = bill();
    plan.postings[0].taxes = serde_json::from_value(json!([
        {"tax_id": "VAT", "taxable": "10", "amount": "2", "non_deductible": "0"}
    ]))
    .unwrap();
    let until = |day: &str| {
        let last_day = Some(day.parse().unwrap());
        Some(Tax { last_day })
    };
    let mut view = tenant();
    for (row, wanted) in [
        (None, Some("tax_unknown plan.taxes [VAT] -")),
        (until("2026-10-11"), Some("tax_expired plan.taxes [VAT] -")),
        (until("2026-10-12"), None),
        (Some(Tax::default()), None),
    ] {
        view.taxes.learn("VAT", row);
        assert_eq!(told(&plan, &view), Vec::from_iter(wanted));
    }
}

#[test]
fn projects_are_active_and_open_for_the_module() {
    let project = |stage, hidden_in: &[Module]| {
        let hidden_in = hidden_in.iter().copied().collect();
        Some(Project { stage, hidden_in })
    };
    let hidden = &[Module::Payables];
    for (row, wanted) in [
        (None, "project_unknown"),
        (project(Stage::Planned, &[]), "project_not_active"),
        (project(Stage::Ended, &[]), "project_not_active"),
        (project(Stage::Active, hidden), "project_not_visible"),
    ] {
        check(
            |view| view.projects.learn("P1", row),
            &format!("{wanted} plan.lines.project [P1] E1"),
        );
    }
    let mut view = tenant();
    view.projects.learn("P1", project(Stage::Active, hidden));
    let mut journal = bill();
    journal.postings[0].kind = PostingKind::Journal;
    assert_eq!(preflight(&journal, &view), Preflight::default());
}

#[test]
fn a_project_wants_a_task_of_its_own() {
    let task = |stage, hidden_in: &[Module]| {
        let hidden_in = hidden_in.iter().copied().collect();
        let task = Task {
            stage,
            hidden_in,
            default: false,
        };
        Some(Tasks::new([("10", task)]))
    };
    let other = Tasks::new([("20", Task::default())]);
    for (row, wanted) in [
        (None, "task_unknown"),
        (Some(other.clone()), "task_unknown"),
        (task(Stage::Planned, &[]), "task_not_active"),
        (task(Stage::Ended, &[]), "task_not_active"),
        (task(Stage::Active, &[Module::Payables]), "task_not_visible"),
    ] {
        check(
            |view| view.tasks.learn("P1", row),
            &format!("{wanted} plan.lines.task [10] E1"),
        );
    }
    let mut plan = bill();
    plan.postings[0].lines[0].task = None;
    assert_eq!(
        told(&plan, &tenant()),
        ["task_missing plan.lines.task [] E1"]
    );
    let mut view = tenant();
    let standard = Task {
        default: true,
        ..Task::default()
    };
    view.tasks.learn("P1", Some(Tasks::new([("20", standard)])));
    assert_eq!(preflight(&plan, &view), Preflight::default());
}

#[test]
fn without_project_nothing_is_asked_of_projects() {
    for project in [None, Some("X".to_owned())] {
        let mut plan = bill();
        plan.postings[0].lines[0].project = project;
        plan.postings[0].lines[0].account = "21500".to_owned();
        let view = View {
            projects: Rows::default(),
            tasks: Rows::default(),
            ..tenant()
        };
        assert_eq!(preflight(&plan, &view), Preflight::default());
    }
}

/// Looks up in `tenant` what a view asks for.
fn read_through(view: &mut View, tenant: &View, lookups: &BTreeSet<Lookup>) {
    fn one<T: Clone + PartialEq>(into: &mut Rows<T>, from: &Rows<T>, key: &str) {
        let found = from.iter().find(|(known, _)| *known == key);
        into.learn(key, found.map(|(_, row)| row.clone()));
    }
    for Lookup { list, key } in lookups {
        match list {
            List::Vendors => one(&mut view.vendors, &tenant.vendors, key),
            List::Employees => one(&mut view.employees, &tenant.employees, key),
            List::Accounts => one(&mut view.accounts, &tenant.accounts, key),
            List::Subaccounts => one(&mut view.subaccounts, &tenant.subaccounts, key),
            List::Branches => one(&mut view.branches, &tenant.branches, key),
            List::Projects => one(&mut view.projects, &tenant.projects, key),
            List::Tasks => one(&mut view.tasks, &tenant.tasks, key),
            List::TaxCategories => one(&mut view.tax_categories, &tenant.tax_categories, key),
            List::Taxes => one(&mut view.taxes, &tenant.taxes, key),
            List::Periods => unreachable!("planning asks for periods"),
        }
    }
}

#[test]
fn what_is_not_known_is_looked_up_within_three_rounds() {
    let mut tenant = tenant();
    tenant.accounts.learn("61000", None);
    for (party, vendor) in [
        ("IBCP", "AMEX"),
        ("EMPL", "E7"),
        ("EMPL", "AMEX"),
        ("IBCP", "NONE"),
    ] {
        let lines = vec![line("E1", "61000")];
        let plan = plan(&[posting(PostingKind::Bill, party, Some(vendor), &lines)]);
        let wanted = preflight(&plan, &tenant);
        let mut view = View::default();
        let mut rounds = 0;
        let found = loop {
            let found = preflight(&plan, &view);
            if found.lookups.is_empty() {
                break found;
            }
            rounds += 1;
            read_through(&mut view, &tenant, &found.lookups);
        };
        assert!(rounds <= 2, "{party} {vendor}");
        assert_eq!(found, wanted);
    }
}

#[test]
fn all_is_told_together_each_thing_once_for_its_line() {
    let mut first = bill().postings.remove(0);
    first.lines.push(line("E1", "61000"));
    first.lines.push(line("E2", "69999"));
    let journal = posting(PostingKind::Journal, "CBCP", None, &[line("E1", "61000")]);
    let plan = plan(&[first, journal]);
    let mut view = tenant();
    view.accounts.learn("61000", None);
    view.vendors.learn("AMEX", None);
    assert_eq!(
        told(&plan, &view),
        [
            "vendor_unknown plan.vendor [AMEX] -",
            "account_unknown plan.lines.account [61000] E1",
            "account_unknown plan.lines.account [69999] E2",
        ]
    );
}

#[test]
fn no_more_reasons_than_a_person_reads() {
    let lines: Vec<Line> = (0..500).map(|n| line(&format!("E{n}"), "69999")).collect();
    let plan = plan(&[posting(PostingKind::Bill, "IBCP", Some("GONE"), &lines)]);
    let found = preflight(&plan, &tenant());
    assert_eq!(found.reasons.len(), REASONS_MAX);
    assert_eq!(found.reasons[0].code, Code::VendorUnknown);
    assert!(
        found.reasons[199]
            .message
            .ends_with("(and 301 more reasons)")
    );
}

#[test]
fn an_advance_is_named_in_the_sentence_and_no_line() {
    let mut entry = line("E1", "61000");
    let mut advance = Line {
        role: Role::Advance,
        ..line("ADV-1", "61000")
    };
    let counter = Line {
        role: Role::Counter,
        ..line("ADV-1", "61000")
    };
    for each in [&mut entry, &mut advance] {
        each.account = "1".to_owned();
    }
    let lines = [entry, advance, counter.clone()];
    let mut view = tenant();
    view.accounts = Rows::whole(0, [("2", Account::default())]);
    let found = preflight(
        &plan(&[posting(PostingKind::Journal, "EMPL", None, &lines)]),
        &view,
    );
    let said = |reason: &Reason| (reason.line.clone(), reason.message.clone());
    let said: Vec<_> = found.reasons.iter().map(said).collect();
    for (line, message) in [
        (Some("E1"), "account 1 does not exist in Acumatica"),
        (
            None,
            "cash advance ADV-1: account 1 does not exist in Acumatica",
        ),
        (
            None,
            "cash advance ADV-1: account 61000 does not exist in Acumatica",
        ),
    ] {
        let wanted = (line.map(str::to_owned), message.to_owned());
        assert!(said.contains(&wanted), "{said:?}");
    }
    assert_eq!(said.len(), 3);
}
