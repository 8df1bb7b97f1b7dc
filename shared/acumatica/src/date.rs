//! Business dates. Acumatica types them as date and time: we write midnight without an offset and read the date part
//! as written, with or without an offset, because converting it would move documents into other periods.

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde's `with` asks for"
)]
pub(crate) fn serialize<S: Serializer>(
    value: &Option<Date>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value
        .map(|date| format!("{date}T00:00:00"))
        .serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let date = text.split('T').next().unwrap_or_default();
    match date.parse::<Date>() {
        Ok(date) => Ok(Some(date)),
        Err(_) => Err(D::Error::custom(format_args!("{text:?} is not a date"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Serialize)]
    struct Row {
        #[serde(with = "super", default)]
        date: Option<Date>,
    }

    #[test]
    fn the_date_part_as_written() {
        for text in [
            "2026-01-31T00:00:00",
            "2026-01-31T23:00:00-05:00",
            "2026-01-31T10:47:41.17+13:00",
            "2026-01-31",
        ] {
            let row: Row = serde_json::from_value(serde_json::json!({ "date": text })).unwrap();
            assert_eq!(
                serde_json::to_value(row).unwrap()["date"],
                "2026-01-31T00:00:00",
                "{text}"
            );
        }
        for text in ["", "01/31/2026", "2026-13-01T00:00:00"] {
            assert!(
                serde_json::from_value::<Row>(serde_json::json!({ "date": text })).is_err(),
                "{text}"
            );
        }
    }
}
