//! The event of `replay`: which documents, what to do with them, who says so.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use posting::record::List;
use posting::remedy::Do;
use posting::{BusinessId, Code, ConnectionId, DocumentId, DocumentKind};
use serde::{Deserialize, Serialize};

/// What a person wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Look only.
    Show,
    /// Let it go on where it stopped.
    Resume,
    /// Have it planned anew.
    Replan,
    /// End its record.
    Close,
}

impl Wish {
    /// The way out of Held it means; `None` when it changes nothing.
    #[must_use]
    pub fn way(self) -> Option<Do> {
        match self {
            Self::Show => None,
            Self::Resume => Some(Do::Resume),
            Self::Replan => Some(Do::Replan),
            Self::Close => Some(Do::Close),
        }
    }
}

/// What `replay` is asked for: documents by id, or by a filter whose fields all must fit. A field that is not known is an
/// error that names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Request {
    /// The connection.
    pub connection: ConnectionId,
    /// Which of its documents.
    pub(super) chosen: Chosen,
    /// What to do.
    pub wish: Wish,
    /// Who says so; may be empty but for [`Wish::Close`].
    pub by: String,
    /// Why; may be empty but for [`Wish::Close`].
    pub note: String,
    mode: Mode,
}

impl Request {
    /// Whether something may change: said by `apply`, and not just a look.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.mode == Mode::Apply && self.wish != Wish::Show
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    DryRun,
    Apply,
}

/// Which documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    Named(Vec<DocumentId>),
    Filter(Filter),
}

/// Every field that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) list: List,
    pub(super) state: String,
    pub(super) reason: Option<Code>,
    pub(super) kind: Option<DocumentKind>,
    pub(super) business: Option<BusinessId>,
    pub(super) older_than: Option<SignedDuration>,
}

/// Why an event is no request; `Display` names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Neither documents nor a filter, or both.
    #[error(
        "name the `documents`, or one or more of `state`, `reason`, `type`, `business_id`, `older_than`, not both"
    )]
    Chosen,
    /// A state that does not exist.
    #[error("field `state` is no state: `{0}`")]
    State(String),
    /// A span of time that cannot be read.
    #[error("field `older_than` must be a span of time like `2d` or `36h`, found `{0}`")]
    OlderThan(String),
    /// Closing is a decision about one document by somebody.
    #[error("`close` takes exactly one document in `documents`")]
    One,
    /// An invocation carries no name.
    #[error("`close` needs field `{0}`, which is kept in the document's story")]
    Signed(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    connection: ConnectionId,
    documents: Option<Vec<DocumentId>>,
    state: Option<String>,
    reason: Option<Code>,
    r#type: Option<DocumentKind>,
    business_id: Option<BusinessId>,
    older_than: Option<String>,
    r#do: Wish,
    #[serde(default)]
    by: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    apply: bool,
}

impl TryFrom<Fields> for Request {
    type Error = RequestError;

    fn try_from(fields: Fields) -> Result<Self, RequestError> {
        let (by, note) = (fields.by.trim().to_owned(), fields.note.trim().to_owned());
        if fields.r#do == Wish::Close {
            if fields.documents.as_ref().is_none_or(|ids| ids.len() != 1) {
                return Err(RequestError::One);
            }
            for (name, text) in [("by", &by), ("note", &note)] {
                if text.is_empty() {
                    return Err(RequestError::Signed(name));
                }
            }
        }
        let (connection, wish) = (fields.connection.clone(), fields.r#do);
        let mode = if fields.apply {
            Mode::Apply
        } else {
            Mode::DryRun
        };
        Ok(Self {
            connection,
            chosen: chosen(fields)?,
            wish,
            by,
            note,
            mode,
        })
    }
}

fn chosen(fields: Fields) -> Result<Chosen, RequestError> {
    let filtered = fields.state.is_some()
        || fields.reason.is_some()
        || fields.r#type.is_some()
        || fields.business_id.is_some()
        || fields.older_than.is_some();
    match fields.documents {
        Some(mut ids) if !filtered && !ids.is_empty() => {
            ids.sort();
            ids.dedup();
            Ok(Chosen::Named(ids))
        }
        None if filtered => {
            let state = fields.state.unwrap_or_else(|| "held".to_owned());
            let list = list_of(&state).ok_or_else(|| RequestError::State(state.clone()))?;
            Ok(Chosen::Filter(Filter {
                list,
                state,
                reason: fields.reason,
                kind: fields.r#type,
                business: fields.business_id,
                older_than: fields.older_than.map(span).transpose()?,
            }))
        }
        _ => Err(RequestError::Chosen),
    }
}

/// The work list a state's word stands in.
fn list_of(state: &str) -> Option<List> {
    match state {
        "held" => Some(List::Held),
        "received" | "acknowledged" | "planned" | "posting" | "posted" | "refused" => {
            Some(List::Open)
        }
        "confirmed" | "returned" | "recalled" | "closed" => Some(List::Done),
        _ => None,
    }
}

/// A day is 24 hours.
fn span(text: String) -> Result<SignedDuration, RequestError> {
    text.parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| RequestError::OlderThan(text))
}
