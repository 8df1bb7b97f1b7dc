use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::periods::Openness::{Closed, Open};
use crate::periods::{Period, Periods};
use crate::plan::{Plan, Posting, PostingKind};
use crate::state::{Gone, Receipt, Release};

const ID: &str = "de2c2b936bc44114aa487fdab9f7bf61";

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn posting(kind: PostingKind) -> Posting {
    let line = |account: &str, debit: &str, credit: &str| {
        json!({
            "account": account, "subaccount": "000000", "branch": "MAIN", "debit": debit, "credit": credit, "text": "Taxi",
            "role": "cost", "because": ""
        })
    };
    let lines = match kind {
        PostingKind::Bill => vec![line("61000", "30.00", "0"), line("62000", "12.50", "0")],
        PostingKind::Journal => vec![line("61000", "42.50", "0"), line("21500", "0", "42.50")],
        _ => vec![line("61000", "0", "42.50")],
    };
    let payable = kind != PostingKind::Journal;
    serde_json::from_value(json!({
        "n": 2, "kind": kind, "party": "EMPL", "vendor": payable.then_some("E00101"), "branch": "MAIN",
        "date": "2026-03-31", "due_date": "2026-04-30", "terms": "30D", "currency": "USD", "total": "42.50",
        "reference": payable.then_some("R-1"), "description": format!("R-1 Taxi CNQR:{ID}/1.2"), "hold": false,
        "lines": lines,
    }))
    .unwrap()
}

fn plan(posting: &Posting) -> Plan {
    serde_json::from_value(json!({
        "document": ID, "kind": "expense", "number": 1, "rules_version": 1, "currency": "USD", "gross": "42.50",
        "postings": [posting],
    }))
    .unwrap()
}

fn receipt(kind: PostingKind, number: &str) -> Receipt {
    serde_json::from_value(json!({
        "n": 2, "kind": kind, "number": number, "amount": "42.50", "status": "Balanced", "period": "032026",
        "date": "2026-03-31", "branch": "MAIN",
    }))
    .unwrap()
}

fn found(posting: &Posting, stage: Stage) -> Found {
    Found {
        stage,
        status: format!("{stage:?}"),
        amount: posting.total,
        balance: posting.kind.is_payable().then_some(posting.total),
        vendor: posting.vendor.clone().map(|vendor| format!("{vendor}  ")),
        reference: posting.reference.clone(),
        date: Some(posting.date),
        period: Some("032026".to_owned()),
        lines: posting
            .lines
            .iter()
            .map(|line| FoundLine {
                account: Some(line.account.clone()),
                subaccount: line.subaccount.as_ref().map(|_| "000-000".to_owned()),
                branch: line.branch.clone(),
                project: None,
                task: None,
                cost_code: None,
                signed: line.signed(),
                order: None,
            })
            .collect(),
    }
}

/// The verdict in one word.
fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Gone(how) => format!("{how:?}").to_lowercase(),
        Verdict::Delete => "delete".to_owned(),
        Verdict::Reverse => "reverse".to_owned(),
        Verdict::Held(reason) => reason.code.to_string(),
    }
}

#[test]
fn its_status_says_what_undoes_a_posting() {
    use PostingKind::{Bill, Journal};
    for (kind, stage, deletion, verdict) in [
        (Bill, Stage::OnHold, Deletion::Allowed, "delete"),
        (Bill, Stage::Balanced, Deletion::Allowed, "delete"),
        (Journal, Stage::Balanced, Deletion::Allowed, "delete"),
        (Bill, Stage::OnHold, Deletion::Refused, "reverse"),
        (Journal, Stage::Balanced, Deletion::Refused, "reverse"),
        (
            Bill,
            Stage::Waiting,
            Deletion::Allowed,
            "withdrawal_approval",
        ),
        (Bill, Stage::Released, Deletion::Allowed, "reverse"),
        (Journal, Stage::Released, Deletion::Allowed, "reverse"),
        (Bill, Stage::Closed, Deletion::Allowed, "withdrawal_paid"),
        (Bill, Stage::Dead, Deletion::Allowed, "voided"),
        (Journal, Stage::Dead, Deletion::Allowed, "voided"),
        (Bill, Stage::Odd, Deletion::Allowed, "withdrawal_status"),
    ] {
        let posting = posting(kind);
        let stands = found(&posting, stage);
        let verdict_found = judge(&posting, &receipt(kind, "1"), Some(&stands), deletion);
        assert_eq!(
            word(&verdict_found),
            verdict,
            "{kind:?} {stage:?} {deletion:?}"
        );
    }
    let bill = posting(Bill);
    let gone = judge(&bill, &receipt(Bill, "1"), None, Deletion::Allowed);
    assert_eq!(gone, Verdict::Gone(Gone::Absent));
}

