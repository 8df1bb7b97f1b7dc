//! Sides that do not answer: whether they may be called in this run, and what becomes of the documents when they may not.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;

use super::Batch;
use super::job::Job;
use crate::circuit::{Gate, Side, due_after};
use crate::ports::{Clock, Lease, Ledger, Queue, Vault};
use crate::retry::Class;
use crate::tokens::ConcurError;

/// Why documents wait for a side.
pub(super) const SILENT: &str = "the other system does not answer and is left alone for a while";

/// Whether a side may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Yes,
    /// For one document, which finds out for all of them.
    One,
    /// Not before this time.
    No(Timestamp),
}

/// Both sides, as far as they were asked about in this run.
#[derive(Debug, Default)]
pub(super) struct Gates(RefCell<Vec<(Side, Open, Option<Lease>)>>);

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Whether a side may be called. It is found out once in a run; a side that went silent in it is closed at once, and one
    /// that answered a try is open.
    pub(super) async fn gate(&self, side: Side) -> Open {
        let id = &self.connection.id;
        if self.needs.is_silent(id, side) {
            return Open::No(self.needs.now());
        }
        if let Some(open) = self.known(side) {
            return match open {
                Open::One if self.needs.answers(id, side) => Open::Yes,
                open => open,
            };
        }
        let (open, probe) = match self.needs.gate(id, side, self.run).await {
            Gate::Go => (Open::Yes, None),
            Gate::Probe(lease) => (Open::One, Some(lease)),
            Gate::Wait(until) => (Open::No(until), None),
        };
        self.gates.0.borrow_mut().push((side, open, probe));
        open
    }

    fn known(&self, side: Side) -> Option<Open> {
        let gates = self.gates.0.borrow();
        let known = gates.iter().find(|(of, _, _)| *of == side);
        known.map(|(_, open, _)| *open)
    }

    /// Tells the table what was heard of both sides; returns how many are left alone from now on.
    pub(super) async fn tell_circuits(&self) -> usize {
        let mut silent = 0_usize;
        for side in [Side::Concur, Side::Acumatica] {
            let probe = {
                let mut gates = self.gates.0.borrow_mut();
                let gate = gates.iter_mut().find(|(of, _, _)| *of == side);
                gate.and_then(|(_, _, probe)| probe.take())
            };
            if self
                .needs
                .tell((&self.connection.id, side), self.run, probe)
                .await
            {
                silent = silent.saturating_add(1);
            }
        }
        silent
    }

    /// Documents wait until a side is tried again.
    pub(super) async fn park_silent(&self, jobs: &mut [Job], places: &[usize], until: Timestamp) {
        for place in places {
            if let Some(job) = jobs.get_mut(*place) {
                self.park(job, SILENT, due_after(until)).await;
            }
        }
    }

    /// A call for several documents failed: where Concur does not answer, one of them uses an attempt for all.
    pub(super) async fn fail_told(&self, jobs: &mut [Job], places: &[usize], error: &ConcurError) {
        let is_silence = Class::of_call(error).is_some_and(Class::is_silence);
        let mut again = None;
        for place in places {
            let Some(job) = jobs.get_mut(*place) else {
                continue;
            };
            match again {
                Some(due) if is_silence => self.park(job, SILENT, due_after(due)).await,
                _ => self.fail_concur(job, error).await,
            }
            again = again.or(Some(job.record.due));
        }
    }

    /// The same of calls that may have been several: documents of one call share its error.
    pub(super) async fn fail_each(&self, jobs: &mut [Job], failed: Vec<(usize, Rc<ConcurError>)>) {
        let mut rest = failed;
        while let Some((_, error)) = rest.first().cloned() {
            let (same, others): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|(_, other)| Rc::ptr_eq(other, &error));
            let places: Vec<usize> = same.into_iter().map(|(place, _)| place).collect();
            self.fail_told(jobs, &places, &error).await;
            rest = others;
        }
    }
}
