//! What one document costs in calls, on the counters of the vendors and of the emulated AWS.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::cloud::Usage;
use crate::sheet::{Sheet, ratio};
use crate::world::Round;

/// Rounds to compare, with the headings of their columns.
pub(crate) fn sheet(rounds: &[(&'static str, &Round)]) -> Sheet {
    let mut headings: Vec<&'static str> = rounds.iter().map(|(heading, _)| *heading).collect();
    headings.push("at most");
    let mut sheet = Sheet::new("Calls for each document".to_owned(), &headings);
    let mut row = |name: &str, figure: &dyn Fn(&Round) -> String, limit: &str| {
        let mut figures: Vec<String> = rounds.iter().map(|(_, round)| figure(round)).collect();
        figures.push(limit.to_owned());
        sheet.row(name, &figures);
    };
    let vendors: [(&str, Calls, &str); 2] = [
        ("Concur", |round| &round.concur, "0.30 in 10"),
        ("Acumatica", |round| &round.acumatica, "2.00"),
    ];
    for (vendor, calls, limit) in vendors {
        let work = |round: &Round| {
            let kinds = calls(round).iter().filter(|(kind, _)| !is_sign_in(kind));
            each(round, kinds.map(|(_, count)| count).sum())
        };
        row(vendor, &work, limit);
        for kind in kinds(rounds, calls) {
            let count = |round: &Round| calls(round).get(kind).copied().unwrap_or_default();
            let name = if is_sign_in(kind) {
                format!("  not counted: {kind}")
            } else {
                format!("  {kind}")
            };
            row(&name, &|round| each(round, count(round)), "");
        }
    }
    let requests = |usage: &Usage| usage.requests.values().sum::<u64>();
    let both = |round: &Round| requests(&round.poll) + requests(&round.post);
    row(
        "DynamoDB requests",
        &|round| each(round, both(round)),
        "10.00",
    );
    row("  in poll", &|round| each(round, requests(&round.poll)), "");
    row("  in post", &|round| each(round, requests(&round.post)), "");
    let written = |round: &Round| round.poll.write_units + round.post.write_units;
    row(
        "DynamoDB write units",
        &|round| units(round, written(round)),
        "40.00",
    );
    row(
        "  in poll",
        &|round| units(round, round.poll.write_units),
        "",
    );
    row(
        "  in post",
        &|round| units(round, round.post.write_units),
        "",
    );
    let read = |round: &Round| round.poll.read_units + round.post.read_units;
    row(
        "DynamoDB read units",
        &|round| units(round, read(round)),
        "",
    );
    row(
        "kB of the document",
        &|round| each(round, round.bytes / 1_000),
        "",
    );
    sheet
}

/// Calls of one vendor in a round.
type Calls = fn(&Round) -> &BTreeMap<String, u64>;

/// Every kind of call that happened in any round.
fn kinds<'a>(rounds: &[(&'static str, &'a Round)], calls: Calls) -> BTreeSet<&'a str> {
    rounds
        .iter()
        .flat_map(|(_, round)| calls(round).keys().map(String::as_str))
        .collect()
}

/// A token serves many documents, so its call belongs to none.
fn is_sign_in(kind: &str) -> bool {
    kind.starts_with("token") || kind == "logout"
}

fn each(round: &Round, count: u64) -> String {
    ratio(count, round.documents)
}

fn units(round: &Round, units: Decimal) -> String {
    format!("{:.2}", units / Decimal::from(round.documents.max(1)))
}
