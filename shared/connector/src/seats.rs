//! Acumatica's seats: an API session each, of which the licence allows few. Whoever holds the lease of a seat uses its
//! token, one request after another; the lease carries on to the next holder what a search needs to prove itself. The
//! requests a minute belong to all seats of a connection together.

mod budget;
mod consent;
mod error;
mod give_up;
mod grant;
mod keep;
mod memo;
mod requests;
mod sit;
mod token;

use acumatica::Session;
use jiff::Timestamp;
use posting::ConnectionId;

use crate::circuit::Side;
use crate::claimed::Claimed;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger, Vault};
use crate::retry::Class;
use budget::Block;
pub(crate) use consent::Standing;
pub use error::SeatError;
pub(crate) use keep::Consents;
pub use memo::{Memo, Probe};
pub(crate) use token::SeatToken;

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "acumatica";

/// A seat taken.
#[derive(Debug)]
pub struct Seat {
    connection: ConnectionId,
    number: u32,
    lease: Lease,
    /// What the lease carries.
    pub memo: Memo,
    session: Option<Session>,
    /// Requests it may send without asking again.
    block: Block,
    renewed: bool,
    /// A token was asked for that nobody may know, so the lease is left to lapse.
    closed: bool,
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Takes a free seat until shortly after the run's deadline; `None` when others hold them all.
    ///
    /// # Errors
    /// [`SeatError`], [`SeatError::Slow`] when the connection's requests of this minute are spent; no seat is held then, except
    /// one whose grant got no answer: it stays closed for a token's life.
    pub async fn take_seat(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Option<Seat>, SeatError> {
        for number in 1..=connection.acumatica.seats {
            let Some(mut seat) = self.lease_seat(connection, run, number).await? else {
                continue;
            };
            if let Err(error) = self.pace(&mut seat, connection).await {
                self.leave_seat(seat).await;
                return Err(error);
            }
            match self.sit_down(&mut seat, connection, run).await {
                Ok(()) => return Ok(Some(seat)),
                Err(error) => {
                    self.heard_of(&connection.id, Some(&error));
                    self.leave_seat(seat).await;
                    // Another seat may have a token already, and consents are given from the first seat on.
                    let goes_on = match &error {
                        SeatError::Busy(_) => true,
                        SeatError::NoConsent { .. } => number > 1,
                        _ => false,
                    };
                    if !goes_on {
                        return Err(error);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Reads the operator's secret, to see whether it is there and complete, and of the connection's tenant.
    ///
    /// # Errors
    /// [`SeatError`]: [`SeatError::OtherTenant`] where it is complete but of another tenant.
    pub(crate) async fn acumatica_secret(&self, connection: &Connection) -> Result<(), SeatError> {
        let credentials = self.acumatica_credentials(connection).await?;
        let served = credentials.application().serves(&connection.acumatica.site);
        served.map_err(SeatError::OtherTenant)
    }

    /// The lease of one seat until shortly after the run's deadline; `None` when another holds it.
    async fn lease_seat(
        &self,
        connection: &Connection,
        run: &Run,
        number: u32,
    ) -> Result<Option<Seat>, SeatError> {
        let margin = self.deployment.clocks.claim_margin;
        let until = run.deadline.checked_add(margin).unwrap_or(Timestamp::MAX);
        let name = format!("seat#{}#{number}", connection.id);
        let now = self.clock.now();
        let holder = self.kept.new_holder(run);
        let lease = self.ledger.take_lease(&name, &holder, now, until).await?;
        Ok(lease.map(|lease| Seat {
            connection: connection.id.clone(),
            number,
            memo: Memo::read(&lease.memo),
            lease,
            session: None,
            block: Block::default(),
            renewed: false,
            closed: false,
        }))
    }

    /// Gives a seat back with its memo, and the requests it did not send; its token stays for the next holder. A seat whose
    /// token is unknown stays closed.
    pub async fn leave_seat(&self, mut seat: Seat) {
        if let Some(session) = seat.session.take() {
            let _next = session.keep();
        }
        self.give_requests(&mut seat).await;
        if seat.closed {
            tracing::warn!(
                seat = seat.lease.name,
                "a token was asked for and is not known, so the seat stays closed until that is harmless"
            );
            return;
        }
        seat.lease.memo = seat.memo.write();
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
        let done = self.call((seat, None), connection, call).await;
        self.heard_of(&connection.id, done.as_ref().err());
        done
    }

    /// The same for a call that writes: only for whom the ledger gave the document to, and only while there is time for the
    /// answer, also when it is repeated.
    ///
    /// # Errors
    /// [`SeatError`], [`SeatError::Late`] when nothing was sent for want of time.
    pub(crate) async fn write_on_seat<T>(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        claimed: &Claimed,
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<T, SeatError> {
        let done = self.call((seat, Some(claimed)), connection, call).await;
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
        (seat, claimed): (&mut Seat, Option<&Claimed>),
        connection: &Connection,
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<T, SeatError> {
        let refused = match self.send((seat, claimed), connection, &call).await? {
            Err(error) if error.is_unauthorized() => error,
            done => return done.map_err(SeatError::Call),
        };
        if seat.renewed {
            return Err(SeatError::Call(refused));
        }
        seat.renewed = true;
        if let Some(session) = seat.session.take() {
            let _void = session.keep();
        }
        let token = Box::pin(self.renewed_token(seat, connection)).await?;
        seat.session = Some(self.session(connection, &token));
        let again = self.send((seat, claimed), connection, &call).await?;
        again.map_err(SeatError::Call)
    }

    /// Sends one request out of the seat's block; it counts when its answer is there, as it arrived by then.
    async fn send<T>(
        &self,
        (seat, claimed): (&mut Seat, Option<&Claimed>),
        connection: &Connection,
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<Result<T, acumatica::Error>, SeatError> {
        self.in_time(claimed)?;
        self.pace(seat, connection).await?;
        self.in_time(claimed)?;
        // There is none when a refused token could not be replaced: the next holder tries again.
        let session = seat.session.as_mut();
        let session = session.ok_or_else(|| SeatError::Busy(connection.id.clone()))?;
        seat.block.send(self.clock.now());
        let done = call(session).await;
        seat.block.arrive(self.clock.now());
        Ok(done)
    }

    /// Whether what is claimed may be written now: its answer must come before the run ends.
    fn in_time(&self, claimed: Option<&Claimed>) -> Result<(), SeatError> {
        let margin = self.deployment.clocks.write_margin;
        match claimed {
            Some(claimed) if !claimed.lasts(self.clock.now(), margin) => Err(SeatError::Late),
            _ => Ok(()),
        }
    }
}
