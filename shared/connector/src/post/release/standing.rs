//! What a status says about a release, and when to look again.

use acumatica::{Bill, BillStatus, JournalStatus, JournalTransaction};
use jiff::{SignedDuration, Timestamp};
use posting::state::{DELAY_MAX, Receipt, Release};

/// Wait before the second look.
const LOOK_MIN: SignedDuration = SignedDuration::from_secs(30);

/// How long the end of a release is waited for; the longest, of thousands of lines, take minutes.
const UNSEEN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In the ledger.
    Released,
    /// It can be released.
    Ready,
    OnHold,
    /// An approver must say yes first.
    Waiting,
    /// It cannot be released as it is.
    Never,
}

/// A document as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) status: String,
    pub(super) standing: Standing,
}

impl Seen {
    pub(super) fn bill(bill: &Bill) -> Self {
        Self::payable(bill.status.as_ref().map_or("", BillStatus::as_str))
    }

    pub(super) fn journal(journal: &JournalTransaction) -> Self {
        Self::batch(journal.status.as_ref().map_or("", JournalStatus::as_str))
    }

    /// As it was last seen.
    pub(super) fn receipt(receipt: &Receipt) -> Self {
        if receipt.kind.is_payable() {
            Self::payable(&receipt.status)
        } else {
            Self::batch(&receipt.status)
        }
    }

    fn payable(status: &str) -> Self {
        use BillStatus::{
            Balanced, Closed, OnHold, Open, PendingApproval, PreReleased, UnderReclassification,
        };
        let standing = match BillStatus::from(status) {
            Open | Closed | PreReleased | UnderReclassification => Standing::Released,
            Balanced => Standing::Ready,
            OnHold => Standing::OnHold,
            PendingApproval => Standing::Waiting,
            _ => Standing::Never,
        };
        Self::new(status, standing)
    }

    fn batch(status: &str) -> Self {
        use JournalStatus::{Balanced, OnHold, PendingApproval, Posted, Unposted};
        let standing = match JournalStatus::from(status) {
            Posted | Unposted => Standing::Released,
            Balanced => Standing::Ready,
            OnHold => Standing::OnHold,
            PendingApproval => Standing::Waiting,
            _ => Standing::Never,
        };
        Self::new(status, standing)
    }

    fn new(status: &str, standing: Standing) -> Self {
        let status = match status {
            "" => "without a status",
            status => status,
        };
        Self {
            status: status.to_owned(),
            standing,
        }
    }
}

/// Whether a release may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    Free,
    /// An earlier one may still be under way.
    Unproved,
    /// None of those sent came to an end.
    GivenUp,
}

/// How long a release has waited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// Since when.
    pub(super) since: Timestamp,
    /// When it was last sent, if ever.
    pub(super) sent: Option<Timestamp>,
}

impl Waits {
    pub(super) fn of(receipt: &Receipt, now: Timestamp) -> Self {
        let (since, sent) = match receipt.release {
            Release::Asked { since, sent, .. } => (since, sent),
            _ => (now, None),
        };
        Self { since, sent }
    }

    /// About to be sent. The first time the waiting for its end begins.
    pub(super) fn sent(self, now: Timestamp) -> Self {
        Self {
            since: self.sent.map_or(now, |_| self.since),
            sent: Some(now),
        }
    }

    /// Whether what is still to be released may be sent, however often it was. A release that got no answer may run for as
    /// long as a write may.
    pub(super) fn sending(self, now: Timestamp, proof_wait: SignedDuration) -> Sending {
        match self.sent {
            Some(sent) if now.duration_since(sent) < proof_wait => Sending::Unproved,
            Some(_) if now.duration_since(self.since) > UNSEEN_MAX => Sending::GivenUp,
            _ => Sending::Free,
        }
    }

    /// Waiting until then.
    pub(super) fn until(self, again: Timestamp) -> Release {
        Release::Asked {
            since: self.since,
            sent: self.sent,
            again,
        }
    }

    /// Waiting as long again.
    pub(super) fn on(self, now: Timestamp) -> Release {
        self.until(look_again(self.since, now))
    }
}

/// When what waits since `since` is looked at again: after as long as it has waited, so that looks double their distance,
/// at least 30 seconds and at most an hour.
fn look_again(since: Timestamp, now: Timestamp) -> Timestamp {
    let wait = now.duration_since(since).max(LOOK_MIN).min(DELAY_MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use posting::plan::PostingKind;

    use super::*;
    use crate::samples::{at, receipt};

    #[test]
    fn a_status_says_what_can_be_done() {
        for (kind, status, standing) in [
            (PostingKind::Bill, "Open", Standing::Released),
            (PostingKind::DebitAdj, "Closed", Standing::Released),
            (PostingKind::Bill, "Balanced", Standing::Ready),
            (PostingKind::Bill, "on hold", Standing::OnHold),
            (PostingKind::Bill, "Pending Approval", Standing::Waiting),
            (PostingKind::Bill, "Rejected", Standing::Never),
            (PostingKind::Bill, "Posted", Standing::Never),
            (PostingKind::Bill, "", Standing::Never),
            (PostingKind::Journal, "Posted", Standing::Released),
            (PostingKind::Journal, "Unposted", Standing::Released),
            (PostingKind::Journal, "Balanced", Standing::Ready),
            (PostingKind::Journal, "Void", Standing::Never),
            (PostingKind::Journal, "Open", Standing::Never),
        ] {
            let seen = Seen::receipt(&receipt(kind, "1", status));
            assert_eq!(seen.standing, standing, "{kind:?} {status}");
        }
    }

    #[test]
    fn nothing_is_sent_while_an_earlier_ask_may_be_under_way() {
        let proof = SignedDuration::from_secs(900);
        let hours = |n: i64| n * 3_600;
        for (since, sent, now, told) in [
            (0, None, hours(90), Sending::Free),
            (0, Some(0), 899, Sending::Unproved),
            (0, Some(0), 900, Sending::Free),
            (0, Some(2_000), 2_100, Sending::Unproved),
            (0, Some(hours(23)), hours(24), Sending::Free),
            (0, Some(hours(23)), hours(25), Sending::GivenUp),
            (0, Some(hours(24)), hours(24) + 899, Sending::Unproved),
            (0, Some(hours(24)), hours(24) + 900, Sending::GivenUp),
        ] {
            let waits = Waits {
                since: at(since),
                sent: sent.map(at),
            };
            assert_eq!(waits.sending(at(now), proof), told, "{waits:?} {now}");
        }
        let first = Waits {
            since: at(0),
            sent: None,
        };
        let (once, twice) = (first.sent(at(50)), first.sent(at(50)).sent(at(950)));
        assert_eq!((once.since, once.sent), (at(50), Some(at(50))));
        assert_eq!((twice.since, twice.sent), (at(50), Some(at(950))));
    }

    #[test]
    fn looks_double_their_distance_up_to_an_hour() {
        for (waited, again) in [(0, 30), (10, 40), (30, 60), (600, 1_200), (90_000, 93_600)] {
            assert_eq!(look_again(at(0), at(waited)), at(again), "{waited}");
        }
    }
}
