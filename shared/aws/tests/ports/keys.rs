//! Whatever belongs to a connection stands under a key that no other connection can build: seen on the wire, for ids that
//! are each other's beginning, and for contents that try to look like a key.

use std::collections::BTreeSet;

use connector::ports::{
    Change, Fetch, Lease, Ledger, Payable, Queue, Reservation, Standing, StoredConnection, Vault,
    Wake,
};
use jiff::SignedDuration;
use posting::ConnectionId;
use posting::plan::PostingKind;
use secrecy::SecretString;
use serde_json::Value;

use crate::samples::{at, connection, document, key, plan, record, source};
use crate::world::World;

/// Ids that are each other's beginnings or look alike.
const IDS: [&str; 5] = ["acme", "acme2", "acme-2", "a", "a-cme"];

#[test]
fn an_id_has_no_separator_in_it() {
    for id in [
        "a#b",
        "a/b",
        "acme/..",
        "../acme",
        "acme#",
        "Acme",
        "acme ",
        "",
        "1acme",
        "acme*",
        "acme%",
        "\u{430}cme",
    ] {
        assert!(ConnectionId::new(id).is_err(), "{id}");
    }
    for id in IDS {
        assert!(ConnectionId::new(id).is_ok(), "{id}");
    }
}

/// Writes and reads everything there is of a connection; names and numbers try to reach another one.
async fn use_everything(world: &World, id: &str) {
    let (ledger, key) = (world.ledger(), key(id, 1));
    ledger
        .put_connection(&StoredConnection {
            id: connection(id),
            version: 1,
            applied: at(0),
            by: String::new(),
            note: String::new(),
            standing: Standing::Applied,
            text: "{}".to_owned(),
        })
        .await
        .unwrap();
    ledger.put_source(&key, &source("{}")).await.unwrap();
    ledger.create(&record(&key)).await.unwrap();
    let mut stored = ledger.load(&key).await.unwrap().unwrap().record;
    stored.note(at(1), "seen", "by the test");
    let names = [
        Reservation::Business("acme#business#x".to_owned()),
        Reservation::Reference {
            payable: Payable::Bill,
            vendor: "#acme2#".to_owned(),
            number: "/acme/concur".to_owned(),
        },
    ];
    let change = Change {
        plan: Some(&plan(&key, 1, &[])),
        reservations: &names,
        likeness: Some("acme2#like"),
        receipts: &[(PostingKind::Bill, "acme#000001".to_owned())],
        audit: Some((1, Vec::new())),
        ..Change::of(&stored)
    };
    ledger.save(&change).await.unwrap();
    ledger.polling(&connection(id)).await.unwrap();
    ledger.alike(&connection(id), "acme2#like").await.unwrap();
    ledger.reference(&connection(id)).await.unwrap();
    for name in [format!("seat#{id}#1"), format!("grant#{id}")] {
        let taken: Option<Lease> = ledger.take_lease(&name, "w", at(0), at(9)).await.unwrap();
        ledger.give_lease(&taken.unwrap()).await.unwrap();
    }
    let requests = format!("requests#{id}");
    ledger.swap_memo(&requests, "", "1").await.unwrap();
    let vault = world.vault();
    for name in ["concur-tokens", "acumatica-seat-1"] {
        let value = SecretString::from(id.to_owned());
        vault
            .put_secret(&connection(id), name, &value)
            .await
            .unwrap();
    }
    vault.secret(&connection(id), "concur").await.unwrap();
}

/// Every key of the table named anywhere in a request, as `pk/sk`, where both are given.
fn keys(body: &Value, found: &mut BTreeSet<String>) {
    let text = |value: &Value| value["S"].as_str().map(str::to_owned);
    match body {
        Value::Object(members) => {
            if let (Some(pk), Some(sk)) = (text(&body["pk"]), text(&body["sk"])) {
                found.insert(format!("{pk}/{sk}"));
            }
            if let Some(pk) = text(&body["ExpressionAttributeValues"][":pk"]) {
                found.insert(pk);
            }
            members.values().for_each(|member| keys(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn no_connection_names_an_item_or_secret_of_another() {
    let world = World::start();
    let mut all: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for id in IDS {
        world.seen().calls.clear();
        use_everything(&world, id).await;
        let mut found = BTreeSet::new();
        for call in &world.seen().calls {
            keys(&call.body, &mut found);
            for name in ["SecretId", "Name"] {
                found.extend(
                    call.body[name]
                        .as_str()
                        .map(|name| format!("secret {name}")),
                );
            }
        }
        assert!(found.len() >= 15, "{found:?}");
        for key in &found {
            let owned = [
                format!("{id}#"),
                format!("secret stack/{id}/"),
                format!("connection#{id}/"),
                format!("connections/{id}"),
                format!("schedule/{id}"),
                format!("reference#{id}"),
                format!("lease#seat#{id}#"),
                format!("lease#grant#{id}/"),
                format!("lease#requests#{id}/"),
            ];
            let mine = |start: &String| match key.strip_prefix(start.as_str()) {
                // These end with the id.
                Some(rest) => {
                    start.ends_with(['#', '/']) || rest.is_empty() || rest.starts_with('/')
                }
                None => false,
            };
            assert!(owned.iter().any(mine), "{id} names {key}");
        }
        all.push((id, found));
    }
    for (at, (one, keys)) in all.iter().enumerate() {
        for (other, others) in all.iter().skip(at + 1) {
            let shared: Vec<_> = keys.intersection(others).collect();
            assert!(shared.is_empty(), "{one} and {other}: {shared:?}");
        }
    }
    // And each reads its own.
    for id in IDS {
        let ledger = world.ledger();
        let loaded = ledger.load(&key(id, 1)).await.unwrap().unwrap();
        assert_eq!(loaded.record.connection.as_str(), id);
        let alike = ledger.alike(&connection(id), "acme2#like").await.unwrap();
        assert_eq!(alike.len(), 1);
        assert_eq!(ledger.load(&key(id, 2)).await.unwrap().map(|_| ()), None);
    }
}

#[tokio::test]
async fn a_message_reaches_only_the_connection_it_names() {
    let world = World::start();
    for id in ["acme", "acme2"] {
        use_everything(&world, id).await;
    }
    let queue = world.queue();
    let wake = Wake {
        connection: connection("acme2"),
        document: document(1),
    };
    queue.wake(&[(wake, SignedDuration::ZERO)]).await.unwrap();
    queue
        .fetch(&[Fetch::all(&connection("acme2"))])
        .await
        .unwrap();
    let seen = world.seen();
    let groups: Vec<_> = seen
        .sent
        .iter()
        .chain(&seen.fetches)
        .flatten()
        .map(|entry| &entry["MessageGroupId"])
        .collect();
    assert_eq!(groups, ["acme2", "acme2"]);
    // A forged connection in a body is no id at all.
    for forged in [
        r#"{"connection":"acme#x","document":"0000000000000000000000000000000a"}"#,
        r#"{"connection":"acme","document":"../acme2"}"#,
    ] {
        assert!(serde_json::from_str::<Wake>(forged).is_err(), "{forged}");
    }
    let forged = r#"{"connection":"acme/../acme2"}"#;
    assert!(serde_json::from_str::<Fetch>(forged).is_err());
}
