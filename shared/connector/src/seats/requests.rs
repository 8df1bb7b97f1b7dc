//! Requests out of the minute all seats of a connection share. It is one small item of the table, changed by whoever saw its
//! last text, so that no worker holds it and none that dies takes it along.

use posting::ConnectionId;

use super::budget::{Budget, allowed};
use super::{Seat, SeatError};
use crate::connection::Connection;
use crate::needs::{CONNECTIONS_KEPT_MAX, Needs, make_room};
use crate::ports::{Clock, Ledger, PortError, Vault};
use crate::tokens::digest;

/// Times the item is written anew because another worker was faster: each of them got on, and they are no more than seats.
const TURNS_MAX: usize = 20;

/// So much of the digest of a holder names it: with the same text in the same second, no two are ever alike.
const NAME_CHARS: usize = 8;

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Makes sure that the seat may send a request. When the minute is used up, nobody waits here: the documents wait in their
    /// records.
    ///
    /// # Errors
    /// [`SeatError::Slow`] when too few are left, [`SeatError::Port`].
    pub(super) async fn pace(
        &self,
        seat: &mut Seat,
        connection: &Connection,
    ) -> Result<(), SeatError> {
        if seat.block.left(self.clock.now()) > 0 {
            return Ok(());
        }
        let allowed = allowed(connection.acumatica.requests_per_minute);
        self.account(seat, Some(allowed)).await?;
        if seat.block.left(self.clock.now()) > 0 {
            Ok(())
        } else {
            Err(SeatError::Slow)
        }
    }

    /// Gives back what a seat did not send.
    pub(super) async fn give_requests(&self, seat: &mut Seat) {
        if seat.block.is_blank() {
            return;
        }
        if let Err(error) = self.account(seat, None).await {
            // All of them count as sent at the end of the block.
            tracing::warn!(seat = seat.lease.name, %error, "requests not given back");
        }
    }

    /// Accounts for the seat's block and takes another one of so many allowed, if wanted and there.
    async fn account(&self, seat: &mut Seat, allowed: Option<u32>) -> Result<(), PortError> {
        let name = format!("requests#{}", seat.connection);
        let kept = self.kept.requests.borrow().get(&seat.connection).cloned();
        let mut known = kept.unwrap_or_default();
        let mut is_fresh = false;
        let by: String = digest(&seat.lease.holder.clone().into())
            .chars()
            .take(NAME_CHARS)
            .collect();
        for _ in 0..TURNS_MAX {
            let now = self.clock.now();
            let mut budget = Budget::read(&known);
            budget.settle(seat.number, &seat.block);
            let next = allowed.and_then(|allowed| budget.take(seat.number, now, allowed));
            if next.is_none() && seat.block.is_blank() {
                if is_fresh {
                    break;
                }
                // What the process kept says that nothing is left; others may have given some back since.
                known = self.ledger.lease_memo(&name).await?.unwrap_or_default();
                is_fresh = true;
                continue;
            }
            let text = budget.write(&by, now);
            match self.ledger.swap_memo(&name, &known, &text).await? {
                None => {
                    self.keep_requests(&seat.connection, text);
                    seat.block = next.unwrap_or_default();
                    break;
                }
                Some(stands) => {
                    known = stands;
                    is_fresh = true;
                }
            }
        }
        Ok(())
    }

    fn keep_requests(&self, id: &ConnectionId, text: String) {
        let mut kept = self.kept.requests.borrow_mut();
        make_room(&mut kept, CONNECTIONS_KEPT_MAX);
        kept.insert(id.clone(), text);
    }
}
