//! Reading `posting`, and words whose other choice is not offered yet: those are faults, because a rule that is silently
//! ignored posts something else than was asked for.

use serde_json::Value;

use super::super::config::{ByKind, OnRefusal, PostingRules, Refusal};
use super::super::reader::{Reader, wrong_type};
use crate::DocumentKind;

/// Accepts the one word that is offered, and says of the others that they are not.
pub(super) fn only_offered(
    reader: &mut Reader<'_>,
    key: &'static str,
    offered: &str,
    later: &[&str],
) {
    let Some(value) = reader.value(key) else {
        return;
    };
    match value.as_str() {
        Some(word) if word == offered => {}
        Some(word) if later.contains(&word) => {
            reader.fault(
                key,
                format!("`{word}` is not offered yet"),
                format!("`{offered}`"),
            );
        }
        _ => reader.faults().add(wrong_type(
            reader.path_of(key),
            value,
            &format!("`{offered}`"),
        )),
    }
}

/// Reads `posting`.
pub(super) fn posting(mut section: Reader<'_>) -> PostingRules {
    only_offered(&mut section, "confirm_after", "created", &["released"]);
    only_offered(&mut section, "on_recall", "hold", &["withdraw"]);
    only_offered(&mut section, "closed_period", "hold", &["next_open"]);
    shift(&mut section);
    PostingRules {
        // Invoices come from outside and are looked at by AP; the others were approved by a manager.
        hold: ByKind::from_fn(|kind| {
            hold(section.section(kind.as_str())).unwrap_or(kind == DocumentKind::Invoice)
        }),
        hold_journal: hold(section.section("journal")).unwrap_or(false),
        company_id: section.optional_text("company_id"),
        on_refusal: on_refusal(section.section("on_refusal")),
        include_test_documents: section.flag("include_test_documents").unwrap_or(false),
    }
}

/// How far `next_open` may go is a question only where it is offered.
fn shift(section: &mut Reader<'_>) {
    const DAYS: u64 = 31;
    if section
        .number("max_shift_days", 0..=366)
        .is_some_and(|days| days != DAYS)
    {
        section.fault(
            "max_shift_days",
            "has no effect while closed_period is `hold`",
            "31, or nothing",
        );
    }
    if section.flag("across_year") == Some(true) {
        section.fault(
            "across_year",
            "has no effect while closed_period is `hold`",
            "false, or nothing",
        );
    }
}

fn hold(mut section: Reader<'_>) -> Option<bool> {
    if section.flag("release") == Some(true) {
        section.fault(
            "release",
            "releasing is not offered yet",
            "false, or nothing",
        );
    }
    section.flag("hold")
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
