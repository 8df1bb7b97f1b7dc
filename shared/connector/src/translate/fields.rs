//! The small steps every kind of document needs, each of which keeps its fault and goes on.

use std::cell::{Cell, RefCell};

use concur::value::{Amount, Family as WireFamily, Text};
use jiff::Timestamp;
use jiff::civil::Date;
use posting::document::{Coded, Employee, Family, Header};
use posting::{BusinessId, Code, Currency, DocumentId, Reason};
use rust_decimal::Decimal;

use super::{Place, dates};

/// Most reasons kept of one document: each becomes a line of Concur's audit trail.
const REASONS_MAX: usize = 50;

/// Every fault found so far, and whether there were more than are kept.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: RefCell<Vec<Reason>>,
    is_cut: Cell<bool>,
}

impl Faults {
    pub(super) fn add(&self, reason: Reason) {
        let mut kept = self.kept.borrow_mut();
        let told = kept
            .iter()
            .any(|known| known.field == reason.field && known.code == reason.code);
        if told {
            return;
        }
        if kept.len() < REASONS_MAX {
            kept.push(reason);
        } else {
            self.is_cut.set(true);
        }
    }

    /// All that are kept; the last one says if there were more.
    pub(super) fn into_vec(self) -> Vec<Reason> {
        let mut kept = self.kept.into_inner();
        if self.is_cut.get()
            && let Some(last) = kept.last_mut()
        {
            last.message.push_str(" (and more reasons)");
        }
        kept
    }
}

/// Where a field stands: the object's path, its line, and who collects faults.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub(super) path: String,
    pub(super) line: Option<String>,
    pub(super) faults: &'a Faults,
}

impl At<'_> {
    pub(super) fn child(&self, key: &str, index: usize) -> Self {
        let path = if self.path.is_empty() {
            format!("{key}[{index}]")
        } else {
            format!("{}.{key}[{index}]", self.path)
        };
        Self {
            path,
            ..self.clone()
        }
    }

    fn fault(&self, code: Code, key: &str, value: impl std::fmt::Display, message: &str) {
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        let mut reason = Reason::new(code, message).at(path, value);
        reason.line.clone_from(&self.line);
        self.faults.add(reason);
    }

    pub(super) fn missing(&self, key: &str) {
        self.fault(Code::FieldMissing, key, "", "the field is missing or empty");
    }

    /// An amount that must be there.
    pub(super) fn amount(&self, key: &str, amount: &Amount) -> Decimal {
        if *amount == Amount::Missing {
            self.missing(key);
        }
        amount.get().unwrap_or_default()
    }

    /// A text that must be there.
    pub(super) fn text(&self, key: &str, text: &Text) -> String {
        if *text == Text::Missing {
            self.missing(key);
        }
        text.get().unwrap_or_default().to_owned()
    }

    /// The currency that must be there.
    pub(super) fn currency(&self, key: &str, text: &Text) -> Currency {
        let Some(code) = text.get() else {
            self.missing(key);
            return Currency::NONE;
        };
        Currency::new(code).unwrap_or_else(|_| {
            self.fault(
                Code::FieldOdd,
                key,
                code,
                "a currency is three capital letters",
            );
            Currency::NONE
        })
    }

    /// An instant that may be absent.
    pub(super) fn instant(&self, key: &str, text: &Text) -> Option<Timestamp> {
        let written = text.get()?;
        let read = dates::instant(written);
        if read.is_none() {
            self.fault(
                Code::FieldOdd,
                key,
                written,
                "an instant is written like 2026-03-31T14:05:00.000Z",
            );
        }
        read
    }

    /// A date that may be absent.
    pub(super) fn date(&self, key: &str, text: &Text) -> Option<Date> {
        let written = text.get()?;
        let read = dates::date(written);
        if read.is_none() {
            self.fault(
                Code::FieldOdd,
                key,
                written,
                "a date is written like 2026-03-31",
            );
        }
        read
    }

    /// A small whole number that may be absent.
    pub(super) fn count(&self, key: &str, text: &Text) -> Option<u32> {
        let written = text.get()?;
        let read = whole(written);
        if read.is_none() {
            self.fault(Code::FieldOdd, key, written, "a whole number is expected");
        }
        read
    }

    /// The business id that must be there; the document's own id where it is missing or odd.
    pub(super) fn business(&self, key: &str, text: &Text, id: &DocumentId) -> BusinessId {
        let Some(written) = text.get() else {
            self.missing(key);
            return BusinessId::from(id);
        };
        BusinessId::new(written).unwrap_or_else(|_| {
            self.fault(
                Code::FieldOdd,
                key,
                written,
                "a business id has 1 to 32 letters and digits",
            );
            BusinessId::from(id)
        })
    }
}

/// A whole number also where it was sent as `4.0`.
pub(super) fn whole(written: &str) -> Option<u32> {
    let number: Decimal = written.parse().ok()?;
    number.is_integer().then_some(())?;
    u32::try_from(number).ok()
}

pub(super) fn owned(text: &Text) -> Option<String> {
    text.get().map(str::to_owned)
}

/// `Y`, or `1` as older documents write it.
pub(super) fn yes(text: &Text) -> bool {
    text.get()
        .is_some_and(|word| word.eq_ignore_ascii_case("y") || word == "1")
}

pub(super) fn coded(code: &Text, value: &Text) -> Coded {
    Coded {
        code: owned(code),
        value: owned(value),
    }
}

pub(super) fn family(wire: &WireFamily) -> Family {
    wire.iter()
        .map(|(number, member)| (number, coded(&member.code, &member.value)))
        .collect()
}

pub(super) fn employee(id: &Text, first: &Text, last: &Text) -> Employee {
    let parts: Vec<&str> = [first, last].into_iter().filter_map(Text::get).collect();
    Employee {
        id: owned(id),
        name: (!parts.is_empty()).then(|| parts.join(" ")),
    }
}

/// The header of a document of which nothing but the envelope could be read.
pub(super) fn bare(place: Place<'_>) -> Header {
    header(place, BusinessId::from(place.id), Currency::NONE)
}

/// A header with what every kind has to say first; the rest is filled in by the kind.
pub(super) fn header(place: Place<'_>, business: BusinessId, currency: Currency) -> Header {
    let entity = place.entity.map(str::trim);
    Header {
        document: place.id.clone(),
        business,
        name: None,
        currency,
        ledger: None,
        entity: entity.filter(|text| !text.is_empty()).map(str::to_owned),
        org: Family::new(),
        custom: Family::new(),
        employee: Employee::default(),
        test: false,
        revision: 1,
    }
}
