//! Why there is no token for Concur, or a call with it brought nothing, and whether the set-up is to blame.

use std::time::Duration;

use concur::{Kind, auth};
use posting::ConnectionId;

use crate::ports::PortError;

/// The operator's secret, as people are told of it.
const SECRET: &str = "secret concur";
/// Its field that begins everything.
const REQUEST_TOKEN: &str = "secret concur.request_token";

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Ledger or vault failed.
    #[error("the tokens of Concur cannot be kept")]
    Port(#[from] PortError),
    /// The operator's secret is not there.
    #[error(
        "secret `concur` of connection `{0}` is missing; put client_id, client_secret and request_token into it"
    )]
    SecretMissing(ConnectionId),
    /// A secret does not hold what it should; its content is not shown.
    #[error("secret `{name}` of connection `{connection}` is no JSON with the fields {fields}")]
    SecretUnreadable {
        /// The connection.
        connection: ConnectionId,
        /// Name of the secret.
        name: &'static str,
        /// The fields wanted.
        fields: &'static str,
    },
    /// Nothing to begin with.
    #[error(
        "connection `{0}` was never connected; put a company request token into its secret `concur` and run action connect"
    )]
    NotConnected(ConnectionId),
    /// The connection names another company than its tokens speak for.
    #[error(
        "the tokens of connection `{0}` belong to another company_uuid or token_url; put a request token of the company it names now into its secret `concur`"
    )]
    OtherCompany(ConnectionId),
    /// These credentials were refused for good, and trying them again could lock the account.
    #[error(
        "concur refused the credentials of connection `{0}` before; they are not tried again until its secret `concur` changes or connect is run"
    )]
    Refused(ConnectionId),
    /// Another worker is refreshing and did not finish in time.
    #[error("another worker is refreshing the token of connection `{0}`")]
    Busy(ConnectionId),
    /// It was refreshed so often within the hour that its secret must not be written again yet.
    #[error(
        "the token of connection `{0}` was replaced six times within the hour and is still refused or too short-lived"
    )]
    TooOften(ConnectionId),
    /// The stored address of the data centre is not allowed any more.
    #[error("the stored geolocation is not allowed")]
    Geolocation(#[from] concur::HostRefused),
    /// Concur gave none.
    #[error("concur gave no token{}", cure(.0))]
    Grant(#[source] concur::Error),
}

fn cure(error: &concur::Error) -> String {
    let meaning = error.code().and_then(auth::meaning);
    meaning.map_or_else(String::new, |meaning| format!(": {}", meaning.sentence))
}

impl TokenError {
    /// Whether Concur refused what was offered, now or before: nothing goes on until a person acts.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Grant(error) => error.kind() == Kind::GrantRefused && !error.is_transient(),
            _ => false,
        }
    }

    /// Whether it passes by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Port(PortError::Unavailable { .. }) | Self::Busy(_) | Self::TooOften(_) => true,
            Self::Grant(error) => error.is_transient(),
            _ => false,
        }
    }

    /// The set-up a person must correct before anything goes on: field of the connection or secret, and what is wrong
    /// there. `None` for what passes.
    #[must_use]
    pub fn setup(&self) -> Option<(&'static str, String)> {
        match self {
            Self::SecretMissing(_) => Some((SECRET, "missing".to_owned())),
            Self::SecretUnreadable { name, .. } => Some((SECRET, format!("`{name}` unreadable"))),
            Self::Port(PortError::Deleted { name }) => {
                Some((SECRET, format!("`{name}` marked for deletion")))
            }
            Self::NotConnected(_) => Some((REQUEST_TOKEN, "missing".to_owned())),
            Self::OtherCompany(_) => Some((
                REQUEST_TOKEN,
                "its tokens belong to another company".to_owned(),
            )),
            Self::Refused(_) => Some((SECRET, "refused by Concur".to_owned())),
            Self::Geolocation(refused) => Some(("concur.token_url", refused.to_string())),
            Self::Grant(error) if error.kind() == Kind::HostRefused => {
                Some(("concur.token_url", error.to_string()))
            }
            Self::Grant(error) if self.is_refused() => Some((SECRET, refusal(error))),
            Self::Grant(_) | Self::Port(_) | Self::Busy(_) | Self::TooOften(_) => None,
        }
    }
}

fn refusal(error: &concur::Error) -> String {
    let code = error.code();
    code.map_or_else(
        || "refused by Concur".to_owned(),
        |code| format!("refused by Concur with code {code}"),
    )
}

/// Why a call to Concur brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum ConcurError {
    /// There is no token to make it with.
    #[error("no token for Concur")]
    Token(#[from] TokenError),
    /// The call failed.
    #[error("the call to Concur failed")]
    Call(#[from] concur::Error),
    /// Too little of the run is left for a call that changes something; it was not made.
    #[error("too little time is left for a call to Concur")]
    Late,
}

impl ConcurError {
    /// Whether it passes by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Token(error) => error.is_transient(),
            Self::Call(error) => error.is_transient() || error.may_repeat_once(),
            Self::Late => true,
        }
    }

    /// How long Concur asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Token(TokenError::Grant(error)) | Self::Call(error) => error.retry_after(),
            Self::Token(_) | Self::Late => None,
        }
    }

    /// The set-up a person must correct, as [`TokenError::setup`] says it; also a fresh token that may not make the call.
    #[must_use]
    pub fn setup(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Token(error) => error.setup(),
            Self::Call(error) if error.is_unauthorized() => Some((
                SECRET,
                "its token may not use the financial service".to_owned(),
            )),
            Self::Call(_) | Self::Late => None,
        }
    }
}
