//! `preview`: what would become of a document, with the reason of every value, before anything happens. With a changed
//! connection next to it, what the change would make different. Nothing is written on any side.

use posting::{ConnectionId, DocumentId, DocumentKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ConnectError;
use super::apply::{self, FaultRow};
use crate::connection::Connection;
use crate::explain::{self, ANSWER_BYTES_MAX, Difference, Explained};
use crate::needs::{ConnectionError, Needs};
use crate::ports::{Clock, Key, Ledger, Source};
use crate::translate;

/// Documents under two rules and their differences share one answer.
const EXPLAINED_BYTES_MAX: usize = ANSWER_BYTES_MAX / 3;
/// Differences shown; a rule that moves every line of a large report is understood from the first ones.
const DIFFERENCES_MAX: usize = 500;
/// Stands for the FIS id of a document that is given without its envelope.
const WITHOUT_ENVELOPE: &str = "00000000000000000000000000000000";

/// What a preview is asked for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The connection; it may be unknown yet when `changed` is there.
    pub connection: ConnectionId,
    /// A document in the envelope FIS delivers it in, or bare.
    pub document: Value,
    /// The connection as it would be applied.
    #[serde(default)]
    pub changed: Option<Value>,
}

/// A document is personal, so only the connection is shown.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// Why a document cannot be previewed.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// Neither envelope nor content says what it is.
    #[error(
        "field `document` is no document of Concur: it has none of `report`, `requestHeader`, `cashAdvanceData`"
    )]
    Kind,
    /// Its id is none.
    #[error("field `document.id`")]
    Id(#[source] posting::ids::InvalidId),
    /// The changed connection is another one.
    #[error("field `changed` has another `id` than connection `{0}`")]
    Other(ConnectionId),
}

/// The answer of `preview`.
#[derive(Debug, Serialize)]
pub struct Previewed {
    /// The connection.
    pub connection: ConnectionId,
    /// Version of the stored connection; `None` when there is none yet.
    pub version: Option<u64>,
    /// Under the stored rules.
    pub stored: Option<Explained>,
    /// Under the changed ones, when they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
}

/// What a changed connection makes of the document.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// Every fault, as `apply` tells them; with one of them there is no plan.
    pub faults: Vec<FaultRow>,
    /// What is allowed and may surprise, as `apply` tells it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FaultRow>,
    /// Under the changed rules.
    pub explained: Option<Explained>,
    /// Whether both come to the same: outcome, reasons, notes and every value of the postings.
    pub same: bool,
    /// What differs from the stored rules' postings to these.
    pub differences: Vec<Difference>,
    /// Further differences that are not shown.
    pub differences_left_out: usize,
}

pub(super) async fn preview<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    given: Given,
) -> Result<Previewed, ConnectError> {
    let subject = Subject::of(given.document)?;
    let stored = match needs.connection(&given.connection).await {
        Ok(stored) => Some(stored),
        Err(ConnectionError::Missing(_) | ConnectionError::Removed(_))
            if given.changed.is_some() =>
        {
            None
        }
        Err(error) => return Err(error.into()),
    };
    let mut explained = match &stored {
        Some(connection) => Some(subject.under(needs, connection).await?),
        None => None,
    };
    let mut changed = match &given.changed {
        Some(value) => {
            let named = value.get("id").and_then(Value::as_str);
            if named.is_some_and(|named| named != given.connection.as_str()) {
                return Err(GivenError::Other(given.connection).into());
            }
            Some(subject.changed(needs, value, explained.as_ref()).await?)
        }
        None => None,
    };
    let both = explained.iter_mut();
    let both = both.chain(
        changed
            .iter_mut()
            .flat_map(|changed| &mut changed.explained),
    );
    for explained in both {
        explained.fit(EXPLAINED_BYTES_MAX);
    }
    Ok(Previewed {
        connection: given.connection,
        version: stored.map(|stored| stored.version),
        stored: explained,
        changed,
    })
}

