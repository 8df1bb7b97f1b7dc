//! What went wrong with one call, and the questions a caller has about it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::carrier::Unanswered;
use crate::client::Effect;
use crate::transport::Geolocation;

/// Why a call brought no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No connection: the name, the network or the TLS handshake. Nothing was sent.
    Connect,
    /// No complete answer in time. A list that does this should be asked for in smaller pages.
    Timeout,
    /// The connection broke while the call was under way.
    Broken,
    /// 401 or 403: the access token is expired, revoked or not allowed. Refresh once and repeat once.
    Unauthorized,
    /// The token service refused a grant; [`Error::code`] says why and [`auth::meaning`](crate::auth::meaning) in words.
    GrantRefused,
    /// 429: too many calls.
    Throttled,
    /// Any other 4xx: the request is wrong or names something unknown.
    Refused,
    /// Any 5xx, gateways in front of Concur included.
    Failed,
    /// 3xx: never followed, because it would carry the token elsewhere.
    Redirected,
    /// 2xx with a body that is not the documented one: HTML, truncated, another shape.
    Unreadable,
    /// The answer exceeds the size limit of its call. A list should be asked for in smaller pages.
    TooLarge,
    /// The token answer leads outside the allowed hosts.
    HostRefused,
}

impl Kind {
    fn phrase(self) -> &'static str {
        match self {
            Self::Connect => "no connection",
            Self::Timeout => "no complete answer in time",
            Self::Broken => "connection broken",
            Self::Unauthorized => "access token not accepted",
            Self::GrantRefused => "grant refused",
            Self::Throttled => "too many calls",
            Self::Refused => "request refused",
            Self::Failed => "service failed",
            Self::Redirected => "redirect not followed",
            Self::Unreadable => "answer not readable",
            Self::TooLarge => "answer too large",
            Self::HostRefused => "answer leads to a refused host",
        }
    }
}

/// A failed call: kind, HTTP status, Concur's code, correlation id and an excerpt of the answer.
///
/// Neither `Display` nor `Debug` shows a token, a secret or the contents of a document. The source, where there is
/// one, is not part of `Display`.
pub struct Error(Box<Details>);

struct Details {
    operation: &'static str,
    effect: Effect,
    kind: Kind,
    http_status: Option<u16>,
    code: Option<i64>,
    correlation_id: Option<Box<str>>,
    excerpt: Box<str>,
    retry_after: Option<Duration>,
    geolocation: Option<Geolocation>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What a caller can do something about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The HTTP status, also where the body that should have followed never came.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Concur's own code: of the token service ([`auth::meaning`](crate::auth::meaning)).
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// `concur-correlationid` of the answer. SAP's support asks for it.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// The beginning of the answer, at most 300 characters, without tokens; of a 2xx answer that is no page only its size.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.0.excerpt
    }

    /// The data centre that owns the principal, where the token service said so (code 16). Already checked.
    #[must_use]
    pub fn geolocation(&self) -> Option<&Geolocation> {
        self.0.geolocation.as_ref()
    }

    /// Whether the same call can succeed later without anybody doing anything.
    ///
    /// True for a missing connection, a time-out, a broken connection, 429, 408, every 5xx, an unreadable 2xx (a
    /// maintenance page) and code 134 of the token service. A write must be asked [`outcome_unknown`](Self::outcome_unknown) first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            Kind::Connect
            | Kind::Timeout
            | Kind::Broken
            | Kind::Throttled
            | Kind::Failed
            | Kind::Unreadable => true,
            Kind::GrantRefused => self.0.code.is_some_and(crate::auth::is_transient),
            Kind::Refused => self.0.http_status == Some(408),
            Kind::Unauthorized | Kind::Redirected | Kind::TooLarge | Kind::HostRefused => false,
        }
    }

    /// Whether this is a 400 of a service that also uses it for overload and deadlocks: worth one repetition after a
    /// pause, for calls that may be repeated.
    #[must_use]
    pub fn may_repeat_once(&self) -> bool {
        self.0.kind == Kind::Refused && self.0.http_status == Some(400)
    }

    /// How long the service asked to wait, from `retry-after` in seconds. Zero occurs in a published sample.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the call may have taken effect although this error came: only for calls that change something, and only
    /// when the request may have arrived and no proof of a refusal came back.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        self.0.effect == Effect::Write
            && match self.0.kind {
                Kind::Timeout
                | Kind::Broken
                | Kind::Failed
                | Kind::Unreadable
                | Kind::TooLarge
                | Kind::HostRefused => true,
                Kind::Connect
                | Kind::Unauthorized
                | Kind::GrantRefused
                | Kind::Throttled
                | Kind::Refused
                | Kind::Redirected => false,
            }
    }

    /// Whether a fresh access token can help.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == Kind::Unauthorized
    }

    pub(crate) fn new(operation: &'static str, effect: Effect, kind: Kind) -> Self {
        Self(Box::new(Details {
            operation,
            effect,
            kind,
            http_status: None,
            code: None,
            correlation_id: None,
            excerpt: "".into(),
            retry_after: None,
            geolocation: None,
            source: None,
        }))
    }

    /// No answer came. The HTTP client's text names the address with its query, so that is taken off.
    pub(crate) fn unanswered(
        operation: &'static str,
        effect: Effect,
        unanswered: Unanswered,
    ) -> Self {
        let (kind, source) = match unanswered {
            Unanswered::Network(source) if source.is_connect() || source.is_builder() => {
                (Kind::Connect, Some(source))
            }
            Unanswered::Network(source) if source.is_timeout() => (Kind::Timeout, Some(source)),
            Unanswered::Network(source) => (Kind::Broken, Some(source)),
            Unanswered::Unreachable => (Kind::Connect, None),
            Unanswered::TimedOut => (Kind::Timeout, None),
            Unanswered::Broken => (Kind::Broken, None),
        };
        let error = Self::new(operation, effect, kind);
        match source {
            Some(source) => error.caused_by(source.without_url()),
            None => error,
        }
    }

    pub(crate) fn with_answer(
        mut self,
        status: u16,
        correlation_id: Option<&str>,
        excerpt: Box<str>,
    ) -> Self {
        self.0.http_status = Some(status);
        self.0.correlation_id = correlation_id.map(Into::into);
        self.0.excerpt = excerpt;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_code(mut self, code: Option<i64>) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn with_geolocation(mut self, geolocation: Option<Geolocation>) -> Self {
        self.0.geolocation = geolocation;
        self
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            operation,
            kind,
            http_status,
            code,
            correlation_id,
            excerpt,
            ..
        } = &*self.0;
        write!(f, "concur {operation}: {}", kind.phrase())?;
        if let Some(status) = http_status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = code {
            write!(f, ", code {code}")?;
        }
        if let Some(id) = correlation_id {
            write!(f, ", correlation id {id}")?;
        }
        if !excerpt.is_empty() {
            write!(f, ", answer: {excerpt}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        f.debug_struct("Error")
            .field("operation", &details.operation)
            .field("effect", &details.effect)
            .field("kind", &details.kind)
            .field("http_status", &details.http_status)
            .field("code", &details.code)
            .field("correlation_id", &details.correlation_id)
            .field("excerpt", &details.excerpt)
            .field("retry_after", &details.retry_after)
            .field("geolocation", &details.geolocation)
            .field("source", &details.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}
