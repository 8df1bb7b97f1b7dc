//! A server as dumb as can be: one scripted answer per connection, every request kept byte for byte.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::auth::{Application, Token, User};
use crate::{EndpointVersion, Hosts, Session, Site, Transport};

/// What is answered.
pub(super) enum Answer {
    Json(u16, Value),
    /// Status, headers, content type and body.
    Text(u16, &'static str, &'static str, &'static str),
    /// Announces more than it sends.
    Half(u16, &'static str),
    /// Closes without a word.
    Reset,
    /// So many bytes of blank and no end to them announced.
    Flood(u16, usize),
    /// Says nothing until the client gives up.
    Silence,
}

impl Answer {
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::Silence => IMPATIENCE,
            _ => PATIENCE,
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// One option of the query, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let target = self.line().split(' ').nth(1).unwrap();
        let url = url::Url::parse("http://server")
            .unwrap()
            .join(target)
            .unwrap();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// One field of a form.
    pub(super) fn form(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(super) struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) fn answering(script: impl IntoIterator<Item = Answer> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let script: Vec<Answer> = script.into_iter().collect();
        std::thread::spawn(move || {
            for answer in script {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                log.lock().unwrap().push(request);
                give(&mut stream, answer);
            }
        });
        Self { address, seen }
    }

    /// Every request so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request.
    pub(super) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }

    pub(super) fn site(&self) -> Site {
        self.site_at(EndpointVersion::V24)
    }

    pub(super) fn site_at(&self, version: EndpointVersion) -> Site {
        Site::new(
            &format!("{}/site", self.address),
            "ACME",
            "Default",
            version,
            Hosts::Local,
        )
        .unwrap()
    }

    pub(super) fn session(&self) -> Session {
        self.session_waiting(PATIENCE)
    }

    pub(super) fn session_waiting(&self, timeout: Duration) -> Session {
        Session::new(&transport(), &self.site(), token(), timeout)
    }
}

/// For calls that are answered, however busy the machine is.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// For calls that are not.
pub(super) const IMPATIENCE: Duration = Duration::from_millis(300);

pub(super) fn transport() -> Transport {
    // Fails when another test was first; either way there is a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .redirect(reqwest::redirect::Policy::none());
    Transport::new(client.build().unwrap())
}

pub(super) fn token() -> Token {
    Token {
        access_token: "s3cret-token".into(),
        expires_in: Duration::from_hours(1),
        refresh_token: Some("s3cret-refresh".into()),
    }
}

pub(super) fn application() -> Application {
    Application {
        client_id: "0A1B@acme".to_owned(),
        client_secret: "s3cret-client".into(),
    }
}

pub(super) fn user() -> User {
    User {
        name: "s3cret-name".to_owned(),
        password: "s3cret-pass&word".into(),
    }
}

fn read_request(stream: &mut TcpStream) -> Seen {
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let seen = Seen {
                head: head.to_owned(),
                body: body.to_owned(),
            };
            let length = seen
                .header("content-length")
                .map_or(0, |length| length.parse().unwrap());
            if seen.body.len() >= length {
                return seen;
            }
        }
        let count = stream.read(&mut buffer).unwrap();
        assert_ne!(count, 0, "the client left in the middle of its request");
        bytes.extend_from_slice(&buffer[..count]);
    }
}

fn give(stream: &mut TcpStream, answer: Answer) {
    let (status, headers, kind, body, announced) = match answer {
        Answer::Reset => return,
        Answer::Silence => {
            let _ = stream.read(&mut [0; 1]);
            return;
        }
        Answer::Flood(status, bytes) => {
            let head = format!("HTTP/1.1 {status} S\r\nConnection: close\r\n\r\n");
            // The client hangs up in the middle.
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&vec![b' '; bytes]);
            return;
        }
        Answer::Json(status, value) => {
            let body = value.to_string();
            (status, "", "application/json", body.clone(), body.len())
        }
        Answer::Text(status, headers, kind, body) => {
            (status, headers, kind, body.to_owned(), body.len())
        }
        Answer::Half(status, body) => (
            status,
            "",
            "application/json",
            body.to_owned(),
            body.len() + 100,
        ),
    };
    let head = format!(
        "HTTP/1.1 {status} S\r\n{headers}Content-Type: {kind}\r\nContent-Length: {announced}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}
