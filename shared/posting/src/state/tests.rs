//! Tables of every move, and laws over random histories.

mod claims;
mod parts;
mod releases;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;

use releases::{asked, released, releasing};

use super::*;
use crate::{
    Code, DocumentKind, Record,
    record::{Claim, List, chain_holds},
};

const SYSTEM: &str = "stack-acme";
const PROOF: SignedDuration = SignedDuration::from_secs(900);

mod waits;
mod withdrawals;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn record(state: State) -> Record {
    serde_json::from_value(serde_json::json!({
        "connection": "acme", "document": "de2c2b936bc44114aa487fdab9f7bf61", "kind": "expense",
        "business": "2519BED4A22B43C4B8E7", "system_id": SYSTEM, "state": "received",
        "received": at(0), "due": at(0),
    }))
    .map(|record: Record| Record { state, ..record })
    .unwrap()
}

fn receipt(n: u32) -> Receipt {
    Receipt {
        n,
        kind: PostingKind::Bill,
        number: format!("00451{n}"),
        amount: Decimal::ONE,
        status: "Balanced".to_owned(),
        period: "112026".to_owned(),
        date: None,
        branch: "MAIN".to_owned(),
        release: Release::NotWanted,
        adopted: false,
        part: None,
    }
}

fn write(n: u32, outcome: Outcome) -> Write {
    Write {
        n,
        kind: PostingKind::Bill,
        outcome,
    }
}

fn claim(worker: &str, until: i64) -> Claim {
    Claim {
        worker: worker.to_owned(),
        until: at(until),
    }
}

fn refused(code: Code) -> Happened {
    Happened::Refused {
        reasons: vec![Reason::new(code, "no")],
        policy: OnRefusal::default(),
    }
}

fn posting(outcomes: impl IntoIterator<Item = Outcome>) -> State {
    let writes = (1..)
        .zip(outcomes)
        .map(|(n, outcome)| write(n, outcome))
        .collect();
    State::Posting { plan: 1, writes }
}

fn acknowledged(code: i64, system: Option<&str>, earlier: Earlier) -> Happened {
    let answer = AcknowledgeCode {
        code,
        system: system.map(str::to_owned),
    };
    Happened::Acknowledged {
        answer,
        earlier,
        again: at(60),
    }
}

fn confirmed(code: i64, verdict_equal: Option<bool>) -> Happened {
    Happened::Confirmed {
        answer: ConfirmCode {
            code,
            verdict_equal,
        },
        again: at(60),
        on_recall: OnRecall::Hold,
    }
}

fn after(state: State, happened: &Happened) -> Record {
    advance(&record(state), happened, at(1)).unwrap()
}

#[test]
fn every_acknowledgement_code_has_its_state() {
    let ours = Some(SYSTEM);
    for (code, system, earlier, word) in [
        (0, ours, Earlier::First, "acknowledged"),
        (101, ours, Earlier::Sent, "acknowledged"),
        (101, ours, Earlier::First, "held"),
        (101, None, Earlier::Sent, "held"),
        (101, Some("other"), Earlier::Sent, "held"),
        (102, None, Earlier::First, "recalled"),
        (103, None, Earlier::First, "received"),
        (104, None, Earlier::First, "recalled"),
        (199, None, Earlier::First, "received"),
        (99, None, Earlier::First, "held"),
        (105, None, Earlier::First, "held"),
        (4711, None, Earlier::First, "held"),
    ] {
        let next = after(State::Received, &acknowledged(code, system, earlier));
        assert_eq!(
            next.state.word(),
            word,
            "code {code}, system {system:?}, {earlier:?}"
        );
    }
}

#[test]
fn every_confirmation_code_has_its_state() {
    let posted = || State::Posted {
        plan: 1,
        receipts: vec![receipt(1)],
    };
    let refused = || State::Refused {
        reasons: vec![Reason::new(Code::EntrySum, "no")],
    };
    for (code, equal, success, error) in [
        (0, None, "confirmed", "returned"),
        (113, Some(true), "confirmed", "returned"),
        (113, Some(false), "held", "held"),
        (113, None, "posted", "refused"),
        (111, None, "posted", "refused"),
        (199, None, "posted", "refused"),
        (112, None, "held", "recalled"),
        (99, None, "held", "held"),
        (114, None, "held", "held"),
        (115, None, "held", "held"),
        (116, None, "held", "held"),
        (198, None, "held", "held"),
    ] {
        assert_eq!(
            after(posted(), &confirmed(code, equal)).state.word(),
            success,
            "success, code {code}"
        );
        assert_eq!(
            after(refused(), &confirmed(code, equal)).state.word(),
            error,
            "error, code {code}"
        );
    }
    assert_eq!(
        after(posted(), &confirmed(0, None)).state.receipts(),
        [&receipt(1)]
    );
}

