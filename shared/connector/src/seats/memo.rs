//! What the lease of a seat carries from one holder to the next.

use jiff::{SignedDuration, Timestamp};
use posting::plan::PostingKind;
use serde::{Deserialize, Serialize};

/// The licence counts requests by the minute.
const WINDOW_S: i64 = 60;
/// How long refused credentials are left alone.
const REFUSED_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// The memo of a seat. Losing it costs a little: a search proves less, and the secret of the token is read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// Digest of the seat's token: whether the one a process kept is still it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// An AP document known to stand in Acumatica.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill: Option<Probe>,
    /// A journal known to stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<Probe>,
    /// Digest of credentials that were refused, and until when they are not tried again: wrong passwords lock the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<(String, Timestamp)>,
    /// Requests of the last minute: second and count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<(i64, u32)>,
}

/// A posting known to exist: a search that does not bring it back is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Its kind.
    pub kind: PostingKind,
    /// What it is searched by: `VendorRef`, the beginning of the description, or the stamp in a key field.
    pub term: String,
    /// Its number, which must come back.
    pub number: String,
}

impl Memo {
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(super) fn write(&mut self, now: Timestamp) -> String {
        self.forget(now);
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Keeps a posting that was just seen or written as the probe of its kind.
    pub fn known(&mut self, probe: Probe) {
        if probe.kind.is_payable() {
            self.bill = Some(probe);
        } else {
            self.journal = Some(probe);
        }
    }

    /// Notes that credentials were refused.
    pub(super) fn refuse(&mut self, digest: String, now: Timestamp) {
        let until = now.checked_add(REFUSED_WAIT).unwrap_or(Timestamp::MAX);
        self.refused = Some((digest, until));
    }

    /// Whether these credentials were refused a short time ago.
    pub(super) fn is_refused(&self, digest: &str, now: Timestamp) -> bool {
        let refused = self.refused.as_ref();
        refused.is_some_and(|(known, until)| known == digest && *until > now)
    }

    /// How long to wait so that no minute sees more than `share` requests.
    pub(super) fn wait(&mut self, now: Timestamp, share: u32) -> SignedDuration {
        self.forget(now);
        let used: u32 = self.calls.iter().map(|(_, count)| *count).sum();
        let mut over = used.saturating_add(1).saturating_sub(share);
        for (second, count) in &self.calls {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(*count);
            if over == 0 {
                // The second itself must be over.
                let free = second.saturating_add(WINDOW_S).saturating_add(1);
                return SignedDuration::from_secs(free.saturating_sub(now.as_second()).max(0));
            }
        }
        SignedDuration::ZERO
    }

    pub(super) fn count(&mut self, now: Timestamp) {
        let second = now.as_second();
        match self.calls.last_mut() {
            Some((last, count)) if *last == second => *count = count.saturating_add(1),
            _ => self.calls.push((second, 1)),
        }
    }

    fn forget(&mut self, now: Timestamp) {
        let oldest = now.as_second().saturating_sub(WINDOW_S);
        self.calls.retain(|(second, _)| *second >= oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn no_minute_sees_more_than_the_share() {
        let mut memo = Memo::default();
        let mut now = 1_000;
        let mut sent = Vec::new();
        for _ in 0..50 {
            now += memo.wait(at(now), 5).as_secs();
            memo.count(at(now));
            sent.push(now);
        }
        for start in &sent {
            let inside = sent
                .iter()
                .filter(|at| (*start..*start + 60).contains(*at))
                .count();
            assert!(inside <= 5, "{inside} requests from {start}");
        }
        assert!(sent[49] - sent[0] < 61 * 10);
    }

    #[test]
    fn refused_credentials_are_left_alone_until_they_change_or_time_passes() {
        let mut memo = Memo::default();
        memo.refuse("a".to_owned(), at(0));
        assert!(memo.is_refused("a", at(1_799)));
        assert!(!memo.is_refused("a", at(1_800)));
        assert!(!memo.is_refused("b", at(1)));
    }

    #[test]
    fn a_memo_survives_its_text_and_an_odd_one_is_empty() {
        let mut memo = Memo::default();
        memo.count(at(1_000));
        memo.known(Probe {
            kind: PostingKind::DebitAdj,
            term: "INV-7".to_owned(),
            number: "000031".to_owned(),
        });
        let text = memo.write(at(1_030));
        assert_eq!(Memo::read(&text), memo);
        assert!(memo.bill.is_some() && memo.journal.is_none());
        assert_eq!(Memo::read(""), Memo::default());
    }
}
