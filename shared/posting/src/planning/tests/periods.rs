use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Planning, plan};
use super::support::{card, entry, invoice, report, rules, told};
use crate::document::Invoice;
use crate::periods::{Openness, Period, Periods};
use crate::{Currency, Document};

/// Calendar months of a fiscal year from July: 2026-07 is `012027`. Each word says where it is open: `both`, `gl`, `ap`, `none`.
fn months(words: &[(i16, i8, &str)]) -> Periods {
    let open = |open| {
        if open {
            Openness::Open
        } else {
            Openness::Closed
        }
    };
    let period = |&(year, month, word): &(i16, i8, &str)| {
        let start = jiff::civil::date(year, month, 1);
        let (number, fiscal) = if month >= 7 {
            (month - 6, year + 1)
        } else {
            (month + 6, year)
        };
        Period {
            id: format!("{number:02}{fiscal}"),
            start,
            end: start.last_of_month(),
            payables: open(matches!(word, "both" | "ap")),
            ledger: open(matches!(word, "both" | "gl")),
            year: fiscal.to_string(),
        }
    };
    Periods::new(words.iter().rev().map(period).collect())
}

fn period_of(document: &Document, changes: &Value, periods: &Periods) -> Result<String, String> {
    let rules = rules(changes);
    let planned = plan(&Planning {
        periods: Some(periods),
        ..Planning::new(document, &rules, 1)
    });
    let plan =
        planned.map_err(|reasons| reasons.iter().map(told).collect::<Vec<_>>().join("; "))?;
    let periods: Vec<&str> = plan
        .postings
        .iter()
        .map(|posting| posting.period.as_deref().unwrap_or("own"))
        .collect();
    for posting in &plan.postings {
        let date = plan.postings[0].date;
        assert_eq!(
            (posting.date, posting.period.clone()),
            (date, plan.postings[0].period.clone())
        );
    }
    Ok(periods.first().copied().unwrap_or("none").to_owned())
}

fn of(document: Invoice) -> Document {
    Document::Invoice(document)
}

fn bill() -> Document {
    of(invoice("7", &[("50", "63000")]))
}

/// An AP document and a journal, dated 2026-10-31.
fn both() -> Document {
    Document::Expense(report(vec![
        entry("e1", &[("EMPL", "10", "474230")]),
        card("e2", "1000", "", &[("CBCP", "20", "474230")]),
    ]))
}

#[test]
fn the_first_period_that_is_open_for_all_postings_takes_them() {
    let periods = |october, november, december| {
        months(&[
            (2026, 10, october),
            (2026, 11, november),
            (2026, 12, december),
        ])
    };
    let far = json!({"posting": {"max_shift_days": 90}});
    let near = json!({"posting": {"max_shift_days": 30}});
    for (document, changes, list, wanted) in [
        (bill(), &near, periods("both", "both", "both"), Ok("own")),
        // A bill asks AP only.
        (bill(), &near, periods("ap", "both", "both"), Ok("own")),
        (bill(), &near, periods("gl", "both", "both"), Ok("052027")),
        (both(), &near, periods("gl", "both", "both"), Ok("052027")),
        (both(), &near, periods("ap", "ap", "both"), Err("[042027]")),
        (both(), &far, periods("ap", "gl", "both"), Ok("062027")),
        (bill(), &far, periods("gl", "gl", "none"), Err("[042027]")),
    ] {
        let found = period_of(&document, changes, &list);
        let wanted = wanted
            .map(str::to_owned)
            .map_err(|value: &str| format!("period_closed posting.closed_period {value} -"));
        assert_eq!(found, wanted, "{list:?}");
    }
}

#[test]
fn how_far_a_period_moves_is_counted_from_the_day() {
    // 2026-10-05 to 2026-11-01 is 27 days.
    let list = months(&[(2026, 10, "none"), (2026, 11, "both")]);
    for (days, allowed) in [(27, true), (26, false)] {
        let changes = json!({"posting": {"max_shift_days": days}});
        assert_eq!(
            period_of(&bill(), &changes, &list).is_ok(),
            allowed,
            "{days}"
        );
    }
    let hold = json!({"posting": {"closed_period": "hold"}});
    assert!(period_of(&bill(), &hold, &list).is_err());
}

#[test]
fn a_fiscal_year_is_crossed_only_where_the_rules_say_so() {
    let mut document = invoice("7", &[("50", "63000")]);
    document.date = Some("2026-06-20".parse().unwrap());
    let list = months(&[(2026, 6, "none"), (2026, 7, "both")]);
    let document = of(document);
    assert_eq!(
        period_of(&document, &json!({}), &list),
        Err("period_closed posting.closed_period [122026] -".to_owned())
    );
    let across = json!({"posting": {"across_year": true}});
    assert_eq!(
        period_of(&document, &across, &list),
        Ok("012027".to_owned())
    );
}

