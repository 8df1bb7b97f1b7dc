//! A worker killed at every step of a withdrawal, of the ledger's and of each call: nothing is doubled, nothing is left, and
//! Concur hears what it shall hear.

use std::sync::{Arc, Mutex};

use e2e::{
    demo,
    documents::{Document, Party, Random},
    twins::{
        acumatica::{self, Preference},
        concur::Status,
    },
};
use posting::DocumentId;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    crashes::{DeadlyLedger, Death},
    main_job::report,
    portions_refused::{by_three, close_late_account, long},
    withdrawals::{known_over, returning},
    world::{Setting, World},
};

/// Steps after which a story is over; more than any run takes.
const STEPS_MAX: u32 = 200;

/// Runs a story takes: the recall shows itself in one, and the next takes back.
const RUNS: usize = 3;

/// When the worker dies at a call.
#[derive(Debug, Default)]
struct Fate {
    left: Mutex<Option<(u32, Death)>>,
    killed: Notify,
}

impl Fate {
    fn arm(&self, at: Option<(u32, Death)>) {
        *self.left.lock().expect("no panic before") = at;
    }

    fn next(&self) -> Option<Death> {
        let mut left = self.left.lock().expect("no panic before");
        let (steps, death) = (*left)?;
        *left = steps.checked_sub(1).map(|steps| (steps, death));
        (steps == 0).then_some(death)
    }

    async fn die(&self) {
        self.killed.notify_one();
        std::future::pending::<()>().await;
    }
}

/// A way to a vendor on which the worker dies at its n-th call.
#[derive(Debug)]
struct DeadlyWay {
    client: reqwest::Client,
    fate: Arc<Fate>,
}

macro_rules! carrier {
    ($side:ident) => {
        impl $side::Carrier for DeadlyWay {
            fn carry(&self, request: reqwest::Request) -> $side::Carried<'_> {
                Box::pin(async move {
                    let death = self.fate.next();
                    if death == Some(Death::Before) {
                        self.fate.die().await;
                    }
                    let answer = self.client.execute(request).await;
                    if death == Some(Death::After) {
                        self.fate.die().await;
                    }
                    answer.map_err($side::Unanswered::Network)
                })
            }
        }
    };
}

carrier!(acumatica_client);
carrier!(concur_client);

use ::acumatica as acumatica_client;
use ::concur as concur_client;

/// What is withdrawn, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// The third posting of a plan is refused; the others are deleted.
    Refused,
    /// A later portion of a bill is refused; the half-grown one is deleted.
    Portion,
    /// A released journal of a recalled report is reversed.
    Reversed,
    /// A bill of a recalled report may not be deleted.
    Forbidden,
}

impl Story {
    fn setting(self) -> Setting {
        match self {
            Self::Refused => returning(acumatica::Options::default()),
            Self::Portion => by_three("return"),
            Self::Reversed => Setting::default(),
            Self::Forbidden => Setting {
                acumatica: acumatica::Options {
                    deletion: Preference::Off,
                    ..acumatica::Options::default()
                },
                ..Setting::default()
            },
        }
    }

    fn document(self) -> Document {
        let named = |name: &str| {
            let mut all = demo::documents().into_iter();
            let found = all.find(|each| each.name.contains(name));
            found.expect("a demo document").document
        };
        match self {
            Self::Refused => named("personal spend"),
            Self::Portion => long(Party::Employee, &mut Random::new(221)),
            Self::Reversed => named("payroll"),
            Self::Forbidden => report("Taxi", 1_000, &mut Random::new(220)),
        }
    }

    /// What makes the story one: it lasts until the end.
    fn begin<L: connector::ports::Ledger>(self, world: &World<L>, id: &DocumentId) {
        match self {
            Self::Refused => {
                // Known as active, so that only the write itself finds out.
                let inactive = ("Active", json!(false));
                world.acumatica.edit("Account", &["21500"], inactive);
            }
            Self::Portion => close_late_account(world),
            Self::Reversed | Self::Forbidden => {
                world.concur.set_status(id.as_str(), Status::Recalled);
            }
        }
    }

