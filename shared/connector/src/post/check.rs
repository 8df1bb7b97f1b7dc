//! Pre-flight: what a plan names is held against the tenant's master data before anything is begun. Only what the cache does
//! not know, or says against a document, is asked of Acumatica; a warm cache costs no call.

use std::collections::BTreeSet;
use std::rc::Rc;

use futures_util::future::join_all;
use jiff::Timestamp;
use posting::preflight::{Preflight, preflight};
use posting::reference::List;
use posting::state::{State, Step};
use posting::{Code, Reason};

use super::Batch;
use super::dead::{Open, SILENT};
use super::job::{Job, Why};
use super::settle::SEAT_WAIT;
use crate::circuit::{Side, due_after};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::reference::{Asked, Known};
use crate::report::chain;
use crate::seats::{Seat, SeatError};

/// Rounds of look-ups: a payee among employees, then vendors, each once more by its key; the rest needs fewer.
const ROUNDS_MAX: usize = 6;

/// Why look-ups ended before all was known.
pub(super) enum Cut {
    /// No seat, or no time.
    NoSeat,
    /// Acumatica does not answer and is left alone until then.
    Silent(Timestamp),
    /// Acumatica does not answer now.
    Trouble(SeatError),
}

/// What came of reading lists again.
pub(super) enum Renewal {
    /// They say what Acumatica says now.
    Anew,
    /// They were read just now, so a refusal may rest on them.
    NotNeeded,
    /// They could not be read, so nothing may be refused for them.
    Failed(Cut),
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// What is known of the tenant, its small lists read anew where they are over a day old; nothing when no plan is to be
    /// judged. Lists that cannot be read now block nothing.
    pub(super) async fn know(&self, jobs: &[Job]) -> Known {
        let plans =
            |job: &Job| job.is_on() && matches!(self.step(job), Step::Plan | Step::Begin { .. });
        if !jobs.iter().any(plans) {
            return Known::nothing(&self.connection);
        }
        let mut known = self.needs.known(&self.connection).await;
        let stale = known.stale(&self.connection.rules, self.needs.now());
        // What is still old then says nothing final.
        let _ = self.read_lists(&mut known, &stale).await;
        known
    }

    /// Reads those of the lists again that were not read just now.
    pub(super) async fn renew(&self, known: &mut Known, lists: &[List]) -> Renewal {
        let now = self.needs.now();
        let old = lists
            .iter()
            .copied()
            .filter(|list| known.is_old(*list, now));
        let old: Vec<List> = old.collect();
        if old.is_empty() {
            return Renewal::NotNeeded;
        }
        match self.read_lists(known, &old).await {
            Ok(()) => Renewal::Anew,
            Err(cut) => Renewal::Failed(cut),
        }
    }

    async fn read_lists(&self, known: &mut Known, lists: &[List]) -> Result<(), Cut> {
        if lists.is_empty() {
            return Ok(());
        }
        let mut seat = self.seat().await?;
        let mut read = Ok(());
        for list in lists {
            if !self.can_look() {
                read = Err(Cut::NoSeat);
                break;
            }
            let desk = (&mut seat, &*self.connection);
            if let Err(error) = Box::pin(self.needs.read_list(desk, known, *list)).await {
                tracing::warn!(connection = %self.connection.id, error = chain(&error), "master data not read now");
                read = Err(Cut::Trouble(error));
                break;
            }
        }
        self.needs.leave_seat(seat).await;
        read
    }

    /// A document that cannot be judged now is judged later.
    pub(super) async fn unjudged(&self, job: &mut Job, cut: &Cut) {
        match cut {
            Cut::NoSeat if job.is_extra() => job.end(Why::Noted),
            Cut::NoSeat => {
                let why = "no seat or no time to look up what it names";
                self.park(job, why, self.in_line(job, SEAT_WAIT)).await;
            }
            Cut::Silent(until) => self.park(job, SILENT, due_after(*until)).await,
            Cut::Trouble(error) => self.fail_seat(job, error).await,
        }
    }

    /// Whether documents can still be begun after one more call.
    fn can_look(&self) -> bool {
        self.run.left(self.needs.now()) >= self.needs.deployment.clocks.begin_margin
    }

    async fn seat(&self) -> Result<Seat, Cut> {
        if !self.can_look() {
            return Err(Cut::NoSeat);
        }
        if let Open::No(until) = self.gate(Side::Acumatica).await {
            return Err(Cut::Silent(until));
        }
        match Box::pin(self.needs.take_seat(&self.connection, self.run)).await {
            Ok(Some(seat)) => Ok(seat),
            Ok(None) => Err(Cut::NoSeat),
            Err(error) => Err(Cut::Trouble(error)),
        }
    }

