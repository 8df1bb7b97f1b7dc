//! What happened, as it happened: what the vendors were told when, and what was wrong with it at that moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use posting::remedy::Do;
use posting::state::{Outcome, State, Write};
use posting::{Code, Reason, Record};
use serde_json::Value;

/// Events kept for a report.
const KEPT_MAX: usize = 400_000;

/// Whether the events of a run are kept for people to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Events,
}

/// The history of one world.
#[derive(Debug, Default)]
pub(crate) struct History {
    trace: DefaultHasher,
    /// The last events, for a report.
    pub(crate) events: Vec<String>,
    pub(crate) keep: bool,
    /// What must not have happened.
    pub(crate) violations: Vec<String>,
    /// Documents of which we were told that they are recalled or gone.
    told_recalled: BTreeSet<String>,
    /// Receipts as the ledger stored them: document, type and number.
    receipts: BTreeSet<(String, String)>,
    /// Documents somebody took back or cancelled after they were acknowledged.
    pub(crate) recalled_late: BTreeSet<String>,
    /// Documents of which a write was not answered, or not well.
    pub(crate) unanswered: BTreeSet<String>,
    /// Documents of which a write was meant and never answered: their worker ended between both.
    pub(crate) intended: BTreeSet<String>,
    /// How often tokens of Concur were refused or made void before their time.
    pub(crate) tokens_refused: u32,
    /// Whether the accountant closed the month.
    pub(crate) closed: bool,
    /// A document that is taken back as soon as something of it stands in Acumatica.
    pub(crate) recall_when_posted: Option<String>,
    /// Addresses of what a worker believes to be deleted.
    pub(crate) unseen: BTreeSet<String>,
    /// Until when a session may live that a late call opened anew.
    pub(crate) reopened_until: Duration,
    /// Refusals of calls that came when nobody waited for them any more.
    pub(crate) excused: u64,
    /// When each request somebody waited for reached Acumatica, in ms by its worker's clock.
    pub(crate) arrived: Vec<i64>,
    /// Invoices somebody keyed by hand before Concur offered them: document, type and number of the bill.
    pub(crate) keyed: BTreeMap<String, String>,
    /// Invoices that were entered twice, and documents that were approved anew after they were recalled.
    pub(crate) doubled: BTreeSet<String>,
    pub(crate) resubmitted: BTreeSet<String>,
    /// What people meant to do with a document, done or not.
    wishes: BTreeSet<(String, &'static str)>,
    /// What people were answered, counted.
    pub(crate) answers: BTreeMap<String, u64>,
    /// Tries of one step of one document without a rest between them: the last time, in ms.
    asked: BTreeMap<String, Vec<u128>>,
}

impl History {
    /// Notes an event. Two runs with one seed have the same events at the same times.
    pub(crate) fn event(&mut self, at: u128, event: fmt::Arguments<'_>) {
        at.hash(&mut self.trace);
        // Hashing never fails.
        let _always = Traced(&mut self.trace).write_fmt(event);
        if self.keep && self.events.len() < KEPT_MAX {
            self.events.push(format!("{at:>9} {event}"));
        }
    }

    /// The trace so far, as one number.
    pub(crate) fn trace(&self) -> u64 {
        self.trace.finish()
    }

    /// Notes a violation.
    pub(crate) fn wrong(&mut self, sentence: String) {
        self.violations.push(sentence);
    }

    /// Whether something that happened explains that a document waits for a person with this reason.
    pub(crate) fn explains(&self, document: &str, reason: &Reason) -> bool {
        match reason.code {
            Code::Recalled => self.recalled_late.contains(document),
            // Between plan and write, or between write and release.
            Code::PeriodClosed | Code::AcumaticaRefused | Code::ReleaseFailed => {
                self.closed && reason.message.contains("period")
            }
            Code::OutcomeUnproven => {
                self.unanswered.contains(document) || self.intended.contains(document)
            }
            // A release that nobody heard the end of still runs in the session; and an exception of the server about a write that
            // is not there means no for good.
            Code::AcumaticaFailed => {
                let threw = reason.message.contains("A fault of the server");
                reason.message.contains("previous operation")
                    || threw && self.unanswered.contains(document)
            }
            Code::DuplicateReference | Code::PossibleDuplicate => {
                self.keyed.contains_key(document) || self.doubled.contains(document)
            }
            Code::AmountDiffers => self.is_meant(document, Do::Adopt),
            Code::EarlierPosting => {
                self.resubmitted.contains(document) || self.is_meant(document, Do::Replan)
            }
            // What is taken back may need a person: its opposite is to be released, or it is paid meanwhile.
            Code::WithdrawalOpen
            | Code::WithdrawalRefused
            | Code::WithdrawalStatus
            | Code::WithdrawalIncomplete => {
                self.is_meant(document, Do::Withdraw) || self.recalled_late.contains(document)
            }
            // Fresh tokens that are refused again and again look like a missing right.
            Code::CredentialsRefused => self.tokens_refused > 1,
            _ => false,
        }
    }

