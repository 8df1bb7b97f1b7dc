//! Concur is told, one call for each kind and system id. What it answers is stored at once; code 111 is answered with the
//! acknowledgement it misses, code 113 with a look at the verdict that stands.

use std::collections::BTreeMap;
use std::rc::Rc;

use concur::financial::{Code as WireCode, DocumentStatus, PostingConfirmation, PostingConfirmed};
use posting::state::{ConfirmCode, Happened, OnRecall, Step};
use posting::{Code, DocumentKind, Reason};

use super::Batch;
use super::acknowledge::claimed;
use super::dead::Open;
use super::job::{Job, Why};
use crate::circuit::Side;
use crate::claimed::Claimed;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::retry;
use crate::tokens::ConcurError;
use crate::translate::confirmation::{Places, confirmation, verdict_equal};
use crate::translate::document_type;

/// Rounds of confirming: the first, and one more for what had to be acknowledged before.
const ROUNDS: u32 = 2;

/// What became of telling Concur about one document.
enum Told {
    /// It answered.
    Answered(PostingConfirmed),
    /// The call failed.
    Failed(Rc<ConcurError>),
    /// There was no time left for the call.
    NotAsked,
}

/// What is told of a document, with the claim under which it is.
type Claims<'a> = (&'a Claimed, PostingConfirmation);

