//! The operator's credentials, and the token a seat keeps with whose it is.

use std::collections::BTreeSet;

use acumatica::auth::{Application, User};
use jiff::Timestamp;
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{OPERATOR_SECRET, SeatError};
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::{digest, exposed};

/// What the operator puts into `{stack}/{connection}/acumatica`: user name and password, or one refresh token per seat.
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
    refresh_tokens: Vec<SecretString>,
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
    /// Digest of the operator's refresh token these came from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) consent: String,
    /// [`Credentials::identity`] it was granted to: with another one it would reach the former tenant.
    #[serde(default)]
    pub(super) identity: String,
    /// Where it is signed out.
    #[serde(default)]
    pub(super) url: String,
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
    Refresh {
        token: SecretString,
        /// Digest of the operator's refresh token at the head of the chain.
        consent: String,
    },
}

impl Offer {
    pub(super) fn consent(&self) -> &str {
        match self {
            Self::Password(_) => "",
            Self::Refresh { consent, .. } => consent,
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

    /// The offer of a seat, numbered from 1; `known` is the token it had before, of the same identity.
    pub(super) fn offer(&self, seat: u32, known: Option<SeatToken>) -> Option<Offer> {
        let operator = &self.operator;
        if let (Some(name), Some(password)) = (&operator.username, &operator.password) {
            return Some(Offer::Password(User {
                name: name.clone(),
                password: password.clone(),
            }));
        }
        let place = usize::try_from(seat.saturating_sub(1)).ok()?;
        let offered = operator.refresh_tokens.get(place)?;
        let consent = digest(offered);
        let rotated = known
            .filter(|token| token.consent == consent)
            .map(|token| token.refresh_token)
            .filter(|token| !token.expose_secret().is_empty());
        Some(Offer::Refresh {
            token: rotated.unwrap_or_else(|| offered.clone()),
            consent,
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
        let operator = read.map_err(|_| {
            unreadable(
                id,
                OPERATOR_SECRET.to_owned(),
                "client_id, client_secret, username and password (or refresh_tokens)",
            )
        })?;
        let acumatica = &connection.acumatica;
        let whose = [
            acumatica.url.as_str(),
            &acumatica.site.tenant().to_lowercase(),
            &operator.client_id,
            operator.username.as_deref().unwrap_or_default(),
        ];
        let identity = digest(&whose.join("\n").into());
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
        let operator =
            r#"{"client_id": "a@T", "client_secret": "s", "refresh_tokens": ["one", "two"]}"#;
        Credentials {
            operator: serde_json::from_str(operator).unwrap(),
            identity: "i".to_owned(),
            version: version.to_owned(),
        }
    }

    #[test]
    fn refused_credentials_stay_refused_until_they_change() {
        let (old, new) = (credentials("1"), credentials("2"));
        let (one, two) = (old.offer(1, None).unwrap(), old.offer(2, None).unwrap());
        assert!(old.offer(3, None).is_none());
        let mut refusals = Refusals::read("");
        refusals.note(&old, &one);
        let mut refusals = Refusals::read(&refusals.write());
        assert!(refusals.hold(&old, &one));
        assert!(!refusals.hold(&old, &two) && !refusals.hold(&new, &one));
        refusals.note(&new, &two);
        assert!(!refusals.hold(&old, &one) && refusals.hold(&new, &two));
    }

    #[test]
    fn a_rotated_refresh_token_is_offered_only_in_its_own_chain() {
        let credentials = credentials("1");
        let known = |consent: &str| SeatToken {
            access_token: "a".into(),
            ends: Timestamp::UNIX_EPOCH,
            refresh_token: "rotated".into(),
            consent: consent.to_owned(),
            identity: "i".to_owned(),
            url: String::new(),
        };
        let offered = |known| match credentials.offer(1, known) {
            Some(Offer::Refresh { token, .. }) => token.expose_secret().to_owned(),
            _ => String::new(),
        };
        assert_eq!(offered(Some(known(&digest(&"one".into())))), "rotated");
        assert_eq!(offered(Some(known(&digest(&"two".into())))), "one");
        assert_eq!(offered(None), "one");
    }
}
