//! One posting into Acumatica: insert it once, keep its receipt before anything else, and tell a refusal by field.

use acumatica::{CustomField, Error, FieldFault, Kind, Session};
use posting::plan::{Plan, Posting, PostingKind};
use posting::state::{Happened, Receipt};
use posting::{Code, Reason};

use super::Batch;
use super::job::Job;
use super::release::first;
use super::search::term;
use super::settle::{Flow, SAID};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::retry;
use crate::seats::{Probe, Seat, SeatError};
use crate::translate::bodies::{bill_type, body};
use crate::translate::portions::{first as first_portion, is_portioned};
use crate::translate::receipt::Stored;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Writes one posting, if there is time for its answer.
    pub(super) async fn write(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, posting): (&Plan, &Posting),
    ) -> Flow {
        let now = self.needs.now();
        if self.run.left(now) < self.needs.deployment.clocks.write_margin {
            self.park(job, "too little time is left for a write", now)
                .await;
            return Flow::On;
        }
        let lines_max = self.connection.rules.posting.lines_per_request;
        let body = is_portioned(posting, lines_max)
            .then(|| first_portion(plan, posting, lines_max))
            .flatten()
            .unwrap_or_else(|| body(plan, posting));
        match self.insert(seat, job, posting, body).await {
            Ok(stored) if self.is_unfinished(posting, &stored) => {
                Box::pin(self.grow(seat, job, (plan, posting), stored)).await
            }
            Ok(stored) => {
                self.written(seat, job, (plan, posting), stored).await;
                Flow::On
            }
            Err(error) => self.not_written(seat, job, (plan, posting), error).await,
        }
    }

    /// A posting that was found is read in full, because a search brings no lines, and noted. What is built in portions and not
    /// whole yet is returned instead.
    pub(super) async fn adopt(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (posting, number): (&Posting, &str),
    ) -> Option<Stored> {
        let plan = job.plan.clone()?;
        let read = match bill_type(posting.kind) {
            Some(kind) => self
                .needs
                .on_seat(seat, &self.connection, async |session: &mut Session| {
                    session.bill(&kind, number, &[]).await
                })
                .await
                .map(|bill| bill.map(|bill| Stored::bill(posting.n, posting.kind, &bill))),
            None => self
                .needs
                .on_seat(seat, &self.connection, async |session: &mut Session| {
                    session.journal("GL", number, &NO_FIELDS).await
                })
                .await
                .map(|journal| journal.map(|journal| Stored::journal(posting.n, &journal))),
        };
        match read {
            Ok(Some(stored)) if self.is_unfinished(posting, &stored) => {
                return Some(stored);
            }
            Ok(Some(stored)) => self.written(seat, job, (&plan, posting), stored).await,
            Ok(None) => {
                let gone = Reason::new(
                    Code::AcumaticaFailed,
                    format!(
                        "{} {number} was found and cannot be read",
                        posting.kind.label()
                    ),
                );
                self.fail(job, gone, None).await;
            }
            Err(error) => self.fail_seat(job, &error).await,
        }
        None
    }

    /// The receipt is stored before anything else happens, also when what was stored is not what was planned.
    pub(super) async fn written(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, posting): (&Plan, &Posting),
        stored: Stored,
    ) {
        let differences = stored.differences(posting);
        if let (Some(term), true) = (term(plan, posting), differences.is_empty()) {
            seat.memo.known(Probe {
                kind: posting.kind,
                term,
                number: stored.receipt.number.clone(),
            });
        }
        let receipt = Receipt {
            release: first(posting.release),
            ..stored.receipt
        };
        let mut happened = vec![Happened::Written(receipt.clone())];
        if !differences.is_empty() {
            happened.push(Happened::Held {
                reasons: differences,
            });
        }
        let (n, at) = (posting.n, self.needs.now());
        let instead = |reason| {
            let reasons = vec![reason];
            vec![Happened::AnswerLost { n, at }, Happened::Held { reasons }]
        };
        self.note_number(job, &happened, &receipt, instead).await;
    }

    async fn not_written(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (plan, posting): (&Plan, &Posting),
        error: SeatError,
    ) -> Flow {
        let SeatError::Call(refusal) = &error else {
            self.fail_seat(job, &error).await;
            return Flow::Stop;
        };
        if refusal.outcome_unknown() {
            self.lost(job, posting, refusal).await;
            return Flow::On;
        }
        match refusal.kind() {
            Kind::Refused | Kind::Invalid | Kind::Forbidden if !refusal.is_page() => {
                let reasons = reasons(posting, refusal);
                self.refused(seat, job, (plan, posting), reasons).await
            }
            _ => {
                self.fail_seat(job, &error).await;
                Flow::Stop
            }
        }
    }

    /// Whether it arrived is not known: nothing more is written before a search after the proof wait.
    pub(super) async fn lost(&self, job: &mut Job, posting: &Posting, error: &Error) {
        let now = self.needs.now();
        if error.is_business_exception() {
            let said = format!("posting {}: {}", posting.n, error.message());
            job.record.note(now, SAID, &said);
        }
        let lost = Happened::AnswerLost {
            n: posting.n,
            at: now,
        };
        let failed = Happened::Failed {
            reason: Reason::new(Code::OutcomeUnproven, chain(error)),
            due: self.later(self.needs.deployment.clocks.proof_wait),
            attempts_max: retry::ATTEMPTS_MAX,
        };
        self.note(job, &[lost, failed]).await;
    }
}

const NO_FIELDS: [CustomField; 0] = [];

/// What Acumatica refuses, field by field, tied to the entry or line of the document it came from.
pub(super) fn reasons(posting: &Posting, error: &Error) -> Vec<Reason> {
    let code = match error.kind() {
        Kind::Forbidden => Code::AcumaticaForbidden,
        _ => Code::AcumaticaRefused,
    };
    let by_field: Vec<Reason> = error
        .faults()
        .iter()
        .map(|fault| of_fault(posting, fault, code))
        .collect();
    if by_field.is_empty() {
        let said = match error.message() {
            "" => error.to_string(),
            said => said.to_owned(),
        };
        return vec![Reason::new(code, said).at(posting.kind.label(), "")];
    }
    by_field
}

fn of_fault(posting: &Posting, fault: &FieldFault, code: Code) -> Reason {
    let code = if fault.path == "VendorRef" && posting.kind != PostingKind::Journal {
        Code::DuplicateReference
    } else {
        code
    };
    let value = fault.value.as_deref().unwrap_or_default();
    let place = format!("{}.{}", posting.kind.label(), fault.path);
    let reason = Reason::new(code, fault.message.clone()).at(place, value);
    let line = fault.line().and_then(|line| posting.lines.get(line));
    match line {
        Some(line) => reason.about(posting.source(line)),
        None => reason,
    }
}
