//! Records that `poll` stored and could not see acknowledged: asked again here, one call for each kind and system id.

use std::collections::BTreeMap;
use std::slice::from_ref;

use posting::state::{AcknowledgeCode, Earlier, Happened, State, Step};
use posting::{Code, DocumentKind, Reason};

use super::Batch;
use super::dead::Open;
use super::job::{Job, Saved, With, moved};
use super::{setup, turn};
use crate::circuit::Side;
use crate::claimed::Claimed;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::retry;
use crate::tokens::ConcurError;

const LATE: &str = "too little time is left to tell concur";

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Acknowledges what is still received. An earlier acknowledgement was sent, or about to be.
    pub(super) async fn acknowledge(&self, jobs: &mut [Job]) {
        let wanted = |job: &Job| job.is_on() && self.step(job) == Step::Acknowledge;
        let mut groups: BTreeMap<(DocumentKind, String), Vec<usize>> = BTreeMap::new();
        for (place, job) in jobs.iter().enumerate().filter(|(_, job)| wanted(job)) {
            let group = (job.kind(), job.record.system_id.clone());
            groups.entry(group).or_default().push(place);
        }
        for ((kind, system), places) in groups {
            if self.is_late() {
                self.park_late(jobs, &places).await;
                continue;
            }
            if let Open::No(until) = self.gate(Side::Concur).await {
                self.park_silent(jobs, &places, until).await;
                continue;
            }
            let places = self.claim_all(jobs, &places).await;
            let answers = {
                let all = claimed(jobs, &places);
                self.send_acknowledgements((kind, &system), &all).await
            };
            match answers {
                Ok(answers) => {
                    for place in places {
                        if let Some(job) = jobs.get_mut(place) {
                            self.note_acknowledged(job, &answers).await;
                        }
                    }
                }
                Err(error) => self.fail_told(jobs, &places, &error).await,
            }
        }
    }

    /// Concur could not be asked. It is asked again until the budget ends, unless a person must correct the set-up before.
    pub(super) async fn fail_concur(&self, job: &mut Job, error: &ConcurError) {
        if matches!(error, ConcurError::Late) {
            let now = self.needs.now();
            return self.park(job, LATE, now).await;
        }
        if let Some(reason) = setup::of_concur(error) {
            return self.hold(job, vec![reason]).await;
        }
        let reason = Reason::new(Code::ConcurRefused, chain(error));
        self.fail(job, reason, error.retry_after()).await;
    }

    /// Whether too little time is left for a call whose answer must be kept.
    pub(super) fn is_late(&self) -> bool {
        self.run.left(self.needs.now()) < self.needs.deployment.clocks.write_margin
    }

    /// Leaves documents to the next run.
    pub(super) async fn park_late(&self, jobs: &mut [Job], places: &[usize]) {
        let now = self.needs.now();
        for place in places {
            if let Some(job) = jobs.get_mut(*place) {
                self.park(job, LATE, now).await;
            }
        }
    }

    async fn note_acknowledged(&self, job: &mut Job, answers: &[concur::financial::Acknowledged]) {
        let id = job.key.document.as_str();
        let Some(answer) = answers.iter().find(|answer| answer.document_id == id) else {
            let reason = Reason::new(
                Code::ConcurRefused,
                "the answer to the acknowledgement leaves the document out",
            );
            return self.fail(job, reason, None).await;
        };
        let happened = Happened::Acknowledged {
            answer: AcknowledgeCode {
                code: answer.code.number(),
                system: answer.system_id.clone(),
            },
            earlier: Earlier::Sent,
            again: retry::due(&job.record, self.needs.now(), None),
        };
        let next = moved(
            &job.record,
            from_ref(&happened),
            self.claim(),
            self.needs.now(),
        );
        let is_ours = next.is_ok_and(|next| next.state == State::Acknowledged);
        let names = [turn::business(&job.record)];
        let with = With {
            reservations: if is_ours { &names } else { &[] },
            ..With::default()
        };
        let saved = self.note_with(job, from_ref(&happened), with).await;
        if let Saved::Taken { by, .. } = saved {
            // The other one comes first; this one looks at it before it is planned.
            job.record.behind = Some(by);
            self.note(job, &[happened]).await;
        }
        if job.is_on() && self.step(job) == Step::Acknowledge {
            // Not ready: it is due again.
            job.end(super::job::Why::Parked);
        }
    }
}

/// The claims of these documents.
pub(super) fn claimed<'j>(jobs: &'j [Job], places: &[usize]) -> Vec<&'j Claimed> {
    let own = |place: &usize| jobs.get(*place).and_then(|job| job.claimed.as_ref());
    places.iter().filter_map(own).collect()
}
