use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::plan::PostingKind;
use crate::state::{ConfirmAfter, Gone, Happened, Release, Undo, Undoing, Why, advance};
use crate::{Record, record::Permitted};

/// The words of the ways in a sentence.
fn named(sentence: &str) -> Vec<&str> {
    sentence
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .filter(|word| Do::ALL.iter().any(|way| way.as_str() == *word))
        .collect()
}

#[test]
fn every_cure_names_only_ways_its_code_permits() {
    for code in Code::ALL {
        assert!(code.permits().contains(&Do::Close), "{code}");
        for word in named(code.cure()) {
            let permits = code.permits().iter().any(|way| way.as_str() == word);
            assert!(permits, "{code} does not permit {word}: {}", code.cure());
        }
    }
}

fn held(codes: &[Code], stopped: State) -> State {
    State::Held {
        reasons: codes.iter().map(|code| Reason::new(*code, "no")).collect(),
        resume: Box::new(stopped),
    }
}

#[test]
fn every_reason_must_permit_it() {
    let both = held(
        &[Code::AcumaticaRefused, Code::OutcomeUnproven],
        State::Acknowledged,
    );
    assert_eq!(ways(&both), [Do::Resume, Do::Adopt, Do::Close]);
    assert_eq!(
        permitted(&both, Do::Replan).unwrap_err().to_string(),
        "its reason outcome_unproven permits resume, adopt, absent, close"
    );
    assert_eq!(
        ways(&held(&[Code::CodeMissing], State::Acknowledged)),
        [Do::Replan, Do::Return, Do::Close]
    );
    assert_eq!(ways(&State::Acknowledged), []);
}

fn receipt(adopted: bool) -> Receipt {
    Receipt {
        n: 1,
        kind: PostingKind::Bill,
        number: "004512".to_owned(),
        amount: rust_decimal::Decimal::ONE,
        status: "Balanced".to_owned(),
        period: String::new(),
        date: None,
        branch: String::new(),
        release: Release::NotWanted,
        adopted,
        part: None,
    }
}

fn posting(outcomes: Vec<Outcome>) -> State {
    let write = |(n, outcome)| Write {
        n,
        kind: PostingKind::Bill,
        outcome,
    };
    State::Posting {
        plan: 1,
        writes: (1..).zip(outcomes).map(write).collect(),
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        since: Timestamp::UNIX_EPOCH,
    }
}

fn done() -> Outcome {
    Outcome::Done {
        receipt: receipt(false),
    }
}

fn in_part() -> Outcome {
    let receipt = Receipt {
        part: Some(3),
        ..receipt(false)
    };
    Outcome::Part { receipt }
}

/// Where a held document can have stopped, each with a name.
fn stopped() -> Vec<(&'static str, State)> {
    let posted = |receipts| State::Posted { plan: 1, receipts };
    vec![
        ("received", State::Received),
        ("acknowledged", State::Acknowledged),
        ("planned", State::Planned { plan: 1 }),
        ("nothing sent", posting(vec![Outcome::Open, Outcome::Open])),
        ("one lost", posting(vec![Outcome::Open, unknown()])),
        ("all there, one in part", posting(vec![done(), in_part()])),
        ("one in part, one lost", posting(vec![in_part(), unknown()])),
        ("one of two written", posting(vec![done(), Outcome::Open])),
        ("one written, one lost", posting(vec![done(), unknown()])),
        ("posted", posted(vec![receipt(false)])),
        ("adopted", posted(vec![receipt(true)])),
        ("nothing to post", posted(Vec::new())),
        ("refused", State::Refused { reasons: vec![] }),
        (
            "withdrawing",
            State::Withdrawing {
                plan: 1,
                why: Why::Recalled,
                undo: Vec::new(),
            },
        ),
    ]
}

#[test]
fn every_way_out_of_every_reason_and_state_is_on_record() {
    let mut codes: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for code in Code::ALL {
        let ways = code.permits().iter().map(|way| way.as_str()).collect();
        codes.entry(ways).or_default().push(code.as_str());
    }
    let mut table = Vec::new();
    for alike in codes.values() {
        table.push(alike.join(" "));
        let code = Code::ALL.iter().find(|code| code.as_str() == alike[0]);
        for (name, stopped) in stopped() {
            let open: Vec<_> = ways(&held(&[*code.unwrap()], stopped))
                .iter()
                .map(|way| way.as_str())
                .collect();
            table.push(format!("    {name}: {}", open.join(" ")));
        }
    }
    insta::assert_snapshot!("ways", table.join("\n"));
}

fn record(state: State) -> Record {
    let record = serde_json::json!({
        "connection": "acme", "document": "de2c2b936bc44114aa487fdab9f7bf61", "kind": "expense",
        "business": "2519BED4A22B43C4B8E7", "system_id": "stack-acme", "state": "received",
        "received": Timestamp::UNIX_EPOCH, "due": Timestamp::UNIX_EPOCH,
    });
    let record: Record = serde_json::from_value(record).unwrap();
    Record { state, ..record }
}

/// What a way is to a record.
fn happened(way: Do) -> Happened {
    let (by, note) = ("kim".to_owned(), "seen to".to_owned());
    match way {
        Do::Resume => Happened::Resumed { by, note },
        Do::Replan => Happened::Replanned { by, note },
        Do::Return => Happened::Returned { by, note },
        Do::Adopt => Happened::Adopted {
            plan: 1,
            writes: vec![Write {
                n: 1,
                kind: PostingKind::Bill,
                outcome: Outcome::Done {
                    receipt: receipt(true),
                },
            }],
            confirm_after: ConfirmAfter::Created,
            by,
            note,
        },
        Do::Absent => Happened::FoundAbsent {
            before: Timestamp::UNIX_EPOCH,
            by,
            note,
        },
        Do::Allow => Happened::Allowed { by, note },
        Do::Withdraw => Happened::WithdrawAsked { by, note },
        Do::Close => Happened::Closed { by, note },
    }
}

