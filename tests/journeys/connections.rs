//! A connection changes under its documents, is removed and comes back, and tells who did it.

use connector::ports::{Ledger, Standing, StoredConnection};
use e2e::{
    demo,
    documents::{Document, Entry, Person, Place, Random, Report},
    twins::faults::Fault,
};
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{World, connection},
};

/// The fields that must not change under way, each with another value.
fn fixed() -> Vec<(&'static str, &'static str, Value)> {
    let other = "00000000-0000-4000-8000-000000000000";
    vec![
        ("/concur/company_uuid", "concur.company_uuid", json!(other)),
        ("/concur/system_id", "concur.system_id", json!("another")),
        (
            "/acumatica/url",
            "acumatica.url",
            json!("https://other.example"),
        ),
        ("/acumatica/tenant", "acumatica.tenant", json!("OTHER")),
        (
            "/acumatica/endpoint",
            "acumatica.endpoint",
            json!("Customised"),
        ),
        (
            "/acumatica/key_field",
            "acumatica.key_field.bill",
            json!({"bill": "Document.AttributeKEY"}),
        ),
        (
            "/acumatica/key_field",
            "acumatica.key_field.journal",
            json!({"journal": "BatchModule.AttributeKEY"}),
        ),
    ]
}

/// The demo's connection with one member changed or added.
fn text(world: &World, pointer: &str, value: &Value) -> Value {
    let mut text = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    text.pointer_mut(parent).expect("its parent")[key] = value.clone();
    text
}

async fn apply(world: &World, text: &Value) -> Value {
    world
        .connect(json!({"action": "apply", "connection": text, "by": "Kim", "note": "moved"}))
        .await
}

async fn remove(world: &World) -> Value {
    let event = json!({"action": "remove", "connection": "demo", "by": "Kim", "note": "left us"});
    world.connect(event).await
}

/// A report of somebody Acumatica does not know.
fn stranger(random: &mut Random) -> Document {
    let nobody = Person::new("E99999", "No", "Body");
    Report::new("Trip", nobody, Place::new("0021", "410"), random)
        .entry(Entry::new(e2e::amounts::cents(1_000), random))
        .document(random)
}

/// Each of the fixed fields is refused, told by its path, and nothing is stored.
async fn nothing_moves(world: &World, counts: &str) {
    let before = world.needs.ledger.connection(&connection()).await;
    for (pointer, path, value) in fixed() {
        let answer = apply(world, &text(world, pointer, &value)).await;
        assert_eq!(answer["applied"], false, "{path}: {answer:#}");
        let faults = answer["faults"].as_array().expect("faults");
        assert_eq!(faults.len(), 1, "{answer:#}");
        assert_eq!(faults[0]["path"], path);
        let message = faults[0]["message"].as_str().expect("a message");
        assert!(message.contains(counts), "{message}");
    }
    // With every other fault beside it.
    let (pointer, path, value) = &fixed()[0];
    let mut both = text(world, pointer, value);
    both["time_zone"] = json!("Mars/Olympus");
    let answer = apply(world, &both).await;
    let faults = answer["faults"].as_array().expect("faults").iter();
    let paths: Vec<_> = faults.map(|fault| fault["path"].as_str()).collect();
    assert_eq!(paths, [Some("time_zone"), Some(path)]);
    let after = world.needs.ledger.connection(&connection()).await;
    assert_eq!(before.expect("a ledger"), after.expect("a ledger"));
}

#[tokio::test]
async fn what_documents_rest_on_stays_until_they_end() {
    let world = World::new().await;
    let random = &mut Random::new(70);
    world.offer(&report("Taxi", 1_000, random));
    world.poll().await;
    nothing_moves(&world, "1 open, 0 held").await;

    // What is not fixed may change meanwhile.
    let rule = text(&world, "/posting/closed_period", &json!("hold"));
    assert_eq!(apply(&world, &rule).await["changed"], true);
    world.settle().await;

    let id = world.offer(&stranger(random));
    world.settle().await;
    assert_eq!(world.state(&id).await, "held");
    nothing_moves(&world, "0 open, 1 held").await;
    world.wish("close", &id).await;

    for (pointer, path, value) in fixed() {
        let answer = apply(&world, &text(&world, pointer, &value)).await;
        assert_eq!(answer["applied"], true, "{path}: {answer:#}");
        assert_eq!(answer["changed"], true, "{path}: {answer:#}");
    }
}

