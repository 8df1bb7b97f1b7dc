use posting::plan::PostingKind;
use posting::state::State;
use posting::{Code, Reason};
use serde_json::{Value, json};

use super::*;
use crate::samples::{ID, OTHER, receipt, record};

fn read(event: Value) -> Result<Request, String> {
    serde_json::from_value(event).map_err(|error| error.to_string())
}

/// A decision about one document: closing it, with these fields changed.
fn close(more: &Value) -> Value {
    let mut event = json!({"connection": "acme", "documents": [ID], "do": "close"});
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

/// The same, changed, by somebody who says why.
fn signed(more: &Value) -> Value {
    let mut event = close(&json!({"by": "kim", "note": "by hand"}));
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn is_told(event: &Value, named: &str) {
    let error = read(event.clone()).unwrap_err();
    assert!(error.contains(named), "{event}: {error}");
}

#[test]
fn a_choice_of_documents_names_what_is_wrong_with_it() {
    for (more, named) in [
        (json!({}), "`documents`"),
        (json!({"documents": []}), "`documents`"),
        (json!({"documents": [ID], "state": "held"}), "not both"),
        (json!({"documents": ["R-1"]}), "R-1"),
        (json!({"state": "lost"}), "`lost`"),
        (json!({"reason": "bad_luck"}), "`bad_luck`"),
        (json!({"older_than": "soon"}), "`older_than`"),
        (json!({"documents": [ID], "aply": true}), "`aply`"),
    ] {
        let mut event = json!({"connection": "acme", "do": "show"});
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        is_told(&event, named);
    }
    is_told(&json!({"connection": "acme", "documents": [ID]}), "`do`");
    is_told(&json!({"do": "show", "state": "held"}), "`connection`");
    is_told(&signed(&json!({"do": "post"})), "`post`");
    let dry = read(json!({"connection": "acme", "do": "resume", "older_than": "2d"})).unwrap();
    assert!(!dry.applies());
}

#[test]
fn a_decision_is_about_one_document_and_bears_a_name() {
    for way in ["return", "adopt", "absent", "allow", "withdraw", "close"] {
        for (more, named) in [
            (json!({"do": way, "by": "kim"}), "`note`"),
            (json!({"do": way, "note": "x", "by": " "}), "`by`"),
            (json!({"do": way, "documents": [ID, OTHER]}), "exactly one"),
            (
                json!({"do": way, "documents": null, "state": "held"}),
                "exactly one",
            ),
        ] {
            is_told(&close(&more), named);
            is_told(&close(&more), way);
        }
    }
    assert!(read(signed(&json!({}))).is_ok());
}

#[test]
fn numbers_belong_to_adopt_and_nothing_to_redrive() {
    for (more, named) in [
        (json!({"do": "adopt"}), "`numbers`"),
        (json!({"do": "adopt", "numbers": {}}), "`numbers`"),
        (json!({"numbers": {"1": "Bill 004512"}}), "`numbers`"),
        (
            json!({"do": "adopt", "numbers": {"1": "004512"}}),
            "`numbers.1`",
        ),
        (
            json!({"do": "adopt", "numbers": {"one": "Bill 004512"}}),
            "`one`",
        ),
    ] {
        is_told(&signed(&more), named);
    }
    is_told(&json!({"connection": "acme", "do": "redrive"}), "`redrive`");
    is_told(&json!({"do": "redrive", "state": "held"}), "`redrive`");
    assert!(read(json!({"do": "redrive"})).is_ok());
}

#[test]
fn closing_says_what_stays_in_acumatica() {
    let held = |stopped| {
        let state = State::Held {
            reasons: vec![Reason::new(Code::Recalled, "recalled")],
            resume: Box::new(stopped),
        };
        record(ID, state)
    };
    let receipts = vec![receipt(PostingKind::Bill, "004512", "Open")];
    let posted = held(State::Posted { plan: 1, receipts });
    assert!(
        wish::says_of(posting::remedy::Do::Close, &posted, &posted).contains("Bill 004512 stays")
    );
    let early = held(State::Acknowledged);
    assert!(
        wish::says_of(posting::remedy::Do::Close, &early, &early)
            .contains("no posting of it is known")
    );
}

#[test]
fn a_number_is_named_with_its_type() {
    let adopt = |text: &str| {
        read(json!({
            "connection": "acme", "documents": [ID], "do": "adopt", "by": "kim", "note": "x", "numbers": {"2": text},
        }))
        .map(|request| {
            let named = request.numbers.get(&2).unwrap();
            (named.kind, named.number.clone())
        })
    };
    for (text, kind, number) in [
        ("Bill 004512", PostingKind::Bill, "004512"),
        (" Debit Adj. 000031 ", PostingKind::DebitAdj, "000031"),
        ("Credit Adj. 000007", PostingKind::CreditAdj, "000007"),
        ("GL 000877", PostingKind::Journal, "000877"),
    ] {
        assert_eq!(adopt(text), Ok((kind, number.to_owned())), "{text}");
    }
    for text in ["", "Bill", "Bill ", "Bill004512", "Invoice 004512"] {
        assert!(adopt(text).unwrap_err().contains("`Bill 004512`"), "{text}");
    }
}
