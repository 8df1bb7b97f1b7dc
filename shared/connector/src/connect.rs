//! `connect`: sets a connection up, proves it, and shows what became of its documents. Nothing here posts anything.

mod apply;
mod list;
mod ping;
mod preview;
mod show;

use posting::{ConnectionId, DocumentId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Clock, Ledger, PortError, SaveError, Vault};
use crate::tokens::TokenError;
pub use apply::{Applied, FaultRow};
pub use list::{ConnectionRow, Listed};
pub use ping::{Check, Pinged};
pub use preview::{Changed, Given, Previewed};
pub use show::Shown;

/// What `connect` is asked for: the field `action` and the fields of that action.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub enum Request {
    /// `apply`: store a connection, its next version.
    Apply {
        /// As the operator wrote it.
        connection: Value,
    },
    /// `connect`: exchange the request token, if a new one is there.
    Connect {
        /// The connection.
        connection: ConnectionId,
    },
    /// `list`: all connections, or one with its documents.
    List {
        /// One only.
        connection: Option<ConnectionId>,
    },
    /// `ping`: prove that both systems can be reached and read.
    Ping {
        /// The connection.
        connection: ConnectionId,
    },
    /// `preview`: what would become of a document, by the stored rules and by changed ones.
    Preview(Box<Given>),
    /// `show`: one document with its story and its plan.
    Show {
        /// The connection.
        connection: ConnectionId,
        /// Its FIS id.
        document: DocumentId,
    },
}

/// Why an event is no request; `Display` names the field.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No or an unknown action.
    #[error("field `action` must be one of apply, connect, list, ping, preview, show")]
    Action,
    /// A field is missing, odd or unknown.
    #[error("action `{action}`: {what}")]
    Field {
        /// The action.
        action: &'static str,
        /// What serde says, which names the field.
        what: String,
    },
}

impl TryFrom<Value> for Request {
    type Error = RequestError;

    fn try_from(event: Value) -> Result<Self, RequestError> {
        let Value::Object(mut fields) = event else {
            return Err(RequestError::Action);
        };
        let action = fields.remove("action");
        let rest = Value::Object(fields);
        match action.as_ref().and_then(Value::as_str) {
            Some("apply") => of::<Apply>("apply", rest).map(|apply| Self::Apply {
                connection: apply.connection,
            }),
            Some("connect") => of::<One>("connect", rest).map(|one| Self::Connect {
                connection: one.connection,
            }),
            Some("list") => of::<Maybe>("list", rest).map(|maybe| Self::List {
                connection: maybe.connection,
            }),
            Some("ping") => of::<One>("ping", rest).map(|one| Self::Ping {
                connection: one.connection,
            }),
            Some("preview") => {
                of::<Given>("preview", rest).map(|given| Self::Preview(Box::new(given)))
            }
            Some("show") => of::<Show>("show", rest).map(|show| Self::Show {
                connection: show.connection,
                document: show.document,
            }),
            _ => Err(RequestError::Action),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Apply {
    connection: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    connection: ConnectionId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Maybe {
    #[serde(default)]
    connection: Option<ConnectionId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Show {
    connection: ConnectionId,
    document: DocumentId,
}

fn of<T: serde::de::DeserializeOwned>(
    action: &'static str,
    rest: Value,
) -> Result<T, RequestError> {
    serde_json::from_value(rest).map_err(|error| RequestError::Field {
        action,
        what: error.to_string(),
    })
}

/// The answer of `connect`, by action.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of `apply`.
    Applied(Applied),
    /// Of `connect`.
    Connected(Connected),
    /// Of `list`.
    Listed(Listed),
    /// Of `ping`.
    Pinged(Pinged),
    /// Of `preview`.
    Previewed(Box<Previewed>),
    /// Of `show`.
    Shown(Box<Shown>),
}

/// Concur gave tokens.
#[derive(Debug, Serialize)]
pub struct Connected {
    /// The connection.
    pub connection: ConnectionId,
    /// Where the company lives: every call goes there.
    pub geolocation: String,
}

/// Why an action could not be done; what a check finds wrong is in the answer, not here.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The connection cannot be used.
    #[error("the connection cannot be used")]
    Connection(#[from] ConnectionError),
    /// Ledger or vault failed.
    #[error("the platform failed")]
    Port(#[from] PortError),
    /// Somebody applied another version at the same time, or the ledger failed.
    #[error("the connection was not stored; apply it again")]
    Save(#[from] SaveError),
    /// Concur gave no tokens.
    #[error("connection is not connected to Concur")]
    Token(#[from] TokenError),
    /// What was given is no document of a known kind.
    #[error(transparent)]
    Given(#[from] preview::GivenError),
    /// There is no such document.
    #[error("connection `{connection}` has no document `{document}`")]
    Unknown {
        /// The connection.
        connection: ConnectionId,
        /// The document.
        document: DocumentId,
    },
}

/// Does what is asked. Every action may be repeated.
///
/// # Errors
/// [`ConnectError`].
pub async fn connect<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: Request,
) -> Result<Answer, ConnectError> {
    match request {
        Request::Apply { connection } => Box::pin(apply::apply(needs, &connection))
            .await
            .map(Answer::Applied),
        Request::Connect { connection } => {
            let connection = needs.connection(&connection).await?;
            let geolocation = Box::pin(needs.connect_concur(&connection, run)).await?;
            Ok(Answer::Connected(Connected {
                connection: connection.id.clone(),
                geolocation: geolocation.to_string(),
            }))
        }
        Request::List { connection } => Box::pin(list::list(needs, connection.as_ref()))
            .await
            .map(Answer::Listed),
        Request::Ping { connection } => {
            let connection = needs.connection(&connection).await?;
            let pinged = Box::pin(ping::ping(needs, run, &connection)).await;
            Ok(Answer::Pinged(pinged))
        }
        Request::Preview(given) => Box::pin(preview::preview(needs, *given))
            .await
            .map(|previewed| Answer::Previewed(Box::new(previewed))),
        Request::Show {
            connection,
            document,
        } => Box::pin(show::show(needs, connection, document))
            .await
            .map(|shown| Answer::Shown(Box::new(shown))),
    }
}

#[cfg(test)]
mod tests;
