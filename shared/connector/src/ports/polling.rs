//! Where the schedule of a connection stands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use posting::{ConnectionId, DocumentKind};

/// Where the schedule of a connection stands. There is one for each connection that was ever applied; applying makes it due
/// at once, removing it makes it due never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polling {
    /// The connection.
    pub connection: ConnectionId,
    /// Version as read; the stored one is one higher after a write.
    pub version: u64,
    /// When it is to be polled next. While a worker has it, or a message for it is under way: when that counts as lost.
    pub due: Timestamp,
    /// Who is polling it until `due`.
    pub holder: Option<String>,
    /// When the last poll that came to its end began.
    pub polled: Option<Timestamp>,
    /// Since when every poll failed, at least in part.
    pub failing: Option<Timestamp>,
    /// Documents to ask for at a time, of each kind that brought no answer: whoever polls next need not find it out again.
    pub limits: BTreeMap<DocumentKind, u32>,
}

impl Polling {
    /// As the first version of a connection leaves it: due at once.
    #[must_use]
    pub fn new(connection: ConnectionId, due: Timestamp) -> Self {
        Self {
            connection,
            version: 1,
            due,
            holder: None,
            polled: None,
            failing: None,
            limits: BTreeMap::new(),
        }
    }

    /// Whether another worker is polling it at `now`.
    #[must_use]
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.holder.is_some() && self.due > now
    }
}
