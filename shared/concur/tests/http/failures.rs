//! What a caller is told when a call fails, and what it may conclude.

use std::time::Duration;

use crate::server::{ACCESS_TOKEN, PATIENT, Reply, Server, client, raw};
use concur::documents::DocumentType::Expense;
use concur::{Error, Kind};

/// The error of a list (a read) and of an acknowledgement (a write), both answered alike.
async fn both(reply: impl Fn() -> Reply) -> [Error; 2] {
    let server = Server::start([reply(), reply()]).await;
    let client = server.client();
    let read = client.ready(Expense, 0, 25).await.unwrap_err();
    let write = client
        .acknowledge(Expense, "erp-1", &["a1"])
        .await
        .unwrap_err();
    assert_eq!(
        server.seen().len(),
        2,
        "nothing is repeated and no redirect is followed"
    );
    [read, write]
}

#[tokio::test]
async fn a_gateway_page_keeps_status_and_words() {
    for status in [500, 502, 503, 504] {
        let [read, write] =
            both(|| Reply::of(status, "text/html", "<html>\n<h1>Bad Gateway</h1>")).await;
        for error in [&read, &write] {
            assert_eq!(
                (error.kind(), error.http_status()),
                (Kind::Failed, Some(status))
            );
            assert_eq!(error.excerpt(), "<html> <h1>Bad Gateway</h1>");
            assert_eq!(error.correlation_id(), Some("corr-1"));
            assert!(error.is_transient());
        }
        assert!(write.outcome_unknown() && !read.outcome_unknown());
        assert_eq!(
            write.to_string(),
            format!(
                "concur acknowledge: service failed, status {status}, correlation id corr-1, answer: <html> <h1>Bad Gateway</h1>"
            )
        );
    }
}

#[tokio::test]
async fn too_many_calls_wait_as_asked() {
    for (header, wait) in [
        ("7", Some(7)),
        ("0", Some(0)),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ] {
        for error in
            both(|| Reply::of(429, "application/json", "{}").with("retry-after", header)).await
        {
            assert_eq!(error.kind(), Kind::Throttled);
            assert_eq!(error.retry_after(), wait.map(Duration::from_secs));
            assert!(error.is_transient() && !error.outcome_unknown());
        }
    }
}

#[tokio::test]
async fn an_expired_token_is_unauthorized() {
    for status in [401, 403] {
        for error in
            both(|| Reply::of(status, "application/json", r#"{"message":"expired"}"#)).await
        {
            assert!(error.is_unauthorized());
            assert!(!error.is_transient() && !error.outcome_unknown());
        }
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_proves_that_nothing_happened() {
    for (status, once) in [(400, true), (404, false), (409, false)] {
        for error in both(|| Reply::of(status, "application/json", r#"{"message":"bad"}"#)).await {
            assert_eq!(
                (error.kind(), error.http_status()),
                (Kind::Refused, Some(status))
            );
            assert_eq!(error.may_repeat_once(), once);
            assert!(!error.is_transient() && !error.outcome_unknown());
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for error in
        both(|| Reply::of(307, "text/html", "").with("location", "http://127.0.0.1:1/elsewhere"))
            .await
    {
        assert_eq!(error.kind(), Kind::Redirected);
        assert!(!error.is_transient() && !error.outcome_unknown());
    }
}

#[tokio::test]
async fn an_unreadable_answer_shows_pages_and_hides_documents() {
    let [read, write] = both(|| Reply::of(200, "text/html", "<html>maintenance")).await;
    assert_eq!(
        (read.kind(), read.excerpt()),
        (Kind::Unreadable, "<html>maintenance")
    );
    assert!(read.is_transient() && write.outcome_unknown());

    for body in [
        r#"{"content":[{"id":"1","document":{"employeeLastName":"Doe"#,
        r#"{"content":"Doe"}"#,
        r#"{"message":"Doe"}"#,
    ] {
        let [read, write] = both(|| Reply::json(body)).await;
        for error in [read, write] {
            assert_eq!(
                (error.kind(), error.http_status()),
                (Kind::Unreadable, Some(200))
            );
            assert_eq!(error.excerpt(), format!("({} bytes withheld)", body.len()));
            let source = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                !format!("{error} {error:?} {source}").contains("Doe"),
                "{source}"
            );
        }
    }
}

#[tokio::test]
async fn a_cut_answer_keeps_its_status() {
    let address = raw(
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\nConcur-CorrelationID: corr-2\r\n\r\n{\"content\":[",
        Duration::ZERO,
    );
    let error = client(&address, PATIENT)
        .ready(Expense, 0, 25)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (Kind::Broken, Some(200))
    );
    assert_eq!(
        error.correlation_id(),
        Some("corr-2"),
        "the case of the name does not matter"
    );
    assert!(error.is_transient());

    let address = raw(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 900\r\n\r\n<html>",
        Duration::ZERO,
    );
    let error = client(&address, PATIENT)
        .ready(Expense, 0, 25)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status(), error.excerpt()),
        (Kind::Failed, Some(502), "<html>")
    );

    let address = raw("", Duration::ZERO);
    let error = client(&address, PATIENT)
        .acknowledge(Expense, "erp-1", &["a1"])
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::Broken, None));
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn an_answer_too_large_is_not_read() {
    let address = raw(
        "HTTP/1.1 200 OK\r\ncontent-length: 25165825\r\n\r\n{",
        PATIENT,
    );
    let error = client(&address, PATIENT)
        .ready(Expense, 0, 25)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (Kind::TooLarge, Some(200))
    );
    assert!(!error.is_transient());
    let small = raw("HTTP/1.1 200 OK\r\ncontent-length: 901\r\n\r\n{", PATIENT);
    let error = client(&small, PATIENT)
        .ready_within(Expense, (0, 25), 900)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);

    // Without an announced length the bytes are counted.
    let body = format!("[{}]", " ".repeat(1024 * 1024));
    let server = Server::start([Reply::json(&body)]).await;
    let error = server
        .client()
        .acknowledge(Expense, "erp-1", &["a1"])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(error.outcome_unknown());
}

#[tokio::test]
async fn a_late_answer_is_a_time_out() {
    let soon = Duration::from_millis(80);
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"content\":[",
    ] {
        let error = client(&raw(answer, PATIENT), soon)
            .ready(Expense, 0, 25)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{answer}");
        assert!(error.is_transient() && !error.outcome_unknown());
        let error = client(&raw(answer, PATIENT), soon)
            .acknowledge(Expense, "erp-1", &["a1"])
            .await
            .unwrap_err();
        assert!(error.outcome_unknown());
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let error = client("http://127.0.0.1:1", PATIENT)
        .acknowledge(Expense, "erp-1", &["a1"])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.is_transient() && !error.outcome_unknown());
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let echo = format!("not accepted: Bearer {ACCESS_TOKEN}");
    for error in both(|| Reply::of(401, "text/plain", &echo)).await {
        assert_eq!(error.excerpt(), "not accepted: Bearer [secret]");
        assert!(!format!("{error} {error:?}").contains(ACCESS_TOKEN));
    }
    let client = client("http://127.0.0.1:1", PATIENT);
    assert!(!format!("{client:?} {:?}", crate::server::transport()).contains(ACCESS_TOKEN));
    let error = client
        .by_business_id(Expense, "9B1D30723CBF4F86A574")
        .await
        .unwrap_err();
    let source = std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(
        !format!("{error} {error:?} {source}").contains("9B1D"),
        "an address names its document"
    );
}
