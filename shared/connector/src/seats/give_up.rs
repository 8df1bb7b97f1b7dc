//! Seats a connection no longer has: their sessions end at once, not with their tokens.

use super::{Seat, SeatError};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::digest;

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Signs out the seats above those configured, when the memo of the first seat says that there were more. What is in use
    /// or not answered now is tried again by the next holder of the first seat.
    pub(super) async fn give_up_surplus(
        &self,
        first: &mut Seat,
        connection: &Connection,
        run: &Run,
    ) {
        let configured = connection.acumatica.seats;
        let mut all_out = true;
        for number in configured.saturating_add(1)..=first.memo.seats {
            match self.give_up(connection, run, number).await {
                Ok(is_out) => all_out &= is_out,
                Err(error) => {
                    tracing::warn!(connection = %connection.id, seat = number, %error, "seat not given up yet");
                    all_out = false;
                }
            }
        }
        if all_out || first.memo.seats < configured {
            first.memo.seats = configured;
        }
    }

    /// Whether the seat has no session of ours any more.
    async fn give_up(
        &self,
        connection: &Connection,
        run: &Run,
        number: u32,
    ) -> Result<bool, SeatError> {
        let Some(mut seat) = self.lease_seat(connection, run, number).await? else {
            return Ok(false);
        };
        let known = self.seat_token(&mut seat, &connection.id).await;
        let is_out = match &known {
            Ok(Some(token))
                if token.ends > self.clock.now()
                    && !seat.memo.is_void(&digest(&token.access_token)) =>
            {
                self.sign_out(&mut seat, connection, token).await.is_ok()
            }
            _ => true,
        };
        self.leave_seat(seat).await;
        known.map(|_| is_out)
    }
}
