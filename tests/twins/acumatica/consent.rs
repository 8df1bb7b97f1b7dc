//! The authorization-code flow: a person agrees in the browser, the code comes back at the redirect URI, and is exchanged
//! once, within minutes, by whoever knows the verifier.
//!
//! Contract: Integration Development Guide, "Authorization Code Flow"; RFC 7636.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use super::{Core, Flow};
use crate::twins::wire::{Call, Reply};

/// Life of a code.
const CODE_LIFE: Duration = Duration::from_mins(5);
/// Scopes an application may ask for.
const SCOPES: [&str; 3] = ["api", "offline_access", "api:concurrent_access"];

/// Codes that were handed out and not yet exchanged.
#[derive(Debug, Default)]
pub(super) struct Consents {
    waiting: BTreeMap<String, Consent>,
}

#[derive(Debug)]
struct Consent {
    challenge: String,
    redirect_uri: String,
    scope: String,
    ends: Instant,
}

impl Consents {
    /// The scope of the consent a code stands for. The code is spent, whether the rest of the form is right or not.
    pub(super) fn take(&mut self, form: &BTreeMap<String, String>) -> Option<String> {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let consent = self.waiting.remove(field("code"))?;
        let digest = Sha256::digest(field("code_verifier").as_bytes());
        let is_right = consent.challenge == URL_SAFE_NO_PAD.encode(digest)
            && consent.redirect_uri == field("redirect_uri")
            && consent.ends > Instant::now();
        is_right.then_some(consent.scope)
    }

    /// Every code given so far is too old from now on.
    pub(super) fn expire(&mut self) {
        self.waiting.clear();
    }
}

/// Answers `GET /identity/connect/authorize` as after a person signed in and agreed.
pub(super) fn authorize(core: &Core, call: &Call) -> Reply {
    let options = &core.options;
    let field = |name: &str| call.query.get(name).map_or("", String::as_str);
    let client = format!("{}@{}", options.client_guid, options.tenant);
    if !field("client_id").eq_ignore_ascii_case(&client)
        || field("redirect_uri") != options.redirect_uri
    {
        // Nobody is sent to an address that is not registered.
        return Reply::html(400);
    }
    let is_known = |scope: &str| SCOPES.contains(&scope);
    let error = if options.flow != Flow::Code {
        Some("unauthorized_client")
    } else if field("response_type") != "code" {
        Some("unsupported_response_type")
    } else if !field("scope").split(' ').all(is_known) {
        Some("invalid_scope")
    } else if field("code_challenge_method") != "S256" || field("code_challenge").len() != 43 {
        Some("invalid_request")
    } else {
        None
    };
    let mut back = Serializer::new(String::new());
    if let Some(error) = error {
        back.append_pair("error", error);
    } else {
        let mut state = core.state();
        let handed_out = state.seats.secret(64);
        let consent = Consent {
            challenge: field("code_challenge").to_owned(),
            redirect_uri: field("redirect_uri").to_owned(),
            scope: field("scope").to_owned(),
            ends: Instant::now() + CODE_LIFE,
        };
        back.append_pair("code", &handed_out);
        state.seats.consents.waiting.insert(handed_out, consent);
    }
    back.append_pair("state", field("state"));
    let address = format!("{}?{}", options.redirect_uri, back.finish());
    Reply::empty(302).with_header("location", address)
}
