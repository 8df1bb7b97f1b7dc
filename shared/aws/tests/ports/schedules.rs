//! What every ledger does with the schedules of connections.

use std::collections::BTreeMap;

use connector::Run;
use connector::poll::{Only, Request, poll};
use connector::ports::{Ledger, Polling, SaveError, Standing, StoredConnection};
use jiff::{SignedDuration, Timestamp};
use posting::DocumentKind;

use crate::samples::{at, connection};
use crate::world::World;

/// Connections of one deployment.
const MANY: u32 = 1_000;

fn version(id: &str, version: u64, standing: Standing) -> StoredConnection {
    StoredConnection {
        id: connection(id),
        version,
        applied: at(i64::try_from(version).unwrap()),
        by: String::new(),
        note: String::new(),
        standing,
        text: "{}".to_owned(),
    }
}

pub(crate) async fn contract(ledger: &impl Ledger) {
    let id = connection("rota");
    assert_eq!(ledger.polling(&id).await.unwrap(), None);
    let none = Polling::new(id.clone(), at(0));
    let lost = ledger.put_polling(&none).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");

    let apply = |version, standing| version_of(ledger, version, standing);
    apply(1, Standing::Applied).await;
    let read = ledger.polling(&id).await.unwrap().unwrap();
    assert_eq!(read, Polling::new(id.clone(), at(1)));

    // One of two that read the same has it.
    let mine = Polling {
        due: at(100),
        holder: Some("mine".to_owned()),
        ..read.clone()
    };
    let other = Polling {
        holder: Some("other".to_owned()),
        ..mine.clone()
    };
    ledger.put_polling(&mine).await.unwrap();
    // A write whose answer was lost is repeated.
    ledger.put_polling(&mine).await.unwrap();
    let lost = ledger.put_polling(&other).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    let held = ledger.polling(&id).await.unwrap().unwrap();
    assert_eq!((held.version, held.holder.as_deref()), (2, Some("mine")));
    assert!(held.is_held(at(99)) && !held.is_held(at(100)));

    let done = Polling {
        due: at(900),
        holder: None,
        polled: Some(at(2)),
        failing: Some(at(1)),
        limits: BTreeMap::from([(DocumentKind::CashAdvance, 12)]),
        ..held.clone()
    };
    ledger.put_polling(&done).await.unwrap();
    let read = ledger.polling(&id).await.unwrap().unwrap();
    assert_eq!(read, Polling { version: 3, ..done });
    assert!(ledger.pollings().await.unwrap().contains(&read));

    // Another version is due at once, and who was polling by the former has lost it.
    ledger
        .put_polling(&Polling {
            holder: Some("late".to_owned()),
            ..read
        })
        .await
        .unwrap();
    let late = ledger.polling(&id).await.unwrap().unwrap();
    apply(2, Standing::Applied).await;
    let lost = ledger.put_polling(&late).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    let read = ledger.polling(&id).await.unwrap().unwrap();
    assert_eq!(
        (read.due, read.holder, read.polled),
        (at(2), None, Some(at(2)))
    );
    // A removed one is due never.
    apply(3, Standing::Removed).await;
    let read = ledger.polling(&id).await.unwrap().unwrap();
    assert_eq!(read.due, Timestamp::MAX);
    apply(4, Standing::Applied).await;
    assert_eq!(ledger.polling(&id).await.unwrap().unwrap().due, at(4));
}

async fn version_of(ledger: &impl Ledger, number: u64, standing: Standing) {
    let version = version("rota", number, standing);
    ledger.put_connection(&version).await.unwrap();
}

#[tokio::test]
async fn a_tick_of_a_thousand_due_connections_takes_few_requests() {
    let world = World::start();
    let ledger = world.ledger();
    for n in 0..MANY {
        let applied = version(&format!("customer-{n}"), 1, Standing::Applied);
        ledger.put_connection(&applied).await.unwrap();
    }
    world.seen().calls.clear();
    let needs = world.needs();
    let run = Run {
        worker: "tick".to_owned(),
        deadline: Timestamp::now() + SignedDuration::from_mins(5),
    };
    let request = Request {
        only: Some(Only::Due),
        ..Request::default()
    };
    let answer = poll(&needs, &run, &request).await.unwrap();
    assert_eq!((answer.connections.len(), answer.sent), (10, 990));
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    let mut read = 0;
    for call in &world.seen().calls {
        let listed = call.body["ExpressionAttributeValues"][":pk"]["S"] == "schedule";
        read += if listed { call.units } else { 0 };
        *calls.entry(call.operation.clone()).or_default() += 1;
    }
    // One query for all schedules, in read units of 4 KB; of each connection of its own share the connection and two work
    // lists, and two notes in its schedule; of each other one note and a tenth of a call.
    assert!((1..=50).contains(&read), "{read}");
    let expected = [
        ("GetItem", 10),
        ("PutItem", 1_010),
        ("Query", 21),
        ("SendMessageBatch", 99),
    ];
    let expected = expected.map(|(operation, count)| (operation.to_owned(), count));
    assert_eq!(calls, BTreeMap::from(expected));
    // A second tick reads, and has nothing to do.
    world.seen().calls.clear();
    let answer = poll(&needs, &run, &request).await.unwrap();
    assert_eq!((answer.connections.len(), answer.sent), (0, 0));
    assert_eq!(world.seen().calls.len(), 1);
}
