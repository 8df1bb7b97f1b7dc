//! What every ledger does with records, sources, plans, audit entries and work lists.

use connector::ports::{Cached, Change, Created, Ledger, Order, Page, Removed, SaveError};
use jiff::Timestamp;
use posting::{
    DocumentId, Record, State,
    planning::Duplicate,
    record::List,
    reference::{Account, Payee, Rows, Table},
};

use crate::samples::{at, connection, document, key, noise, plan, record, source};

pub(crate) async fn contract(ledger: &impl Ledger) {
    creates_once(ledger).await;
    saves_on_the_version_read(ledger).await;
    keeps_long_texts(ledger).await;
    keeps_what_is_deleted(ledger).await;
    keeps_the_audit_in_order(ledger).await;
    reads_many_records(ledger).await;
    lists_work(ledger).await;
    pages_through_work(ledger).await;
    finds_what_looks_alike(ledger).await;
    keeps_master_data(ledger).await;
}

async fn load(ledger: &impl Ledger, id: &str, n: u32) -> Record {
    ledger.load(&key(id, n)).await.unwrap().unwrap().record
}

async fn creates_once(ledger: &impl Ledger) {
    let key = key("create", 1);
    assert!(ledger.load(&key).await.unwrap().is_none());
    let sent = source(r#"{"reportId":"Grüße"}"#);
    ledger.put_source(&key, &sent).await.unwrap();
    ledger.put_source(&key, &sent).await.unwrap();
    assert!(ledger.load(&key).await.unwrap().is_none());

    let first = record(&key);
    assert!(matches!(ledger.create(&first).await.unwrap(), Created::New));
    let mut later = first.clone();
    later.received = at(60);
    let Created::Existing(found) = ledger.create(&later).await.unwrap() else {
        panic!("created twice");
    };
    let stored = Record {
        version: 1,
        ..first
    };
    assert_eq!(*found, stored);
    let loaded = ledger.load(&key).await.unwrap().unwrap();
    assert_eq!(loaded.record, stored);
    assert!(loaded.source == Some(sent));
}

async fn saves_on_the_version_read(ledger: &impl Ledger) {
    let key = key("save", 1);
    ledger.create(&record(&key)).await.unwrap();
    let mut mine = load(ledger, "save", 1).await;
    let mut theirs = mine.clone();
    mine.state = State::Acknowledged;
    mine.note(at(1), "acknowledged", "");
    ledger.save(&Change::of(&mine)).await.unwrap();
    // After an unknown outcome the same change is sent again.
    ledger.save(&Change::of(&mine)).await.unwrap();
    let stored = load(ledger, "save", 1).await;
    assert_eq!(stored, Record { version: 2, ..mine });

    theirs.attempt = 1;
    let lost = ledger.save(&Change::of(&theirs)).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    let plan = plan(&key, 1, &[]);
    let change = Change {
        plan: Some(&plan),
        ..Change::of(&theirs)
    };
    let lost = ledger.save(&change).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    assert_eq!(load(ledger, "save", 1).await, stored);
    assert_eq!(ledger.plan(&key, 1).await.unwrap(), None);
}

async fn keeps_long_texts(ledger: &impl Ledger) {
    let key = key("long", 1);
    let long = source(noise(2_400_000));
    ledger.put_source(&key, &long).await.unwrap();
    ledger.create(&record(&key)).await.unwrap();
    let loaded = ledger.load(&key).await.unwrap().unwrap();
    assert!(loaded.source == Some(long));

    let notes: Vec<_> = (1..=9)
        .map(|n| format!("{n}{}", noise(n * 20_000)))
        .collect();
    let plans = [plan(&key, 1, &[]), plan(&key, 2, &notes)];
    for plan in &plans {
        let record = load(ledger, "long", 1).await;
        let change = Change {
            plan: Some(plan),
            ..Change::of(&record)
        };
        ledger.save(&change).await.unwrap();
    }
    for (number, plan) in (1..).zip(plans) {
        assert!(ledger.plan(&key, number).await.unwrap() == Some(plan));
    }
    assert_eq!(ledger.plan(&key, 3).await.unwrap(), None);
}

async fn keeps_what_is_deleted(ledger: &impl Ledger) {
    let key = key("removed", 1);
    ledger.create(&record(&key)).await.unwrap();
    assert_eq!(ledger.deleted(&key).await.unwrap(), []);
    let removed = |plan, n, text| Removed { plan, n, text };
    let all = [
        removed(1, 1, noise(1_200_000)),
        removed(1, 2, "{}".to_owned()),
        removed(2, 1, noise(10)),
    ];
    // The last one is looked at twice before it is deleted.
    for one in all.iter().chain(all.last()) {
        let record = load(ledger, "removed", 1).await;
        let change = Change {
            removed: Some(one),
            ..Change::of(&record)
        };
        ledger.save(&change).await.unwrap();
    }
    assert!(ledger.deleted(&key).await.unwrap() == all);
}

async fn keeps_the_audit_in_order(ledger: &impl Ledger) {
    let key = key("audit", 1);
    ledger.create(&record(&key)).await.unwrap();
    assert_eq!(ledger.audit(&key).await.unwrap(), []);
    let mut written = Vec::new();
    for run in 1..=11 {
        let mut record = load(ledger, "audit", 1).await;
        record.note(at(run), "acknowledged", "code 0");
        record.note(at(run), "planned", &format!("plan {run}"));
        let audit = record.take_trail();
        written.extend(audit.clone().unwrap().1);
        let change = Change {
            audit,
            ..Change::of(&record)
        };
        ledger.save(&change).await.unwrap();
    }
    let audit = ledger.audit(&key).await.unwrap();
    assert_eq!(audit, written);
    assert!(posting::record::chain_holds("", &audit));
}

async fn reads_many_records(ledger: &impl Ledger) {
    let mut keys = Vec::new();
    for n in 1..=120 {
        let key = key("many", n);
        ledger.create(&record(&key)).await.unwrap();
        keys.push(key);
    }
    keys.push(key("many", 999));
    keys.push(key("many", 1));
    let records = ledger.records(&keys).await.unwrap();
    let mut found: Vec<_> = records.iter().map(|record| &record.document).collect();
    found.sort();
    found.dedup();
    let expected: Vec<_> = (1..=120).map(document).collect();
    assert_eq!(found, expected.iter().collect::<Vec<_>>());
    assert!(records.iter().all(|record| record.version == 1));
    assert!(ledger.records(&[]).await.unwrap().is_empty());
}

async fn lists_work(ledger: &impl Ledger) {
    let of = connection("work");
    for (n, due) in [(1, 300), (2, 100), (3, 200), (4, 9_000)] {
        let mut record = record(&key("work", n));
        record.due = at(due);
        ledger.create(&record).await.unwrap();
    }
    ledger.create(&record(&key("work-2", 9))).await.unwrap();
    let all = ledger.work(&of, List::Open, None, 100).await.unwrap();
    let expected = [(2, 100), (3, 200), (1, 300), (4, 9_000)];
    assert_eq!(all, expected.map(|(n, due)| (document(n), at(due))));
    let due = ledger.work(&of, List::Open, Some(at(200)), 100).await;
    assert_eq!(due.unwrap(), all[..2]);
    let some = ledger.work(&of, List::Open, None, 3).await.unwrap();
    assert_eq!(some, all[..3]);
    let none = ledger.work(&of, List::Open, Some(at(99)), 100).await;
    assert_eq!(none.unwrap(), []);
    assert_eq!(ledger.work(&of, List::Open, None, 0).await.unwrap(), []);

    let mut held = load(ledger, "work", 3).await;
    held.state = State::Held {
        reasons: Vec::new(),
        resume: Box::new(State::Received),
    };
    ledger.save(&Change::of(&held)).await.unwrap();
    let mut ended = load(ledger, "work", 2).await;
    ended.state = State::Recalled;
    ended.due = at(150);
    ledger.save(&Change::of(&ended)).await.unwrap();
    for (list, expected) in [
        (List::Open, vec![(1, 300), (4, 9_000)]),
        (List::Held, vec![(3, 200)]),
        (List::Done, vec![(2, 150)]),
    ] {
        let found = ledger.work(&of, list, None, 100).await.unwrap();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(n, due)| (document(n), at(due)))
            .collect();
        assert_eq!(found, expected, "{list:?}");
    }
}

