//! Financial periods and years of the master calendar (form GL201000).

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::entity::Entity;

/// A financial period as Acumatica writes it: number and year, `MMYYYY`. The number is not always a month.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period(String);

/// Why a text is not a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a period such as 012026")]
pub struct PeriodError(String);

impl Period {
    /// `MMYYYY`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Four digits.
    #[must_use]
    pub fn year(&self) -> &str {
        self.0.get(2..).unwrap_or_default()
    }

    /// Two digits, from `01`.
    #[must_use]
    pub fn number(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// Accepts `012026` and `01-2026`.
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let digits = match text.trim().split_once('-') {
            Some((number, year)) if number.len() == 2 => format!("{number}{year}"),
            Some(_) => return Err(PeriodError(text.to_owned())),
            None => text.trim().to_owned(),
        };
        if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(PeriodError(text.to_owned()))
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// A financial year with its periods. No rows are no proof that a period is closed: the server decides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FinancialPeriod {
    /// Four digits.
    pub financial_year: Option<String>,
    /// In order.
    pub details: Vec<FinancialPeriodDetail>,
}

/// One period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FinancialPeriodDetail {
    /// The period documents name.
    #[serde(rename = "FinancialPeriodID")]
    pub financial_period_id: Option<Period>,
    /// First day.
    #[serde(with = "crate::date")]
    pub start_date: Option<Date>,
    /// Last day, as the form shows it.
    #[serde(with = "crate::date")]
    pub end_date: Option<Date>,
    /// Label: Inactive, Open, Closed or Locked; governs the general ledger.
    pub status: Option<String>,
    /// Whether bills are refused.
    #[serde(rename = "ClosedInAP")]
    pub closed_in_ap: Option<bool>,
    /// A period without days of its own; nothing is dated into it.
    pub adjustment_period: Option<bool>,
}

impl Entity for FinancialPeriod {
    const NAME: &'static str = "FinancialPeriod";

    fn outline() -> Self {
        Self {
            details: vec![FinancialPeriodDetail::default()],
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_period() {
        for text in ["122026", "12-2026", " 122026 "] {
            let period: Period = text.parse().unwrap();
            assert_eq!(
                (period.as_str(), period.number(), period.year()),
                ("122026", "12", "2026")
            );
        }
        for odd in ["", "12026", "2026-12", "1-22026", "12/2026", "１２2026"] {
            assert!(odd.parse::<Period>().is_err(), "{odd}");
        }
    }
}
