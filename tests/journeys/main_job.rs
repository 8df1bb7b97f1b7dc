//! Approved documents become postings, once, and Concur is told.

use e2e::{
    demo::{self, Fate},
    documents::{Entry, Person, Place, Random, Report},
};
use serde_json::json;

use super::world::World;

/// A cash report of one entry.
pub(crate) fn report(name: &str, cents: i64, random: &mut Random) -> e2e::documents::Document {
    let ada = Person::new("E00101", "Ada", "Archer");
    let entry = Entry::new(e2e::amounts::cents(cents), random).described("Taxi");
    Report::new(name, ada, Place::new("0021", "410"), random)
        .entry(entry)
        .document(random)
}

/// Calls so far.
#[derive(Clone, Copy)]
struct Calls {
    lists: u64,
    puts: u64,
    gets: u64,
    acknowledgements: u64,
    confirmations: u64,
    fis: u64,
}

impl Calls {
    fn of(world: &World) -> Self {
        let acknowledgements = world.concur_calls("acknowledge");
        let confirmations = world.concur_calls("confirm");
        Self {
            lists: world.acumatica_calls("list"),
            puts: world.acumatica_calls("put"),
            gets: world.acumatica_calls("get"),
            acknowledgements,
            confirmations,
            fis: world.concur_calls("list") + acknowledgements + confirmations,
        }
    }

    fn since(self, before: Self) -> Self {
        Self {
            lists: self.lists - before.lists,
            puts: self.puts - before.puts,
            gets: self.gets - before.gets,
            acknowledgements: self.acknowledgements - before.acknowledgements,
            confirmations: self.confirmations - before.confirmations,
            fis: self.fis - before.fis,
        }
    }
}

#[tokio::test]
async fn every_document_of_the_demo_meets_its_fate() {
    let world = World::new().await;
    let offered = demo::offer(&world.concur);
    world.settle().await;
    for each in &offered {
        let id = posting::DocumentId::new(each.id.clone()).unwrap();
        let record = world.record(&id).await;
        let (state, status) = (record.state.word(), world.status(&id));
        let story = format!(
            "{}: {state}, Concur has {status}, {:?}",
            each.example.name,
            record.state.reasons()
        );
        let postings = world.postings(&id);
        match each.example.fate {
            Fate::Posted => {
                assert_eq!(
                    (state, status.as_str()),
                    ("confirmed", "POSTING_CONFIRMED_SUCCESS"),
                    "{story}"
                );
                assert_eq!(postings.len(), record.state.receipts().len(), "{story}");
                assert!(!postings.is_empty(), "{story}");
                let told = world.concur.told(&each.id).expect("a verdict");
                for receipt in record.state.receipts() {
                    assert!(
                        json!(told.posting_docs)
                            .to_string()
                            .contains(&receipt.label()),
                        "{story}: {told:?}"
                    );
                }
            }
            Fate::Refused => {
                assert_eq!(
                    (state, status.as_str()),
                    ("returned", "POSTING_CONFIRMED_FAILURE"),
                    "{story}"
                );
                assert!(postings.is_empty(), "{story}");
            }
            Fate::Recalled => {
                assert_eq!(state, "recalled", "{story}");
                assert!(
                    postings.is_empty() && world.concur.told(&each.id).is_none(),
                    "{story}"
                );
            }
            Fate::Held => {
                assert_eq!(
                    (state, status.as_str()),
                    ("held", "ACKNOWLEDGED"),
                    "{story}"
                );
                assert!(postings.is_empty(), "{story}");
            }
        }
        assert!(
            posting::record::chain_holds("", &world.story(&id).await),
            "{story}"
        );
    }
}

#[tokio::test]
async fn a_batch_of_ten_shares_its_calls() {
    let world = World::warm().await;
    let before = Calls::of(&world);
    let random = &mut Random::new(7);
    let ids: Vec<_> = (0..10)
        .map(|n| world.offer(&report("Taxi", 1_000 + n, random)))
        .collect();
    world.turn().await;
    for id in &ids {
        assert_eq!(world.state(id).await, "confirmed");
    }
    let spent = Calls::of(&world).since(before);
    assert_eq!(spent.puts, 10, "one write each");
    assert_eq!(
        spent.lists,
        1,
        "one search for all: {:?}",
        world.acumatica.calls()
    );
    // Of each kind one list, which names no next page; one acknowledgement and one confirmation for all ten.
    assert_eq!((spent.acknowledgements, spent.confirmations), (1, 1));
    assert_eq!(spent.fis, 3 + 2, "{:?}", world.concur.calls());
    assert_eq!(world.acumatica_calls("token"), 1, "one seat for the batch");
}

#[tokio::test]
async fn one_document_costs_one_search_and_one_write() {
    let world = World::warm().await;
    let before = Calls::of(&world);
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(8)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let spent = Calls::of(&world).since(before);
    assert_eq!((spent.lists, spent.puts, spent.gets), (1, 1, 0));
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let world = World::new().await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(9)));
    world.settle().await;
    let before = world.record(&id).await;
    world.pass(7_200);
    world
        .post_batch(&[super::world::wake(&id), super::world::wake(&id)])
        .await;
    world.settle().await;
    assert_eq!(world.record(&id).await, before);
    assert_eq!(world.postings(&id).len(), 1);
}

#[tokio::test]
async fn two_workers_at_once_post_once() {
    let world = World::new().await;
    let random = &mut Random::new(10);
    let ids: Vec<_> = (0..4)
        .map(|n| world.offer(&report("Taxi", 2_000 + n, random)))
        .collect();
    world.poll().await;
    let wakes: Vec<_> = ids.iter().map(super::world::wake).collect();
    tokio::join!(
        world.post_batch(&wakes),
        world.post_batch(&wakes),
        world.post_batch(&wakes)
    );
    world.settle().await;
    for id in &ids {
        assert_eq!(
            (world.state(id).await, world.postings(id).len()),
            ("confirmed", 1)
        );
    }
    assert!(world.acumatica.most_open_seats() <= world.acumatica.options().seats);
}

#[tokio::test]
async fn more_than_a_page_is_fetched_in_one_poll() {
    let world = World::new().await;
    let random = &mut Random::new(11);
    let ids: Vec<_> = (0..60)
        .map(|n| world.offer(&report("Taxi", 3_000 + n, random)))
        .collect();
    world.poll().await;
    for id in &ids {
        assert_eq!(world.state(id).await, "acknowledged");
    }
    assert_eq!(world.needs.queue.take().len(), 60);
}
