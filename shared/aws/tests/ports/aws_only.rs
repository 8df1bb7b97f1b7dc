//! What only AWS can show: lost answers, refusals, the queue's batches, names and keys of secrets, the end of a source's life.

use connector::ports::{
    Change, Created, Key, Ledger, PortError, Queue, Reservation, SaveError, Vault,
};
use posting::State;
use secrecy::SecretString;

use crate::{
    queue,
    samples::{at, connection, key, plan, record, source},
    wire::Trouble,
    world::World,
};

/// More than the SDK tries by itself.
const ALL_TRIES: usize = 3;

async fn begun(ledger: &impl Ledger, key: &Key) -> posting::Record {
    ledger.create(&record(key)).await.unwrap();
    let mut record = ledger.load(key).await.unwrap().unwrap().record;
    record.state = State::Planned { plan: 1 };
    record.note(at(1), "planned", "plan 1");
    record
}

#[tokio::test]
async fn a_write_repeated_after_a_lost_answer_is_not_reported_as_lost() {
    let (world, key) = (World::start(), key("acme", 1));
    let ledger = world.ledger();
    let record = begun(&ledger, &key).await;
    for change in [
        Change::of(&record),
        Change {
            record: &posting::Record {
                version: 2,
                ..record.clone()
            },
            plan: Some(&plan(&key, 1, &[])),
            reservations: &[Reservation::Business("B1".to_owned())],
            ..Change::of(&record)
        },
    ] {
        world.trouble(ALL_TRIES, Trouble::LoseAnswer);
        let unknown = ledger.save(&change).await;
        assert!(
            matches!(unknown, Err(SaveError::Port(PortError::Unavailable { .. }))),
            "{unknown:?}"
        );
        ledger.save(&change).await.unwrap();
        let stored = ledger.load(&key).await.unwrap().unwrap().record;
        assert_eq!(stored.version, change.record.version + 1);
        // Somebody else's write of the same version is a conflict still.
        let mut other = change.record.clone();
        other.attempt = 7;
        let lost = ledger.save(&Change::of(&other)).await;
        assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    }
    assert!(ledger.plan(&key, 1).await.unwrap().is_some());
}

