//! The operator's credentials, and the token a seat keeps with whose it is.

use std::collections::BTreeSet;

use acumatica::auth::{Application, CodeAnswer, User};
use jiff::Timestamp;
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{OPERATOR_SECRET, SeatError};
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::{Writes, digest, exposed};

/// Where the browser ends after a consent. Nobody listens there, so nobody but the person sees the code.
const REDIRECT_URI: &str = "https://localhost/connected";

/// What the operator puts into `{stack}/{connection}/acumatica`: user name and password, or the code of a consent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    client_id: String,
    client_secret: SecretString,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<SecretString>,
    #[serde(default)]
    code: Option<SecretString>,
    #[serde(default)]
    redirect_uri: Option<String>,
}

/// What the connector keeps in `{stack}/{connection}/acumatica-seat-{n}`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SeatToken {
    #[serde(serialize_with = "exposed")]
    pub(super) access_token: SecretString,
    pub(super) ends: Timestamp,
    /// Blank without one.
    #[serde(default, serialize_with = "exposed")]
    pub(super) refresh_token: SecretString,
    /// Digest of the code at the head of the chain; blank without a consent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) consent: String,
    /// [`Credentials::identity`] it was granted to: with another one it would reach the former tenant.
    #[serde(default)]
    pub(super) identity: String,
    /// Where it is signed out.
    #[serde(default)]
    pub(super) url: String,
    #[serde(default)]
    pub(super) writes: Writes,
}

impl SeatToken {
    /// Whether it can be refreshed without a person.
    pub(super) fn has_consent(&self) -> bool {
        !self.refresh_token.expose_secret().is_empty()
    }
}

/// The operator's credentials as they are now.
pub(super) struct Credentials {
    operator: Operator,
    /// Digest of site, tenant, application and user: what a token and a probe are good for.
    pub(super) identity: String,
    /// Digest of all that decides whether they are refused.
    version: String,
}

/// What a token is asked for with.
pub(super) enum Offer {
    Password(User),
    Code {
        answer: CodeAnswer,
        /// Digest of the code.
        consent: String,
    },
    Refresh {
        token: SecretString,
        /// Digest of the code at the head of the chain.
        consent: String,
    },
}

impl Offer {
    pub(super) fn consent(&self) -> &str {
        match self {
            Self::Password(_) => "",
            Self::Code { consent, .. } | Self::Refresh { consent, .. } => consent,
        }
    }
}

impl Credentials {
    pub(super) fn application(&self) -> Application {
        Application {
            client_id: self.operator.client_id.clone(),
            client_secret: self.operator.client_secret.clone(),
        }
    }

    /// User name and password, where the operator gave both.
    pub(super) fn user(&self) -> Option<User> {
        let operator = &self.operator;
        let (name, password) = operator.username.as_ref().zip(operator.password.as_ref())?;
        Some(User {
            name: name.clone(),
            password: password.clone(),
        })
    }

    /// What the operator put as `code`, as it is.
    pub(super) fn code(&self) -> Option<&SecretString> {
        let code = self.operator.code.as_ref();
        code.filter(|code| !code.expose_secret().trim().is_empty())
    }

    pub(super) fn redirect_uri(&self) -> &str {
        self.operator
            .redirect_uri
            .as_deref()
            .unwrap_or(REDIRECT_URI)
    }

    /// The offer of a seat without a person; `known` is the token it had before, of the same identity.
    pub(super) fn offer(&self, known: Option<&SeatToken>) -> Option<Offer> {
        if let Some(user) = self.user() {
            return Some(Offer::Password(user));
        }
        let known = known.filter(|known| known.has_consent())?;
        Some(Offer::Refresh {
            token: known.refresh_token.clone(),
            consent: known.consent.clone(),
        })
    }
}

/// Credentials that were refused, kept for all seats of a connection: every further try could lock the user.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Refusals {
    /// Version of the credentials.
    version: String,
    /// Consents refused; a blank one stands for user name and password.
    consents: BTreeSet<String>,
}

