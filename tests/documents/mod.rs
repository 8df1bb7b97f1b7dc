//! Financial documents in Concur's published shape, made from a seed.
//!
//! The same seed gives the same documents. Every one keeps the invariants of the
//! published examples (the sums, the signs, the tax records) unless it was
//! [`broken`](Document::broken) on purpose. Money is written with its digits.

mod advance;
mod entry;
mod expense;
mod fields;
mod invoice;
mod random;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use advance::Advance;
pub use entry::{Entry, Foreign, Party, Tax};
pub use expense::{Application, Report};
pub use fields::{Person, Place};
pub use invoice::{DateStyle, Invoice, Line};
pub use random::Random;

/// Type of a document, by the name Concur's addresses use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An expense report.
    Expense,
    /// A supplier's invoice.
    Invoice,
    /// Money given to an employee in advance.
    CashAdvance,
}

impl Kind {
    /// The name in addresses and envelopes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expense => "expense",
            Self::Invoice => "invoice",
            Self::CashAdvance => "cashadvance",
        }
    }
}

/// One generated document, without the envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its type.
    pub kind: Kind,
    /// reportId, requestId or cashAdvanceId.
    pub business_id: String,
    /// The document itself.
    pub body: Value,
}

impl Document {
    /// The same document with the member at a JSON pointer replaced, to break it on purpose.
    #[must_use]
    pub fn broken(mut self, pointer: &str, value: Value) -> Self {
        if let Some(member) = self.body.pointer_mut(pointer) {
            *member = value;
        }
        self
    }
}

/// A valid document of any kind, chosen by the random numbers.
#[must_use]
pub fn any(random: &mut Random) -> Document {
    match random.below(4) {
        0 => invoice::any(random),
        1 => advance::any(random),
        _ => expense::any(random),
    }
}

/// A report with this many entries, about 2 kB each: 2,000 of them make about 4 MB. Custom fields that are null
/// are left out, as in a company that has few of them switched on.
#[must_use]
pub fn large_report(
    entries: usize,
    person: Person,
    place: &Place,
    random: &mut Random,
) -> Document {
    let mut report = Report::new("Project year, all receipts", person, place.clone(), random);
    for _ in 0..entries {
        let amount = crate::amounts::cents(random.between(100, 49_999));
        report = report.entry(Entry::new(amount, random).described("Supplies"));
    }
    let mut document = report.document(random);
    drop_null_customs(&mut document.body);
    document
}

fn drop_null_customs(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| !(member.is_null() && name.contains("Custom")));
            members.values_mut().for_each(drop_null_customs);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_customs),
        _ => {}
    }
}
