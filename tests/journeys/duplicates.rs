//! Duplicates of the real world: the same invoice keyed by hand, entered twice in Concur, or met by two workers at once.

use connector::ports::Ledger;
use e2e::{
    documents::Random,
    twins::{acumatica, faults::Fault},
};
use serde_json::json;

use super::{
    main_job::report,
    replay_ends::{adopt, invoice, keyed},
    world::{Setting, World, connection, wake},
};

async fn cold(preference: acumatica::Preference) -> World {
    let acumatica = acumatica::Options {
        raise_on_duplicate_ref: preference,
        ..acumatica::Options::default()
    };
    World::with(Setting {
        acumatica,
        ..Setting::default()
    })
    .await
}

/// The same after a first report.
async fn with(preference: acumatica::Preference) -> World {
    let world = cold(preference).await;
    world.offer(&report("First", 100, &mut Random::new(1)));
    world.settle().await;
    world
}

#[tokio::test]
async fn a_number_keyed_by_hand_is_named_whatever_the_preference_and_adopting_it_ends_it() {
    for preference in [acumatica::Preference::Off, acumatica::Preference::On] {
        let world = with(preference).await;
        keyed(&world, "000777", ("4711", 250.0));
        let id = world.offer(&invoice("4711", 25_000, &mut Random::new(110)));
        world.settle().await;
        let record = world.record(&id).await;
        assert_eq!(world.reasons(&id).await, ["duplicate_reference"]);
        let said = &record.state.reasons()[0].message;
        assert!(said.contains("Bill 000777"), "{said}");
        world.replay(adopt(&id, "Bill 000777", true)).await;
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed");
        assert!(world.postings(&id).is_empty());
    }
}

#[tokio::test]
async fn a_number_that_only_the_write_runs_into_is_looked_up_and_named() {
    let world = cold(acumatica::Preference::On).await;
    keyed(&world, "000777", ("4711", 250.0));
    // The search before the write does not see it: somebody keys it in between.
    world.acumatica.next("list.Bill", Fault::EmptyList);
    let id = world.offer(&invoice("4711", 25_000, &mut Random::new(111)));
    world.settle().await;
    assert_eq!(world.acumatica_calls("put"), 1);
    assert_eq!(world.reasons(&id).await, ["duplicate_reference"]);
    let said = world.record(&id).await.state.reasons()[0].message.clone();
    assert!(said.contains("Bill 000777"), "{said}");
}

#[tokio::test]
async fn the_same_invoice_under_two_request_ids_is_held_and_named_and_adopting_the_first_ends_it() {
    let world = World::warm().await;
    let random = &mut Random::new(112);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    let second = world.offer(&invoice("INV-7", 25_000, random));
    world.settle().await;
    assert_eq!(world.reasons(&second).await, ["possible_duplicate"]);
    let earlier = world.record(&first).await;
    let said = world.record(&second).await.state.reasons()[0]
        .message
        .clone();
    assert!(said.contains(earlier.business.as_str()), "{said}");

    let number = earlier.state.receipts()[0].label();
    let answer = world.replay(adopt(&second, &number, true)).await;
    let row = &answer["documents"][0];
    assert_eq!(row["verdict"], "done", "{answer:#}");
    assert!(
        row["says"].to_string().contains(first.as_str()),
        "{answer:#}"
    );
    world.settle().await;
    assert_eq!(world.state(&second).await, "confirmed");
    let told = world.concur.told(second.as_str()).expect("a verdict");
    assert_eq!(told.posting_docs[0]["documentNumber"], json!(number));
    assert!(world.postings(&second).is_empty());
    assert_eq!(world.postings(&first).len(), 1);
}

#[tokio::test]
async fn what_another_document_may_still_take_back_is_not_adopted() {
    let world = World::warm().await;
    let random = &mut Random::new(118);
    let first = world.offer(&invoice("INV-7", 25_000, random));
    world.concur.next("confirm", Fault::Html(503));
    world.turn().await;
    assert_eq!(world.state(&first).await, "posted");
    let second = world.offer(&invoice("INV-7", 25_000, random));
    world.turn().await;
    assert_eq!(world.reasons(&second).await, ["possible_duplicate"]);

    let number = world.record(&first).await.state.receipts()[0].label();
    let command = adopt(&second, &number, true);
    let answer = world.replay(command.clone()).await;
    let row = &answer["documents"][0];
    assert_eq!(row["verdict"], "refused", "{answer:#}");
    let says = row["says"].to_string();
    assert!(
        says.contains(first.as_str()) && says.contains("posted"),
        "{says}"
    );
    world.settle().await;
    assert_eq!(world.state(&first).await, "confirmed");
    let answer = world.replay(command).await;
    assert_eq!(answer["documents"][0]["verdict"], "done", "{answer:#}");
}

