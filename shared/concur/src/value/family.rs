//! Numbered field families: `reportCustom13Code`, `reportCustom13Value`.

use super::{Oddity, Path, Text, Walk};

/// A custom field or organisational unit: the code of a list item or typed text, and the item's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// `…Code`.
    pub code: Text,
    /// `…Value`.
    pub value: Text,
}

/// The members of a family that hold anything; null and blank ones, which are most, take no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family(Vec<(u8, Coded)>);

/// One half of a member, as its key names it.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Code(u8),
    Value(u8),
}

impl Side {
    /// Reads a key of the family `prefix`: the prefix, a number from 1, `Code` or `Value`.
    pub(crate) fn of(key: &str, prefix: &str) -> Option<Self> {
        let rest = key.strip_prefix(prefix)?;
        let (side, digits): (fn(u8) -> Self, _) = match rest.strip_suffix("Code") {
            Some(digits) => (Self::Code, digits),
            None => (Self::Value, rest.strip_suffix("Value")?),
        };
        // A number as Concur writes it, so that no two keys name one member.
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        plain.then(|| digits.parse().ok()).flatten().map(side)
    }
}

impl Family {
    /// The member with Concur's number (from 1), if it holds anything.
    #[must_use]
    pub fn get(&self, number: u8) -> Option<&Coded> {
        let place = self
            .0
            .binary_search_by_key(&number, |(number, _)| *number)
            .ok()?;
        self.0.get(place).map(|(_, coded)| coded)
    }

    /// The members that hold anything, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &Coded)> {
        self.0.iter().map(|(number, coded)| (*number, coded))
    }

    pub(crate) fn put(&mut self, side: Side, text: Text) {
        if text == Text::Missing {
            return;
        }
        let (Side::Code(number) | Side::Value(number)) = side;
        let place = match self.0.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (number, Coded::default()));
                place
            }
        };
        if let Some((_, coded)) = self.0.get_mut(place) {
            match side {
                Side::Code(_) => coded.code = text,
                Side::Value(_) => coded.value = text,
            }
        }
    }

    pub(crate) fn walk(&self, at: &Path<'_>, prefix: &str, found: &mut Vec<Oddity>) {
        for (number, coded) in self.iter() {
            for (side, text) in [("Code", &coded.code), ("Value", &coded.value)] {
                // Written out only where it is needed: families are most of a document.
                if matches!(text, Text::Odd(_)) {
                    text.walk(&at.key(&format!("{prefix}{number}{side}")), found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_a_member_and_a_side() {
        assert!(matches!(
            Side::of("reportCustom13Code", "reportCustom"),
            Some(Side::Code(13))
        ));
        assert!(matches!(
            Side::of("reportOrgUnit1Value", "reportOrgUnit"),
            Some(Side::Value(1))
        ));
        for key in [
            "reportCustomCode",
            "reportCustom0Code",
            "reportCustom01Code",
            "reportCustom999Code",
            "reportCustom1",
            "reportCustom+1Code",
        ] {
            assert!(Side::of(key, "reportCustom").is_none(), "{key}");
        }
    }

    #[test]
    fn members_are_sorted_and_empty_ones_dropped() {
        let text = |text: &str| Text::Value(text.into());
        let mut family = Family::default();
        family.put(Side::Value(9), text("nine"));
        family.put(Side::Code(2), text("2"));
        family.put(Side::Code(9), text("9"));
        family.put(Side::Code(4), Text::Missing);
        assert_eq!(
            family.iter().map(|(number, _)| number).collect::<Vec<_>>(),
            [2, 9]
        );
        assert_eq!(
            family.get(9),
            Some(&Coded {
                code: text("9"),
                value: text("nine")
            })
        );
        assert_eq!(family.get(4), None);
    }
}
