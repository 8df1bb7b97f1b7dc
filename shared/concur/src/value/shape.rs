//! Objects and lists of objects, also where something else stands.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Found, Oddity, Path, Walk};

/// How `serde_json` with arbitrary precision hands a number that is no small integer to a visitor: as an object with
/// this one key. The property "any object is read" fails if it ever changes.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// An object read field by field; implemented by the `object!` macro.
pub(crate) trait Object: Default + Walk {
    /// Takes the value of `key`, or passes over it.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object inside a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Part<T> {
    /// Absent or null.
    #[default]
    Missing,
    /// An object; unknown fields are passed over.
    Read(T),
    /// Something that is no object.
    Odd(Found),
}

impl<T> Part<T> {
    /// The object, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Read(object) => Some(object),
            Self::Missing | Self::Odd(_) => None,
        }
    }
}

impl<'de, T: Object> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor(PhantomData))
    }
}

impl<T: Walk> Walk for Part<T> {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>) {
        match self {
            Self::Missing => {}
            Self::Read(object) => object.walk(at, found),
            Self::Odd(odd) => at.report(odd, found),
        }
    }
}

/// A key, borrowed where it holds no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct PartVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for PartVisitor<T> {
    type Value = Part<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any json value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = T::default();
        while let Some(Key(key)) = map.next_key()? {
            if key == NUMBER_KEY {
                return Ok(Part::Odd(Found::scalar(&map.next_value::<String>()?)));
            }
            object.take(&key, &mut map)?;
        }
        Ok(Part::Read(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Part::Odd(Found::Array))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Part::Missing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Part::Odd(Found::scalar(text)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Part::Odd(Found::scalar(&number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Part::Odd(Found::scalar(&number.to_string())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Part::Odd(Found::scalar(if value {
            "true"
        } else {
            "false"
        })))
    }
}

/// A list of objects. A single object is a list of one, null is an empty list; what is no object keeps its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T>(Vec<Part<T>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Rows<T> {
    /// The objects with their places in the list, counted from 0.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.0
            .iter()
            .enumerate()
            .filter_map(|(place, part)| part.get().map(|row| (place, row)))
    }

    /// How many elements the list has, odd ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the list has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de, T: Object> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor(PhantomData))
    }
}

impl<T: Walk> Walk for Rows<T> {
    fn walk(&self, at: &Path<'_>, found: &mut Vec<Oddity>) {
        for (place, part) in self.0.iter().enumerate() {
            part.walk(&at.index(place), found);
        }
    }
}

struct RowsVisitor<T>(PhantomData<T>);

impl<T: Object> RowsVisitor<T> {
    fn one<E>(part: Result<Part<T>, E>) -> Result<Rows<T>, E> {
        part.map(|part| Rows(vec![part]))
    }
}

impl<'de, T: Object> Visitor<'de> for RowsVisitor<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any json value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(part) = list.next_element()? {
            // Absent cannot stand in a list, so a null there is a fault of its own.
            rows.push(if matches!(part, Part::Missing) {
                Part::Odd(Found::scalar("null"))
            } else {
                part
            });
        }
        rows.shrink_to_fit();
        Ok(Rows(rows))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Self::one(PartVisitor(PhantomData).visit_map(map))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Rows::default())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::one(PartVisitor(PhantomData).visit_str(text))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::one(PartVisitor(PhantomData).visit_u64(number))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::one(PartVisitor(PhantomData).visit_i64(number))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Self::one(PartVisitor(PhantomData).visit_bool(value))
    }
}
