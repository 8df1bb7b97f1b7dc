//! When a failed step is tried again. The attempts live in the record, so that a restart forgets none of them.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use posting::{Reason, Record, state::DELAY_MAX, state::Happened};

/// Failed tries of one step before a person must look: about six hours with the delays below.
pub const ATTEMPTS_MAX: u32 = 12;
/// Wait after the first failure; Acumatica's licence limits count by the minute.
const DELAY_MIN: Duration = Duration::from_secs(30);
/// Longest wait the other side may ask for: a slip in its header must not lay a document aside for years.
const ASKED_MAX: Duration = Duration::from_hours(24);

/// Wait before try number `attempt` (from 1): doubled each time, spread over as much again so that a crowd does not come
/// back together, never over an hour unless the other side asked for more, and never over a day.
#[must_use]
pub fn delay(attempt: u32, asked: Option<Duration>) -> SignedDuration {
    let longest = Duration::try_from(DELAY_MAX).unwrap_or(DELAY_MIN);
    let steps = ExponentialBuilder::new()
        .with_min_delay(DELAY_MIN)
        .with_max_delay(longest)
        .with_max_times(usize::try_from(ATTEMPTS_MAX).unwrap_or(1))
        .with_jitter()
        .build();
    let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(0);
    let own = steps.into_iter().nth(nth).unwrap_or(longest).min(longest);
    let wait = own.max(asked.unwrap_or_default().min(ASKED_MAX));
    SignedDuration::try_from(wait).unwrap_or(DELAY_MAX)
}

/// When the step a record stands before is tried again after it failed at `now`.
#[must_use]
pub fn due(record: &Record, now: Timestamp, asked: Option<Duration>) -> Timestamp {
    let wait = delay(record.attempt.saturating_add(1), asked);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// The step of a record failed in passing.
#[must_use]
pub(crate) fn failed(
    record: &Record,
    reason: Reason,
    now: Timestamp,
    asked: Option<Duration>,
) -> Happened {
    Happened::Failed {
        reason,
        due: due(record, now, asked),
        attempts_max: ATTEMPTS_MAX,
    }
}

/// How long the other side asked to be left alone, never over a day; nothing where it did not.
pub(crate) fn asked(asked: Option<Duration>) -> SignedDuration {
    let asked = asked.unwrap_or_default().min(ASKED_MAX);
    SignedDuration::try_from(asked).unwrap_or(DELAY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_an_hour_and_spread() {
        let first = delay(1, None);
        assert!(first >= SignedDuration::from_secs(30) && first <= SignedDuration::from_secs(60));
        let fifth = delay(5, None);
        assert!(fifth >= SignedDuration::from_secs(480) && fifth <= SignedDuration::from_secs(960));
        for attempt in 7..40 {
            assert!(delay(attempt, None) <= DELAY_MAX, "{attempt}");
        }
        let spread: std::collections::BTreeSet<_> = (0..20).map(|_| delay(3, None)).collect();
        assert!(spread.len() > 10);
    }

    #[test]
    fn the_other_side_may_ask_for_more_but_not_for_less() {
        assert_eq!(
            delay(1, Some(Duration::from_hours(2))),
            SignedDuration::from_hours(2)
        );
        for years in [Duration::from_hours(24 * 3_650), Duration::MAX] {
            assert_eq!(delay(1, Some(years)), SignedDuration::from_hours(24));
        }
        assert!(delay(1, Some(Duration::ZERO)) >= SignedDuration::from_secs(30));
    }
}