    /// State, and what stands.
    fn end(self) -> (&'static str, Vec<&'static str>) {
        match self {
            Self::Refused | Self::Portion => ("returned", vec![]),
            Self::Reversed => ("recalled", vec!["GL Posted", "GL Posted"]),
            Self::Forbidden => ("held", vec!["Bill Balanced", "Debit Adj. Balanced"]),
        }
    }
}

/// Where the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ledger,
    Call,
}

/// One story whose first worker dies at step `n`; then everything goes on. Returns whether it was long enough to die in.
async fn killed_at(
    client: &reqwest::Client,
    (story, place): (Story, Place),
    (n, death): (u32, Death),
) -> bool {
    let mut world = known_over(DeadlyLedger::default(), story.setting()).await;
    let fate = Arc::new(Fate::default());
    let way = || {
        Arc::new(DeadlyWay {
            client: client.clone(),
            fate: Arc::clone(&fate),
        })
    };
    world.needs.acumatica = acumatica_client::Transport::over(way());
    world.needs.concur = concur_client::Transport::over(way());
    let id = world.offer(&story.document());
    world.poll().await;
    story.begin(&world, &id);
    match place {
        Place::Ledger => world.needs.ledger.arm(Some((n, death))),
        Place::Call => fate.arm(Some((n, death))),
    }
    let runs = async {
        for _ in 0..RUNS {
            world.post().await;
        }
    };
    let died = tokio::select! {
        () = runs => false,
        () = world.needs.ledger.killed() => true,
        () = fate.killed.notified() => true,
    };
    world.needs.ledger.arm(None);
    fate.arm(None);
    world.pass(1_300);
    world.settle().await;

    let record = world.record(&id).await;
    let told = format!("{story:?}, killed {death:?} {place:?} {n}: {record:?}");
    let (state, stand) = story.end();
    assert_eq!(record.state.word(), state, "{told}");
    let standing: Vec<String> = world.postings(&id).iter().map(word).collect();
    assert_eq!(standing, stand, "{told}");
    let verdict = world.concur.told(id.as_str()).is_some();
    assert_eq!(verdict, state == "returned", "{told}");
    let events = world.story(&id).await;
    assert!(posting::record::chain_holds("", &events), "{told}");
    died
}

fn word(posting: &Value) -> String {
    let kind = posting["Type"].as_str().unwrap_or("GL");
    format!("{kind} {}", posting["Status"].as_str().unwrap_or_default())
}

async fn killed_everywhere(story: Story, place: Place) {
    // Another test may have done it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    for death in [Death::Before, Death::After] {
        let mut steps = 0;
        while killed_at(&client, (story, place), (steps, death)).await {
            steps += 1;
            assert!(steps < STEPS_MAX, "the story does not end");
        }
        assert!(
            steps > 6,
            "only {steps} steps: the worker did not die where it should"
        );
    }
}

#[tokio::test]
async fn killed_at_every_step_of_the_ledger_while_postings_are_deleted() {
    killed_everywhere(Story::Refused, Place::Ledger).await;
}

#[tokio::test]
async fn killed_at_every_call_while_postings_are_deleted() {
    killed_everywhere(Story::Refused, Place::Call).await;
}

#[tokio::test]
async fn killed_at_every_step_of_the_ledger_while_a_portion_is_taken_back() {
    killed_everywhere(Story::Portion, Place::Ledger).await;
}

#[tokio::test]
async fn killed_at_every_call_while_a_portion_is_taken_back() {
    killed_everywhere(Story::Portion, Place::Call).await;
}

#[tokio::test]
async fn killed_at_every_step_of_the_ledger_while_a_journal_is_reversed() {
    killed_everywhere(Story::Reversed, Place::Ledger).await;
}

#[tokio::test]
async fn killed_at_every_call_while_a_journal_is_reversed() {
    killed_everywhere(Story::Reversed, Place::Call).await;
}

#[tokio::test]
async fn killed_at_every_step_of_the_ledger_while_deleting_is_forbidden() {
    killed_everywhere(Story::Forbidden, Place::Ledger).await;
}

#[tokio::test]
async fn killed_at_every_call_while_deleting_is_forbidden() {
    killed_everywhere(Story::Forbidden, Place::Call).await;
}
