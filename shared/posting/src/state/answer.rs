//! What Concur's numeric codes mean for a document. The numbers are FIS service codes (v4, "Service codes").

use serde::{Deserialize, Serialize};

/// Concur's answer to an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeCode {
    /// The numeric code of the item.
    pub code: i64,
    /// The system id that holds the acknowledgement, as answered.
    pub system: Option<String>,
}

/// Whether this record had sent an acknowledgement before the one just answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// The answer is to the first acknowledgement ever sent for the record.
    First,
    /// An earlier one was sent, or was about to be, when its worker ended.
    Sent,
}

/// What an acknowledgement answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acknowledged {
    Ours,
    Again,
    Recalled,
    Elsewhere,
    SystemDiffers,
    Refused,
}

impl AcknowledgeCode {
    pub(super) fn meaning(&self, system_id: &str, earlier: Earlier) -> Acknowledged {
        match self.code {
            0 => Acknowledged::Ours,
            101 if earlier == Earlier::Sent && self.system.as_deref() == Some(system_id) => {
                Acknowledged::Ours
            }
            101 => Acknowledged::Elsewhere,
            103 | 199 => Acknowledged::Again,
            102 | 104 => Acknowledged::Recalled,
            99 => Acknowledged::SystemDiffers,
            _ => Acknowledged::Refused,
        }
    }
}

/// Concur's answer to a posting confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmCode {
    /// The numeric code of the item.
    pub code: i64,
    /// After code 113: whether the status Concur holds equals our verdict, read by business id; `None` while not read.
    pub verdict_equal: Option<bool>,
}

/// What a confirmation answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmed {
    Holds,
    Differs,
    Again,
    Unacknowledged,
    Recalled,
    SystemDiffers,
    Refused,
}

impl ConfirmCode {
    pub(super) fn meaning(&self) -> Confirmed {
        match (self.code, self.verdict_equal) {
            (0, _) | (113, Some(true)) => Confirmed::Holds,
            (113, Some(false)) => Confirmed::Differs,
            (113, None) | (199, _) => Confirmed::Again,
            (111, _) => Confirmed::Unacknowledged,
            (112, _) => Confirmed::Recalled,
            (99, _) => Confirmed::SystemDiffers,
            _ => Confirmed::Refused,
        }
    }
}
