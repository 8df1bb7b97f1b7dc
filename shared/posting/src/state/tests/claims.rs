//! Claims: who may act, and what a worker that vanished leaves behind.

use super::*;

#[test]
fn a_lapsed_claim_makes_open_writes_unknown_and_a_released_one_does_not() {
    let mut crashed = record(posting([
        Outcome::Open,
        Outcome::Done {
            receipt: receipt(2),
        },
    ]));
    crashed.claim = Some(claim("a", 10));
    let taken = advance(&crashed, &Happened::Claimed(claim("b", 99)), at(11)).unwrap();
    let State::Posting { writes, .. } = &taken.state else {
        panic!("{taken:?}")
    };
    assert_eq!(writes[0].outcome, Outcome::Unknown { since: at(10) });
    assert_eq!(
        writes[1].outcome,
        Outcome::Done {
            receipt: receipt(2)
        }
    );

    let parked = Happened::Parked {
        why: "no seat".to_owned(),
        due: at(20),
    };
    let given_back = advance(&crashed, &parked, at(5)).unwrap();
    let taken = advance(&given_back, &Happened::Claimed(claim("b", 99)), at(11)).unwrap();
    assert_eq!(taken.state, crashed.state);
    assert_eq!((taken.attempt, given_back.due), (0, at(20)));
}

#[test]
fn whatever_happens_after_a_claim_lapsed_its_writes_are_unknown() {
    let mut crashed = record(posting([Outcome::Open]));
    crashed.claim = Some(claim("a", 10));
    for happened in [
        Happened::Parked {
            why: "no seat".to_owned(),
            due: at(60),
        },
        Happened::Failed {
            reason: Reason::new(Code::AcumaticaFailed, "503"),
            due: at(60),
            attempts_max: 9,
        },
        Happened::Held {
            reasons: vec![Reason::new(Code::WorkerCrashed, "")],
        },
    ] {
        let next = advance(&crashed, &happened, at(10)).unwrap();
        let unknown = posting([Outcome::Unknown { since: at(10) }]);
        let resumed = match next.state {
            State::Held { resume, .. } => *resume,
            open => open,
        };
        assert_eq!(resumed, unknown, "{happened:?}");
    }
}

#[test]
fn a_live_claim_keeps_others_out() {
    let mut held = record(posting([Outcome::Open]));
    held.claim = Some(claim("a", 10));
    assert!(advance(&held, &Happened::Claimed(claim("b", 99)), at(9)).is_err());
    assert_eq!(next(&held, "b", at(9), PROOF), Step::Wait { until: at(10) });
    assert!(matches!(
        next(&held, "a", at(9), PROOF),
        Step::Settle { .. }
    ));
    assert!(matches!(
        next(&held, "b", at(10), PROOF),
        Step::Settle { .. }
    ));
}