    /// A document was approved anew under another id.
    pub(crate) fn approved_anew(&mut self, before: &str, again: &str) {
        if let Some(bill) = self.keyed.get(before).cloned() {
            self.keyed.insert(again.to_owned(), bill);
        }
        if self.doubled.contains(before) {
            self.doubled.insert(again.to_owned());
        }
        self.resubmitted.insert(again.to_owned());
    }

    /// A person is about to ask for this.
    pub(crate) fn meant_by_a_person(&mut self, document: &str, way: Do) {
        self.wishes.insert((document.to_owned(), way.as_str()));
    }

    /// Whether a person ever meant this.
    pub(crate) fn is_meant(&self, document: &str, way: Do) -> bool {
        self.wishes.contains(&(document.to_owned(), way.as_str()))
    }

    /// What a person was answered.
    pub(crate) fn said(&mut self, answer: &str) {
        *self.answers.entry(answer.to_owned()).or_default() += 1;
    }

    /// The ledger stored what is meant to be written, or that it was. What a lapsed claim leaves is unknown, not written.
    pub(crate) fn meant(&mut self, record: &Record) {
        let State::Posting { writes, .. } = &record.state else {
            return;
        };
        let document = record.document.as_str();
        let is_done = |write: &Write| matches!(write.outcome, Outcome::Done { .. });
        if writes.iter().all(is_done) {
            self.intended.remove(document);
        } else {
            self.intended.insert(document.to_owned());
        }
    }

    /// The ledger stored this receipt.
    pub(crate) fn stored(&mut self, document: &str, receipt: String) {
        self.receipts.insert((document.to_owned(), receipt));
    }

    /// Whether the ledger knows a receipt of this document.
    pub(crate) fn has_receipt(&self, document: &str) -> bool {
        self.receipts.iter().any(|(of, _)| of == document)
    }

    /// An answer about acknowledgements or confirmations reached us.
    pub(crate) fn answered(&mut self, answer: &[u8]) {
        let Ok(Value::Array(items)) = serde_json::from_slice(answer) else {
            return;
        };
        for item in items {
            let code = item.get("code").and_then(Value::as_i64);
            if let (Some(102 | 104 | 112), Some(id)) =
                (code, item.get("docId").and_then(Value::as_str))
            {
                self.told_recalled.insert(id.to_owned());
            }
        }
    }

    /// Acumatica saved something for a document that stands like this in Concur.
    pub(crate) fn posted(&mut self, document: &str, status: &str) {
        let late = self.recalled_late.contains(document);
        let told = self.told_recalled.contains(document);
        if told || !(status == "ACKNOWLEDGED" || late && matches!(status, "RECALLED" | "VOID")) {
            self.wrong(format!(
                "{document} was posted while Concur has it as {status}, told {told}"
            ));
        }
    }

    /// Concur hears a verdict.
    pub(crate) fn confirmed(&mut self, confirmation: &Value) {
        let text = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let items = confirmation.get("postingConfirmations");
        for item in items.and_then(Value::as_array).into_iter().flatten() {
            let document = text(item, "docId");
            let named = item.get("postingDocs").and_then(Value::as_array);
            for doc in named.into_iter().flatten() {
                let receipt = (document.clone(), text(doc, "documentNumber"));
                if !receipt.1.is_empty() && !self.receipts.contains(&receipt) {
                    self.wrong(format!(
                        "{document} was confirmed with {} before its receipt was stored",
                        receipt.1
                    ));
                }
            }
        }
    }

    /// A write is tried: how often inside a minute?
    pub(crate) fn tried(&mut self, at: u128, step: &str) {
        /// Tries of one write inside a minute that are no back-off any more.
        const TRIES_MAX: usize = 6;
        let times = self.asked.entry(step.to_owned()).or_default();
        times.retain(|before| at.saturating_sub(*before) < 60_000);
        times.push(at);
        if times.len() == TRIES_MAX {
            self.violations
                .push(format!("{step} was tried {TRIES_MAX} times in a minute"));
        }
    }
}

/// Text that goes into the trace without being put together first.
struct Traced<'a>(&'a mut DefaultHasher);

impl fmt::Write for Traced<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
