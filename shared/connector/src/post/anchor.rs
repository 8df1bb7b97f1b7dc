//! A posting to prove a search by, where the connector has not written one yet: any document that stands in the tenant.
//! Asked for only when a lost answer must be proved, and without a condition, which is what cannot be trusted.

use acumatica::{Bill, BillType, Filter, JournalTransaction, Query, Session};
use posting::plan::PostingKind;

use super::Batch;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Probe, Seat, SeatError};

/// Documents looked at: some have no reference or text to be searched by.
const ROWS_MAX: u32 = 20;
/// Characters of a description that are searched by.
const TERM_CHARS_MAX: usize = 40;

/// What the tenant offers to prove a search by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The seat knows one now.
    Known,
    /// There is no document of this kind at all, so ours is not there either.
    Empty,
    /// There are some, and none of them can be searched by.
    Unusable,
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Looks for an AP document with a reference.
    pub(super) async fn bill_anchor(&self, seat: &mut Seat) -> Result<Anchor, SeatError> {
        let query = Query::all().top(ROWS_MAX);
        let bills: Vec<Bill> = self
            .needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.list::<Bill>(&query).await
            })
            .await?;
        let probe = bills.iter().find_map(|bill| {
            Some(Probe {
                kind: kind_of(bill.kind.as_ref()?)?,
                term: usable(bill.vendor_ref.as_deref())?,
                number: bill.reference_nbr.clone()?,
            })
        });
        Ok(remember(seat, probe, bills.is_empty()))
    }

    /// Looks for a journal with a text, or a stamp where stamps have a field of their own.
    pub(super) async fn journal_anchor(&self, seat: &mut Seat) -> Result<Anchor, SeatError> {
        let key = self.connection.acumatica.journal_key.clone();
        // The module is part of the key, which is read without any of the screen's logic.
        let query = Query::matching(Filter::eq("Module", "GL"))
            .custom(key.clone())
            .top(ROWS_MAX);
        let journals: Vec<JournalTransaction> = self
            .needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.list::<JournalTransaction>(&query).await
            })
            .await?;
        let probe = journals.iter().find_map(|journal| {
            let term = match &key {
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
        });
        Ok(remember(seat, probe, journals.is_empty()))
    }
}

fn remember(seat: &mut Seat, probe: Option<Probe>, is_empty: bool) -> Anchor {
    match probe {
        Some(probe) => {
            seat.memo.known(probe);
            Anchor::Known
        }
        None if is_empty => Anchor::Empty,
        None => Anchor::Unusable,
    }
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