#[test]
fn a_posting_date_names_the_period_by_the_tenants_own_calendar() {
    let mut document = invoice("7", &[("50", "63000")]);
    document.posting_date = Some("2026-11-02".parse().unwrap());
    let list = months(&[(2026, 10, "both"), (2026, 11, "both"), (2026, 12, "both")]);
    assert_eq!(
        period_of(&of(document.clone()), &json!({}), &list),
        Ok("052027".to_owned())
    );
    // Back into the date's own period is no move.
    document.posting_date = Some("2026-10-30".parse().unwrap());
    assert_eq!(
        period_of(&of(document), &json!({}), &list),
        Ok("own".to_owned())
    );
}

#[test]
fn a_day_without_period_is_left_to_acumatica() {
    let mut document = invoice("7", &[("50", "63000")]);
    document.posting_date = Some("2027-02-02".parse().unwrap());
    let list = months(&[(2026, 10, "none"), (2026, 11, "both")]);
    assert_eq!(
        period_of(&of(document), &json!({}), &list),
        Ok("022027".to_owned())
    );
    let empty = Document::Expense(report(Vec::new()));
    assert_eq!(period_of(&empty, &json!({}), &list), Ok("none".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_plan_takes_its_own_period_or_the_first_open_one_in_reach(
        words in prop::collection::vec(prop::sample::select(vec!["both", "gl", "ap", "none"]), 12),
        day in 0..365_i32,
        days_max in 0..120_i32,
        across_year in any::<bool>(),
    ) {
        let opened: Vec<(i16, i8, &str)> = (1..).zip(&words).map(|(month, word)| (2026, month, *word)).collect();
        let date = jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(day);
        let mut document = invoice("7", &[("50", "63000")]);
        document.date = Some(date);
        let rules = json!({"posting": {"max_shift_days": days_max, "across_year": across_year}});
        let found = period_of(&of(document), &rules, &months(&opened));
        let open = |(_, month, word): &&(i16, i8, &str)| {
            *month >= date.month() && matches!(*word, "both" | "ap")
        };
        let fiscal = |month: i8| month >= 7;
        match opened.iter().find(open) {
            Some((_, month, _)) if *month == date.month() => prop_assert_eq!(found, Ok("own".to_owned())),
            Some((_, month, _)) => {
                let start = jiff::civil::date(2026, *month, 1);
                let reached = (start - date).get_days() <= days_max
                    && (across_year || fiscal(*month) == fiscal(date.month()));
                prop_assert_eq!(found.is_ok(), reached);
                if let Ok(period) = found {
                    let number = if fiscal(*month) { *month - 6 } else { *month + 6 };
                    let number = format!("{number:02}");
                    prop_assert!(period.starts_with(&number));
                }
            }
            None => prop_assert!(found.is_err()),
        }
    }
}

#[test]
fn branches_of_different_base_currencies_do_not_share_a_document() {
    let mut second = entry("e2", &[("EMPL", "5", "474230")]);
    second.allocations[0].custom = super::support::family(&[(2, "0030"), (4, "100")]);
    let document = Document::Expense(report(vec![
        entry("e1", &[("EMPL", "10", "474230")]),
        second,
    ]));
    let mapped = |code: &str| rules(&json!({"tables": {"branches": {"0030": code}}}));
    let currency = |code: &str| Currency::new(code).unwrap();
    let found = |code: &str, known: &[(&str, &str)]| {
        let rules = mapped(code);
        let known = known
            .iter()
            .map(|(branch, code)| ((*branch).to_owned(), currency(code)));
        let known = known.collect();
        let planned = plan(&Planning {
            base_currencies: Some(&known),
            ..Planning::new(&document, &rules, 1)
        });
        planned.map(|_| ()).map_err(|reasons| told(&reasons[0]))
    };
    assert_eq!(found("EURO", &[("MAIN", "USD"), ("EURO", "USD")]), Ok(()));
    assert_eq!(found("EURO", &[("MAIN", "USD")]), Ok(()));
    assert_eq!(
        found("EURO", &[("MAIN", "USD"), ("EURO", "EUR")]),
        Err("base_currency branch [EURO] e2".to_owned())
    );
    assert_eq!(
        found("euro", &[("MAIN", "USD"), ("EURO", "EUR")]),
        Err("base_currency branch [euro] e2".to_owned())
    );
}
