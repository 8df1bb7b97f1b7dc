//! The ports in memory, for tests: the same conditional semantics as on AWS, proved by the same contract test.

mod ledger;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use crate::clocks::Clocks;
use crate::needs::{Deployment, Kept, Needs, Stage};
use crate::ports::{Clock, Fetch, PortError, Queue, Vault, WAKE_DELAY_MAX, Wake};
pub use ledger::MemoryLedger;

/// Everything in memory, with a new clock and the clocks' defaults: the stage is local, so that twins on this machine can
/// be addressed.
#[must_use]
pub fn needs(
    concur: concur::Transport,
    acumatica: acumatica::Transport,
) -> Needs<MemoryLedger, MemoryQueue, MemoryVault, ManualClock> {
    Needs {
        ledger: MemoryLedger::default(),
        queue: MemoryQueue::default(),
        vault: MemoryVault::default(),
        clock: ManualClock::at(Timestamp::UNIX_EPOCH),
        concur,
        acumatica,
        deployment: Deployment {
            stack: "test".to_owned(),
            stage: Stage::Local,
            clocks: Clocks::default(),
            poll_margin: SignedDuration::from_mins(1),
        },
        kept: Kept::default(),
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct ManualClock(Cell<Timestamp>);

impl ManualClock {
    /// Shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Cell::new(now))
    }

    /// Moves on.
    pub fn pass(&self, time: SignedDuration) {
        let now = self.0.get().checked_add(time).unwrap_or(Timestamp::MAX);
        self.0.set(now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}

/// Queues that keep what was sent until it is taken.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    work: RefCell<Vec<(Wake, SignedDuration)>>,
    fetch: RefCell<Vec<Fetch>>,
}

impl MemoryQueue {
    /// Takes every wake of `post` sent so far, with its delay.
    #[must_use]
    pub fn take(&self) -> Vec<(Wake, SignedDuration)> {
        std::mem::take(&mut self.work.borrow_mut())
    }

    /// Takes every wake of `poll` sent so far.
    #[must_use]
    pub fn take_fetches(&self) -> Vec<Fetch> {
        std::mem::take(&mut self.fetch.borrow_mut())
    }
}

impl Queue for MemoryQueue {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        let cut =
            |(wake, delay): &(Wake, SignedDuration)| (wake.clone(), (*delay).min(WAKE_DELAY_MAX));
        self.work.borrow_mut().extend(wakes.iter().map(cut));
        Ok(())
    }

    async fn fetch(&self, fetches: &[Fetch]) -> Result<(), PortError> {
        self.fetch.borrow_mut().extend_from_slice(fetches);
        Ok(())
    }
}

/// Secrets by connection and name.
#[derive(Default)]
pub struct MemoryVault(RefCell<BTreeMap<(ConnectionId, String), String>>);

impl std::fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryVault({} secrets)", self.0.borrow().len())
    }
}

impl MemoryVault {
    /// Puts a secret as an operator does.
    pub fn put(&self, connection: &ConnectionId, name: &str, value: &str) {
        let key = (connection.clone(), name.to_owned());
        self.0.borrow_mut().insert(key, value.to_owned());
    }
}

impl Vault for MemoryVault {
    async fn secret(
        &self,
        connection: &ConnectionId,
        name: &str,
    ) -> Result<Option<SecretString>, PortError> {
        let key = (connection.clone(), name.to_owned());
        Ok(self.0.borrow().get(&key).cloned().map(SecretString::from))
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        self.put(connection, name, value.expose_secret());
        Ok(())
    }
}
