//! The check of a whole history: what the vendors hold, what the table says, and what happened in between.

use std::collections::{BTreeMap, BTreeSet};

use connector::ports::{Key, Ledger};
use e2e::twins::concur::{Held, Status};
use posting::Record;
use posting::record::{Event, List, chain_holds};
use posting::state::{Receipt, State};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::minute;
use crate::network::stamp;
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

/// A posting that stands in Acumatica.
#[derive(Debug, Clone)]
struct Standing {
    /// `plan.n`.
    place: String,
    /// Type and number, as Concur is told.
    label: String,
    amount: Decimal,
    currency: String,
}

impl Standing {
    fn of(row: &Value, place: String) -> Self {
        Self {
            place,
            label: label(row),
            amount: amount(row),
            currency: member(row, "CurrencyID").to_owned(),
        }
    }
}

/// Judges a world in which nothing happens any more.
pub(crate) async fn judge(world: &World) -> Verdict {
    let mut verdict = Verdict::default();
    let standing = standing(world);
    let (mut planned, mut stands) = (Sums::new(), Sums::new());
    let documents = world.air.concur.documents();
    let known: BTreeSet<String> = documents.iter().map(|held| held.id.clone()).collect();
    for held in &documents {
        verdict.documents += 1;
        let mut postings = standing.get(&held.id).cloned().unwrap_or_default();
        let record = world.record(&held.id).await;
        postings.extend(record.iter().flat_map(|record| adopted(world, record)));
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
        if let Some(record) =
            record.filter(|record| matches!(record.state, State::Confirmed { .. }))
        {
            add_planned(world, &record, &mut planned).await;
            for posting in postings {
                *stands.entry(posting.currency.clone()).or_default() += posting.amount;
            }
        }
    }
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
    let excused = world.air.history().excused;
    let exceeded = world
        .air
        .acumatica
        .licence()
        .refused
        .saturating_sub(excused);
    if exceeded > 0 {
        let sentence = format!("seats or requests per minute were exceeded {exceeded} times");
        verdict.violations.push(sentence);
    }
    verdict.violations.extend(minute::overfull(world));
    verdict
        .violations
        .append(&mut world.air.history().violations);
    verdict
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
    (!whole).then(|| "the audit trail is broken".to_owned())
}

/// What stands in Acumatica, by document. A posting and its reversal cancel each other.
fn standing(world: &World) -> BTreeMap<String, Vec<Standing>> {
    let bills = world.air.acumatica.bills();
    let journals = world.air.acumatica.journals();
    let mut found: BTreeMap<String, Vec<Standing>> = BTreeMap::new();
    for row in bills.iter().chain(&journals) {
        let text = row.to_string();
        let gone = matches!(
            row.get("Status").and_then(Value::as_str),
            Some("Voided" | "Rejected")
        );
        let Some((document, place)) = stamp(&text)
            .filter(|_| !gone)
            .and_then(|stamp| stamp.split_once('/'))
        else {
            continue;
        };
        let posting = Standing::of(row, place.to_owned());
        found.entry(document.to_owned()).or_default().push(posting);
    }
    for postings in found.values_mut() {
        let reversed: Vec<String> = postings
            .iter()
            .filter_map(|p| p.place.strip_suffix('R'))
            .map(str::to_owned)
            .collect();
        postings.retain(|p| !p.place.ends_with('R') && !reversed.contains(&p.place));
    }
    found
}

/// What nobody but a person wrote, where a person said that it stands for a posting.
fn adopted(world: &World, record: &Record) -> Vec<Standing> {
    let receipts = record.state.receipts();
    let adopted: Vec<_> = receipts.into_iter().filter(|one| one.adopted).collect();
    if adopted.is_empty() {
        return Vec::new();
    }
    let rows = [world.air.acumatica.bills(), world.air.acumatica.journals()].concat();
    let plan = record.state.plan().unwrap_or_default();
    let found = adopted.iter().filter_map(|receipt| {
        let row = rows.iter().find(|row| label(row) == receipt.label())?;
        Some(Standing::of(row, format!("{plan}.{}", receipt.n)))
    });
    found.collect()
}

fn member<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn label(row: &Value) -> String {
    match row.get("ReferenceNbr") {
        Some(_) => format!("{} {}", member(row, "Type"), member(row, "ReferenceNbr")),
        None => format!("GL {}", member(row, "BatchNbr")),
    }
}

/// A bill's amount, a batch's debits.
fn amount(row: &Value) -> Decimal {
    if let Some(amount) = row.get("Amount").and_then(e2e::amounts::decimal) {
        return amount;
    }
    let lines = row.get("Details").and_then(Value::as_array);
    lines
        .into_iter()
        .flatten()
        .filter_map(|line| e2e::amounts::decimal(line.get("DebitAmount")?))
        .sum()
}
