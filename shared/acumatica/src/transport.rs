//! The one place that sends: time-out, size limit, status first, one log line per call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, IF_MATCH,
    LOCATION, RETRY_AFTER,
};
use reqwest::{Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::carrier::{Carrier, Unanswered};
use crate::error::{Effect, Error, Kind, Label};

/// Bytes read of one answer: a chart of accounts or a vendor list, not more.
pub(crate) const ANSWER_LIMIT_BYTES: usize = 32 * 1024 * 1024;

/// The way to Acumatica, shared by all sessions, the HTTP client as a rule; cheap to clone.
///
/// The HTTP client must not follow redirects, and should give up on connecting after a few seconds.
#[derive(Clone, Debug)]
pub struct Transport(Arc<dyn Carrier>);

/// What is sent besides the address.
pub(crate) enum Body {
    /// Nothing, with `Content-Length: 0` where the method could carry something: without it IIS answers 411.
    Empty,
    Json(Vec<u8>),
    /// JSON for a record that must exist already: otherwise the server would make one.
    Update(Vec<u8>),
    Form(Vec<u8>),
}

/// One call.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) bearer: Option<&'a SecretString>,
    pub(crate) body: Body,
    pub(crate) timeout: Duration,
    pub(crate) effect: Effect,
}

/// A good answer. An empty body is `Null`.
pub(crate) struct Answer {
    pub(crate) label: Label,
    pub(crate) status: u16,
    /// Where a running action reports, as it came.
    pub(crate) location: Option<String>,
    /// The server's clock when it answered.
    pub(crate) date: Option<Timestamp>,
    pub(crate) json: Value,
}

impl Call<'_> {
    pub(crate) fn label(&self) -> Label {
        Label::of(self.effect, &self.method, &self.url)
    }
}

impl Transport {
    /// Wraps a client.
    #[must_use]
    pub fn new(client: reqwest::Client) -> Self {
        Self::over(Arc::new(client))
    }

    /// Goes another way than over the network.
    #[must_use]
    pub fn over(carrier: Arc<dyn Carrier>) -> Self {
        Self(carrier)
    }

    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let (label, path) = (call.label(), call.url.path().to_owned());
        let (method, begun) = (call.method.clone(), Instant::now());
        let result = self.exchange(call, label).await;
        let status = match &result {
            Ok(answer) => Some(answer.status),
            Err(error) => error.status(),
        };
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%method, path, status, duration_ms, "acumatica called");
        result
    }

    async fn exchange(&self, call: Call<'_>, label: Label) -> Result<Answer, Error> {
        let request =
            request(call).map_err(|message| Error::new(Kind::Invalid, &label, message))?;
        let carried = self.0.carry(request).await;
        let mut response = carried.map_err(|unanswered| Error::unanswered(&label, unanswered))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let location = location(response.headers());
        let date = date(response.headers());
        let read = read_body(&mut response).await;
        if !(200..=299).contains(&status) {
            let body = match read {
                Ok(body) | Err((body, _)) => body,
            };
            return Err(Error::refused(&label, status, &body, retry_after));
        }
        let body = match read {
            Ok(body) => body,
            Err((_, Some(source))) => {
                let unanswered = Unanswered::Network(source);
                return Err(Error::unanswered(&label, unanswered).with_status(status));
            }
            Err((body, None)) => {
                let message = format!("the answer is larger than {ANSWER_LIMIT_BYTES} bytes");
                return Err(Error::unreadable(&label, status, &body, message));
            }
        };
        let json = parse(&label, status, &body)?;
        Ok(Answer {
            label,
            status,
            location,
            date,
            json,
        })
    }
}

/// The request as it leaves.
fn request(call: Call<'_>) -> Result<Request, &'static str> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
    let is_get = call.method == Method::GET;
    let mut request = Request::new(call.method, call.url);
    *request.timeout_mut() = Some(call.timeout);
    let headers = request.headers_mut();
    headers.insert(ACCEPT, JSON);
    if let Some(bearer) = call.bearer {
        let bearer = format!("Bearer {}", bearer.expose_secret());
        let mut bearer =
            HeaderValue::try_from(bearer).map_err(|_| "the token cannot stand in a header")?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    let body = match call.body {
        Body::Json(bytes) => {
            headers.insert(CONTENT_TYPE, JSON);
            bytes
        }
        Body::Update(bytes) => {
            headers.insert(CONTENT_TYPE, JSON);
            headers.insert(IF_MATCH, HeaderValue::from_static("*"));
            bytes
        }
        Body::Form(bytes) => {
            headers.insert(CONTENT_TYPE, FORM);
            bytes
        }
        Body::Empty if is_get => return Ok(request),
        Body::Empty => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            Vec::new()
        }
    };
    *request.body_mut() = Some(body.into());
    Ok(request)
}

/// The body, or what came of it with the reason it ended: `None` when it was too large.
async fn read_body(response: &mut Response) -> Result<Vec<u8>, (Vec<u8>, Option<reqwest::Error>)> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_LIMIT_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err((body, None)),
            Ok(None) => return Ok(body),
            Err(source) => return Err((body, Some(source))),
        }
    }
}

fn parse(label: &Label, status: u16, body: &[u8]) -> Result<Value, Error> {
    if body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|source| {
        if source.is_eof() {
            Error::unreadable(label, status, body, "the answer ends too early")
                .with_kind(Kind::Broken)
        } else {
            Error::unreadable(label, status, body, "the answer is not JSON")
        }
    })
}

fn location(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LOCATION)?.to_str().ok()?.trim();
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = moment(text)?;
    Some(Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO))
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    moment(headers.get(DATE)?.to_str().ok()?.trim())
}

fn moment(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text: &'static str| {
            retry_after(&HeaderMap::from_iter([(
                RETRY_AFTER,
                HeaderValue::from_static(text),
            )]))
        };
        assert_eq!(read("30"), Some(Duration::from_secs(30)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(read("Fri, 21 Oct 2095 07:28:00 GMT") > Some(Duration::from_secs(1_000_000)));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
