//! What `poll` is asked for.

use jiff::Timestamp;
use posting::{BusinessId, ConnectionId, DocumentKind};
use serde::Deserialize;

use crate::ports::Fetch;

/// Business ids of one event: with three kinds each, about what a run has the time for.
pub const BUSINESS_IDS_MAX: usize = 200;

/// What a person or the schedule asks `poll` for. `{}` means everything, now; the schedule asks only for what is due.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// One connection only.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Some kinds only, among those the connection takes.
    #[serde(default)]
    pub document_types: Option<Vec<DocumentKind>>,
    /// One report, invoice or cash advance only.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
    /// Several of them, at most [`BUSINESS_IDS_MAX`]: what this system acknowledged and its table does not know is taken too.
    #[serde(default)]
    pub business_ids: Vec<BusinessId>,
    /// Plans everything that would be taken and shows the plans; nothing is acknowledged, stored or woken.
    #[serde(default)]
    pub dry_run: bool,
    /// Only the connections whose schedule says so; without any of the other fields.
    #[serde(default)]
    pub only: Option<Only>,
}

/// Which connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Those that are due.
    Due,
}

impl Request {
    /// Why nothing of it is done, as a sentence: what contradicts the rest, or is too much for one run.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let ids = self.business_ids.len();
        if ids > BUSINESS_IDS_MAX {
            return Some(format!(
                "`business_ids` has {ids} ids and may have {BUSINESS_IDS_MAX}: nothing was done; send them in several events"
            ));
        }
        let narrowed = self.connection.is_some()
            || self.document_types.is_some()
            || self.business_id.is_some()
            || !self.business_ids.is_empty()
            || self.dry_run;
        (self.only.is_some() && narrowed)
            .then(|| "`only` stands alone: it asks for whatever is due".to_owned())
    }

    /// Whether it is the tick of the schedule.
    pub(super) fn is_tick(&self) -> bool {
        self.only == Some(Only::Due)
    }

    pub(super) fn of(fetch: &Fetch) -> Self {
        Self {
            connection: Some(fetch.connection.clone()),
            document_types: fetch.kind.map(|kind| vec![kind]),
            business_id: fetch.business_id.clone(),
            ..Self::default()
        }
    }
}

/// A wake of `poll` as the queue delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Id of its message.
    pub message: String,
    /// What is worth asking.
    pub fetch: Fetch,
    /// When it was sent, where the queue says so.
    pub sent: Option<Timestamp>,
}
