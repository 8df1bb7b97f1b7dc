//! `ping`: one row per check of both systems, each failure with its cure and the screen where it is set.
//!
//! It changes nothing on either side: nothing is acknowledged, confirmed or written, and what only a write would show is said
//! to be unknown. Tokens are asked for and kept as in any run, and Acumatica is asked on a seat like any other.

mod acumatica;
mod concur;
mod desk;
mod finding;
mod places;
mod settings;
mod sheet;
mod tenant;

use posting::ConnectionId;
use serde::Serialize;

use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
pub use finding::{Check, Finding};
use sheet::Sheet;
pub use sheet::{Outcome, Row};

/// The answer of `ping`.
#[derive(Debug, Serialize)]
pub struct Pinged {
    /// The connection.
    pub connection: ConnectionId,
    /// What the rows come to.
    pub meaning: Meaning,
    /// One row per check, in the order they build on each other.
    pub checks: Vec<Row>,
}

/// What the rows of a ping come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Meaning {
    /// Every check holds.
    #[serde(rename = "green")]
    Green,
    /// Documents can be posted; something is doubtful, or could not be asked now.
    #[serde(rename = "usable with warnings")]
    Usable,
    /// A check failed: documents will not be posted, or not all of them.
    #[serde(rename = "broken")]
    Broken,
}

impl Meaning {
    fn of(rows: &[Row]) -> Self {
        let worst = rows.iter().map(|row| row.outcome).max();
        match worst {
            None | Some(Outcome::Ok) => Self::Green,
            Some(Outcome::Skipped | Outcome::Warning) => Self::Usable,
            Some(Outcome::Failed) => Self::Broken,
        }
    }
}

/// Asks everything that makes sense after what failed before it, as long as the run has time.
pub(super) async fn ping<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
) -> Pinged {
    let mut sheet = Sheet::new();
    sheet.ok(
        Check::Connection,
        None,
        format!("version {}", connection.version),
    );
    settings::check(&mut sheet, connection, needs.deployment.stage);
    Box::pin(concur::check(needs, run, connection, &mut sheet)).await;
    Box::pin(acumatica::check(needs, run, connection, &mut sheet)).await;
    pinged(connection.id.clone(), sheet)
}

/// A connection this release does not accept: nothing else can be asked.
pub(super) fn faulty(connection: ConnectionId, faults: &str) -> Pinged {
    let mut sheet = Sheet::new();
    sheet.found(Finding::ConnectionFaulty, None, faults);
    let rest = Check::ALL.iter().filter(|one| **one != Check::Connection);
    for check in rest {
        sheet.skip(*check, None, "the connection has faults");
    }
    pinged(connection, sheet)
}

fn pinged(connection: ConnectionId, sheet: Sheet) -> Pinged {
    let checks = sheet.into_rows();
    Pinged {
        connection,
        meaning: Meaning::of(&checks),
        checks,
    }
}
