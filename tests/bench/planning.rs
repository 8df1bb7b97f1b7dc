//! How long the pure middle takes: reading a document, planning it, writing the request.

use std::time::{Duration, Instant};

use connector::connection::Connection;
use connector::ports::Source;
use connector::translate::{bodies, read};
use connector::{Deployment, Stage};
use e2e::demo;
use e2e::documents::Document;
use posting::planning::{Planning, plan};
use posting::{DocumentId, DocumentKind};
use stats_alloc::Region;

use crate::sheet::{Sheet, megabytes, ratio};
use crate::start::{median, microseconds, milliseconds};

/// Repetitions; the middle one counts.
const TURNS: usize = 15;

/// Reads and plans each of the documents, named by its number of entries.
pub(crate) fn measure(documents: &[(usize, &Document)]) -> Result<Sheet, String> {
    let connection = connection()?;
    let mut sheet = Sheet::new(
        format!("Planning a report, median of {TURNS}"),
        &[
            "MB",
            "ms to read",
            "ms to plan",
            "at most",
            "ms to write the request",
            "ms together",
            "at most",
        ],
    );
    for (entries, document) in documents {
        let source = Source {
            text: document.body.to_string(),
            entity: None,
        };
        let size = u64::try_from(source.text.len()).unwrap_or_default() / 1_024;
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push(turn(&connection, &source)?);
        }
        let middle = |part: fn(&Turn) -> Duration| {
            milliseconds(microseconds(median(turns.iter().map(part).collect())))
        };
        let (plan_limit, whole_limit) = limits(*entries);
        sheet.row(
            &format!("{entries} entries"),
            &[
                megabytes(size),
                middle(|turn| turn.read),
                middle(|turn| turn.plan),
                plan_limit.to_owned(),
                middle(|turn| turn.write),
                middle(|turn| turn.read + turn.plan + turn.write),
                whole_limit.to_owned(),
            ],
        );
    }
    Ok(sheet)
}

/// What planning asks of the allocator and what its plan keeps, which grow with the entries and no faster.
pub(crate) fn memory(reports: &[(usize, Vec<Document>)]) -> Result<Sheet, String> {
    let connection = connection()?;
    let mut sheet = Sheet::new(
        "Memory of planning".to_owned(),
        &[
            "MB asked for",
            "kB for each entry",
            "MB of the plan",
            "kB for each entry",
        ],
    );
    for (entries, documents) in reports {
        for document in documents {
            let source = Source {
                text: document.body.to_string(),
                entity: None,
            };
            let document = readable(&source)?;
            let region = Region::new(crate::ALLOCATOR);
            let planned = plan(&Planning::new(&document, &connection.rules, 1));
            let change = region.change();
            drop(planned.map_err(|reasons| format!("no plan: {reasons:?}"))?);
            let kept = change
                .bytes_allocated
                .saturating_sub(change.bytes_deallocated);
            let figures = [change.bytes_allocated, kept].map(|bytes| {
                let bytes = u64::try_from(bytes).unwrap_or_default();
                let each = bytes / u64::try_from(*entries).unwrap_or(1).max(1);
                [megabytes(bytes / 1_024), ratio(each, 1_024)]
            });
            sheet.row(&format!("{entries} entries"), &figures.concat());
        }
    }
    Ok(sheet)
}

/// What planning, and all three together, may take in milliseconds, by the number of entries; blank where nothing is promised.
fn limits(entries: usize) -> (&'static str, &'static str) {
    match entries {
        crate::LONG => ("1", ""),
        crate::LARGE => ("100", "200"),
        _ => ("", ""),
    }
}

/// The times of one repetition.
struct Turn {
    read: Duration,
    plan: Duration,
    write: Duration,
}

fn readable(source: &Source) -> Result<posting::Document, String> {
    let id =
        DocumentId::new("0f8a3c5e9b1d4a7286c4e2f0a1b3c5d7").map_err(|error| error.to_string())?;
    read(DocumentKind::Expense, &id, source)
        .document
        .map_err(|reasons| format!("unreadable: {reasons:?}"))
}

fn turn(connection: &Connection, source: &Source) -> Result<Turn, String> {
    let began = Instant::now();
    let document = readable(source)?;
    let was_read = Instant::now();
    let planned = plan(&Planning::new(&document, &connection.rules, 1));
    let planned = planned.map_err(|reasons| format!("no plan: {reasons:?}"))?;
    let was_planned = Instant::now();
    for posting in &planned.postings {
        drop(bodies::request(&planned, posting).to_string());
    }
    let end = Instant::now();
    Ok(Turn {
        read: was_read - began,
        plan: was_planned - was_read,
        write: end - was_planned,
    })
}

fn connection() -> Result<Connection, String> {
    let deployment = Deployment {
        stack: "bench".to_owned(),
        stage: Stage::Local,
        clocks: connector::clocks::Clocks::default(),
        poll_margin: jiff::SignedDuration::from_secs(60),
    };
    let value = demo::connection("http://127.0.0.1:1", "http://127.0.0.1:2");
    Connection::of(&value, 1, &deployment)
        .map_err(|faults| format!("the connection has faults: {faults:?}"))
}
