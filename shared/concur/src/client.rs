//! The client of one company: a base address, an access token, and the one place every call passes through.

use std::fmt;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::{Error, Kind};
use crate::transport::{Geolocation, Transport};

mod excerpt;

/// Concur's id of a call, in every answer; the case of the name varies and does not matter.
const CORRELATION_ID: &str = "concur-correlationid";
/// Longer than any correlation id seen, so that a proxy cannot flood the log.
const CORRELATION_ID_CHARS_MAX: usize = 100;

/// What a call does on the other side, which decides what an error leaves unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing changes; may be repeated at will.
    Read,
    /// Something may have changed even if no answer came.
    Write,
}

/// How Concur is asked to send the document inside its envelope (`DocumentFormatAs`). Both forms are read either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentFormat {
    /// A JSON object.
    #[default]
    Json,
    /// A JSON string that holds the object.
    Text,
}

impl DocumentFormat {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
        }
    }
}

/// A company's Financial Integration Service, at the geolocation of its last token.
///
/// It neither refreshes nor keeps tokens: on [`Kind::Unauthorized`] get a new one with [`auth::refresh`](crate::auth::refresh)
/// and make a new client. It repeats nothing.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
    geolocation: Geolocation,
    access_token: SecretString,
    answer_timeout: Duration,
    document_format: DocumentFormat,
}

impl Client {
    /// A client that waits `answer_timeout` for each complete answer (a service should answer within 60 s).
    #[must_use]
    pub fn new(
        transport: Transport,
        geolocation: Geolocation,
        access_token: SecretString,
        answer_timeout: Duration,
    ) -> Self {
        Self {
            transport,
            geolocation,
            access_token,
            answer_timeout,
            document_format: DocumentFormat::default(),
        }
    }

    /// The same client, asking for documents in the other form.
    #[must_use]
    pub fn with_document_format(self, document_format: DocumentFormat) -> Self {
        Self {
            document_format,
            ..self
        }
    }

    pub(crate) async fn get(
        &self,
        operation: &'static str,
        path: &str,
        query: &str,
        answer_bytes_max: usize,
    ) -> Result<Answer, Error> {
        let call = Call {
            query,
            answer_bytes_max,
            ..self.call(operation, Effect::Read, path)
        };
        send(&self.transport, call).await?.accepted()
    }

    pub(crate) async fn post(
        &self,
        operation: &'static str,
        path: &str,
        request: &impl serde::Serialize,
        answer_bytes_max: usize,
    ) -> Result<Answer, Error> {
        let bytes = serde_json::to_vec(request)
            .map_err(|fault| Error::new(operation, Effect::Read, Kind::Refused).caused_by(fault))?;
        let body = Some(Body {
            content_type: "application/json",
            bytes,
        });
        let call = Call {
            body,
            answer_bytes_max,
            ..self.call(operation, Effect::Write, path)
        };
        send(&self.transport, call).await?.accepted()
    }

    fn call<'a>(&'a self, operation: &'static str, effect: Effect, path: &'a str) -> Call<'a> {
        Call {
            operation,
            effect,
            geolocation: &self.geolocation,
            path,
            query: "",
            bearer: Some(&self.access_token),
            document_format: Some(self.document_format),
            body: None,
            secrets: &[],
            answer_timeout: self.answer_timeout,
            answer_bytes_max: 0,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("geolocation", &self.geolocation)
            .finish_non_exhaustive()
    }
}

/// One call, complete before it starts.
pub(crate) struct Call<'a> {
    /// Its name in errors and log lines.
    pub(crate) operation: &'static str,
    pub(crate) effect: Effect,
    pub(crate) geolocation: &'a Geolocation,
    pub(crate) path: &'a str,
    /// Empty or beginning with `?`; never logged, because it names documents.
    pub(crate) query: &'a str,
    pub(crate) bearer: Option<&'a SecretString>,
    pub(crate) document_format: Option<DocumentFormat>,
    /// POST with this body, GET without.
    pub(crate) body: Option<Body>,
    /// What the request carries besides the bearer token and an answer might echo.
    pub(crate) secrets: &'a [&'a SecretString],
    /// From the start of the call to the last byte of the answer.
    pub(crate) answer_timeout: Duration,
    pub(crate) answer_bytes_max: usize,
}

/// A complete body: chunked transfer-encoding, which Concur answers with 400, cannot arise from it.
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// An answer with its status, before anybody tried to read its body.
pub(crate) struct Answer {
    operation: &'static str,
    effect: Effect,
    pub(crate) status: u16,
    correlation_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
    excerpt: Box<str>,
}

impl Answer {
    /// This answer if its status is 2xx, else the error it stands for.
    pub(crate) fn accepted(self) -> Result<Self, Error> {
        let kind = match self.status {
            200..=299 => return Ok(self),
            300..=399 => Kind::Redirected,
            401 | 403 => Kind::Unauthorized,
            429 => Kind::Throttled,
            400..=499 => Kind::Refused,
            _ => Kind::Failed,
        };
        Err(self.error(kind))
    }

    /// Reads the body as JSON.
    pub(crate) fn read<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Error> {
        // The reader's own message can quote the document, so only the place is kept.
        serde_json::from_slice(&self.body).map_err(|fault| {
            self.error(Kind::Unreadable)
                .caused_by(NotReadable::from(&fault))
        })
    }

