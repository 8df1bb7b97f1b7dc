//! One connection's item is damaged or too large: it is named, and stops nobody else.

use connector::connect::connect;
use connector::poll::{Request, poll};
use connector::ports::{Ledger, Queue, Standing, StoredConnection, Vault};
use connector::{Needs, Run, ports::Clock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::samples::{at, connection, noise};
use crate::world::World;

fn published(id: &str) -> Value {
    let text = include_str!("../../../connector/src/published/connection.json");
    let mut value: Value = serde_json::from_str(text).unwrap();
    value["id"] = json!(id);
    value
}

fn run() -> Run {
    Run {
        worker: "run".to_owned(),
        deadline: Timestamp::now() + SignedDuration::from_mins(5),
    }
}

async fn ask<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    event: Value,
) -> Value {
    let request = serde_json::from_value(event).unwrap();
    let answer = connect(needs, &run(), request).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

#[tokio::test]
async fn a_damaged_connection_is_named_and_stops_no_other() {
    let world = World::start();
    let ledger = world.ledger();
    for id in ["alpha", "beta", "gamma"] {
        let stored = StoredConnection {
            id: connection(id),
            version: 1,
            applied: at(1),
            by: String::new(),
            note: String::new(),
            standing: Standing::Applied,
            text: published(id).to_string(),
        };
        ledger.put_connection(&stored).await.unwrap();
    }
    world.damage("beta");
    let needs = world.needs();
    let listed = ask(&needs, json!({"action": "list"})).await;
    let rows = listed["connections"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| &row["connection"]).collect();
    assert_eq!(ids, ["alpha", "beta", "gamma"]);
    ask(&needs, json!({"action": "keep"})).await;

    let answer = poll(&needs, &run(), &Request::default()).await.unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    for (n, step) in [
        (0, "fetch expense"),
        (1, "read the connection"),
        (2, "fetch expense"),
    ] {
        let told = &answer["connections"][n]["errors"][0];
        assert_eq!(told["step"], step, "{answer:#}");
    }

    // What it asks for works: the next version takes the place of the damaged one.
    let event =
        json!({"action": "apply", "connection": published("beta"), "by": "Kim", "note": "again"});
    let applied = ask(&needs, event).await;
    assert_eq!(
        (&applied["applied"], &applied["version"]),
        (&json!(true), &json!(2))
    );
    let stored = ledger
        .connection(&connection("beta"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.text, published("beta").to_string());
}

#[tokio::test]
async fn a_damaged_version_is_named_by_its_number_and_hides_no_other() {
    let world = World::start();
    let needs = world.needs();
    for minutes in [15, 30, 45] {
        let mut text = published("alpha");
        text["schedule"] = json!({"every_minutes": minutes});
        let applied = ask(&needs, json!({"action": "apply", "connection": text})).await;
        assert_eq!(applied["changed"], true, "{applied}");
    }
    world.damage_item("connection#alpha", "version#000002");
    let history = ask(&needs, json!({"action": "history", "connection": "alpha"})).await;
    let rows = history["versions"].as_array().unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row["version"].as_u64().unwrap(), row["damaged"].is_string()))
        .collect();
    assert_eq!(told, [(3, false), (2, true), (1, false)]);
    let change = json!([{"path": "schedule.every_minutes", "before": 15, "after": 45}]);
    assert_eq!(
        (&rows[0]["changes"], &rows[0]["compared_with"]),
        (&change, &json!(1))
    );
}

#[tokio::test]
async fn a_connection_too_large_is_a_fault_of_the_whole() {
    let world = World::start();
    let mut large = published("acme");
    large["tables"]["branches"] = json!({"0021": noise(1_000_000)});
    let event = json!({"action": "apply", "connection": large, "by": "Kim", "note": "all codes"});
    let applied = ask(&world.needs(), event).await;
    assert_eq!(applied["applied"], false, "{applied}");
    assert_eq!(applied["faults"][0]["path"], "connection", "{applied}");
    assert!(
        applied["faults"][0]["cure"]
            .as_str()
            .unwrap()
            .contains("shorten")
    );
}
