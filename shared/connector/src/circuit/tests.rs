use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

const FAILED: Heard = Heard {
    answered: false,
    failed: 1,
};
const ANSWERED: Heard = Heard {
    answered: true,
    failed: 0,
};

#[test]
fn a_few_failures_in_a_row_open_it_for_longer_each_time_and_an_answer_closes_it() {
    let mut memo = Memo::default();
    let mut opened = Vec::new();
    for _ in 0..9 {
        memo = memo.after(FAILED, at(0));
        opened.push(memo.until.map_or(0, |until| until.as_second() / 60));
    }
    assert_eq!(opened, [0, 0, 1, 2, 4, 8, 15, 15, 15]);
    assert_eq!(memo.after(ANSWERED, at(0)), Memo::default());
    let last = Heard {
        answered: true,
        failed: 1,
    };
    let after = memo.after(last, at(0));
    assert_eq!((after.failed, after.until), (1, None));
}

#[test]
fn a_run_without_a_call_changes_nothing() {
    let open = Memo {
        failed: 5,
        opened: 2,
        until: Some(at(60)),
    };
    assert_eq!(open.after(Heard::default(), at(90)), open);
    assert_eq!(Memo::read(&open.write()), open);
    assert_eq!(Memo::default().write(), "");
    assert_eq!(Memo::read("odd"), Memo::default());
}

#[test]
fn documents_do_not_come_back_in_one_moment() {
    let due: std::collections::BTreeSet<_> = (0..20).map(|_| due_after(at(60))).collect();
    assert!(due.len() > 10);
    assert!(due.iter().all(|due| *due >= at(60) && *due <= at(120)));
}
