//! Why a call on a seat brought nothing, and whether the set-up is to blame.

use acumatica::auth::Refusal;
use acumatica::{Kind, auth};
use posting::ConnectionId;

use crate::ports::PortError;

/// The operator's secret, as people are told of it.
const SECRET: &str = "secret acumatica";

/// Why a call on a seat brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum SeatError {
    /// Ledger or vault failed.
    #[error("the seat cannot be kept")]
    Port(#[from] PortError),
    /// The operator's secret is not there.
    #[error(
        "secret `acumatica` of connection `{0}` is missing; put client_id, client_secret, username and password into it"
    )]
    SecretMissing(ConnectionId),
    /// A secret does not hold what it should; its content is not shown.
    #[error("secret `{name}` of connection `{connection}` is no JSON with the fields {fields}")]
    SecretUnreadable {
        /// The connection.
        connection: ConnectionId,
        /// Name of the secret.
        name: String,
        /// The fields wanted.
        fields: &'static str,
    },
    /// More seats than consents.
    #[error(
        "seat {seat} of connection `{connection}` has no consent; run action connect, which prints the address to give it at"
    )]
    NoConsent {
        /// The connection.
        connection: ConnectionId,
        /// The seat.
        seat: u32,
    },
    /// The application would reach another tenant.
    #[error("the application belongs to another tenant: {0}")]
    OtherTenant(String),
    /// The token was replaced so often that its secret must not be written again yet.
    #[error(
        "the token of a seat of connection `{0}` was replaced six times within the hour and is still refused"
    )]
    TooOften(ConnectionId),
    /// A consent was to be asked for and could not.
    #[error("no consent can be asked for")]
    Random(#[from] auth::NoRandomness),
    /// The minute's requests are used up.
    #[error("the requests per minute of the tenant are used up")]
    Slow,
    /// The run ends too soon for one more write, or does not hold the document.
    #[error("too little time is left for a write")]
    Late,
    /// Another worker is asking for a token.
    #[error("another worker is asking for a token of connection `{0}`")]
    Busy(ConnectionId),
    /// These credentials were refused once, and trying them again could lock the user.
    #[error(
        "the credentials in secret `acumatica` of connection `{0}` were refused before; they are not tried again until the text of that secret changes, were it by a blank"
    )]
    Refused(ConnectionId),
    /// Acumatica gave no token.
    #[error("acumatica gave no token{}", cure(.0))]
    Grant(#[source] acumatica::Error),
    /// The call failed.
    #[error("the call to Acumatica failed")]
    Call(#[source] acumatica::Error),
}

fn cure(error: &acumatica::Error) -> String {
    Refusal::of(error).map_or_else(String::new, |refusal| {
        format!(
            ": {}; these credentials are not tried again until the text of secret `acumatica` changes, were it by a blank",
            refusal.sentence()
        )
    })
}

impl SeatError {
    /// The client's error, if it is one.
    #[must_use]
    pub fn acumatica(&self) -> Option<&acumatica::Error> {
        match self {
            Self::Grant(error) | Self::Call(error) => Some(error),
            _ => None,
        }
    }

    /// Why a grant was refused, if it was now.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Grant(error) => Refusal::of(error),
            _ => None,
        }
    }

    /// Whether Acumatica refused what was offered, now or before: nothing goes on until a person acts.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_)) || self.refusal().is_some()
    }

    /// Whether it passes by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Port(PortError::Unavailable { .. })
            | Self::Busy(_)
            | Self::TooOften(_)
            | Self::Random(_)
            | Self::Slow
            | Self::Late => true,
            Self::Grant(error) | Self::Call(error) => error.is_transient(),
            _ => false,
        }
    }

    /// The set-up a person must correct before anything goes on: field of the connection or secret, and what is wrong
    /// there. `None` for everything that passes, and for what a single document is to blame for.
    #[must_use]
    pub fn setup(&self) -> Option<(&'static str, String)> {
        match self {
            Self::SecretMissing(_) => Some((SECRET, "missing".to_owned())),
            Self::SecretUnreadable { name, .. } => Some((SECRET, format!("`{name}` unreadable"))),
            Self::Port(PortError::Deleted { name }) => {
                Some((SECRET, format!("`{name}` marked for deletion")))
            }
            Self::NoConsent { seat, .. } => {
                Some(("secret acumatica.code", format!("none for seat {seat}")))
            }
            Self::OtherTenant(what) => Some(("acumatica.tenant", what.clone())),
            Self::Refused(_) => Some((SECRET, "refused by Acumatica".to_owned())),
            Self::Grant(error) => match error.kind() {
                Kind::Invalid => Some(("acumatica.tenant", error.message().to_owned())),
                Kind::GrantRefused => Some((SECRET, "refused by Acumatica".to_owned())),
                _ if error.status() == Some(404) => Some(("acumatica.url", no(error))),
                _ => None,
            },
            Self::Call(error) if error.kind() == Kind::Forbidden => {
                Some((SECRET, format!("no rights to {}", error.request())))
            }
            Self::Call(error) => address(error),
            Self::Port(_)
            | Self::Busy(_)
            | Self::TooOften(_)
            | Self::Random(_)
            | Self::Slow
            | Self::Late => None,
        }
    }
}

/// No document is addressed by the calls that end here, so a 404 is about the address itself.
fn address(error: &acumatica::Error) -> Option<(&'static str, String)> {
    match (error.kind(), error.status()) {
        (Kind::NotFound, _) => Some(("acumatica.version", no(error))),
        (Kind::Other, Some(404)) => Some(("acumatica.url", no(error))),
        _ => None,
    }
}

fn no(error: &acumatica::Error) -> String {
    format!("no {}", error.request())
}
