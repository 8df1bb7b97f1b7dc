//! Tokens. A token with scope `api` is one API session ("seat") of the tenant's licence.
//!
//! Source: Integration Development Guide, "Authorizing Client Applications to Work with Acumatica ERP".

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::error::{Effect, Error, Kind};
use crate::site::Site;
use crate::transport::{Body, Call, Transport};

mod consent;
pub use consent::{CodeAnswer, Consent, NoRandomness, code};
mod refusal;
pub use refusal::Refusal;

/// Life of an access token where the answer does not say it. Not configurable in Acumatica.
const TOKEN_LIFE_S: u64 = 3_600;

/// A connected application (form SM303010).
#[derive(Clone)]
pub struct Application {
    /// `{guid}@{tenant}`: the part behind `@` alone decides which tenant a token reaches.
    pub client_id: String,
    /// Shown once when the application is registered.
    pub client_secret: SecretString,
}

/// The user a session acts as.
#[derive(Clone)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Repeated wrong ones lock the user.
    pub password: SecretString,
}

/// A token answer.
#[derive(Clone)]
pub struct Token {
    /// The bearer.
    pub access_token: SecretString,
    /// How long it is accepted, from the answer on.
    pub expires_in: Duration,
    /// Only with scope `offline_access`. Replaces the one it was asked with, which is void from now on.
    pub refresh_token: Option<SecretString>,
}

/// Asks for a token, and so for a seat, with user name and password (scope `api`).
///
/// Never repeat it after [`Kind::GrantRefused`]: wrong passwords lock the user.
///
/// # Errors
/// [`Kind::Invalid`] without any call when the application belongs to another tenant; [`Kind::GrantRefused`] when the
/// credentials are; [`Kind::LoginLimit`] when all seats are taken. After an [`Error::outcome_unknown`] a seat may be
/// taken until the end of a token's life.
pub async fn password(
    transport: &Transport,
    site: &Site,
    application: &Application,
    user: &User,
    timeout: Duration,
) -> Result<Token, Error> {
    let fields = [
        ("grant_type", "password"),
        ("username", &user.name),
        ("password", user.password.expose_secret()),
        ("scope", "api"),
    ];
    grant(transport, site, application, &fields, timeout).await
}

/// Exchanges a refresh token for a new pair; the seat stays the same.
///
/// Store the new refresh token before using the access token. Not repeatable: the old refresh token is void.
///
/// # Errors
/// As [`password`]. After an [`Error::outcome_unknown`] the chain may be lost and needs a new consent.
pub async fn refresh(
    transport: &Transport,
    site: &Site,
    application: &Application,
    refresh_token: &SecretString,
    timeout: Duration,
) -> Result<Token, Error> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    grant(transport, site, application, &fields, timeout).await
}

async fn grant(
    transport: &Transport,
    site: &Site,
    application: &Application,
    fields: &[(&str, &str)],
    timeout: Duration,
) -> Result<Token, Error> {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(fields);
    form.append_pair("client_id", &application.client_id);
    form.append_pair("client_secret", application.client_secret.expose_secret());
    let call = Call {
        method: Method::POST,
        url: site.at(&["identity", "connect", "token"]),
        bearer: None,
        body: Body::Form(form.finish().into_bytes()),
        timeout,
        effect: Effect::Write,
    };
    application
        .serves(site)
        .map_err(|message| Error::new(Kind::Invalid, &call.label(), message))?;
    let answer = transport.send(call).await.map_err(|error| {
        let is_refused_grant = matches!(error.kind(), Kind::Refused | Kind::Unauthorized);
        let error = error.without_excerpt();
        if is_refused_grant {
            error.with_kind(Kind::GrantRefused)
        } else {
            error
        }
    })?;
    let wire = serde_json::from_value::<Wire>(answer.json).map_err(|_| {
        Error::unreadable(
            &answer.label,
            answer.status,
            &[],
            "the answer holds no token",
        )
    })?;
    Ok(Token {
        access_token: wire.access_token.into(),
        expires_in: Duration::from_secs(wire.expires_in.unwrap_or(TOKEN_LIFE_S)),
        refresh_token: wire.refresh_token.map(Into::into),
    })
}

#[derive(Deserialize)]
struct Wire {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

impl Application {
    /// Whether its tokens reach the tenant of a site. With a client id of another tenant everything succeeds, in the
    /// wrong company.
    ///
    /// # Errors
    /// A lower-case sentence that names both tenants.
    pub fn serves(&self, site: &Site) -> Result<(), String> {
        let tenant = self
            .client_id
            .rsplit_once('@')
            .map(|(_, tenant)| tenant)
            .unwrap_or_default();
        if tenant.to_lowercase() == site.tenant().to_lowercase() {
            return Ok(());
        }
        Err(format!(
            "the client id ends in @{tenant}, the connection's tenant is {}",
            site.tenant()
        ))
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
