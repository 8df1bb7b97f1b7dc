//! Tokens that were granted and could not be stored. The refresh token they were asked with may be void, so they are the only
//! way on: the process keeps them, unused, and stores them before anything else is asked for.

use std::cell::RefCell;
use std::collections::HashMap;

use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use super::digest;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, PortError, Vault};

/// Secrets that wait to be stored, by connection and name.
#[derive(Default)]
pub(crate) struct Unstored(RefCell<HashMap<(ConnectionId, String), Waiting>>);

#[derive(Clone)]
struct Waiting {
    text: SecretString,
    /// What it follows, as [`mark`] says it; another one means that somebody else went on.
    after: String,
}

/// What became of a rescue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rescued {
    /// The secret was written and must be read again.
    Stored,
    /// There was nothing to store.
    Nothing,
}

/// Names the refresh token a secret holds; blank without one.
pub(crate) fn mark(refresh_token: Option<&SecretString>) -> String {
    let held = refresh_token.filter(|token| !token.expose_secret().is_empty());
    held.map(digest).unwrap_or_default()
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Writes a secret with a new refresh token, which follows that of the mark; what cannot be written is kept. Only under
    /// the lease of the secret.
    ///
    /// # Errors
    /// [`PortError`].
    pub(crate) async fn put_or_keep(
        &self,
        id: &ConnectionId,
        (name, after): (&str, String),
        text: SecretString,
    ) -> Result<(), PortError> {
        let put = self.vault.put_secret(id, name, &text).await;
        if put.is_err() {
            let key = (id.clone(), name.to_owned());
            let mut unstored = self.kept.unstored.0.borrow_mut();
            unstored.insert(key, Waiting { text, after });
        }
        put
    }

    /// Stores what could not be stored before, if the secret still holds the refresh token of the mark. Only under the lease
    /// of the secret.
    ///
    /// # Errors
    /// [`PortError`]; it goes on waiting then.
    pub(crate) async fn rescue(
        &self,
        id: &ConnectionId,
        name: &str,
        held: &str,
    ) -> Result<Rescued, PortError> {
        let key = (id.clone(), name.to_owned());
        let waiting = self.kept.unstored.0.borrow().get(&key).cloned();
        let Some(waiting) = waiting else {
            return Ok(Rescued::Nothing);
        };
        let is_next = waiting.after == held;
        if is_next {
            self.vault.put_secret(id, name, &waiting.text).await?;
            tracing::warn!(connection = %id, name, "token stored that could not be stored before");
        }
        self.kept.unstored.0.borrow_mut().remove(&key);
        Ok(if is_next {
            Rescued::Stored
        } else {
            Rescued::Nothing
        })
    }
}