/// A document to preview.
struct Subject {
    kind: DocumentKind,
    id: DocumentId,
    source: Source,
}

impl Subject {
    /// Takes it out of its envelope, if it has one.
    fn of(given: Value) -> Result<Self, GivenError> {
        let mut envelope = match given {
            Value::Object(members) if members.contains_key("document") => members,
            bare => serde_json::Map::from_iter([("document".to_owned(), bare)]),
        };
        let word = |envelope: &serde_json::Map<String, Value>, key: &str| {
            envelope.get(key).and_then(Value::as_str).map(str::to_owned)
        };
        let document = match envelope.remove("document") {
            // FIS delivers it as a text where the company is set up so.
            Some(Value::String(text)) => text,
            Some(document) => document.to_string(),
            None => return Err(GivenError::Kind),
        };
        let stated = word(&envelope, "docType").map(|kind| kind.to_lowercase());
        let kind = stated
            .and_then(|kind| DocumentKind::from_word(&kind))
            .or_else(|| looks_like(&document))
            .ok_or(GivenError::Kind)?;
        let id = word(&envelope, "id").unwrap_or_else(|| WITHOUT_ENVELOPE.to_owned());
        Ok(Self {
            kind,
            id: DocumentId::new(id).map_err(GivenError::Id)?,
            source: Source {
                text: document,
                entity: word(&envelope, "entityId"),
            },
        })
    }

    async fn under<L: Ledger, Q, V, C: Clock>(
        &self,
        needs: &Needs<L, Q, V, C>,
        connection: &Connection,
    ) -> Result<Explained, ConnectError> {
        let reading = translate::read(self.kind, &self.id, &self.source);
        let tenant = needs.known(connection).await;
        let key = Key {
            connection: connection.id.clone(),
            document: self.id.clone(),
        };
        let alike = explain::alike(&needs.ledger, &key, &reading).await?;
        Ok(explain::explain(
            connection,
            (self.kind, &self.id),
            &reading,
            (&tenant.view, &alike),
        ))
    }

    async fn changed<L: Ledger, Q, V, C: Clock>(
        &self,
        needs: &Needs<L, Q, V, C>,
        value: &Value,
        stored: Option<&Explained>,
    ) -> Result<Changed, ConnectError> {
        let connection = match apply::proved(needs, value).await? {
            Ok((connection, _)) => connection,
            Err(faults) => {
                return Ok(Changed {
                    faults,
                    warnings: Vec::new(),
                    explained: None,
                    same: false,
                    differences: Vec::new(),
                    differences_left_out: 0,
                });
            }
        };
        let explained = self.under(needs, &connection).await?;
        let warnings = connection.rules.warnings();
        let before = stored.and_then(|stored| stored.plan.as_ref());
        let mut differences = explain::differences(before, explained.plan.as_ref());
        let same = differences.is_empty()
            && stored.is_some_and(|stored| {
                stored.outcome == explained.outcome && stored.reasons == explained.reasons
            });
        let left_out = differences.len().saturating_sub(DIFFERENCES_MAX);
        differences.truncate(DIFFERENCES_MAX);
        Ok(Changed {
            faults: Vec::new(),
            warnings: warnings.iter().map(apply::warning).collect(),
            same,
            explained: Some(explained),
            differences,
            differences_left_out: left_out,
        })
    }
}

/// The kind of a bare document, by a member only that kind has.
fn looks_like(document: &str) -> Option<DocumentKind> {
    let value: Value = serde_json::from_str(document).ok()?;
    let marks = [
        ("report", DocumentKind::Expense),
        ("requestHeader", DocumentKind::Invoice),
        ("cashAdvanceData", DocumentKind::CashAdvance),
    ];
    let found = marks
        .into_iter()
        .find(|(mark, _)| value.get(mark).is_some());
    found.map(|(_, kind)| kind)
}
