//! What a withdrawal goes through, and where it ends.

use super::*;

fn undo(n: u32, step: Undoing) -> Undo {
    let receipt = receipt(n);
    Undo { receipt, step }
}

pub(super) fn refused_why(then: RefusalAction) -> Why {
    let reasons = vec![Reason::new(Code::AcumaticaRefused, "no")];
    Why::Refused { reasons, then }
}

pub(super) fn withdrawing(why: Why, steps: impl IntoIterator<Item = Undoing>) -> State {
    let undo = (1..).zip(steps).map(|(n, step)| undo(n, step)).collect();
    State::Withdrawing { plan: 1, why, undo }
}

fn delete(since: Option<i64>) -> Undoing {
    let since = since.map(at);
    Undoing::Delete { since, said: None }
}

fn reverse(outcome: Outcome) -> Undoing {
    let period = Some("112026".to_owned());
    Undoing::Reverse { period, outcome }
}

fn gone(how: Gone) -> Undoing {
    Undoing::Gone { how }
}

fn reversed() -> Outcome {
    let receipt = Receipt {
        kind: PostingKind::DebitAdj,
        ..receipt(1)
    };
    Outcome::Done { receipt }
}

pub(super) fn states() -> Vec<State> {
    let all = |why| {
        let lost = Outcome::Unknown { since: at(0) };
        let said = Undoing::Delete {
            since: Some(at(0)),
            said: Some("no".to_owned()),
        };
        withdrawing(
            why,
            [
                Undoing::Undecided,
                delete(None),
                said,
                reverse(Outcome::Open),
                reverse(lost),
                reverse(reversed()),
                gone(Gone::Deleted),
            ],
        )
    };
    let reasons = vec![Reason::new(Code::Recalled, "recalled")];
    let resume = Box::new(State::Posted {
        plan: 1,
        receipts: vec![receipt(1)],
    });
    vec![
        posting([
            Outcome::Part {
                receipt: parts::part(1, 3),
            },
            Outcome::Open,
        ]),
        all(Why::Recalled),
        withdrawing(
            refused_why(RefusalAction::Return),
            [gone(Gone::Absent), gone(Gone::Reversed)],
        ),
        withdrawing(refused_why(RefusalAction::Hold), [gone(Gone::Voided)]),
        withdrawing(Why::Recalled, [gone(Gone::Deleted)]),
        State::Held { reasons, resume },
    ]
}

pub(super) fn happenings() -> Vec<Happened> {
    let step = |n, step| Happened::Undo { n, step };
    vec![
        Happened::WithdrawAsked {
            by: "kim".to_owned(),
            note: "ok".to_owned(),
        },
        parts::left(1, 3),
        step(1, delete(None)),
        step(1, gone(Gone::Absent)),
        step(2, gone(Gone::Deleted)),
        Happened::Withdrawn,
    ]
}

#[test]
fn a_refusal_half_way_takes_back_what_stands_whatever_follows() {
    let done = || Outcome::Done {
        receipt: receipt(1),
    };
    for (code, then) in [
        (Code::FieldOdd, RefusalAction::Return),
        (Code::AcumaticaRefused, RefusalAction::Hold),
    ] {
        let next = after(posting([done(), Outcome::Open]), &refused(code));
        let State::Withdrawing { plan: 1, why, undo } = &next.state else {
            panic!("{:?}", next.state);
        };
        assert!(matches!(why, Why::Refused { then: found, .. } if *found == then));
        assert_eq!(undo.as_slice(), [self::undo(1, Undoing::Undecided)]);
        assert_eq!(next.list(), List::Open);
    }
    // What was not written by the connector, or may stand unseen, is a person's business.
    let adopted = Receipt {
        adopted: true,
        ..receipt(1)
    };
    let unknown = Outcome::Unknown { since: at(0) };
    for outcomes in [
        [Outcome::Done { receipt: adopted }, Outcome::Open],
        [done(), unknown],
    ] {
        let next = after(posting(outcomes), &refused(Code::FieldOdd));
        assert_eq!(next.state.word(), "held");
    }
}

#[test]
fn a_recall_takes_back_what_stands_where_the_rules_say_so() {
    let posted = |receipts| State::Posted { plan: 1, receipts };
    let adopted = || Receipt {
        adopted: true,
        ..receipt(1)
    };
    for (receipts, on_recall, word) in [
        (vec![receipt(1)], OnRecall::Withdraw, "withdrawing"),
        (vec![receipt(1)], OnRecall::Hold, "held"),
        (vec![adopted()], OnRecall::Withdraw, "held"),
        (Vec::new(), OnRecall::Withdraw, "recalled"),
        (Vec::new(), OnRecall::Hold, "recalled"),
    ] {
        let happened = Happened::Confirmed {
            answer: ConfirmCode {
                code: 112,
                verdict_equal: None,
            },
            again: at(60),
            on_recall,
        };
        assert_eq!(after(posted(receipts), &happened).state.word(), word);
    }
}

