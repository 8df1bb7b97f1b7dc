//! Every write of `post` outside. Each wants the claim that the ledger gave the run for the document, and time for its answer;
//! a house test keeps the clients' writing calls in here.

use acumatica::{ActionOutcome, Session};
use concur::financial::{Acknowledged, PostingConfirmation, PostingConfirmed};
use posting::DocumentKind;
use posting::plan::{Posting, PostingKind};
use posting::state::Receipt;

use super::Batch;
use super::job::Job;
use crate::claimed::Claimed;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Seat, SeatError};
use crate::tokens::ConcurError;
use crate::translate::bodies::{Body, bill_type};
use crate::translate::document_type;
use crate::translate::receipt::Stored;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    async fn write_on_seat<T>(
        &self,
        (seat, claimed): (&mut Seat, Option<&Claimed>),
        call: impl AsyncFn(&mut Session) -> Result<T, acumatica::Error>,
    ) -> Result<T, SeatError> {
        let claimed = claimed.ok_or(SeatError::Late)?;
        self.needs
            .write_on_seat(seat, &self.connection, claimed, call)
            .await
    }

    /// Inserts a document. Not repeatable.
    pub(super) async fn insert(
        &self,
        seat: &mut Seat,
        job: &Job,
        posting: &Posting,
        body: Body,
    ) -> Result<Stored, SeatError> {
        let on = (seat, job.claimed.as_ref());
        match body {
            Body::Bill(bill) => self
                .write_on_seat(on, async |session| session.insert(&*bill).await)
                .await
                .map(|saved| Stored::bill(posting.n, posting.kind, &saved)),
            Body::Journal(journal) => self
                .write_on_seat(on, async |session| session.insert(&*journal).await)
                .await
                .map(|saved| Stored::journal(posting.n, &saved)),
        }
    }

    /// Adds lines to a document. Not repeatable.
    pub(super) async fn extend(
        &self,
        seat: &mut Seat,
        job: &Job,
        posting: &Posting,
        more: Body,
    ) -> Result<Stored, SeatError> {
        let on = (seat, job.claimed.as_ref());
        match more {
            Body::Bill(bill) => self
                .write_on_seat(on, async |session| session.extend(&*bill).await)
                .await
                .map(|saved| Stored::bill(posting.n, posting.kind, &saved)),
            Body::Journal(journal) => self
                .write_on_seat(on, async |session| session.extend(&*journal).await)
                .await
                .map(|saved| Stored::journal(posting.n, &saved)),
        }
    }

    /// Takes posting `n` off hold, which stands under this number. May be repeated.
    pub(super) async fn take_off_hold(
        &self,
        seat: &mut Seat,
        job: &Job,
        (n, kind, number): (u32, PostingKind, &str),
    ) -> Result<Stored, SeatError> {
        let on = (seat, job.claimed.as_ref());
        match bill_type(kind) {
            Some(own) => self
                .write_on_seat(on, async |session| {
                    session.take_bill_off_hold(&own, number).await
                })
                .await
                .map(|saved| Stored::bill(n, kind, &saved)),
            None => self
                .write_on_seat(on, async |session| {
                    session.take_journal_off_hold("GL", number).await
                })
                .await
                .map(|saved| Stored::journal(n, &saved)),
        }
    }

    /// Asks for the release of a posting.
    pub(super) async fn send_release(
        &self,
        seat: &mut Seat,
        job: &Job,
        receipt: &Receipt,
    ) -> Result<ActionOutcome, SeatError> {
        let number = receipt.number.as_str();
        let on = (seat, job.claimed.as_ref());
        match bill_type(receipt.kind) {
            Some(kind) => {
                self.write_on_seat(on, async |session| {
                    session.release_bill(&kind, number).await
                })
                .await
            }
            None => {
                self.write_on_seat(on, async |session| {
                    session.release_journal("GL", number).await
                })
                .await
            }
        }
    }

    /// Deletes a posting.
    pub(super) async fn send_deletion(
        &self,
        seat: &mut Seat,
        job: &Job,
        receipt: &Receipt,
    ) -> Result<(), SeatError> {
        let number = receipt.number.as_str();
        let on = (seat, job.claimed.as_ref());
        match bill_type(receipt.kind) {
            Some(kind) => {
                self.write_on_seat(on, async |session| session.delete_bill(&kind, number).await)
                    .await
            }
            None => {
                self.write_on_seat(on, async |session| {
                    session.delete_journal("GL", number).await
                })
                .await
            }
        }
    }

    /// Acknowledges documents of one kind in one call.
    pub(super) async fn send_acknowledgements(
        &self,
        (kind, system): (DocumentKind, &str),
        claimed: &[&Claimed],
    ) -> Result<Vec<Acknowledged>, ConcurError> {
        let ids: Vec<&str> = claimed.iter().map(|one| one.document().as_str()).collect();
        let (needs, connection) = (self.needs, &self.connection);
        needs
            .write_concur(connection, self.run, claimed, async |client| {
                client.acknowledge(document_type(kind), system, &ids).await
            })
            .await
    }

    /// Tells Concur the verdicts on documents of one kind in one call.
    pub(super) async fn send_verdicts(
        &self,
        (kind, system): (DocumentKind, &str),
        told: &[(&Claimed, PostingConfirmation)],
    ) -> Result<Vec<PostingConfirmed>, ConcurError> {
        // Each verdict is that of the document which is claimed.
        let own = |(claimed, one): &(&Claimed, PostingConfirmation)| {
            (claimed.document().as_str() == one.document_id).then(|| one.clone())
        };
        let claimed: Vec<&Claimed> = told.iter().map(|(claimed, _)| *claimed).collect();
        let told: Vec<PostingConfirmation> = told.iter().filter_map(own).collect();
        let (needs, connection) = (self.needs, &self.connection);
        needs
            .write_concur(connection, self.run, &claimed, async |client| {
                client
                    .confirm_posting(document_type(kind), system, &told)
                    .await
            })
            .await
    }
}
