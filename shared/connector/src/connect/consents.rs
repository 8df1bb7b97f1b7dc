//! A connection whose seats are changed in number: by consent each seat needs one of its own. A seat more is applied before
//! its consent can be asked for, so it is told and no fault.

use std::collections::BTreeSet;

use super::FaultRow;
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Ledger, StoredConnection, Vault};
use crate::report::chain;

/// The field that is told of.
const PATH: &str = "acumatica.seats";

/// What is told of the consents of a new version. No secret is read unless the number of seats changed.
pub(super) async fn warnings<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    before: Option<&StoredConnection>,
    connection: &Connection,
) -> Vec<FaultRow> {
    let seats = connection.acumatica.seats;
    let Some(before) = before else {
        // Nobody can have agreed to anything yet.
        return Vec::new();
    };
    let before = Connection::read(&before.text, before.version, &needs.deployment);
    let before = before.map_or(0, |before| before.acumatica.seats);
    if before == seats {
        return Vec::new();
    }
    match needs.consents(connection, before.max(seats)).await {
        Ok(Some(there)) => rows(&there, seats),
        // A password serves every seat, or there is no secret yet.
        Ok(None) => Vec::new(),
        Err(error) => vec![row(
            format!(
                "whether each seat has its consent cannot be seen now: {}",
                chain(&error)
            ),
            "run action connect, which says it for each seat",
        )],
    }
}

/// Seats without a consent, and consents without a seat. Where nobody agreed yet, `connect` asks for it anyhow.
fn rows(there: &BTreeSet<u32>, seats: u32) -> Vec<FaultRow> {
    let missing: Vec<u32> = (1..=seats).filter(|seat| !there.contains(seat)).collect();
    let surplus: Vec<u32> = there.iter().copied().filter(|seat| *seat > seats).collect();
    let mut rows = Vec::new();
    if !there.is_empty() && !missing.is_empty() {
        let with = usize::try_from(seats)
            .unwrap_or(usize::MAX)
            .saturating_sub(missing.len());
        rows.push(row(
            format!(
                "{with} of {seats} seats have a consent; without one stands idle: seat {}",
                joined(&missing)
            ),
            "run action connect and open the address it prints, once for each seat that is named here; or lower acumatica.seats",
        ));
    }
    if !surplus.is_empty() {
        rows.push(row(
            format!(
                "consents of seats there are no more: seat {}; the next worker signs their sessions out, or they end within the hour",
                joined(&surplus)
            ),
            "nothing must be done",
        ));
    }
    rows
}

fn joined(seats: &[u32]) -> String {
    let seats: Vec<String> = seats.iter().map(ToString::to_string).collect();
    seats.join(", ")
}

fn row(message: String, cure: &str) -> FaultRow {
    FaultRow {
        path: PATH.to_owned(),
        message,
        cure: cure.to_owned(),
    }
}