#[test]
fn a_withdrawal_ends_when_everything_is_gone_and_not_before() {
    for (why, word) in [
        (refused_why(RefusalAction::Return), "refused"),
        (refused_why(RefusalAction::Hold), "held"),
        (Why::Recalled, "recalled"),
    ] {
        let open = record(withdrawing(
            why.clone(),
            [gone(Gone::Deleted), delete(None)],
        ));
        assert!(advance(&open, &Happened::Withdrawn, at(1)).is_err());
        let last = Happened::Undo {
            n: 2,
            step: gone(Gone::Absent),
        };
        let all = advance(&open, &last, at(1)).unwrap();
        let ended = advance(&all, &Happened::Withdrawn, at(2)).unwrap();
        assert_eq!(ended.state.word(), word);
        assert_eq!(ended.reversed, 0);
        assert!(ended.state.receipts().is_empty());
        assert!(chain_holds("", &ended.trail));
    }
}

#[test]
fn a_reversed_bill_is_counted_once_for_its_plan() {
    let both = [gone(Gone::Reversed), gone(Gone::Reversed)];
    let ended = after(withdrawing(Why::Recalled, both), &Happened::Withdrawn);
    assert_eq!(ended.reversed, 1);
}

#[test]
fn a_lapsed_claim_makes_what_was_about_to_be_sent_unknown() {
    let steps = [
        Undoing::Undecided,
        delete(None),
        reverse(Outcome::Open),
        reverse(reversed()),
    ];
    let mut lapsed = record(withdrawing(Why::Recalled, steps));
    lapsed.claim = Some(claim("dead", 10));
    let now = advance(&lapsed, &Happened::Claimed(claim("me", 900)), at(20)).unwrap();
    let State::Withdrawing { undo, .. } = &now.state else {
        panic!("{:?}", now.state);
    };
    let steps: Vec<_> = undo.iter().map(|one| one.step.clone()).collect();
    let unknown = Outcome::Unknown { since: at(10) };
    assert_eq!(
        steps,
        [
            Undoing::Undecided,
            delete(Some(10)),
            reverse(unknown),
            reverse(reversed())
        ]
    );
    let unproven = |second| match next(&now, "me", at(second), PROOF) {
        Step::Withdraw { unproven, .. } => unproven,
        other => panic!("{other:?}"),
    };
    assert_eq!(unproven(909), [2, 3]);
    assert_eq!(unproven(910), Vec::<u32>::new());
}

#[test]
fn a_reversal_that_may_stand_is_never_forgotten() {
    let unknown = Outcome::Unknown { since: at(0) };
    for (from, to, is_legal) in [
        (Undoing::Undecided, reverse(Outcome::Open), true),
        (Undoing::Undecided, reverse(reversed()), false),
        (delete(None), reverse(Outcome::Open), true),
        (delete(Some(0)), reverse(reversed()), false),
        (reverse(Outcome::Open), Undoing::Undecided, true),
        (reverse(unknown.clone()), Undoing::Undecided, false),
        (reverse(unknown.clone()), delete(None), false),
        (reverse(unknown.clone()), reverse(Outcome::Open), true),
        (reverse(unknown), reverse(reversed()), true),
        (reverse(reversed()), reverse(Outcome::Open), false),
        (reverse(reversed()), Undoing::Undecided, false),
        (reverse(reversed()), gone(Gone::Reversed), true),
        (gone(Gone::Deleted), Undoing::Undecided, false),
        (gone(Gone::Deleted), delete(None), false),
    ] {
        let before = record(withdrawing(Why::Recalled, [from.clone()]));
        let step = to.clone();
        let moved = advance(&before, &Happened::Undo { n: 1, step }, at(1));
        assert_eq!(moved.is_ok(), is_legal, "{from:?} -> {to:?}");
    }
}

#[test]
fn a_person_takes_back_what_the_connector_wrote() {
    let asked = &happenings()[0];
    let held = |code, stopped| State::Held {
        reasons: vec![Reason::new(code, "no")],
        resume: Box::new(stopped),
    };
    let posted = |receipts| State::Posted { plan: 1, receipts };
    let adopted = Receipt {
        adopted: true,
        ..receipt(2)
    };
    let mixed = posted(vec![receipt(1), adopted.clone()]);
    let done = Outcome::Done {
        receipt: receipt(1),
    };
    for (code, stopped, why) in [
        (Code::AmountDiffers, mixed.clone(), "refused"),
        (Code::Recalled, mixed, "recalled"),
        (
            Code::AcumaticaFailed,
            posting([done.clone(), Outcome::Open]),
            "refused",
        ),
    ] {
        let State::Withdrawing {
            why: found, undo, ..
        } = after(held(code, stopped), asked).state
        else {
            panic!("{code}");
        };
        assert_eq!(matches!(found, Why::Recalled), why == "recalled", "{code}");
        assert_eq!(undo.as_slice(), [self::undo(1, Undoing::Undecided)]);
    }
    let unknown = Outcome::Unknown { since: at(0) };
    for stopped in [
        posted(vec![adopted]),
        posting([done, unknown]),
        State::Acknowledged,
    ] {
        let before = record(held(Code::AcumaticaFailed, stopped));
        assert!(advance(&before, asked, at(1)).is_err());
    }
}
