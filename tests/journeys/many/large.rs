//! What a worker holds in its memory at once.

use std::cell::Cell;
use std::time::Duration;

use connector::Needs;
use connector::ports::{PortError, Queue, Wake};
use e2e::demo;
use e2e::documents::{Document, Kind};

use super::*;

/// More than is read beside other connections.
const LARGE_BYTES: usize = 4 * 1024 * 1024;

/// A queue that takes its time, and counts how many store and wake at once.
#[derive(Default)]
struct Counted {
    now: Cell<usize>,
    most: Cell<usize>,
    wakes: Cell<usize>,
}

impl Queue for Counted {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
        self.wakes.set(self.wakes.get() + wakes.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.now.set(self.now.get() - 1);
        Ok(())
    }

    async fn fetch(&self, _: &[Fetch]) -> Result<(), PortError> {
        Ok(())
    }
}

/// An example of the demo, with so much of what nobody reads.
fn padded(kind: Kind, bytes: usize) -> Document {
    let all = demo::documents().into_iter().map(|one| one.document);
    let mut document = all
        .into_iter()
        .find(|one| one.kind == kind)
        .expect("an example");
    document.body["padding"] = json!("x".repeat(bytes));
    document
}

/// Most connections that work on what they fetched at once, of two that each have two documents of this size.
async fn most_at_once(bytes: usize) -> usize {
    let world = with_others(1).await;
    let mut other: Value = serde_json::from_str(&text(&world, &id(0), json!({}))).expect("JSON");
    other["documents"] = json!(["invoice"]);
    apply(&world, (&id(0), 2), &other.to_string()).await;
    for kind in [Kind::Expense, Kind::Invoice] {
        world.offer(&padded(kind, bytes));
        world.offer(&padded(kind, bytes));
    }
    let run = world.run();
    let request = poll::Request::default();
    let needs = world.needs;
    let needs = Needs {
        ledger: needs.ledger,
        queue: Counted::default(),
        vault: needs.vault,
        clock: needs.clock,
        concur: needs.concur,
        acumatica: needs.acumatica,
        deployment: needs.deployment,
        kept: needs.kept,
    };
    let answer = poll::poll(&needs, &run, &request).await;
    let answer = serde_json::to_value(answer.expect("an answer")).expect("JSON");
    assert_eq!(needs.queue.wakes.get(), 4, "{answer:#}");
    needs.queue.most.get()
}

#[tokio::test]
async fn large_answers_are_worked_on_one_at_a_time() {
    assert_eq!(most_at_once(100).await, 2);
    assert_eq!(most_at_once(LARGE_BYTES).await, 1);
}
