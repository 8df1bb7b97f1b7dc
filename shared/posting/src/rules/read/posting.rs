//! Reading `posting`.

use serde_json::Value;

use super::super::config::{
    ByKind, ClosedPeriod, ConfirmAfter, OnRecall, OnRefusal, PostingRules, Refusal,
};
use super::super::reader::Reader;
use crate::DocumentKind;

/// Reads `posting`.
pub(super) fn posting(mut section: Reader<'_>) -> PostingRules {
    let on_recall = [("withdraw", OnRecall::Withdraw), ("hold", OnRecall::Hold)];
    let confirm_after = [
        ("created", ConfirmAfter::Created),
        ("released", ConfirmAfter::Released),
    ];
    let kinds = ByKind::from_fn(|kind| {
        // Invoices come from outside and are looked at by AP; the others were approved by a manager.
        let otherwise = Phases {
            hold: kind == DocumentKind::Invoice,
            release: false,
        };
        phases(section.section(kind.as_str()), otherwise)
    });
    let otherwise = Phases {
        hold: false,
        release: true,
    };
    let journal = phases(section.section("journal"), otherwise);
    PostingRules {
        hold: ByKind::from_fn(|kind| kinds.of(kind).hold),
        hold_journal: journal.hold,
        release: ByKind::from_fn(|kind| kinds.of(kind).release),
        release_journal: journal.release,
        confirm_after: section
            .word("confirm_after", &confirm_after)
            .unwrap_or_default(),
        on_recall: section.word("on_recall", &on_recall).unwrap_or_default(),
        closed_period: closed_period(&mut section),
        company_id: section.optional_text("company_id"),
        on_refusal: on_refusal(section.section("on_refusal")),
        lines_per_request: lines_per_request(&mut section),
        include_test_documents: section.flag("include_test_documents").unwrap_or(false),
    }
}

/// As many as the Integration Development Guide suggests for one request: a few hundred.
fn lines_per_request(section: &mut Reader<'_>) -> usize {
    const LINES: usize = 500;
    let lines = section.number("lines_per_request", 1..=1000);
    lines
        .and_then(|lines| usize::try_from(lines).ok())
        .unwrap_or(LINES)
}

/// What the connection wants of one kind of posting.
#[derive(Debug, Clone, Copy)]
struct Phases {
    hold: bool,
    release: bool,
}

/// Reads hold and release, which exclude each other: what is on hold cannot be released. Where only one is stated, the other
/// gives way to it.
fn phases(mut section: Reader<'_>, otherwise: Phases) -> Phases {
    let (hold, release) = (section.flag("hold"), section.flag("release"));
    if hold == Some(true) && release == Some(true) {
        section.fault(
            "release",
            "what is created on hold cannot be released",
            "false, or `hold` false",
        );
    }
    Phases {
        hold: hold.unwrap_or(otherwise.hold && release != Some(true)),
        release: release.unwrap_or(otherwise.release && hold != Some(true)),
    }
}

/// Reads `closed_period` and how far it may go, which is a question only where it goes anywhere.
fn closed_period(section: &mut Reader<'_>) -> ClosedPeriod {
    const DAYS: u64 = 31;
    let days = section.number("max_shift_days", 0..=366);
    let across_year = section.flag("across_year");
    let words = [("next_open", "next_open"), ("hold", "hold")];
    if section.word("closed_period", &words) != Some("hold") {
        return ClosedPeriod::NextOpen {
            days_max: days.and_then(|days| i32::try_from(days).ok()).unwrap_or(31),
            across_year: across_year.unwrap_or(false),
        };
    }
    let because = "has no effect while closed_period is `hold`";
    if days.is_some_and(|days| days != DAYS) {
        section.fault("max_shift_days", because, "31, or nothing");
    }
    if across_year == Some(true) {
        section.fault("across_year", because, "false, or nothing");
    }
    ClosedPeriod::Hold
}

fn on_refusal(mut section: Reader<'_>) -> OnRefusal {
    let words = [("return", Refusal::Return), ("hold", Refusal::Hold)];
    OnRefusal {
        document: section.word("document", &words).unwrap_or(Refusal::Return),
        setup: section.word("setup", &words).unwrap_or(Refusal::Hold),
    }
}

/// A table that must be empty while its mode is not offered.
pub(super) fn must_be_empty(reader: &mut Reader<'_>, key: &'static str, because: &str) {
    match reader.value(key) {
        None => {}
        Some(Value::Object(table)) if table.is_empty() => {}
        Some(_) => reader.fault(key, because, "nothing"),
    }
}
