//! A backlog drains: it is worked off by as many workers as there are, and what waits only gets less. Ten thousand of them do
//! so in the simulation, without HTTP.

use connector::ports::{Key, Wake};
use posting::Record;
use posting::record::List;

use super::*;

/// Documents that wait in the morning.
const BACKLOG: usize = 200;
/// Workers the queue starts at once, each with a batch.
const WORKERS: usize = 2;

async fn open(world: &World) -> Vec<Record> {
    let ledger = &world.needs.ledger;
    let open = ledger.work(&connection(), List::Open, None, BACKLOG).await;
    let keys = open.expect("a ledger").into_iter();
    let keys = keys.map(|(document, _)| Key {
        connection: connection(),
        document,
    });
    let keys: Vec<Key> = keys.collect();
    ledger.records(&keys).await.expect("a ledger")
}

/// The most documents that are claimed at once until the workers are done.
async fn most_claimed(world: &World, done: impl Future<Output = ()>) -> usize {
    let mut most = 0;
    let mut done = std::pin::pin!(done);
    loop {
        tokio::select! {
            () = &mut done => return most,
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
        let now = world.needs.clock.now();
        let is_claimed = |record: &&Record| {
            let claim = record.claim.as_ref();
            claim.is_some_and(|claim| claim.until > now)
        };
        most = most.max(open(world).await.iter().filter(is_claimed).count());
    }
}

#[tokio::test]
async fn a_backlog_drains_and_never_has_more_under_way_than_its_workers_hold() {
    let world = with_others(0).await;
    let random = &mut Random::new(85);
    let backlog = i64::try_from(BACKLOG).expect("a count");
    for n in 0..backlog {
        world.offer(&report("Backlog", 1_000 + n, random));
    }
    world.poll().await;
    let mut waiting: Vec<Wake> = Vec::new();
    let (mut claimed, mut rounds) = (0, 0);
    loop {
        waiting.extend(world.needs.queue.take().into_iter().map(|(wake, _)| wake));
        let left = open(&world).await.len();
        // One wake for each document at most, and nothing that is done is woken.
        assert!(waiting.len() <= BACKLOG, "{} wait", waiting.len());
        if waiting.is_empty() {
            assert_eq!(left, 0);
            break;
        }
        let rest = waiting.split_off(waiting.len().min(WORKERS * BATCH));
        let both: Vec<_> = waiting.chunks(BATCH).collect();
        let work = async {
            let workers = both.iter().map(|batch| world.post_batch(batch));
            futures_util::future::join_all(workers).await;
        };
        claimed = claimed.max(most_claimed(&world, work).await);
        waiting = rest;
        // What waits for a seat comes again meanwhile, and the minute whose requests are counted moves on: while it stands
        // still, no more is sent than one minute allows.
        world.pass(30);
        rounds += 1;
        assert!(rounds <= 4 * BACKLOG / BATCH, "{left} are left");
    }
    assert!((1..=WORKERS * BATCH).contains(&claimed), "{claimed} claims");
    assert_eq!(world.acumatica.bills().len(), BACKLOG, "{rounds} rounds");
}
