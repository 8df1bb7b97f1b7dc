//! Acumatica's seats: an API session each, of which the licence allows few. Whoever holds the lease of a seat uses its
//! token, one request after another; the lease carries on to the next holder what a search needs to prove itself and how
//! many requests the last minute saw.

mod error;
mod grant;
mod memo;
mod sit;
mod token;

use std::time::Duration;

use acumatica::Session;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;

use crate::circuit::Side;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger, Vault};
use crate::retry::Class;
pub use error::SeatError;
pub use memo::{Memo, Probe};
pub(crate) use token::SeatToken;

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "acumatica";
/// Longest pause of a worker for the licence's sake.
const PAUSE_MAX: SignedDuration = SignedDuration::from_secs(5);

/// A seat taken.
#[derive(Debug)]
pub struct Seat {
    number: u32,
    lease: Lease,
    /// What the lease carries.
    pub memo: Memo,
    session: Option<Session>,
    renewed: bool,
    /// A token was asked for that nobody may know, so the lease is left to lapse.
    closed: bool,
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Takes a free seat until shortly after the run's deadline; `None` when others hold them all.
    ///
    /// # Errors
    /// [`SeatError`]; no seat is held then, except one whose grant got no answer: it stays closed for a token's life.
    pub async fn take_seat(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Option<Seat>, SeatError> {
        let margin = self.deployment.clocks.claim_margin;
        let until = run.deadline.checked_add(margin).unwrap_or(Timestamp::MAX);
        for number in 1..=connection.acumatica.seats {
            let name = format!("seat#{}#{number}", connection.id);
            let now = self.clock.now();
            // A holder of its own each time: a seat that this run left closed is closed for this run, too.
            let holder = format!("{}@{}", run.worker, now.as_nanosecond());
            let Some(lease) = self.ledger.take_lease(&name, &holder, now, until).await? else {
                continue;
            };
            let memo = Memo::read(&lease.memo);
            let mut seat = Seat {
                number,
                lease,
                memo,
                session: None,
                renewed: false,
                closed: false,
            };
            match self.sit_down(&mut seat, connection, run).await {
                Ok(()) => return Ok(Some(seat)),
                Err(error) => {
                    self.heard_of(&connection.id, Some(&error));
                    self.leave_seat(seat).await;
                    // Another seat may have a token already.
                    if !matches!(error, SeatError::Busy(_)) {
                        return Err(error);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Gives a seat back with its memo; its token stays for the next holder. A seat whose token is unknown stays closed.
    pub async fn leave_seat(&self, mut seat: Seat) {
        if let Some(session) = seat.session.take() {
            let _next = session.keep();
        }
        if seat.closed {
            tracing::warn!(
                seat = seat.lease.name,
                "a token was asked for and is not known, so the seat stays closed for its life"
            );
            return;
        }
        seat.lease.memo = seat.memo.write(self.clock.now());
        if let Err(error) = self.ledger.give_lease(&seat.lease).await {
            // It lapses by itself.
            tracing::warn!(seat = seat.lease.name, %error, "seat not given back");
        }
    }

    /// Makes one call on a seat, in its turn. A refused token is replaced once in the seat's time, and the call repeated:
    /// a 401 proves that nothing was done.
    ///
    /// # Errors
    /// [`SeatError`].
    pub async fn on_seat<T>(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<T, SeatError> {
        let done = self.call(seat, connection, call).await;
        self.heard_of(&connection.id, done.as_ref().err());
        done
    }

    /// What a call, or the grant before it, says about Acumatica's health.
    fn heard_of(&self, id: &ConnectionId, error: Option<&SeatError>) {
        match error {
            None => self.heard(id, Side::Acumatica, None),
            Some(error) => {
                if let Some(class) = Class::of_seat(error) {
                    self.heard(id, Side::Acumatica, Some(class));
                }
            }
        }
    }

    async fn call<T>(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<T, SeatError> {
        self.pace(seat, connection).await?;
        let refused = match seat.session.as_mut() {
            Some(session) => match call(session).await {
                Err(error) if error.is_unauthorized() => error,
                done => return done.map_err(SeatError::Call),
            },
            // Its token was refused earlier in this run and no other was granted, which passes.
            None => return Err(SeatError::Busy(connection.id.clone())),
        };
        if seat.renewed {
            return Err(SeatError::Call(refused));
        }
        seat.renewed = true;
        if let Some(session) = seat.session.take() {
            let _void = session.keep();
        }
        let token = Box::pin(self.renewed_token(seat, connection)).await?;
        let session = seat.session.insert(self.session(connection, &token));
        call(session).await.map_err(SeatError::Call)
    }

    /// Waits until the licence's requests per minute allow another one on this seat.
    async fn pace(&self, seat: &mut Seat, connection: &Connection) -> Result<(), SeatError> {
        let acumatica = &connection.acumatica;
        let share = (acumatica.requests_per_minute / acumatica.seats.max(1)).max(1);
        let now = self.clock.now();
        let wait = seat.memo.wait(now, share);
        if wait.is_positive() {
            // A longer wait costs more as a sleeping worker than as a parked document.
            if wait > PAUSE_MAX {
                return Err(SeatError::Slow);
            }
            tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        }
        seat.memo.count(self.clock.now());
        Ok(())
    }
}
