//! Money without surprises: decimals from the document's digits, a currency beside them, sums that cannot overflow.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency by its three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is not three capital letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, found `{0}`")]
pub struct InvalidCurrency(String);

impl Currency {
    /// `XXX`, which ISO 4217 keeps for "no currency": stands where none could be read.
    pub const NONE: Self = Self(*b"XXX");

    /// Takes a code such as `USD`.
    ///
    /// # Errors
    /// [`InvalidCurrency`] when the text is not three capital ASCII letters.
    pub fn new(code: &str) -> Result<Self, InvalidCurrency> {
        match code.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(InvalidCurrency(code.chars().take(16).collect())),
        }
    }

    /// The code, three capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimals of the minor unit by ISO 4217: 0 for JPY, 3 for KWD, 2 for most.
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// Whether the amount has no more decimals than the currency; trailing zeros do not count.
    #[must_use]
    pub fn holds(self, amount: Decimal) -> bool {
        amount.normalize().scale() <= self.decimals()
    }

    /// The amount with exactly the currency's decimals, as a person writes it.
    #[must_use]
    pub fn format(self, amount: Decimal) -> String {
        let mut shown = amount;
        shown.rescale(self.decimals().max(amount.normalize().scale()));
        shown.to_string()
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;
    fn try_from(code: String) -> Result<Self, InvalidCurrency> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The sum, or `None` when it leaves the range of a decimal (28 digits), which no real document does.
pub fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    amounts
        .into_iter()
        .try_fold(Decimal::ZERO, Decimal::checked_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_iso_4217() {
        // List one of ISO 4217, of 2024-06: what has not two decimals.
        let listed = [
            (
                0,
                "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
            ),
            (
                2,
                "AED AUD BRL CAD CHF CNY EUR GBP HUF INR MGA MRU MXN TWD USD ZAR",
            ),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
            (4, "CLF UYW"),
        ];
        for (decimals, codes) in listed {
            for code in codes.split(' ') {
                assert_eq!(Currency::new(code).unwrap().decimals(), decimals, "{code}");
            }
        }
        for wrong in ["usd", "US", "USDX", "", "U$D", "ÄÖ"] {
            assert!(Currency::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn trailing_zeros_are_not_decimals() {
        let yen = Currency::new("JPY").unwrap();
        assert!(yen.holds("1200.00000000".parse().unwrap()));
        assert!(!yen.holds("1200.5".parse().unwrap()));
        assert_eq!(yen.format("1200.00".parse().unwrap()), "1200");
        assert_eq!(
            Currency::new("USD").unwrap().format("-7".parse().unwrap()),
            "-7.00"
        );
    }

    #[test]
    fn a_sum_out_of_range_is_none() {
        assert_eq!(sum([Decimal::MAX, Decimal::ONE]), None);
        assert_eq!(sum([Decimal::ONE, Decimal::ONE]), Some(Decimal::TWO));
    }
}
