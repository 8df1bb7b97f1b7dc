//! A tenant that has every code of a plan but one account: pre-flight asks for each code once, and names exactly the lines
//! of that account.

use std::collections::BTreeSet;

use posting::plan::Source;
use posting::preflight::preflight;
use posting::reference::{
    Account, Branch, List, Lookup, Payee, Project, Subaccount, Task, Tasks, Tax, TaxCategory, View,
};
use posting::{Code, Plan};

use crate::draw::Draw;

/// Most rounds of look-ups a plan may need, and most reasons it may get.
const ROUNDS: usize = 3;
const REASONS: usize = 200;

pub(crate) fn check(plan: &Plan, draw: &mut Draw) {
    if plan.postings.is_empty() {
        return;
    }
    let lines: Vec<_> = plan.postings.iter().flat_map(|each| &each.lines).collect();
    let gone = lines[draw.below(lines.len())].account.as_str();
    let mut view = View::default();
    let mut asked = BTreeSet::new();
    let mut found = preflight(plan, &view);
    for _ in 0..ROUNDS {
        for lookup in &found.lookups {
            assert!(
                asked.insert(lookup.clone()),
                "{lookup:?} is asked for twice"
            );
            answer(&mut view, lookup, gone);
        }
        found = preflight(plan, &view);
    }
    assert!(found.lookups.is_empty(), "settled after {ROUNDS} rounds");
    let without = plan.postings.iter().flat_map(|posting| {
        let lines = posting.lines.iter();
        let lines = lines.filter(|line| line.account == gone);
        lines.map(|line| match posting.source(line) {
            Source::Document => (None, None),
            Source::Entry(id) => (Some(id), None),
            Source::Advance(id) => (None, Some(id)),
        })
    });
    let wanted: BTreeSet<_> = without.collect();
    let named = found.reasons.iter().map(|each| {
        let advance = each.message.strip_prefix("cash advance ");
        let advance = advance.and_then(|rest| rest.split(':').next());
        (each.line.as_deref(), advance)
    });
    let named: BTreeSet<_> = named.collect();
    assert_eq!(
        found.reasons.len(),
        wanted.len().min(REASONS),
        "once for each line"
    );
    assert!(named.is_subset(&wanted), "only the lines of the account");
    for reason in &found.reasons {
        assert_eq!(
            (reason.code, reason.value.as_str()),
            (Code::AccountUnknown, gone)
        );
    }
    view.accounts.learn(gone, Some(usable()));
    assert_eq!(
        preflight(plan, &view),
        posting::preflight::Preflight::default()
    );
}

fn usable() -> Account {
    Account {
        group: Some("EXPENSE".to_owned()),
        ..Account::default()
    }
}

fn answer(view: &mut View, Lookup { list, key }: &Lookup, gone: &str) {
    match list {
        List::Vendors => view.vendors.learn(key, Some(Payee::default())),
        List::Employees => view.employees.learn(key, Some(Payee::default())),
        List::Accounts => view.accounts.learn(key, (key != gone).then(usable)),
        List::Subaccounts => view.subaccounts.learn(key, Some(Subaccount::default())),
        List::Branches => view.branches.learn(key, Some(Branch::default())),
        List::Projects => view.projects.learn(key, Some(Project::default())),
        List::Tasks => {
            let task = Task {
                default: true,
                ..Task::default()
            };
            view.tasks.learn(key, Some(Tasks::new([("10", task)])));
        }
        List::Taxes => view.taxes.learn(key, Some(Tax::default())),
        List::TaxCategories => view.tax_categories.learn(key, Some(TaxCategory::default())),
        List::Periods => panic!("planning asks for periods"),
    }
}
