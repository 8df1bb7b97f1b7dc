//! A posting to prove a search by, where the connector has not written one yet: any document that stands in the tenant.
//! Asked for only when a lost answer must be proved, and without a condition, which is what cannot be trusted.

use acumatica::{Bill, BillType, CustomField, Filter, JournalTransaction, Query, Session};
use posting::plan::PostingKind;

use super::Batch;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Probe, Seat, SeatError};

/// Documents looked at: some have no reference or text to be searched by.
const ROWS_MAX: u32 = 20;
/// Characters of a description that are searched by.
const TERM_CHARS_MAX: usize = 40;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Looks for an AP document with a reference; returns whether the seat knows one now. An empty answer is no proof that
    /// nothing stands: that the list can be trusted is what the anchor is to show.
    pub(super) async fn bill_anchor(&self, seat: &mut Seat) -> Result<bool, SeatError> {
        let query = bills();
        let bills: Vec<Bill> = self
            .needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.list::<Bill>(&query).await
            })
            .await?;
        Ok(remember(seat, bill_probe(&bills)))
    }

    /// Looks for a journal with a text, or a stamp where stamps have a field of their own.
    pub(super) async fn journal_anchor(&self, seat: &mut Seat) -> Result<bool, SeatError> {
        let key = self.connection.acumatica.journal_key.as_ref();
        let query = journals(key);
        let journals: Vec<JournalTransaction> = self
            .needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.list::<JournalTransaction>(&query).await
            })
            .await?;
        Ok(remember(seat, journal_probe(&journals, key)))
    }
}

/// Any AP documents.
pub(crate) fn bills() -> Query {
    Query::all().top(ROWS_MAX)
}

/// Any journals of the ledger, with the field that carries their stamp.
pub(crate) fn journals(key: Option<&CustomField>) -> Query {
    // The module is part of the key, which is read without any of the screen's logic.
    Query::matching(Filter::eq("Module", "GL"))
        .custom(key.cloned())
        .top(ROWS_MAX)
}

/// The first AP document with a reference.
pub(crate) fn bill_probe(bills: &[Bill]) -> Option<Probe> {
    bills.iter().find_map(|bill| {
        Some(Probe {
            kind: kind_of(bill.kind.as_ref()?)?,
            term: usable(bill.vendor_ref.as_deref())?,
            number: bill.reference_nbr.clone()?,
        })
    })
}

/// The first journal with a text, or with a stamp in the field of its own.
pub(crate) fn journal_probe(
    journals: &[JournalTransaction],
    key: Option<&CustomField>,
) -> Option<Probe> {
    journals.iter().find_map(|journal| {
        let term = match key {
            Some(key) => usable(journal.custom.text(key))?,
            None => usable(journal.description.as_deref())?
                .chars()
                .take(TERM_CHARS_MAX)
                .collect(),
        };
        Some(Probe {
            kind: PostingKind::Journal,
            term,
            number: journal.batch_nbr.clone()?,
        })
    })
}

fn remember(seat: &mut Seat, probe: Option<Probe>) -> bool {
    let is_known = probe.is_some();
    if let Some(probe) = probe {
        seat.memo.known(probe);
    }
    is_known
}

fn usable(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn kind_of(kind: &BillType) -> Option<PostingKind> {
    match kind {
        BillType::Bill => Some(PostingKind::Bill),
        BillType::DebitAdj => Some(PostingKind::DebitAdj),
        BillType::CreditAdj => Some(PostingKind::CreditAdj),
        _ => None,
    }
}
