use posting::plan::PostingKind;
use serde_json::json;

use super::*;
use crate::samples::{self, ID, plan as sample_plan, posting, receipt};

#[test]
fn a_row_is_readable_json_with_amounts_as_texts() {
    let mut record = samples::record(
        ID,
        State::Confirmed {
            plan: 1,
            receipts: vec![receipt(PostingKind::Bill, "004512", "Open")],
        },
    );
    record.due = samples::at(0);
    assert_eq!(
        serde_json::to_value(row(&record)).unwrap(),
        json!({
            "document": ID, "type": "expense", "business_id": "2519BED4A22B43C4B8E7", "payee": "E1",
            "currency": "USD", "amount": "42.50", "state": "confirmed", "due": "1970-01-01T00:00:00Z",
            "postings": [{"type": "Bill", "number": "004512", "amount": "42.50", "status": "Open", "released": false}],
            "told": "success", "reasons": [],
        })
    );
}

#[test]
fn a_failed_release_is_a_reason_and_what_concur_was_told_stays() {
    let failed = Receipt {
        release: Release::Failed {
            message: "the period is closed".to_owned(),
        },
        ..receipt(PostingKind::Journal, "000877", "Balanced")
    };
    let released = Receipt {
        release: Release::Done,
        ..receipt(PostingKind::Journal, "000878", "Posted")
    };
    let confirmed = State::Confirmed {
        plan: 1,
        receipts: vec![failed, released],
    };
    let row = row(&samples::record(ID, confirmed.clone()));
    assert_eq!(row.reasons[0].code, "release_failed");
    assert_eq!(
        (row.reasons[0].field.as_str(), row.reasons.len()),
        ("release", 1)
    );
    assert_eq!(row.reasons[0].value, "GL 000877");
    let released: Vec<bool> = row.postings.iter().map(|each| each.released).collect();
    assert_eq!(released, [false, true]);

    let held = State::Held {
        reasons: vec![Reason::new(Code::AcumaticaFailed, "no answer")],
        resume: Box::new(confirmed),
    };
    let row = super::row(&samples::record(ID, held));
    assert_eq!((row.told, row.reasons.len()), (Some("success"), 1));
}

#[test]
fn a_row_says_what_an_open_document_waits_for() {
    let mut record = samples::record(ID, State::Acknowledged);
    assert!(
        serde_json::to_value(row(&record))
            .unwrap()
            .get("note")
            .is_none()
    );
    record.waits = Some("waits for document 2".to_owned());
    let shown = serde_json::to_value(row(&record)).unwrap();
    assert_eq!(shown["note"], "waits for document 2");
}

#[test]
fn a_reason_carries_owner_and_cure() {
    let reason = Reason::new(Code::CodeMissing, "the rule gives no account")
        .at("rules.line.account", "")
        .on_line("ENTRY1");
    let shown = serde_json::to_value(super::reason(&reason)).unwrap();
    assert_eq!(shown["owner"], "administrator");
    assert_eq!(shown["line"], "ENTRY1");
    let message = shown["message"].as_str().unwrap();
    assert!(message.starts_with("the rule gives no account. The rule gives no value"));
}

#[test]
fn a_plan_shows_the_exact_requests() {
    let shown = plan(&sample_plan(vec![
        posting(1, PostingKind::DebitAdj),
        posting(2, PostingKind::Journal),
    ]));
    let body = &shown.postings[0].body;
    assert_eq!(body["Type"], json!({"value": "Debit Adj."}));
    // A Debit Adj. lowers what is owed, so a credit line is sent positive.
    assert_eq!(
        body["Details"][0]["ExtendedCost"]["value"].to_string(),
        "42.50"
    );
    let journal = &shown.postings[1].body;
    assert_eq!(
        journal["Details"][0]["DebitAmount"]["value"].to_string(),
        "42.50"
    );
    assert!(journal["Details"][0].get("CreditAmount").is_none());
    assert_eq!(shown.gross, "42.50");
}
