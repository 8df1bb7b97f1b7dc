//! Amounts, quantities and prices: decimals from the digits of the JSON to the digits of the JSON, never a float.

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

#[expect(clippy::ref_option, reason = "the signature serde's `with` asks for")]
pub(crate) fn serialize<S: Serializer>(
    value: &Option<Decimal>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let number = value
        .map(|decimal| decimal.to_string().parse::<Number>())
        .transpose()
        .map_err(S::Error::custom)?;
    number.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let digits = number.to_string();
    match parse(&digits) {
        Some(decimal) => Ok(Some(decimal)),
        None => Err(D::Error::custom(format_args!(
            "{digits} has more digits than a decimal holds"
        ))),
    }
}

/// Every digit or nothing; `0E-8` is zero with eight places.
pub(crate) fn parse(digits: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let mantissa = Decimal::from_str_exact(mantissa).ok()?;
    let scale = i32::try_from(mantissa.scale())
        .ok()?
        .checked_sub(exponent)?;
    if let Ok(scale) = u32::try_from(scale) {
        return Decimal::try_from_i128_with_scale(mantissa.mantissa(), scale).ok();
    }
    let power = 10_i128.checked_pow(scale.unsigned_abs())?;
    Decimal::try_from_i128_with_scale(mantissa.mantissa().checked_mul(power)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Deserialize, Serialize)]
    struct Row {
        #[serde(with = "super", default)]
        amount: Option<Decimal>,
    }

    fn check(digits: &str, expected: Option<&str>) {
        let row = serde_json::from_str::<Row>(&format!(r#"{{"amount": {digits}}}"#));
        assert_eq!(
            row.ok()
                .and_then(|row| row.amount)
                .map(|amount| amount.to_string())
                .as_deref(),
            expected,
            "{digits}"
        );
    }

    #[test]
    fn digits_are_kept() {
        check("100.000000", Some("100.000000"));
        check("0E-8", Some("0.00000000"));
        check("-12.5e2", Some("-1250"));
        check("1.5E+1", Some("15"));
        check("42", Some("42"));
        check("0.1", Some("0.1"));
        check(
            "79228162514264337593543950335",
            Some("79228162514264337593543950335"),
        );
        check("79228162514264337593543950336", None);
        check("1e400", None);
        check("0.12345678901234567890123456789012", None);
        check("null", None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(mantissa in any::<i64>(), scale in 0_u32..12) {
            let row = Row { amount: Some(Decimal::from_i128_with_scale(i128::from(mantissa), scale)) };
            let value = serde_json::to_value(&row).unwrap();
            prop_assert!(value["amount"].is_number());
            let text = serde_json::to_string(&value).unwrap();
            let back: Row = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back.amount.map(|d| d.to_string()), row.amount.map(|d| d.to_string()));
        }
    }
}
