//! Many seeds: the ones that failed once, one of them twice, and then as many as are wanted, on every core.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::air::Lie;
use crate::history::Keep;
use crate::simulate::{Outcome, simulate};
use crate::totals::Totals;

/// Seeds that found something once, one a line, with what it was.
const KNOWN: &str = include_str!("seeds.txt");
/// Failing seeds shown in full.
const SHOWN_MAX: u64 = 5;
/// Violations shown of one seed.
const SENTENCES_MAX: usize = 5;
/// Of so many documents, one may wait for a person: a world where most are held proves nothing.
const HELD_ONE_IN: u64 = 20;

/// What all threads add to.
#[derive(Default)]
struct Sum {
    totals: Totals,
    failed: u64,
}

/// Runs the known seeds and then seeds from `first` on until `documents` went through. Returns whether all was well.
pub(crate) fn soak(documents: u64, first: u64) -> bool {
    let begun = Instant::now();
    let sum = Mutex::new(Sum::default());
    for seed in known() {
        judge(&sum, seed, &simulate(seed, Lie::None, Keep::Nothing));
    }
    let repeats = repeats(first);
    let next = AtomicU64::new(first);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while locked(&sum).totals.documents < documents {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let outcome = simulate(seed, Lie::None, Keep::Nothing);
                    judge(&sum, seed, &outcome);
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let seconds = begun.elapsed().as_secs().max(1);
    let totals = &sum.totals;
    println!(
        "simulation: {totals}  {seconds} s, {} documents a second",
        totals.documents / seconds
    );
    let few_held = totals.held() * HELD_ONE_IN <= totals.documents;
    if !few_held {
        println!("WRONG too many documents are held for this to prove anything");
    }
    sum.failed == 0 && repeats && few_held
}

fn locked(sum: &Mutex<Sum>) -> std::sync::MutexGuard<'_, Sum> {
    sum.lock().unwrap_or_else(PoisonError::into_inner)
}

fn known() -> impl Iterator<Item = u64> {
    let lines = KNOWN
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    lines.filter_map(|seed| seed.parse().ok())
}

/// The same seed gives the same events at the same times.
fn repeats(seed: u64) -> bool {
    let [one, other] = [(); 2].map(|()| simulate(seed, Lie::None, Keep::Nothing).trace);
    if one != other {
        println!("WRONG seed {seed} gave two traces, {one:016x} and {other:016x}");
    }
    one == other
}

fn judge(sum: &Mutex<Sum>, seed: u64, outcome: &Outcome) {
    let mut sum = locked(sum);
    sum.totals.add(&outcome.totals);
    let violations = &outcome.verdict.violations;
    if violations.is_empty() {
        return;
    }
    sum.failed += 1;
    if sum.failed <= SHOWN_MAX {
        println!(
            "WRONG seed {seed}; see it with: make seed SEED={seed}; then add it to tests/sim/seeds.txt"
        );
        for sentence in violations.iter().take(SENTENCES_MAX) {
            println!("  {sentence}");
        }
    }
}

/// Shows one world. Returns whether all was well.
pub(crate) fn show(seed: u64) -> bool {
    let outcome = simulate(seed, Lie::None, Keep::Events);
    for event in &outcome.events {
        println!("{event}");
    }
    for held in &outcome.verdict.held {
        println!("HELD {held}");
    }
    println!("trace {:016x}\n{}", outcome.trace, outcome.totals);
    for wrong in &outcome.verdict.violations {
        println!("WRONG {wrong}");
    }
    outcome.verdict.violations.is_empty()
}
