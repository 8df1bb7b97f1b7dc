//! What an accounts payable clerk wants to read: one row for each document, and
//! the story of one.

use e2e::demo::{Fate, Offered};
use posting::Currency;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::books::gross;
use crate::table::{Align, aligned};
use crate::world::{Records, World, text};

/// Characters of a sentence that fit into a row.
const SENTENCE: usize = 70;

/// One row for each document, in the order they were approved.
pub(crate) fn documents(world: &World, records: &Records) -> String {
    let headings = [
        ("Type", Align::Left),
        ("Business id", Align::Left),
        ("Payee", Align::Left),
        ("Amount", Align::Right),
        ("", Align::Left),
        ("State", Align::Left),
        ("In Acumatica", Align::Left),
        ("Concur was told", Align::Left),
    ];
    let row = |offer: &Offered| {
        let body = &offer.example.document.body;
        let kind = offer.example.document.kind.as_str();
        let record = records.get(&offer.id);
        let (amount, currency) = gross(kind, body);
        vec![
            kind.to_owned(),
            offer.example.document.business_id.clone(),
            payee(body),
            money(amount, currency),
            currency.to_owned(),
            record
                .map_or("not received", |record| text(record, "/state"))
                .to_owned(),
            record.map(numbers).unwrap_or_default(),
            told(world, offer, record),
        ]
    };
    let rows: Vec<Vec<String>> = world.offered.iter().map(row).collect();
    aligned(&headings, &rows)
}

/// The story of the first posted document with more than one posting, or of any posted one.
pub(crate) fn history(world: &World, records: &Records) -> Option<String> {
    let posted = |offer: &&Offered| offer.example.fate == Fate::Posted;
    let several = |offer: &&Offered| {
        posted(offer)
            && records
                .get(&offer.id)
                .is_some_and(|record| numbers(record).contains(','))
    };
    let offer = world.offered.iter().find(several);
    let offer = offer.or_else(|| world.offered.iter().find(posted))?;
    let record = records.get(&offer.id)?;
    let headings = [
        ("When (UTC)", Align::Left),
        ("What", Align::Left),
        ("", Align::Left),
    ];
    let rows: Vec<Vec<String>> = record
        .get("trail")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|event| {
            let [at, what, detail] = ["/at", "/what", "/detail"].map(|field| text(event, field));
            let second = at.split('.').next().unwrap_or(at).replace('T', " ");
            vec![second, what.to_owned(), detail.to_owned()]
        })
        .collect();
    let title = format!(
        "The story of {} {} ({})",
        offer.example.document.kind.as_str(),
        offer.example.document.business_id,
        offer.example.name
    );
    Some(format!("{title}\n\n{}", aligned(&headings, &rows)))
}

/// `Bill 000012, GL 000003`.
fn numbers(record: &Value) -> String {
    let receipts = record.get("receipts").and_then(Value::as_array);
    let labels = receipts
        .into_iter()
        .flatten()
        .map(|receipt| format!("{} {}", text(receipt, "/kind"), text(receipt, "/number")));
    labels.collect::<Vec<_>>().join(", ")
}

/// What Concur holds of us, or else why it holds nothing.
fn told(world: &World, offer: &Offered, record: Option<&Value>) -> String {
    if let Some(told) = world.concur.told(&offer.id) {
        let message = told
            .system_messages
            .first()
            .map(|message| text(message, "/messageShortText"));
        return match message {
            Some(message) if told.verdict != "success" => {
                cut(&format!("{}: {message}", told.verdict))
            }
            _ => told.verdict,
        };
    }
    let reason = record.and_then(|record| record.pointer("/reasons/0"));
    reason.map_or_else(
        || "nothing".to_owned(),
        |reason| cut(&format!("nothing yet ({})", text(reason, "/code"))),
    )
}

fn cut(sentence: &str) -> String {
    match sentence.char_indices().nth(SENTENCE) {
        Some((end, _)) => format!("{}...", sentence.get(..end).unwrap_or(sentence)),
        None => sentence.to_owned(),
    }
}

fn payee(body: &Value) -> String {
    let vendor = text(body, "/vendor/vendorName");
    if !vendor.is_empty() {
        return vendor.to_owned();
    }
    let person = body.get("employee").or_else(|| body.get("employeeData"));
    person.map_or_else(String::new, |person| {
        format!(
            "{} {}",
            text(person, "/employeeFirstName"),
            text(person, "/employeeLastName")
        )
    })
}

/// Digits as a person writes money: with the decimals of its currency.
fn money(amount: Decimal, currency: &str) -> String {
    Currency::new(currency).map_or_else(|_| amount.to_string(), |known| known.format(amount))
}
