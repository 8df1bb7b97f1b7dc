//! The check of a whole history: what the vendors hold, what the table says, and what happened in between.

use std::collections::{BTreeMap, BTreeSet};

use connector::ports::{Key, Ledger};
use e2e::twins::concur::{Held, Status};
use posting::Record;
use posting::record::{Event, List, chain_holds};
use posting::remedy::Do;
use posting::state::{Receipt, State};
use rust_decimal::Decimal;

use crate::books::{Standing, adopted, standing};
use crate::minute;
use crate::world::World;

/// What became of the documents of one world.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) documents: u64,
    /// Documents by where they ended; of held ones with their reason.
    pub(crate) ends: BTreeMap<String, u64>,
    /// Postings that stand in Acumatica.
    pub(crate) postings: u64,
    pub(crate) violations: Vec<String>,
    /// Where each document ended.
    pub(crate) end_of: BTreeMap<String, String>,
    /// What waits for a person, and why.
    pub(crate) held: Vec<String>,
}

/// The key of a record.
pub(crate) fn key(record: &Record) -> Key {
    Key {
        connection: record.connection.clone(),
        document: record.document.clone(),
    }
}

/// Judges a world in which nothing happens any more.
pub(crate) async fn judge(world: &World) -> Verdict {
    let mut verdict = Verdict::default();
    let standing = standing(world);
    let mut sets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let (mut planned, mut stands) = (Sums::new(), Sums::new());
    let documents = world.air.concur.documents();
    let known: BTreeSet<String> = documents.iter().map(|held| held.id.clone()).collect();
    for held in &documents {
        verdict.documents += 1;
        let mut postings = standing.get(&held.id).cloned().unwrap_or_default();
        let record = world.record(&held.id).await;
        let named = record.iter().flat_map(|record| adopted(world, record));
        for one in named {
            if !postings.iter().any(|known| known.label == one.label) {
                postings.push(one);
            }
        }
        if !postings.is_empty() && !record.as_ref().is_some_and(is_closed) {
            let set = sets.entry(&held.business_id).or_default();
            set.push(&held.id);
        }
        for wrong in one(world, held, record.as_ref(), &postings).await {
            verdict.violations.push(format!("{}: {wrong}", held.id));
        }
        let reasons = record.iter().flat_map(|record| record.state.reasons());
        let is_held = record
            .as_ref()
            .is_some_and(|record| record.list() == List::Held);
        if let Some(reason) = reasons.take(1).next().filter(|_| is_held) {
            verdict.held.push(format!("{}: {reason:?}", held.id));
        }
        let end = record.as_ref().map_or_else(|| unknown(held), end);
        verdict.end_of.insert(held.id.clone(), end.clone());
        *verdict.ends.entry(end).or_default() += 1;
        verdict.postings += u64::try_from(postings.len()).unwrap_or(0);
        if let Some(record) = record.filter(|record| counts(world, record)) {
            add_planned(world, &record, &mut planned).await;
            for posting in postings {
                *stands.entry(posting.currency.clone()).or_default() += posting.amount;
            }
        }
    }
    let twice = sets.iter().filter(|(_, set)| set.len() > 1);
    let twice = twice.map(|(business, set)| format!("{business} stands for each of {set:?}"));
    verdict.violations.extend(twice);
    if planned != stands {
        verdict
            .violations
            .push(format!("planned {planned:?}, in Acumatica {stands:?}"));
    }
    for stranger in standing.keys().filter(|id| !known.contains(*id)) {
        verdict
            .violations
            .push(format!("a posting of {stranger}, which nobody offered"));
    }
    verdict.violations.extend(exceeded(world));
    verdict.violations.extend(minute::overfull(world));
    verdict
        .violations
        .append(&mut world.air.history().violations);
    verdict
}

/// Whether a person ended it, and answers for what it left.
fn is_closed(record: &Record) -> bool {
    matches!(record.state, State::Closed { .. })
}

/// How often the licence was asked for more than it gives.
fn exceeded(world: &World) -> Option<String> {
    let excused = world.air.history().excused;
    let licence = world.air.acumatica.licence();
    let exceeded = licence.refused.saturating_sub(excused);
    (exceeded > 0).then(|| format!("seats or requests per minute were exceeded {exceeded} times"))
}

/// Whether the sums of a document must agree: it is confirmed, and no person took another amount for it.
fn counts(world: &World, record: &Record) -> bool {
    let is_allowed = world
        .air
        .history()
        .is_meant(record.document.as_str(), Do::Allow);
    let is_adopted = record
        .state
        .receipts()
        .iter()
        .any(|receipt| receipt.adopted);
    matches!(record.state, State::Confirmed { .. }) && !(is_allowed && is_adopted)
}

type Sums = BTreeMap<String, Decimal>;

async fn add_planned(world: &World, record: &Record, sums: &mut Sums) {
    let Some(number) = record.state.plan() else {
        return;
    };
    if let Ok(Some(plan)) = world.shared.ledger.plan(&key(record), number).await {
        for posting in &plan.postings {
            *sums.entry(plan.currency.as_str().to_owned()).or_default() += posting.total;
        }
    }
}

/// A document that never got a record.
fn unknown(held: &Held) -> String {
    format!("not taken, {}", held.status.as_str())
}

fn end(record: &Record) -> String {
    let reasons = record.state.reasons();
    match &record.state {
        State::Held { .. } => {
            let code = reasons.first().map_or("?", |reason| reason.code.as_str());
            format!("held {code}")
        }
        state => state.word().to_owned(),
    }
}

