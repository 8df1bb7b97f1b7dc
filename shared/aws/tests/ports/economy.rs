//! What one happy document costs: requests and write units, as the table counts them.

use connector::ports::{Change, Key, Ledger, Payable, Reservation};
use posting::{
    Record, State,
    plan::PostingKind,
    record::Claim,
    state::{Outcome, Receipt, Release, Write},
};

use crate::{
    samples::{at, key, noise, plan, record, source},
    world::World,
};

/// Most requests a document may need, and most write units.
const REQUESTS_MAX: usize = 10;
const WRITE_UNITS_MAX: u32 = 40;

/// A text of 20 kB that compresses as published documents do, to about 2.5 kB.
fn report() -> String {
    let digits = noise(2_592);
    let entries: Vec<String> = digits
        .as_bytes()
        .chunks(48)
        .map(|id| {
            let id = String::from_utf8_lossy(id);
            format!(
                r#"{{"entryId":"{id}","expenseTypeName":"Ground transportation","paymentTypeCode":"CASH","transactionCurrencyCode":"USD","transactionAmount":42.17,"approvedAmount":42.17,"businessPurpose":"Visit to the customer","vendorDescription":"Taxi","isPersonal":false,"isBillable":false,"journals":[{{"accountCode":"60100","amountGross":42.17}}]}}"#
            )
        })
        .collect();
    format!("{{\"entries\":[{}]}}", entries.join(","))
}

fn receipt() -> Receipt {
    Receipt {
        n: 1,
        kind: PostingKind::Bill,
        number: "004512".to_owned(),
        amount: "1234.56".parse().unwrap(),
        status: "On Hold".to_owned(),
        period: "112026".to_owned(),
        date: None,
        branch: "MAIN".to_owned(),
        release: Release::NotWanted,
        adopted: false,
        part: None,
    }
}

fn claimed(record: Record) -> Record {
    Record {
        claim: Some(Claim {
            worker: "post-2026-11-24-0123456789abcdef".to_owned(),
            until: at(310),
        }),
        claims: 1,
        ..record
    }
}

fn business() -> Reservation {
    Reservation::Business("2519BED4A22B43C4B8E7".to_owned())
}

/// What `poll` does with a document: three requests.
async fn receive(ledger: &impl Ledger, key: &Key) {
    let text = report();
    assert!((19_000..22_000).contains(&text.len()), "{}", text.len());
    ledger.put_source(key, &source(text)).await.unwrap();
    let mut record = record(key);
    record.note(at(0), "received", "expense 2519BED4A22B43C4B8E7");
    ledger.create(&record).await.unwrap();
    record.version = 1;
    record.state = State::Acknowledged;
    record.note(at(1), "acknowledged", "code 0, system stack-acme");
    let acknowledged = Change {
        reservations: &[business()],
        ..Change::of(&record)
    };
    ledger.save(&acknowledged).await.unwrap();
}

#[tokio::test]
async fn a_happy_document_stays_within_its_figures() {
    let (world, key) = (World::start(), key("acme", 1));
    let ledger = world.ledger();
    receive(&ledger, &key).await;
    let mut record = claimed(ledger.load(&key).await.unwrap().unwrap().record);
    let write = |outcome| Write {
        n: 1,
        kind: PostingKind::Bill,
        outcome,
    };
    record.state = State::Posting {
        plan: 1,
        writes: vec![write(Outcome::Open)],
    };
    record.note(
        at(2),
        "planned",
        "plan 1 by rules 3, 1234.56 USD in 1 posting",
    );
    record.note(at(2), "posting", "intent of plan 1");
    // As long as the plan of such a report: a line of each entry with its reason.
    let notes = [report()];
    let names = [
        business(),
        Reservation::Reference {
            payable: Payable::Bill,
            vendor: "V00017".to_owned(),
            number: "2519BED4A22B43C4B8E7".to_owned(),
        },
    ];
    let change = Change {
        plan: Some(&plan(&key, 1, &notes)),
        reservations: &names,
        ..Change::of(&record)
    };
    ledger.save(&change).await.unwrap();

    record.version += 1;
    record.state = State::Posted {
        plan: 1,
        receipts: vec![receipt()],
    };
    record.note(at(3), "posted", "Bill 004512, 1234.56 USD, On Hold");
    let change = Change {
        receipts: &[(PostingKind::Bill, "004512".to_owned())],
        ..Change::of(&record)
    };
    ledger.save(&change).await.unwrap();

    record.version += 1;
    record.state = State::Confirmed {
        plan: 1,
        receipts: vec![receipt()],
    };
    record.claim = None;
    record.due = at(5);
    record.note(at(5), "confirmed", "success, Bill 004512");
    let audit = record.take_trail();
    let change = Change {
        audit,
        ..Change::of(&record)
    };
    ledger.save(&change).await.unwrap();
    judge(&world);
}

fn judge(world: &World) {
    let calls = world.seen().calls.clone();
    let rows: Vec<String> = calls
        .iter()
        .map(|call| format!("{} {}", call.operation, call.units))
        .collect();
    let written: u32 = calls
        .iter()
        .filter(|call| call.operation != "Query")
        .map(|call| call.units)
        .sum();
    assert!(calls.len() <= REQUESTS_MAX, "{rows:?}");
    assert!(
        (1..=WRITE_UNITS_MAX).contains(&written),
        "{written}: {rows:?}"
    );
}