#[test]
fn what_is_permitted_can_happen_and_leaves_held() {
    for code in Code::ALL {
        for (name, stopped) in stopped() {
            let held = held(&[*code], stopped);
            for way in ways(&held) {
                let at = Timestamp::UNIX_EPOCH;
                let after = advance(&record(held.clone()), &happened(way), at);
                let after = after.unwrap_or_else(|error| panic!("{code} {name}: {error}"));
                assert_ne!(after.state.word(), "held", "{code} {name} {way:?}");
                let story = &after.trail.first().unwrap().detail;
                assert!(story.ends_with("kim: seen to"), "{code} {way:?}: {story}");
            }
        }
    }
}

#[test]
fn a_plan_is_replaced_only_while_nothing_of_it_is_live_or_unknown() {
    for (name, against) in [
        ("received", "received"),
        ("acknowledged", ""),
        ("planned", ""),
        ("nothing sent", ""),
        ("one lost", "posting 2"),
        ("all there, one in part", "Bill 004512"),
        ("one of two written", "Bill 004512"),
        ("posted", "Bill 004512"),
        ("refused", "refused"),
    ] {
        let (_, stopped) = stopped().into_iter().find(|(of, _)| *of == name).unwrap();
        let held = held(&[Code::AcumaticaRefused], stopped);
        for way in [Do::Replan, Do::Return] {
            let said = permitted(&held, way)
                .err()
                .map_or(String::new(), |error| error.to_string());
            assert_eq!(said.is_empty(), against.is_empty(), "{name}: {said}");
            assert!(said.contains(against), "{name}: {said}");
        }
    }
}

#[test]
fn a_lost_answer_is_called_absent_only_when_it_cannot_arrive_any_more() {
    let lost = record(held(&[Code::OutcomeUnproven], posting(vec![unknown()])));
    let absent = |before| Happened::FoundAbsent {
        before: Timestamp::from_second(before).unwrap(),
        by: "kim".to_owned(),
        note: "looked".to_owned(),
    };
    assert!(advance(&lost, &absent(-1), Timestamp::UNIX_EPOCH).is_err());
    let after = advance(&lost, &absent(0), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(after.state, posting(vec![Outcome::Open]));
    assert!(after.may(Permitted::Write));
    // It is for one try.
    let at = Timestamp::UNIX_EPOCH;
    let again = advance(&after, &Happened::AnswerLost { n: 1, at }, at).unwrap();
    assert!(!again.may(Permitted::Write));
}

#[test]
fn a_lost_reversal_is_called_absent_and_what_is_gone_stays_gone() {
    let undo = |step| Undo {
        receipt: receipt(false),
        step,
    };
    let reverse = |outcome| Undoing::Reverse {
        period: None,
        outcome,
    };
    let gone = Undoing::Gone { how: Gone::Deleted };
    let withdrawing = |outcome| State::Withdrawing {
        plan: 1,
        why: Why::Recalled,
        undo: vec![undo(reverse(outcome)), undo(gone.clone())],
    };
    let lost = record(held(&[Code::OutcomeUnproven], withdrawing(unknown())));
    let absent = |before| Happened::FoundAbsent {
        before: Timestamp::from_second(before).unwrap(),
        by: "kim".to_owned(),
        note: "looked".to_owned(),
    };
    assert!(advance(&lost, &absent(-1), Timestamp::UNIX_EPOCH).is_err());
    let after = advance(&lost, &absent(0), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(after.state, withdrawing(Outcome::Open));
    assert!(after.may(Permitted::Write));
    let standing = record(held(&[Code::OutcomeUnproven], withdrawing(done())));
    let after = advance(&standing, &absent(0), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(after.state, withdrawing(done()), "it stays to be undone");
}

#[test]
fn a_permitted_duplicate_is_planned_and_stays_permitted_until_it_is_begun() {
    let allowed = Happened::Allowed {
        by: "kim".to_owned(),
        note: "another one".to_owned(),
    };
    let held = record(held(&[Code::PossibleDuplicate], State::Acknowledged));
    let at = Timestamp::UNIX_EPOCH;
    let planned = advance(&held, &allowed, at)
        .and_then(|record| advance(&record, &Happened::Planned { plan: 1 }, at))
        .unwrap();
    assert!(planned.may(Permitted::Duplicate));
    let began = Happened::Began {
        plan: 1,
        writes: Vec::new(),
        claim: crate::record::Claim {
            worker: "a".to_owned(),
            until: at,
        },
        confirm_after: ConfirmAfter::Created,
    };
    assert!(
        !advance(&planned, &began, at)
            .unwrap()
            .may(Permitted::Duplicate)
    );
}

#[test]
fn a_part_that_was_adopted_leaves_the_rest_to_be_written() {
    let held = record(held(
        &[Code::DuplicateReference],
        posting(vec![Outcome::Open, Outcome::Open]),
    ));
    let State::Posting { mut writes, .. } = posting(vec![Outcome::Open, Outcome::Open]) else {
        unreachable!()
    };
    writes[0].outcome = Outcome::Done {
        receipt: receipt(true),
    };
    let adopted = |writes: &[Write]| Happened::Adopted {
        plan: 1,
        writes: writes.to_vec(),
        confirm_after: ConfirmAfter::Created,
        by: "kim".to_owned(),
        note: String::new(),
    };
    let after = advance(&held, &adopted(&writes), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(after.state.word(), "posting");
    writes[1].outcome = Outcome::Done {
        receipt: receipt(true),
    };
    let after = advance(&held, &adopted(&writes), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(after.state.word(), "posted");
}
