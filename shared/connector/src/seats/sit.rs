//! Sitting down: the seat's own token where it is still good for this tenant, else a new one.

use std::time::Duration;

use acumatica::auth::Token;
use acumatica::{Session, Site};
use jiff::SignedDuration;
use posting::ConnectionId;
use secrecy::ExposeSecret;

use super::token::{SeatToken, secret_name, unreadable};
use super::{Seat, SeatError};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::digest;

/// By so much the clocks of the site and of the workers may differ: a session may outlive what a worker believes.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    pub(super) async fn sit_down(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        run: &Run,
    ) -> Result<(), SeatError> {
        let credentials = self.acumatica_credentials(connection).await?;
        seat.memo.serve(&credentials.identity);
        let known = self.seat_token(seat, &connection.id).await?;
        let known = known.filter(|token| !seat.memo.is_void(&digest(&token.access_token)));
        let token = match known {
            Some(token) if token.identity == credentials.identity && token.ends > run.deadline => {
                token
            }
            Some(old) => {
                let goes_on = token_goes_on(&old, &credentials.identity);
                let ended_for = self.clock.now().duration_since(old.ends);
                if !goes_on && ended_for < CLOCKS_DIFFER {
                    // It will not be used again, and its session would stay taken until its end.
                    self.sign_out(seat, connection, &old).await.ok();
                }
                Box::pin(self.new_token(seat, connection, &credentials)).await?
            }
            None => Box::pin(self.new_token(seat, connection, &credentials)).await?,
        };
        seat.session = Some(self.session(connection, &token));
        Ok(())
    }

    /// A new token in the place of a refused one, with the credentials as they are now.
    pub(super) async fn renewed_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
    ) -> Result<SeatToken, SeatError> {
        let credentials = self.acumatica_credentials(connection).await?;
        seat.memo.serve(&credentials.identity);
        let refused = seat.memo.token.clone();
        let key = (connection.id.clone(), seat.number);
        self.kept.seats.borrow_mut().remove(&key);
        // A worker that was killed may have stored another one and told nobody.
        let stored = self.seat_token(seat, &connection.id).await?;
        let is_good = |token: &SeatToken| {
            let digest = digest(&token.access_token);
            digest != refused
                && !seat.memo.is_void(&digest)
                && token.identity == credentials.identity
                && token.ends > self.clock.now()
        };
        match stored.filter(is_good) {
            Some(token) => Ok(token),
            None => self.new_token(seat, connection, &credentials).await,
        }
    }

    /// The seat's token: from the process if it is still the one the lease names, else from its secret.
    pub(super) async fn seat_token(
        &self,
        seat: &mut Seat,
        id: &ConnectionId,
    ) -> Result<Option<SeatToken>, SeatError> {
        let key = (id.clone(), seat.number);
        if let Some(kept) = self.kept.seats.borrow().get(&key)
            && seat.memo.token == digest(&kept.access_token)
            // The memo of a worker that was killed is old, and so may be this token: asked for anew, it would be one too many.
            && kept.ends > self.after(self.deployment.clocks.post_timeout)
        {
            return Ok(Some(kept.clone()));
        }
        let name = secret_name(seat.number);
        let Some(secret) = self.vault.secret(id, &name).await? else {
            return Ok(None);
        };
        let token: SeatToken = serde_json::from_str(secret.expose_secret())
            .map_err(|_| unreadable(id, name, "the connector writes"))?;
        seat.memo.token = digest(&token.access_token);
        self.kept.seats.borrow_mut().insert(key, token.clone());
        Ok(Some(token))
    }

    /// Gives the session of a token back, at the site that granted it, and notes that the token is void: used again it
    /// would open another session.
    ///
    /// # Errors
    /// When nobody knows that the session ended.
    pub(super) async fn sign_out(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        token: &SeatToken,
    ) -> Result<(), NotSignedOut> {
        seat.memo.void(digest(&token.access_token));
        seat.block.send(self.clock.now());
        let now = &connection.acumatica.site;
        let hosts = self.deployment.acumatica_hosts();
        // The address of a sign-out is that of the instance alone.
        let signed_out = match Site::new(
            &token.url,
            now.tenant(),
            now.endpoint(),
            now.version(),
            hosts,
        ) {
            Ok(site) => {
                let session = self.session_at(&site, token);
                session.sign_out().await.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        seat.block.arrive(self.clock.now());
        signed_out.map_err(|error| {
            tracing::warn!(connection = %connection.id, seat = seat.number, error, "old token not signed out");
            NotSignedOut
        })
    }

    pub(super) fn session(&self, connection: &Connection, token: &SeatToken) -> Session {
        self.session_at(&connection.acumatica.site, token)
    }

    fn session_at(&self, site: &Site, token: &SeatToken) -> Session {
        let token = Token {
            access_token: token.access_token.clone(),
            expires_in: Duration::ZERO,
            refresh_token: None,
        };
        let answer = self.deployment.acumatica_answer();
        Session::new(&self.acumatica, site, token, answer)
    }
}

/// A session may still be open.
pub(super) struct NotSignedOut;

/// Whether a refresh carries the session of a token on.
fn token_goes_on(token: &SeatToken, identity: &str) -> bool {
    token.identity == identity && token.has_consent()
}
