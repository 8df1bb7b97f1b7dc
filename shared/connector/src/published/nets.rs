//! What the published documents mean in the ledger: the posting tables SAP prints beside them, as the net of each account
//! and what each payee is owed. Where table and JSON differ the JSON counts, as it is what Concur sends.

use super::*;
use posting::Plan;
use posting::plan::PostingKind;
use rust_decimal::Decimal;
use serde_json::json;

/// Kind and example; net of each account, plus debits; what vendors and employees are owed.
const TABLE: &str = "\
cashadvance 5.1.1: CASH +7000; owed employee.three@example.com +7000
cashadvance 5.2.1: held advance_currency
cashadvance page: 12345 +150; owed 12345ID +150
expense 1.1: 21590 -30, 61000 +10, 61100 +20; owed
expense 1.2: 5 -50; owed 1017001 -50
expense 1.3: 54 +24.3; owed 1017001 +24.3
expense 2.1: 15700 +1.6, 37 +8.4; owed 49038128 +10
expense 2.2: 176882 -100, 61100 +100; owed
expense 2.3: 15710 +3.54, 61100 +96.46; owed 24340 +100
expense 2.5: 119 +80.32; owed VISA +80.32
expense 3.1: 21590 -325, 61000 +325; owed
expense 5.2.1: 105 +60, 109 +245, 130 +10, CADV -300; owed employee.two@example.com +15
expense 6.1.1: 21590 -30, 61000 +10, 61100 +20; owed
expense 6.1.4: 21590 -325, 61000 +325; owed
expense 6.1.5: 61000 +300; owed AMEX +300
expense 6.1.6: 61000 +305; owed 1017001 +35, AMEX +270
expense 6.1.7-with-offsetting: 40 +5, 600 +20, 99999 +250; owed VISA +275
expense 6.1.7: 52 +5, 61000 +270; owed 1017001 +5, AMEX +270
expense 6.2.1: 21500 -49, 21590 -32; owed uiexp -81
expense 6.2.2: 21500 -284, 61000 +305; owed 1017001 +21
expense 6.2.4: 21500 -284, 61000 +305; owed 1017001 +21
expense page: 125ABC +150; owed 12345AB +150
invoice page: MATER +50; owed V000012 +50";

/// The connection with reclaimable tax on accounts of its own, as the tables have it.
fn reclaiming() -> Connection {
    let mut written: Value = serde_json::from_str(include_str!("connection.json")).unwrap();
    written["rules"]["tax"] = json!({
        "mode": "reclaim", "category": "EXEMPT",
        "codes": {"VA": {"account": "15700"}, "TM": {"account": "15710"}}
    });
    Connection::read(&written.to_string(), 1, &samples::deployment()).unwrap()
}

fn planned(connection: &Connection, published: &Published) -> Result<Plan, Vec<posting::Reason>> {
    let read = translate::read(published.kind, &published.id, &published.source);
    plan(&Planning::new(&read.document?, &connection.rules, 1))
}

/// Signed sums by name, without those that are zero.
fn told(sums: &BTreeMap<String, Decimal>) -> String {
    let open = sums.iter().filter(|(_, sum)| !sum.is_zero());
    let told: Vec<String> = open
        .map(|(name, sum)| format!("{name} {:+}", sum.normalize()))
        .collect();
    told.join(", ")
}

fn nets(plan: &Plan) -> String {
    let (mut accounts, mut owed) = (BTreeMap::new(), BTreeMap::new());
    for posting in &plan.postings {
        for line in &posting.lines {
            *accounts.entry(line.account.clone()).or_default() += line.signed();
        }
        let vendor = posting.vendor.clone().unwrap_or_default();
        *owed.entry(vendor).or_default() += match posting.kind {
            PostingKind::Bill | PostingKind::CreditAdj => posting.total,
            PostingKind::DebitAdj => -posting.total,
            PostingKind::Journal => Decimal::ZERO,
        };
    }
    let row = format!("{}; owed {}", told(&accounts), told(&owed));
    row.trim_end().to_owned()
}

fn row(connection: &Connection, published: &Published) -> String {
    let example = published.name.split_once("Example-");
    let example = example.map_or("page", |(_, number)| number);
    let net = match planned(connection, published) {
        Ok(plan) => nets(&plan),
        Err(reasons) => {
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
            format!("held {}", codes.join(", "))
        }
    };
    format!("{} {example}: {net}", published.kind)
}

#[test]
fn every_published_document_posts_what_its_table_says() {
    let Some(files) = files() else {
        println!("the published documents are not here, so nothing was checked");
        return;
    };
    let connection = reclaiming();
    let all = files.iter().flat_map(|file| documents(file));
    let mut rows: Vec<String> = all.map(|one| row(&connection, &one)).collect();
    rows.sort();
    // The two versions of a page mean the same.
    rows.dedup();
    assert_eq!(rows.join("\n"), TABLE);
}

#[test]
fn the_held_advance_posts_once_its_rate_is_right() {
    let Some(files) = files() else {
        println!("the published documents are not here, so nothing was checked");
        return;
    };
    let connection = reclaiming();
    let mut all = files.iter().flat_map(|file| documents(file));
    let mut advance = all
        .find(|one| one.kind == DocumentKind::CashAdvance && one.name.ends_with("5.2.1"))
        .unwrap();
    let mut document: Value = serde_json::from_str(&advance.source.text).unwrap();
    document["cashAdvanceData"]["exchangeRate"] = json!(0.79);
    advance.source.text = document.to_string();
    let plan = planned(&connection, &advance).unwrap();
    assert_eq!(plan.currency.as_str(), "GBP");
    assert_eq!(nets(&plan), "CADV +300; owed employee.two@example.com +300");
}
