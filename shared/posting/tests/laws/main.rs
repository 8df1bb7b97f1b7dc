//! Laws that every plan keeps, over ten thousand generated documents in each run, held against an oracle that shares no code
//! with the planning.
//!
//! A run prints its seed and starts where `POSTING_SEED` says; document n of a run has the seed n higher, so the seed a
//! failure prints repeats it as the first document. It is kept in `seeds.txt`, whose seeds run every time.
#![cfg(test)]

mod breaks;
mod connections;
mod documents;
mod draw;
mod known;
mod laws;
mod oracle;
mod tenant;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Instant, SystemTime};

use posting::document::Expense;
use posting::{Document, Plan, Reason};
use rust_decimal::Decimal;

use breaks::Stated;
use connections::Connection;
use draw::Draw;
use known::Known;
use oracle::Nets;

const DOCUMENTS: u64 = 10_000;
const THREADS: u64 = 4;
const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/laws/seeds.txt");

#[test]
fn ten_thousand_documents_keep_every_law() {
    let first = std::env::var("POSTING_SEED").map_or_else(
        |_| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.unwrap().as_secs() * DOCUMENTS
        },
        |seed| seed.parse().unwrap(),
    );
    // Past the test runner, which shows what a test prints only when it fails.
    writeln!(std::io::stderr(), "POSTING_SEED={first}").unwrap();
    let kept = std::fs::read_to_string(SEEDS).unwrap();
    let kept = kept.lines().filter(|line| !line.starts_with('#'));
    let kept: Vec<u64> = kept.map(|seed| seed.parse().unwrap()).collect();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let kept = kept.clone().into_iter().filter(move |_| thread == 0);
            let own = (thread..DOCUMENTS)
                .step_by(usize::try_from(THREADS).unwrap())
                .map(move |n| first.wrapping_add(n));
            scope.spawn(move || {
                let connections = connections::all();
                kept.chain(own).for_each(|seed| keeps(seed, &connections));
            });
        }
    });
    println!("{DOCUMENTS} documents in {:.1?}", started.elapsed());
}

/// Checks the document of a seed; one that fails is kept.
fn keeps(seed: u64, connections: &[Connection]) {
    let checked = catch_unwind(AssertUnwindSafe(|| check(seed, connections)));
    if let Err(panic) = checked {
        println!(
            "document {seed} breaks a law: POSTING_SEED={seed} cargo test -p posting --test laws"
        );
        let kept = std::fs::read_to_string(SEEDS).unwrap();
        if !kept.lines().any(|line| line == seed.to_string()) {
            let mut file = OpenOptions::new().append(true).open(SEEDS).unwrap();
            writeln!(file, "{seed}").unwrap();
        }
        resume_unwind(panic);
    }
}

fn check(seed: u64, connections: &[Connection]) {
    let draw = &mut Draw::new(seed);
    let document = documents::document(draw);
    let connection = &connections[draw.below(connections.len())];
    let bare = Known::default().plan(&document, connection);
    let bare = bare.unwrap_or_else(|reasons| panic!("{reasons:#?}"));
    laws::check(&bare);
    let nets = Nets::of(&document, connection);
    nets.check(&bare);
    let mut known = Known::draw(draw);
    let plan = known.check(&document, connection, &bare);
    laws::check(&plan);
    nets.check(&plan);
    tenant::check(&plan, draw);
    let case = |connection| Case {
        connection,
        known: &known,
    };
    match draw.below(4) {
        0 => assert_eq!(
            case(connection).planned(&document).unwrap(),
            plan,
            "deterministic"
        ),
        1 => case(connection).order_does_not_matter(&document, draw),
        2 => case(connection).a_minor_unit_is_noticed(document, draw),
        _ => {
            for each in connections {
                case(each).a_broken_place_is_named(document.clone(), draw);
            }
        }
    }
    a_changed_line_is_noticed(plan, &nets, draw);
}

/// The rules a document is planned by, and what is known beside it.
struct Case<'a> {
    connection: &'a Connection,
    known: &'a Known,
}

impl Case<'_> {
    fn planned(&self, document: &Document) -> Result<Plan, Vec<Reason>> {
        self.known.plan(document, self.connection)
    }

    fn order_does_not_matter(&self, document: &Document, draw: &mut Draw) {
        let mut shuffled = document.clone();
        match &mut shuffled {
            Document::Expense(expense) => shuffle(expense, draw),
            Document::Invoice(invoice) => {
                draw.shuffle(&mut invoice.lines);
                for line in &mut invoice.lines {
                    draw.shuffle(&mut line.allocations);
                }
            }
            Document::CashAdvance(advance) => draw.shuffle(&mut advance.journals),
        }
        let plan = self.planned(&shuffled).unwrap();
        laws::check(&plan);
        Nets::of(document, self.connection).check(&plan);
    }

    /// An amount that is off by one minor unit: what the document states twice is refused, what it states once is planned as
    /// another document.
    fn a_minor_unit_is_noticed(&self, mut document: Document, draw: &mut Draw) {
        let unit = Decimal::new(1, document.header().currency.decimals());
        let meant = Nets::of(&document, self.connection);
        let mut amounts = breaks::amounts(&mut document);
        if amounts.is_empty() {
            return;
        }
        let at = draw.below(amounts.len());
        let (amount, stated) = amounts.swap_remove(at);
        *amount += if draw.percent(50) { unit } else { -unit };
        match self.planned(&document) {
            Ok(plan) => {
                assert_eq!(
                    stated,
                    Stated::Once,
                    "stated twice, and planned all the same"
                );
                assert!(meant.rough || !meant.are_of(&plan), "another document");
            }
            Err(reasons) => assert!(!reasons.is_empty()),
        }
    }

    /// A document that is broken in one place is refused for that place, and for no other line.
    fn a_broken_place_is_named(&self, mut document: Document, draw: &mut Draw) {
        let Some((code, line)) = breaks::one_place(&mut document, self.connection, draw) else {
            return;
        };
        let reasons = match self.planned(&document) {
            // What posts nothing needs none of what is broken.
            Ok(plan) if plan.postings.is_empty() => return,
            broken => broken.unwrap_err(),
        };
        let named = reasons
            .iter()
            .any(|each| each.code == code && each.line == line);
        assert!(named, "{code} on {line:?} is not among {reasons:#?}");
        for reason in &reasons {
            let elsewhere = line.is_some() && reason.line.is_some() && reason.line != line;
            assert!(!elsewhere, "{line:?} is blamed for {reason:#?}");
            assert!(!reason.field.is_empty() && !reason.message.is_empty());
        }
    }
}

fn shuffle(expense: &mut Expense, draw: &mut Draw) {
    draw.shuffle(&mut expense.entries);
    draw.shuffle(&mut expense.applications);
    for entry in &mut expense.entries {
        draw.shuffle(&mut entry.allocations);
        for allocation in &mut entry.allocations {
            draw.shuffle(&mut allocation.journals);
            draw.shuffle(&mut allocation.taxes);
        }
    }
}

/// The oracle itself: a plan with one line off by a minor unit is not what the document means.
fn a_changed_line_is_noticed(mut plan: Plan, nets: &Nets, draw: &mut Draw) {
    let unit = Decimal::new(1, plan.currency.decimals());
    if plan.postings.is_empty() {
        return;
    }
    let at = draw.below(plan.postings.len());
    let lines = &mut plan.postings[at].lines;
    let at = draw.below(lines.len());
    lines[at].debit += unit;
    assert!(!nets.are_of(&plan));
}
