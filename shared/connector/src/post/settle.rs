//! On a seat: begin, search once for the whole batch, then finish one document after the other. Nothing is written while
//! any write of the same document may have arrived unseen.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use posting::plan::Posting;
use posting::record::{Event, Permitted};
use posting::state::{Happened, Outcome, State, Step};
use posting::{Code, Reason};

use super::Batch;
use super::dead::{Open, SILENT};
use super::job::{Job, Why};
use super::judge::{self, Judged};
use super::search::{Found, Proof, open};
use super::setup;
use crate::circuit::{Side, due_after};
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::report::chain;
use crate::retry::{self, Class};
use crate::seats::{Seat, SeatError};
use crate::translate::receipt::Stored;

/// How long documents wait for a seat: as long as another worker's batch takes.
pub(super) const SEAT_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// Longest wait of a document that many others are in front of: looking costs more than being late by so much.
const CROWD_WAIT: SignedDuration = SignedDuration::from_mins(3);
/// How long documents wait when the requests of a minute, or the licence, are used up.
pub(super) const LICENCE_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// Attempts, the lost one included, after which a void search is a person's business.
const VOIDS_MAX: u32 = 6;
/// Why documents are left after Acumatica sent one of them away.
const ASKS_TO_WAIT: &str = "acumatica asks to wait";
/// Audit entry that keeps what Acumatica said in a 500, for when the write is proved absent.
pub(super) const SAID: &str = "acumatica_said";

/// Whether the seat is good for the next document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    /// The licence or the site says stop.
    Stop,
}

