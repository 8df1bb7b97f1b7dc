use posting::reference::{Account, Known as Row, Payee, Period};

use super::*;
use crate::samples;
use crate::samples::at;

fn key(list: List, key: &str) -> Lookup {
    Lookup {
        list,
        key: key.to_owned(),
    }
}

#[test]
fn after_a_day_nothing_is_missing_and_looked_up_keys_are_forgotten() {
    let mut known = Known::nothing(&samples::connection());
    let accounts = Rows::whole(0, [("61000", Account::default())]);
    known.put(Table::Accounts(accounts), at(0));
    known.view.vendors.learn("V1", Some(Payee::default()));
    known.learned(List::Vendors, 0, at(0));
    known.age(at(86_399));
    assert_eq!(known.view.accounts.get("62000"), Row::Missing);
    assert!(matches!(known.view.vendors.get("V1"), Row::Here(_)));
    known.age(at(86_400));
    assert_eq!(known.view.accounts.get("62000"), Row::Unknown);
    assert!(matches!(known.view.accounts.get("61000"), Row::Here(_)));
    assert_eq!(known.view.vendors.get("V1"), Row::Unknown);
    assert!(known.view.version(List::Vendors) > 1, "never counts back");
}

#[test]
fn what_speaks_against_a_plan_is_asked_for_again_unless_that_was_just_done() {
    let mut known = Known::nothing(&samples::connection());
    let accounts = Rows::whole(0, [("61000", Account::default())]);
    known.put(Table::Accounts(accounts), at(0));
    let (account, vendor) = (key(List::Accounts, "62000"), key(List::Vendors, "V1"));
    let found = Preflight {
        rests_on: [account.clone(), vendor.clone()].into(),
        ..Preflight::default()
    };
    // The list was read now, the vendor was only not in an answer.
    assert_eq!(
        known.open(&found, at(1)),
        [(Ask::ByKey, vendor.clone())].into()
    );
    known.settled.insert(vendor.clone(), at(1));
    assert!(known.open(&found, at(2)).is_empty());
    let later = known.open(&found, at(700));
    assert_eq!(later, [(Ask::ByKey, account), (Ask::ByKey, vendor)].into());
}

#[test]
fn refused_periods_are_read_again_once() {
    let rules = crate::samples::connection().rules;
    let mut known = Known::nothing(&samples::connection());
    let none: [(&str, Period); 0] = [];
    let day = 86_400;
    known.put(Table::Periods(Rows::whole(0, none)), at(day));
    known.doubt_periods(at(day + 60));
    assert!(!known.stale(&rules, at(day + 60)).contains(&List::Periods));
    known.doubt_periods(at(day + 3_600));
    assert!(
        known
            .stale(&rules, at(day + 3_600))
            .contains(&List::Periods)
    );
}

#[test]
fn lists_of_another_tenant_say_nothing_but_their_version() {
    let connection = samples::connection();
    let accounts = Rows::whole(0, [("61000", posting::reference::Account::default())]);
    let cached = |tenant: String| Cached {
        version: 3,
        read: at(0),
        tenant,
        table: Table::Accounts(accounts.clone()),
    };
    let ours = Known::of(
        &connection,
        vec![cached(connection.acumatica.place())],
        at(1),
    );
    assert!(matches!(
        ours.view.accounts.get("61000"),
        posting::reference::Known::Here(_)
    ));
    assert!(
        !ours
            .stale(&connection.rules, at(1))
            .contains(&List::Accounts)
    );

    let other = Known::of(
        &connection,
        vec![cached("https://other twin".to_owned())],
        at(200_000),
    );
    assert!(matches!(
        other.view.accounts.get("61000"),
        posting::reference::Known::Unknown
    ));
    assert!(
        other
            .stale(&connection.rules, at(200_000))
            .contains(&List::Accounts)
    );
}

#[test]
fn a_list_that_is_shown_no_more_says_nothing() {
    let connection = samples::connection();
    let mut known = Known::nothing(&connection);
    let accounts = Rows::whole(4, [("61000", Account::default())]);
    known.put(Table::Accounts(accounts), at(0));
    known.withhold(List::Accounts, at(90_000));
    assert_eq!(known.view.accounts.get("61000"), Row::Unknown);
    assert_eq!(known.view.accounts.get("62000"), Row::Unknown);
    assert!(known.view.version(List::Accounts) > 5, "never counts back");
    let stale = known.stale(&connection.rules, at(90_001));
    assert!(!stale.contains(&List::Accounts), "asked for once a day");
}
