//! What may be told of Concur's tokens and of the operator's secret: nothing of it is secret.

use concur::Geolocation;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;

use super::stored::Stored;
use super::{By, Did, TokenError};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};

/// A refresh token that ends sooner needs a person: they need a company administrator, who may be away.
const REFRESH_LEFT_MIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The scope of the Financial Integration Service.
const SCOPE: &str = "FISVC";

/// The tokens of a connection, without the tokens.
#[derive(Debug)]
pub(crate) struct TokenFacts {
    /// Where the company lives.
    pub(crate) geolocation: Geolocation,
    /// When the access token was granted, where that was noted.
    pub(crate) granted: Option<Timestamp>,
    /// End of the access token.
    pub(crate) ends: Timestamp,
    /// End of the refresh token, where Concur told it.
    pub(crate) refresh_ends: Option<Timestamp>,
    /// Scopes, where Concur told them.
    pub(crate) scope: Option<String>,
}

impl TokenFacts {
    /// Whether the tokens may use the Financial Integration Service; not told by every answer.
    pub(crate) fn may_use_service(&self) -> bool {
        let scope = self.scope.as_deref();
        scope.is_none_or(|scope| scope.split_whitespace().any(|one| one == SCOPE))
    }

    /// Whether a person should make a new request token by now.
    pub(crate) fn end_soon(&self, now: Timestamp) -> bool {
        let ends = self.refresh_ends;
        ends.is_some_and(|ends| ends.duration_since(now) < REFRESH_LEFT_MIN)
    }
}

/// What a person's wish to connect brought.
#[derive(Debug)]
pub(crate) struct Connected {
    /// The tokens there are now.
    pub(crate) facts: TokenFacts,
    /// What was done for them.
    pub(crate) did: Did,
    /// Whether the operator should delete something.
    pub(crate) request_token: RequestToken,
}

/// Whether the operator's secret still holds a request token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestToken {
    /// It does; once exchanged it is of no use.
    There,
    /// It does not.
    Absent,
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Makes sure there are tokens, from the request token if a new one is there. May be repeated: a request token that was
    /// exchanged is not offered again.
    ///
    /// # Errors
    /// [`TokenError`].
    pub(crate) async fn connect_concur(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Connected, TokenError> {
        // A token that seems valid proves nothing about a request token the operator has just put, so nothing is taken
        // from the process here.
        self.kept.tokens.borrow_mut().remove(&connection.id);
        let (tokens, did) = Box::pin(self.refreshed(connection, run, None, By::Person)).await?;
        Ok(Connected {
            facts: self.facts(tokens)?,
            did,
            request_token: self.concur_secret(&connection.id).await?,
        })
    }

    /// Makes sure that there is a valid token, as any call does, and tells of it.
    ///
    /// # Errors
    /// [`TokenError`].
    pub(crate) async fn token_facts(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<TokenFacts, TokenError> {
        let (tokens, _) = self.concur_tokens(connection, run, None).await?;
        self.facts(tokens)
    }

    fn facts(&self, tokens: Stored) -> Result<TokenFacts, TokenError> {
        Ok(TokenFacts {
            geolocation: self.geolocation(&tokens)?,
            granted: tokens.granted,
            ends: tokens.ends,
            refresh_ends: tokens.refresh_ends,
            scope: tokens.scope,
        })
    }

    /// Reads the operator's secret.
    ///
    /// # Errors
    /// [`TokenError`] when it cannot be read or lacks a field.
    pub(crate) async fn concur_secret(
        &self,
        connection: &ConnectionId,
    ) -> Result<RequestToken, TokenError> {
        let operator = self.operator(connection).await?;
        Ok(match operator.request_token {
            Some(_) => RequestToken::There,
            None => RequestToken::Absent,
        })
    }
}