#[test]
fn what_a_person_did_to_it_is_seen() {
    type Change = fn(&mut Found);
    let changes: [(&str, Change); 13] = [
        ("withdrawal_edited", |it| {
            it.amount = amount("42.00");
        }),
        ("withdrawal_edited", |it| {
            it.vendor = Some("AMEX".to_owned());
        }),
        ("withdrawal_edited", |it| {
            it.reference = Some("R-9".to_owned());
        }),
        ("withdrawal_edited", |it| {
            it.date = it.date.map(|date| date.tomorrow().unwrap());
        }),
        ("withdrawal_edited", |it| {
            it.period = Some("042026".to_owned());
        }),
        ("withdrawal_edited", |it| {
            it.lines[0].account = Some("64000".to_owned());
        }),
        ("withdrawal_edited", |it| {
            it.lines[0].subaccount = Some("000110".to_owned());
        }),
        ("withdrawal_edited", |it| {
            it.lines.truncate(1);
        }),
        ("withdrawal_edited", |it| {
            it.lines.push(it.lines[0].clone());
        }),
        ("withdrawal_edited", |it| {
            it.lines[1].branch = Some("EAST".to_owned());
        }),
        ("withdrawal_order", |it| {
            it.lines[0].order = Some("PO-1".to_owned());
        }),
        // The order of lines, and what was not returned, is no change.
        ("delete", |it| {
            it.lines.reverse();
        }),
        ("delete", |it| {
            it.period = None;
        }),
    ];
    for (code, change) in changes {
        let posting = posting(PostingKind::Bill);
        let mut stands = found(&posting, Stage::Balanced);
        change(&mut stands);
        let receipt = receipt(PostingKind::Bill, "1");
        let verdict = judge(&posting, &receipt, Some(&stands), Deletion::Allowed);
        assert_eq!(word(&verdict), code, "{stands:?}");
    }
}

#[test]
fn half_a_document_is_deleted_or_left_to_a_person() {
    use Deletion::{Allowed, Refused};
    for kind in [PostingKind::Bill, PostingKind::Journal] {
        let posting = posting(kind);
        let half = Receipt {
            amount: amount("30.00"),
            part: Some(1),
            ..receipt(kind, "1")
        };
        for (lines, stage, deletion, told) in [
            (1, Stage::OnHold, Allowed, "delete"),
            (1, Stage::OnHold, Refused, "withdrawal_refused"),
            (1, Stage::Released, Allowed, "withdrawal_refused"),
            // Somebody added to it, or took it out.
            (2, Stage::OnHold, Allowed, "withdrawal_edited"),
            (0, Stage::OnHold, Allowed, "withdrawal_edited"),
        ] {
            let mut stands = found(&posting, stage);
            stands.lines.truncate(lines);
            stands.amount = amount("30.00");
            stands.balance = stands.balance.map(|_| amount("30.00"));
            let verdict = judge(&posting, &half, Some(&stands), deletion);
            assert_eq!(
                word(&verdict),
                told,
                "{kind:?} {lines} {stage:?} {deletion:?}"
            );
        }
        let said = super::half(&posting, &half, "no").unwrap().message;
        let label = half.label();
        assert_eq!(
            said,
            format!("{label} has 1 of 2 lines and is not deleted: no")
        );
        assert_eq!(super::half(&posting, &receipt(kind, "1"), "no"), None);
        // All lines in it, only the hold was not removed: that one has an opposite.
        let whole = Receipt {
            part: Some(2),
            ..receipt(kind, "1")
        };
        let stands = found(&posting, Stage::OnHold);
        let verdict = judge(&posting, &whole, Some(&stands), Refused);
        assert_eq!(word(&verdict), "reverse");
    }
}

