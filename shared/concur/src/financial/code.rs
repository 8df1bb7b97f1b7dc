//! The service codes inside 200 answers.

/// The verdict on one document. The result word beside it is not reliable (116 comes with `FAILURE`), the code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// 0: processed.
    Processed,
    /// 99: another system id acknowledged the document.
    SystemIdDiffers,
    /// 101: acknowledged before; the answer's system id says by whom.
    AlreadyAcknowledged,
    /// 102, at the acknowledgement: recalled.
    Recalled,
    /// 103: not ready yet.
    NotReady,
    /// 104, at the acknowledgement: unknown id.
    UnknownId,
    /// 105, at the acknowledgement: the document is of another kind.
    WrongType,
    /// 111: confirmed before it was acknowledged.
    NotAcknowledged,
    /// 112, at the confirmation: recalled.
    RecalledBeforeConfirmation,
    /// 113: confirmed before; the verdict given then stands.
    AlreadyConfirmed,
    /// 114: the document is in a state the service does not know.
    UnknownState,
    /// 115, at the confirmation: the document is of another kind.
    ConfirmedWrongType,
    /// 116, at the confirmation: unknown id.
    ConfirmedUnknownId,
    /// 198: the request is invalid; repeating it is useless.
    InvalidRequest,
    /// 199: unknown error; repeat later.
    UnknownError,
    /// Any other code.
    Other(i64),
}

impl Code {
    /// Every published code of the two calls.
    pub const ALL: [Self; 15] = [
        Self::Processed,
        Self::SystemIdDiffers,
        Self::AlreadyAcknowledged,
        Self::Recalled,
        Self::NotReady,
        Self::UnknownId,
        Self::WrongType,
        Self::NotAcknowledged,
        Self::RecalledBeforeConfirmation,
        Self::AlreadyConfirmed,
        Self::UnknownState,
        Self::ConfirmedWrongType,
        Self::ConfirmedUnknownId,
        Self::InvalidRequest,
        Self::UnknownError,
    ];

    /// Concur's number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Processed => 0,
            Self::SystemIdDiffers => 99,
            Self::AlreadyAcknowledged => 101,
            Self::Recalled => 102,
            Self::NotReady => 103,
            Self::UnknownId => 104,
            Self::WrongType => 105,
            Self::NotAcknowledged => 111,
            Self::RecalledBeforeConfirmation => 112,
            Self::AlreadyConfirmed => 113,
            Self::UnknownState => 114,
            Self::ConfirmedWrongType => 115,
            Self::ConfirmedUnknownId => 116,
            Self::InvalidRequest => 198,
            Self::UnknownError => 199,
            Self::Other(number) => number,
        }
    }
}

impl From<i64> for Code {
    fn from(number: i64) -> Self {
        Self::ALL
            .into_iter()
            .find(|code| code.number() == number)
            .unwrap_or(Self::Other(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways() {
        for number in [
            0, 99, 101, 102, 103, 104, 105, 111, 112, 113, 114, 115, 116, 198, 199, 213, 298, -1,
        ] {
            assert_eq!(Code::from(number).number(), number);
        }
        assert_eq!(Code::from(113), Code::AlreadyConfirmed);
        assert_eq!(Code::from(298), Code::Other(298));
    }
}
