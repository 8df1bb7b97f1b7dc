//! Acumatica's seats: an API session each, of which the licence allows few. Whoever holds the lease of a seat uses its
//! token, one request after another; the lease carries on to the next holder what a search needs to prove itself and how
//! many requests the last minute saw.

mod error;
mod memo;

use std::time::Duration;

use acumatica::auth::{self, Application, Token, User};
use acumatica::{Kind, Session};
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger, Vault};
use crate::tokens::{digest, exposed};
pub use error::SeatError;
pub use memo::{Memo, Probe};

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "acumatica";
/// Longest pause of a worker for the licence's sake.
const PAUSE_MAX: SignedDuration = SignedDuration::from_secs(5);
/// Life of a token whose grant got no answer: so long the seat stays closed.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// What the operator puts into `{stack}/{connection}/acumatica`: user name and password, or one refresh token per seat.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    client_id: String,
    client_secret: SecretString,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<SecretString>,
    #[serde(default)]
    refresh_tokens: Vec<SecretString>,
}

/// What the connector keeps in `{stack}/{connection}/acumatica-seat-{n}`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SeatToken {
    #[serde(serialize_with = "exposed")]
    access_token: SecretString,
    ends: Timestamp,
    /// Blank without one.
    #[serde(default, serialize_with = "exposed")]
    refresh_token: SecretString,
    /// Digest of the operator's refresh token these came from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    consent: String,
}

/// A seat taken.
#[derive(Debug)]
pub struct Seat {
    number: u32,
    lease: Lease,
    /// What the lease carries.
    pub memo: Memo,
    session: Option<Session>,
    renewed: bool,
}

