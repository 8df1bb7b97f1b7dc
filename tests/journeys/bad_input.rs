//! What bad input gets: a clear reason with code, field and value; nothing written; the next document unaffected.

use e2e::{
    documents::{Document, Random},
    twins::faults::Fault,
};
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World, connection},
};

/// Offers a bad document before a good one: the bad one ends as told, the good one is confirmed.
async fn beside_a_good_one(bad: &Document, setting: Setting) -> (World, posting::Record) {
    let world = World::with(setting).await;
    let bad = world.offer(bad);
    let good = world.offer(&report("Good", 777, &mut Random::new(60)));
    world.settle().await;
    assert_eq!(world.state(&good).await, "confirmed");
    assert!(
        world.postings(&bad).is_empty(),
        "nothing of a bad document is written"
    );
    let record = world.record(&bad).await;
    (world, record)
}

fn codes(record: &posting::Record) -> Vec<&'static str> {
    record
        .state
        .reasons()
        .iter()
        .map(|reason| reason.code.as_str())
        .collect()
}

#[tokio::test]
async fn odd_and_missing_fields_are_all_told_at_once() {
    let bad = report("Odd", 1_000, &mut Random::new(61))
        .broken(
            "/expenseEntry/0/allocation/0/journal/0/amountGross",
            json!("ten"),
        )
        .broken("/expenseEntry/0/entryApprovedAmount", json!({"amount": 10}))
        .broken("/report/employeeCurrencyAlphaCode", Value::Null);
    let (world, record) = beside_a_good_one(&bad, Setting::default()).await;
    assert_eq!(record.state.word(), "returned", "{:?}", record.state);
    let reasons = record.state.reasons();
    assert!(reasons.len() >= 3, "{reasons:?}");
    assert!(
        reasons.iter().any(|reason| reason.value.contains("ten")),
        "{reasons:?}"
    );
    let told = world
        .concur
        .told(record.document.as_str())
        .expect("Concur is told");
    assert!(
        json!(told.system_messages)
            .to_string()
            .contains("amountGross"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_document_that_is_no_document_says_what_it_is() {
    for (body, state, reason, field) in [
        (json!([]), "held", "document_unreadable", "document"),
        (json!("text"), "held", "document_unreadable", "document"),
        (Value::Null, "held", "document_unreadable", "document"),
        // An object without the fields of a document is one that Concur's processor can correct.
        (json!({}), "returned", "field_missing", "report.reportId"),
        (json!({"report": 1}), "returned", "field_odd", "report"),
    ] {
        let story = body.to_string();
        let bad = Document {
            body,
            ..report("None", 1_000, &mut Random::new(62))
        };
        let (_, record) = beside_a_good_one(&bad, Setting::default()).await;
        assert_eq!(record.state.word(), state, "{story}");
        let reasons = record.state.reasons();
        assert!(
            reasons
                .iter()
                .any(|told| told.code.as_str() == reason && told.field == field),
            "{story}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn a_vendor_acumatica_does_not_know_is_held_by_name() {
    let stranger = e2e::documents::Person::new("E99999", "No", "Body");
    let random = &mut Random::new(63);
    let entry = e2e::documents::Entry::new(e2e::amounts::cents(1_000), random);
    let place = e2e::documents::Place::new("0021", "410");
    let bad = e2e::documents::Report::new("Stranger", stranger, place, random)
        .entry(entry)
        .document(random);
    let (_, record) = beside_a_good_one(&bad, Setting::default()).await;
    assert_eq!(
        (record.state.word(), codes(&record)),
        ("held", vec!["vendor_unknown"])
    );
    // An employee's id is a personal datum, so the sentence names him by his part in the document.
    assert!(
        format!("{:?}", record.state.reasons()).contains("the document's employee"),
        "{:?}",
        record.state
    );
}

#[tokio::test]
async fn an_account_acumatica_does_not_know_is_held_by_line() {
    let mut bad = report("Account", 1_000, &mut Random::new(64));
    bad = bad.broken(
        "/expenseEntry/0/allocation/0/journal/0/journalAccountCode",
        json!("99999"),
    );
    let (_, record) = beside_a_good_one(&bad, Setting::default()).await;
    assert_eq!(
        (record.state.word(), codes(&record)),
        ("held", vec!["account_unknown"])
    );
    let reason = &record.state.reasons()[0];
    assert!(
        reason.line.is_some() && reason.value.contains("99999"),
        "{reason:?}"
    );
}

#[tokio::test]
async fn an_error_page_before_the_write_delays_only() {
    for fault in [
        Fault::Html(200),
        Fault::Html(502),
        Fault::Status(500),
        Fault::DropBefore,
    ] {
        let world = World::new().await;
        let story = format!("{fault:?}");
        world.acumatica.next("list.Bill", fault);
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(65)));
        world.turn().await;
        assert_eq!(
            world.acumatica_calls("put.Bill"),
            0,
            "{story}: no write without a search"
        );
        world.settle().await;
        assert_eq!(
            (world.state(&id).await, world.postings(&id).len()),
            ("confirmed", 1),
            "{story}"
        );
    }
}

/// The secret of Acumatica with one of its fields as told.
fn secret(world: &World, field: &str, value: &str) -> String {
    let options = world.acumatica.options();
    let mut secret = options.secret();
    secret[field] = json!(value);
    secret.to_string()
}

#[tokio::test]
async fn a_missing_secret_says_so_and_loses_nothing() {
    for (field, value, code, told) in [
        ("", "", "secret_missing", ["secret acumatica", "unreadable"]),
        (
            "password",
            "wrong",
            "credentials_refused",
            ["secret acumatica", "refused"],
        ),
        (
            "client_id",
            "x@ELSE",
            "credentials_refused",
            ["acumatica.tenant", ""],
        ),
    ] {
        let world = World::new().await;
        let put = |text: &str| world.needs.vault.put(&connection(), "acumatica", text);
        match field {
            "" => put("{}"),
            field => put(&secret(&world, field, value)),
        }
        let id = world.offer(&report("Taxi", 1_000, &mut Random::new(66)));
        world.turn().await;
        let record = world.record(&id).await;
        assert_eq!((record.state.word(), codes(&record)), ("held", vec![code]));
        let reason = &record.state.reasons()[0];
        assert_eq!(reason.field, told[0]);
        assert!(reason.value.contains(told[1]), "{reason:?}");

        let username = world.acumatica.options().username.clone();
        put(&secret(&world, "username", &username));
        assert_eq!(world.wish("resume", &id).await, "done", "{field}");
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed", "{field}");
        assert_eq!(world.postings(&id).len(), 1, "{field}");
    }
}

#[tokio::test]
async fn a_version_the_site_does_not_offer_is_held_by_name() {
    let acumatica = e2e::twins::acumatica::Options {
        version: "23.200.001".to_owned(),
        ..Default::default()
    };
    let world = World::with(Setting {
        acumatica,
        ..Setting::default()
    })
    .await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(68)));
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(
        (record.state.word(), codes(&record)),
        ("held", vec!["endpoint_missing"])
    );
    let reason = &record.state.reasons()[0];
    assert_eq!(reason.field, "acumatica.version");
    assert!(reason.value.contains("24.200.001"), "{reason:?}");
}

#[tokio::test]
async fn a_version_no_longer_offered_is_not_taken_for_missing_codes() {
    let world = World::warm().await;
    // By now what the cache says against a document is asked for again.
    world.pass(700);
    world
        .change(&[("/acumatica/version", json!("23.200.001"))])
        .await;
    let random = &mut Random::new(69);
    let closed = e2e::documents::Entry::new(e2e::amounts::cents(1_000), random).on_account("69900");
    let ada = e2e::documents::Person::new("E00101", "Ada", "Archer");
    let place = e2e::documents::Place::new("0021", "410");
    let document = e2e::documents::Report::new("Trip", ada, place, random)
        .entry(closed)
        .document(random);
    let id = world.offer(&document);
    world.turn().await;
    assert_eq!(world.reasons(&id).await, ["endpoint_missing"]);
    world.change(&[]).await;
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["account_inactive"]);
}

#[tokio::test]
async fn a_connection_with_three_mistakes_is_told_all_three() {
    let world = World::new().await;
    let mut connection = e2e::demo::connection(world.concur.token_url(), &world.acumatica.url());
    connection["acumatica"]["version"] = json!("26.200.001");
    connection["rules"]["line"]["account"] = json!("{{ line.acount }}");
    connection["time_zone"] = json!("Mars/Olympus");
    let answer = world
        .connect(json!({"action": "apply", "connection": connection}))
        .await;
    assert_eq!(answer["applied"], false, "{answer:#}");
    let text = answer.to_string();
    for path in ["acumatica.version", "rules.line.account", "time_zone"] {
        assert!(text.contains(path), "{path} in {answer:#}");
    }
}

#[tokio::test]
async fn a_template_that_gives_nothing_is_held_and_says_which() {
    let rules = vec![("/tables/branches", json!({}))];
    let world = World::with(Setting {
        rules,
        ..Setting::default()
    })
    .await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(67)));
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.word(), "held", "{:?}", record.state);
    assert!(
        record
            .state
            .reasons()
            .iter()
            .any(|reason| reason.field.starts_with("rules.branch")),
        "{:?}",
        record.state
    );
}
