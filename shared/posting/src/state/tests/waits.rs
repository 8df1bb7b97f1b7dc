//! A record that is given back again and again.

use super::*;

#[test]
fn a_wait_for_the_same_reason_is_told_once() {
    let parked = |now: &Record, why: &str, second| {
        let parked = Happened::Parked {
            why: why.to_owned(),
            due: at(second + 60),
        };
        advance(now, &parked, at(second)).unwrap()
    };
    let first = parked(&record(State::Acknowledged), "no seat", 1);
    let again = parked(&first, "no seat", 2);
    assert_eq!((again.due, &again.trail), (at(62), &first.trail));
    let other = parked(&again, "no time", 3);
    assert_eq!(other.trail.len(), first.trail.len() + 1);
    assert_eq!(other.waits.as_deref(), Some("no time"));
    let planned = advance(&other, &Happened::Planned { plan: 1 }, at(4)).unwrap();
    assert_eq!(planned.waits, None);

    let stored = Record {
        behind: Some(other.document.clone()),
        ..other
    };
    let text = serde_json::to_string(&stored).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), stored);
}
