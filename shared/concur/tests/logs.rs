//! The one log line of a call: what it says and what it never says. A process of its own, because the subscriber of one
//! thread decides for the first caller of a log line in all threads.
#![cfg(test)]

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use concur::documents::DocumentType::Expense;
use concur::{Client, Hosts, Transport};

const ACCESS_TOKEN: &str = "access-token-hunter2";

const ANSWERS: [&str; 2] = [
    "HTTP/1.1 200 OK\r\nconcur-correlationid: corr-1\r\nconnection: close\r\ncontent-length: 62\r\n\r\n\
     {\"content\":[{\"id\":\"1\",\"document\":{\"employeeLastName\":\"Doe\"}}]}",
    "HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 3\r\n\r\nDoe",
];

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives the two answers, one connection each.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in ANSWERS {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = connection.read(&mut request);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    address
}

#[tokio::test]
async fn a_call_leaves_one_line_without_its_contents() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter("concur=trace")
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let _ = rustls::crypto::ring::default_provider().install_default();
    let transport = Transport::new(reqwest::Client::builder().no_proxy().build().unwrap());
    let geolocation = Hosts::local().geolocation(&serve()).unwrap();
    let client = Client::new(
        transport,
        geolocation,
        ACCESS_TOKEN.into(),
        Duration::from_secs(20),
    );
    client
        .by_business_id(Expense, "9B1D30723CBF4F86A574")
        .await
        .unwrap();
    client
        .acknowledge(Expense, "erp-1", &["secret-id"])
        .await
        .unwrap_err();

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    for part in [
        r#""concur.correlation_id":"corr-1""#,
        r#""http.status":502"#,
        r#""http.method":"POST""#,
        "duration_ms",
        "/acknowledgements\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for part in ["Doe", "9B1D", ACCESS_TOKEN, "secret-id"] {
        assert!(!text.contains(part), "{part} in {text}");
    }
}