async fn pages_through_work(ledger: &impl Ledger) {
    let of = connection("pages");
    let all: Vec<_> = (1..=23)
        .map(|n| (document(n), at(i64::from(n / 4))))
        .collect();
    for (n, (_, due)) in (1..).zip(&all) {
        let mut record = record(&key("pages", n));
        record.due = *due;
        ledger.create(&record).await.unwrap();
    }
    for order in [Order::Oldest, Order::Newest] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = Page {
                order,
                after: after.clone(),
                limit: 5,
            };
            let part = ledger.page(&of, List::Open, &page).await.unwrap();
            after = part.last().cloned();
            let full = part.len() == 5;
            found.extend(part);
            if !full {
                break;
            }
        }
        let falls = |pair: &[(DocumentId, Timestamp)]| match order {
            Order::Oldest => pair[0].1 <= pair[1].1,
            Order::Newest => pair[0].1 >= pair[1].1,
        };
        assert!(found.windows(2).all(falls), "{order:?}");
        found.sort();
        let mut expected = all.clone();
        expected.sort();
        assert_eq!(found, expected, "{order:?}: each once");
    }
    // The entry a page goes on from may have left the list.
    let page = Page {
        order: Order::Newest,
        after: Some((document(999), at(3))),
        limit: 100,
    };
    let rest = ledger.page(&of, List::Open, &page).await.unwrap();
    assert!(rest.iter().all(|(_, due)| *due <= at(3)));
    let older = rest.iter().filter(|(_, due)| *due < at(3)).count();
    assert_eq!(older, 11);
}

