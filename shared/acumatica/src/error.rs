//! What can go wrong with a call, answered in the three questions a caller has: is it worth another try, when, and
//! could the write have happened all the same.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::carrier::Unanswered;
use crate::fault::{FieldFault, Findings, clip, read, without_stack_traces};

/// Messages of an answer that never came.
const NO_CONNECTION: &str = "no connection";
const NO_ANSWER: &str = "no answer in time";
const BROKEN: &str = "the connection ended before the answer did";

/// Characters kept of a body.
pub(crate) const EXCERPT_LIMIT_CHARS: usize = 300;

/// Whether a repeated call does harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only looks.
    Read,
    /// It leaves something behind: a document, a seat taken, a refresh token used up.
    Write,
    /// It only looks, but at something that is still being written.
    Watch,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Refused by this client; nothing was sent.
    Invalid,
    /// No connection came about; nothing was sent.
    Unreachable,
    /// No answer in time. The server may still be at work.
    TimedOut,
    /// The connection ended before the answer did.
    Broken,
    /// An answer that is not what was asked for: a page, a redirect, JSON of another shape, a saved record with errors.
    Unreadable,
    /// 401: the token is not, or no longer, accepted.
    Unauthorized,
    /// The token endpoint refused the credentials or the refresh token. Never repeat it: wrong passwords lock the user.
    GrantRefused,
    /// 403: the user has no rights to the form behind the entity, or the feature is off.
    Forbidden,
    /// 400 or 422: the data were looked at and refused. See [`Error::faults`].
    Refused,
    /// 404, or a 500 that says that no record has this key. A page with 404 is a wrong address and proves nothing.
    NotFound,
    /// 429: more requests than the licence allows.
    TooManyRequests,
    /// Every API session of the licence is taken, whatever the status.
    LoginLimit,
    /// An action still runs in this session, and its form takes nothing else; whatever the status. It passes by itself.
    Busy,
    /// A 500 with which Acumatica itself says no.
    BusinessException,
    /// Any other 5xx, and a 500 about locks or time-outs.
    Server,
    /// A status nobody documented.
    Other,
}

/// A failed call.
///
/// `Display` and `Debug` hold no token, no body and no query; [`excerpt`](Self::excerpt) does hold the beginning of the body.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    effect: Effect,
    request: String,
    status: Option<u16>,
    message: String,
    faults: Vec<FieldFault>,
    excerpt: String,
    /// The body was neither empty nor JSON, so Acumatica's application did not write it.
    is_page: bool,
    retry_after: Option<Duration>,
    source: Option<reqwest::Error>,
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The call: method and path, without its query.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.0.request
    }

    /// The server's sentences about the request as a whole, or ours where it had none.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The fields that were refused.
    #[must_use]
    pub fn faults(&self) -> &[FieldFault] {
        &self.0.faults
    }

    /// At most 300 characters of the body, without stack traces. May hold personal data: not for logs.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.0.excerpt
    }

    /// Whether the same call can succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use Kind::{Broken, Busy, LoginLimit, Server, TimedOut, TooManyRequests, Unreachable};
        matches!(
            self.0.kind,
            Unreachable | TimedOut | Broken | TooManyRequests | LoginLimit | Busy | Server
        )
    }

    /// How long the server wants to be left alone, if it said so. Acumatica does not document this header.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a write may have happened in spite of the error: no or half an answer, any 5xx, a page instead of JSON.
    /// Only 400, 401, 403, 422, 429 and a request that never left prove that nothing was written. Always false for reads.
    /// Of a running action only 400 and 422 prove it: the action goes on whatever becomes of a question about it.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        let is_refused = matches!(self.0.status, Some(400 | 422)) && !self.0.is_page;
        // Decided before the request is worked on, whoever wrote the body.
        let is_unheard = matches!(self.0.kind, Kind::Invalid | Kind::Unreachable)
            || matches!(self.0.status, Some(401 | 403 | 429));
        match self.0.effect {
            Effect::Read => false,
            Effect::Write => !is_refused && !is_unheard,
            Effect::Watch => !is_refused,
        }
    }

    /// Whether Acumatica itself refused with a 500. Of a write the outcome stays unknown until its absence is proved;
    /// then this error is permanent.
    #[must_use]
    pub fn is_business_exception(&self) -> bool {
        self.0.kind == Kind::BusinessException
    }

    /// Whether a page answered where Acumatica's application answers with JSON: a proxy or a firewall, which says nothing about
    /// the record.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.0.is_page
    }

    /// Whether another token may help: refresh once, repeat once.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == Kind::Unauthorized
    }

    /// Whether every API session of the licence is taken.
    #[must_use]
    pub fn is_login_limit(&self) -> bool {
        self.0.kind == Kind::LoginLimit
    }

    /// Whether an action still runs in this session.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.kind == Kind::Busy
    }

    /// Whether the server says that there is no such record.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
    }

    pub(crate) fn new(kind: Kind, call: &Label, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            effect: call.effect,
            request: call.text.clone(),
            status: None,
            message: message.into(),
            faults: Vec::new(),
            excerpt: String::new(),
            is_page: false,
            retry_after: None,
            source: None,
        }))
    }

    /// No answer: time-out, reset, no connection.
    pub(crate) fn unanswered(call: &Label, unanswered: Unanswered) -> Self {
        let source = match unanswered {
            Unanswered::Network(source) => source,
            Unanswered::Unreachable => return Self::new(Kind::Unreachable, call, NO_CONNECTION),
            Unanswered::TimedOut => return Self::new(Kind::TimedOut, call, NO_ANSWER),
            Unanswered::Broken => return Self::new(Kind::Broken, call, BROKEN),
        };
        let (kind, message) = if source.is_builder() {
            (Kind::Invalid, "the request could not be built")
        } else if source.is_connect() {
            (Kind::Unreachable, NO_CONNECTION)
        } else if source.is_timeout() {
            (Kind::TimedOut, NO_ANSWER)
        } else {
            (Kind::Broken, BROKEN)
        };
        Self::new(kind, call, message).because(source)
    }

    /// An answer with a status that means failure.
    pub(crate) fn refused(
        call: &Label,
        status: u16,
        body: &[u8],
        retry_after: Option<Duration>,
    ) -> Self {
        let text = String::from_utf8_lossy(body);
        let parsed = serde_json::from_slice::<Value>(body).ok();
        let findings = parsed.as_ref().map(read).unwrap_or_default();
        let is_page = parsed.is_none() && !text.trim().is_empty();
        let message = match findings.sentences.join("; ") {
            none if none.is_empty() && is_page => "the answer is not JSON".to_owned(),
            sentences => sentences,
        };
        let mut error = Self::new(classify(status, &findings, &text, is_page), call, message)
            .with_body(parsed, &text);
        error.0.status = Some(status);
        error.0.faults = findings.faults;
        error.0.is_page = is_page;
        error.0.retry_after = retry_after;
        error
    }

    /// An answer with a good status that is not what was asked for.
    pub(crate) fn unreadable(
        call: &Label,
        status: u16,
        body: &[u8],
        message: impl Into<String>,
    ) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut error = Self::new(Kind::Unreadable, call, message)
            .with_body(serde_json::from_slice(body).ok(), &text);
        error.0.status = Some(status);
        error
    }

    pub(crate) fn because(mut self, source: reqwest::Error) -> Self {
        // An address can hold what was searched for.
        self.0.source = Some(source.without_url());
        self
    }

    pub(crate) fn with_faults(mut self, faults: Vec<FieldFault>) -> Self {
        self.0.faults = faults;
        self
    }

    pub(crate) fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// For answers that can hold a token.
    pub(crate) fn without_excerpt(mut self) -> Self {
        self.0.excerpt.clear();
        self
    }

    fn with_body(mut self, parsed: Option<Value>, text: &str) -> Self {
        self.0.excerpt = match parsed {
            Some(mut body) => {
                without_stack_traces(&mut body);
                clip(&body.to_string(), EXCERPT_LIMIT_CHARS)
            }
            None => clip(
                text.split("tackTrace").next().unwrap_or_default(),
                EXCERPT_LIMIT_CHARS,
            ),
        };
        self
    }
}