#[tokio::test]
async fn a_document_that_came_while_the_connection_moved_is_held() {
    let world = World::new().await;
    let random = &mut Random::new(71);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.poll().await;
    // The change was checked before the document came, and is stored after it.
    let ledger = &world.needs.ledger;
    let newest = ledger.connection(&connection()).await.expect("a ledger");
    let newest = newest.expect("a connection");
    let moved = text(&world, "/acumatica/tenant", &json!("OTHER"));
    let slipped = StoredConnection {
        version: 2,
        text: moved.to_string(),
        ..newest.clone()
    };
    ledger.put_connection(&slipped).await.expect("stored");

    world.post().await;
    assert_eq!(world.state(&id).await, "held");
    assert_eq!(world.reasons(&id).await, ["connection_moved"]);
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.acumatica_calls(""), 0, "no call to the other tenant");

    // Resumed too early it is held again; a third place is refused; its own is let in.
    world.wish("resume", &id).await;
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["connection_moved"]);
    let third = text(&world, "/acumatica/tenant", &json!("THIRD"));
    assert_eq!(apply(&world, &third).await["applied"], false);
    let back = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let answer = apply(&world, &back).await;
    assert_eq!(
        (&answer["applied"], &answer["version"]),
        (&json!(true), &json!(3))
    );
    world.wish("resume", &id).await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn a_planned_document_keeps_the_rules_it_was_planned_by() {
    let world = World::new().await;
    let random = &mut Random::new(72);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.acumatica.next("put.Bill", Fault::Status(503));
    world.turn().await;
    assert_eq!(world.state(&id).await, "posting");
    let show = json!({"action": "show", "connection": "demo", "document": id});
    let before = world.connect(show.clone()).await["plan"].clone();
    assert_eq!(before["rules_version"], 1);

    let rules = text(
        &world,
        "/posting/expense",
        &json!({"hold": true, "release": false}),
    );
    assert_eq!(apply(&world, &rules).await["version"], 2);
    let later = world.offer(&report("Train", 2_000, random));
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let story = world.connect(show).await;
    assert_eq!(story["under"], 1);
    let plan = world.needs.ledger.plan(&world_key(&id), 1).await;
    let plan = plan.expect("a ledger").expect("the plan is kept");
    assert_eq!(plan.rules_version, 1);
    let held = |id| world.postings(id)[0]["Hold"].clone();
    assert_eq!((held(&id), held(&later)), (json!(false), json!(true)));
    let plan = world.needs.ledger.plan(&world_key(&later), 1).await;
    assert_eq!(plan.expect("a ledger").expect("a plan").rules_version, 2);
}

fn world_key(document: &posting::DocumentId) -> connector::ports::Key {
    connector::ports::Key {
        connection: connection(),
        document: document.clone(),
    }
}

#[tokio::test]
async fn who_changed_what_is_told_newest_first() {
    let world = World::new().await;
    for n in 0..24 {
        let seats = json!(1 + n % 2);
        let answer = apply(&world, &text(&world, "/acumatica/seats", &seats)).await;
        assert_eq!(answer["applied"], true, "{answer:#}");
        let again = apply(&world, &text(&world, "/acumatica/seats", &seats)).await;
        assert_eq!(
            (&again["changed"], &again["version"]),
            (&json!(false), &answer["version"])
        );
    }
    let event = json!({"action": "history", "connection": "demo"});
    let first = world.connect(event).await;
    let versions = first["versions"].as_array().expect("versions");
    assert_eq!(versions.len(), 20);
    let newest = &versions[0];
    assert_eq!(
        (&newest["by"], &newest["note"]),
        (&json!("Kim"), &json!("moved"))
    );
    assert_eq!(newest["standing"], "applied");
    assert_eq!(
        newest["changes"],
        json!([{"path": "acumatica.seats", "before": 1, "after": 2}])
    );
    let last = &versions[19];
    assert_eq!(last["changes"].as_array().map(Vec::len), Some(1), "{last}");
    let rest = world.connect(first["next"].clone()).await;
    assert!(rest["next"].is_null());
    let rest = rest["versions"].as_array().expect("versions");
    let numbers: Vec<_> = versions
        .iter()
        .chain(rest)
        .map(|row| row["version"].as_u64())
        .collect();
    let newest = numbers[0].expect("a number");
    assert_eq!(numbers, (1..=newest).rev().map(Some).collect::<Vec<_>>());
    assert_eq!(rest.last().expect("the first")["changes"], json!([]));

    let event = json!({"action": "show", "connection": "demo", "version": 1});
    let shown = world.connect(event).await;
    assert_eq!(shown["by"], "");
    assert_eq!(
        shown["text"],
        demo::connection(world.concur.token_url(), &world.acumatica.url())
    );
}