#[tokio::test]
async fn the_sdk_tries_again_by_itself() {
    let (world, key) = (World::start(), key("acme", 1));
    let ledger = world.ledger();
    let record = begun(&ledger, &key).await;
    world.trouble(1, Trouble::LoseAnswer);
    ledger.save(&Change::of(&record)).await.unwrap();
    world.trouble(1, Trouble::Refuse("ThrottlingException"));
    assert!(ledger.load(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn records_a_batch_leaves_out_are_asked_for_again() {
    let world = World::start();
    let ledger = world.ledger();
    let keys = [1, 2, 3].map(|n| key("acme", n));
    for key in &keys {
        ledger.create(&record(key)).await.unwrap();
    }
    world.trouble(2, Trouble::LeaveOut);
    let records = ledger.records(&keys).await.unwrap();
    let found: Vec<_> = records.into_iter().map(|record| record.document).collect();
    assert_eq!(found, keys.map(|key| key.document));
    let batches = |seen: &crate::wire::Seen| {
        let batch = |call: &&crate::wire::Call| call.operation == "BatchGetItem";
        seen.calls.iter().filter(batch).count()
    };
    assert_eq!(batches(&world.seen()), 3);
}

#[tokio::test]
async fn failures_say_whether_to_try_again_and_quote_nothing() {
    let (world, key) = (World::start(), key("acme", 1));
    let ledger = world.ledger();
    for (code, passing) in [
        ("TransactionConflictException", true),
        ("LimitExceededException", true),
        ("AccessDeniedException", false),
        ("ValidationException", false),
        ("ResourceNotFoundException", false),
    ] {
        world.trouble(ALL_TRIES, Trouble::Refuse(code));
        let error = ledger.create(&record(&key)).await.unwrap_err();
        world.seen().trouble = None;
        let text = error.to_string();
        assert!(text.contains(code), "{text}");
        assert_eq!(
            matches!(error, PortError::Unavailable { .. }),
            passing,
            "{text}"
        );
        assert!(!text.contains("V00017"), "{text}");
    }
    // The policy of the stub knows no scan, and nothing has asked for one.
    let created = ledger.create(&record(&key)).await.unwrap();
    assert!(matches!(created, Created::New));
}

#[tokio::test]
async fn a_source_past_its_life_is_not_read() {
    let (world, key) = (World::start(), key("acme", 1));
    let ledger = world.ledger();
    ledger.put_source(&key, &source("{}")).await.unwrap();
    ledger.create(&record(&key)).await.unwrap();
    let body = world.seen().calls[0].body.clone();
    let expires = body["Item"]["expires"]["N"].as_str().unwrap();
    let end: i64 = expires.parse().unwrap();
    let days = (end - jiff::Timestamp::now().as_second() + 60) / 86_400;
    assert_eq!(days, 400);
    assert!(ledger.load(&key).await.unwrap().unwrap().source.is_some());

    world.expire(&body);
    let loaded = ledger.load(&key).await.unwrap().unwrap();
    assert!(loaded.source.is_none());
    assert_eq!(loaded.record.version, 1);
}

#[tokio::test]
async fn wakes_of_a_connection_are_one_group() {
    let world = World::start();
    let queue = world.queue();
    let wakes = queue::wakes(13);
    queue.wake(&wakes).await.unwrap();
    let sent = world.seen().sent.clone();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [10, 3]);
    assert!(
        sent.iter()
            .flatten()
            .all(|entry| entry["MessageGroupId"] == "acme")
    );

    for (code, passing) in [
        ("ServiceUnavailable", true),
        ("InvalidMessageContents", false),
    ] {
        world.seen().refuse_entry = Some(code);
        let error = queue.wake(&wakes).await.unwrap_err();
        assert!(error.to_string().contains("1 of 10"), "{error}");
        assert_eq!(matches!(error, PortError::Unavailable { .. }), passing);
    }
}

#[tokio::test]
async fn secrets_have_the_stack_s_names_and_key() {
    let world = World::start();
    let vault = world.vault();
    let secret = SecretString::from("hunter2");
    vault
        .put_secret(&connection("acme"), "concur-tokens", &secret)
        .await
        .unwrap();
    let stored = world.seen().secrets["stack/acme/concur-tokens"].clone();
    assert_eq!(stored["KmsKeyId"], "arn:key");
    let operations: Vec<_> = world
        .seen()
        .calls
        .iter()
        .map(|call| call.operation.clone())
        .collect();
    assert_eq!(operations, ["PutSecretValue", "CreateSecret"]);

    world.trouble(1, Trouble::Refuse("AccessDeniedException"));
    let error = vault
        .put_secret(&connection("acme"), "concur-tokens", &secret)
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?} {vault:?}").contains("hunter2"));
    assert!(matches!(error, PortError::Refused { .. }));
}

#[tokio::test]
async fn a_secret_marked_for_deletion_is_named_with_its_way_back() {
    let world = World::start();
    let vault = world.vault();
    let (id, secret) = (connection("acme"), SecretString::from("hunter2"));
    vault
        .put_secret(&id, "concur-tokens", &secret)
        .await
        .unwrap();
    world.seen().deleting = true;
    let read = vault.secret(&id, "concur-tokens").await.unwrap_err();
    let put = vault.put_secret(&id, "concur-tokens", &secret).await;
    for error in [read, put.unwrap_err()] {
        let text = error.to_string();
        assert!(
            text.contains("restore-secret --secret-id stack/acme/concur-tokens"),
            "{text}"
        );
    }
    // Another request the service does not take is no such thing.
    world.seen().deleting = false;
    world.trouble(1, Trouble::Refuse("InvalidRequestException"));
    let other = vault.secret(&id, "concur-tokens").await.unwrap_err();
    assert!(matches!(other, PortError::Refused { .. }), "{other}");
}
