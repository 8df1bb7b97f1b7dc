//! The authorization-code flow with PKCE: a person agrees once in the browser, and refresh tokens do the rest.
//!
//! Source: Integration Development Guide, "Authorization Code Flow"; RFC 7636 for the challenge.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{Application, Token, grant};
use crate::error::Error;
use crate::site::Site;
use crate::transport::Transport;

/// `offline_access` brings the refresh token; a refreshed token keeps the session of the first.
const SCOPE: &str = "api offline_access";
/// Random bytes of a state or a verifier; 43 characters as text, the least RFC 7636 allows.
const RANDOM_BYTES: usize = 32;

/// The system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// One request for a person's consent. Keep it until the code comes back.
#[derive(Clone)]
pub struct Consent {
    /// Comes back beside the code: proves that the code answers this request.
    pub state: SecretString,
    /// Shown to nobody but the token endpoint: a stolen code is worth nothing without it.
    pub verifier: SecretString,
}

impl Consent {
    /// A new request.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self {
            state: random()?,
            verifier: random()?,
        })
    }

    /// The address the person opens. It holds the state and a digest of the verifier.
    #[must_use]
    pub fn address(&self, site: &Site, application: &Application, redirect_uri: &str) -> String {
        let mut url = site.at(&["identity", "connect", "authorize"]);
        let digest = Sha256::digest(self.verifier.expose_secret().as_bytes());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &application.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", self.state.expose_secret())
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest))
            .append_pair("code_challenge_method", "S256");
        url.into()
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consent(..)")
    }
}

/// What came back from a consent.
#[derive(Clone, Debug)]
pub struct CodeAnswer {
    /// Good once, and for minutes.
    pub code: SecretString,
    /// [`Consent::verifier`] of the request it answers.
    pub verifier: SecretString,
    /// Exactly the one of the request.
    pub redirect_uri: String,
}

/// Exchanges a code for the first pair of tokens, and so for a seat. Not repeatable: the code is spent.
///
/// # Errors
/// As [`password`](super::password). After an [`Error::outcome_unknown`] a new consent is needed, and a seat may be taken
/// until the end of a token's life.
pub async fn code(
    transport: &Transport,
    site: &Site,
    application: &Application,
    answer: &CodeAnswer,
    timeout: Duration,
) -> Result<Token, Error> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code.expose_secret()),
        ("redirect_uri", answer.redirect_uri.as_str()),
        ("code_verifier", answer.verifier.expose_secret()),
    ];
    grant(transport, site, application, &fields, timeout).await
}

fn random() -> Result<SecretString, NoRandomness> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::getrandom(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EndpointVersion, Hosts};

    #[test]
    fn the_address_holds_the_challenge_and_never_the_verifier() {
        let url = "https://acme.acumatica.com/site";
        let site = Site::new(url, "ACME", "Default", EndpointVersion::V24, Hosts::Https).unwrap();
        let application = Application {
            client_id: "0A1B@ACME".to_owned(),
            client_secret: "s3cret".into(),
        };
        // Appendix B of RFC 7636.
        let consent = Consent {
            state: "a state".into(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
        };
        assert_eq!(
            consent.address(&site, &application, "https://localhost/connected"),
            "https://acme.acumatica.com/site/identity/connect/authorize?response_type=code&client_id=0A1B%40ACME\
             &redirect_uri=https%3A%2F%2Flocalhost%2Fconnected&scope=api+offline_access&state=a+state\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        );
    }

    #[test]
    fn no_two_requests_are_alike() {
        let (one, two) = (Consent::new().unwrap(), Consent::new().unwrap());
        let texts = [&one.state, &one.verifier, &two.state, &two.verifier];
        let texts = texts.map(|text| text.expose_secret().to_owned());
        assert!(texts.iter().all(|text| text.len() == 43));
        let distinct: std::collections::BTreeSet<_> = texts.iter().collect();
        assert_eq!(distinct.len(), 4);
        assert_eq!(format!("{one:?}"), "Consent(..)");
    }
}
