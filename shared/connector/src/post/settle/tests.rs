use posting::record::Event;

use super::*;
use crate::samples::{at, posting};

fn event(what: &str, detail: &str) -> Event {
    Event {
        at: at(0),
        what: what.to_owned(),
        detail: detail.to_owned(),
        previous: String::new(),
    }
}

#[test]
fn what_acumatica_said_counts_until_something_was_decided() {
    let said = event(SAID, "posting 1: the vendor is odd");
    let other = event(SAID, "posting 2: something else");
    let bill = posting(1, posting::plan::PostingKind::Bill);
    assert_eq!(said_no(&[], &bill), None);
    assert_eq!(said_no(std::slice::from_ref(&other), &bill), None);
    let reason = said_no(&[said.clone(), other], &bill).unwrap();
    assert_eq!(
        [&reason.message, &reason.field, &reason.value],
        ["the vendor is odd", "postings[1] Bill", "INV-007"]
    );
    for decided in ["resumed", "proved_absent"] {
        assert_eq!(said_no(&[said.clone(), event(decided, "")], &bill), None);
    }
}

#[test]
fn the_last_lost_answer_says_when_it_can_be_proved() {
    let write = |n, outcome| posting::state::Write {
        n,
        kind: posting::plan::PostingKind::Bill,
        outcome,
    };
    let state = State::Posting {
        plan: 1,
        writes: vec![
            write(1, Outcome::Unknown { since: at(100) }),
            write(2, Outcome::Unknown { since: at(200) }),
            write(3, Outcome::Open),
        ],
    };
    assert_eq!(lost(&state), [1, 2]);
    assert_eq!(provable(&state, SignedDuration::from_secs(900)), at(1_100));
}

#[test]
fn who_has_waited_long_looks_less_often() {
    let seconds = SignedDuration::from_secs;
    assert_eq!(crowded(seconds(10), seconds(0)), seconds(10));
    assert_eq!(crowded(seconds(10), seconds(45)), seconds(45));
    assert_eq!(crowded(seconds(10), seconds(9_000)), CROWD_WAIT);
    assert_eq!(crowded(seconds(60), seconds(1)), seconds(60));
    assert_eq!(crowded(seconds(0), seconds(9_000)), seconds(0));
    // Not all of them together: over the second half of what is beyond the wait, and never before it.
    for (wait, most) in [(10, 10), (10, 45), (60, 180), (0, 0)] {
        let sooner = sooner(seconds(wait), seconds(most));
        assert!(
            sooner >= seconds(0) && sooner * 2 <= seconds(most - wait),
            "{sooner}"
        );
    }
}
