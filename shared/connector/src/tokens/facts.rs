//! What may be told of Concur's tokens and of the operator's secret: nothing of it is secret.

use concur::Geolocation;
use jiff::Timestamp;
use posting::ConnectionId;

use super::TokenError;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};

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

/// Whether the operator's secret still holds a request token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestToken {
    /// It does; once exchanged it is of no use.
    There,
    /// It does not.
    Absent,
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Makes sure that there is a valid token, as any call does, and tells of it.
    ///
    /// # Errors
    /// [`TokenError`].
    pub(crate) async fn token_facts(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<TokenFacts, TokenError> {
        let tokens = self.concur_tokens(connection, run, None).await?;
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
