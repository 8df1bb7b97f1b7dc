//! The queue: it loses, doubles, delays and reorders, and forgets what crashes its receivers.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use connector::ports::{Dead, DeadLetter, WAKE_DELAY_MAX, Wake};
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::air::Air;

/// Messages of one batch.
pub(crate) const BATCH: usize = 10;
/// Receives after which a message goes to the dead-letter queue.
const RECEIVES_MAX: u32 = 5;
/// Dead letters received in one go, and how long they stay hidden.
const LETTERS_MAX: usize = 10;
const LETTERS_HIDDEN: Duration = Duration::from_mins(5);
/// How long a received message stays hidden.
const HIDDEN: Duration = Duration::from_mins(30);

/// A message, and when it can be received.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) wake: Wake,
    visible: Instant,
    receives: u32,
}

/// The `work` queue.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    waiting: RefCell<Vec<Message>>,
    last: Cell<u64>,
    arrived: Notify,
    /// Messages that were received too often, as they lie in the dead-letter queue.
    letters: RefCell<Vec<Message>>,
    /// How many there ever were.
    pub(crate) dead: Cell<u64>,
}

impl Messages {
    /// Sends a wake, once as a rule.
    pub(crate) fn send(&self, air: &Air, wake: &Wake, delay: SignedDuration) {
        let delay = crate::mutants::delay(air, delay.min(WAKE_DELAY_MAX));
        let mut chaos = air.chaos();
        let (mut copies, mut extra, mut is_dead) = (1, Duration::ZERO, false);
        if chaos.message() {
            let what = match chaos.below(4) {
                0 => {
                    copies = 0;
                    "message lost"
                }
                1 => {
                    copies = 2;
                    "message doubled"
                }
                2 => {
                    extra = Duration::from_secs(chaos.below(4_000));
                    "message late"
                }
                _ => {
                    is_dead = true;
                    "message dead"
                }
            };
            chaos.note(what);
        }
        for _ in 0..copies {
            let jitter = Duration::from_millis(chaos.below(3_000));
            let id = self.last.get() + 1;
            self.last.set(id);
            let message = Message {
                id,
                wake: wake.clone(),
                visible: Instant::now() + delay + extra + jitter,
                receives: 0,
            };
            if is_dead {
                // As if five workers had ended over it.
                self.lay_aside(message);
            } else {
                self.waiting.borrow_mut().push(message);
            }
        }
        self.arrived.notify_one();
    }

    /// Waits for messages and hides them while they are worked on.
    pub(crate) async fn receive(&self) -> Vec<Message> {
        loop {
            let now = Instant::now();
            let batch = self.take(now);
            if !batch.is_empty() {
                return batch;
            }
            let next = self.waiting.borrow().iter().map(|m| m.visible).min();
            let pause = next.map_or(HIDDEN, |next| next.saturating_duration_since(now));
            // Several receivers wait; a short look more often costs nothing in virtual time.
            let pause = pause.clamp(Duration::from_millis(50), Duration::from_mins(1));
            let _arrived = tokio::time::timeout(pause, self.arrived.notified()).await;
        }
    }

    /// What can be received now.
    pub(crate) fn take_now(&self) -> Vec<Message> {
        self.take(Instant::now())
    }

    fn take(&self, now: Instant) -> Vec<Message> {
        let mut waiting = self.waiting.borrow_mut();
        let mut batch = Vec::new();
        for message in waiting.iter_mut() {
            if batch.len() < BATCH && message.visible <= now {
                message.receives += 1;
                message.visible = now + HIDDEN;
                if message.receives <= RECEIVES_MAX {
                    batch.push(message.clone());
                }
            }
        }
        let is_dead = |message: &mut Message| message.receives > RECEIVES_MAX;
        for dead in waiting.extract_if(.., is_dead) {
            self.lay_aside(dead);
        }
        batch
    }

    /// Forgets messages that are done.
    pub(crate) fn done(&self, done: &[u64]) {
        self.waiting
            .borrow_mut()
            .retain(|message| !done.contains(&message.id));
    }

    fn lay_aside(&self, message: Message) {
        self.dead.set(self.dead.get() + 1);
        self.letters.borrow_mut().push(Message {
            visible: Instant::now(),
            ..message
        });
    }

    /// Messages in the dead-letter queue.
    pub(crate) fn buried(&self) -> usize {
        self.letters.borrow().len()
    }

    /// Receives some dead letters and hides them for a while.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let now = Instant::now();
        let mut letters = self.letters.borrow_mut();
        let visible = letters.iter_mut().filter(|letter| letter.visible <= now);
        let received = visible.take(LETTERS_MAX).map(|letter| {
            letter.visible = now + LETTERS_HIDDEN;
            DeadLetter {
                queue: "work",
                wake: Some(Dead::Work(letter.wake.clone())),
                handle: letter.id.to_string(),
            }
        });
        received.collect()
    }

    /// Deletes dead letters.
    pub(crate) fn bury(&self, done: &[DeadLetter]) {
        let is_done = |letter: &Message| done.iter().any(|one| one.handle == letter.id.to_string());
        self.letters.borrow_mut().retain(|letter| !is_done(letter));
    }

    /// Messages sent so far, every copy counted.
    pub(crate) fn sent(&self) -> u64 {
        self.last.get()
    }

    /// Messages nobody has received.
    pub(crate) fn waiting(&self) -> usize {
        let waiting = self.waiting.borrow();
        waiting
            .iter()
            .filter(|message| message.receives == 0)
            .count()
    }

    /// Everything is lost at once.
    pub(crate) fn purge(&self) {
        self.waiting.borrow_mut().clear();
    }
}
