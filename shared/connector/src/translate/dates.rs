//! Dates and instants as Concur writes them. An instant carries its zone; a date is taken as written, whatever time stands
//! behind it, because converting it would move an expense into another day.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// ISO with `Z` or an offset; one published family lacks the zone and is UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    // A date alone names no instant: in which day it falls would be a guess.
    let time: DateTime = text.contains('T').then(|| text.parse().ok()).flatten()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// `YYYY-MM-DD`, `YYYY/MM/DD` or `MM/DD/YYYY`, a time behind it is passed over.
pub(super) fn date(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    let slashes = day.contains('/');
    let parts: Vec<&str> = day.split(['-', '/']).collect();
    let &[first, second, third] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = match (first.len(), third.len()) {
        (4, 1..=2) => (first, second, third),
        (1..=2, 4) if slashes => (third, first, second),
        _ => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_shapes_of_a_date() {
        for text in [
            "2026-03-31",
            "2026/03/31",
            "03/31/2026",
            "3/31/2026",
            "2026-03-31T00:00:00.000Z",
            "2026-03-31T23:59:59-08:00",
            "2026-03-31 10:00:00",
        ] {
            assert_eq!(date(text), Some(jiff::civil::date(2026, 3, 31)), "{text}");
        }
        for text in [
            "31.03.2026",
            "31/03/2026",
            "20260331",
            "2026-02-30",
            "",
            "03-31-2026",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn instants_carry_their_zone() {
        let expected = "2016-05-17T18:25:44Z".parse().ok();
        for text in [
            "2016-05-17T18:25:44.000Z",
            "2016-05-17T20:25:44+02:00",
            "2016-05-17T18:25:44",
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
        for text in ["2016-05-17", "yesterday", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
