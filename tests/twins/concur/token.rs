//! `OAuth2` service v0 for a company: request token in, access and refresh tokens out.
//!
//! Contract: <https://developer.concur.com/api-reference/authentication/apidoc.html>.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::{Core, Options, Place};
use crate::documents::Random;
use crate::twins::clock::Clock;
use crate::twins::faults::Fault;
use crate::twins::wire::{Call, Reply};

/// Life of the company request token.
const REQUEST_TOKEN_LIFE: Duration = Duration::from_hours(24);

/// What a refresh does to the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The same value comes back, as Concur usually does.
    Never,
    /// A new one comes back; the old one dies when the new one is first used.
    OnFirstUse,
    /// A new one comes back and the old one is dead already.
    AtOnce,
}

/// Where a company can exchange its request token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// At the token address, as at the global landing zone.
    Anywhere,
    /// Only at the geolocation address: the token address answers 16 with it.
    Elsewhere,
}

/// Tokens in circulation.
#[derive(Debug)]
pub(super) struct Tokens {
    random: Random,
    clock: Clock,
    request_token: String,
    request_token_ends: Timestamp,
    request_token_expired: bool,
    access: BTreeMap<String, Timestamp>,
    /// Every token ever handed out.
    issued: Vec<String>,
    /// One chain per password grant: the refresh token in use and the one handed out after it.
    chains: Vec<Chain>,
}

#[derive(Debug)]
struct Chain {
    current: String,
    successor: Option<String>,
}

impl Tokens {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            random: Random::new(options.seed ^ 0x0070_13e4),
            clock: options.clock,
            request_token: options.request_token.clone(),
            request_token_ends: options.clock.after(REQUEST_TOKEN_LIFE),
            request_token_expired: false,
            access: BTreeMap::new(),
            issued: Vec::new(),
            chains: Vec::new(),
        }
    }

    pub(super) fn is_good(&self, access_token: &str) -> bool {
        self.access
            .get(access_token)
            .is_some_and(|end| *end > self.clock.now())
    }

    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(super) fn revoke_refresh(&mut self) {
        self.chains.clear();
    }

    pub(super) fn expire_request_token(&mut self) {
        self.request_token_expired = true;
    }

    /// A company administrator makes another request token; the one before is void.
    pub(super) fn new_request_token(&mut self) -> String {
        self.request_token = self.random.hex(40);
        self.request_token_expired = false;
        self.request_token_ends = self.clock.after(REQUEST_TOKEN_LIFE);
        self.request_token.clone()
    }

    /// Everything that must never be seen outside a grant.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        self.issued.iter().chain([&self.request_token])
    }

    fn request_token_is_good(&self) -> bool {
        !self.request_token_expired && self.clock.now() < self.request_token_ends
    }

    fn new_access(&mut self, life: Duration) -> String {
        // Shaped like a JWT, opaque like one.
        let token = format!(
            "eyJ0eXAiOiJKV1QifQ.{}.{}",
            self.random.hex(48),
            self.random.hex(24)
        );
        self.access.insert(token.clone(), self.clock.after(life));
        self.issued.push(token.clone());
        token
    }

    fn new_chain(&mut self) -> String {
        let current = self.random.hex(30);
        self.issued.push(current.clone());
        self.chains.push(Chain {
            current: current.clone(),
            successor: None,
        });
        current
    }

    /// The refresh token to answer with, or `None` when `presented` is not good any more.
    fn rotate(&mut self, presented: &str, rotation: Rotation) -> Option<String> {
        let fresh = self.random.hex(30);
        self.issued.push(fresh.clone());
        let chain = self.chains.iter_mut().find(|chain| {
            chain.current == presented || chain.successor.as_deref() == Some(presented)
        })?;
        if chain.successor.as_deref() == Some(presented) {
            presented.clone_into(&mut chain.current);
            chain.successor = None;
        }
        match rotation {
            Rotation::Never => {}
            Rotation::AtOnce => chain.current = fresh,
            Rotation::OnFirstUse => return Some(chain.successor.get_or_insert(fresh).clone()),
        }
        Some(chain.current.clone())
    }
}

/// A refusal with Concur's number: code, error, description, HTTP status.
struct Refusal(u32, &'static str, &'static str, u16);

