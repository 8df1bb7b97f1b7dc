//! A posting that is built in portions and left before it is whole.

use super::*;

pub(super) fn part(n: u32, lines: usize) -> Receipt {
    Receipt {
        status: "On Hold".to_owned(),
        part: Some(lines),
        ..receipt(n)
    }
}

fn stands(n: u32) -> Outcome {
    Outcome::Part {
        receipt: part(n, 3),
    }
}

pub(super) fn left(n: u32, lines: usize) -> Happened {
    Happened::Part {
        receipt: part(n, lines),
        of: 7,
    }
}

fn done(n: u32) -> Outcome {
    Outcome::Done {
        receipt: receipt(n),
    }
}

#[test]
fn what_stands_in_part_is_known_and_goes_on_at_once() {
    let unknown = Outcome::Unknown { since: at(0) };
    for before in [Outcome::Open, unknown, stands(1)] {
        let next_of = after(posting([before, Outcome::Open]), &left(1, 3));
        assert_eq!(next_of.state, posting([stands(1), Outcome::Open]));
        let told = &next_of.trail[0];
        assert_eq!(
            (told.what.as_str(), told.detail.as_str()),
            (
                "unfinished",
                "posting 1: 3 of 7 lines are in Bill 004511, on hold"
            )
        );
        let step = next(&next_of, "me", at(1), PROOF);
        let (writable, unproven) = (vec![1, 2], Vec::new());
        assert_eq!(
            step,
            Step::Settle {
                plan: 1,
                writable,
                unproven
            }
        );
        assert_eq!(next_of.state.receipts(), [&part(1, 3)]);
    }
    // What is whole is no part again, and a receipt that says no number of lines is none.
    for (state, happened) in [
        (posting([done(1), Outcome::Open]), left(1, 3)),
        (
            posting([Outcome::Open]),
            Happened::Part {
                receipt: receipt(1),
                of: 7,
            },
        ),
    ] {
        assert!(advance(&record(state), &happened, at(1)).is_err());
    }
}

#[test]
fn it_is_posted_only_when_all_of_it_is_whole() {
    let both = record(posting([stands(1), stands(2)]));
    let one = advance(&both, &Happened::Written(receipt(2)), at(1)).unwrap();
    assert_eq!(one.state, posting([stands(1), done(2)]));
    let all = advance(&one, &Happened::Written(receipt(1)), at(2)).unwrap();
    let receipts = vec![receipt(1), receipt(2)];
    assert_eq!(all.state, State::Posted { plan: 1, receipts });
}

#[test]
fn a_refused_portion_takes_back_what_stands_unless_something_may_still_arrive() {
    for (code, then) in [
        (Code::FieldOdd, RefusalAction::Return),
        (Code::AcumaticaRefused, RefusalAction::Hold),
    ] {
        let next = after(posting([done(1), stands(2), Outcome::Open]), &refused(code));
        let undo = |receipt| Undo {
            receipt,
            step: Undoing::Undecided,
        };
        let withdrawing = State::Withdrawing {
            plan: 1,
            why: Why::Refused {
                reasons: vec![Reason::new(code, "no")],
                then,
            },
            undo: vec![undo(receipt(1)), undo(part(2, 3))],
        };
        assert_eq!(next.state, withdrawing);
    }
    let unknown = Outcome::Unknown { since: at(0) };
    let next = after(posting([stands(1), unknown]), &refused(Code::FieldOdd));
    assert_eq!(next.state.word(), "held");
}

#[test]
fn a_worker_that_vanished_may_have_added_to_it() {
    let mut crashed = record(posting([stands(1), done(2)]));
    crashed.claim = Some(claim("a", 10));
    let taken = advance(&crashed, &Happened::Claimed(claim("b", 99)), at(11)).unwrap();
    let unknown = Outcome::Unknown { since: at(10) };
    assert_eq!(taken.state, posting([unknown, done(2)]));
    let given_back = Happened::Parked {
        why: "no time".to_owned(),
        due: at(5),
    };
    let parked = advance(&crashed, &given_back, at(5)).unwrap();
    let taken = advance(&parked, &Happened::Claimed(claim("b", 99)), at(11)).unwrap();
    assert_eq!(taken.state, crashed.state, "it was given back before");
}

#[test]
fn closed_it_is_known_to_the_next_approval() {
    let resume = Box::new(posting([stands(1)]));
    let reasons = vec![Reason::new(Code::AmountDiffers, "no")];
    let closed = Happened::Closed {
        by: "kim".to_owned(),
        note: "ok".to_owned(),
    };
    let closed = after(State::Held { reasons, resume }, &closed);
    assert_eq!(closed.state.receipts(), [&part(1, 3)]);
    assert_eq!(closed.state.unproved(), Vec::<u32>::new());
}