fn secret_name(seat: u32) -> String {
    format!("acumatica-seat-{seat}")
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
            let Some(lease) = self
                .ledger
                .take_lease(&name, &run.worker, now, until)
                .await?
            else {
                continue;
            };
            let memo = Memo::read(&lease.memo);
            let mut seat = Seat {
                number,
                lease,
                memo,
                session: None,
                renewed: false,
            };
            match self.sit_down(&mut seat, connection, run).await {
                Ok(()) => return Ok(Some(seat)),
                Err(error) => {
                    self.refused_seat(seat, &error).await;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Gives a seat back with its memo; its token stays for the next holder.
    pub async fn leave_seat(&self, mut seat: Seat) {
        if let Some(session) = seat.session.take() {
            let _next = session.keep();
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
        self.pace(seat, connection).await?;
        let refused = match seat.session.as_mut() {
            Some(session) => match call(session).await {
                Err(error) if error.is_unauthorized() => error,
                done => return done.map_err(SeatError::Call),
            },
            None => {
                return Err(SeatError::NoConsent {
                    connection: connection.id.clone(),
                    seat: seat.number,
                });
            }
        };
        if seat.renewed {
            return Err(SeatError::Call(refused));
        }
        seat.renewed = true;
        if let Some(session) = seat.session.take() {
            let _void = session.keep();
        }
        let token = Box::pin(self.new_token(seat, connection)).await?;
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

    async fn sit_down(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        run: &Run,
    ) -> Result<(), SeatError> {
        let known = self.seat_token(seat, &connection.id).await?;
        let now = self.clock.now();
        let token = match known {
            Some(token) if token.ends > run.deadline => token,
            Some(old) if old.refresh_token.expose_secret().is_empty() && old.ends > now => {
                // It will not be used again, and its session would stay taken until its end.
                let session = self.session(connection, &old);
                if let Err(error) = session.sign_out().await {
                    tracing::warn!(connection = %connection.id, seat = seat.number, %error, "old token not signed out");
                }
                Box::pin(self.new_token(seat, connection)).await?
            }
            _ => Box::pin(self.new_token(seat, connection)).await?,
        };
        seat.session = Some(self.session(connection, &token));
        Ok(())
    }

    /// The seat's token: from the process if it is still the one the lease names, else from its secret.
    async fn seat_token(
        &self,
        seat: &mut Seat,
        id: &ConnectionId,
    ) -> Result<Option<SeatToken>, SeatError> {
        let key = (id.clone(), seat.number);
        if let Some(kept) = self.kept.seats.borrow().get(&key)
            && seat.memo.token == digest(&kept.access_token)
        {
            return Ok(Some(kept.clone()));
        }
        let name = secret_name(seat.number);
        let Some(secret) = self.vault.secret(id, &name).await? else {
            return Ok(None);
        };
        let token: SeatToken = serde_json::from_str(secret.expose_secret()).map_err(|_| {
            SeatError::SecretUnreadable {
                connection: id.clone(),
                name,
                fields: "the connector writes",
            }
        })?;
        seat.memo.token = digest(&token.access_token);
        self.kept.seats.borrow_mut().insert(key, token.clone());
        Ok(Some(token))
    }

    /// Asks for a token and stores it before it is used.
    async fn new_token(
        &self,
        seat: &mut Seat,
        connection: &Connection,
    ) -> Result<SeatToken, SeatError> {
        let id = &connection.id;
        let (operator, secret) = self.acumatica_operator(id).await?;
        if seat.memo.is_refused(&secret, self.clock.now()) {
            return Err(SeatError::Refused(id.clone()));
        }
        let known = self.seat_token(seat, id).await?;
        let granted = self
            .grant_seat(operator, known, (connection, seat.number))
            .await;
        if let Err(SeatError::Grant(error)) = &granted
            && error.kind() == Kind::GrantRefused
        {
            seat.memo.refuse(secret, self.clock.now());
        }
        let (token, consent) = granted?;
        let life = SignedDuration::try_from(token.expires_in).unwrap_or_default();
        let now = self.clock.now();
        let fresh = SeatToken {
            access_token: token.access_token,
            ends: now.checked_add(life).unwrap_or(Timestamp::MAX),
            refresh_token: token.refresh_token.unwrap_or_default(),
            consent,
        };
        let name = secret_name(seat.number);
        let text = serde_json::to_string(&fresh).unwrap_or_default();
        self.vault.put_secret(id, &name, &text.into()).await?;
        seat.memo.token = digest(&fresh.access_token);
        let key = (id.clone(), seat.number);
        self.kept.seats.borrow_mut().insert(key, fresh.clone());
        Ok(fresh)
    }

    async fn grant_seat(
        &self,
        operator: Operator,
        known: Option<SeatToken>,
        (connection, seat): (&Connection, u32),
    ) -> Result<(Token, String), SeatError> {
        let site = &connection.acumatica.site;
        let timeout = self.deployment.acumatica_answer();
        let application = Application {
            client_id: operator.client_id,
            client_secret: operator.client_secret,
        };
        if let (Some(name), Some(password)) = (operator.username, operator.password) {
            let user = User { name, password };
            let granted = auth::password(&self.acumatica, site, &application, &user, timeout).await;
            return granted
                .map(|token| (token, String::new()))
                .map_err(SeatError::Grant);
        }
        let place = usize::try_from(seat.saturating_sub(1)).unwrap_or(usize::MAX);
        let offered = operator
            .refresh_tokens
            .get(place)
            .ok_or_else(|| SeatError::NoConsent {
                connection: connection.id.clone(),
                seat,
            })?;
        let consent = digest(offered);
        let rotated = known
            .filter(|token| token.consent == consent)
            .map(|token| token.refresh_token)
            .filter(|token| !token.expose_secret().is_empty());
        let refresh_token = rotated.as_ref().unwrap_or(offered);
        let granted =
            auth::refresh(&self.acumatica, site, &application, refresh_token, timeout).await;
        granted
            .map(|token| (token, consent))
            .map_err(SeatError::Grant)
    }

    /// The operator's credentials, and their digest.
    async fn acumatica_operator(&self, id: &ConnectionId) -> Result<(Operator, String), SeatError> {
        let secret = self.vault.secret(id, OPERATOR_SECRET).await?;
        let secret = secret.ok_or_else(|| SeatError::SecretMissing(id.clone()))?;
        let read = serde_json::from_str(secret.expose_secret());
        let operator = read.map_err(|_| SeatError::SecretUnreadable {
            connection: id.clone(),
            name: OPERATOR_SECRET.to_owned(),
            fields: "client_id, client_secret, username and password (or refresh_tokens)",
        })?;
        Ok((operator, digest(&secret)))
    }

    /// A seat that could not be used is given back, unless its grant may have taken a session nobody has the token of.
    async fn refused_seat(&self, seat: Seat, error: &SeatError) {
        let unknown = matches!(error, SeatError::Grant(grant) if grant.outcome_unknown() && grant.kind() != Kind::LoginLimit);
        if !unknown {
            return self.leave_seat(seat).await;
        }
        let now = self.clock.now();
        let until = now.checked_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        let lease = &seat.lease;
        let closed = self
            .ledger
            .take_lease(&lease.name, &lease.holder, now, until)
            .await;
        tracing::warn!(
            seat = lease.name,
            closed = closed.is_ok(),
            "a token was asked for without an answer, so the seat stays closed for its life"
        );
    }

    fn session(&self, connection: &Connection, token: &SeatToken) -> Session {
        let token = Token {
            access_token: token.access_token.clone(),
            expires_in: Duration::ZERO,
            refresh_token: None,
        };
        Session::new(
            &self.acumatica,
            &connection.acumatica.site,
            token,
            self.deployment.acumatica_answer(),
        )
    }
}
