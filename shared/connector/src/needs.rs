//! What every use case needs: the ports, the two ways out, and the facts of this deployment.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use posting::record::Claim;
use posting::{ConnectionId, DocumentKind};

use crate::circuit::{Circuit, Side};
use crate::clocks::Clocks;
use crate::connection::Connection;
use crate::ports::{Clock, Ledger, PortError, Standing, StoredConnection};
use crate::reference::Known;
use crate::seats::SeatToken;
use crate::tokens::{Kept as KeptTokens, Unstored};

/// Connections a process keeps compiled: with a thousand customers it meets them all in time.
pub(crate) const CONNECTIONS_KEPT_MAX: usize = 200;

/// Where the stack runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// In AWS: `https` to the vendors' hosts only.
    Production,
    /// On one machine: also plain `http` to loopback hosts, and clocks may be short.
    Local,
}

/// The facts of this deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Name of the stack: first part of every default system id.
    pub stack: String,
    /// Where it runs.
    pub stage: Stage,
    /// Time-outs and waits.
    pub clocks: Clocks,
    /// `poll` starts no further page with less than this left.
    pub poll_margin: SignedDuration,
}

/// What the use cases need. One per process, so that tokens and connections read once serve every invocation of it.
pub struct Needs<L, Q, V, C> {
    /// Records, sources, plans, leases.
    pub ledger: L,
    /// The queue that wakes; `()` for a function that wakes nobody.
    pub queue: Q,
    /// Secrets.
    pub vault: V,
    /// Time.
    pub clock: C,
    /// The way to Concur.
    pub concur: concur::Transport,
    /// The way to Acumatica.
    pub acumatica: acumatica::Transport,
    /// This deployment.
    pub deployment: Deployment,
    /// Kept while the process lives.
    pub kept: Kept,
}

/// What a process keeps between invocations: nothing here is the truth, everything can be read again.
#[derive(Default)]
pub struct Kept {
    connections: RefCell<HashMap<(ConnectionId, u64), Rc<Connection>>>,
    pub(crate) tokens: RefCell<HashMap<ConnectionId, KeptTokens>>,
    pub(crate) seats: RefCell<HashMap<(ConnectionId, u32), SeatToken>>,
    /// The last text of each connection's requests of the minute.
    pub(crate) requests: RefCell<HashMap<ConnectionId, String>>,
    pub(crate) reference: RefCell<HashMap<ConnectionId, Known>>,
    pub(crate) circuits: RefCell<HashMap<(ConnectionId, Side), Circuit>>,
    /// Documents asked for at a time where Concur was too slow for more; see `poll`.
    pub(crate) page_limits: RefCell<HashMap<ConnectionId, BTreeMap<DocumentKind, u32>>>,
    pub(crate) unstored: Unstored,
    /// Held while a large answer is read and stored, as the memory has room for one.
    pub(crate) large: tokio::sync::Mutex<()>,
    refused: Cell<u64>,
    leases: Cell<u64>,
}

impl Kept {
    /// Forgets everything, as a new process does.
    pub fn forget(&self) {
        self.connections.borrow_mut().clear();
        self.tokens.borrow_mut().clear();
        self.seats.borrow_mut().clear();
        self.requests.borrow_mut().clear();
        self.reference.borrow_mut().clear();
        self.circuits.borrow_mut().clear();
        self.page_limits.borrow_mut().clear();
    }

    pub(crate) fn note_refused(&self) {
        self.refused.set(self.refused.get().saturating_add(1));
    }

    /// A holder no lease ever had: what a run leaves held stays so for the run itself.
    pub(crate) fn new_holder(&self, run: &Run) -> String {
        self.leases.set(self.leases.get().wrapping_add(1));
        format!("{}/{}", run.worker, self.leases.get())
    }

    /// How often Concur or Acumatica refused a token for good since this was asked last: the number for the alarm.
    pub fn take_refused(&self) -> u64 {
        self.refused.take()
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(..)")
    }
}

/// Leaves room for one more in what a process keeps of at most so many; which one goes does not matter, it is read again.
pub(crate) fn make_room<K: Clone + Eq + std::hash::Hash, V>(kept: &mut HashMap<K, V>, most: usize) {
    if kept.len() >= most
        && let Some(one) = kept.keys().next().cloned()
    {
        kept.remove(&one);
    }
}

