//! What the lease of a seat carries from one holder to the next.

use posting::plan::PostingKind;
use serde::{Deserialize, Serialize};

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

    pub(super) fn write(&self) -> String {
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
        memo.void("a".to_owned());
        memo.known(Probe {
            kind: PostingKind::DebitAdj,
            term: "INV-7".to_owned(),
            number: "000031".to_owned(),
        });
        let text = memo.write();
        assert_eq!(Memo::read(&text), memo);
        assert!(memo.bill.is_some() && memo.journal.is_none());
        assert_eq!(Memo::read(""), Memo::default());
    }
}
