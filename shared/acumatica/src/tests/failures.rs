//! What a failed call says of itself, for reads and for writes.

use std::error::Error as _;
use std::time::Duration;

use serde_json::json;

use super::server::{Answer, PATIENCE, Server, token, transport};
use crate::transport::ANSWER_LIMIT_BYTES;
use crate::{Bill, BillDetail, Error, Kind, Query, Session, Site};

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";
const BUSINESS: &str = r#"{"message": "An error has occurred.", "exceptionMessage": "The document is out of balance.", "exceptionType": "PX.Data.PXException", "stackTrace": "at PX.Secret"}"#;
const LOCKED: &str = r#"{"exceptionMessage": "Another process has updated the 'APRegister' record.", "exceptionType": "PX.Data.PXLockViolationException"}"#;
const NO_ROWS: &str =
    r#"{"exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"}"#;
const LIMIT: &str =
    r#"{"exceptionMessage": "API Login Limit", "exceptionType": "PX.Data.PXException"}"#;
const BUSY: &str = r#"{"exceptionMessage": "The previous operation has not been completed yet.", "exceptionType": "PX.Data.PXException"}"#;
const BUSY_ECHO: &str = r#"{"error": "Error: The previous operation has not been completed yet."}"#;
const ECHO: &str = r#"{"error": "raised errors", "Details": [{}, {"Project": {"value": "P9 ", "error": "'P9' cannot be found in the system."}}]}"#;

async fn read(answer: Answer) -> Error {
    let patience = answer.patience();
    let server = Server::answering([answer]);
    let mut session = server.session_waiting(patience);
    let error = session.list::<Bill>(&Query::all()).await.unwrap_err();
    drop(session.keep());
    error
}

async fn write(answer: Answer) -> Error {
    let patience = answer.patience();
    let server = Server::answering([answer]);
    let mut session = server.session_waiting(patience);
    let bill = Bill {
        details: vec![BillDetail::default()],
        ..Bill::default()
    };
    let error = session.insert(&bill).await.unwrap_err();
    drop(session.keep());
    error
}

fn answer(status: u16, body: &'static str) -> Answer {
    let kind = if body.starts_with('<') {
        "text/html"
    } else {
        "application/json"
    };
    Answer::Text(status, "", kind, body)
}