#[test]
fn money_that_moved_is_seen() {
    for (balance, verdict) in [
        (Some("42.50"), "reverse"),
        (Some("10.00"), "withdrawal_paid"),
        (None, "withdrawal_paid"),
    ] {
        let posting = posting(PostingKind::Bill);
        let mut stands = found(&posting, Stage::Released);
        stands.balance = balance.map(amount);
        let receipt = receipt(PostingKind::Bill, "1");
        let found = judge(&posting, &receipt, Some(&stands), Deletion::Allowed);
        assert_eq!(word(&found), verdict, "{balance:?}");
    }
}

#[test]
fn a_released_journal_may_have_grown_balancing_lines() {
    let posting = posting(PostingKind::Journal);
    let receipt = receipt(PostingKind::Journal, "1");
    for (stage, verdict) in [
        (Stage::Released, "reverse"),
        (Stage::Balanced, "withdrawal_edited"),
    ] {
        let mut stands = found(&posting, stage);
        stands.lines.insert(
            0,
            FoundLine {
                account: Some("29000".to_owned()),
                ..stands.lines[1].clone()
            },
        );
        let found = judge(&posting, &receipt, Some(&stands), Deletion::Allowed);
        assert_eq!(word(&found), verdict);
    }
}

#[test]
fn a_pair_cancels_when_both_are_closed_or_both_journals_are_posted() {
    use PostingKind::{Bill, DebitAdj, Journal};
    let judged = |(kind, other_kind): (PostingKind, PostingKind),
                  one: Option<Stage>,
                  other: Option<Stage>| {
        let posting = posting(kind);
        let found = |stage: Option<Stage>| stage.map(|stage| self::found(&posting, stage));
        let (one, other) = (found(one), found(other));
        let (receipt, opposite) = (receipt(kind, "1"), receipt(other_kind, "2"));
        match pair((&receipt, one.as_ref()), (&opposite, other.as_ref())) {
            Pair::Gone(how) => format!("{how:?}").to_lowercase(),
            Pair::Release => "release".to_owned(),
            Pair::Held(reason) => reason.code.to_string(),
        }
    };
    let (bill, journal) = ((Bill, DebitAdj), (Journal, Journal));
    for (kinds, one, other, told) in [
        (bill, Some(Stage::Closed), Some(Stage::Closed), "reversed"),
        (
            bill,
            Some(Stage::Released),
            Some(Stage::Released),
            "withdrawal_open",
        ),
        (
            bill,
            Some(Stage::Closed),
            Some(Stage::Released),
            "withdrawal_open",
        ),
        (bill, Some(Stage::Closed), None, "withdrawal_open"),
        (
            bill,
            Some(Stage::Released),
            Some(Stage::Balanced),
            "withdrawal_open",
        ),
        (bill, None, Some(Stage::Dead), "absent"),
        (bill, None, Some(Stage::Balanced), "withdrawal_open"),
        (
            journal,
            Some(Stage::Released),
            Some(Stage::Balanced),
            "release",
        ),
        (
            journal,
            Some(Stage::Released),
            Some(Stage::Released),
            "reversed",
        ),
        (
            journal,
            Some(Stage::Released),
            Some(Stage::OnHold),
            "withdrawal_open",
        ),
        (
            journal,
            Some(Stage::Balanced),
            Some(Stage::Balanced),
            "withdrawal_open",
        ),
        (journal, Some(Stage::Released), None, "withdrawal_open"),
    ] {
        assert_eq!(
            judged(kinds, one, other),
            told,
            "{kinds:?} {one:?} {other:?}"
        );
    }
}

