//! Asking for a token. It takes a session of the licence, so the seat is closed before and opened when the token is stored;
//! and a refused password is never offered twice, so one worker of a connection asks at a time.

use std::time::Duration;

use acumatica::Kind;
use acumatica::auth::{self, Refusal, Token};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::token::{Credentials, Offer, Refusals, SeatToken, secret_name, unreadable};
use super::{Seat, SeatError};
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Lease, Ledger, Vault};
use crate::tokens::{Rescued, digest, mark};

/// Life of a token; so long a seat stays closed after a grant without an answer.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// Time for the ledger's part of a turn.
pub(super) const TURN_MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// Looks for the end of another worker's turn, and the pause between them.
const LOOKS_MAX: u32 = 10;
const LOOK_PAUSE: Duration = Duration::from_millis(500);

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Asks for a token without a person and stores it before it is used.
    pub(super) async fn new_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        credentials: &Credentials,
    ) -> Result<SeatToken, SeatError> {
        let id = &connection.id;
        let mut known = self.seat_token(seat, id).await?;
        let held = mark(known.as_ref().map(|known| &known.refresh_token));
        let name = secret_name(seat.number);
        if self.rescue(id, &name, &held).await? == Rescued::Stored {
            self.kept
                .seats
                .borrow_mut()
                .remove(&(id.clone(), seat.number));
            known = self.seat_token(seat, id).await?;
        }
        let known = known.filter(|token| token.identity == credentials.identity);
        if let Some(known) = &known
            && !known.writes.allow(self.clock.now())
        {
            return Err(SeatError::TooOften(id.clone()));
        }
        let offer = credentials.offer(known.as_ref());
        let offer = offer.ok_or_else(|| SeatError::NoConsent {
            connection: id.clone(),
            seat: seat.number,
        })?;
        let granted = self
            .granted_token(seat, connection, (credentials, &offer))
            .await;
        let Err(error) = &granted else {
            return granted;
        };
        if error.is_refused() {
            let said = error.acumatica().map(acumatica::Error::message);
            tracing::error!(connection = %id, seat = seat.number, said, "token refused by Acumatica; see Tokens in the README");
            if error.refusal().is_some() {
                self.kept.note_refused();
            }
        }
        if let (Some(known), Some(Refusal::Grant)) = (known, error.refusal())
            && known.has_consent()
        {
            self.end_chain(seat, connection, known).await?;
        }
        granted
    }

    /// A refresh token that was refused is void for ever, and a seat without one asks for a consent.
    async fn end_chain(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        known: SeatToken,
    ) -> Result<(), SeatError> {
        let dead = SeatToken {
            refresh_token: SecretString::default(),
            writes: known.writes.and(self.clock.now()),
            ..known
        };
        self.put_token(seat, connection, (&dead, None)).await
    }

    /// Asks for a token with an offer, one worker of a connection at a time, and stores it before it is used.
    pub(super) async fn granted_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        (credentials, offer): (&Credentials, &Offer),
    ) -> Result<SeatToken, SeatError> {
        let id = &connection.id;
        let known = self.seat_token(seat, id).await?;
        let held = mark(known.as_ref().map(|known| &known.refresh_token));
        let writes = known.map(|known| known.writes).unwrap_or_default();
        let mut turn = self.take_turn(seat, connection).await?;
        let granted = self
            .in_turn(&mut turn, seat, connection, (credentials, offer))
            .await;
        if let Err(error) = self.ledger.give_lease(&turn).await {
            // It lapses by itself.
            tracing::warn!(connection = %id, %error, "turn of the grant not given back");
        }
        let token = granted?;
        let life = SignedDuration::try_from(token.expires_in).unwrap_or(TOKEN_LIFE);
        let offered = match offer {
            Offer::Refresh { token, .. } => token.clone(),
            Offer::Password(_) | Offer::Code { .. } => SecretString::default(),
        };
        let fresh = SeatToken {
            access_token: token.access_token,
            ends: self.after(life),
            refresh_token: token.refresh_token.unwrap_or(offered),
            consent: offer.consent().to_owned(),
            identity: credentials.identity.clone(),
            url: connection.acumatica.url.clone(),
            writes: writes.and(self.clock.now()),
        };
        self.store_token(seat, connection, (&fresh, held)).await?;
        Ok(fresh)
    }

    /// One worker of a connection at a time, so that two of them never offer the same wrong password.
    async fn take_turn(&self, seat: &Seat, connection: &Connection) -> Result<Lease, SeatError> {
        let name = format!("grant#{}", connection.id);
        for look in 0..LOOKS_MAX {
            if look > 0 {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            let until = self.after(self.grant_time().saturating_add(TURN_MARGIN));
            let now = self.clock.now();
            let holder = &seat.lease.holder;
            if let Some(turn) = self.ledger.take_lease(&name, holder, now, until).await? {
                return Ok(turn);
            }
        }
        Err(SeatError::Busy(connection.id.clone()))
    }

    async fn in_turn(
        &self,
        turn: &mut Lease,
        seat: &mut Seat,
        connection: &Connection,
        (credentials, offer): (&Credentials, &Offer),
    ) -> Result<Token, SeatError> {
        let mut refusals = Refusals::read(&turn.memo);
        if refusals.hold(credentials, offer) {
            return Err(SeatError::Refused(connection.id.clone()));
        }
        let open_until = seat.lease.until;
        let doubt = match offer {
            Offer::Password(_) | Offer::Code { .. } => TOKEN_LIFE,
            // The session is the one the seat has already; only the server may still be at work.
            Offer::Refresh { .. } => TURN_MARGIN,
        };
        let closed_until = self.after(self.grant_time().saturating_add(doubt));
        // A worker killed from here on leaves the seat closed until the token it never stored does no harm.
        if !self.hold_until(seat, closed_until.max(open_until)).await? {
            return Err(SeatError::Busy(connection.id.clone()));
        }
        seat.closed = true;
        let error = match self.ask(connection, credentials, offer).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        let is_unknown = error.outcome_unknown() && error.kind() != Kind::LoginLimit;
        if !is_unknown {
            self.reopen(seat).await;
            if error.kind() == Kind::GrantRefused {
                refusals.note(credentials, offer);
                turn.memo = refusals.write();
            }
        }
        Err(SeatError::Grant(error))
    }

    async fn ask(
        &self,
        connection: &Connection,
        credentials: &Credentials,
        offer: &Offer,
    ) -> Result<Token, acumatica::Error> {
        let (http, site) = (&self.acumatica, &connection.acumatica.site);
        let application = credentials.application();
        let timeout = self.deployment.acumatica_answer();
        match offer {
            Offer::Password(user) => auth::password(http, site, &application, user, timeout).await,
            Offer::Code { answer, .. } => {
                auth::code(http, site, &application, answer, timeout).await
            }
            Offer::Refresh { token, .. } => {
                auth::refresh(http, site, &application, token, timeout).await
            }
        }
    }

    async fn store_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        (fresh, held): (&SeatToken, String),
    ) -> Result<(), SeatError> {
        let after = fresh.has_consent().then_some(held);
        if let Err(error) = self.put_token(seat, connection, (fresh, after)).await {
            // Nobody will use this token: its session ends now, or with the token.
            if self.sign_out(seat, connection, fresh).await.is_ok() {
                self.reopen(seat).await;
            } else if let Err(error) = self.hold_until(seat, fresh.ends).await {
                tracing::warn!(seat = seat.lease.name, %error, "seat not closed for the token's own life");
            }
            return Err(error);
        }
        self.reopen(seat).await;
        Ok(())
    }

    async fn put_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        (token, after): (&SeatToken, Option<String>),
    ) -> Result<(), SeatError> {
        let id = &connection.id;
        let name = secret_name(seat.number);
        let text = serde_json::to_string(token)
            .map_err(|_| unreadable(id, name.clone(), "the connector writes"))?;
        match after {
            Some(after) => self.put_or_keep(id, (&name, after), text.into()).await?,
            None => self.vault.put_secret(id, &name, &text.into()).await?,
        }
        seat.memo.token = digest(&token.access_token);
        let key = (id.clone(), seat.number);
        self.kept.seats.borrow_mut().insert(key, token.clone());
        Ok(())
    }

    /// The seat is closed no longer than its run, as before the grant.
    async fn reopen(&self, seat: &mut Seat) {
        seat.closed = false;
        if let Err(error) = self.hold_until(seat, seat.lease.until).await {
            // Giving it back opens it all the same.
            tracing::warn!(seat = seat.lease.name, %error, "lease of the seat not shortened");
        }
    }

    async fn hold_until(&self, seat: &Seat, until: Timestamp) -> Result<bool, SeatError> {
        let Lease { name, holder, .. } = &seat.lease;
        let now = self.clock.now();
        let held = self.ledger.take_lease(name, holder, now, until).await?;
        Ok(held.is_some())
    }

    /// Longest time a grant takes.
    pub(super) fn grant_time(&self) -> SignedDuration {
        let clocks = &self.deployment.clocks;
        clocks.connect.saturating_add(clocks.acumatica_answer)
    }

    pub(crate) fn after(&self, time: SignedDuration) -> Timestamp {
        let now = self.clock.now();
        now.checked_add(time).unwrap_or(Timestamp::MAX)
    }
}
