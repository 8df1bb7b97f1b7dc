//! `make demo`: approved documents wait in a simulated Concur, the deployed
//! functions carry them into a simulated Acumatica, and both sides are compared.
//!
//! Everything runs in or under this program and ends with it.

mod books;
mod rows;
mod table;
mod world;

use std::io::{self, Write as _};
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use world::World;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = tokio::select! {
        outcome = run() => outcome,
        () = interrupted() => Err("Interrupted.".to_owned()),
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
    let world = World::start().await?;
    world.connect().await?;
    world.settle().await?;
    let records = world.records().await?;
    say(&format!("\n{}", rows::documents(&world, &records)));
    if let Some(history) = rows::history(&world, &records) {
        say(&history);
    }
    let (totals, differences) = books::compare(&world, &records);
    say(&totals);
    say(&books::calls(&world));
    if differences.is_empty() {
        say("Concur, Acumatica and the connector agree on every document.");
        return Ok(());
    }
    world.logs().await;
    Err(format!(
        "They do not agree:\n  {}",
        differences.join("\n  ")
    ))
}

/// Ctrl-C, or the request to end that a supervisor sends.
async fn interrupted() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