#[test]
fn the_opposite_has_the_other_side_and_marks_of_its_own() {
    for (kind, opposite_kind) in [
        (PostingKind::Bill, PostingKind::DebitAdj),
        (PostingKind::DebitAdj, PostingKind::CreditAdj),
        (PostingKind::CreditAdj, PostingKind::DebitAdj),
        (PostingKind::Journal, PostingKind::Journal),
    ] {
        let posting = posting(kind);
        let plan = plan(&posting);
        let period = Some("042026".to_owned());
        let other = opposite(&plan, &posting, &receipt(kind, "004512"), period.clone());
        assert_eq!(other.kind, opposite_kind);
        assert_eq!(
            (other.total, &other.vendor, &other.period),
            (posting.total, &posting.vendor, &period)
        );
        assert_eq!(
            (other.hold, &other.terms, other.due_date),
            (false, &None, None)
        );
        for (line, mirrored) in posting.lines.iter().zip(&other.lines) {
            assert_eq!(line.signed(), -mirrored.signed());
            assert_eq!(
                (&line.account, &line.subaccount),
                (&mirrored.account, &mirrored.subaccount)
            );
        }
        let stamp = stamp(&plan, 2);
        assert_eq!(stamp, format!("CNQR:{ID}/1.2R"));
        if kind == PostingKind::Journal {
            assert!(
                other.description.starts_with(&format!("{stamp} ")),
                "{}",
                other.description
            );
            assert_eq!(other.reference, None);
        } else {
            assert!(
                other.description.ends_with(&format!(" {stamp}")),
                "{}",
                other.description
            );
            assert_eq!(other.reference.as_deref(), Some("R-1-W2"));
        }
        assert_eq!(crate::Stamp::find(&other.description), None);
        assert!(other.description.contains(&receipt(kind, "004512").label()));
    }
    let mut long = posting(PostingKind::Bill);
    long.reference = Some("0123456789012345678901234567890123456789".to_owned());
    let other = opposite(&plan(&long), &long, &receipt(PostingKind::Bill, "1"), None);
    let reference = other.reference.unwrap();
    assert!(
        reference.len() <= 40 && reference.ends_with("-W2"),
        "{reference}"
    );
}

#[test]
fn a_reversal_takes_the_same_period_while_it_is_open() {
    let period = |month: i8, payables, ledger| Period {
        id: format!("{month:02}2026"),
        start: jiff::civil::date(2026, month, 1),
        end: jiff::civil::date(2026, month, 28),
        payables,
        ledger,
        year: "2026".to_owned(),
    };
    let periods = Periods::new(vec![
        period(3, Closed, Open),
        period(4, Closed, Closed),
        period(5, Open, Open),
    ]);
    let date = jiff::civil::date(2026, 3, 31);
    let of = |kind, periods: Option<&Periods>| period_for(&receipt(kind, "1"), date, periods);
    assert_eq!(
        of(PostingKind::Journal, Some(&periods)).as_deref(),
        Some("032026")
    );
    assert_eq!(
        of(PostingKind::Bill, Some(&periods)).as_deref(),
        Some("052026")
    );
    assert_eq!(of(PostingKind::Bill, None).as_deref(), Some("032026"));
    let none = Periods::new(vec![period(3, Closed, Closed)]);
    assert_eq!(
        of(PostingKind::Bill, Some(&none)).as_deref(),
        Some("032026")
    );
}

#[test]
fn a_release_under_way_is_waited_for() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut receipt = receipt(PostingKind::Journal, "1");
    let wait = SignedDuration::from_secs(900);
    assert_eq!(quiet_at(&receipt, at(10), wait), None);
    receipt.release = Release::Asked {
        since: at(0),
        sent: Some(at(0)),
        again: at(30),
    };
    assert_eq!(quiet_at(&receipt, at(10), wait), Some(at(900)));
    assert_eq!(quiet_at(&receipt, at(900), wait), None);
}