impl Refusals {
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn hold(&self, credentials: &Credentials, offer: &Offer) -> bool {
        self.version == credentials.version && self.consents.contains(offer.consent())
    }

    pub(super) fn note(&mut self, credentials: &Credentials, offer: &Offer) {
        if self.version != credentials.version {
            *self = Self {
                version: credentials.version.clone(),
                consents: BTreeSet::new(),
            };
        }
        self.consents.insert(offer.consent().to_owned());
    }
}

pub(super) fn secret_name(seat: u32) -> String {
    format!("acumatica-seat-{seat}")
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Reads the operator's secret. Not kept in the process: what the operator changes counts at once.
    pub(super) async fn acumatica_credentials(
        &self,
        connection: &Connection,
    ) -> Result<Credentials, SeatError> {
        let id = &connection.id;
        let secret = self.vault.secret(id, OPERATOR_SECRET).await?;
        let secret = secret.ok_or_else(|| SeatError::SecretMissing(id.clone()))?;
        let read: Result<Operator, _> = serde_json::from_str(secret.expose_secret());
        let is_half =
            |operator: &Operator| operator.username.is_some() != operator.password.is_some();
        let whole = read.ok().filter(|operator| !is_half(operator));
        let operator = whole.ok_or_else(|| {
            unreadable(
                id,
                OPERATOR_SECRET.to_owned(),
                "client_id, client_secret, and username and password or else code",
            )
        })?;
        let acumatica = &connection.acumatica;
        let parts = [
            acumatica.url.as_str(),
            &acumatica.site.tenant().to_lowercase(),
            &operator.client_id,
            operator.username.as_deref().unwrap_or_default(),
        ];
        let identity = digest(&parts.join("\n").into());
        let version = digest(&format!("{identity}\n{}", secret.expose_secret()).into());
        Ok(Credentials {
            operator,
            identity,
            version,
        })
    }
}

pub(super) fn unreadable(id: &ConnectionId, name: String, fields: &'static str) -> SeatError {
    SeatError::SecretUnreadable {
        connection: id.clone(),
        name,
        fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(version: &str) -> Credentials {
        let operator = r#"{"client_id": "a@T", "client_secret": "s"}"#;
        Credentials {
            operator: serde_json::from_str(operator).unwrap(),
            identity: "i".to_owned(),
            version: version.to_owned(),
        }
    }

    fn known(consent: &str, refresh_token: &str) -> SeatToken {
        SeatToken {
            access_token: "a".into(),
            ends: Timestamp::UNIX_EPOCH,
            refresh_token: refresh_token.into(),
            consent: consent.to_owned(),
            identity: "i".to_owned(),
            url: String::new(),
            writes: Writes::default(),
        }
    }

    #[test]
    fn refused_credentials_stay_refused_until_they_change() {
        let (old, new) = (credentials("1"), credentials("2"));
        let offer = |consent| old.offer(Some(&known(consent, "r"))).unwrap();
        let (one, two) = (offer("one"), offer("two"));
        let mut refusals = Refusals::read("");
        refusals.note(&old, &one);
        let mut refusals = Refusals::read(&refusals.write());
        assert!(refusals.hold(&old, &one));
        assert!(!refusals.hold(&old, &two) && !refusals.hold(&new, &one));
        refusals.note(&new, &two);
        assert!(!refusals.hold(&old, &one) && refusals.hold(&new, &two));
    }

    #[test]
    fn a_seat_without_a_consent_has_nothing_to_offer() {
        let credentials = credentials("1");
        let offered = |known: Option<SeatToken>| match credentials.offer(known.as_ref()) {
            Some(Offer::Refresh { token, .. }) => Some(token.expose_secret().to_owned()),
            _ => None,
        };
        assert_eq!(
            offered(Some(known("one", "rotated"))).as_deref(),
            Some("rotated")
        );
        assert_eq!(offered(Some(known("one", ""))), None);
        assert_eq!(offered(None), None);
    }
}