#[tokio::test]
async fn where_the_rules_only_warn_the_search_still_finds_it() {
    for preference in [acumatica::Preference::Off, acumatica::Preference::On] {
        let world = with(preference).await;
        world
            .change(&[("/rules/invoice/possible_duplicate", json!("warn"))])
            .await;
        let random = &mut Random::new(113);
        let first = world.offer(&invoice("INV-7", 25_000, random));
        world.settle().await;
        let second = world.offer(&invoice("INV-7", 25_000, random));
        world.settle().await;
        assert_eq!(world.reasons(&second).await, ["duplicate_reference"]);
        let number = world.record(&first).await.state.receipts()[0].label();
        let said = world.record(&second).await.state.reasons()[0]
            .message
            .clone();
        assert!(said.contains(&number), "{said}");
    }
}

#[tokio::test]
async fn two_workers_with_one_reference_at_one_moment_post_once() {
    let world = World::warm().await;
    let random = &mut Random::new(114);
    let ids = [
        world.offer(&invoice("INV-7", 25_000, random)),
        world.offer(&invoice("INV-7", 31_000, random)),
    ];
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let one = [wake(&ids[0])];
    let other = [wake(&ids[1])];
    tokio::join!(world.post_batch(&one), world.post_batch(&other));
    world.settle().await;
    let mut states = [world.state(&ids[0]).await, world.state(&ids[1]).await];
    states.sort_unstable();
    assert_eq!(states, ["confirmed", "held"]);
    for id in &ids {
        if world.state(id).await == "held" {
            assert_eq!(world.reasons(id).await, ["duplicate_reference"]);
            assert!(world.postings(id).is_empty());
        } else {
            assert_eq!(world.postings(id).len(), 1);
        }
    }
}

#[tokio::test]
async fn two_workers_with_one_business_object_at_one_moment_post_once() {
    let world = World::warm().await;
    let document = report("Taxi", 1_000, &mut Random::new(115));
    let ids = [world.offer(&document), world.offer(&document)];
    world.poll().await;
    let _wakes = world.needs.queue.take();
    let one = [wake(&ids[0])];
    let other = [wake(&ids[1])];
    tokio::join!(world.post_batch(&one), world.post_batch(&other));
    world.settle().await;
    let standing = world.postings(&ids[0]).len() + world.postings(&ids[1]).len();
    assert_eq!(standing, 1);
    for id in &ids {
        if world.state(id).await == "held" {
            assert_eq!(world.reasons(id).await, ["already_posted_report"]);
        } else {
            assert_eq!(world.state(id).await, "confirmed");
        }
    }
}

#[tokio::test]
async fn a_bill_keyed_by_hand_stands_for_one_invoice_only() {
    let world = World::warm().await;
    let random = &mut Random::new(116);
    for (number, reference) in [("000777", "4711"), ("000778", "4712")] {
        keyed(&world, number, (reference, 250.0));
    }
    let first = world.offer(&invoice("4711", 25_000, random));
    let second = world.offer(&invoice("4712", 25_000, random));
    world.settle().await;
    let done = world.replay(adopt(&first, "Bill 000777", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");
    // While that one is on its way, and once it is confirmed.
    for state in ["posted", "confirmed"] {
        let answer = world.replay(adopt(&second, "Bill 000777", true)).await;
        let row = &answer["documents"][0];
        assert_eq!(row["verdict"], "refused", "{answer:#}");
        let says = row["says"].as_str().expect("a sentence");
        let told = format!("Bill 000777 stands for document {first} already, which is {state}");
        assert_eq!(says, told);
        world.settle().await;
    }
    let done = world.replay(adopt(&second, "Bill 000778", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");

    // The same invoice once more is no other one; by its number the first is found still.
    let again = world.offer(&invoice("4711", 25_000, random));
    world.settle().await;
    let done = world.replay(adopt(&again, "Bill 000777", true)).await;
    assert_eq!(done["documents"][0]["verdict"], "done", "{done:#}");
    let kind = posting::plan::PostingKind::Bill;
    let by = world
        .needs
        .ledger
        .holder(&connection(), kind, "000777")
        .await;
    assert_eq!(by.expect("a ledger"), Some(first));
    world.settle().await;
    for id in [&second, &again] {
        assert_eq!(world.state(id).await, "confirmed");
    }
}