    /// Judges every plan that is not begun. What Acumatica would refuse is refused here, all of it at once.
    pub(super) async fn check(&self, jobs: &mut [Job], known: &mut Known) {
        let mut asked = Asked::new();
        let cut = self.look_up(jobs, known, &mut asked).await.err();
        let judged = jobs.iter_mut().filter(|job| self.is_checked(job));
        let looked = (&*known, &asked);
        join_all(judged.map(|job| self.pass_or_refuse(job, looked, cut.as_ref()))).await;
    }

    fn is_checked(&self, job: &Job) -> bool {
        let unwritten = matches!(self.step(job), Step::Plan | Step::Begin { .. });
        job.is_on() && job.plan.is_some() && unwritten
    }

    /// Asks Acumatica in rounds for what the plans of the batch need, each thing once.
    async fn look_up(&self, jobs: &[Job], known: &mut Known, asked: &mut Asked) -> Result<(), Cut> {
        let mut seat: Option<Seat> = None;
        let mut looked = Ok(());
        for _ in 0..ROUNDS_MAX {
            let now = self.needs.now();
            let mut open = Asked::new();
            for job in jobs.iter().filter(|job| self.is_checked(job)) {
                if let Some(plan) = &job.plan {
                    open.extend(known.open(&preflight(plan, &known.view), now));
                }
            }
            open.retain(|question| !asked.contains(question));
            if open.is_empty() {
                break;
            }
            let desk = match &mut seat {
                Some(_) if !self.can_look() => {
                    looked = Err(Cut::NoSeat);
                    break;
                }
                Some(seat) => seat,
                None => match self.seat().await {
                    Ok(taken) => seat.insert(taken),
                    Err(cut) => return Err(cut),
                },
            };
            let called = self.needs.look_up((desk, &self.connection), known, &open);
            match Box::pin(called).await {
                Ok(mut answered) => asked.append(&mut answered),
                Err(error) => {
                    looked = Err(Cut::Trouble(error));
                    break;
                }
            }
        }
        if let Some(seat) = seat {
            self.needs.leave_seat(seat).await;
        }
        looked
    }

    async fn pass_or_refuse(
        &self,
        job: &mut Job,
        (known, asked): (&Known, &Asked),
        cut: Option<&Cut>,
    ) {
        let Some(plan) = &job.plan else {
            return;
        };
        let found = preflight(plan, &known.view);
        let open = known.open(&found, self.needs.now());
        let is_open = open.iter().any(|question| !asked.contains(question));
        match cut {
            Some(cut @ (Cut::NoSeat | Cut::Silent(_))) if is_open => self.unjudged(job, cut).await,
            _ if found.reasons.is_empty() => passes(job, known, &found),
            // Nothing is refused for what the cache alone says.
            Some(cut) if is_open => self.unjudged(job, cut).await,
            // The answers so far are kept, so that the next rounds ask for the rest.
            None if is_open => {
                let why = "more codes to look up than one run asks for";
                self.park(job, why, self.in_line(job, SEAT_WAIT)).await;
            }
            _ => self.refuse(job, found.reasons).await,
        }
    }

    /// A period that Acumatica refused although the cache calls it open is read again for the next plan.
    pub(super) fn learn_refusals(&self, jobs: &[Job], known: &mut Known) {
        let is_period = |reason: &Reason| {
            reason.code == Code::AcumaticaRefused
                && (reason.field.contains("Period") || reason.message.contains("period"))
        };
        let refused = |job: &Job| {
            let by_this_run = job.is_on() || job.was_held();
            by_this_run && job.record.state.reasons().iter().any(is_period)
        };
        if jobs.iter().any(refused) {
            known.doubt_periods(self.needs.now());
        }
    }
}

/// Notes on the plan by which view it was judged, and what could not be.
fn passes(job: &mut Job, known: &Known, found: &Preflight) {
    // A plan that is stored is not changed any more.
    if job.record.state != State::Acknowledged {
        return;
    }
    let unchecked: BTreeSet<&str> = found
        .lookups
        .iter()
        .map(|lookup| lookup.list.as_str())
        .collect();
    if let Some(plan) = job.plan.as_mut().map(Rc::make_mut) {
        plan.reference_view = known.view.name();
        if !unchecked.is_empty() {
            let lists: Vec<&str> = unchecked.into_iter().collect();
            plan.notes.push(format!(
                "not checked before the write, because Acumatica did not show them: {}",
                lists.join(", ")
            ));
        }
    }
}