#[tokio::test]
async fn a_damaged_version_is_named_and_hides_no_other() {
    let world = World::new().await;
    let newest = world.needs.ledger.connection(&connection()).await;
    let newest = newest.expect("a ledger").expect("a connection");
    let seats = |seats: u64| text(&world, "/acumatica/seats", &json!(seats)).to_string();
    let texts = [seats(3), String::new(), seats(4)];
    for (version, text) in (2..).zip(texts) {
        let next = StoredConnection {
            version,
            text,
            ..newest.clone()
        };
        world.needs.ledger.put_connection(&next).await.expect("put");
    }
    let event = json!({"action": "history", "connection": "demo"});
    let answer = world.connect(event).await;
    let rows = answer["versions"].as_array().expect("versions");
    let numbers: Vec<_> = rows.iter().map(|row| row["version"].as_u64()).collect();
    assert_eq!(numbers, [4, 3, 2, 1].map(Some));
    let damaged = rows[1]["damaged"].as_str().expect("what to do");
    assert!(damaged.contains("apply the connection again"), "{damaged}");
    assert_eq!(rows[1]["changes"], json!([]));
    // The one after it is compared with the one before it.
    assert_eq!(rows[0]["compared_with"], 2);
    let change = json!([{"path": "acumatica.seats", "before": 3, "after": 4}]);
    assert_eq!(rows[0]["changes"], change);
    assert!(rows[2]["damaged"].is_null() && rows[2]["compared_with"].is_null());

    let event = json!({"action": "show", "connection": "demo", "version": 3});
    let shown = world.connect(event).await;
    assert!(
        shown["damaged"].is_string() && shown["text"].is_null(),
        "{shown:#}"
    );
}

