//! What all parts of a world share: chance, history, the vendors, and each worker's life.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use e2e::twins::acumatica::AcumaticaTwin;
use e2e::twins::concur::ConcurTwin;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::chaos::{Chaos, Fate};
use crate::history::History;

/// Both vendors, and what happens between them and the workers.
#[derive(Debug)]
pub(crate) struct Air {
    pub(crate) concur: ConcurTwin,
    pub(crate) acumatica: AcumaticaTwin,
    chaos: Mutex<Chaos>,
    history: Mutex<History>,
    begun: Instant,
    /// What a variant that must be caught does wrong.
    pub(crate) lie: Lie,
}

/// A variant of a worker's surroundings that must be caught; the product itself has no switch for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lie {
    /// The truth.
    #[default]
    None,
    /// A search is answered with the known posting alone, whatever else stands there.
    NoSearch,
    /// Postings are written although nothing was acknowledged: acknowledgements are answered and never sent.
    AcknowledgeAfterPost,
    /// The receipt reaches the ledger only after the confirmation.
    ConfirmBeforeReceipt,
    /// Every claim and lease is granted, and no write conflicts.
    LeaseIgnored,
    /// What failed is due at once.
    NoBackOff,
    /// A recalled document looks acknowledged.
    RecallIgnored,
    /// Deletions are answered and never sent.
    WithdrawSkipped,
    /// A dry run of a person does what it should only show.
    DryRunWrites,
    /// To a person every held document looks as if nothing of it had ever been written.
    ReturnWhileLive,
}

impl Air {
    pub(crate) fn new(
        concur: ConcurTwin,
        acumatica: AcumaticaTwin,
        chaos: Chaos,
        lie: Lie,
    ) -> Self {
        Self {
            concur,
            acumatica,
            chaos: Mutex::new(chaos),
            history: Mutex::default(),
            begun: Instant::now(),
            lie,
        }
    }

    pub(crate) fn chaos(&self) -> MutexGuard<'_, Chaos> {
        self.chaos.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the world began.
    pub(crate) fn at(&self) -> u128 {
        self.begun.elapsed().as_millis()
    }

    /// Time since the world began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Notes an event.
    pub(crate) fn event(&self, event: fmt::Arguments<'_>) {
        self.history().event(self.at(), event);
    }

    /// Waits some milliseconds, so that others come in between.
    pub(crate) async fn breathe(&self) {
        let pause = Duration::from_millis(1 + self.chaos().below(8));
        tokio::time::sleep(pause).await;
    }
}

/// The life of one worker: it can end at every effect.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) name: String,
    over: Notify,
    /// Whether a person only looks: it must not change anything.
    only_looks: AtomicBool,
}

impl Life {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            over: Notify::new(),
            only_looks: AtomicBool::new(false),
        })
    }

    /// From now on a person only looks, or does not any more.
    pub(crate) fn look_only(&self, only_looks: bool) {
        self.only_looks.store(only_looks, Ordering::Relaxed);
    }

    /// Whether a person only looks.
    pub(crate) fn only_looks(&self) -> bool {
        self.only_looks.load(Ordering::Relaxed)
    }

    /// When it is over.
    pub(crate) async fn over(&self) {
        self.over.notified().await;
    }

    /// Ends here: whoever waits for this worker drops it.
    pub(crate) async fn end(&self) {
        self.over.notify_one();
        std::future::pending::<()>().await;
    }

    /// Ends before the effect where that is its fate.
    pub(crate) async fn before(&self, fate: Fate) {
        if fate == Fate::DeathBefore {
            self.end().await;
        }
    }

    /// Ends after the effect where that is its fate.
    pub(crate) async fn after(&self, fate: Fate) {
        if fate == Fate::DeathAfter {
            self.end().await;
        }
    }
}