/// One invocation of one worker.
#[derive(Debug, Clone)]
pub struct Run {
    /// Names the invocation: the holder of claims and leases, and never the same for two of them.
    pub worker: String,
    /// When the platform ends it.
    pub deadline: Timestamp,
}

impl Run {
    /// An invocation that the platform ends at `deadline`, milliseconds since 1970.
    #[must_use]
    pub fn until(request: &str, deadline: u64) -> Self {
        // The platform repeats an asynchronous invocation under the same id, and that is another worker: what the one before
        // sent may still arrive.
        let worker = format!("{request}/{deadline}");
        let deadline = i64::try_from(deadline).ok();
        Self {
            worker,
            deadline: deadline
                .and_then(|deadline| Timestamp::from_millisecond(deadline).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// The claim of a document in this run; it ends `margin` after the deadline.
    #[must_use]
    pub fn claim(&self, margin: SignedDuration) -> Claim {
        Claim {
            worker: self.worker.clone(),
            until: self.deadline.checked_add(margin).unwrap_or(Timestamp::MAX),
        }
    }

    /// Time left at `now`.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> SignedDuration {
        self.deadline.duration_since(now)
    }
}

/// Why the newest version of a connection cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The ledger failed.
    #[error("the connection cannot be read")]
    Port(#[source] PortError),
    /// There is none of this id.
    #[error("no connection `{0}` is stored; apply it first")]
    Missing(ConnectionId),
    /// It was removed.
    #[error("connection `{0}` is removed; apply it again")]
    Removed(ConnectionId),
    /// It was accepted once and is not any more, after an update of the connector.
    #[error("connection `{id}` version {version} has faults: {faults}")]
    Faulty {
        /// The connection.
        id: ConnectionId,
        /// Its version.
        version: u64,
        /// All faults, joined.
        faults: String,
    },
}

impl Deployment {
    /// Hosts of Concur a token may go to.
    #[must_use]
    pub fn concur_hosts(&self) -> concur::Hosts {
        match self.stage {
            Stage::Production => concur::Hosts::concur(),
            Stage::Local => concur::Hosts::local(),
        }
    }

    /// Hosts of Acumatica that may be addressed.
    #[must_use]
    pub fn acumatica_hosts(&self) -> acumatica::Hosts {
        match self.stage {
            Stage::Production => acumatica::Hosts::Https,
            Stage::Local => acumatica::Hosts::Local,
        }
    }

    /// Longest answer of Concur.
    #[must_use]
    pub fn concur_answer(&self) -> Duration {
        Duration::try_from(self.clocks.concur_answer).unwrap_or_default()
    }

    /// Longest answer of Acumatica.
    #[must_use]
    pub fn acumatica_answer(&self) -> Duration {
        Duration::try_from(self.clocks.acumatica_answer).unwrap_or_default()
    }
}

impl<L: Ledger, Q, V, C: Clock> Needs<L, Q, V, C> {
    /// The newest version of a connection, read once for each invocation and compiled once for each version.
    ///
    /// # Errors
    /// [`ConnectionError`].
    pub async fn connection(&self, id: &ConnectionId) -> Result<Rc<Connection>, ConnectionError> {
        let stored = self
            .ledger
            .connection(id)
            .await
            .map_err(ConnectionError::Port)?
            .ok_or_else(|| ConnectionError::Missing(id.clone()))?;
        self.compiled(&stored)
    }

    /// A stored version, compiled once for each process.
    ///
    /// # Errors
    /// [`ConnectionError::Removed`], [`ConnectionError::Faulty`].
    pub fn compiled(&self, stored: &StoredConnection) -> Result<Rc<Connection>, ConnectionError> {
        if stored.standing == Standing::Removed {
            return Err(ConnectionError::Removed(stored.id.clone()));
        }
        let key = (stored.id.clone(), stored.version);
        if let Some(kept) = self.kept.connections.borrow().get(&key) {
            return Ok(Rc::clone(kept));
        }
        let read = Connection::read(&stored.text, stored.version, &self.deployment);
        let connection = Rc::new(read.map_err(|faults| {
            ConnectionError::Faulty {
                id: stored.id.clone(),
                version: stored.version,
                faults: faults
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            }
        })?);
        let mut kept = self.kept.connections.borrow_mut();
        kept.retain(|(id, _), _| id != &stored.id);
        make_room(&mut kept, CONNECTIONS_KEPT_MAX);
        kept.insert(key, Rc::clone(&connection));
        Ok(connection)
    }

    /// Now, by the clock port.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
