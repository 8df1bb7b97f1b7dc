//! From the stored source to a plan, or to the reasons why not. Pure but for what is looked up before and stored after, and
//! fenced: a panic here is one document's own.

use std::rc::Rc;

use posting::planning::{self, Detail, Duplicate};
use posting::record::Permitted;
use posting::reference::List;
use posting::state::{Happened, OnRefusal, RefusalAction, Step};
use posting::{Code, Document, DocumentKind, Reason};

use super::Batch;
use super::check::Renewal;
use super::job::{Job, Why, read};
use crate::lookalike;
use crate::planned::{self, fenced};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::reference::Known;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Makes or reads the plan of every document that needs one. What cannot be planned is refused or held by the rules.
    pub(super) async fn plan(&self, jobs: &mut [Job], known: &mut Known) {
        for job in jobs.iter_mut().filter(|job| job.is_on()) {
            match self.step(job) {
                Step::Plan => self.new_plan(job, known).await,
                Step::Begin { plan } => {
                    self.known_plan(job, plan).await;
                    self.compare_again(job).await;
                }
                Step::Settle { .. } | Step::Release { .. } | Step::Withdraw { .. } => {
                    if let Some(plan) = job.record.state.plan() {
                        self.known_plan(job, plan).await;
                    }
                }
                _ => {}
            }
        }
    }

    async fn new_plan(&self, job: &mut Job, known: &mut Known) {
        let read = fenced(|| read(job));
        let document = match read {
            Ok(document) => document,
            Err(reasons) => return self.refuse(job, reasons).await,
        };
        let Some(mut duplicates) = self.duplicates(job, &document).await else {
            return;
        };
        let permitted = job.record.once.clone();
        let permitted = permitted.filter(|once| once.what == Permitted::Duplicate);
        if permitted.is_some() {
            duplicates.clear();
        }
        let number = job.record.plans.saturating_add(1);
        let plan = |known: &Known| {
            let known = (&known.view, duplicates.as_slice());
            let subject = (&document, number, job.record.reversed);
            fenced(|| planned::plan(&self.connection, subject, known, Detail::Rules))
        };
        let mut made = plan(known);
        // What last night's list calls closed may be open since this morning.
        let doubtful = made.as_ref().err().map(|reasons| lists_against(reasons));
        if let Some(lists) = doubtful {
            match self.renew(known, &lists).await {
                Renewal::Anew => made = plan(known),
                Renewal::NotNeeded => {}
                Renewal::Failed(cut) => return self.unjudged(job, &cut).await,
            }
        }
        match made {
            Ok(mut plan) => {
                plan.notes.extend(permitted.map(|once| {
                    format!("possible duplicate allowed by {}: {}", once.by, once.note)
                }));
                job.plan = Some(Rc::new(plan));
                job.source = None;
            }
            Err(reasons) => self.refuse(job, reasons).await,
        }
    }

    /// Earlier invoices that look like this one, of which it is one from now on; `None` when they cannot be read now.
    async fn duplicates(&self, job: &mut Job, document: &Document) -> Option<Vec<Duplicate>> {
        job.likeness = lookalike::likeness(document);
        let (business, likeness) = (&job.record.business, job.likeness.as_deref());
        let earlier = lookalike::earlier(&self.needs.ledger, &job.key, business, likeness);
        match earlier.await {
            Ok(duplicates) => Some(duplicates),
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "earlier invoices not read");
                job.end(Why::Again);
                None
            }
        }
    }

    /// A plan that waited is held against what was begun meanwhile.
    async fn compare_again(&self, job: &mut Job) {
        if !job.is_on() || job.kind() != DocumentKind::Invoice {
            return;
        }
        // The plan stands without its source, past that one's life.
        let Ok(document) = fenced(|| read(job)) else {
            return;
        };
        let Some(duplicates) = self.duplicates(job, &document).await else {
            return;
        };
        let reasons = planning::found_late(&document, &duplicates, &self.connection.rules);
        if !reasons.is_empty() && !job.record.may(Permitted::Duplicate) {
            self.refuse(job, reasons).await;
        }
    }

    /// The document cannot be posted as it is.
    pub(super) async fn refuse(&self, job: &mut Job, reasons: Vec<Reason>) {
        let refused = Happened::Refused {
            reasons,
            policy: self.policy(),
        };
        self.note(job, &[refused]).await;
    }

    async fn known_plan(&self, job: &mut Job, number: u32) {
        match self.needs.ledger.plan(&job.key, number).await {
            Ok(Some(plan)) => job.plan = Some(Rc::new(plan)),
            Ok(None) => {
                let gone = Reason::new(Code::PlanUnproved, format!("plan {number} is not stored"));
                self.hold(job, vec![gone]).await;
            }
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "plan not read");
                job.end(Why::Again);
            }
        }
    }

    /// What the rules do with a refusal.
    pub(super) fn policy(&self) -> OnRefusal {
        let action = |refusal| match refusal {
            posting::rules::Refusal::Return => RefusalAction::Return,
            posting::rules::Refusal::Hold => RefusalAction::Hold,
        };
        let on_refusal = self.connection.rules.posting.on_refusal;
        OnRefusal {
            document: action(on_refusal.document),
            setup: action(on_refusal.setup),
        }
    }
}

/// The lists by which planning refuses.
fn lists_against(reasons: &[Reason]) -> Vec<List> {
    let by = [
        (Code::PeriodClosed, List::Periods),
        (Code::BaseCurrency, List::Branches),
    ];
    let said = |code| reasons.iter().any(|reason| reason.code == code);
    let against = by.into_iter().filter(|(code, _)| said(*code));
    against.map(|(_, list)| list).collect()
}
