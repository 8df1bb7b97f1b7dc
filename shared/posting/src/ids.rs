//! Names of things, typed by kind so that a business id can never stand where a document id is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not an id of the wanted kind; `Display` says which kind and what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {shape}, found `{found}`")]
pub struct InvalidId {
    kind: &'static str,
    shape: &'static str,
    found: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $shape:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the text if it has the shape of this id.
            ///
            /// # Errors
            /// [`InvalidId`] with the found text otherwise.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    let found = text.chars().take(64).collect();
                    Err(InvalidId { kind: $kind, shape: $shape, found })
                }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The id Concur's Financial Integration Service gives a document: 32 lower-case hex digits, new at every approval.
    DocumentId,
    "document id",
    "32 lower-case hex digits",
    |text| text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
);

id!(
    /// The id that stays over re-approvals: `reportId`, `requestId` or `cashAdvanceId`.
    BusinessId,
    "business id",
    "1 to 32 letters, digits, `-` or `_`",
    |text| (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
);

id!(
    /// One customer's pair of a Concur company and an Acumatica tenant, named by the operator.
    ConnectionId,
    "connection id",
    "1 to 32 lower-case letters, digits or `-`, starting with a letter",
    |text| (1..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
);

impl From<&DocumentId> for BusinessId {
    /// Stands in for a business id that cannot be read: it names the document, and no other document ever has it.
    fn from(id: &DocumentId) -> Self {
        Self(id.0.clone())
    }
}

/// What kind of document Concur offers; its words are FIS document types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// An expense report.
    Expense,
    /// A vendor invoice.
    Invoice,
    /// A cash advance handed to an employee.
    CashAdvance,
}

impl DocumentKind {
    /// Every kind, in the order they are listed everywhere.
    pub const ALL: [Self; 3] = [Self::Expense, Self::Invoice, Self::CashAdvance];

    /// The word of this kind in events, records and FIS addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expense => "expense",
            Self::Invoice => "invoice",
            Self::CashAdvance => "cashadvance",
        }
    }

    /// The kind a word names, if it names one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose a posting is: `CNQR:{document id}/{plan}.{n}`, written into every Acumatica document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The document the posting belongs to.
    pub document: DocumentId,
    /// Number of the plan, from 1.
    pub plan: u32,
    /// Number of the posting in its plan, from 1.
    pub n: u32,
}

impl Stamp {
    /// What every stamp begins with.
    pub const MARK: &str = "CNQR:";

    /// What every stamp of a document begins with, up to and including the `/`; journals are searched by it.
    #[must_use]
    pub fn prefix(document: &DocumentId) -> String {
        format!("CNQR:{document}/")
    }

    /// Finds the stamp in a text: first in a journal's description, last in a bill's. `None` when there is none or it is
    /// the stamp of a reversal (`…R`), which is never a live posting.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    fn parse(word: &str) -> Option<Self> {
        let (document, numbers) = word.strip_prefix(Self::MARK)?.split_once('/')?;
        let (plan, n) = numbers.split_once('.')?;
        Some(Self {
            document: DocumentId::new(document).ok()?,
            plan: plan.parse().ok()?,
            n: n.parse().ok()?,
        })
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CNQR:{}/{}.{}", self.document, self.plan, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "de2c2b936bc44114aa487fdab9f7bf61";

    #[test]
    fn ids_keep_their_kind_and_shape() {
        assert!(DocumentId::new(ID).is_ok());
        for wrong in [
            "",
            "DE2C2B936BC44114AA487FDAB9F7BF61",
            "2519BED4A22B43C4B8E7",
        ] {
            assert!(DocumentId::new(wrong).is_err(), "{wrong}");
        }
        assert!(ConnectionId::new("acme-2").is_ok());
        for wrong in ["", "2acme", "Acme", "a/b", "a#b"] {
            assert!(ConnectionId::new(wrong).is_err(), "{wrong}");
        }
        assert!(BusinessId::new("2519BED4A22B43C4B8E7").is_ok());
        assert!(BusinessId::new("a#b").is_err());
    }

    #[test]
    fn a_stamp_is_found_first_or_last_but_never_a_reversal() {
        let stamp = Stamp {
            document: DocumentId::new(ID).unwrap(),
            plan: 2,
            n: 13,
        };
        assert_eq!(Stamp::find(&format!("{stamp} Taxi")), Some(stamp.clone()));
        assert_eq!(
            Stamp::find(&format!("R-1 Taxi {stamp}")),
            Some(stamp.clone())
        );
        assert_eq!(Stamp::find(&format!("{stamp}R Taxi")), None);
        assert!(
            stamp
                .to_string()
                .starts_with(&Stamp::prefix(&stamp.document))
        );
    }

    #[test]
    fn kinds_read_back_from_their_words() {
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::from_word(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert_eq!(DocumentKind::from_word("payroll"), None);
    }
}
