//! What stands in Acumatica, and what people look for and do there.

use std::collections::BTreeMap;

use posting::Record;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::network::stamp;
use crate::world::World;

/// A posting that stands in Acumatica.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// `plan.n`.
    pub(crate) place: String,
    /// Type and number, as Concur is told.
    pub(crate) label: String,
    pub(crate) amount: Decimal,
    pub(crate) currency: String,
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

/// What stands in Acumatica, by document. A posting and its reversal cancel each other.
pub(crate) fn standing(world: &World) -> BTreeMap<String, Vec<Standing>> {
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
pub(crate) fn adopted(world: &World, record: &Record) -> Vec<Standing> {
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

/// What a person finds in Acumatica that can stand for postings of a document: its own, what was keyed by hand, what an
/// earlier approval left. By number of the posting.
pub(crate) async fn adoptable(world: &World, document: &str) -> BTreeMap<String, String> {
    let record = world.record(document).await;
    let plan = record.as_ref().and_then(|record| record.state.plan());
    let mut found = BTreeMap::new();
    for (of, postings) in standing(world) {
        let is_own = of == document;
        if !is_own && !is_same_business(world, document, &of) {
            continue;
        }
        for posting in postings {
            let Some((of_plan, n)) = posting.place.split_once('.') else {
                continue;
            };
            if !is_own || plan.is_some_and(|plan| plan.to_string() == of_plan) {
                found.insert(n.to_owned(), posting.label);
            }
        }
    }
    if let Some(bill) = world.air.history().keyed.get(document) {
        found.insert("1".to_owned(), bill.clone());
    }
    found
}

fn is_same_business(world: &World, document: &str, other: &str) -> bool {
    let business = |id: &str| world.air.concur.document(id).map(|held| held.business_id);
    business(document) == business(other)
}

/// Whether anything of a document stands in Acumatica.
pub(crate) fn stands(world: &World, document: &str) -> bool {
    standing(world).contains_key(document)
}

/// A person removes what earlier approvals and plans of a document left in Acumatica.
pub(crate) async fn remove(world: &World, document: &str) {
    let record = world.record(document).await;
    let plan = record.as_ref().and_then(|record| record.state.plan());
    for (entity, kind, number) in [
        ("Bill", "Type", "ReferenceNbr"),
        ("JournalTransaction", "Module", "BatchNbr"),
    ] {
        for row in world.air.acumatica.records(entity) {
            let text = row.to_string();
            let Some((of, place)) = stamp(&text).and_then(|stamp| stamp.split_once('/')) else {
                continue;
            };
            let is_earlier = if of == document {
                plan.is_none_or(|plan| !place.starts_with(&format!("{plan}.")))
            } else {
                is_same_business(world, document, of)
            };
            if is_earlier {
                let keys = [member(&row, kind), member(&row, number)];
                let voided = ("Status", Value::from("Voided"));
                world.air.acumatica.edit(entity, &keys, voided);
            }
        }
    }
}
