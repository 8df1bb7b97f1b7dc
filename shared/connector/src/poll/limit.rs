//! How many documents of a kind are asked for at a time, and which kind is asked last. A call without an answer ends the
//! connection's part of a run; what is learned from it stands in its schedule, for whichever process polls it next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use posting::{ConnectionId, DocumentKind};

use super::page::RoundError;
use super::{Connection, Poll};
use crate::needs::make_room;

/// Documents asked for at a time; Concur's own default, no maximum is published.
pub(super) const PAGE_LIMIT: u32 = 25;
/// Connections a process remembers it of.
const KEPT_MAX: usize = 1_000;

impl<L, Q, V, C> Poll<'_, L, Q, V, C> {
    /// Begins with what the last poll of the connection learned.
    pub(super) fn learn(&self, id: &ConnectionId, learned: &BTreeMap<DocumentKind, u32>) {
        let mut limits = self.needs.kept.page_limits.borrow_mut();
        limits.remove(id);
        if !learned.is_empty() {
            make_room(&mut limits, KEPT_MAX);
            limits.insert(id.clone(), learned.clone());
        }
    }

    /// What the next one should begin with.
    pub(super) fn learned(&self, id: &ConnectionId) -> BTreeMap<DocumentKind, u32> {
        let limits = self.needs.kept.page_limits.borrow();
        limits.get(id).cloned().unwrap_or_default()
    }

    /// The kinds to ask for. Those that brought no answer last time come last, so that none waits behind them for ever.
    pub(super) fn in_turn(&self, connection: &Connection) -> Vec<DocumentKind> {
        let wanted = self.request.document_types.as_ref();
        let kinds = connection.rules.documents.iter().copied();
        let kinds = kinds.filter(|kind| wanted.is_none_or(|wanted| wanted.contains(kind)));
        let mut kinds: Vec<_> = kinds.collect();
        kinds.sort_by_key(|kind| {
            let limit = self.kept_limit(&connection.id, *kind);
            (limit.is_some(), limit.map(Reverse))
        });
        kinds
    }

    /// Documents of a kind to ask for at a time.
    pub(super) fn limit(&self, id: &ConnectionId, kind: DocumentKind) -> u32 {
        self.kept_limit(id, kind).unwrap_or(PAGE_LIMIT)
    }

    /// The kind brought no answer: half as many next time where the answer may only have been too slow.
    pub(super) fn went_silent(&self, id: &ConnectionId, kind: DocumentKind, error: &RoundError) {
        let limit = self.limit(id, kind);
        let next = if error.is_slow() {
            (limit / 2).max(1)
        } else {
            limit
        };
        let mut learned = self.learned(id);
        learned.insert(kind, next);
        self.learn(id, &learned);
    }

    /// A whole round was answered, or all of it that there was time for: twice as many next time.
    pub(super) fn was_answered(&self, id: &ConnectionId, kind: DocumentKind) {
        let mut learned = self.learned(id);
        let Some(limit) = learned.remove(&kind) else {
            return;
        };
        if limit < PAGE_LIMIT {
            learned.insert(kind, limit.saturating_mul(2).min(PAGE_LIMIT));
        }
        self.learn(id, &learned);
    }

    fn kept_limit(&self, id: &ConnectionId, kind: DocumentKind) -> Option<u32> {
        let limits = self.needs.kept.page_limits.borrow();
        limits.get(id)?.get(&kind).copied()
    }
}
