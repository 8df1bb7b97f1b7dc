//! What the log is told.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::server::{Answer, Server};
use crate::{Bill, Filter, Query};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    /// Everything this thread logs until the guard is dropped.
    fn open(&self) -> tracing::subscriber::DefaultGuard {
        let writer = self.clone();
        let builder = tracing_subscriber::fmt().with_ansi(false);
        tracing::subscriber::set_default(builder.with_writer(move || writer.clone()).finish())
    }

    /// Our lines.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        let ours = text.lines().filter(|line| line.contains(" acumatica::"));
        ours.map(str::to_owned).collect()
    }
}

fn check(lines: &[String], expected: &[&[&str]]) {
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, parts) in lines.iter().zip(expected) {
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

#[tokio::test]
async fn one_line_per_call() {
    let page = Page::default();
    let _open = page.open();
    let server = Server::answering([
        Answer::Json(200, json!([])),
        Answer::Json(422, json!({"error": "s3cret-body"})),
        Answer::Text(204, "", "text/plain", ""),
    ]);
    let mut session = server.session();
    let query = Query::matching(Filter::eq("VendorRef", "s3cret-reference"));
    session.list::<Bill>(&query).await.unwrap();
    session.insert(&Bill::default()).await.unwrap_err();
    session.sign_out().await.unwrap();

    let bill = "path=\"/site/entity/Default/24.200.001/Bill\"";
    let logout = "path=\"/site/entity/auth/logout\"";
    let expected: [&[&str]; 3] = [
        &["INFO", "method=GET", bill, "status=200", "duration_ms="],
        &["INFO", "method=PUT", bill, "status=422", "duration_ms="],
        &["INFO", "method=POST", logout, "status=204", "duration_ms="],
    ];
    check(&page.lines(), &expected);
}

#[test]
fn a_forgotten_seat_is_reported_and_a_kept_one_is_not() {
    let page = Page::default();
    let _open = page.open();
    let server = Server::answering([]);
    drop(server.session().keep());
    check(&page.lines(), &[]);
    drop(server.session());
    check(
        &page.lines(),
        &[&[
            "WARN",
            "neither signed out nor handed on",
            "tenant=\"ACME\"",
        ]],
    );
}