/// Status, body, kind, transient, outcome of a write unknown.
const TABLE: &[(u16, &str, Kind, bool, bool)] = &[
    (200, HTML, Kind::Unreadable, false, true),
    (200, r#"{"ReferenceNbr": {"val"#, Kind::Broken, true, true),
    (302, "", Kind::Unreadable, false, true),
    (
        400,
        r#"{"message": "The request is invalid.", "modelState": {"entity": ["no"]}}"#,
        Kind::Refused,
        false,
        false,
    ),
    (400, HTML, Kind::Refused, false, true),
    (401, "", Kind::Unauthorized, false, false),
    (401, HTML, Kind::Unauthorized, false, false),
    (
        403,
        r#"{"message": "You have insufficient rights to access the Bill (AP301000) form."}"#,
        Kind::Forbidden,
        false,
        false,
    ),
    (404, HTML, Kind::Other, false, true),
    (404, "{}", Kind::NotFound, false, true),
    (408, "", Kind::TimedOut, true, true),
    (411, HTML, Kind::Other, false, true),
    (412, "", Kind::Other, false, true),
    (422, ECHO, Kind::Refused, false, false),
    (429, "", Kind::TooManyRequests, true, false),
    (429, HTML, Kind::TooManyRequests, true, false),
    (403, LIMIT, Kind::LoginLimit, true, false),
    (500, LIMIT, Kind::LoginLimit, true, true),
    (500, BUSINESS, Kind::BusinessException, false, true),
    (500, LOCKED, Kind::Server, true, true),
    (500, BUSY, Kind::Busy, true, true),
    (422, BUSY_ECHO, Kind::Busy, true, false),
    (500, NO_ROWS, Kind::NotFound, false, true),
    (
        500,
        r#"{"message": "An error has occurred."}"#,
        Kind::Server,
        true,
        true,
    ),
    (500, HTML, Kind::Server, true, true),
    (500, "", Kind::Server, true, true),
    (502, HTML, Kind::Server, true, true),
    (503, "", Kind::Server, true, true),
    (504, HTML, Kind::Server, true, true),
];

#[tokio::test]
async fn the_status_table() {
    for &(status, body, kind, transient, unknown) in TABLE {
        for (error, unknown) in [
            (write(answer(status, body)).await, unknown),
            (read(answer(status, body)).await, false),
        ] {
            let told = (
                error.status(),
                error.kind(),
                error.is_transient(),
                error.outcome_unknown(),
            );
            assert_eq!(
                told,
                (Some(status), kind, transient, unknown),
                "{status} {body}"
            );
            assert_eq!(
                error.is_business_exception(),
                kind == Kind::BusinessException
            );
            assert_eq!(error.is_login_limit(), kind == Kind::LoginLimit);
            assert_eq!(error.is_unauthorized(), kind == Kind::Unauthorized);
            let text = format!("{error} {error:?} {}", error.excerpt());
            assert!(
                !text.contains("PX.Secret") && !text.contains("s3cret"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_is_not_quoted() {
    for body in [
        r#"[{"Date": {"value": "Jane Roe"}}]"#,
        r#"{"Date": {"value": "Jane Roe"}}"#,
        r#"["Jane Roe"]"#,
    ] {
        for error in [
            read(answer(200, body)).await,
            write(answer(200, body)).await,
        ] {
            assert_eq!(error.kind(), Kind::Unreadable, "{body}");
            let text = format!("{error} {error:?}");
            assert!(!text.contains("Jane"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_refused_line_is_named() {
    let error = write(answer(422, ECHO)).await;
    assert_eq!(error.message(), "raised errors");
    let [fault] = error.faults() else {
        panic!("{:?}", error.faults())
    };
    assert_eq!(
        (fault.path.as_str(), fault.value.as_deref(), fault.line()),
        ("Details[1].Project", Some("P9"), Some(1))
    );
    assert_eq!(
        error.to_string(),
        "PUT /site/entity/Default/24.200.001/Bill answered 422: raised errors; Details[1].Project: 'P9' cannot be found in the system"
    );
    let business = write(answer(500, BUSINESS)).await;
    assert_eq!(
        business.to_string(),
        "PUT /site/entity/Default/24.200.001/Bill answered 500: The document is out of balance"
    );
}

#[tokio::test]
async fn a_page_keeps_its_beginning() {
    let error = read(answer(502, HTML)).await;
    assert_eq!(error.excerpt(), HTML);
    assert_eq!(
        error.to_string(),
        "GET /site/entity/Default/24.200.001/Bill answered 502: the answer is not JSON"
    );
    let long = json!({ "message": "é".repeat(5_000) });
    assert_eq!(
        read(Answer::Json(403, long))
            .await
            .excerpt()
            .chars()
            .count(),
        300
    );
}

#[tokio::test]
async fn the_server_may_say_how_long() {
    for (headers, expected) in [
        ("Retry-After: 30\r\n", Some(Duration::from_secs(30))),
        ("", None),
    ] {
        let error = write(Answer::Text(429, headers, "text/plain", "")).await;
        assert_eq!(
            (error.retry_after(), error.is_transient()),
            (expected, true)
        );
    }
}

#[tokio::test]
async fn half_answers_and_silence() {
    for (script, kind, status) in [
        (vec![Answer::Silence, Answer::Silence], Kind::TimedOut, None),
        (vec![Answer::Reset, Answer::Reset], Kind::Broken, None),
        (
            vec![Answer::Half(200, "[{"), Answer::Half(200, "{\"Ref")],
            Kind::Broken,
            Some(200),
        ),
    ] {
        let mut script = script.into_iter();
        let reading = read(script.next().unwrap()).await;
        let writing = write(script.next().unwrap()).await;
        assert_eq!(
            (reading.kind(), reading.status(), reading.outcome_unknown()),
            (kind, status, false),
            "{reading:?}"
        );
        assert_eq!(
            (writing.kind(), writing.status(), writing.outcome_unknown()),
            (kind, status, true),
            "{writing:?}"
        );
        assert!(writing.is_transient());
        assert!(
            !format!("{:?} {}", writing, writing.source().unwrap()).contains("$select"),
            "no query in errors"
        );
    }
    let cut = write(Answer::Half(422, ECHO)).await;
    assert_eq!(
        (cut.kind(), cut.status(), cut.faults().len()),
        (Kind::Refused, Some(422), 1)
    );
}

#[tokio::test]
async fn no_connection_proves_that_nothing_was_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let site = Site::new(
        &format!("http://{closed}"),
        "ACME",
        "Default",
        crate::EndpointVersion::V24,
        crate::Hosts::Local,
    )
    .unwrap();
    let mut session = Session::new(&transport(), &site, token(), PATIENCE);
    let error = session.insert(&Bill::default()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_transient(), error.outcome_unknown()),
        (Kind::Unreachable, true, false)
    );
    drop(session.keep());
}

#[tokio::test]
async fn a_redirect_is_a_failure_not_a_way() {
    let server = Server::answering([
        Answer::Text(
            302,
            "Location: /site/Frames/Login.aspx\r\n",
            "text/html",
            HTML,
        ),
        Answer::Json(200, json!([])),
    ]);
    let mut session = server.session();
    let error = session.list::<Bill>(&Query::all()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (Kind::Unreadable, Some(302))
    );
    assert_eq!(server.seen().len(), 1);
    drop(session.keep());
}

#[tokio::test]
async fn an_answer_too_large_is_not_read() {
    let bytes = ANSWER_LIMIT_BYTES + 64 * 1024;
    let server = Server::answering([Answer::Flood(200, bytes), Answer::Flood(500, bytes)]);
    let mut session = server.session();
    let error = session.list::<Bill>(&Query::all()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (Kind::Unreadable, Some(200))
    );
    assert!(error.to_string().contains("is larger than"), "{error}");
    let error = session.list::<Bill>(&Query::all()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Server, Some(500)));
    drop(session.keep());
}
