//! One search for each entity and all documents of a batch, with one more term for a posting known to stand: if that does
//! not come back, the answer proves nothing.

use acumatica::{Bill, CustomField, Entity, Field, Filter, JournalTransaction, Query, Session};
use posting::Stamp;
use posting::plan::{Plan, Posting, PostingKind};
use posting::state::State;

use super::Batch;
use super::job::Job;
use super::settle::lost;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Probe, Seat, SeatError};
use crate::translate::bodies::bill_type;

/// Terms of one search: with 40 characters each the address stays under 2,000, which every gateway takes.
const TERMS_MAX: usize = 20;

/// What an empty place in an answer proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The known posting came back: what is not there does not stand there.
    Holds,
    /// None is known yet: enough for a first write, not for a second.
    None,
    /// The known posting stands and did not come back: the filter does not work.
    Void,
}

/// What the searches of a batch brought.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) bills: Vec<Bill>,
    pub(super) bills_prove: Proof,
    pub(super) journals: Vec<JournalTransaction>,
    pub(super) journals_prove: Proof,
}

impl Found {
    /// What absence of a posting of this kind proves.
    pub(super) fn proof(&self, kind: PostingKind) -> Proof {
        if kind.is_payable() {
            self.bills_prove
        } else {
            self.journals_prove
        }
    }
}

/// The postings of a plan that have no receipt in this state yet.
pub(super) fn open<'a>(state: &State, plan: &'a Plan) -> Vec<&'a Posting> {
    let State::Posting { writes, .. } = state else {
        return Vec::new();
    };
    let is_open = |posting: &&Posting| {
        let write = writes.iter().find(|write| write.n == posting.n);
        write.is_some_and(|write| !write.outcome.is_done())
    };
    plan.postings.iter().filter(is_open).collect()
}

/// The word a posting is searched by.
pub(crate) fn term(plan: &Plan, posting: &Posting) -> Option<String> {
    match (&posting.key_field, posting.kind) {
        (Some(_), PostingKind::Journal) => Some(plan.stamp(posting.n).to_string()),
        (None, PostingKind::Journal) => Some(Stamp::prefix(&plan.document)),
        _ => posting.reference.clone(),
    }
}

/// AP documents with one of these references.
pub(crate) fn bills_with<'a>(words: impl Iterator<Item = &'a str>) -> Option<Filter> {
    Filter::any_of("VendorRef", words)
}