/// Everything that is wrong with one document.
async fn one(
    world: &World,
    held: &Held,
    record: Option<&Record>,
    postings: &[Standing],
) -> Vec<String> {
    let mut wrong = Vec::new();
    let places: BTreeSet<&str> = postings.iter().map(|p| p.place.as_str()).collect();
    let plans: BTreeSet<&str> = places
        .iter()
        .filter_map(|place| place.split('.').next())
        .collect();
    if places.len() < postings.len() || plans.len() > 1 {
        wrong.push(format!("more than one live set: {postings:?}"));
    }
    let Some(record) = record else {
        if !matches!(held.status, Status::Recalled | Status::Void) {
            wrong.push(format!(
                "{} in Concur and nowhere listed",
                held.status.as_str()
            ));
        }
        return wrong;
    };
    if record.list() == List::Open {
        wrong.push(format!(
            "still open: {:?}, waits {:?}",
            record.state.word(),
            record.waits
        ));
    }
    wrong.extend(at_its_end(held, record, postings));
    wrong.extend(as_said(world, record, postings));
    if record.list() == List::Held {
        wrong.extend(unexplained(world, record));
    }
    if held.status == Status::Ready {
        wrong.push(format!("never acknowledged, {}", record.state.word()));
    }
    wrong.extend(story(world, record).await);
    wrong
}

/// What Concur, Acumatica and the record say of one document's end.
fn at_its_end(held: &Held, record: &Record, postings: &[Standing]) -> Vec<String> {
    let mut wrong = Vec::new();
    let stand: BTreeSet<&str> = postings.iter().map(|p| p.label.as_str()).collect();
    let receipts: BTreeSet<String> = record
        .state
        .receipts()
        .into_iter()
        .map(Receipt::label)
        .collect();
    let kept: BTreeSet<&str> = receipts.iter().map(String::as_str).collect();
    let told = held.told.as_ref();
    let verdict = told.map_or("nothing", |told| told.verdict.as_str());
    match &record.state {
        State::Confirmed { .. } => {
            if stand != kept {
                wrong.push(format!("confirmed with {kept:?}, Acumatica has {stand:?}"));
            }
            let named: BTreeSet<&str> = told
                .into_iter()
                .flat_map(|told| &told.posting_docs)
                .filter_map(|doc| doc.get("documentNumber")?.as_str())
                .collect();
            if verdict != "success" || named != kept {
                wrong.push(format!(
                    "confirmed with {kept:?}, Concur was told {verdict} {named:?}"
                ));
            }
        }
        State::Returned { .. } if verdict != "error" || !postings.is_empty() => {
            wrong.push(format!(
                "returned, Concur was told {verdict}, Acumatica has {stand:?}"
            ));
        }
        State::Recalled | State::Returned { .. } if !postings.is_empty() => {
            wrong.push(format!(
                "{} and still in Acumatica: {stand:?}",
                record.state.word()
            ));
        }
        State::Held { reasons, .. } if reasons.is_empty() => {
            wrong.push("held without a reason".to_owned());
        }
        _ => {}
    }
    wrong
}

/// What a person decided is as that person said.
fn as_said(world: &World, record: &Record, postings: &[Standing]) -> Vec<String> {
    let history = world.air.history();
    let document = record.document.as_str();
    let mut wrong = Vec::new();
    let receipts = record.state.receipts();
    if receipts.iter().any(|receipt| receipt.adopted) && !history.is_meant(document, Do::Adopt) {
        wrong.push("adopted, and nobody said so".to_owned());
    }
    let State::Closed { unproved, .. } = &record.state else {
        return wrong;
    };
    if !history.is_meant(document, Do::Close) {
        wrong.push("closed, and nobody said so".to_owned());
    }
    for posting in postings {
        let n = posting
            .place
            .rsplit('.')
            .next()
            .and_then(|n| n.parse().ok());
        let is_told = receipts
            .iter()
            .any(|receipt| receipt.label() == posting.label)
            || n.is_some_and(|n| unproved.contains(&n));
        if !is_told {
            wrong.push(format!("closed without a word of {}", posting.label));
        }
    }
    wrong
}

/// Reasons to wait for a person that nothing in this world gives.
fn unexplained(world: &World, record: &Record) -> Vec<String> {
    let history = world.air.history();
    let reasons = record.state.reasons().iter();
    reasons
        .filter(|reason| !history.explains(record.document.as_str(), reason))
        .map(|reason| format!("nothing that happened explains {reason:?}"))
        .collect()
}

/// The audit trail: complete and in order.
async fn story(world: &World, record: &Record) -> Option<String> {
    let mut events: Vec<Event> = world.shared.ledger.audit(&key(record)).await.ok()?;
    events.extend(record.trail.iter().cloned());
    let head = events.last().map(Event::hash).unwrap_or_default();
    let whole = chain_holds("", &events) && head == record.head;
    if !whole {
        return Some("the audit trail is broken".to_owned());
    }
    done_twice(&events).map(|word| format!("{word} twice, and held once"))
}

/// What a person had done more than once while a document was held once.
fn done_twice(events: &[Event]) -> Option<&str> {
    let mut done = false;
    for event in events {
        match event.what.as_str() {
            "held" | "release_failed" => done = false,
            "resumed" | "replanned" | "returned_by" | "adopted" | "found_absent" | "allowed"
            | "withdraw_asked" | "closed" => {
                if done {
                    return Some(&event.what);
                }
                done = true;
            }
            _ => {}
        }
    }
    None
}
