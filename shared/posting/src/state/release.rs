//! Releasing what stands in Acumatica: the second phase, after every posting of a plan was created and verified. It is a
//! field of each receipt, not a state: driven while the document is posted, and still when it is confirmed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Receipt, State};
use crate::{Code, Reason, Record};

/// How far the release of one posting is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// The rules leave it to a person.
    #[default]
    NotWanted,
    /// To be asked for.
    Wanted,
    /// Asked for, or waiting for an approval in Acumatica: its status is read again when due.
    Asked {
        /// When it began to wait; how long the next wait is follows from it.
        since: Timestamp,
        /// When it was last asked for, or about to be; `None` while nothing was ever sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent: Option<Timestamp>,
        /// When to read the status again.
        again: Timestamp,
    },
    /// Released, as read back.
    Done,
    /// Acumatica refused. Everything stays; a person is told.
    Failed {
        /// What Acumatica said.
        message: String,
    },
}

impl Release {
    pub(super) fn is_not_wanted(&self) -> bool {
        *self == Self::NotWanted
    }

    /// When it was last asked for.
    fn sent(&self) -> Option<Timestamp> {
        match self {
            Self::Asked { sent, .. } => *sent,
            _ => None,
        }
    }

    /// Whether a worker has something to do for it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Wanted | Self::Asked { .. })
    }
}

/// When Concur may be told "success".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmAfter {
    /// As soon as every posting stands in Acumatica.
    #[default]
    Created,
    /// When every release that is wanted is done, because success releases money.
    Released,
}

impl ConfirmAfter {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(crate) fn is_created(&self) -> bool {
        *self == Self::Created
    }
}

pub(super) fn is_pending(receipts: &[Receipt]) -> bool {
    receipts.iter().any(|receipt| receipt.release.is_pending())
}

pub(super) fn has_failed(receipts: &[Receipt]) -> bool {
    receipts
        .iter()
        .any(|receipt| matches!(receipt.release, Release::Failed { .. }))
}

/// Receipts to release or to read again now; journals first.
pub(super) fn due(receipts: &[Receipt], now: Timestamp) -> Vec<u32> {
    let is_due = |receipt: &&Receipt| match receipt.release {
        Release::Wanted => true,
        Release::Asked { again, .. } => again <= now,
        Release::NotWanted | Release::Done | Release::Failed { .. } => false,
    };
    let mut due: Vec<&Receipt> = receipts.iter().filter(is_due).collect();
    due.sort_by_key(|receipt| (receipt.kind.is_payable(), receipt.n));
    due.into_iter().map(|receipt| receipt.n).collect()
}

/// The state with every failed release wanted again.
pub(super) fn wanted_again(state: State) -> State {
    failed_become(state, &Release::Wanted)
}

/// The state with every failed release left to a person.
pub(super) fn left_to_a_person(state: State) -> State {
    failed_become(state, &Release::NotWanted)
}

/// What a closed document leaves: nothing of it is released any more, failed or not.
pub(super) fn left(receipts: Vec<&Receipt>) -> Vec<Receipt> {
    let left = receipts.into_iter().map(|receipt| Receipt {
        release: match &receipt.release {
            Release::Done => Release::Done,
            _ => Release::NotWanted,
        },
        ..receipt.clone()
    });
    left.collect()
}

fn failed_become(mut state: State, release: &Release) -> State {
    if let State::Posted { receipts, .. } | State::Confirmed { receipts, .. } = &mut state {
        for receipt in receipts {
            if matches!(receipt.release, Release::Failed { .. }) {
                receipt.release = release.clone();
            }
        }
    }
    state
}

/// When the next pending release is to be looked at.
pub(super) fn again(receipts: &[Receipt], now: Timestamp) -> Option<Timestamp> {
    let when = |receipt: &Receipt| match receipt.release {
        Release::Wanted => Some(now),
        Release::Asked { again, .. } => Some(again),
        Release::NotWanted | Release::Done | Release::Failed { .. } => None,
    };
    receipts.iter().filter_map(when).min()
}

/// Puts down what became of a release, with the status it was read in. A failed one keeps the document from being confirmed
/// where success releases money.
pub(super) fn released(
    record: &mut Record,
    n: u32,
    (release, status): (&Release, Option<&str>),
    now: Timestamp,
) -> Option<()> {
    let (State::Posted { receipts, .. } | State::Confirmed { receipts, .. }) = &mut record.state
    else {
        return None;
    };
    let receipt = receipts
        .iter_mut()
        .find(|receipt| receipt.n == n && receipt.release.is_pending())?;
    let before = std::mem::replace(&mut receipt.release, release.clone());
    if let Some(status) = status {
        status.clone_into(&mut receipt.status);
    }
    let label = receipt.label();
    match release {
        Release::NotWanted | Release::Wanted => return None,
        Release::Asked { sent, again, .. } => {
            let is_sent = sent.is_some() && *sent != before.sent();
            let what = if is_sent {
                "release_asked"
            } else {
                "release_waits"
            };
            record.note(now, what, &label);
            if matches!(record.state, State::Confirmed { .. })
                || record.confirm_after == ConfirmAfter::Released
            {
                record.due = *again;
            }
        }
        Release::Done => {
            record.note(now, "released", &label);
            record.attempt = 0;
        }
        Release::Failed { message } => {
            record.note(now, "release_failed", &format!("{label}: {message}"));
            let reason = Reason::new(Code::ReleaseFailed, message.clone()).at("release", &label);
            if record.confirm_after == ConfirmAfter::Released
                && matches!(record.state, State::Posted { .. })
            {
                super::advance::hold(record, vec![reason], now);
            }
        }
    }
    if record.list() != crate::record::List::Open {
        record.claim = None;
        record.due = now;
    }
    Some(())
}
