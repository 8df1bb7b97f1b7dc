//! What the lease of a seat carries from one holder to the next.

use jiff::Timestamp;
use posting::plan::PostingKind;
use serde::{Deserialize, Serialize};

/// The licence counts requests by the minute.
pub(super) const WINDOW_S: i64 = 60;
/// So much later than another a request may arrive that left at the same time.
const LATE_S: i64 = 2;
/// One in so many requests of the configured number is left to the site: for what is counted there and not here.
const RESERVE: u32 = 20;

/// Requests a minute of one seat: an even share of a little less than is configured, so that the site never has to refuse.
pub(super) fn share(requests_per_minute: u32, seats: u32) -> u32 {
    let reserve = requests_per_minute.div_ceil(RESERVE);
    let all = requests_per_minute.saturating_sub(reserve);
    (all / seats.max(1)).max(1)
}
/// Void tokens remembered: the one before, and one that could not be stored.
const VOID_MAX: usize = 2;

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
    /// How many seats the connection had; noted with the first one.
    #[serde(skip_serializing_if = "is_none")]
    pub(super) seats: u32,
    /// Digest of site, tenant, application and user the probes belong to.
    #[serde(skip_serializing_if = "String::is_empty")]
    identity: String,
    /// Digests of tokens that were signed out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    void: Vec<String>,
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out a reference"
)]
fn is_none(count: &u32) -> bool {
    *count == 0
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

    /// The seat serves this identity from now on: what was known in another tenant proves nothing in this one.
    pub(super) fn serve(&mut self, identity: &str) {
        if self.identity != identity {
            identity.clone_into(&mut self.identity);
            self.bill = None;
            self.journal = None;
        }
    }

    /// Notes that a token must not be used any more.
    pub(super) fn void(&mut self, token: String) {
        if !self.is_void(&token) {
            self.void.insert(0, token);
            self.void.truncate(VOID_MAX);
        }
    }

    /// Whether a token must not be used any more.
    pub(super) fn is_void(&self, token: &str) -> bool {
        self.void.iter().any(|void| void == token)
    }

    /// Requests of this seat that the running minute still allows at `now`.
    pub(super) fn left(&mut self, now: Timestamp, share: u32) -> u32 {
        self.forget(now);
        let used: u32 = self.calls.iter().map(|(_, count)| *count).sum();
        share.saturating_sub(used)
    }

    pub(super) fn count(&mut self, now: Timestamp) {
        let second = now.as_second();
        match self.calls.last_mut() {
            Some((last, count)) if *last == second => *count = count.saturating_add(1),
            _ => self.calls.push((second, 1)),
        }
    }

    fn forget(&mut self, now: Timestamp) {
        // The second itself must be over, and so must what the network can delay one request more than another.
        let oldest = now
            .as_second()
            .saturating_sub(WINDOW_S)
            .saturating_sub(LATE_S);
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
        let mut sent = Vec::new();
        for now in 1_000..1_600 {
            while memo.left(at(now), 5) > 0 {
                memo.count(at(now));
                sent.push(now);
            }
        }
        for start in &sent {
            let inside = sent
                .iter()
                .filter(|at| (*start..=*start + 60).contains(*at))
                .count();
            assert!(inside <= 5, "{inside} requests from {start}");
        }
        assert_eq!(sent.len(), 50);
    }

    #[test]
    fn the_shares_stay_below_what_is_configured() {
        for requests in 2..=1_000 {
            for seats in 1..=requests.min(50) {
                let all = share(requests, seats) * seats;
                assert!(all < requests || seats == requests, "{requests} {seats}");
            }
        }
        assert_eq!((share(60, 1), share(60, 5), share(1, 1)), (57, 11, 1));
    }

    #[test]
    fn another_tenant_gets_no_probe_of_the_former() {
        let probe = Probe {
            kind: PostingKind::Bill,
            term: "INV-7".to_owned(),
            number: "000031".to_owned(),
        };
        let mut memo = Memo::default();
        memo.serve("a");
        memo.known(probe);
        memo.serve("a");
        assert!(memo.bill.is_some());
        memo.serve("b");
        assert!(memo.bill.is_none());
    }

    #[test]
    fn void_tokens_are_few() {
        let mut memo = Memo::default();
        for token in ["a", "b", "b", "c"] {
            memo.void(token.to_owned());
        }
        assert!(memo.is_void("b") && memo.is_void("c") && !memo.is_void("a"));
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
