//! One page: store, acknowledge in one call, note the answers, wake in one batch.

use std::collections::{BTreeMap, BTreeSet};
use std::slice::from_ref;

use concur::financial::{Acknowledged, DocumentStatus, FinancialDocument};
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use posting::rules::Acceptance;
use posting::state::{AcknowledgeCode, ConfirmAfter, Earlier, Happened, State, advance};
use posting::{DocumentId, DocumentKind, Record};

use super::answer::ConnectionAnswer;
use super::page::RoundError;
use super::{Connection, Poll};
use crate::claimed::{Claimed, create, save};
use crate::ports::{
    Change, Clock, Created, Key, Ledger, PortError, Queue, Reservation, SaveError, Source, Vault,
    Wake,
};
use crate::report::Failure;
use crate::retry;
use crate::translate::{self, Reading, document_type};

/// Items stored at a time.
const STORES_AT_A_TIME: usize = 8;

/// A document that is ours to take, as read.
pub(super) type Ours = (DocumentId, Reading, Source);

/// A stored document that is to be acknowledged.
struct Stored {
    record: Record,
    earlier: Earlier,
    claimed: Claimed,
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    /// Takes what is ours of a page; returns how many documents left Concur's list by it.
    pub(super) async fn take(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        documents: Vec<FinancialDocument>,
        answer: &mut ConnectionAnswer,
    ) -> Result<usize, RoundError> {
        let mut ours = Vec::new();
        let mut acknowledged = BTreeSet::new();
        for document in documents {
            let is_acknowledged = document.status == DocumentStatus::Acknowledged;
            match ours_of(connection, kind, document) {
                Ok(found) => {
                    if is_acknowledged {
                        acknowledged.insert(found.0.clone());
                    }
                    ours.push(found);
                }
                Err(why) => answer.skip(why),
            }
        }
        if self.request.dry_run {
            self.explain(connection, kind, ours, answer).await?;
            // Nothing leaves the list.
            return Ok(0);
        }
        let writes = ours.into_iter().map(|found| {
            let earlier = if acknowledged.contains(&found.0) {
                Earlier::Sent
            } else {
                Earlier::First
            };
            self.store(connection, kind, found, earlier)
        });
        let written: Vec<_> = futures_util::stream::iter(writes)
            .buffered(STORES_AT_A_TIME)
            .collect()
            .await;
        let mut by_system: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
        for result in written {
            match result {
                Ok(Some(one)) => by_system
                    .entry(one.record.system_id.clone())
                    .or_default()
                    .push(one),
                Ok(None) => answer.skip("known"),
                Err(error) => answer.errors.push(Failure::new(
                    format!("store {kind}"),
                    &error,
                    "Nothing was acknowledged for it; the next run fetches it again.",
                )),
            }
        }
        let mut left_list = 0_usize;
        // One system id but for records of an earlier version of the connection.
        for (system, group) in by_system {
            let count = self.acknowledge(connection, &system, group, answer).await?;
            left_list = left_list.saturating_add(count);
        }
        Ok(left_list)
    }

    /// Source first, so that the record never names what is not there. `None`: nothing is to be acknowledged.
    async fn store(
        &self,
        connection: &Connection,
        kind: DocumentKind,
        (id, reading, source): Ours,
        earlier: Earlier,
    ) -> Result<Option<Stored>, PortError> {
        let key = Key {
            connection: connection.id.clone(),
            document: id,
        };
        self.needs.ledger.put_source(&key, &source).await?;
        let now = self.needs.now();
        let mut record = received(connection, kind, (key.document, reading), now);
        // Its wake may be lost: the sweep looks at it then.
        record.due = self.needs.after(self.needs.deployment.clocks.wake_lost);
        if earlier == Earlier::Sent {
            record.note(now, "found_acknowledged", &record.system_id.clone());
        }
        let created = create(&self.needs.ledger, &record, (self.run, now)).await?;
        let (created, Some(claimed)) = created else {
            return Ok(None);
        };
        let (record, earlier) = match created {
            Created::New => (
                Record {
                    version: 1,
                    ..record
                },
                earlier,
            ),
            // A run before this one stored it and ended before it knew an answer.
            Created::Existing(record) => (*record, Earlier::Sent),
        };
        Ok(Some(Stored {
            record,
            earlier,
            claimed,
        }))
    }