/// A posting of which something is missing in Acumatica: all of it, or the last lines of what stands.
type Missing<'a> = (&'a Posting, Option<Stored>);

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// Begins and settles every document that wants a seat.
    pub(super) async fn settle_all(&self, jobs: &mut [Job]) {
        let empty = |job: &&mut Job| {
            self.begins(job)
                && job
                    .plan
                    .as_ref()
                    .is_some_and(|plan| plan.postings.is_empty())
        };
        join_all(jobs.iter_mut().filter(empty).map(|job| self.begin(job))).await;
        if !jobs.iter().any(|job| self.wants_seat(job)) {
            return;
        }
        if self.run.left(self.needs.now()) < self.needs.deployment.clocks.begin_margin {
            let none = SignedDuration::ZERO;
            return self.park_all(jobs, "too little time is left", none).await;
        }
        match self.gate(Side::Acumatica).await {
            Open::Yes => {}
            Open::One => self.leave_one(jobs).await,
            Open::No(until) => {
                let wait = due_after(until).duration_since(self.needs.now());
                return self.park_all(jobs, SILENT, wait).await;
            }
        }
        match Box::pin(self.needs.take_seat(&self.connection, self.run)).await {
            Ok(Some(mut seat)) => {
                let needs = self.needs;
                Box::pin(needs.give_up_surplus(&mut seat, &self.connection, self.run)).await;
                Box::pin(self.on_seat(&mut seat, jobs)).await;
                self.needs.leave_seat(seat).await;
            }
            Ok(None) => {
                self.park_all(jobs, "every seat is taken", SEAT_WAIT).await;
            }
            Err(error) => self.fail_all(jobs, &error).await,
        }
    }

    fn begins(&self, job: &Job) -> bool {
        job.is_on()
            && job.plan.is_some()
            && matches!(self.step(job), Step::Plan | Step::Begin { .. })
    }

    fn wants_seat(&self, job: &Job) -> bool {
        let is_pending = || {
            let settles = matches!(self.step(job), Step::Settle { .. });
            settles || self.withdraws(job) || self.releases(job)
        };
        self.begins(job) || (job.is_on() && is_pending())
    }

    fn releases(&self, job: &Job) -> bool {
        job.is_on() && matches!(self.step(job), Step::Release { .. })
    }

    async fn put_down(&self, job: &mut Job, why: &str, due: Timestamp) {
        if job.is_extra() {
            job.end(Why::Noted);
        } else if self.releases(job) {
            self.put_off(job, why, due).await;
        } else {
            self.lay_aside(job, why, due).await;
        }
    }

    async fn park_all(&self, jobs: &mut [Job], why: &str, wait: SignedDuration) {
        let waiting = jobs.iter_mut().filter(|job| self.wants_seat(job));
        let put_down = async |job: &mut Job| {
            let due = self.in_line(job, wait);
            self.put_down(job, why, due).await;
        };
        join_all(waiting.map(put_down)).await;
    }

    /// When a document that finds no seat or no request left looks again: after this wait, and the longer it has waited the
    /// later, so that a flood does not spend its time looking.
    pub(super) fn in_line(&self, job: &Job, wait: SignedDuration) -> Timestamp {
        let now = self.needs.now();
        let waited = now.duration_since(job.record.received);
        let most = crowded(wait, waited);
        self.later(most.saturating_sub(sooner(wait, most)))
    }

    /// Where Acumatica does not answer, one document uses an attempt for all of them.
    async fn fail_all(&self, jobs: &mut [Job], error: &SeatError) {
        let is_silence = Class::of_seat(error).is_some_and(Class::is_silence);
        let mut again = None;
        for job in jobs.iter_mut().filter(|job| self.wants_seat(job)) {
            match again {
                Some(due) if is_silence => self.put_down(job, SILENT, due_after(due)).await,
                _ if self.releases(job) => self.set_back(job, error).await,
                _ => self.fail_seat(job, error).await,
            }
            again = again.or(Some(job.record.due));
        }
    }

    /// A silent side is tried with one document.
    async fn leave_one(&self, jobs: &mut [Job]) {
        let due = due_after(self.needs.now());
        let waiting = jobs.iter_mut().filter(|job| self.wants_seat(job)).skip(1);
        join_all(waiting.map(|job| self.put_down(job, SILENT, due))).await;
    }

    /// The tenant could not be asked. That says nothing about the document: it is tried again until the budget ends, unless
    /// a person must correct the set-up before. Where only a seat or the licence is missing, it waits and no attempt counts.
    pub(super) async fn fail_seat(&self, job: &mut Job, error: &SeatError) {
        if matches!(error, SeatError::Late) {
            let now = self.needs.now();
            let why = "too little time is left for a write";
            return self.park(job, why, now).await;
        }
        if let Some((why, wait)) = without_seat(error) {
            if job.is_extra() {
                return job.end(Why::Noted);
            }
            let asked = error.acumatica().and_then(acumatica::Error::retry_after);
            let due = self.in_line(job, wait).max(self.later(retry::asked(asked)));
            if !matches!(error, SeatError::Slow | SeatError::Busy(_)) {
                tracing::warn!(document = %job.key.document, error = chain(error), "no seat; tried again, see Seats and requests in the README");
            }
            return self.park(job, why, due).await;
        }
        if let Some(reason) = setup::of_seat(error) {
            return self.hold(job, vec![reason]).await;
        }
        let asked = error.acumatica().and_then(acumatica::Error::retry_after);
        let request = error.acumatica().map_or("", acumatica::Error::request);
        let site = self.connection.acumatica.site.tenant();
        let reason = Reason::new(Code::AcumaticaFailed, chain(error));
        let reason = reason.at(format!("tenant {site}"), request);
        self.fail(job, reason, asked).await;
    }

    async fn on_seat(&self, seat: &mut Seat, jobs: &mut [Job]) {
        let (begins, settles): (Vec<_>, Vec<_>) = jobs
            .iter_mut()
            .filter(|job| self.wants_seat(job))
            .partition(|job| self.begins(job));
        let begun = join_all(begins.into_iter().map(|job| self.begin(job)));
        let claimed = join_all(settles.into_iter().map(|job| self.take_claim(job)));
        futures_util::future::join(begun, claimed).await;
        // A search proves what was lost only if it began after the proof wait, however late its documents come to turn.
        let searched = self.needs.now();
        let found = match self.search(seat, jobs).await {
            Ok(found) => found,
            Err(error) => return self.fail_all(jobs, &error).await,
        };
        let mut flow = Flow::On;
        for job in jobs.iter_mut() {
            if !self.wants_seat(job) {
                continue;
            }
            if flow == Flow::On {
                flow = self.settle(seat, job, (&found, searched)).await;
            } else {
                let due = self.later(LICENCE_WAIT);
                self.put_down(job, ASKS_TO_WAIT, due).await;
            }
        }
        for job in jobs.iter_mut() {
            if !self.withdraws(job) {
                continue;
            }
            if flow == Flow::On {
                flow = Box::pin(self.withdraw(seat, job)).await;
            } else {
                let due = self.later(LICENCE_WAIT);
                self.put_down(job, ASKS_TO_WAIT, due).await;
            }
        }
        // The second phase: whatever is to be written comes before it.
        for job in jobs.iter_mut() {
            if !self.releases(job) {
                continue;
            }
            if flow == Flow::On {
                flow = self.release(seat, job).await;
            } else {
                let due = self.later(LICENCE_WAIT);
                self.put_down(job, ASKS_TO_WAIT, due).await;
            }
        }
    }

    /// Receipts for what is found, then proofs for what was lost, then the writes that are left, in their order.
    async fn settle(
        &self,
        seat: &mut Seat,
        job: &mut Job,
        (found, searched): (&Found, Timestamp),
    ) -> Flow {
        let Step::Settle { unproven, .. } = self.step_at(job, searched) else {
            return Flow::On;
        };
        let Some(plan) = job.plan.clone() else {
            return Flow::On;
        };
        let acumatica = &self.connection.acumatica;
        let mut missing: Vec<Missing<'_>> = Vec::new();
        for posting in open(&job.record.state, &plan) {
            let judged = if posting.kind.is_payable() {
                judge::payable(acumatica, &plan, posting, &found.bills)
            } else {
                judge::journal(acumatica, &plan, posting, &found.journals)
            };
            match judged {
                Judged::Ours { number } => {
                    let part = self.adopt(seat, job, (posting, number.as_str())).await;
                    missing.extend(part.map(|part| (posting, Some(part))));
                }
                Judged::Taken(reason) => self.hold(job, vec![*reason]).await,
                Judged::Absent => missing.push((posting, None)),
            }
            if !job.is_on() {
                return Flow::On;
            }
        }
        if missing.iter().any(|(one, _)| unproven.contains(&one.n)) {
            let due = provable(&job.record.state, self.needs.deployment.clocks.proof_wait);
            self.park(job, "a lost answer is not proved yet", due).await;
            return Flow::On;
        }
        let absent = missing.iter().filter(|(_, part)| part.is_none());
        let absent: Vec<&Posting> = absent.map(|(posting, _)| *posting).collect();
        self.prove(job, &absent, found).await;
        for (posting, part) in missing {
            // After a refusal the plan is taken back, not gone on with.
            if !job.is_on() || !matches!(job.record.state, State::Posting { .. }) {
                break;
            }
            let subject = (&*plan, posting);
            let flow = match part {
                Some(stored) => Box::pin(self.grow(seat, job, subject, stored)).await,
                None => self.write(seat, job, subject).await,
            };
            if flow == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::On
    }

    /// Notes what is proved absent; whatever is not proved ends the run for the document.
    async fn prove(&self, job: &mut Job, absent: &[&Posting], found: &Found) {
        if let Some(posting) = absent.iter().find(|one| stood(&job.record.state, one.n)) {
            return self.vanished(job, posting).await;
        }
        let lost: Vec<u32> = lost(&job.record.state);
        let mut proved: Vec<&Posting> = Vec::new();
        for posting in absent {
            match (found.proof(posting.kind), lost.contains(&posting.n)) {
                // A person looked, and nothing was sent since.
                (_, false) if job.record.may(Permitted::Write) => {}
                (Proof::Void, _) => return self.void(job, posting).await,
                (Proof::None, true) => {
                    let reason = unproven_reason(
                        posting,
                        "no document of this kind is known by which the search could prove itself",
                    );
                    return self.hold(job, vec![reason]).await;
                }
                (Proof::Holds, true) => proved.push(posting),
                (Proof::Holds | Proof::None, false) => {}
            }
        }
        if proved.is_empty() {
            return;
        }
        let mut happened = vec![Happened::ProvedAbsent {
            numbers: proved.iter().map(|posting| posting.n).collect(),
        }];
        match self.needs.ledger.audit(&job.key).await {
            Ok(mut events) => {
                events.extend(job.record.trail.iter().cloned());
                // Acumatica itself said no and nothing stands there: the same write would be refused again.
                let reasons: Vec<Reason> = proved
                    .iter()
                    .filter_map(|posting| said_no(&events, posting))
                    .collect();
                if !reasons.is_empty() {
                    happened.push(Happened::Held { reasons });
                }
                self.note(job, &happened).await;
            }
            Err(error) => {
                tracing::error!(document = %job.key.document, %error, "audit not read");
                job.end(super::job::Why::Again);
            }
        }
    }

    /// What stood in part is not found. Somebody may have removed it, or the search lies: as good as a lost answer.
    async fn vanished(&self, job: &mut Job, posting: &Posting) {
        let (n, at) = (posting.n, self.needs.now());
        let parked = Happened::Parked {
            why: "what stood of it in part is not found".to_owned(),
            due: self.later(self.needs.deployment.clocks.proof_wait),
        };
        self.note(job, &[Happened::AnswerLost { n, at }, parked])
            .await;
    }

    /// The search does not find what stands: nothing can be proved on this tenant now.
    pub(super) async fn void(&self, job: &mut Job, posting: &Posting) {
        let reason = unproven_reason(
            posting,
            "the search did not bring back a document that stands, so its answer proves nothing",
        );
        if job.record.attempt.saturating_add(1) >= VOIDS_MAX {
            self.hold(job, vec![reason]).await;
        } else {
            self.fail(job, reason, None).await;
        }
    }
}

