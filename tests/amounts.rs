//! Money between exact decimals and JSON numbers, digit by digit.

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// A JSON number with exactly the digits of `amount` (`12.50` stays `12.50`); zero has no sign.
#[must_use]
pub fn number(amount: Decimal) -> Value {
    let amount = if amount.is_zero() {
        amount.abs()
    } else {
        amount
    };
    literal(&amount.to_string())
}

/// A JSON number written as given, exponents included (`0E-8`); null if it is no number.
#[must_use]
pub fn literal(digits: &str) -> Value {
    digits.parse::<Number>().map_or(Value::Null, Value::Number)
}

/// The decimal a JSON number's digits stand for; `None` for anything that is no number.
#[must_use]
pub fn decimal(value: &Value) -> Option<Decimal> {
    let Value::Number(number) = value else {
        return None;
    };
    read(&number.to_string())
}

/// The decimal of a number as text, with or without an exponent.
#[must_use]
pub fn read(digits: &str) -> Option<Decimal> {
    if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits).ok()
    } else {
        digits.parse().ok()
    }
}

/// `cents` hundredths: `amount(1250)` is 12.50.
#[must_use]
pub fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_both_ways() {
        for digits in ["12.50", "0.00000001", "-3", "12345678901234567890.12345678"] {
            let value = literal(digits);
            assert_eq!(value.to_string(), digits);
            assert_eq!(
                decimal(&value).map(|d| d.to_string()).as_deref(),
                Some(digits)
            );
        }
        assert_eq!(decimal(&literal("0E-8")), Some(Decimal::ZERO));
    }
}
