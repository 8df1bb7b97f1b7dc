//! Token grants of Concur's `OAuth2` service v0, at company level.
//!
//! A company token is made once from a request token (valid 24 hours, usable several times) and kept alive by
//! refreshing. Each answer's refresh token and geolocation replace the former ones and must be stored before they are
//! used. Source: SAP's authentication pages (`company-auth`, `getting-started`, `apidoc`).

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use crate::client::{Answer, Body, Call, Effect, send};
use crate::error::{Error, Kind};
use crate::transport::{Geolocation, Hosts, Transport};
use crate::value::{Amount, Text};

mod meaning;
pub(crate) use meaning::is_transient;
pub use meaning::{MEANINGS, Meaning, Outlook, meaning};

const TOKEN_PATH: &str = "/oauth2/v0/token";
/// A token answer is about 4 kB.
const TOKEN_ANSWER_BYTES_MAX: usize = 256 * 1024;
/// "JWT, 1 hour": what an answer without a readable `expires_in` is taken to mean.
const ACCESS_TOKEN_LIFE: Duration = Duration::from_hours(1);
/// `refresh_expires_in` is named like a duration and is an instant; no lifetime in seconds comes near this.
const EPOCH_SECONDS_MIN: i64 = 1_000_000_000;

/// The application registered with Concur.
#[derive(Clone)]
pub struct App {
    /// Its UUID.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Who asks for a token, where, and how long the answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// The application.
    pub app: &'a App,
    /// Of the last token answer; for the first grant the address the connection names.
    pub geolocation: &'a Geolocation,
    /// From the start of the call to the last byte of the answer.
    pub answer_timeout: Duration,
}

/// A token answer. Nothing in it was stored yet.
#[derive(Clone)]
pub struct TokenAnswer {
    /// For the calls of the next [`expires_in`](Self::expires_in).
    pub access_token: SecretString,
    /// How long the access token lives from now; one hour as published.
    pub expires_in: Duration,
    /// Replaces the former refresh token. The one that was sent, where a refresh brought none.
    pub refresh_token: SecretString,
    /// End of the refresh token, epoch seconds; absent in some answers (take 6 months then).
    pub refresh_expires_at: Option<i64>,
    /// Where every following call goes, refreshing included. Checked, scheme and host only.
    pub geolocation: Geolocation,
    /// The granted scopes, separated by blanks. FIS needs `FISVC`.
    pub scope: Option<String>,
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAnswer")
            .field("expires_in", &self.expires_in)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .field("geolocation", &self.geolocation)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Gets a new access token with the refresh token (`grant_type=refresh_token`).
///
/// May be repeated with the same token while its outcome is unknown: the refresh token usually does not change.
///
/// # Errors
/// [`Kind::GrantRefused`] with Concur's code, for example 108 (refresh token bad or expired) or 16 (another data
/// centre, see [`Error::geolocation`]); [`Kind::HostRefused`] when the answer leads outside `hosts`; else as any call.
pub async fn refresh(
    transport: &Transport,
    hosts: &Hosts,
    grant: Grant<'_>,
    refresh_token: &SecretString,
) -> Result<TokenAnswer, Error> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    let answer = post(transport, "refresh token", grant, &form, refresh_token).await?;
    token(&answer, hosts, grant, Some(refresh_token))
}

/// Exchanges a company request token for the first tokens (password grant with `credtype=authtoken`).
///
/// May be repeated inside the 24 hours of the request token.
///
/// # Errors
/// [`Kind::GrantRefused`] with Concur's code, for example 5 (wrong request token) or 16 (another data centre, see
/// [`Error::geolocation`]); [`Kind::HostRefused`] when the answer leads outside `hosts`; else as any call.
pub async fn exchange(
    transport: &Transport,
    hosts: &Hosts,
    grant: Grant<'_>,
    company_uuid: &str,
    request_token: &SecretString,
) -> Result<TokenAnswer, Error> {
    let form = [
        ("grant_type", "password"),
        ("username", company_uuid),
        ("password", request_token.expose_secret()),
        ("credtype", "authtoken"),
    ];
    let answer = post(
        transport,
        "exchange request token",
        grant,
        &form,
        request_token,
    )
    .await?;
    token(&answer, hosts, grant, None)
}

async fn post(
    transport: &Transport,
    operation: &'static str,
    grant: Grant<'_>,
    form: &[(&str, &str)],
    secret: &SecretString,
) -> Result<Answer, Error> {
    let bytes = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &grant.app.client_id)
        .append_pair("client_secret", grant.app.client_secret.expose_secret())
        .extend_pairs(form)
        .finish()
        .into_bytes();
    let call = Call {
        operation,
        effect: Effect::Write,
        geolocation: grant.geolocation,
        path: TOKEN_PATH,
        query: "",
        bearer: None,
        document_format: None,
        body: Some(Body {
            content_type: "application/x-www-form-urlencoded",
            bytes,
        }),
        secrets: &[secret, &grant.app.client_secret],
        answer_timeout: grant.answer_timeout,
        answer_bytes_max: TOKEN_ANSWER_BYTES_MAX,
    };
    send(transport, call).await
}

/// The body of a granted token.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Amount,
    refresh_token: Option<String>,
    #[serde(default)]
    refresh_expires_in: Amount,
    #[serde(default)]
    geolocation: Text,
    #[serde(default)]
    scope: Text,
}

/// The body of a refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: Amount,
    geolocation: Text,
}

fn token(
    answer: &Answer,
    hosts: &Hosts,
    grant: Grant<'_>,
    sent: Option<&SecretString>,
) -> Result<TokenAnswer, Error> {
    if !(200..=299).contains(&answer.status) {
        return Err(refusal(answer, hosts));
    }
    let granted: Granted = answer.read()?;
    let geolocation = match granted.geolocation.get() {
        Some(address) => hosts
            .geolocation(address)
            .map_err(|refused| answer.error(Kind::HostRefused).caused_by(refused))?,
        None => grant.geolocation.clone(),
    };
    let refresh_token = granted
        .refresh_token
        .filter(|token| !token.is_empty())
        .map(SecretString::from)
        .or_else(|| sent.cloned())
        .ok_or_else(|| answer.error(Kind::Unreadable))?;
    let life = granted
        .expires_in
        .whole()
        .and_then(|seconds| u64::try_from(seconds).ok());
    Ok(TokenAnswer {
        access_token: granted.access_token.into(),
        expires_in: life.map_or(ACCESS_TOKEN_LIFE, Duration::from_secs),
        refresh_token,
        refresh_expires_at: granted
            .refresh_expires_in
            .whole()
            .filter(|&at| at > EPOCH_SECONDS_MIN),
        geolocation,
        scope: granted.scope.get().map(Into::into),
    })
}

fn refusal(answer: &Answer, hosts: &Hosts) -> Error {
    let kind = match answer.status {
        300..=399 => Kind::Redirected,
        429 => Kind::Throttled,
        400..=499 => Kind::GrantRefused,
        _ => Kind::Failed,
    };
    // A page of a gateway has no code; the status and the excerpt then say all there is.
    let body: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let elsewhere = body
        .geolocation
        .get()
        .and_then(|address| hosts.geolocation(address).ok());
    answer
        .error(kind)
        .with_code(body.code.whole())
        .with_geolocation(elsewhere)
}