/// What a document waits for that gets no seat, or no request of the licence, and how long at first.
fn without_seat(error: &SeatError) -> Option<(&'static str, SignedDuration)> {
    use acumatica::Kind::{LoginLimit, TooManyRequests};
    match (error, error.acumatica().map(acumatica::Error::kind)) {
        (SeatError::Slow, _) => Some(("the requests per minute are used up", LICENCE_WAIT)),
        (SeatError::Busy(_), _) => Some(("another worker asks for the seat's token", SEAT_WAIT)),
        (SeatError::TooOften(_), _) => Some((
            "the seat's token was replaced six times within the hour",
            LICENCE_WAIT,
        )),
        (_, Some(LoginLimit)) => Some((
            "every API session of the licence is taken (API Login Limit)",
            LICENCE_WAIT,
        )),
        (_, Some(TooManyRequests)) => Some(("the licence refuses more requests", LICENCE_WAIT)),
        _ => None,
    }
}

pub(super) fn unproven_reason(posting: &Posting, why: &str) -> Reason {
    Reason::new(Code::OutcomeUnproven, why).at(format!("postings[{}]", posting.n), mark(posting))
}

/// By what people find a posting.
fn mark(posting: &Posting) -> &str {
    posting.reference.as_deref().unwrap_or(&posting.description)
}

