//! The event of `replay`: which documents, what to do with them, who says so.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use posting::plan::PostingKind;
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
    /// Have Concur told "error".
    Return,
    /// Take the numbers of what stands in Acumatica.
    Adopt,
    /// Say that what was lost did not arrive.
    Absent,
    /// Permit what it was held for, once.
    Allow,
    /// Have what was written taken back.
    Withdraw,
    /// End its record.
    Close,
    /// Wake what the dead-letter queues hold; no document's own.
    Redrive,
}

impl Wish {
    /// The way out of Held it means; `None` when it changes nothing.
    #[must_use]
    pub fn way(self) -> Option<Do> {
        match self {
            Self::Show | Self::Redrive => None,
            Self::Resume => Some(Do::Resume),
            Self::Replan => Some(Do::Replan),
            Self::Return => Some(Do::Return),
            Self::Adopt => Some(Do::Adopt),
            Self::Absent => Some(Do::Absent),
            Self::Allow => Some(Do::Allow),
            Self::Withdraw => Some(Do::Withdraw),
            Self::Close => Some(Do::Close),
        }
    }

    /// The word in events and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self, self.way()) {
            (_, Some(way)) => way.as_str(),
            (Self::Redrive, None) => "redrive",
            (_, None) => "show",
        }
    }

    /// Whether it is a decision about one document, made by somebody: an invocation carries no name.
    fn is_signed(self) -> bool {
        !matches!(
            self,
            Self::Show | Self::Resume | Self::Replan | Self::Redrive
        )
    }
}

/// A document of Acumatica as a person names it, `Bill 004512`: type and number, because sequences overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its type.
    pub kind: PostingKind,
    /// Its number.
    pub number: String,
}

impl Named {
    fn read(text: &str) -> Option<Self> {
        let kinds = [
            PostingKind::Bill,
            PostingKind::DebitAdj,
            PostingKind::CreditAdj,
            PostingKind::Journal,
        ];
        kinds.into_iter().find_map(|kind| {
            let number = text.trim().strip_prefix(kind.label())?;
            let is_number = number.starts_with(' ') && !number.trim().is_empty();
            is_number.then(|| Self {
                kind,
                number: number.trim().to_owned(),
            })
        })
    }
}

/// What `replay` is asked for: documents by id, or by a filter whose fields all must fit. A field that is not known is an
/// error that names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Request {
    /// The connection; `None` only for [`Wish::Redrive`], whose queues serve all of them.
    pub connection: Option<ConnectionId>,
    /// Which of its documents.
    pub(super) chosen: Chosen,
    /// What to do.
    pub wish: Wish,
    /// What stands in Acumatica for a posting, by its number in the plan; only for [`Wish::Adopt`].
    pub numbers: BTreeMap<u32, Named>,
    /// Who says so; may be empty but for decisions about one document.
    pub by: String,
    /// Why; may be empty but for decisions about one document.
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
    /// The wish is about no document.
    None,
}

/// Every field that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) list: List,
    /// Everything on the list where none is given.
    pub(super) state: Option<String>,
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
    /// No connection is named.
    #[error("missing field `connection`")]
    Connection,
    /// A decision about one document.
    #[error("`{0}` takes exactly one document in `documents`")]
    One(&'static str),
    /// An invocation carries no name.
    #[error("`{way}` needs field `{field}`, which is kept in the document's story")]
    Signed {
        /// What is asked for.
        way: &'static str,
        /// The field that is missing.
        field: &'static str,
    },
    /// Numbers are missing, or given where they mean nothing.
    #[error(
        "`adopt`, and nothing else, needs field `numbers`: for each posting of the plan what stands for it, as {{\"1\": \"Bill 004512\"}}"
    )]
    Numbers,
    /// A posting that cannot be one.
    #[error("field `numbers` is by the numbers of the plan's postings, found `{0}`")]
    Posting(String),
    /// A number that cannot be read.
    #[error(
        "field `numbers.{n}` must be a type and a number, as `Bill 004512`, `Debit Adj. 000031`, `Credit Adj. 000007` or `GL 000877`, found `{text}`"
    )]
    Number {
        /// The posting it is given for.
        n: String,
        /// What was found.
        text: String,
    },
    /// The dead-letter queues know no documents.
    #[error("`redrive` takes nothing but `apply`")]
    Redrive,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    connection: Option<ConnectionId>,
    documents: Option<Vec<DocumentId>>,
    state: Option<String>,
    reason: Option<Code>,
    r#type: Option<DocumentKind>,
    business_id: Option<BusinessId>,
    older_than: Option<String>,
    r#do: Wish,
    numbers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    by: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    apply: bool,
}

