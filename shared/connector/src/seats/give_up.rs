//! Seats a connection no longer has, one by one or with itself: their sessions end at once, not with their tokens.

use futures_util::future::join_all;

use super::grant::TURN_MARGIN;
use super::{Memo, Seat, SeatError};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::digest;

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Signs out the seats above those configured, when this is the first seat and its memo says that there were more. What is
    /// in use or not answered now is tried again by the next holder of the first seat.
    pub(crate) async fn give_up_surplus(
        &self,
        first: &mut Seat,
        connection: &Connection,
        run: &Run,
    ) {
        if first.number != 1 {
            return;
        }
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

    /// Signs out every session of a connection that is taken out of use, as far as they are known and answered now. Returns
    /// the seats that may still have one. May be repeated.
    pub(crate) async fn give_up_all(&self, connection: &Connection, run: &Run) -> Vec<u32> {
        let noted = self
            .ledger
            .lease_memo(&format!("seat#{}#1", connection.id))
            .await;
        let noted = noted.map(|memo| Memo::read(&memo.unwrap_or_default()).seats);
        let seats = noted.unwrap_or_default().max(connection.acumatica.seats);
        let has_time = run.left(self.clock.now()) > self.grant_time().saturating_add(TURN_MARGIN);
        if !has_time {
            return (1..=seats).collect();
        }
        // Side by side: a silent site costs one answer's time, whatever the number of seats.
        let all = (1..=seats).map(|number| async move {
            let is_out = self.give_up(connection, run, number).await;
            let is_out = is_out.unwrap_or_else(|error| {
                tracing::warn!(connection = %connection.id, seat = number, %error, "seat not given up");
                false
            });
            (!is_out).then_some(number)
        });
        join_all(all).await.into_iter().flatten().collect()
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
        let before = seat.memo.clone();
        let is_out = match &known {
            Ok(Some(token))
                if token.ends > self.clock.now()
                    && !seat.memo.is_void(&digest(&token.access_token)) =>
            {
                self.sign_out(&mut seat, connection, token).await.is_ok()
            }
            _ => true,
        };
        if !is_out {
            // Its token is not void to the next one, who tries again.
            seat.memo = before;
        }
        self.leave_seat(seat).await;
        known.map(|_| is_out)
    }
}