    async fn acknowledge(
        &self,
        connection: &Connection,
        system: &str,
        stored: Vec<Stored>,
        answer: &mut ConnectionAnswer,
    ) -> Result<usize, RoundError> {
        let Some(kind) = stored.first().map(|stored| stored.record.kind) else {
            return Ok(0);
        };
        let ids: Vec<&str> = stored
            .iter()
            .map(|stored| stored.claimed.document().as_str())
            .collect();
        let answers = self
            .needs
            .concur(connection, self.run, async |client: &concur::Client| {
                client.acknowledge(document_type(kind), system, &ids).await
            })
            .await?;
        let saves = stored.iter().map(|stored| {
            let told = answers
                .iter()
                .find(|answer| answer.document_id == stored.record.document.as_str());
            self.note(stored, told)
        });
        let noted: Vec<_> = futures_util::stream::iter(saves)
            .buffered(STORES_AT_A_TIME)
            .collect()
            .await;
        let mut wakes = Vec::new();
        let mut left_list = 0_usize;
        for result in noted {
            match result {
                Ok(record) => {
                    answer.count(record.state.word());
                    if record.state != State::Received {
                        left_list = left_list.saturating_add(1);
                    }
                    if record.state == State::Acknowledged {
                        let wake = Wake {
                            connection: record.connection,
                            document: record.document,
                        };
                        wakes.push((wake, SignedDuration::ZERO));
                    }
                }
                Err(error) => answer.errors.push(Failure::new(
                    format!("note the acknowledgement of {kind}"),
                    &error,
                    "The record is due in a few minutes and is acknowledged again.",
                )),
            }
        }
        if !wakes.is_empty()
            && let Err(error) = self.needs.queue.wake(&wakes).await
        {
            // The records are due in a few minutes, and the sweep finds them.
            tracing::warn!(connection = %connection.id, %error, "wakes not sent");
        }
        Ok(left_list)
    }

    /// Saves what Concur said about one document; without an answer about it the record stays as it is.
    async fn note(
        &self,
        stored: &Stored,
        told: Option<&Acknowledged>,
    ) -> Result<Record, SaveError> {
        let Some(told) = told else {
            return Ok(stored.record.clone());
        };
        let now = self.needs.now();
        let happened = Happened::Acknowledged {
            answer: AcknowledgeCode {
                code: told.code.number(),
                system: told.system_id.clone(),
            },
            earlier: stored.earlier,
            again: retry::due(&stored.record, now, None),
        };
        let Ok(mut record) = advance(&stored.record, &happened, now) else {
            return Ok(stored.record.clone());
        };
        let is_over = record.list() != posting::record::List::Open;
        let audit = if is_over { record.take_trail() } else { None };
        let business = Reservation::Business(record.business.to_string());
        let is_ours = record.state == State::Acknowledged;
        let change = Change {
            audit,
            reservations: if is_ours { from_ref(&business) } else { &[] },
            ..Change::of(&record)
        };
        let mut saved = save(&self.needs.ledger, &change, self.run).await;
        if let Err(SaveError::Taken { by, .. }) = saved {
            // Another document of the same business object comes first; `post` looks at that one before it plans this.
            record.behind = Some(by);
            saved = save(&self.needs.ledger, &Change::of(&record), self.run).await;
        }
        match saved {
            // On a conflict a worker woken by the sweep was faster; the record says what became of it.
            Ok(_) | Err(SaveError::Conflict) => Ok(record),
            Err(error) => Err(error),
        }
    }
}

/// Whether a listed document is ours to take; else why it stays with Concur.
fn ours_of(
    connection: &Connection,
    kind: DocumentKind,
    document: FinancialDocument,
) -> Result<Ours, &'static str> {
    let id = DocumentId::new(document.id.as_str()).map_err(|_| "without_id")?;
    let holder = document.erp_system_id.as_deref().map(str::trim);
    let free =
        holder.is_none_or(|holder| holder.is_empty() || holder == connection.concur.system_id);
    if !free {
        return Err("elsewhere");
    }
    let source = Source {
        text: document.document.into(),
        entity: document.entity_id,
    };
    let reading = translate::read(kind, &id, &source);
    match connection.rules.accepts(&reading.header) {
        Acceptance::Accepted => Ok((id, reading, source)),
        Acceptance::Outside => Err("outside"),
        Acceptance::Test => Err("test"),
    }
}

/// The record of a document just seen.
fn received(
    connection: &Connection,
    kind: DocumentKind,
    (id, reading): (DocumentId, Reading),
    now: Timestamp,
) -> Record {
    let header = reading.header;
    let readable = header.currency != posting::Currency::NONE;
    let mut record = Record {
        connection: connection.id.clone(),
        document: id,
        kind,
        business: header.business,
        system_id: connection.concur.system_id.clone(),
        under: Some(connection.version),
        payee: reading.payee,
        currency: readable.then_some(header.currency),
        amount: reading
            .document
            .as_ref()
            .ok()
            .and_then(posting::Document::stated_total),
        state: State::Received,
        received: now,
        due: now,
        attempt: 0,
        waits: None,
        behind: None,
        claim: None,
        claims: 0,
        plans: 0,
        reversed: 0,
        once: None,
        confirm_after: ConfirmAfter::Created,
        notes: Vec::new(),
        audits: 0,
        head: String::new(),
        trail: Vec::new(),
        version: 0,
    };
    let revision = header.revision;
    record.note(now, "received", &format!("{kind} revision {revision}"));
    record
}
