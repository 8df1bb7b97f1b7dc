//! Names that two documents must not hold at a time.

use posting::DocumentId;
use posting::plan::PostingKind;

/// Whose a number of Acumatica is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The document it stands for.
    pub document: DocumentId,
    /// Version its record got when it took the number: another one says that it took it again since.
    pub version: u64,
}

/// A name only one document may hold at a time, stored with the intent to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// One business object.
    Business(String),
    /// One vendor's reference, normalised. A credit memo may bear the number of its invoice.
    Reference {
        /// What bears it.
        payable: Payable,
        /// Vendor in Acumatica.
        vendor: String,
        /// The reference without punctuation, case and leading zeros.
        number: String,
    },
}

impl Reservation {
    /// The key of its item inside the connection.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Business(id) => format!("business#{id}"),
            Self::Reference {
                payable,
                vendor,
                number,
            } => format!("ref#{}#{vendor}#{number}", payable.as_str()),
        }
    }
}

/// What bears a vendor's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payable {
    /// An AP Bill.
    Bill,
    /// An AP adjustment: of a credit memo, or of what was paid too much.
    Adjustment,
}

impl Payable {
    /// What a posting is in AP; `None` for one in the general ledger.
    #[must_use]
    pub fn of(kind: PostingKind) -> Option<Self> {
        match kind {
            PostingKind::Bill => Some(Self::Bill),
            PostingKind::DebitAdj | PostingKind::CreditAdj => Some(Self::Adjustment),
            PostingKind::Journal => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Bill => "bill",
            Self::Adjustment => "adjustment",
        }
    }
}
