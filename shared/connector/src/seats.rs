//! Acumatica's seats: an API session each, of which the licence allows few. Whoever holds the lease of a seat uses its
//! token, one request after another; the lease carries on to the next holder what a search needs to prove itself and how
//! many requests the last minute saw.

mod consent;
mod error;
mod give_up;
mod grant;
mod keep;
mod memo;
mod sit;
mod token;

use acumatica::Session;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;

use crate::circuit::Side;
use crate::claimed::Claimed;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger, Vault};
use crate::retry::Class;
pub(crate) use consent::Standing;
pub use error::SeatError;
pub(crate) use keep::Consents;
pub use memo::{Memo, Probe};
pub(crate) use token::SeatToken;

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "acumatica";
/// Requests a seat must have left of its minute to be taken: with fewer, hardly a document gets from search to receipt.
const REQUESTS_MIN: u32 = 4;
/// A lapsed lease says nothing about the last minute of its holder, so it lapses a minute after that one's end.
const LAPSE: SignedDuration = SignedDuration::from_secs(memo::WINDOW_S);

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
    /// [`SeatError`], [`SeatError::Slow`] when the free ones have spent their requests of this minute; no seat is held then,
    /// except one whose grant got no answer: it stays closed for a token's life.
    pub async fn take_seat(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Option<Seat>, SeatError> {
        let mut spent = false;
        for number in 1..=connection.acumatica.seats {
            let Some(mut seat) = self.lease_seat(connection, run, number).await? else {
                continue;
            };
            let share = share(connection);
            if seat.memo.left(self.clock.now(), share) < REQUESTS_MIN.min(share) {
                self.leave_seat(seat).await;
                spent = true;
                continue;
            }
            match self.sit_down(&mut seat, connection, run).await {
                Ok(()) => {
                    if number == 1 {
                        Box::pin(self.give_up_surplus(&mut seat, connection, run)).await;
                    }
                    return Ok(Some(seat));
                }
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
        if spent {
            return Err(SeatError::Slow);
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
        let margin = self.deployment.clocks.claim_margin.max(LAPSE);
        let until = run.deadline.checked_add(margin).unwrap_or(Timestamp::MAX);
        let name = format!("seat#{}#{number}", connection.id);
        let now = self.clock.now();
        let holder = self.kept.new_holder(run);
        let lease = self.ledger.take_lease(&name, &holder, now, until).await?;
        Ok(lease.map(|lease| Seat {
            number,
            memo: Memo::read(&lease.memo),
            lease,
            session: None,
            renewed: false,
            closed: false,
        }))
    }

    /// Gives a seat back with its memo; its token stays for the next holder. A seat whose token is unknown stays closed.
    pub async fn leave_seat(&self, mut seat: Seat) {
        if let Some(session) = seat.session.take() {
            let _next = session.keep();
        }
        if seat.closed {
            tracing::warn!(
                seat = seat.lease.name,
                "a token was asked for and is not known, so the seat stays closed until that is harmless"
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
        self.in_time(claimed)?;
        self.pace(seat, connection)?;
        let refused = match call(session(seat, connection)?).await {
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
        self.in_time(claimed)?;
        self.pace(seat, connection)?;
        let again = call(session(seat, connection)?).await;
        again.map_err(SeatError::Call)
    }

    /// Whether what is claimed may be written now: its answer must come before the run ends.
    fn in_time(&self, claimed: Option<&Claimed>) -> Result<(), SeatError> {
        let margin = self.deployment.clocks.write_margin;
        match claimed {
            Some(claimed) if !claimed.lasts(self.clock.now(), margin) => Err(SeatError::Late),
            _ => Ok(()),
        }
    }

    /// Takes one request out of the seat's share of the minute. When it is used up, nobody waits here: the documents wait in
    /// their records.
    fn pace(&self, seat: &mut Seat, connection: &Connection) -> Result<(), SeatError> {
        let now = self.clock.now();
        if seat.memo.left(now, share(connection)) == 0 {
            return Err(SeatError::Slow);
        }
        seat.memo.count(now);
        Ok(())
    }
}

/// The session of a seat. There is none when a refused token could not be replaced: the next holder tries again.
fn session<'a>(seat: &'a mut Seat, connection: &Connection) -> Result<&'a mut Session, SeatError> {
    let none = || SeatError::Busy(connection.id.clone());
    seat.session.as_mut().ok_or_else(none)
}

/// Requests a minute of each seat of a connection.
fn share(connection: &Connection) -> u32 {
    let acumatica = &connection.acumatica;
    memo::share(acumatica.requests_per_minute, acumatica.seats)
}
