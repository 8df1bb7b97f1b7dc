//! A person who looks at what is held and brings it on: shown first, which must change nothing, then done, and some of it
//! twice. Mostly in a way that is open, and honestly: what is named or said to be missing was looked for in Acumatica.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::documents::Random;
use posting::remedy::Do;
use serde_json::{Value, json};

use crate::books;
use crate::worker::Process;
use crate::world::World;

/// Tries of a replay whose answer does not come, or says that it could not be stored.
const TRIES_MAX: usize = 20;
/// Between two of them.
const PAUSE: Duration = Duration::from_secs(20);

/// What goes on while the person looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Workers, weather, other people.
    Others,
    /// Nothing: the whole world must stand still while the person only looks.
    Nothing,
}

/// One person with the function `replay`.
pub(crate) struct Person {
    process: Process,
    random: Random,
}

/// What is to be done with one document.
struct Wish {
    document: String,
    way: Do,
    /// Whether the answer listed it.
    is_open: bool,
    event: Value,
}

impl Person {
    pub(crate) fn new(world: &World, name: &str, seed: u64) -> Self {
        Self {
            process: Process::start(&world.shared, name),
            random: Random::new(seed),
        }
    }

    /// Looks at everything that is held and brings most of it on.
    pub(crate) async fn look(&mut self, world: &World, beside: Beside) {
        let everything = json!({"connection": "demo", "older_than": "1s", "do": "show"});
        let Some(answer) = self.process.replay(everything).await else {
            return;
        };
        let mut wishes = Vec::new();
        for row in rows(&answer) {
            if !self.random.one_in(4) {
                wishes.extend(self.wish(world, row).await);
            }
        }
        let before = still(world, beside).await;
        let mut wanted = Vec::new();
        for wish in wishes {
            let verdict = self.ask(world, &wish, false).await;
            if verdict.as_deref() == Some("would") {
                if !wish.is_open && beside == Beside::Nothing {
                    let way = wish.way.as_str();
                    let sentence = format!("{}: {way} is done and was not listed", wish.document);
                    world.air.history().wrong(sentence);
                }
                wanted.push(wish);
            }
        }
        if before != still(world, beside).await {
            let sentence = "a dry run changed the table or a vendor's books".to_owned();
            world.air.history().wrong(sentence);
        }
        for wish in wanted {
            self.bring_on(world, &wish).await;
        }
    }

    /// Wakes what the dead-letter queues hold; counted first.
    pub(crate) async fn redrive(&mut self, world: &World) {
        for apply in [false, true] {
            let redrive = json!({"do": "redrive", "apply": apply});
            let answer = self.replay(redrive, apply).await.unwrap_or_default();
            world
                .air
                .event(format_args!("redrive: {}", answer["redriven"]));
            if apply && answer["redriven"]["work"]["woken"].as_u64() > Some(0) {
                world.air.history().said("redrive done");
            }
        }
    }

    /// Decides about one row; what nobody honest would say is left to another day.
    async fn wish(&mut self, world: &World, row: &Value) -> Option<Wish> {
        let document = row["document"].as_str()?.to_owned();
        let permits = row["reasons"][0]["permits"].as_array()?.iter();
        let open: Vec<Do> = permits
            .filter_map(|way| serde_json::from_value(way.clone()).ok())
            .collect();
        let first = open.first()?;
        let way = if self.random.one_in(12) {
            *self.random.pick(first, Do::ALL)
        } else {
            *self.random.pick(first, &open[1..])
        };
        let mut event = json!({
            "connection": "demo", "documents": [document], "do": way.as_str(), "by": "kim", "note": "looked at",
        });
        match way {
            Do::Adopt => {
                let numbers = books::adoptable(world, &document).await;
                if numbers.is_empty() {
                    return None;
                }
                event["numbers"] = json!(numbers);
            }
            Do::Absent if books::stands(world, &document) => return None,
            Do::Resume if is(row, "earlier_posting") => books::remove(world, &document).await,
            _ => {}
        }
        Some(Wish {
            is_open: open.contains(&way),
            document,
            way,
            event,
        })
    }

    /// Has it done until the answer says so, or says why not; and perhaps once more.
    async fn bring_on(&mut self, world: &World, wish: &Wish) {
        let way = wish.way.as_str();
        world
            .air
            .history()
            .meant_by_a_person(&wish.document, wish.way);
        let mut verdict = None;
        for _ in 0..TRIES_MAX {
            verdict = self.ask(world, wish, true).await;
            if !matches!(verdict.as_deref(), None | Some("failed")) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let verdict = verdict.unwrap_or_else(|| "unanswered".to_owned());
        world.air.history().said(&format!("{way} {verdict}"));
        if self.random.one_in(3)
            && let Some(again) = self.ask(world, wish, true).await
        {
            world.air.history().said(&format!("again {again}"));
        }
    }

    /// One replay of one document; what became of it.
    async fn ask(&mut self, world: &World, wish: &Wish, apply: bool) -> Option<String> {
        let answer = self.replay(wish.event.clone(), apply).await?;
        let row = &answer["documents"][0];
        let (document, way) = (&wish.document, wish.way.as_str());
        let (verdict, says) = (row["verdict"].as_str()?, &row["says"]);
        let is_dry = if apply { "" } else { " dry" };
        world.air.event(format_args!(
            "{way}{is_dry} of {document}: {verdict}, {says}"
        ));
        if row["story_unbroken"] != true {
            let sentence = format!("{document}: the story shown is broken");
            world.air.history().wrong(sentence);
        }
        Some(verdict.to_owned())
    }

    async fn replay(&mut self, mut event: Value, apply: bool) -> Option<Value> {
        event["apply"] = json!(apply);
        if apply {
            self.process.replay(event).await
        } else {
            self.process.only_look(event).await
        }
    }
}

fn rows(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["documents"].as_array().into_iter().flatten()
}

fn is(row: &Value, code: &str) -> bool {
    let reasons = row["reasons"].as_array().into_iter().flatten();
    reasons.into_iter().any(|reason| reason["code"] == code)
}

/// Everything there is, where nothing else changes it.
async fn still(world: &World, beside: Beside) -> Option<BTreeMap<&'static str, String>> {
    if beside == Beside::Others {
        return None;
    }
    let mut records = Vec::new();
    for held in world.air.concur.documents() {
        records.push(format!("{:?}", world.record(&held.id).await));
    }
    let acumatica = &world.air.acumatica;
    Some(BTreeMap::from([
        ("table", records.concat()),
        ("concur", format!("{:?}", world.air.concur.documents())),
        ("bills", format!("{:?}", acumatica.bills())),
        ("journals", format!("{:?}", acumatica.journals())),
        ("queue", world.shared.messages.sent().to_string()),
    ]))
}