/// Answers `POST /oauth2/v0/token`.
pub(super) fn grant(core: &Core, place: Place, call: &Call, fault: Option<&Fault>) -> Reply {
    if let Some(Fault::Code(code)) = fault {
        let number = u32::try_from(*code).unwrap_or_default();
        let scripted = Refusal(number, "invalid_request", "scripted refusal", 400);
        return refuse(core, &scripted);
    }
    let Some(form) = call.form() else {
        return refuse(
            core,
            &Refusal(135, "invalid_request", "unsupported request format", 400),
        );
    };
    let granted = authenticate_client(core, &form)
        .and_then(|()| {
            present(
                &form,
                "grant_type",
                Refusal(65, "invalid_request", "grant_type is missing", 400),
            )
        })
        .and_then(|grant_type| match grant_type {
            "password" => by_password(core, place, &form),
            "refresh_token" => by_refresh(core, place, &form),
            _ => Err(Refusal(60, "invalid_grant", "grant type not allowed", 400)),
        });
    match granted {
        Ok(refresh_token) => granted_tokens(core, &refresh_token),
        Err(refusal) => refuse(core, &refusal),
    }
}

fn present<'a>(
    form: &'a BTreeMap<String, String>,
    name: &str,
    missing: Refusal,
) -> Result<&'a str, Refusal> {
    form.get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or(missing)
}

fn authenticate_client(core: &Core, form: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let id = present(
        form,
        "client_id",
        Refusal(62, "invalid_request", "client_id is missing", 400),
    )?;
    let secret = present(
        form,
        "client_secret",
        Refusal(63, "invalid_request", "client_secret is missing", 400),
    )?;
    if id != core.options.client_id {
        return Err(Refusal(61, "invalid_client", "client not found", 400));
    }
    if secret != core.options.client_secret {
        return Err(Refusal(64, "invalid_client", "client secret is wrong", 401));
    }
    Ok(())
}

fn by_password(
    core: &Core,
    place: Place,
    form: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let username = present(
        form,
        "username",
        Refusal(51, "invalid_request", "username is missing", 400),
    )?;
    let password = present(
        form,
        "password",
        Refusal(52, "invalid_request", "password is missing", 400),
    )?;
    match form.get("credtype").map_or("password", String::as_str) {
        "authtoken" => {}
        // A company has no password, so this can only fail.
        "password" => return Err(Refusal(5, "invalid_grant", "incorrect credentials", 400)),
        _ => return Err(Refusal(120, "invalid_request", "credtype is invalid", 400)),
    }
    if username != core.options.company_uuid {
        return Err(Refusal(
            100,
            "invalid_request",
            "username is not known",
            400,
        ));
    }
    if core.options.home == Home::Elsewhere && place == Place::Token {
        return Err(Refusal(16, "invalid_request", "user lives elsewhere", 400));
    }
    let mut state = core.state();
    if password != state.tokens.request_token || !state.tokens.request_token_is_good() {
        return Err(Refusal(5, "invalid_grant", "incorrect credentials", 400));
    }
    Ok(state.tokens.new_chain())
}

fn by_refresh(
    core: &Core,
    place: Place,
    form: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let presented = present(
        form,
        "refresh_token",
        Refusal(106, "invalid_request", "refresh_token is missing", 400),
    )?;
    if place == Place::Token {
        return Err(Refusal(16, "invalid_request", "user lives elsewhere", 400));
    }
    core.state()
        .tokens
        .rotate(presented, core.options.rotation)
        .ok_or(Refusal(
            108,
            "invalid_grant",
            "bad or expired refresh token",
            400,
        ))
}

fn refuse(core: &Core, refusal: &Refusal) -> Reply {
    let Refusal(number, error, description, status) = *refusal;
    let mut body = json!({"code": number, "error": error, "error_description": description});
    if let (16, Some(members)) = (number, body.as_object_mut()) {
        members.insert("geolocation".to_owned(), json!(core.geolocation_url));
    }
    Reply::json(status, &body)
}

fn granted_tokens(core: &Core, refresh_token: &str) -> Reply {
    let access_token = core.state().tokens.new_access(core.options.access_life);
    Reply::json(
        200,
        &json!({
            "expires_in": core.options.access_life.as_secs().to_string(),
            "scope": core.options.scope,
            "token_type": "Bearer",
            "access_token": access_token,
            "refresh_token": refresh_token,
            "refresh_expires_in": core.options.clock.after(core.options.refresh_life).as_second(),
            "geolocation": core.options.told_geolocation.as_ref().unwrap_or(&core.geolocation_url),
            "id_token": format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", core.options.company_uuid),
        }),
    )
}
