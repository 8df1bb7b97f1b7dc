//! Decimal numbers, from the digits as sent: no binary float exists on the way.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::text::Scalar;
use super::{Found, Oddity, Path, Walk};

/// "At most 23 digits in total" (v4.financial-documents-schema).
const DIGITS_MAX: usize = 23;

/// An amount of money: at most 23 digits, of them at most 8 decimals.
pub type Amount = Number<8>;
/// A rate, a quantity or a unit price: at most 23 digits; rates with 14 decimals occur.
pub type Rate = Number<22>;

/// A JSON number, or a string that holds one, with at most `DECIMALS` decimals that count.
///
/// Exponents are accepted (`0E-8` is published as a real value). Zeros at the end of the decimals do not count.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Number<const DECIMALS: u32> {
    /// Absent, null or blank.
    #[default]
    Missing,
    /// The exact value, without zeros at its end.
    Value(Decimal),
    /// Something else, or a number that is too long.
    Odd(Found),
}

impl<const DECIMALS: u32> Number<DECIMALS> {
    /// The value, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<Decimal> {
        match self {
            Self::Value(value) => Some(*value),
            Self::Missing | Self::Odd(_) => None,
        }
    }

    /// The value, if it is a whole number.
    pub(crate) fn whole(&self) -> Option<i64> {
        self.get()
            .filter(Decimal::is_integer)
            .and_then(|value| i64::try_from(value).ok())
    }

    fn of(text: &str) -> Self {
        match text.trim() {
            "" => Self::Missing,
            text => {
                exact(text, DECIMALS).map_or_else(|| Self::Odd(Found::scalar(text)), Self::Value)
            }
        }
    }
}

impl<const DECIMALS: u32> fmt::Debug for Number<DECIMALS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Value(value) => write!(f, "{value}"),
            Self::Odd(found) => write!(f, "Odd({found:?})"),
        }
    }
}

impl<'de, const DECIMALS: u32> Deserialize<'de> for Number<DECIMALS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Scalar::of(<&RawValue>::deserialize(deserializer)?) {
            Scalar::Null => Self::Missing,
            Scalar::String(text) => Self::of(&text),
            Scalar::Plain(text) => Self::of(text),
            Scalar::Array => Self::Odd(Found::Array),
            Scalar::Object => Self::Odd(Found::Object),
        })
    }
}

impl<const DECIMALS: u32> Walk for Number<DECIMALS> {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>) {
        if let Self::Odd(odd) = self {
            at.report(odd, found);
        }
    }
}

/// The value of `-?digits(.digits)?([eE][+-]?digits)?`, if it fits without rounding.
fn exact(text: &str, decimals_max: u32) -> Option<Decimal> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let fraction = fraction.map_or(Some(""), |digits| some_digits(digits))?;
    let digits: String = [some_digits(whole)?, fraction].concat();
    let all_decimals = i64::try_from(fraction.len()).ok()?;
    let exponent = power(exponent)?;

    let counting = digits.trim_start_matches('0');
    let shortest = counting.trim_end_matches('0');
    if shortest.is_empty() {
        return Some(Decimal::ZERO);
    }
    let dropped = i64::try_from(counting.len() - shortest.len()).ok()?;
    // The value is `shortest` times ten to the power of minus `decimals`.
    let decimals = all_decimals.checked_sub(exponent)?.checked_sub(dropped)?;
    let zeros = usize::try_from(decimals.checked_neg()?).unwrap_or(0);
    let scale = u32::try_from(decimals.max(0)).ok()?;
    if scale > decimals_max || shortest.len().checked_add(zeros)? > DIGITS_MAX {
        return None;
    }
    let unscaled: i128 = format!("{shortest}{:0<zeros$}", "").parse().ok()?;
    Decimal::try_from_i128_with_scale(if negative { -unscaled } else { unscaled }, scale).ok()
}

fn some_digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// An exponent; one too long for any value we accept is refused, unless the number is zero anyway.
fn power(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    // Saturating keeps zero with an absurd exponent zero.
    let size = some_digits(digits)?
        .parse::<i64>()
        .unwrap_or(i64::from(u32::MAX));
    let size = size.min(i64::from(u32::MAX));
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Amount {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_are_exact() {
        for (json, value) in [
            ("50.00000000", "50"),
            ("0E-8", "0"),
            ("0", "0"),
            ("-0.00", "0"),
            ("0e999999999999999999999", "0"),
            ("1E2", "100"),
            ("1.5e+1", "15"),
            ("12345e-2", "123.45"),
            ("1000000000E-9", "1"),
            ("0.00000001", "0.00000001"),
            ("\" -349.5 \"", "-349.5"),
            ("123456789012345.12345678", "123456789012345.12345678"),
            (
                "12345678901234567890123.00000000",
                "12345678901234567890123",
            ),
            ("0.1", "0.1"),
        ] {
            assert_eq!(read(json).get(), Some(value.parse().unwrap()), "{json}");
        }
    }

    #[test]
    fn what_does_not_fit_is_odd_and_shown() {
        for json in [
            "0.000000001",
            "1E23",
            "1e999999999999",
            "1e-999999999999",
            "123456789012345678901234",
            "\"1,234.56\"",
            "\"1.\"",
            "\".5\"",
            "\"+5\"",
            "\"1e\"",
            "\"--1\"",
            "\"NaN\"",
            "\"\u{661}\"",
            "true",
        ] {
            let shown = json.trim_matches('"');
            assert_eq!(read(json), Amount::Odd(Found::scalar(shown)), "{json}");
        }
        assert_eq!(read("{}"), Amount::Odd(Found::Object));
        assert_eq!(read("[]"), Amount::Odd(Found::Array));
    }

    #[test]
    fn nothing_is_missing() {
        for json in ["null", "\"\"", "\"  \""] {
            assert_eq!(read(json), Amount::Missing, "{json}");
        }
    }

    #[test]
    fn rates_have_more_decimals() {
        let rate: Rate = serde_json::from_str("0.89294902123456").unwrap();
        assert_eq!(rate.get(), Some("0.89294902123456".parse().unwrap()));
        assert_eq!(read("0.89294902123456").get(), None);
    }

    proptest! {
        #[test]
        fn every_amount_of_the_contract_is_read(whole in 0_i64..1_000_000_000_000_000, decimals in 0_u32..100_000_000, negative: bool) {
            let sign = if negative { "-" } else { "" };
            let text = format!("{sign}{whole}.{decimals:08}");
            prop_assert_eq!(read(&text).get(), Some(text.parse().unwrap()));
            prop_assert_eq!(read(&format!("\"{text}\"")), read(&text));
        }

        #[test]
        fn an_exponent_moves_the_point(unscaled in -999_999_999_999_i64..=999_999_999_999, exponent in -8_i32..=8) {
            let expected = Decimal::new(unscaled, 8) * Decimal::from(10_i64.pow(u32::try_from(exponent + 8).unwrap()));
            prop_assert_eq!(read(&format!("{unscaled}E{exponent}")).get(), Some(expected));
        }

        #[test]
        fn any_text_is_read_without_failing(text in any::<String>()) {
            let _ = read(&serde_json::to_string(&text).unwrap());
        }
    }
}
