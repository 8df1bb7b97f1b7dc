//! Both sides compared, as an auditor would: what Concur approved and was told,
//! what stands in Acumatica, and the calls it took.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use e2e::amounts;
use e2e::demo::{Fate, Offered};
use e2e::twins::concur::Status;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::table::{Align, aligned};
use crate::world::{Records, World, text};

/// Accounts of the demo that hold the other side of what was spent: payables,
/// card clearing, mixed signs, Expense Pay, payroll.
const COUNTER_ACCOUNTS: [&str; 6] = ["20000", "21500", "21590", "21999", "221400", "221500"];

/// What one currency adds up to.
#[derive(Default)]
struct Total {
    documents: u32,
    approved: Decimal,
    advances: Decimal,
    booked: Decimal,
}

/// Totals for each currency as text, and everything that does not agree.
pub(crate) fn compare(world: &World, records: &Records) -> (String, Vec<String>) {
    let totals = totals(world);
    let mut differences: Vec<String> = world
        .offered
        .iter()
        .filter_map(|offer| wrong(world, records, offer))
        .collect();
    differences.extend(strangers(world));
    let rows: Vec<Vec<String>> = totals
        .iter()
        .map(|(currency, total)| {
            let difference = total.approved - total.advances - total.booked;
            if !difference.is_zero() {
                differences.push(format!("{currency} differs by {difference}"));
            }
            let amounts = [total.approved, total.advances, total.booked, difference];
            let mut row = vec![currency.clone(), total.documents.to_string()];
            row.extend(amounts.map(|amount| format!("{amount:.2}")));
            row
        })
        .collect();
    let headings = [
        ("Currency", Align::Left),
        ("Documents", Align::Right),
        ("Confirmed in Concur", Align::Right),
        ("paid from advances", Align::Right),
        ("Booked in Acumatica", Align::Right),
        ("Difference", Align::Right),
    ];
    (aligned(&headings, &rows), differences)
}

/// Calls it took, for each document.
pub(crate) fn calls(world: &World) -> String {
    let mut text = String::new();
    let documents = world.offered.len();
    for (name, calls) in [
        ("Concur", world.concur.calls()),
        ("Acumatica", world.acumatica.calls()),
    ] {
        let sum: u64 = calls.values().sum();
        let kinds: Vec<String> = calls
            .iter()
            .map(|(kind, n)| format!("{kind} {n}"))
            .collect();
        let average = Decimal::from(sum) / Decimal::from(documents.max(1));
        let kinds = kinds.join(", ");
        let _ = writeln!(
            text,
            "{name:<10}{sum:>4} calls, {average:.2} for each document: {kinds}"
        );
    }
    text
}

/// Amount and currency of a document as Concur approved it.
pub(crate) fn gross<'a>(kind: &str, body: &'a Value) -> (Decimal, &'a str) {
    match kind {
        "invoice" => (
            amount(body.pointer("/requestHeader/requestTotal")),
            text(body, "/requestHeader/currencyAlphaCode"),
        ),
        "cashadvance" => (
            sum(body.get("journalData"), "amount"),
            text(body, "/cashAdvanceData/employeeCurrencyAlphaCode"),
        ),
        _ => (
            amount(body.pointer("/report/totalApprovedAmount")),
            text(body, "/report/employeeCurrencyAlphaCode"),
        ),
    }
}

fn totals(world: &World) -> BTreeMap<String, Total> {
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for held in world.concur.documents() {
        if held.status == Status::PostingConfirmedSuccess {
            let (approved, currency) = gross(&held.doc_type, &held.document);
            let applied = held.document.get("cashAdvanceApplication");
            let total = totals.entry(currency.to_owned()).or_default();
            total.documents += 1;
            total.approved += approved;
            total.advances -= sum(applied, "cashAdvanceApplicationAmount");
        }
    }
    for bill in world.acumatica.bills() {
        let booked = booked(&bill, |line| amount(line.get("Amount")));
        let total = totals
            .entry(text(&bill, "/CurrencyID").to_owned())
            .or_default();
        if text(&bill, "/Type") == "Debit Adj." {
            total.booked -= booked;
        } else {
            total.booked += booked;
        }
    }
    for journal in world.acumatica.journals() {
        let booked = booked(&journal, |line| {
            amount(line.get("DebitAmount")) - amount(line.get("CreditAmount"))
        });
        totals
            .entry(text(&journal, "/CurrencyID").to_owned())
            .or_default()
            .booked += booked;
    }
    totals
}

fn booked(posting: &Value, of: impl Fn(&Value) -> Decimal) -> Decimal {
    let lines = posting.get("Details").and_then(Value::as_array);
    let cost = |line: &&Value| {
        !COUNTER_ACCOUNTS.contains(&text(line, "/Account"))
            && !COUNTER_ACCOUNTS.contains(&text(line, "/AccountID"))
    };
    lines.into_iter().flatten().filter(cost).map(of).sum()
}

/// What is wrong with a document, measured by what was to become of it.
fn wrong(world: &World, records: &Records, offer: &Offered) -> Option<String> {
    let state = records
        .get(&offer.id)
        .map_or("not received", |record| text(record, "/state"));
    let told = world.concur.told(&offer.id);
    let verdict = told
        .as_ref()
        .map_or("nothing", |told| told.verdict.as_str());
    let (wanted_state, wanted_verdict) = match offer.example.fate {
        Fate::Posted => ("confirmed", "success"),
        Fate::Refused => ("returned", "error"),
        Fate::Recalled => ("recalled", "nothing"),
        Fate::Held => ("held", "nothing"),
    };
    let named: BTreeSet<String> = told
        .iter()
        .flat_map(|told| &told.posting_docs)
        .map(|posting| text(posting, "/documentNumber").to_owned())
        .collect();
    let standing = standing(world, &offer.id);
    if state != wanted_state || verdict != wanted_verdict {
        return Some(format!(
            "{} ({}): {state}, Concur was told {verdict}; expected {wanted_state}, {wanted_verdict}",
            offer.id, offer.example.name
        ));
    }
    (named != standing).then(|| {
        format!(
            "{} ({}): Concur was told {named:?}, in Acumatica stand {standing:?}",
            offer.id, offer.example.name
        )
    })
}

/// Type and number of what stands in Acumatica with the stamp of this document.
fn standing(world: &World, id: &str) -> BTreeSet<String> {
    let stamp = format!("cnqr:{id}/");
    let ours = |posting: &Value| posting.to_string().to_lowercase().contains(&stamp);
    let bills = world
        .acumatica
        .bills()
        .into_iter()
        .filter(ours)
        .map(|bill| format!("{} {}", text(&bill, "/Type"), text(&bill, "/ReferenceNbr")));
    let journals = world.acumatica.journals().into_iter().filter(ours);
    bills
        .chain(journals.map(|journal| format!("GL {}", text(&journal, "/BatchNbr"))))
        .collect()
}

/// Postings in Acumatica that belong to no document.
fn strangers(world: &World) -> Option<String> {
    let all = world.acumatica.bills().len() + world.acumatica.journals().len();
    let ours: usize = world
        .offered
        .iter()
        .map(|offer| standing(world, &offer.id).len())
        .sum();
    (all != ours).then(|| format!("{all} postings in Acumatica, {ours} of them with our stamps"))
}

fn amount(value: Option<&Value>) -> Decimal {
    value.and_then(amounts::decimal).unwrap_or_default()
}

fn sum(list: Option<&Value>, field: &str) -> Decimal {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| amount(item.get(field))).sum()
}
