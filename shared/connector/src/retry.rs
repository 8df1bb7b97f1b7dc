//! When a failed step is tried again: the only layer that tries anything twice. The attempts live in the record, so that a
//! restart forgets none of them.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use posting::state::{DELAY_MAX, Happened, State};
use posting::{Reason, Record};

use crate::seats::SeatError;
use crate::tokens::{ConcurError, TokenError};

/// Failed tries of one step before a person must look: about six hours with the delays below.
pub const ATTEMPTS_MAX: u32 = 16;
/// The same of telling Concur what became of a document: about three days, because nothing is posted again for it.
pub const TELLS_MAX: u32 = 150;
/// Shortest wait; Acumatica's licence limits count by the minute.
const DELAY_MIN: Duration = Duration::from_secs(30);
/// Longest wait the other side may ask for: a slip in its header must not lay a document aside for years.
const ASKED_MAX: Duration = Duration::from_hours(24);

/// What a failed call means for trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// No answer, and nothing was done: it passes.
    Transient,
    /// Asked too often: it passes, and says nothing about the other side's health.
    Throttled,
    /// It was looked at and refused: trying again brings the same.
    Permanent,
    /// No answer, and it may have been done.
    Unknown,
}

impl Class {
    /// Of a call to Acumatica.
    #[must_use]
    pub fn of_acumatica(error: &acumatica::Error) -> Self {
        use acumatica::Kind::{Busy, LoginLimit, TooManyRequests};
        match error.kind() {
            TooManyRequests | LoginLimit | Busy => Self::Throttled,
            // Acumatica itself said no; whether it saved before is for the search.
            _ if error.is_business_exception() => Self::Permanent,
            _ if error.outcome_unknown() => Self::Unknown,
            _ if error.is_transient() => Self::Transient,
            _ => Self::Permanent,
        }
    }

    /// Of a call to Concur.
    #[must_use]
    pub fn of_concur(error: &concur::Error) -> Self {
        match error.kind() {
            concur::Kind::Throttled => Self::Throttled,
            _ if error.is_transient() => Self::Transient,
            _ if error.outcome_unknown() => Self::Unknown,
            _ => Self::Permanent,
        }
    }

    /// Of what a call to Acumatica came to; `None` where Acumatica had no part in it.
    #[must_use]
    pub fn of_seat(error: &SeatError) -> Option<Self> {
        error.acumatica().map(Self::of_acumatica)
    }

    /// The same of Concur.
    #[must_use]
    pub fn of_call(error: &ConcurError) -> Option<Self> {
        match error {
            ConcurError::Call(error) | ConcurError::Token(TokenError::Grant(error)) => {
                Some(Self::of_concur(error))
            }
            ConcurError::Token(_) | ConcurError::Late => None,
        }
    }

    /// Whether the other side gave no answer.
    #[must_use]
    pub fn is_silence(self) -> bool {
        matches!(self, Self::Transient | Self::Unknown)
    }
}

/// Wait before try number `attempt` (from 1): anything between half a minute and a bound that doubles each time up to an
/// hour, so that a crowd does not come back together; longer where the other side asked for it, never over a day.
#[must_use]
pub fn delay(attempt: u32, asked: Option<Duration>) -> SignedDuration {
    let longest = Duration::try_from(DELAY_MAX).unwrap_or(DELAY_MIN);
    let steps = ExponentialBuilder::new()
        .with_min_delay(DELAY_MIN)
        .with_max_delay(longest)
        .without_max_times()
        .build();
    let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(0);
    let bound = steps.into_iter().take(STEPS_MAX).nth(nth);
    let bound = bound.unwrap_or(longest).min(longest);
    let own = spread(bound).saturating_add(SignedDuration::try_from(DELAY_MIN).unwrap_or_default());
    own.min(DELAY_MAX).max(self::asked(asked))
}

/// Steps after which the bound grows no more.
const STEPS_MAX: usize = 16;

/// Any time up to a bound, by chance.
#[must_use]
pub fn spread(bound: Duration) -> SignedDuration {
    let jittered = ExponentialBuilder::new()
        .with_min_delay(bound)
        .with_max_delay(bound)
        .with_jitter()
        .build();
    let chance = jittered.into_iter().next().unwrap_or(bound);
    SignedDuration::try_from(chance.saturating_sub(bound)).unwrap_or_default()
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
    let attempts_max = match record.state {
        State::Posted { .. } | State::Refused { .. } => TELLS_MAX,
        _ => ATTEMPTS_MAX,
    };
    Happened::Failed {
        reason,
        due: due(record, now, asked),
        attempts_max,
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
    fn delays_spread_over_a_bound_that_grows_to_an_hour() {
        let secs = SignedDuration::from_secs;
        for (attempt, bound) in [(1, 60), (2, 90), (3, 150), (5, 510), (7, 1_950), (8, 3_600)] {
            let waits: std::collections::BTreeSet<_> =
                (0..200).map(|_| delay(attempt, None)).collect();
            assert!(waits.len() > 50, "{attempt}");
            let (first, last) = (waits.first().unwrap(), waits.last().unwrap());
            assert!(*first >= secs(30) && *last <= secs(bound), "{attempt}");
            assert!(last.as_secs() - first.as_secs() > bound / 3, "{attempt}");
        }
        for attempt in 9..200 {
            assert!(delay(attempt, None) <= DELAY_MAX, "{attempt}");
        }
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
