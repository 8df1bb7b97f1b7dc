//! From the stored source to a plan, or to the reasons why not. Pure but for what is looked up before and stored after, and
//! fenced: a panic here is one document's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use posting::planning::{self, Duplicate, KeyFields, Planning};
use posting::record::List;
use posting::state::{Happened, OnRefusal, RefusalAction, Step};
use posting::{Code, Document, Plan, Reason, Record};

use super::Batch;
use super::job::{Job, Why, read};
use crate::ports::{Clock, Key, Ledger, PortError, Queue, Vault};
use crate::reference::Known;

/// Longest likeness kept as part of a key; codes and numbers of Concur stay far below.
const LIKENESS_BYTES_MAX: usize = 512;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Makes or reads the plan of every document that needs one. What cannot be planned is refused or held by the rules.
    pub(super) async fn plan(&self, jobs: &mut [Job], known: &mut Known) {
        for job in jobs.iter_mut().filter(|job| job.is_on()) {
            match self.step(job) {
                Step::Plan => self.new_plan(job, known).await,
                Step::Begin { .. } | Step::Settle { .. } | Step::Release { .. } => {
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
        job.likeness =
            planning::likeness(&document).filter(|text| text.len() <= LIKENESS_BYTES_MAX);
        let duplicates = match self.duplicates(job).await {
            Ok(duplicates) => duplicates,
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "earlier invoices not read");
                return job.end(Why::Again);
            }
        };
        let number = job.record.plans.saturating_add(1);
        let plan = |known: &Known| fenced(|| self.make((&document, number), &duplicates, known));
        let mut made = plan(known);
        // What last night's list calls closed may be open since this morning.
        if made.as_ref().is_err_and(|reasons| is_closed(reasons)) && self.newer_periods(known).await
        {
            made = plan(known);
        }
        match made {
            Ok(plan) => {
                job.plan = Some(Rc::new(plan));
                job.source = None;
            }
            Err(reasons) => self.refuse(job, reasons).await,
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

    fn make(
        &self,
        (document, number): (&Document, u32),
        duplicates: &[Duplicate],
        known: &Known,
    ) -> Result<Plan, Vec<Reason>> {
        let connection = &self.connection;
        let field =
            |field: &Option<acumatica::CustomField>| field.as_ref().map(ToString::to_string);
        let bill = field(&connection.acumatica.bill_key);
        let journal = field(&connection.acumatica.journal_key);
        let periods = known.view.calendar();
        let currencies = known.view.base_currencies();
        planning::plan(&Planning {
            number,
            key_fields: KeyFields {
                bill: bill.as_deref(),
                journal: journal.as_deref(),
            },
            duplicates,
            periods: periods.as_ref(),
            base_currencies: Some(&currencies),
            ..Planning::new(document, &connection.rules, connection.version)
        })
    }

    /// Earlier invoices that look like this one and may stand in Acumatica. A new approval of the same request is none.
    async fn duplicates(&self, job: &Job) -> Result<Vec<Duplicate>, PortError> {
        let Some(likeness) = &job.likeness else {
            return Ok(Vec::new());
        };
        let ledger = &self.needs.ledger;
        let mut found = ledger.alike(&job.key.connection, likeness).await?;
        found.retain(|other| {
            other.document != job.key.document && other.business != job.record.business
        });
        if found.is_empty() {
            return Ok(found);
        }
        let keys: Vec<Key> = found
            .iter()
            .map(|other| Key {
                connection: job.key.connection.clone(),
                document: other.document.clone(),
            })
            .collect();
        let records = ledger.records(&keys).await?;
        found.retain(|other| {
            let record = records
                .iter()
                .find(|record| record.document == other.document);
            record.is_none_or(may_stand)
        });
        Ok(found)
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

/// Runs what is pure, so that a panic in it is a reason and not the end of the worker.
fn fenced<T>(pure: impl FnOnce() -> Result<T, Vec<Reason>>) -> Result<T, Vec<Reason>> {
    catch_unwind(AssertUnwindSafe(pure)).unwrap_or_else(|_| {
        Err(vec![Reason::new(
            Code::PlanUnproved,
            "planning this document ended in a fault of the connector",
        )])
    })
}

fn is_closed(reasons: &[Reason]) -> bool {
    reasons
        .iter()
        .any(|reason| reason.code == Code::PeriodClosed)
}

/// Whether something of a document stands in Acumatica, or may come to.
fn may_stand(record: &Record) -> bool {
    record.list() != List::Done || !record.state.receipts().is_empty()
}