#[tokio::test]
async fn a_secret_in_a_connection_is_refused_and_not_repeated() {
    let world = World::new().await;
    let wrong = text(&world, "/acumatica/client_secret", &json!("hunter2"));
    let answer = apply(&world, &wrong).await;
    assert_eq!(answer["faults"][0]["path"], "acumatica.client_secret");
    assert!(!answer.to_string().contains("hunter2"), "{answer:#}");
    let event = json!({"action": "history", "connection": "demo"});
    assert!(!world.connect(event).await.to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_connection_with_documents_under_way_is_not_removed() {
    let world = World::new().await;
    let random = &mut Random::new(73);
    let id = world.offer(&stranger(random));
    world.settle().await;
    world.offer(&report("Taxi", 1_000, random));
    world.poll().await;
    let answer = remove(&world).await;
    assert_eq!(answer["removed"], false);
    let why = answer["refused"].as_str().expect("why");
    assert!(why.starts_with("1 open, 1 held: "), "{why}");
    world.wish("close", &id).await;
    assert_eq!(remove(&world).await["removed"], false);
    world.settle().await;
    assert_eq!(remove(&world).await["removed"], true);
}

#[tokio::test]
async fn a_removed_connection_rests_and_comes_back() {
    let world = World::new().await;
    let random = &mut Random::new(74);
    let id = world.offer(&report("Taxi", 1_000, random));
    world.settle().await;
    let answer = remove(&world).await;
    assert_eq!(
        (&answer["removed"], &answer["version"]),
        (&json!(true), &json!(2))
    );
    let command = answer["left"][0]["command"].as_str().expect("a command");
    assert!(command.contains("Values=stack/demo/ "), "{command}");
    // Again it changes nothing.
    assert_eq!(remove(&world).await["version"], 2);

    let later = world.offer(&report("Train", 2_000, random));
    let (concur, acumatica) = (world.concur_calls(""), world.acumatica_calls(""));
    world.turn().await;
    assert_eq!(
        (world.concur_calls(""), world.acumatica_calls("")),
        (concur, acumatica)
    );
    let one = |removed: bool| json!({"action": "list", "removed": removed});
    assert_eq!(world.connect(one(false)).await["connections"], json!([]));
    let listed = world.connect(one(true)).await;
    assert_eq!(listed["connections"][0]["standing"], "removed");
    let story = json!({"action": "show", "connection": "demo", "document": id});
    assert_eq!(world.connect(story).await["document"]["state"], "confirmed");
    let shown = world
        .connect(json!({"action": "show", "connection": "demo"}))
        .await;
    assert_eq!(shown["standing"], "removed");
    assert_eq!(shown["text"]["id"], "demo");
    let ping = serde_json::from_value(json!({"action": "ping", "connection": "demo"}));
    let run = world.run();
    let ping = connector::connect::connect(&world.needs, &run, ping.expect("an event"));
    let told = connector::report::chain(&ping.await.expect_err("no connection"));
    assert!(told.contains("is removed; apply it again"), "{told}");

    let back = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let answer = apply(&world, &back).await;
    assert_eq!(
        (&answer["changed"], &answer["version"]),
        (&json!(true), &json!(3))
    );
    world.settle().await;
    assert_eq!(world.state(&later).await, "confirmed");
    let event = json!({"action": "history", "connection": "demo"});
    let history = world.connect(event).await;
    let rows = history["versions"].as_array().expect("versions").iter();
    let told: Vec<_> = rows
        .map(|row| (row["standing"].as_str(), row["note"].as_str()))
        .collect();
    let (applied, removed) = (Some("applied"), Some("removed"));
    let expected = [
        (applied, Some("moved")),
        (removed, Some("left us")),
        (applied, Some("")),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_document_that_came_while_its_connection_was_removed_is_not_lost() {
    let world = World::new().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(76)));
    world.poll().await;
    // The removal was checked before the document came, and is stored after it.
    let ledger = &world.needs.ledger;
    let newest = ledger.connection(&connection()).await.expect("a ledger");
    let gone = StoredConnection {
        version: 2,
        standing: Standing::Removed,
        ..newest.expect("a connection")
    };
    ledger.put_connection(&gone).await.expect("stored");
    world.post().await;
    assert!(world.postings(&id).is_empty());
    let answer = remove(&world).await;
    assert_eq!(
        (&answer["removed"], &answer["open"]),
        (&json!(true), &json!(1))
    );
    let left = answer["left"].as_array().expect("what is left");
    let what = left.last().expect("the documents")["what"].as_str();
    assert!(what.is_some_and(|what| what.contains("apply the connection again")));
    let back = demo::connection(world.concur.token_url(), &world.acumatica.url());
    assert_eq!(apply(&world, &back).await["version"], 3);
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn every_document_and_every_connection_is_on_one_page() {
    let world = World::new().await;
    let random = &mut Random::new(75);
    let mut expected = Vec::new();
    for n in 0..7 {
        world.pass(60);
        expected.insert(
            0,
            world.offer(&report("Taxi", 1_000 + n, random)).to_string(),
        );
        world.settle().await;
    }
    let mut event = json!({"action": "list", "connection": "demo", "list": "done", "limit": 3});
    let mut found = Vec::new();
    for _ in 0..9 {
        let page = world.connect(event).await;
        let rows = page["documents"].as_array().expect("rows");
        assert!(rows.len() <= 3);
        found.extend(
            rows.iter()
                .map(|row| row["document"].as_str().expect("an id").to_owned()),
        );
        event = page["next"][0].clone();
        if event.is_null() {
            break;
        }
    }
    assert_eq!(found, expected, "newest first, each once");

    let ids: Vec<String> = (0..105).map(|n| format!("more-{n:03}")).collect();
    for id in &ids {
        let mut text = demo::connection(world.concur.token_url(), &world.acumatica.url());
        text["id"] = json!(id);
        assert_eq!(apply(&world, &text).await["applied"], true);
    }
    let first = world.connect(json!({"action": "list"})).await;
    let rows = |page: &Value| page["connections"].as_array().cloned().expect("rows");
    assert_eq!(rows(&first).len(), 100);
    let second = world.connect(first["next"][0].clone()).await;
    assert_eq!(second["next"], Value::Null);
    let all = rows(&first).into_iter().chain(rows(&second));
    let all: Vec<_> = all
        .map(|row| row["connection"].as_str().expect("an id").to_owned())
        .collect();
    let expected: Vec<_> = std::iter::once("demo".to_owned()).chain(ids).collect();
    assert_eq!(all, expected);
    assert!(
        rows(&first)
            .iter()
            .all(|row| row["standing"] == json!(Standing::Applied))
    );
}
