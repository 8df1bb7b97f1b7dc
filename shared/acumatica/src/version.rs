//! Which endpoint contracts this client speaks, and in what they differ.

use std::fmt;
use std::str::FromStr;

/// A version of the contract whose wire format this client speaks (contract version 4).
///
/// Endpoints that extend `Default` keep its version. Source: Integration Development Guide, "Comparison of System Endpoints".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointVersion {
    /// `20.200.001`, the oldest that current builds still offer.
    V20,
    /// `22.200.001`.
    V22,
    /// `23.200.001`.
    V23,
    /// `24.200.001`.
    V24,
    /// `25.200.001`, the last one of contract 4.
    V25,
}

/// Why a version is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// From `26.200.001` on the JSON and the query language are different.
    #[error(
        "endpoint version {0} is contract 5, whose JSON differs; use 25.200.001, which the same site offers"
    )]
    ContractFive(String),
    /// Neither a known version nor a later one.
    #[error(
        "endpoint version {0:?} is not one of 20.200.001, 22.200.001, 23.200.001, 24.200.001, 25.200.001"
    )]
    Unknown(String),
}

/// Members that our types have and a contract lacks: entity, member, versions without it.
const MISSING: &[(&str, &str, &[EndpointVersion])] = &[
    ("Bill", "IsTaxValid", &[EndpointVersion::V22]),
    ("Vendor", "LegalName", &[EndpointVersion::V20]),
];

impl EndpointVersion {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [Self::V20, Self::V22, Self::V23, Self::V24, Self::V25];

    /// As it stands in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V20 => "20.200.001",
            Self::V22 => "22.200.001",
            Self::V23 => "23.200.001",
            Self::V24 => "24.200.001",
            Self::V25 => "25.200.001",
        }
    }

    /// Whether the contract lacks this member of this entity. The server ignores unknown members without a word,
    /// so a member that is missing is refused here before it is lost there.
    #[must_use]
    pub fn lacks(self, entity: &str, member: &str) -> bool {
        MISSING.iter().any(|(of, name, versions)| {
            *of == entity && *name == member && versions.contains(&self)
        })
    }
}

impl fmt::Display for EndpointVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EndpointVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if let Some(known) = Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
        {
            return Ok(known);
        }
        let year = text
            .split('.')
            .next()
            .and_then(|year| year.parse::<u32>().ok());
        Err(match year {
            Some(26..) => VersionError::ContractFive(text.to_owned()),
            _ => VersionError::Unknown(text.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contract_four_is_accepted_and_five_refused_with_the_cure() {
        for version in EndpointVersion::ALL {
            assert_eq!(version.as_str().parse(), Ok(version));
        }
        let refused = "26.200.001".parse::<EndpointVersion>().unwrap_err();
        assert!(matches!(refused, VersionError::ContractFive(_)));
        assert!(refused.to_string().contains("use 25.200.001"));
        for odd in ["", "18.200.001", "24.200", "Default", "24.200.001 "] {
            assert!(
                matches!(
                    odd.parse::<EndpointVersion>(),
                    Err(VersionError::Unknown(_))
                ),
                "{odd}"
            );
        }
    }
}
