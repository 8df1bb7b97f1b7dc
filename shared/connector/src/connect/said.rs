//! Rows of what is said about tokens.

use concur::auth::meaning;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use posting::ConnectionId;
use serde::Serialize;

use super::message::{Message, Tone};
use crate::ports::PortError;
use crate::report::chain;
use crate::seats::{SeatError, Standing};
use crate::tokens::{Connected as Tokens, Did, RequestToken, TokenError, TokenFacts};

/// The answer of `connect`, and of `keep` for one connection.
#[derive(Debug, Serialize)]
pub struct Connected {
    /// The connection.
    pub connection: ConnectionId,
    /// Whether documents can flow.
    pub ok: bool,
    /// One row for Concur, then one for Acumatica or each of its seats.
    pub said: Vec<Said>,
}

/// One row.
#[derive(Debug, Serialize)]
pub struct Said {
    /// `concur`, `acumatica` or `acumatica seat 2`.
    pub of: String,
    /// Whether documents can flow.
    pub ok: bool,
    /// What it is, a stable word.
    pub message: Message,
    /// What was seen.
    pub detail: String,
    /// The address a person must open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What to do; empty when nothing is.
    pub cure: &'static str,
    /// Whether a refresh token ends soon, whatever else there is to say.
    #[serde(skip)]
    pub(super) ends: bool,
}

impl Connected {
    pub(super) fn of(connection: ConnectionId, said: Vec<Said>) -> Self {
        Self {
            connection,
            ok: said.iter().all(|row| row.ok),
            said,
        }
    }
}

impl Said {
    pub(super) fn new(of: impl Into<String>, message: Message, detail: impl Into<String>) -> Self {
        Self {
            of: of.into(),
            ok: message.tone() == Tone::Good,
            message,
            detail: detail.into(),
            address: None,
            cure: message.cure(),
            ends: false,
        }
    }

    fn at(mut self, address: String) -> Self {
        self.address = Some(address);
        self
    }

    /// What a person's wish to connect brought on Concur's side.
    pub(super) fn tokens(tokens: &Tokens) -> Self {
        let facts = &tokens.facts;
        let message = match (tokens.did, tokens.request_token) {
            _ if !facts.may_use_service() => Message::ScopeMissing,
            (Did::Exchanged, _) => Message::Connected,
            (Did::ExchangedElsewhere, _) => Message::ConnectedElsewhere,
            (_, RequestToken::There) => Message::TokenSpent,
            (Did::Refreshed, RequestToken::Absent) => Message::Refreshed,
            (Did::Kept, RequestToken::Absent) => Message::AlreadyConnected,
        };
        Self::new(CONCUR, message, detail(facts))
    }

    /// Tokens that were looked after.
    pub(super) fn kept(facts: &TokenFacts, now: Timestamp) -> Self {
        let message = if !facts.may_use_service() {
            Message::ScopeMissing
        } else if facts.end_soon(now) {
            Message::TokenEnds
        } else if facts.granted == Some(now) {
            Message::Refreshed
        } else {
            Message::AlreadyConnected
        };
        Self {
            ends: facts.end_soon(now),
            ..Self::new(CONCUR, message, detail(facts))
        }
    }

    /// Why there are no tokens of Concur.
    pub(super) fn no_tokens(error: &TokenError) -> Self {
        let said = Self::new(CONCUR, of_token(error), chain(error));
        let code = match error {
            TokenError::Grant(error) => error.code(),
            _ => None,
        };
        match code.and_then(meaning) {
            Some(known) => Self {
                detail: format!("code {}: {}", code.unwrap_or_default(), said.detail),
                cure: known.cure,
                ..said
            },
            None => said,
        }
    }

    /// How a seat stands.
    pub(super) fn standing(number: usize, standing: Standing, seats: u32) -> Self {
        let of = format!("{ACUMATICA} seat {number}");
        let detail = format!("of {seats} seats");
        match standing {
            Standing::Password => Self::new(ACUMATICA, Message::PasswordThere, detail),
            Standing::Consented => Self::new(of, Message::AlreadyConsented, detail),
            Standing::ConsentedNow => Self::new(of, Message::Consented, detail),
            Standing::Wanted(address) => Self::new(of, Message::ConsentWanted, detail).at(address),
            Standing::StateOther(address) => Self::new(of, Message::StateOther, detail).at(address),
            Standing::CodeSpent(error, address) => {
                Self::new(of, Message::CodeSpent, chain(&error)).at(address)
            }
            Standing::Busy => Self::new(of, Message::SeatBusy, detail),
        }
    }

    /// Why a seat has no token.
    pub(super) fn no_seat(error: &SeatError) -> Self {
        let said = Self::new(ACUMATICA, of_seat(error), chain(error));
        match error.refusal() {
            Some(refusal) => Self {
                cure: refusal.cure(),
                ..said
            },
            None => said,
        }
    }
}

const CONCUR: &str = "concur";
pub(super) const ACUMATICA: &str = "acumatica";

fn detail(facts: &TokenFacts) -> String {
    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
    let place = &facts.geolocation;
    facts.refresh_ends.map_or_else(
        || format!("the company lives at {place}"),
        |ends| {
            format!(
                "the company lives at {place}; the refresh token is good until {}",
                day(ends)
            )
        },
    )
}

fn of_token(error: &TokenError) -> Message {
    match error {
        TokenError::SecretMissing(_) | TokenError::Port(PortError::Deleted { .. }) => {
            Message::ConcurSecretMissing
        }
        TokenError::Port(_) => Message::PlatformFailed,
        TokenError::SecretUnreadable { .. } => Message::ConcurSecretOdd,
        TokenError::NotConnected(_) => Message::NotConnected,
        TokenError::OtherCompany(_) => Message::CompanyOther,
        TokenError::Refused(_) => Message::RefusedBefore,
        TokenError::Busy(_) => Message::ConcurBusy,
        TokenError::TooOften(_) => Message::ConcurTooOften,
        TokenError::Geolocation(_) => Message::ConcurPlace,
        TokenError::Grant(error) if error.kind() == concur::Kind::HostRefused => {
            Message::ConcurPlace
        }
        TokenError::Grant(_) if error.is_refused() => Message::ConcurRefused,
        TokenError::Grant(_) => Message::ConcurFailed,
    }
}

fn of_seat(error: &SeatError) -> Message {
    match error {
        SeatError::SecretMissing(_) | SeatError::Port(PortError::Deleted { .. }) => {
            Message::AcumaticaSecretMissing
        }
        SeatError::Port(_) => Message::PlatformFailed,
        SeatError::SecretUnreadable { .. } => Message::AcumaticaSecretOdd,
        SeatError::OtherTenant(_) => Message::TenantOther,
        SeatError::NoConsent { .. } => Message::SeatWithoutConsent,
        SeatError::Busy(_) => Message::SeatBusy,
        SeatError::TooOften(_) => Message::AcumaticaTooOften,
        _ if error.is_refused() => Message::AcumaticaRefused,
        _ => match error.acumatica().map(acumatica::Error::kind) {
            Some(acumatica::Kind::LoginLimit) => Message::LoginLimit,
            Some(acumatica::Kind::Invalid) => Message::TenantOther,
            _ => Message::AcumaticaFailed,
        },
    }
}
