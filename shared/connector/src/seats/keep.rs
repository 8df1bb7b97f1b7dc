//! Consents kept alive: a refresh token that nobody uses ends, where the application says so after days.

use super::SeatError;
use super::grant::TURN_MARGIN;
use super::token::SeatToken;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};

/// What became of the consents of a connection.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    /// Seats with a refresh token.
    pub(crate) there: u32,
    /// Of these the idle ones, whose token was refreshed now.
    pub(crate) refreshed: u32,
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Refreshes the token of every seat that stands idle; a seat in use keeps itself. `None` when a password serves them all,
    /// which needs no keeping. May be repeated.
    ///
    /// # Errors
    /// [`SeatError`] of the first seat that could not be kept.
    pub(crate) async fn keep_acumatica(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Option<Consents>, SeatError> {
        let mut consents = Consents::default();
        let credentials = self.acumatica_credentials(connection).await?;
        if credentials.user().is_some() {
            return Ok(None);
        }
        for number in 1..=connection.acumatica.seats {
            let known = self.stored_seat_token(&connection.id, number).await?;
            let Some(known) = known.filter(SeatToken::has_consent) else {
                continue;
            };
            consents.there = consents.there.saturating_add(1);
            let has_time =
                run.left(self.clock.now()) > self.grant_time().saturating_add(TURN_MARGIN);
            if known.ends > self.clock.now() || !has_time {
                continue;
            }
            let Some(mut seat) = self.lease_seat(connection, run, number).await? else {
                continue;
            };
            let refreshed = Box::pin(self.sit_down(&mut seat, connection, run)).await;
            self.leave_seat(seat).await;
            refreshed?;
            consents.refreshed = consents.refreshed.saturating_add(1);
        }
        Ok(Some(consents))
    }
}
