//! The second phase: released in Posted, and still in Confirmed.

use super::*;

pub(super) fn releasing(release: Release) -> Receipt {
    Receipt {
        release,
        ..receipt(1)
    }
}

pub(super) fn asked() -> Release {
    Release::Asked {
        since: at(0),
        sent: None,
        again: at(60),
    }
}

pub(super) fn released(release: Release) -> Happened {
    Happened::Release {
        n: 1,
        release,
        status: None,
    }
}

fn posted(release: Release, confirm_after: ConfirmAfter) -> Record {
    let journal = Receipt {
        kind: PostingKind::Journal,
        ..receipt(2)
    };
    let receipts = vec![releasing(release.clone()), Receipt { release, ..journal }];
    let mut posted = record(State::Posted { plan: 1, receipts });
    posted.confirm_after = confirm_after;
    posted
}

#[test]
fn journals_are_released_first_and_a_slow_release_delays_only_where_the_rules_say_so() {
    let asked = asked();
    for (confirm_after, waiting) in [
        (ConfirmAfter::Created, Step::ConfirmSuccess),
        (ConfirmAfter::Released, Step::Wait { until: at(60) }),
    ] {
        let wanted = posted(Release::Wanted, confirm_after);
        assert_eq!(
            next(&wanted, "a", at(1), PROOF),
            Step::Release {
                numbers: vec![2, 1]
            }
        );
        let slow = posted(asked.clone(), confirm_after);
        assert_eq!(next(&slow, "a", at(1), PROOF), waiting);
        assert_eq!(
            next(&slow, "a", at(60), PROOF),
            Step::Release {
                numbers: vec![2, 1]
            }
        );
        let done = posted(Release::Done, confirm_after);
        assert_eq!(next(&done, "a", at(1), PROOF), Step::ConfirmSuccess);
    }
}

#[test]
fn a_confirmed_document_is_open_while_a_release_is_pending() {
    let slow = posted(asked(), ConfirmAfter::Created);
    let told = advance(&slow, &confirmed(0, None), at(2)).unwrap();
    assert_eq!(
        (told.state.word(), told.list(), told.due),
        ("confirmed", List::Open, at(60))
    );
    assert_eq!(next(&told, "a", at(2), PROOF), Step::Wait { until: at(60) });
    let first = advance(&told, &released(Release::Done), at(61)).unwrap();
    assert_eq!(first.list(), List::Open);
    let both = advance(
        &first,
        &Happened::Release {
            n: 2,
            release: Release::Done,
            status: Some("Posted".to_owned()),
        },
        at(62),
    )
    .unwrap();
    assert_eq!(
        (both.list(), next(&both, "a", at(62), PROOF)),
        (List::Done, Step::Rest)
    );
    assert_eq!(both.state.receipts()[1].status, "Posted");
    assert!(advance(&both, &released(Release::Done), at(63)).is_err());
}

#[test]
fn the_trail_tells_what_was_sent_from_what_waits() {
    let step = |sent: Option<i64>| {
        released(Release::Asked {
            since: at(0),
            sent: sent.map(at),
            again: at(60),
        })
    };
    let mut record = posted(Release::Wanted, ConfirmAfter::Created);
    for sent in [None, Some(5), Some(5), Some(9)] {
        record = advance(&record, &step(sent), at(10)).unwrap();
    }
    let words: Vec<&str> = record
        .trail
        .iter()
        .map(|event| event.what.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "release_waits",
            "release_asked",
            "release_waits",
            "release_asked"
        ]
    );
}

#[test]
fn a_failed_release_withdraws_nothing_and_keeps_money_from_being_paid() {
    let failed = released(Release::Failed {
        message: "out of balance".to_owned(),
    });
    let paying = posted(Release::Wanted, ConfirmAfter::Released);
    let held = advance(&paying, &failed, at(2)).unwrap();
    assert_eq!(
        (held.state.word(), held.state.receipts().len()),
        ("held", 2)
    );
    assert_eq!(held.state.reasons()[0].code, Code::ReleaseFailed);

    let created = posted(Release::Wanted, ConfirmAfter::Created);
    let created = advance(
        &created,
        &Happened::Release {
            n: 2,
            release: Release::Done,
            status: Some("Posted".to_owned()),
        },
        at(2),
    )
    .unwrap();
    let told = advance(
        &advance(&created, &failed, at(2)).unwrap(),
        &confirmed(0, None),
        at(3),
    )
    .unwrap();
    assert_eq!((told.state.word(), told.list()), ("confirmed", List::Held));
    let again = Happened::Resumed {
        by: "kim".to_owned(),
        note: "corrected".to_owned(),
    };
    for stuck in [&held, &told] {
        let resumed = advance(stuck, &again, at(4)).unwrap();
        assert!(
            matches!(next(&resumed, "a", at(4), PROOF), Step::Release { .. }),
            "{resumed:?}"
        );
    }
}
