//! Consents kept alive: a refresh token that nobody uses ends, where the application says so after days.

use std::collections::BTreeSet;

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
    /// Which of the first so many seats have a consent. `None` when a password serves them all, or there is no secret yet.
    ///
    /// # Errors
    /// [`SeatError`].
    pub(crate) async fn consents(
        &self,
        connection: &Connection,
        seats: u32,
    ) -> Result<Option<BTreeSet<u32>>, SeatError> {
        let credentials = match self.acumatica_credentials(connection).await {
            Ok(credentials) if credentials.user().is_none() => credentials,
            Ok(_) | Err(SeatError::SecretMissing(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut there = BTreeSet::new();
        for number in 1..=seats {
            let known = self.stored_seat_token(&connection.id, number).await?;
            let is_there =
                |known: &SeatToken| known.has_consent() && known.identity == credentials.identity;
            if known.as_ref().is_some_and(is_there) {
                there.insert(number);
            }
        }
        Ok(Some(there))
    }

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
