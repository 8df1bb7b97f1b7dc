//! Near the end of the function's time nothing is written any more, whatever it is: neither when the call before it took the time,
//! nor when its own token did. The document is given back, and the next run goes on.

use std::time::Duration;

use e2e::{
    demo,
    documents::{Document, Random},
    twins::{
        acumatica::{Options, Preference},
        faults::Fault,
    },
};
use posting::DocumentId;
use serde_json::json;

use super::{
    main_job::report,
    portions_refused::{by_three, long},
    withdrawals::{known, recall},
    world::{Setting, World, wake},
};

const USUAL: Fault = Fault::Delay(Duration::ZERO);
const SLOW: Fault = Fault::Delay(Duration::from_millis(200));

/// A write, and how a run comes to it.
#[derive(Clone, Copy)]
struct Write {
    name: &'static str,
    /// Its kind of call.
    kind: &'static str,
    /// Calls of its kind before it in the run.
    earlier: usize,
    /// The call before it, by its kind and its number among those in the run.
    before: (&'static str, usize),
    setting: fn() -> Setting,
    document: fn(&mut Random) -> Document,
    /// Whether it belongs to a withdrawal, which a run of its own goes on with.
    withdraws: bool,
    /// State in which everything ends, and how many documents stand in Acumatica then.
    end: (&'static str, usize),
}

fn taxi(random: &mut Random) -> Document {
    report("Taxi", 1_000, random)
}

fn named(name: &str) -> Document {
    let mut all = demo::documents().into_iter();
    let found = all.find(|each| each.name.contains(name));
    found.expect("a demo document").document
}

fn lines(random: &mut Random) -> Document {
    long(e2e::documents::Party::Employee, random)
}

const PLAIN: Write = Write {
    name: "insert",
    kind: "put.Bill",
    earlier: 0,
    before: ("list.Bill", 1),
    setting: Setting::default,
    document: taxi,
    withdraws: false,
    end: ("confirmed", 1),
};

const WRITES: [Write; 7] = [
    PLAIN,
    Write {
        name: "release",
        kind: "action.Bill",
        before: ("put.Bill", 1),
        setting: || Setting {
            rules: vec![("/posting/expense", json!({"hold": false, "release": true}))],
            ..Setting::default()
        },
        ..PLAIN
    },
    Write {
        name: "portion",
        earlier: 1,
        before: ("put.Bill", 1),
        setting: || by_three("return"),
        document: lines,
        ..PLAIN
    },
    Write {
        name: "hold",
        earlier: 3,
        before: ("put.Bill", 3),
        setting: || by_three("return"),
        document: lines,
        ..PLAIN
    },
    Write {
        name: "deletion",
        kind: "delete.Bill",
        before: ("get.Bill", 1),
        withdraws: true,
        end: ("recalled", 0),
        ..PLAIN
    },
    Write {
        name: "opposite document",
        kind: "put.Bill",
        before: ("list.Bill", 1),
        setting: || Setting {
            acumatica: Options {
                deletion: Preference::Off,
                ..Options::default()
            },
            ..Setting::default()
        },
        withdraws: true,
        end: ("held", 2),
        ..PLAIN
    },
    Write {
        name: "release of the opposite",
        kind: "action.JournalTransaction",
        before: ("put.JournalTransaction", 1),
        document: |_| named("payroll"),
        withdraws: true,
        end: ("recalled", 2),
        ..PLAIN
    },
];

impl Write {
    /// A world in which the next run of `post` comes to the write.
    async fn world(self) -> (World, DocumentId) {
        let world = known((self.setting)()).await;
        let id = world.offer(&(self.document)(&mut Random::new(310)));
        if self.withdraws {
            recall(&world);
            world.turn().await;
            assert_eq!(world.state(&id).await, "withdrawing", "{}", self.name);
        } else {
            world.poll().await;
        }
        let _wakes = world.needs.queue.take();
        (world, id)
    }

    /// The run in which the time goes by as soon as a call of this kind, and so many of them, was made.
    async fn run(self, world: &World, id: &DocumentId, (kind, nth): (&str, usize)) {
        let wanted = world.acumatica_calls(kind) + nth as u64;
        let time_passes = async {
            while world.acumatica_calls(kind) < wanted {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            world.pass(200);
        };
        let wakes = [wake(id)];
        let both = async { tokio::join!(world.post_batch(&wakes), time_passes) };
        let ended = tokio::time::timeout(Duration::from_secs(20), both).await;
        assert!(ended.is_ok(), "{}: no such call", self.name);
    }

    /// The document was given back without a mark on it, and goes on.
    async fn goes_on(self, world: &World, id: &DocumentId) {
        let (name, record) = (self.name, world.record(id).await);
        assert_eq!(record.claim, None, "{name}: given back");
        assert_eq!(record.list().as_str(), "open", "{name}: {record:?}");
        world.settle().await;
        let record = world.record(id).await;
        let (state, stand) = self.end;
        assert_eq!(record.state.word(), state, "{name}: {record:?}");
        assert_eq!(world.postings(id).len(), stand, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_written_when_the_call_before_took_the_time() {
    for write in WRITES {
        let (world, id) = write.world().await;
        let (before, nth) = write.before;
        for fault in std::iter::repeat_n(USUAL, nth - 1).chain([SLOW]) {
            world.acumatica.next(before, fault);
        }
        let writes = world.acumatica_calls(write.kind);
        write.run(&world, &id, write.before).await;
        let made = world.acumatica_calls(write.kind) - writes;
        assert_eq!(made, write.earlier as u64, "{}", write.name);
        let attempts = world.record(&id).await.attempt;
        assert_eq!(attempts, 0, "{}: it did not fail", write.name);
        write.goes_on(&world, &id).await;
    }
}

#[tokio::test]
async fn nothing_is_written_again_when_its_new_token_took_the_time() {
    for write in WRITES {
        let (world, id) = write.world().await;
        let usual = std::iter::repeat_n(USUAL, write.earlier);
        for fault in usual.chain([Fault::Status(401)]) {
            world.acumatica.next(write.kind, fault);
        }
        world.acumatica.next("token", SLOW);
        let writes = world.acumatica_calls(write.kind);
        write.run(&world, &id, ("token", 1)).await;
        let made = world.acumatica_calls(write.kind) - writes;
        assert_eq!(made, write.earlier as u64 + 1, "{}", write.name);
        write.goes_on(&world, &id).await;
    }
}

#[tokio::test]
async fn concur_is_not_told_when_acumatica_took_the_time() {
    let (world, id) = PLAIN.world().await;
    world.acumatica.next("put.Bill", SLOW);
    PLAIN.run(&world, &id, ("put.Bill", 1)).await;
    assert_eq!(world.state(&id).await, "posted");
    assert_eq!(world.concur.told(id.as_str()), None);
    PLAIN.goes_on(&world, &id).await;
    assert!(world.concur.told(id.as_str()).is_some());
}

#[tokio::test]
async fn concur_is_not_told_again_when_the_new_token_took_the_time() {
    for kind in ["confirm", "acknowledge"] {
        let (world, id) = PLAIN.world().await;
        let id = if kind == "acknowledge" {
            // Its first acknowledgement is lost, so that the worker asks.
            world.settle().await;
            let id = world.offer(&taxi(&mut Random::new(311)));
            world.concur.next("acknowledge", Fault::DropBefore);
            world.poll().await;
            let _wakes = world.needs.queue.take();
            assert_eq!(world.state(&id).await, "received");
            id
        } else {
            id
        };
        world.concur.next(kind, Fault::Status(401));
        world.concur.next("token", SLOW);
        let [calls, tokens] = [kind, "token"].map(|kind| world.concur_calls(kind));
        let time_passes = async {
            while world.concur_calls("token") == tokens {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            world.pass(200);
        };
        let wakes = [wake(&id)];
        tokio::join!(world.post_batch(&wakes), time_passes);
        assert_eq!(world.concur_calls(kind), calls + 1, "{kind}");
        let record = world.record(&id).await;
        assert_eq!((record.attempt, &record.claim), (0, &None), "{kind}");
        PLAIN.goes_on(&world, &id).await;
    }
}
