//! How often a secret may be written: Secrets Manager keeps old versions for a while and asks not to write one more often
//! than every ten minutes for long.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The time that is looked back on.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Writes in it: one for every ten minutes, in a row where need be.
const WRITES_MAX: usize = 6;

/// When a secret was written in the last hour; kept in the secret itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Writes(Vec<Timestamp>);

impl Writes {
    /// Whether another write is due to be accepted.
    pub(crate) fn allow(&self, now: Timestamp) -> bool {
        self.recent(now).count() < WRITES_MAX
    }

    /// With a write more.
    pub(crate) fn and(&self, now: Timestamp) -> Self {
        Self(self.recent(now).chain([now]).collect())
    }

    fn recent(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let recent = move |at: &Timestamp| now.duration_since(*at) < WINDOW;
        self.0.iter().copied().filter(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_refusals_writes_no_more_than_every_ten_minutes() {
        let mut now = Timestamp::UNIX_EPOCH;
        let (mut writes, mut count) = (Writes::default(), 0);
        for _ in 0..24 * 60 {
            if writes.allow(now) {
                writes = writes.and(now);
                count += 1;
            }
            now += SignedDuration::from_mins(1);
        }
        assert_eq!(count, 24 * WRITES_MAX);
        assert!(writes.0.len() <= WRITES_MAX);
        let text = serde_json::to_string(&writes).unwrap();
        assert_eq!(serde_json::from_str::<Writes>(&text).unwrap(), writes);
    }
}
