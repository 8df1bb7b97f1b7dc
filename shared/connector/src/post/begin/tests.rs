use posting::plan::PostingKind;
use posting::state::State;

use super::*;
use crate::samples::{ID, OTHER, plan, posting, receipt, record};

const BUSINESS: &str = "business#2519BED4A22B43C4B8E7";
const REFERENCE: &str = "ref#V000012#INV007";

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

#[test]
fn what_the_other_document_left_decides() {
    let reasons = Vec::new;
    let held = || State::Held {
        reasons: reasons(),
        resume: Box::new(State::Received),
    };
    let closed = State::Closed {
        by: "a".to_owned(),
        note: "b".to_owned(),
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
        (Some(closed), "take over", "take over"),
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
fn names_are_the_business_object_and_each_reference() {
    let mine = record(ID, State::Acknowledged);
    let plan = plan(vec![
        posting(1, PostingKind::Bill),
        posting(2, PostingKind::Journal),
    ]);
    let keys: Vec<String> = reservations(&mine, &plan)
        .iter()
        .map(Reservation::key)
        .collect();
    assert_eq!(keys, [BUSINESS, REFERENCE]);
}

#[test]
fn references_are_compared_without_punctuation_case_and_leading_zeros() {
    for (reference, plain) in [
        ("INV-007", "INV007"),
        ("inv 007", "INV007"),
        ("000-12.5", "125"),
        ("000", "000"),
        ("--", "--"),
        ("Ä-1", "Ä1"),
    ] {
        assert_eq!(normalised(reference), plain, "{reference}");
    }
}