impl TryFrom<Fields> for Request {
    type Error = RequestError;

    fn try_from(mut fields: Fields) -> Result<Self, RequestError> {
        let wish = fields.r#do;
        let (by, note) = (fields.by.trim().to_owned(), fields.note.trim().to_owned());
        if wish.is_signed() {
            if fields.documents.as_ref().is_none_or(|ids| ids.len() != 1) {
                return Err(RequestError::One(wish.as_str()));
            }
            for (field, text) in [("by", &by), ("note", &note)] {
                if text.is_empty() {
                    let way = wish.as_str();
                    return Err(RequestError::Signed { way, field });
                }
            }
        }
        let numbers = numbers(wish, fields.numbers.take())?;
        let mode = if fields.apply {
            Mode::Apply
        } else {
            Mode::DryRun
        };
        let connection = fields.connection.take();
        let chosen = match (wish, &connection) {
            (Wish::Redrive, Some(_)) => return Err(RequestError::Redrive),
            (Wish::Redrive, None) if fields.is_about_documents() => {
                return Err(RequestError::Redrive);
            }
            (Wish::Redrive, None) => Chosen::None,
            (_, None) => return Err(RequestError::Connection),
            (_, Some(_)) => chosen(fields)?,
        };
        Ok(Self {
            connection,
            chosen,
            wish,
            numbers,
            by,
            note,
            mode,
        })
    }
}

impl Fields {
    fn is_filtered(&self) -> bool {
        self.state.is_some()
            || self.reason.is_some()
            || self.r#type.is_some()
            || self.business_id.is_some()
            || self.older_than.is_some()
    }

    fn is_about_documents(&self) -> bool {
        self.documents.is_some() || self.is_filtered()
    }
}

fn numbers(
    wish: Wish,
    given: Option<BTreeMap<String, String>>,
) -> Result<BTreeMap<u32, Named>, RequestError> {
    match (wish, given) {
        (Wish::Adopt, Some(given)) if !given.is_empty() => given
            .into_iter()
            .map(|(n, text)| {
                let Ok(posting) = n.parse() else {
                    return Err(RequestError::Posting(n));
                };
                match Named::read(&text) {
                    Some(named) => Ok((posting, named)),
                    None => Err(RequestError::Number { n, text }),
                }
            })
            .collect(),
        (Wish::Adopt, _) | (_, Some(_)) => Err(RequestError::Numbers),
        (_, None) => Ok(BTreeMap::new()),
    }
}

fn chosen(fields: Fields) -> Result<Chosen, RequestError> {
    let filtered = fields.is_filtered();
    match fields.documents {
        Some(mut ids) if !filtered && !ids.is_empty() => {
            ids.sort();
            ids.dedup();
            Ok(Chosen::Named(ids))
        }
        None if filtered => {
            let list = match &fields.state {
                Some(state) => list_of(state).ok_or_else(|| RequestError::State(state.clone()))?,
                None => List::Held,
            };
            Ok(Chosen::Filter(Filter {
                list,
                state: fields.state,
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
        "received" | "acknowledged" | "planned" | "posting" | "posted" | "withdrawing"
        | "refused" => Some(List::Open),
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
