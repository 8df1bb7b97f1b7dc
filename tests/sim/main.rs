//! Many customers in one process, each with both vendors, several workers, a virtual clock and bad luck from a seed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a world that goes wrong ends the program by panicking, and what it says is for people"
)]

mod air;
mod backlog;
mod books;
mod chaos;
mod history;
mod judge;
mod minute;
mod mutants;
mod network;
mod offers;
mod person;
mod ports;
mod queue;
mod simulate;
mod soak;
mod steps;
mod totals;
mod worker;
mod world;

use std::process::ExitCode;
use std::thread;

/// Documents of a run without arguments.
const DOCUMENTS: u64 = 100_000;
const USAGE: &str = "\
sim                 what `make test` runs: crashes at every step, mutants, a backlog of 10,000 documents, known seeds, 100,000 documents
sim steps           crashes and faults at every step alone
sim backlog         10,000 documents at once alone
sim mutants         the variants that must be caught alone
sim soak N [SEED]   worlds from SEED on until N documents went through
sim seed S          one world with all its events";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let good = match arguments.first().map(String::as_str) {
        None => {
            // The backlog is one world on one core; the steps take whatever is left of the others.
            let (steps, backlog) = thread::scope(|scope| {
                let backlog = scope.spawn(backlog::all);
                (steps::all(), backlog.join().unwrap_or(false))
            });
            let mutants = mutants::all();
            let soak = soak::soak(DOCUMENTS, 1);
            steps && backlog && mutants && soak
        }
        Some("steps") => steps::all(),
        Some("backlog") => backlog::all(),
        Some("mutants") => mutants::all(),
        Some("soak") => soak::soak(number(1).unwrap_or(DOCUMENTS), number(2).unwrap_or(1)),
        Some("seed") => soak::show(number(1).unwrap_or(1)),
        Some(_) => {
            println!("{USAGE}");
            false
        }
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
