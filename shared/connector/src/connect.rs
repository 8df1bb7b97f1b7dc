//! `connect`: sets a connection up, proves it, and shows what became of its documents. Nothing here posts anything.

mod apply;
mod consents;
mod exchange;
mod history;
mod keep;
mod list;
mod message;
mod ping;
mod preview;
mod remove;
mod request;
mod said;
mod show;
mod under_way;

use posting::{ConnectionId, DocumentId};
use serde::Serialize;

use crate::needs::{ConnectionError, Needs, Run};
use crate::ports::{Clock, Ledger, PortError, SaveError, Vault};
pub use apply::{Applied, FaultRow};
pub use history::{ChangeRow, Earlier, History, VersionRow};
pub use keep::Kept;
pub use list::{ConnectionRow, Listed, Next};
pub use message::{Message, Tone, table as messages};
pub use ping::{Check, Finding, Meaning, Outcome, Pinged, Row};
pub use preview::{Changed, Given, Previewed};
pub use remove::{Left, Removed};
pub use request::{Apply, Asked, Request, RequestError, Signed};
pub use said::{Connected, Said};
pub use show::{Shown, ShownConnection};

/// The answer of `connect`, by action.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of `apply`.
    Applied(Applied),
    /// Of `connect`.
    Connected(Connected),
    /// Of `history`.
    History(History),
    /// Of `keep`.
    Kept(Kept),
    /// Of `list`.
    Listed(Listed),
    /// Of `ping`.
    Pinged(Pinged),
    /// Of `preview`.
    Previewed(Box<Previewed>),
    /// Of `remove`.
    Removed(Removed),
    /// Of `show` with a document.
    Shown(Box<Shown>),
    /// Of `show` without one.
    Stored(Box<ShownConnection>),
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
    #[error("the connection was not stored; ask again")]
    Save(#[from] SaveError),
    /// What was given is no document of a known kind.
    #[error(transparent)]
    Given(#[from] preview::GivenError),
    /// A page begins nowhere.
    #[error("field `after` is not what the page before names in `next`: `{0}`")]
    After(String),
    /// There is no such version.
    #[error("connection `{id}` has no version {version}")]
    Version {
        /// The connection.
        id: ConnectionId,
        /// The version.
        version: u64,
    },
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
        Request::Apply(apply) => Box::pin(apply::apply(needs, apply))
            .await
            .map(Answer::Applied),
        Request::Connect { connection } => {
            let connection = needs.connection(&connection).await?;
            let connected = Box::pin(exchange::exchange(needs, run, &connection)).await;
            Ok(Answer::Connected(connected))
        }
        Request::History { connection, before } => {
            Box::pin(history::history(needs, connection, before))
                .await
                .map(Answer::History)
        }
        Request::Keep { connection } => {
            let kept = Box::pin(keep::keep(needs, run, connection.as_ref())).await?;
            Ok(Answer::Kept(kept))
        }
        Request::List(asked) => Box::pin(list::list(needs, &asked))
            .await
            .map(Answer::Listed),
        Request::Ping { connection } => {
            let pinged = match needs.connection(&connection).await {
                Ok(connection) => Box::pin(ping::ping(needs, run, &connection)).await,
                Err(ConnectionError::Faulty { id, faults, .. }) => ping::faulty(id, &faults),
                Err(error) => return Err(error.into()),
            };
            Ok(Answer::Pinged(pinged))
        }
        Request::Preview(given) => Box::pin(preview::preview(needs, *given))
            .await
            .map(|previewed| Answer::Previewed(Box::new(previewed))),
        Request::Remove { connection, signed } => {
            Box::pin(remove::remove(needs, run, &connection, signed))
                .await
                .map(Answer::Removed)
        }
        Request::Stored {
            connection,
            version,
        } => Box::pin(show::connection(needs, connection, version))
            .await
            .map(|stored| Answer::Stored(Box::new(stored))),
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
