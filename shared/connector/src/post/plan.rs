//! From the stored source to a plan, or to the reasons why not. Pure but for storing the result, and fenced: a panic here is
//! one document's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use posting::planning::{self, KeyFields, Planning};
use posting::state::{Happened, OnRefusal, RefusalAction, Step};
use posting::{Code, Plan, Reason};

use super::Batch;
use super::job::{Job, read};
use crate::connection::Connection;
use crate::ports::{Clock, Ledger, Queue, Vault};

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Makes or reads the plan of every document that needs one. What cannot be planned is refused or held by the rules.
    pub(super) async fn plan(&self, jobs: &mut [Job]) {
        for job in jobs.iter_mut().filter(|job| job.is_on()) {
            match self.step(job) {
                Step::Plan => self.new_plan(job).await,
                Step::Begin { plan } | Step::Settle { plan, .. } => {
                    self.known_plan(job, plan).await;
                }
                _ => {}
            }
        }
    }

    async fn new_plan(&self, job: &mut Job) {
        let number = job.record.plans.saturating_add(1);
        let made = catch_unwind(AssertUnwindSafe(|| make(&self.connection, job, number)));
        let reasons = match made {
            Ok(Ok(plan)) => {
                job.plan = Some(Rc::new(plan));
                job.source = None;
                return;
            }
            Ok(Err(reasons)) => reasons,
            Err(_) => vec![Reason::new(
                Code::PlanUnproved,
                "planning this document ended in a fault of the connector",
            )],
        };
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
                job.end(super::job::Why::Again);
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

fn make(connection: &Connection, job: &Job, number: u32) -> Result<Plan, Vec<Reason>> {
    let document = read(job)?;
    let bill = connection
        .acumatica
        .bill_key
        .as_ref()
        .map(ToString::to_string);
    let journal = connection
        .acumatica
        .journal_key
        .as_ref()
        .map(ToString::to_string);
    planning::plan(&Planning {
        number,
        key_fields: KeyFields {
            bill: bill.as_deref(),
            journal: journal.as_deref(),
        },
        ..Planning::new(&document, &connection.rules, connection.version)
    })
}