/// Journals with one of these marks: in the field of their own, else first in the description.
pub(crate) fn journals_with<'a>(
    words: impl Iterator<Item = &'a str>,
    key: Option<&CustomField>,
) -> Option<Filter> {
    let any = match key {
        Some(key) => Filter::any_of(Field::custom_text(key), words),
        None => words
            .map(|word| Filter::starts_with("Description", word))
            .reduce(Filter::or),
    };
    Some(Filter::eq("Module", "GL").and(any?))
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Searches for every posting without a receipt.
    pub(super) async fn search(&self, seat: &mut Seat, jobs: &[Job]) -> Result<Found, SeatError> {
        let (mut bills, mut journals) = (Vec::new(), Vec::new());
        let (mut lost_bill, mut lost_journal) = (false, false);
        for job in jobs.iter().filter(|job| job.is_on()) {
            let state = &job.record.state;
            let lost = lost(state);
            for (plan, posting) in job.plan.iter().flat_map(|plan| {
                open(state, plan)
                    .into_iter()
                    .map(move |posting| (plan, posting))
            }) {
                let payable = posting.kind.is_payable();
                lost_bill |= payable && lost.contains(&posting.n);
                lost_journal |= !payable && lost.contains(&posting.n);
                let terms = if payable { &mut bills } else { &mut journals };
                if let Some(term) = term(plan, posting)
                    && !terms.contains(&term)
                {
                    terms.push(term);
                }
            }
        }
        let mut found = self.both(seat, (&bills, &journals)).await?;
        let no_bill = lost_bill && found.bills_prove == Proof::None;
        if no_bill && self.bill_anchor(seat).await? {
            (found.bills, found.bills_prove) = self.bills(seat, &bills).await?;
        }
        let no_journal = lost_journal && found.journals_prove == Proof::None;
        if no_journal && self.journal_anchor(seat).await? {
            (found.journals, found.journals_prove) = self.journals(seat, &journals).await?;
        }
        Ok(found)
    }

    async fn both(
        &self,
        seat: &mut Seat,
        (bills, journals): (&[String], &[String]),
    ) -> Result<Found, SeatError> {
        let (bills, bills_prove) = self.bills(seat, bills).await?;
        let (journals, journals_prove) = self.journals(seat, journals).await?;
        Ok(Found {
            bills,
            bills_prove,
            journals,
            journals_prove,
        })
    }

    /// The AP documents with one of these references, as one search or more brings them.
    pub(super) async fn bills(
        &self,
        seat: &mut Seat,
        terms: &[String],
    ) -> Result<(Vec<Bill>, Proof), SeatError> {
        let key = self.connection.acumatica.bill_key.clone();
        let mut found = Vec::new();
        let mut proof = Proof::Holds;
        for terms in terms.chunks(TERMS_MAX) {
            let probe = seat.memo.bill.clone();
            let words = words(terms, probe.as_ref());
            let Some(filter) = bills_with(words) else {
                continue;
            };
            let bills: Vec<Bill> = self.list(seat, filter, key.clone()).await?;
            let came_back = probe.as_ref().map(|probe| {
                let number = Some(probe.number.as_str());
                bills
                    .iter()
                    .any(|bill| bill.reference_nbr.as_deref() == number)
            });
            proof = worse(proof, self.proved(seat, came_back, probe).await?);
            found.extend(bills);
        }
        Ok((found, proof))
    }

    /// The journals with one of these stamps.
    pub(super) async fn journals(
        &self,
        seat: &mut Seat,
        terms: &[String],
    ) -> Result<(Vec<JournalTransaction>, Proof), SeatError> {
        let key = self.connection.acumatica.journal_key.clone();
        let mut found = Vec::new();
        let mut proof = Proof::Holds;
        for terms in terms.chunks(TERMS_MAX) {
            let probe = seat.memo.journal.clone();
            let words = words(terms, probe.as_ref());
            let Some(filter) = journals_with(words, key.as_ref()) else {
                continue;
            };
            let journals: Vec<JournalTransaction> = self.list(seat, filter, key.clone()).await?;
            let came_back = probe.as_ref().map(|probe| {
                let number = Some(probe.number.as_str());
                journals
                    .iter()
                    .any(|journal| journal.batch_nbr.as_deref() == number)
            });
            proof = worse(proof, self.proved(seat, came_back, probe).await?);
            found.extend(journals);
        }
        Ok((found, proof))
    }

    async fn list<E: Entity>(
        &self,
        seat: &mut Seat,
        filter: Filter,
        key: Option<CustomField>,
    ) -> Result<Vec<E>, SeatError> {
        let query = Query::matching(filter).custom(key);
        self.needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.list::<E>(&query).await
            })
            .await
    }

    /// What an answer proves. A known posting that did not come back is asked for by its key: somebody may have deleted it,
    /// and then it is known no longer.
    async fn proved(
        &self,
        seat: &mut Seat,
        came_back: Option<bool>,
        probe: Option<Probe>,
    ) -> Result<Proof, SeatError> {
        let Some(probe) = probe else {
            return Ok(Proof::None);
        };
        if came_back == Some(true) {
            return Ok(Proof::Holds);
        }
        if self.stands(seat, &probe).await? {
            tracing::error!(connection = %self.connection.id, kind = probe.kind.label(), number = probe.number, "a search did not find a document that stands; its filter cannot be trusted");
            return Ok(Proof::Void);
        }
        if probe.kind.is_payable() {
            seat.memo.bill = None;
        } else {
            seat.memo.journal = None;
        }
        Ok(Proof::None)
    }

    async fn stands(&self, seat: &mut Seat, probe: &Probe) -> Result<bool, SeatError> {
        let acumatica = &self.connection.acumatica;
        if let Some(kind) = bill_type(probe.kind) {
            let bill = self
                .needs
                .on_seat(seat, &self.connection, async |session: &mut Session| {
                    session.bill(&kind, &probe.number, &[]).await
                })
                .await?;
            return Ok(bill.is_some_and(|bill| bill.vendor_ref.as_ref() == Some(&probe.term)));
        }
        let custom: Vec<CustomField> = acumatica.journal_key.iter().cloned().collect();
        let journal = self
            .needs
            .on_seat(seat, &self.connection, async |session: &mut Session| {
                session.journal("GL", &probe.number, &custom).await
            })
            .await?;
        Ok(journal.is_some_and(|journal| {
            let text = match &acumatica.journal_key {
                Some(key) => journal.custom.text(key).map(str::to_owned),
                None => journal.description.clone(),
            };
            text.is_some_and(|text| text.starts_with(&probe.term))
        }))
    }
}

fn words<'a>(terms: &'a [String], probe: Option<&'a Probe>) -> impl Iterator<Item = &'a str> {
    let probe = probe
        .map(|probe| probe.term.as_str())
        .filter(|term| !terms.iter().any(|known| known == term));
    terms.iter().map(String::as_str).chain(probe)
}

fn worse(one: Proof, other: Proof) -> Proof {
    match (one, other) {
        (Proof::Void, _) | (_, Proof::Void) => Proof::Void,
        (Proof::None, _) | (_, Proof::None) => Proof::None,
        (Proof::Holds, Proof::Holds) => Proof::Holds,
    }
}
