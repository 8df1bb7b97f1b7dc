//! The queues: they only wake.

use jiff::SignedDuration;
use posting::{BusinessId, ConnectionId, DocumentId, DocumentKind};
use serde::{Deserialize, Serialize};

use super::PortError;

/// One wake of `post`: this document of this connection is worth looking at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wake {
    /// The connection, also the message group, so that one customer's flood does not delay another's.
    pub connection: ConnectionId,
    /// The document.
    pub document: DocumentId,
}

/// One wake of `poll`: this connection is worth asking. Also its message group is the connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The connection.
    pub connection: ConnectionId,
    /// One kind of document only; every kind where left out.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// One report, invoice or cash advance only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_id: Option<BusinessId>,
}

impl Fetch {
    /// Everything of a connection.
    #[must_use]
    pub fn all(connection: &ConnectionId) -> Self {
        Self {
            connection: connection.clone(),
            kind: None,
            business_id: None,
        }
    }

    /// Whether it asks for everything of its connection, as its schedule does.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.kind.is_none() && self.business_id.is_none()
    }
}

/// Longest delay of a wake; what is due later is found by the sweep.
pub const WAKE_DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// The `work` queue, which wakes `post`, and the `fetch` queue, which wakes `poll`.
pub trait Queue {
    /// Sends wakes, in batches; each with its delay, cut to [`WAKE_DELAY_MAX`]. May be repeated: a doubled wake changes nothing.
    ///
    /// # Errors
    /// [`PortError`]; some of the wakes may have been sent, and the sweep finds the rest.
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError>;

    /// Sends wakes of `poll`, in batches, without delay. May be repeated: a doubled one changes nothing.
    ///
    /// # Errors
    /// [`PortError`]; some of them may have been sent, and the schedule finds the rest.
    async fn fetch(&self, fetches: &[Fetch]) -> Result<(), PortError>;
}

/// A wake that crashed its workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dead {
    /// Of `post`.
    Work(Wake),
    /// Of `poll`.
    Fetch(Fetch),
}

/// A message as a dead-letter queue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Which queue: its name in answers.
    pub queue: &'static str,
    /// The wake; `None` for a message that is none.
    pub wake: Option<Dead>,
    /// By which it is deleted.
    pub handle: String,
}

/// The dead-letter queues of the queues that wake.
pub trait DeadLetters {
    /// About how many messages wait, by the queue's name.
    ///
    /// # Errors
    /// [`PortError`].
    async fn dead(&self) -> Result<Vec<(&'static str, usize)>, PortError>;

    /// Receives some messages; those that are not deleted come again after some minutes. Empty when none is left.
    ///
    /// # Errors
    /// [`PortError`].
    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, PortError>;

    /// Deletes messages that were received. May be repeated.
    ///
    /// # Errors
    /// [`PortError`]; what was not deleted comes again, and waking twice changes nothing.
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), PortError>;
}
