use posting::plan::PostingKind;
use posting::state::State;
use posting::{Code, Reason};
use serde_json::{Value, json};

use super::*;
use crate::samples::{ID, OTHER, receipt, record};

fn read(event: Value) -> Result<Request, String> {
    serde_json::from_value(event).map_err(|error| error.to_string())
}

#[test]
fn a_request_names_what_is_wrong_with_it() {
    let close = |more: Value| {
        let mut event = json!({"connection": "acme", "documents": [ID], "do": "close"});
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    for (event, named) in [
        (json!({"connection": "acme", "do": "show"}), "`documents`"),
        (
            json!({"connection": "acme", "do": "show", "documents": []}),
            "`documents`",
        ),
        (
            json!({"connection": "acme", "do": "show", "documents": [ID], "state": "held"}),
            "not both",
        ),
        (
            json!({"connection": "acme", "do": "show", "documents": ["R-1"]}),
            "R-1",
        ),
        (json!({"connection": "acme", "documents": [ID]}), "`do`"),
        (
            json!({"connection": "acme", "do": "post", "documents": [ID]}),
            "`post`",
        ),
        (
            json!({"connection": "acme", "do": "show", "state": "lost"}),
            "`lost`",
        ),
        (
            json!({"connection": "acme", "do": "show", "reason": "bad_luck"}),
            "`bad_luck`",
        ),
        (
            json!({"connection": "acme", "do": "show", "older_than": "soon"}),
            "`older_than`",
        ),
        (
            json!({"connection": "acme", "do": "show", "documents": [ID], "aply": true}),
            "`aply`",
        ),
        (close(json!({"by": "kim"})), "`note`"),
        (close(json!({"note": "by hand", "by": " "})), "`by`"),
        (
            close(json!({"by": "kim", "note": "by hand", "documents": [ID, OTHER]})),
            "exactly one",
        ),
        (
            json!({"connection": "acme", "do": "close", "state": "held", "by": "kim", "note": "x"}),
            "exactly one",
        ),
        (json!({"do": "show", "state": "held"}), "`connection`"),
        (
            json!({"connection": "acme", "do": "adopt", "documents": [ID], "by": "kim", "note": "x"}),
            "`numbers`",
        ),
        (
            close(json!({"by": "kim", "note": "x", "numbers": {"1": "Bill 004512"}})),
            "`numbers`",
        ),
        (
            close(json!({"do": "adopt", "by": "kim", "note": "x", "numbers": {"1": "004512"}})),
            "`numbers.1`",
        ),
        (
            close(
                json!({"do": "adopt", "by": "kim", "note": "x", "numbers": {"one": "Bill 004512"}}),
            ),
            "one",
        ),
        (json!({"connection": "acme", "do": "redrive"}), "`redrive`"),
        (json!({"do": "redrive", "state": "held"}), "`redrive`"),
    ] {
        let error = read(event.clone()).unwrap_err();
        assert!(error.contains(named), "{event}: {error}");
    }
    assert!(read(close(json!({"by": "kim", "note": "by hand"}))).is_ok());
    for way in ["return", "adopt", "absent", "allow", "withdraw"] {
        let error = read(close(json!({"do": way, "by": "kim"}))).unwrap_err();
        assert!(error.contains("`note`") && error.contains(way), "{error}");
    }
    assert!(read(json!({"do": "redrive"})).is_ok());
    let dry = read(json!({"connection": "acme", "do": "resume", "older_than": "2d"})).unwrap();
    assert!(!dry.applies());
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
