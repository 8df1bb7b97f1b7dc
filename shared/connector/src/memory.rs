//! The ports in memory, for tests: the same conditional semantics as on AWS, proved by the same contract test.

mod ledger;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use crate::clocks::Clocks;
use crate::needs::{Deployment, Kept, Needs, Stage};
use crate::ports::{
    Clock, Dead, DeadLetter, DeadLetters, Fetch, PortError, Queue, Vault, WAKE_DELAY_MAX, Wake,
};
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

/// Calls of a port that still fail.
#[derive(Debug, Default)]
struct Outage(Cell<u32>);

impl Outage {
    fn begin(&self, calls: u32) {
        self.0.set(calls);
    }

    fn check(&self, service: &'static str) -> Result<(), PortError> {
        let Some(left) = self.0.get().checked_sub(1) else {
            return Ok(());
        };
        self.0.set(left);
        let detail = "it is broken down".to_owned();
        Err(PortError::Unavailable { service, detail })
    }
}

/// Queues that keep what was sent until it is taken.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    work: RefCell<Vec<(Wake, SignedDuration)>>,
    fetch: RefCell<Vec<Fetch>>,
    dead: RefCell<Vec<DeadLetter>>,
    outage: Outage,
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

impl MemoryQueue {
    /// The next so many sends fail.
    pub fn break_down(&self, sends: u32) {
        self.outage.begin(sends);
    }

    /// Lays a message aside that crashed its workers; `None` is one that is no wake.
    pub fn lay_aside(&self, wake: Option<Wake>) {
        let mut dead = self.dead.borrow_mut();
        let handle = dead.len().to_string();
        dead.push(DeadLetter {
            queue: "work",
            wake: wake.map(Dead::Work),
            handle,
        });
    }
}

/// Messages received in one go.
const LETTERS_MAX: usize = 10;

impl DeadLetters for MemoryQueue {
    async fn dead(&self) -> Result<Vec<(&'static str, usize)>, PortError> {
        Ok(vec![("work", self.dead.borrow().len())])
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, PortError> {
        Ok(self
            .dead
            .borrow()
            .iter()
            .take(LETTERS_MAX)
            .cloned()
            .collect())
    }

    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), PortError> {
        self.dead
            .borrow_mut()
            .retain(|letter| !letters.contains(letter));
        Ok(())
    }
}

impl Queue for MemoryQueue {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        self.outage.check("SQS")?;
        let cut =
            |(wake, delay): &(Wake, SignedDuration)| (wake.clone(), (*delay).min(WAKE_DELAY_MAX));
        self.work.borrow_mut().extend(wakes.iter().map(cut));
        Ok(())
    }

    async fn fetch(&self, fetches: &[Fetch]) -> Result<(), PortError> {
        self.outage.check("SQS")?;
        self.fetch.borrow_mut().extend_from_slice(fetches);
        Ok(())
    }
}

/// Secrets by connection and name.
#[derive(Default)]
pub struct MemoryVault(RefCell<BTreeMap<(ConnectionId, String), String>>, Outage);

impl std::fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryVault({} secrets)", self.0.borrow().len())
    }
}

impl MemoryVault {
    /// The next so many calls fail.
    pub fn break_down(&self, calls: u32) {
        self.1.begin(calls);
    }

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
        self.1.check("Secrets Manager")?;
        let key = (connection.clone(), name.to_owned());
        Ok(self.0.borrow().get(&key).cloned().map(SecretString::from))
    }

    async fn put_secret(
        &self,
        connection: &ConnectionId,
        name: &str,
        value: &SecretString,
    ) -> Result<(), PortError> {
        self.1.check("Secrets Manager")?;
        self.put(connection, name, value.expose_secret());
        Ok(())
    }
}
