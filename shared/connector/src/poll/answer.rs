//! What a run of `poll` did.

use std::collections::BTreeMap;

use jiff::Timestamp;
use posting::{BusinessId, ConnectionId};
use serde::Serialize;

use crate::explain::Explained;
use crate::report::{DocumentRow, Failure};
use crate::schedule::Resting;

/// The answer of `poll`.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Each connection that was asked, by id.
    pub connections: Vec<ConnectionAnswer>,
    /// Due connections handed to other workers through the `fetch` queue.
    pub sent: usize,
}

impl Answer {
    pub(super) fn of(mut connections: Vec<ConnectionAnswer>) -> Self {
        connections.sort_by(|one, other| one.connection.cmp(&other.connection));
        Self {
            connections,
            sent: 0,
        }
    }

    /// Connections something of which could not be fetched, woken or listed at any poll of the last hour.
    #[must_use]
    pub fn unreached(&self) -> usize {
        let unreached = |connection: &&ConnectionAnswer| connection.unreached;
        self.connections.iter().filter(unreached).count()
    }

    /// Documents that wait for a person, over all connections.
    #[must_use]
    pub fn held(&self) -> usize {
        self.connections
            .iter()
            .map(|connection| connection.held.len())
            .sum()
    }
}

/// One connection's part of the answer.
#[derive(Debug, Serialize)]
pub struct ConnectionAnswer {
    /// The connection.
    pub connection: ConnectionId,
    /// Documents fetched, by the state they are in now; in a dry run by what would become of them.
    pub documents: BTreeMap<&'static str, usize>,
    /// Documents left with Concur, by why: `outside`, `test`, `elsewhere`, `known`, `not_ready`, `without_id`.
    pub skipped: BTreeMap<&'static str, usize>,
    /// Why no new documents were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resting: Option<Resting>,
    /// When its schedule comes next; `None` when its rules cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// Due records woken.
    pub swept: usize,
    /// Documents that wait for a person.
    pub held: Vec<DocumentRow>,
    /// What would become of each document; only in a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<Explained>,
    /// Documents whose plans no longer fit in the answer, in a dry run; ask for them by business id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans_left_out: Vec<BusinessId>,
    /// Bytes the plans take.
    #[serde(skip)]
    pub(super) plan_bytes: usize,
    /// What was left for the next run because the time was up.
    pub left: Vec<String>,
    /// What did not work.
    pub errors: Vec<Failure>,
    /// Whether Concur went silent, and was asked nothing more.
    #[serde(skip)]
    pub(super) silent: bool,
    /// Whether something failed at every poll of the last hour.
    #[serde(skip)]
    pub(super) unreached: bool,
}

impl ConnectionAnswer {
    pub(super) fn new(id: &ConnectionId) -> Self {
        Self {
            connection: id.clone(),
            documents: BTreeMap::new(),
            skipped: BTreeMap::new(),
            resting: None,
            next: None,
            swept: 0,
            held: Vec::new(),
            plans: Vec::new(),
            plans_left_out: Vec::new(),
            plan_bytes: 0,
            left: Vec::new(),
            errors: Vec::new(),
            silent: false,
            unreached: false,
        }
    }

    /// Whether anything left Concur's list.
    pub(super) fn took_any(&self) -> bool {
        let stays = posting::State::Received.word();
        self.documents.keys().any(|state| *state != stays)
    }

    pub(super) fn fail(&mut self, step: &str, error: &dyn std::error::Error, cure: &'static str) {
        self.errors.push(Failure::new(step, error, cure));
    }

    pub(super) fn missing(id: &ConnectionId) -> Self {
        let mut answer = Self::new(id);
        answer.errors.push(Failure {
            step: "read the connection".to_owned(),
            message: format!("no connection `{id}` is stored"),
            cure: "Apply it first, or list the connections for their ids.".to_owned(),
        });
        answer
    }

    pub(super) fn count(&mut self, state: &'static str) {
        let count = self.documents.entry(state).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn skip(&mut self, why: &'static str) {
        let count = self.skipped.entry(why).or_default();
        *count = count.saturating_add(1);
    }
}
