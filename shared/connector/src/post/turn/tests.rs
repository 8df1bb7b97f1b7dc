use posting::plan::PostingKind;
use posting::record::{Once, Permitted};
use posting::state::State;

use super::*;
use crate::samples::{ID, OTHER, at, receipt, record};

const BUSINESS: &str = "business#2519BED4A22B43C4B8E7";
const REFERENCE: &str = "ref#bill#V000012#INV007";

fn posted() -> State {
    State::Confirmed {
        plan: 1,
        receipts: vec![receipt(PostingKind::Bill, "004512", "Open")],
    }
}

fn told(name: &str, other: Option<State>) -> &'static str {
    let mine = record(ID, State::Acknowledged);
    let other = other.map(|state| record(OTHER, state));
    match turn(&mine, name, other.as_ref()) {
        Turn::Wait => "wait",
        Turn::TakeOver => "take over",
        Turn::Held(reason) => reason.code.as_str(),
    }
}

fn closed(numbers: &[&str], unproved: &[u32]) -> State {
    let bill = |number: &&str| receipt(PostingKind::Bill, number, "Open");
    State::Closed {
        by: "a".to_owned(),
        note: "b".to_owned(),
        receipts: numbers.iter().map(bill).collect(),
        unproved: unproved.to_vec(),
    }
}

#[test]
fn what_a_closed_document_left_is_named_until_a_person_says_it_is_removed() {
    let mut mine = record(ID, State::Acknowledged);
    for (numbers, unproved, told) in [
        (
            &["004512", "004513"][..],
            &[][..],
            "left Bill 004512, Bill 004513",
        ),
        (&[], &[1, 2], "may have left its posting 1, 2"),
        (
            &["004512"],
            &[2],
            "left Bill 004512, and may have left its posting 2",
        ),
    ] {
        let other = record(OTHER, closed(numbers, unproved));
        let Turn::Held(reason) = turn(&mine, BUSINESS, Some(&other)) else {
            panic!("{told}");
        };
        let message = format!("document {OTHER} of the same business id is closed and {told}");
        assert_eq!(reason.message, message);
        mine.once = Some(Once {
            what: Permitted::Earlier,
            by: String::new(),
            note: String::new(),
        });
        assert_eq!(turn(&mine, BUSINESS, Some(&other)), Turn::TakeOver);
        mine.once = None;
    }
}

#[test]
fn what_the_other_document_left_decides() {
    let reasons = Vec::new;
    let held = || State::Held {
        reasons: reasons(),
        resume: Box::new(State::Received),
    };
    for (state, business, reference) in [
        (None, "take over", "take over"),
        (Some(State::Received), "wait", "wait"),
        (Some(held()), "wait", "wait"),
        (
            Some(State::Returned { reasons: reasons() }),
            "take over",
            "take over",
        ),
        (Some(State::Recalled), "take over", "take over"),
        (Some(closed(&[], &[])), "take over", "take over"),
        (
            Some(closed(&["004512"], &[])),
            "earlier_posting",
            "take over",
        ),
        (Some(closed(&[], &[1])), "earlier_posting", "take over"),
        (Some(posted()), "already_posted_report", "take over"),
        (
            Some(State::Confirmed {
                plan: 1,
                receipts: Vec::new(),
            }),
            "already_posted_report",
            "take over",
        ),
    ] {
        let story = format!("{state:?}");
        assert_eq!(told(BUSINESS, state.clone()), business, "{story}");
        assert_eq!(told(REFERENCE, state), reference, "{story}");
    }
}

#[test]
fn the_wait_doubles_from_five_minutes_to_an_hour() {
    let mine = record(ID, State::Acknowledged);
    for (minute, wait) in [
        (0, 5),
        (5, 5),
        (10, 10),
        (20, 20),
        (40, 40),
        (80, 60),
        (9_000, 60),
    ] {
        let due = next_look(&mine, at(minute * 60));
        assert_eq!(due, at((minute + wait) * 60), "{minute}");
    }
}