    /// An error about this answer.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        Error::new(self.operation, self.effect, kind)
            .with_answer(
                self.status,
                self.correlation_id.as_deref(),
                self.excerpt.clone(),
            )
            .with_retry_after(self.retry_after)
    }
}

/// Where a JSON answer stopped being readable.
#[derive(Debug, thiserror::Error)]
#[error("{what} at line {line} column {column}")]
struct NotReadable {
    what: &'static str,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for NotReadable {
    fn from(fault: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let what = match fault.classify() {
            Category::Eof => "json ends too early",
            Category::Data => "json of another shape",
            Category::Syntax | Category::Io => "not json",
        };
        Self {
            what,
            line: fault.line(),
            column: fault.column(),
        }
    }
}

/// Makes one call and writes its one log line. Every call of this crate passes here; nothing is repeated.
pub(crate) async fn send(transport: &Transport, call: Call<'_>) -> Result<Answer, Error> {
    let (operation, path) = (call.operation, call.path.to_owned());
    let method = if call.body.is_some() { "POST" } else { "GET" };
    let begun = Instant::now();
    let outcome = exchange(transport, call).await;
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &outcome {
        Ok(answer) => tracing::info!(
            operation,
            http.method = method,
            url.path = path,
            http.status = answer.status,
            http.answer_bytes = answer.body.len(),
            duration_ms,
            concur.correlation_id = answer.correlation_id.as_deref(),
            "concur answered"
        ),
        Err(error) => tracing::info!(
            operation,
            http.method = method,
            url.path = path,
            http.status = error.http_status(),
            duration_ms,
            concur.correlation_id = error.correlation_id(),
            failure = ?error.kind(),
            "concur gave no complete answer"
        ),
    }
    outcome
}

async fn exchange(transport: &Transport, mut call: Call<'_>) -> Result<Answer, Error> {
    let (operation, effect) = (call.operation, call.effect);
    let secrets: Vec<&str> = call
        .secrets
        .iter()
        .copied()
        .chain(call.bearer)
        .map(ExposeSecret::expose_secret)
        .collect();
    let body = call.body.take();
    let request = request(&call, body).map_err(|source| {
        // What cannot be sent was not sent: that counts as no connection.
        Error::new(operation, effect, Kind::Connect).caused_by(source)
    })?;
    let response = transport
        .carry(request)
        .await
        .map_err(|unanswered| Error::unanswered(operation, effect, unanswered))?;

    let mut answer = Answer {
        operation,
        effect,
        status: response.status().as_u16(),
        correlation_id: correlation_id(&response),
        retry_after: retry_after(&response),
        body: Vec::new(),
        excerpt: "".into(),
    };
    let complete = read_body(response, call.answer_bytes_max, &mut answer.body).await;
    answer.excerpt = excerpt::of(answer.status, &answer.body, &secrets);
    match complete {
        // Status first: what a failing gateway said stays true when its page breaks off.
        _ if !(200..=299).contains(&answer.status) => Ok(answer),
        Ok(()) => Ok(answer),
        Err(Incomplete::TooLarge) => Err(answer.error(Kind::TooLarge)),
        Err(Incomplete::Timeout(source)) => {
            Err(answer.error(Kind::Timeout).caused_by(source.without_url()))
        }
        Err(Incomplete::Broken(source)) => {
            Err(answer.error(Kind::Broken).caused_by(source.without_url()))
        }
    }
}

/// The request as it leaves.
fn request(call: &Call<'_>, body: Option<Body>) -> Result<Request, Unsendable> {
    let url = format!("{}{}{}", call.geolocation, call.path, call.query);
    let url = Url::parse(&url).map_err(|_| Unsendable::Address)?;
    let method = match body {
        Some(_) => Method::POST,
        None => Method::GET,
    };
    let mut request = Request::new(method, url);
    *request.timeout_mut() = Some(call.answer_timeout);
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = call.bearer {
        let bearer = format!("Bearer {}", token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| Unsendable::Token)?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    if let Some(format) = call.document_format {
        let format = HeaderValue::from_static(format.as_str());
        headers.insert("DocumentFormatAs", format);
    }
    if let Some(body) = body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(body.content_type));
        *request.body_mut() = Some(body.bytes.into());
    }
    Ok(request)
}

/// Why a request cannot leave; neither text is shown, because both can be secret.
#[derive(Debug, thiserror::Error)]
enum Unsendable {
    #[error("the address cannot be read")]
    Address,
    #[error("the token cannot stand in a header")]
    Token,
}

enum Incomplete {
    TooLarge,
    Timeout(reqwest::Error),
    Broken(reqwest::Error),
}

async fn read_body(
    mut response: Response,
    bytes_max: usize,
    body: &mut Vec<u8>,
) -> Result<(), Incomplete> {
    let announced = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(Incomplete::TooLarge);
    }
    body.reserve_exact(announced.unwrap_or_default());
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(()),
            Ok(Some(chunk)) if body.len() + chunk.len() > bytes_max => {
                return Err(Incomplete::TooLarge);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(source) if source.is_timeout() => return Err(Incomplete::Timeout(source)),
            Err(source) => return Err(Incomplete::Broken(source)),
        }
    }
}

fn correlation_id(response: &Response) -> Option<Box<str>> {
    let id = response.headers().get(CORRELATION_ID)?.to_str().ok()?;
    Some(id.chars().take(CORRELATION_ID_CHARS_MAX).collect())
}

/// Seconds only: no Concur answer with a date is published, and a missing delay is always a safe reading.
fn retry_after(response: &Response) -> Option<Duration> {
    response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}