type Groups = BTreeMap<(DocumentKind, String), Vec<usize>>;

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Confirms everything posted or refused.
    pub(super) async fn confirm(&self, jobs: &mut [Job]) {
        let mut places: Vec<usize> = (0..jobs.len()).collect();
        for round in 1..=ROUNDS {
            let groups = self.groups(jobs, &places);
            places.clear();
            for ((kind, system), group) in groups {
                places.extend(
                    self.confirm_group(jobs, (kind, &system), group, round)
                        .await,
                );
            }
        }
    }

    fn groups(&self, jobs: &[Job], places: &[usize]) -> Groups {
        let mut groups = Groups::new();
        for place in places {
            if let Some(job) = jobs.get(*place).filter(|job| self.confirms(job)) {
                let group = (job.kind(), job.record.system_id.clone());
                groups.entry(group).or_default().push(*place);
            }
        }
        groups
    }

    fn confirms(&self, job: &Job) -> bool {
        job.is_on() && matches!(self.step(job), Step::ConfirmSuccess | Step::ConfirmError)
    }

    /// One group; returns the places of what was acknowledged first and is to be confirmed now.
    async fn confirm_group(
        &self,
        jobs: &mut [Job],
        (kind, system): (DocumentKind, &str),
        places: Vec<usize>,
        round: u32,
    ) -> Vec<usize> {
        if self.is_late() {
            self.park_late(jobs, &places).await;
            return Vec::new();
        }
        if let Open::No(until) = self.gate(Side::Concur).await {
            self.park_silent(jobs, &places, until).await;
            return Vec::new();
        }
        let rules = &self.connection.rules;
        let places = self.claim_all(jobs, &places).await;
        let known = self.needs.known(&self.connection).await;
        let stands = Places {
            tenant: self.connection.acumatica.site.tenant(),
            branches: &known.view.branches,
        };
        let answers = {
            let mut told = Vec::new();
            for job in places.iter().filter_map(|place| jobs.get(*place)) {
                let verdict = confirmation(&job.record, rules, stands);
                told.extend(job.claimed.as_ref().zip(verdict));
            }
            self.confirmed((kind, system), &told).await
        };
        self.needs.keep(known).await;
        let (mut unacknowledged, mut late) = (Vec::new(), Vec::new());
        let mut failed: Vec<(usize, Rc<ConcurError>)> = Vec::new();
        for place in places {
            let Some(job) = jobs.get_mut(place) else {
                continue;
            };
            let id = job.key.document.as_str();
            match answers.get(id) {
                Some(Told::Answered(answer))
                    if answer.code == WireCode::NotAcknowledged && round < ROUNDS =>
                {
                    unacknowledged.push(place);
                }
                Some(Told::Answered(answer)) => self.note_confirmed(job, answer).await,
                Some(Told::Failed(error)) => failed.push((place, Rc::clone(error))),
                Some(Told::NotAsked) => late.push(place),
                None => {
                    let left_out = "the answer to the confirmation leaves the document out";
                    let reason = Reason::new(Code::ConcurRefused, left_out);
                    self.fail(job, reason, None).await;
                }
            }
        }
        self.fail_each(jobs, failed).await;
        self.park_late(jobs, &late).await;
        self.acknowledge_first(jobs, (kind, system), unacknowledged)
            .await
    }

    /// All in one call. A call that is refused as a whole is repeated one by one, so that one document cannot hurt another.
    async fn confirmed(
        &self,
        to: (DocumentKind, &str),
        told: &[Claims<'_>],
    ) -> BTreeMap<String, Told> {
        let mut answers = BTreeMap::new();
        match self.send_verdicts(to, told).await {
            Ok(all) => answers.extend(
                all.into_iter()
                    .map(|answer| (answer.document_id.clone(), Told::Answered(answer))),
            ),
            Err(ConcurError::Call(error))
                if told.len() > 1 && error.kind() == concur::Kind::Refused =>
            {
                for one in told {
                    let told = self.confirmed_alone(to, one).await;
                    answers.extend(told.map(|told| (one.1.document_id.clone(), told)));
                }
            }
            Err(error) => {
                let error = Rc::new(error);
                answers.extend(told.iter().map(|(_, one)| {
                    let failed = Told::Failed(Rc::clone(&error));
                    (one.document_id.clone(), failed)
                }));
            }
        }
        answers
    }

    /// One document by itself; `None` when the answer leaves it out.
    async fn confirmed_alone(&self, to: (DocumentKind, &str), one: &Claims<'_>) -> Option<Told> {
        if self.is_late() {
            return Some(Told::NotAsked);
        }
        match self.send_verdicts(to, std::slice::from_ref(one)).await {
            Ok(all) => all.into_iter().next().map(Told::Answered),
            Err(error) => Some(Told::Failed(Rc::new(error))),
        }
    }

    async fn note_confirmed(&self, job: &mut Job, answer: &PostingConfirmed) {
        let verdict_equal = if answer.code == WireCode::AlreadyConfirmed {
            self.verdict(job).await
        } else {
            None
        };
        let confirmed = Happened::Confirmed {
            answer: ConfirmCode {
                code: answer.code.number(),
                verdict_equal,
            },
            again: retry::due(&job.record, self.needs.now(), None),
            on_recall: match self.connection.rules.posting.on_recall {
                posting::rules::OnRecall::Withdraw => OnRecall::Withdraw,
                posting::rules::OnRecall::Hold => OnRecall::Hold,
            },
        };
        self.note(job, &[confirmed]).await;
        if job.is_on() {
            // It is asked again when it is due.
            job.end(Why::Parked);
        }
    }

    /// Whether the verdict that stands in Concur is ours; `None` when that cannot be read now.
    async fn verdict(&self, job: &Job) -> Option<bool> {
        match self.status(job).await {
            Ok(status) => status.map(|status| verdict_equal(&job.record, &status)),
            Err(error) => {
                tracing::warn!(document = %job.key.document, error = chain(&error), "verdict not read");
                None
            }
        }
    }

    /// What Concur holds of the document now; `None` when it does not show it.
    pub(super) async fn status(&self, job: &Job) -> Result<Option<DocumentStatus>, ConcurError> {
        let business = job.record.business.as_str();
        let found = self
            .needs
            .concur(
                &self.connection,
                self.run,
                async |client: &concur::Client| {
                    client
                        .by_business_id(document_type(job.kind()), business)
                        .await
                },
            )
            .await?;
        let mut found = found.into_iter();
        let own = found.find(|document| document.id == job.key.document.as_str());
        Ok(own.map(|document| document.status))
    }

    async fn acknowledge_first(
        &self,
        jobs: &mut [Job],
        (kind, system): (DocumentKind, &str),
        places: Vec<usize>,
    ) -> Vec<usize> {
        let all = claimed(jobs, &places);
        if all.is_empty() || self.is_late() {
            return places;
        }
        if let Err(error) = self.send_acknowledgements((kind, system), &all).await {
            // The confirmation says so again, and the record waits for its next turn.
            tracing::warn!(error = chain(&error), "not acknowledged");
        }
        places
    }
}