async fn finds_what_looks_alike(ledger: &impl Ledger) {
    let of = connection("alike");
    let likeness = "V1|USD|250|2026-11-09|427";
    assert_eq!(ledger.alike(&of, likeness).await.unwrap(), []);
    let mut expected = Vec::new();
    for n in [1, 2] {
        ledger.create(&record(&key("alike", n))).await.unwrap();
        let record = load(ledger, "alike", n).await;
        let change = Change {
            likeness: Some(likeness),
            ..Change::of(&record)
        };
        ledger.save(&change).await.unwrap();
        expected.push(Duplicate {
            document: document(n),
            business: record.business,
        });
    }
    let found = ledger.alike(&of, likeness).await.unwrap();
    assert_eq!(found, expected);
    assert_eq!(ledger.alike(&of, "V1|USD|250").await.unwrap(), []);
    let other = ledger.alike(&connection("alike-2"), likeness).await;
    assert_eq!(other.unwrap(), []);
}

fn by_name(mut lists: Vec<Cached>) -> Vec<Cached> {
    lists.sort_by_key(|list| list.table.list().as_str());
    lists
}

async fn keeps_master_data(ledger: &impl Ledger) {
    let of = connection("master");
    assert_eq!(ledger.reference(&of).await.unwrap(), []);
    let codes: Vec<String> = noise(1_200_000)
        .as_bytes()
        .chunks(10)
        .map(|code| String::from_utf8_lossy(code).into_owned())
        .collect();
    let accounts = |codes: &[String]| {
        let rows = codes.iter().map(|code| (code, Account::default()));
        Table::Accounts(Rows::whole(0, rows))
    };
    let mut vendors = Rows::<Payee>::default();
    vendors.learn("V1", Some(Payee::default()));
    vendors.learn("V2", None);
    let long = Cached {
        version: 0,
        read: at(10),
        tenant: "https://a ACME".to_owned(),
        table: accounts(&codes),
    };
    let vendors = Cached {
        version: 0,
        read: at(20),
        tenant: "https://b ACME".to_owned(),
        table: Table::Vendors(vendors),
    };
    for list in [&long, &vendors, &long] {
        // After an unknown outcome the same list is sent again.
        ledger.put_reference(&of, list).await.unwrap();
    }
    let stored = |list: Cached| Cached {
        version: list.version + 1,
        ..list
    };
    let found = by_name(ledger.reference(&of).await.unwrap());
    assert!(found == [stored(long.clone()), stored(vendors.clone())]);

    let late = Cached {
        read: at(30),
        table: accounts(&codes[..2]),
        ..long.clone()
    };
    let lost = ledger.put_reference(&of, &late).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    // A shorter list in place of a longer one.
    let shorter = Cached { version: 1, ..late };
    ledger.put_reference(&of, &shorter).await.unwrap();
    let found = by_name(ledger.reference(&of).await.unwrap());
    assert!(found == [stored(shorter), stored(vendors)]);
    assert_eq!(ledger.reference(&connection("master-2")).await.unwrap(), []);
}