#[test]
fn a_refusal_returns_only_what_left_nothing_in_acumatica() {
    let unknown = Outcome::Unknown { since: at(0) };
    let done = Outcome::Done {
        receipt: receipt(1),
    };
    for (state, code, word) in [
        (State::Acknowledged, Code::EntrySum, "refused"),
        (State::Acknowledged, Code::CodeMissing, "held"),
        (State::Acknowledged, Code::DocumentUnreadable, "held"),
        (State::Planned { plan: 1 }, Code::EntrySum, "refused"),
        (posting([Outcome::Open]), Code::FieldOdd, "refused"),
        (posting([Outcome::Open]), Code::AcumaticaRefused, "held"),
        (posting([unknown]), Code::FieldOdd, "held"),
        (
            posting([done, Outcome::Open]),
            Code::FieldOdd,
            "withdrawing",
        ),
    ] {
        assert_eq!(
            after(state.clone(), &refused(code)).state.word(),
            word,
            "{state:?} {code}"
        );
    }
}

#[test]
fn an_unknown_write_is_writable_only_after_the_proof_wait() {
    let lost = record(posting([Outcome::Unknown { since: at(0) }, Outcome::Open]));
    let settle = |second| match next(&lost, "a", at(second), PROOF) {
        Step::Settle {
            writable, unproven, ..
        } => (writable, unproven),
        other => panic!("{other:?}"),
    };
    assert_eq!(settle(899), (vec![2], vec![1]));
    assert_eq!(settle(900), (vec![1, 2], vec![]));
}

#[test]
fn receipts_gather_until_the_plan_is_posted() {
    let first = after(
        posting([Outcome::Open, Outcome::Open]),
        &Happened::Written(receipt(2)),
    );
    assert_eq!(first.state.word(), "posting");
    let both = advance(&first, &Happened::Written(receipt(1)), at(2)).unwrap();
    assert_eq!(
        both.state,
        State::Posted {
            plan: 1,
            receipts: vec![receipt(1), receipt(2)]
        }
    );
    assert!(advance(&both, &Happened::Written(receipt(1)), at(3)).is_err());
}

#[test]
fn the_budget_ends_in_held_with_both_reasons() {
    let reason = Reason::new(Code::AcumaticaFailed, "503");
    let happened = Happened::Failed {
        reason,
        due: at(60),
        attempts_max: 2,
    };
    let once = after(State::Acknowledged, &happened);
    assert_eq!(
        (once.state.word(), once.attempt, once.due),
        ("acknowledged", 1, at(60))
    );
    let twice = advance(&once, &happened, at(2)).unwrap();
    let codes: Vec<_> = twice
        .state
        .reasons()
        .iter()
        .map(|reason| reason.code)
        .collect();
    assert_eq!(codes, [Code::AttemptsSpent, Code::AcumaticaFailed]);
    let resumed = Happened::Resumed {
        by: "kim".to_owned(),
        note: "site is up".to_owned(),
    };
    assert_eq!(
        advance(&twice, &resumed, at(3)).unwrap().state,
        State::Acknowledged
    );
}

#[test]
fn a_new_plan_is_another_one_and_replaces_only_what_left_nothing() {
    let replan = Happened::Replanned {
        by: "kim".to_owned(),
        note: "table corrected".to_owned(),
    };
    let held = |stopped| {
        let mut held = record(State::Held {
            reasons: vec![Reason::new(Code::AcumaticaRefused, "no")],
            resume: Box::new(stopped),
        });
        held.plans = 1;
        held
    };
    let anew = advance(&held(posting([Outcome::Open])), &replan, at(5)).unwrap();
    assert_eq!(
        (&anew.state, anew.plans, anew.due),
        (&State::Acknowledged, 1, at(5))
    );
    assert!(chain_holds("", &anew.trail));
    for outcome in [
        Outcome::Unknown { since: at(0) },
        Outcome::Done {
            receipt: receipt(1),
        },
    ] {
        let stopped = posting([outcome, Outcome::Open]);
        assert!(advance(&held(stopped), &replan, at(5)).is_err());
    }
}

fn states() -> Vec<State> {
    let reasons = vec![Reason::new(Code::EntrySum, "no")];
    vec![
        State::Received,
        State::Acknowledged,
        State::Planned { plan: 1 },
        posting([Outcome::Open, Outcome::Unknown { since: at(0) }]),
        State::Posted {
            plan: 1,
            receipts: vec![receipt(1)],
        },
        State::Confirmed {
            plan: 1,
            receipts: vec![receipt(1)],
        },
        State::Confirmed {
            plan: 1,
            receipts: vec![
                releasing(Release::Wanted),
                releasing(asked()),
                releasing(Release::Done),
                releasing(Release::Failed {
                    message: "no".to_owned(),
                }),
            ],
        },
        State::Refused {
            reasons: reasons.clone(),
        },
        State::Returned {
            reasons: reasons.clone(),
        },
        State::Recalled,
        State::Held {
            reasons,
            resume: Box::new(State::Acknowledged),
        },
        State::Closed {
            by: "kim".to_owned(),
            note: "by hand".to_owned(),
            receipts: Vec::new(),
            unproved: Vec::new(),
        },
    ]
}