/// The name of a call in errors and logs: method and path, no query.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) effect: Effect,
}

impl Label {
    pub(crate) fn of(effect: Effect, method: &Method, url: &Url) -> Self {
        Self {
            text: format!("{method} {}", url.path()),
            effect,
        }
    }
}

/// What a form says while an action of the session runs; the guide, "Execute an Action": other requests to it fail meanwhile.
const AT_WORK: &str = "previous operation has not been completed";

/// What a failing status means; the table is section "Status Codes" of the guide, completed by what sites were seen to do.
fn classify(status: u16, findings: &Findings, body: &str, is_page: bool) -> Kind {
    if body.contains("API Login Limit") {
        return Kind::LoginLimit;
    }
    let is_busy = |sentence: &String| sentence.to_ascii_lowercase().contains(AT_WORK);
    if matches!(status, 400 | 422 | 500) && findings.sentences.iter().any(is_busy) {
        return Kind::Busy;
    }
    match status {
        300..=399 => Kind::Unreadable,
        400 | 422 => Kind::Refused,
        401 => Kind::Unauthorized,
        403 => Kind::Forbidden,
        404 if is_page => Kind::Other,
        404 => Kind::NotFound,
        408 => Kind::TimedOut,
        429 => Kind::TooManyRequests,
        500 => internal(findings),
        501..=599 => Kind::Server,
        _ => Kind::Other,
    }
}

fn internal(findings: &Findings) -> Kind {
    let is_missing = |exception: &String| exception.contains("NoEntitySatisfiesTheCondition");
    if findings.exceptions.iter().any(is_missing) {
        return Kind::NotFound;
    }
    let passes = |sentence: &String| {
        let sentence = sentence.to_ascii_lowercase();
        let signs = [
            "another process has",
            "deadlock",
            "timeout",
            "timed out",
            "time-out",
            "lock request",
        ];
        signs.iter().any(|sign| sentence.contains(sign))
    };
    let says_no = findings.exception.is_some()
        || !findings.sentences.is_empty()
        || !findings.faults.is_empty();
    if says_no && !findings.sentences.iter().any(passes) {
        Kind::BusinessException
    } else {
        Kind::Server
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.write_str(&inner.request)?;
        if let Some(status) = inner.status {
            write!(f, " answered {status}")?;
        }
        if !inner.message.is_empty() {
            write!(f, ": {}", inner.message.trim_end_matches('.'))?;
        }
        for fault in inner.faults.iter().take(3) {
            write!(
                f,
                "; {}: {}",
                fault.path,
                fault.message.trim_end_matches('.')
            )?;
        }
        match inner.faults.len() {
            0..=3 => Ok(()),
            many => write!(f, "; and {} more", many - 3),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("effect", &self.0.effect)
            .field("display", &self.to_string())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