/// Postings whose write may have arrived.
pub(super) fn lost(state: &State) -> Vec<u32> {
    let State::Posting { writes, .. } = state else {
        return Vec::new();
    };
    let lost = writes
        .iter()
        .filter(|write| matches!(write.outcome, Outcome::Unknown { .. }));
    lost.map(|write| write.n).collect()
}

/// Whether a posting was left before it was whole.
fn stood(state: &State, n: u32) -> bool {
    let State::Posting { writes, .. } = state else {
        return false;
    };
    let mut own = writes.iter().filter(|write| write.n == n);
    own.any(|write| matches!(write.outcome, Outcome::Part { .. }))
}

/// When the last lost answer of a record can be proved.
pub(super) fn provable(state: &State, wait: SignedDuration) -> Timestamp {
    let State::Posting { writes, .. } = state else {
        return Timestamp::MAX;
    };
    let since = writes.iter().filter_map(|write| match write.outcome {
        Outcome::Unknown { since } => Some(since),
        _ => None,
    });
    let last = since.max().unwrap_or(Timestamp::MAX);
    last.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// What Acumatica said when it refused the last write of a posting with an exception, unless something was decided since.
pub(super) fn said_no(events: &[Event], posting: &Posting) -> Option<Reason> {
    let own = format!("posting {}: ", posting.n);
    let mut said = None;
    for event in events {
        match event.what.as_str() {
            SAID => {
                if let Some(text) = event.detail.strip_prefix(&own) {
                    said = Some(text);
                }
            }
            "proved_absent" | "found_absent" | "resumed" => said = None,
            _ => {}
        }
    }
    let place = format!("postings[{}] {}", posting.n, posting.kind.label());
    said.map(|text| Reason::new(Code::AcumaticaFailed, text).at(place, mark(posting)))
}

/// A wait, the longer the longer one has waited; none stays none.
fn crowded(wait: SignedDuration, waited: SignedDuration) -> SignedDuration {
    if wait.is_zero() {
        return wait;
    }
    waited.clamp(wait, CROWD_WAIT.max(wait))
}

/// By how much earlier one of them looks, by chance: those that were sent away together must not come back together, or the
/// same few find the seat and all others wait as long again.
fn sooner(wait: SignedDuration, most: SignedDuration) -> SignedDuration {
    let half = most.saturating_sub(wait).checked_div(2);
    let half = Duration::try_from(half.unwrap_or_default()).unwrap_or_default();
    if half.is_zero() {
        return SignedDuration::ZERO;
    }
    retry::spread(half)
}

#[cfg(test)]
mod tests;
