//! A local HTTP server that answers as it is told and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::TcpListener as RawListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use concur::{Client, Geolocation, Hosts, Transport};

/// The token every client of these tests carries.
pub(crate) const ACCESS_TOKEN: &str = "access-token-hunter2";
/// Long enough for a busy machine.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

/// One request as it arrived.
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// One answer to give.
pub(crate) struct Reply(
    pub(crate) u16,
    pub(crate) Vec<(&'static str, String)>,
    pub(crate) String,
);

impl Reply {
    pub(crate) fn json(body: &str) -> Self {
        Self::of(200, "application/json", body)
    }

    pub(crate) fn of(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("concur-correlationid", "corr-1".to_owned()),
        ];
        Self(status, headers, body.to_owned())
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.1.push((name, value.to_owned()));
        self
    }
}

pub(crate) struct Server {
    pub(crate) address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts on a free port and gives the answers in this order; afterwards 418.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let answer = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8(body.to_vec()).unwrap();
            kept.lock().unwrap().push(Seen {
                method,
                uri: uri.to_string(),
                headers,
                body,
            });
            let reply = replies.lock().unwrap().pop_front();
            std::future::ready(response(reply))
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { address, seen }
    }

    /// Everything that was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    pub(crate) fn client(&self) -> Client {
        client(&self.address, PATIENT)
    }
}

fn response(reply: Option<Reply>) -> Response {
    let Some(Reply(status, headers, body)) = reply else {
        return StatusCode::IM_A_TEAPOT.into_response();
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// Serves one connection with exactly these bytes, waits, and closes it: for what a well-behaved server cannot do.
pub(crate) fn raw(answer: &'static str, then: Duration) -> String {
    let listener = RawListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = connection.read(&mut request);
        let _ = connection.write_all(answer.as_bytes());
        std::thread::sleep(then);
    });
    address
}

pub(crate) fn transport() -> Transport {
    // Set once per process; the second test finds it set.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    Transport::new(client.build().unwrap())
}

pub(crate) fn local(address: &str) -> Geolocation {
    Hosts::local().geolocation(address).unwrap()
}

pub(crate) fn client(address: &str, answer_timeout: Duration) -> Client {
    Client::new(
        transport(),
        local(address),
        ACCESS_TOKEN.into(),
        answer_timeout,
    )
}
