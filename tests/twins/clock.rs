//! The time the twins live in.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that goes with the runtime's own time: where that is paused, so is this.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// What it showed when it was started.
    shown: Timestamp,
    started: Instant,
}

impl Clock {
    /// Starts at this time.
    #[must_use]
    pub fn at(shown: Timestamp) -> Self {
        Self {
            shown,
            started: Instant::now(),
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.after(Duration::ZERO)
    }

    /// So long from now.
    pub(super) fn after(&self, time: Duration) -> Timestamp {
        let gone = self.started.elapsed().saturating_add(time);
        let gone = SignedDuration::try_from(gone).unwrap_or(SignedDuration::MAX);
        self.shown.checked_add(gone).unwrap_or(Timestamp::MAX)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::at(Timestamp::now())
    }
}
