//! `make bench`: the figures of the product, taken side by side in one run.
//!
//! Counts are asserted by tests; times and memory are printed here, because they belong to a machine.

mod calls;
mod cloud;
mod function;
mod planning;
mod queue;
mod sheet;
mod start;
#[path = "../programs/demo/table.rs"]
mod table;
mod world;

use std::alloc::System;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use sheet::{Sheet, hundredths, megabytes};
use start::Starts;
use world::{Pair, World};

/// Entries of a report of 20 kB.
const SMALL: usize = 8;
/// Entries of a long report.
const LONG: usize = 50;
/// Entries of the largest report known, more than 4 MB.
pub(crate) const LARGE: usize = 2_000;
/// Sizes whose planning is counted in memory, up to a report larger than any known.
const GROWING: [usize; 4] = [LONG, 500, LARGE, 10_000];
/// Documents of a full batch.
const BATCH: usize = 10;

/// Counts what is asked of it, for the memory of planning.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = tokio::select! {
        outcome = run() => outcome,
        _ = tokio::signal::ctrl_c() => Err("Interrupted.".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = package.parent().unwrap_or(package);
    let mut world = World::start(repository).await?;
    let hello = beside("hello")?;
    let (poll, post) = (world.binary("poll"), world.binary("post"));
    let starts = Starts {
        hello: &hello,
        post: &post,
        environment: world.environment(),
        log: world.log(),
    };
    say(&starts.measure().await?);
    let connect = world.binary("connect");
    say(&start::sizes(&[
        ("poll", &poll),
        ("post", &post),
        ("connect", &connect),
        ("hello", &hello),
    ])?);
    let reports = [world.reports(1, LONG), world.reports(1, LARGE)].concat();
    let named: Vec<_> = [LONG, LARGE].into_iter().zip(&reports).collect();
    say(&planning::measure(&named)?);
    let reports = GROWING.map(|entries| (entries, world.reports(1, entries)));
    say(&planning::memory(&reports)?);
    let mut memory = Sheet::new(
        "Memory, MB resident".to_owned(),
        &[
            "now",
            "highest",
            "at most",
            "seconds until all is confirmed",
        ],
    );
    batches(&mut world, &mut memory).await?;
    large(&mut world, &mut memory).await?;
    say(&memory);
    Ok(())
}

/// One document in new processes, one in warm ones, and batches.
async fn batches(world: &mut World, memory: &mut Sheet) -> Result<(), String> {
    let mut pair = world.pair().await?;
    let one_type = json!({"document_types": ["expense"]});
    let mut rounds = Vec::new();
    let began = Instant::now();
    for (heading, event, count) in [
        ("first", &one_type, 1),
        ("alone", &one_type, 1),
        ("in 10", &one_type, BATCH),
        ("in 10, 3 types asked", &json!({}), BATCH),
    ] {
        let documents = world.reports(count, SMALL);
        let round = world.carry(&mut pair, event, &documents).await?;
        rounds.push((heading, round));
    }
    let seconds = seconds(began);
    let compared: Vec<_> = rounds
        .iter()
        .map(|(heading, round)| (*heading, round))
        .collect();
    say(&calls::sheet(&compared));
    let documents: u64 = rounds.iter().map(|(_, round)| round.documents).sum();
    remember(
        memory,
        &pair,
        &format!("{documents} documents"),
        (&seconds, "40"),
    )
}

/// The largest report, in new processes.
async fn large(world: &mut World, memory: &mut Sheet) -> Result<(), String> {
    let mut pair = world.pair().await?;
    let documents = world.reports(1, LARGE);
    let began = Instant::now();
    world.carry(&mut pair, &json!({}), &documents).await?;
    let seconds = seconds(began);
    remember(
        memory,
        &pair,
        &format!("a report of {LARGE} entries"),
        (&seconds, "150"),
    )
}

fn remember(
    sheet: &mut Sheet,
    pair: &Pair,
    what: &str,
    (seconds, limit): (&str, &str),
) -> Result<(), String> {
    for (name, function) in [("post", &pair.post), ("poll", &pair.poll)] {
        let memory = function.memory()?;
        let figures = [
            megabytes(memory.resident_kb),
            megabytes(memory.highest_kb),
            limit.to_owned(),
            seconds.to_owned(),
        ];
        sheet.row(&format!("{name}, {what}"), &figures);
    }
    Ok(())
}

fn seconds(began: Instant) -> String {
    hundredths(u64::try_from(began.elapsed().as_millis()).unwrap_or_default() / 10)
}

/// A program built together with this one.
fn beside(name: &str) -> Result<PathBuf, String> {
    let own =
        std::env::current_exe().map_err(|error| format!("no path of this program: {error}"))?;
    let path = own.with_file_name(name);
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{} is missing: run make bench", path.display()))
    }
}

fn say(text: &dyn Display) {
    let _ = writeln!(io::stdout(), "{text}");
}