fn happenings() -> Vec<Happened> {
    let text = str::to_owned;
    let reason = || Reason::new(Code::AcumaticaFailed, "503");
    vec![
        Happened::Claimed(claim("a", 99)),
        acknowledged(0, Some(SYSTEM), Earlier::First),
        Happened::Planned { plan: 1 },
        Happened::Began {
            plan: 1,
            writes: vec![write(1, Outcome::Open), write(2, Outcome::Open)],
            claim: claim("a", 99),
            confirm_after: ConfirmAfter::Created,
        },
        released(asked()),
        released(Release::Done),
        Happened::NothingToPost { plan: 1 },
        refused(Code::EntrySum),
        Happened::Written(receipt(1)),
        Happened::Written(receipt(2)),
        Happened::AnswerLost { n: 1, at: at(1) },
        Happened::ProvedAbsent {
            numbers: vec![1, 2],
        },
        confirmed(0, None),
        confirmed(199, None),
        Happened::Failed {
            reason: reason(),
            due: at(60),
            attempts_max: 9,
        },
        Happened::Parked {
            why: text("no seat"),
            due: at(60),
        },
        Happened::Held {
            reasons: vec![reason()],
        },
    ]
}

fn by_people() -> Vec<Happened> {
    let text = str::to_owned;
    vec![
        Happened::Resumed {
            by: text("kim"),
            note: text("ok"),
        },
        Happened::Replanned {
            by: text("kim"),
            note: text("ok"),
        },
        Happened::Returned {
            by: text("kim"),
            note: text("ok"),
        },
        Happened::Adopted {
            plan: 1,
            writes: vec![write(
                1,
                Outcome::Done {
                    receipt: Receipt {
                        adopted: true,
                        ..receipt(1)
                    },
                },
            )],
            confirm_after: ConfirmAfter::Created,
            by: text("kim"),
            note: text("ok"),
        },
        Happened::FoundAbsent {
            before: at(1),
            by: text("kim"),
            note: text("ok"),
        },
        Happened::Allowed {
            by: text("kim"),
            note: text("ok"),
        },
        Happened::Closed {
            by: text("kim"),
            note: text("ok"),
        },
    ]
}

fn every_state() -> Vec<State> {
    [states(), withdrawals::states()].concat()
}

fn every_happening() -> Vec<Happened> {
    [happenings(), by_people(), withdrawals::happenings()].concat()
}

#[test]
fn every_stored_state_and_every_legal_move_is_on_record() {
    insta::assert_json_snapshot!("stored_states", every_state());
    let mut moves = Vec::new();
    for state in every_state() {
        for happened in every_happening() {
            let result = advance(&record(state.clone()), &happened, at(1));
            moves.push(match result {
                Ok(next) => format!(
                    "{} + {} -> {}",
                    state.word(),
                    happened.word(),
                    next.state.word()
                ),
                Err(illegal) => format!("! {illegal}"),
            });
        }
    }
    insta::assert_snapshot!("moves", moves.join("\n"));
}

#[test]
fn a_record_reads_back_as_it_was_stored() {
    for state in every_state() {
        let mut stored = record(state);
        stored.kind = DocumentKind::Invoice;
        stored.amount = Some("12.30".parse().unwrap());
        stored.claim = Some(claim("a", 9));
        stored.note(at(1), "received", "");
        let text = serde_json::to_string(&stored).unwrap();
        assert_eq!(
            serde_json::from_str::<Record>(&text).unwrap(),
            stored,
            "{text}"
        );
    }
}

proptest! {
    /// Whatever happens in whatever order: an ended record stays ended, receipts are never lost on the way, the trail is an
    /// unbroken chain, and nothing that may stand in Acumatica is ever returned to Concur as an error.
    #[test]
    fn no_history_loses_a_document(order in prop::collection::vec(0..every_happening().len(), 0..40)) {
        let mut now = record(State::Received);
        let all = every_happening();
        for (second, index) in (1..).zip(order) {
            let Ok(next) = advance(&now, &all[index], at(second)) else { continue };
            if now.list() == List::Done {
                prop_assert!(false, "{} left its end", now.state.word());
            }
            let (before, after) = (now.state.receipts().len(), next.state.receipts().len());
            let after = after + next.state.unproved().len(); // a part that may have grown
            let may_lose = next.state.word() == "withdrawing";
            prop_assert!(after >= before || may_lose, "receipt lost: {:?}", next.state);
            if next.state.word() == "refused" {
                prop_assert!(next.state.receipts().is_empty() && before == 0);
            }
            now = next;
        }
        prop_assert!(chain_holds("", &now.trail));
    }
}
