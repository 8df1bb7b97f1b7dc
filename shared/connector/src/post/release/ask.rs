//! The calls: reading how a document stands, taking it off hold, and asking for its release until that ends.

use std::time::Duration;

use acumatica::{ActionOutcome, ActionStatus, CustomField, Error, Kind, Session};
use posting::state::Receipt;

use super::super::Batch;
use super::super::job::Job;
use super::super::settle::Flow;
use super::standing::{Seen, Standing};
use super::{Ready, is_busy, receipt};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::seats::{Seat, SeatError};
use crate::translate::bodies::bill_type;

/// Pause before the first question about a running release, and what each further one is longer by.
const POLL_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const POLL_PAUSE_MAX: Duration = Duration::from_secs(8);
/// Questions about one running release in one run: about two minutes.
const POLLS_MAX: u32 = 18;
const NO_FIELDS: [CustomField; 0] = [];

/// How an ask ended, as far as the answers go.
type Asked = Result<ActionOutcome, SeatError>;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// How a posting stands now; `None` when it is gone.
    pub(super) async fn seen(
        &self,
        seat: &mut Seat,
        receipt: &Receipt,
    ) -> Result<Option<Seen>, SeatError> {
        let number = receipt.number.as_str();
        let (needs, connection) = (self.needs, &self.connection);
        match bill_type(receipt.kind) {
            Some(kind) => needs
                .on_seat(seat, connection, async |session: &mut Session| {
                    session.bill(&kind, number, &NO_FIELDS).await
                })
                .await
                .map(|bill| bill.as_ref().map(Seen::bill)),
            None => needs
                .on_seat(seat, connection, async |session: &mut Session| {
                    session.journal("GL", number, &NO_FIELDS).await
                })
                .await
                .map(|journal| journal.as_ref().map(Seen::journal)),
        }
    }

    /// Takes a posting off hold that the tenant put there when it was written. May be repeated.
    pub(super) async fn off_hold(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        receipt: &Receipt,
    ) -> Ready {
        if !self.has_time() {
            return Ready::No;
        }
        let own = (receipt.n, receipt.kind, receipt.number.as_str());
        let saved = self.take_off_hold(seat, job, own).await;
        match saved.map(|stored| Seen::receipt(&stored.receipt)) {
            Ok(seen) if seen.standing == Standing::Ready => {
                let asked = self.waits(receipt).until(self.needs.now());
                let status = Some(seen.status);
                if self.note_release(job, receipt.n, asked, status).await {
                    Ready::Yes
                } else {
                    Ready::No
                }
            }
            Ok(seen) => self.judge_release(job, receipt, Some(seen)).await,
            Err(SeatError::Call(error)) if is_refusal(&error) => {
                self.never(job, receipt, (said(&error), None)).await;
                Ready::No
            }
            Err(error) => {
                self.set_back(job, &error).await;
                Ready::Stop
            }
        }
    }

    /// Asks for a release: stores that, sends it, waits for its end while there is time, and reads what became of it.
    pub(super) async fn ask(&self, seat: &mut Seat, job: &mut Job, n: u32) -> Flow {
        let Some(before) = receipt(job, n).filter(|_| self.has_time()) else {
            return Flow::On;
        };
        let now = self.needs.now();
        let waits = self.waits(&before);
        let intent = waits.sent(now).on(now);
        if !self.note_release(job, n, intent, None).await {
            return Flow::On;
        }
        let answer = match self.send_release(seat, job, &before).await {
            Err(error) if is_unheard(&error) => {
                if self.note_release(job, n, waits.on(now), None).await {
                    self.set_back(job, &error).await;
                }
                return Flow::Stop;
            }
            Ok(ActionOutcome::Running(running)) => self.poll(seat, running).await,
            answer => answer,
        };
        let seen = self.seen(seat, &before).await;
        if let Some(asked) = receipt(job, n) {
            self.told(job, &asked, (answer, seen)).await;
        }
        Flow::On
    }

    /// Asks how far a running release is until it ends, or the time for it does.
    pub(in crate::post) async fn poll(&self, seat: &mut Seat, running: ActionStatus) -> Asked {
        let mut pause = POLL_PAUSE;
        for _ in 0..POLLS_MAX {
            tokio::time::sleep(pause).await;
            if !self.has_time() {
                break;
            }
            let answer = self
                .needs
                .on_seat(seat, &self.connection, async |session: &mut Session| {
                    session.action_status(&running).await
                })
                .await;
            match answer {
                Ok(ActionOutcome::Running(_)) => {}
                // Nothing of the release is told by either.
                Err(SeatError::Call(error)) if error.is_transient() => {}
                Err(SeatError::Call(error)) if error.is_not_found() => break,
                answer => return answer,
            }
            pause = pause.saturating_add(POLL_PAUSE).min(POLL_PAUSE_MAX);
        }
        Ok(ActionOutcome::Running(running))
    }

    /// Notes what became of a release, by the document first and the answer second.
    async fn told(
        &self,
        job: &mut Job,
        receipt: &Receipt,
        (answer, seen): (Asked, Result<Option<Seen>, SeatError>),
    ) {
        let seen = match seen {
            Ok(seen) => seen,
            // It is stored as asked for, and read again when due.
            Err(error) if is_busy(&error) => return,
            Err(error) => return self.set_back(job, &error).await,
        };
        let Some(Seen { status, .. }) = seen
            .as_ref()
            .filter(|seen| seen.standing == Standing::Ready)
        else {
            self.judge_release(job, receipt, seen).await;
            return;
        };
        let message = match answer {
            Ok(ActionOutcome::Running(_)) => return,
            Ok(ActionOutcome::Done) => format!("Acumatica ended the release and left it {status}"),
            Err(SeatError::Call(error)) if is_refusal(&error) => said(&error),
            Err(error) => return self.set_back(job, &error).await,
        };
        self.never(job, receipt, (message, Some(status.clone())))
            .await;
    }
}

/// Acumatica looked at it and said no.
fn is_refusal(error: &Error) -> bool {
    let said_no = matches!(
        error.kind(),
        Kind::Invalid | Kind::Forbidden | Kind::Refused | Kind::NotFound
    );
    (said_no && !error.is_page()) || error.is_business_exception()
}

/// The ask did not arrive.
fn is_unheard(error: &SeatError) -> bool {
    match error {
        SeatError::Call(error) => !error.outcome_unknown() && !is_refusal(error),
        _ => true,
    }
}

fn said(error: &Error) -> String {
    match error.message() {
        "" => chain(error),
        said => said.to_owned(),
    }
}
