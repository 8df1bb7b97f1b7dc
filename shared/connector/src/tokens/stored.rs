//! The two secrets of Concur: what the operator puts, and what the connector keeps.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use concur::auth::TokenAnswer;

use super::{OPERATOR_SECRET, TOKENS_SECRET, TokenError, Writes};
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, Vault};

/// Life of a refresh token whose answer does not tell it: six months, and a few days less to be safe.
const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(178 * 24);

/// What the operator puts into `{stack}/{connection}/concur`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operator {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    #[serde(default)]
    pub(super) request_token: Option<SecretString>,
}

/// What the connector keeps in `{stack}/{connection}/concur-tokens`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    #[serde(serialize_with = "exposed")]
    pub(super) access_token: SecretString,
    /// When it was granted; unknown of tokens that an earlier release stored.
    #[serde(default)]
    pub(super) granted: Option<Timestamp>,
    pub(super) ends: Timestamp,
    #[serde(serialize_with = "exposed")]
    pub(super) refresh_token: SecretString,
    #[serde(default)]
    pub(super) refresh_ends: Option<Timestamp>,
    /// Scopes as Concur named them, separated by blanks.
    #[serde(default)]
    pub(super) scope: Option<String>,
    pub(super) geolocation: String,
    /// SHA-256 of the request token these came from: a new one from the operator is seen by it.
    #[serde(default)]
    pub(super) request_token_digest: String,
    /// The company they speak for.
    #[serde(default)]
    pub(super) company_uuid: String,
    /// `token_url` of the connection they were first asked for with.
    #[serde(default)]
    pub(super) token_url: String,
    /// Where request tokens are exchanged, if Concur once named another data centre than `token_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exchange_at: Option<String>,
    #[serde(default)]
    pub(super) writes: Writes,
}

impl Stored {
    /// Whether they speak for the company the connection names now.
    pub(super) fn belong_to(&self, connection: &Connection) -> bool {
        let concur = &connection.concur;
        self.company_uuid == concur.company_uuid && self.token_url == concur.token_url.to_string()
    }

    /// An answer of Concur as it is kept, after `before`.
    pub(super) fn of(
        answer: &TokenAnswer,
        connection: &Connection,
        (request_token_digest, before): (String, Option<&Self>),
        now: Timestamp,
    ) -> Self {
        let after = |life: SignedDuration| now.checked_add(life).unwrap_or(Timestamp::MAX);
        let told = answer.refresh_expires_at;
        let refresh_ends = told.and_then(|at| Timestamp::from_second(at).ok());
        // Some answers name no scopes, and a refresh changes none.
        let scope = answer.scope.clone();
        Self {
            access_token: answer.access_token.clone(),
            granted: Some(now),
            ends: after(SignedDuration::try_from(answer.expires_in).unwrap_or_default()),
            refresh_token: answer.refresh_token.clone(),
            refresh_ends: refresh_ends.or_else(|| Some(after(REFRESH_LIFE))),
            scope: scope.or_else(|| before?.scope.clone()),
            geolocation: answer.geolocation.to_string(),
            request_token_digest,
            company_uuid: connection.concur.company_uuid.clone(),
            token_url: connection.concur.token_url.to_string(),
            exchange_at: before.and_then(|before| before.exchange_at.clone()),
            writes: before
                .map_or_else(Writes::default, |before| before.writes.clone())
                .and(now),
        }
    }
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    pub(super) async fn operator(&self, id: &ConnectionId) -> Result<Operator, TokenError> {
        let secret = self.vault.secret(id, OPERATOR_SECRET).await?;
        let secret = secret.ok_or_else(|| TokenError::SecretMissing(id.clone()))?;
        let read: Result<Operator, _> = serde_json::from_str(secret.expose_secret());
        let mut operator = read.map_err(|_| TokenError::SecretUnreadable {
            connection: id.clone(),
            name: OPERATOR_SECRET,
            fields: "client_id, client_secret and request_token",
        })?;
        // A field that was emptied instead of deleted.
        let is_blank = |token: &SecretString| token.expose_secret().trim().is_empty();
        if operator.request_token.as_ref().is_some_and(is_blank) {
            operator.request_token = None;
        }
        Ok(operator)
    }

    pub(super) async fn stored_tokens(
        &self,
        id: &ConnectionId,
    ) -> Result<Option<Stored>, TokenError> {
        let Some(secret) = self.vault.secret(id, TOKENS_SECRET).await? else {
            return Ok(None);
        };
        let stored = serde_json::from_str(secret.expose_secret());
        stored.map(Some).map_err(|_| unreadable(id))
    }

    pub(super) async fn store_tokens(
        &self,
        id: &ConnectionId,
        tokens: &Stored,
        after: String,
    ) -> Result<(), TokenError> {
        let text = serde_json::to_string(tokens).map_err(|_| unreadable(id))?;
        let put = self.put_or_keep(id, (TOKENS_SECRET, after), text.into());
        Ok(put.await?)
    }
}

fn unreadable(id: &ConnectionId) -> TokenError {
    TokenError::SecretUnreadable {
        connection: id.clone(),
        name: TOKENS_SECRET,
        fields: "the connector writes",
    }
}

/// Writes a secret into what is stored as a secret; the only place where one is written out.
pub(crate) fn exposed<S: serde::Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// First 32 hex digits of the SHA-256 of a secret: enough to see that it changed, nothing to get it back from.
pub(crate) fn digest(secret: &SecretString) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Sha256::digest(secret.expose_secret().as_bytes())
        .iter()
        .take(16)
    {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
