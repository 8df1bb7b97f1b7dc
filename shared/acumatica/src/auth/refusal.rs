//! The words of a refused grant, each with what to do.

use crate::error::{Error, Kind};

/// Why the token endpoint refused (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `invalid_client`
    Client,
    /// `invalid_grant`
    Grant,
    /// `unauthorized_client`
    Flow,
    /// `unsupported_grant_type`
    Unsupported,
    /// `invalid_scope`
    Scope,
    /// Another word, or none.
    Other,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::Grant,
        Self::Flow,
        Self::Unsupported,
        Self::Scope,
        Self::Other,
    ];

    /// Why a grant failed; `None` when it was not refused.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        if error.kind() != Kind::GrantRefused {
            return None;
        }
        let said = |refusal: &Self| {
            error
                .message()
                .split("; ")
                .any(|word| word == refusal.word())
        };
        let known = Self::ALL.into_iter().find(said);
        Some(known.unwrap_or(Self::Other))
    }

    /// The word of the answer.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "invalid_client",
            Self::Grant => "invalid_grant",
            Self::Flow => "unauthorized_client",
            Self::Unsupported => "unsupported_grant_type",
            Self::Scope => "invalid_scope",
            Self::Other => "invalid_request",
        }
    }

    /// A lower-case fragment without full stop.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Client => "client id or client secret is wrong",
            Self::Grant => {
                "user name, password, code or refresh token is wrong, used up, or the user is locked"
            }
            Self::Flow => "the connected application is registered for another flow",
            Self::Unsupported => "the site does not offer this flow",
            Self::Scope => "the connected application may not ask for api and offline_access",
            Self::Other => "the request was refused without a reason the connector knows",
        }
    }

    /// What to do, a sentence.
    #[must_use]
    pub fn cure(self) -> &'static str {
        match self {
            Self::Client => {
                "Put client id (with @tenant) and client secret of the connected application (SM303010) into the secret; the client secret is shown once, a lost one is made anew there."
            }
            Self::Grant => {
                "Check user name and password by signing in with them, and that the user is not locked (SM201010); for a refresh token give the consent again with action connect."
            }
            Self::Flow => {
                "Register the connected application (SM303010) for Resource Owner Password Credentials when the secret holds user name and password, else for Authorization Code."
            }
            Self::Unsupported => "Update the site, or use the other flow.",
            Self::Scope => {
                "Let the connected application (SM303010) use the scopes api and offline_access."
            }
            Self::Other => {
                "Check the connected application (SM303010): its flow, and its redirect URI, which must be the one of the address character by character."
            }
        }
    }
}
