//! One conditional write of a record with all that belongs to it.

use posting::plan::PostingKind;
use posting::record::Event;
use posting::{DocumentId, Plan, Record};

use super::{Holder, Reservation};

/// One conditional write of a record with all that belongs to it: all of it happens, or nothing.
#[derive(Debug)]
pub struct Change<'a> {
    /// The record as it shall be; its `version` is the version read, the stored one is one higher.
    pub record: &'a Record,
    /// A plan to store under its number, with the record that names it.
    pub plan: Option<&'a Plan>,
    /// Names to take. A name held by another document fails the write, unless that document is in `replaced`.
    pub reservations: &'a [Reservation],
    /// Ended documents whose reservations may be taken over.
    pub replaced: &'a [DocumentId],
    /// What later invoices are compared by (`posting::planning::likeness`); the document is found by it from then on.
    pub likeness: Option<&'a str>,
    /// Numbers of Acumatica that stand for the document from now on: kind and number. One that stands for another document fails
    /// the write, unless that one is in `former`.
    pub receipts: &'a [(PostingKind, String)],
    /// Who had such a number, as it was read, and counts it as its own no more.
    pub former: &'a [Holder],
    /// What stood in Acumatica and is about to be deleted there.
    pub removed: Option<&'a Removed>,
    /// Audit entries that leave the record: number of the item (from 1) and entries.
    pub audit: Option<(u32, Vec<Event>)>,
}

impl<'a> Change<'a> {
    /// A change of the record alone.
    #[must_use]
    pub fn of(record: &'a Record) -> Self {
        Self {
            record,
            plan: None,
            reservations: &[],
            replaced: &[],
            likeness: None,
            receipts: &[],
            former: &[],
            removed: None,
            audit: None,
        }
    }
}

/// A document of Acumatica as it stood before the connector deleted it: part of the evidence.
#[derive(Clone, PartialEq, Eq)]
pub struct Removed {
    /// Number of the plan it belonged to.
    pub plan: u32,
    /// Number of the posting in that plan.
    pub n: u32,
    /// Its JSON, as Acumatica returned it.
    pub text: String,
}

/// Numbers only: the text holds names of people.
impl std::fmt::Debug for Removed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { plan, n, text } = self;
        write!(f, "Removed({plan}.{n}, {} bytes)", text.len())
    }
}
