//! The event of `connect`: its field `action`, and the fields of that action.

use posting::record::List;
use posting::{ConnectionId, DocumentId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Given;

/// Longest name and longest note stored with a version, in characters.
const BY_CHARS_MAX: usize = 100;
const NOTE_CHARS_MAX: usize = 1_000;

/// What `connect` is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub enum Request {
    /// `apply`: store a connection, its next version.
    Apply(Apply),
    /// `connect`: exchange what was put into the secrets for tokens, once.
    Connect {
        /// The connection.
        connection: ConnectionId,
    },
    /// `history`: who changed what in a connection and when.
    History {
        /// The connection.
        connection: ConnectionId,
        /// Versions below this one only.
        before: Option<u64>,
    },
    /// `keep`: look after the tokens of idle connections.
    Keep {
        /// One only, whenever its turn is.
        connection: Option<ConnectionId>,
    },
    /// `list`: the connections, or one with its documents.
    List(Asked),
    /// `ping`: prove that both systems can be reached and read.
    Ping {
        /// The connection.
        connection: ConnectionId,
    },
    /// `preview`: what would become of a document, by the stored rules and by changed ones.
    Preview(Box<Given>),
    /// `remove`: take a connection out of use.
    Remove {
        /// The connection.
        connection: ConnectionId,
        /// Who says so, and why; neither is empty.
        signed: Signed,
    },
    /// `show`: a connection as it is stored.
    Stored {
        /// The connection.
        connection: ConnectionId,
        /// Another version than the newest.
        version: Option<u64>,
    },
    /// `show` with a document: its story and its plan.
    Show {
        /// The connection.
        connection: ConnectionId,
        /// Its FIS id.
        document: DocumentId,
    },
}

/// Who says so and why; both may be empty, because an invocation carries no name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signed {
    /// Who.
    pub by: String,
    /// Why.
    pub note: String,
}

/// What `apply` takes.
#[derive(Debug, Clone)]
pub struct Apply {
    /// The connection as the operator wrote it.
    pub connection: Value,
    /// Stored with the version.
    pub signed: Signed,
}

/// What `list` takes.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// One connection only, with its documents.
    pub connection: Option<ConnectionId>,
    /// Its documents of one list only.
    pub list: Option<List>,
    /// Where the page before ended, as its `next` says.
    pub after: Option<String>,
    /// Most rows, of documents for each list.
    pub limit: Option<usize>,
    /// The removed connections instead of those in force.
    pub removed: bool,
}

/// Why an event is no request; `Display` names the field.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No or an unknown action.
    #[error(
        "field `action` must be one of apply, connect, history, keep, list, ping, preview, remove, show"
    )]
    Action,
    /// A field is missing, odd or unknown.
    #[error("action `{action}`: {what}")]
    Field {
        /// The action.
        action: &'static str,
        /// What is wrong, with the name of the field.
        what: String,
    },
}

impl TryFrom<Value> for Request {
    type Error = RequestError;

    fn try_from(event: Value) -> Result<Self, RequestError> {
        let Value::Object(mut fields) = event else {
            return Err(RequestError::Action);
        };
        let action = fields.remove("action");
        let rest = Value::Object(fields);
        match action.as_ref().and_then(Value::as_str) {
            Some("apply") => apply(of("apply", rest)?),
            Some("connect") => of::<One>("connect", rest).map(|one| Self::Connect {
                connection: one.connection,
            }),
            Some("history") => history(of("history", rest)?),
            Some("keep") => of::<Maybe>("keep", rest).map(|maybe| Self::Keep {
                connection: maybe.connection,
            }),
            Some("list") => list(of("list", rest)?),
            Some("ping") => of::<One>("ping", rest).map(|one| Self::Ping {
                connection: one.connection,
            }),
            Some("preview") => {
                of::<Given>("preview", rest).map(|given| Self::Preview(Box::new(given)))
            }
            Some("remove") => remove(of("remove", rest)?),
            Some("show") => show(of("show", rest)?),
            _ => Err(RequestError::Action),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplyFields {
    connection: Value,
    #[serde(default)]
    by: String,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveFields {
    connection: ConnectionId,
    #[serde(default)]
    by: String,
    #[serde(default)]
    note: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListFields {
    connection: Option<ConnectionId>,
    list: Option<List>,
    after: Option<String>,
    limit: Option<Value>,
    removed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    connection: ConnectionId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Maybe {
    #[serde(default)]
    connection: Option<ConnectionId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    connection: ConnectionId,
    #[serde(default)]
    before: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShowFields {
    connection: ConnectionId,
    #[serde(default)]
    document: Option<DocumentId>,
    #[serde(default)]
    version: Option<Value>,
}

fn of<T: DeserializeOwned>(action: &'static str, rest: Value) -> Result<T, RequestError> {
    serde_json::from_value(rest).map_err(|error| odd(action, error.to_string()))
}

fn odd(action: &'static str, what: impl Into<String>) -> RequestError {
    RequestError::Field {
        action,
        what: what.into(),
    }
}

fn apply(fields: ApplyFields) -> Result<Request, RequestError> {
    Ok(Request::Apply(Apply {
        connection: fields.connection,
        signed: signed("apply", &fields.by, &fields.note)?,
    }))
}

/// An invocation carries no name, and this one ends a customer's service.
fn remove(fields: RemoveFields) -> Result<Request, RequestError> {
    let signed = signed("remove", &fields.by, &fields.note)?;
    for (name, text) in [("by", &signed.by), ("note", &signed.note)] {
        if text.is_empty() {
            let what = format!("needs field `{name}`, which is kept in the connection's history");
            return Err(odd("remove", what));
        }
    }
    Ok(Request::Remove {
        connection: fields.connection,
        signed,
    })
}

fn signed(action: &'static str, by: &str, note: &str) -> Result<Signed, RequestError> {
    for (name, text, most) in [("by", by, BY_CHARS_MAX), ("note", note, NOTE_CHARS_MAX)] {
        if text.chars().count() > most {
            return Err(odd(
                action,
                format!("field `{name}` has over {most} characters"),
            ));
        }
    }
    Ok(Signed {
        by: by.trim().to_owned(),
        note: note.trim().to_owned(),
    })
}

fn list(fields: ListFields) -> Result<Request, RequestError> {
    let limit = whole("list", "limit", fields.limit)?;
    let what = match (&fields.connection, fields.list, &fields.after) {
        (None, Some(_), _) => "field `list` needs `connection`",
        (Some(_), None, Some(_)) => "field `after` needs the `list` of the page before",
        _ => {
            return Ok(Request::List(Asked {
                connection: fields.connection,
                list: fields.list,
                after: fields.after,
                limit: limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
                removed: fields.removed,
            }));
        }
    };
    Err(odd("list", what))
}

/// A whole number from 1, where one is given; serde's own message would not name the field.
fn whole(
    action: &'static str,
    name: &str,
    value: Option<Value>,
) -> Result<Option<u64>, RequestError> {
    let number = |value: Value| {
        let number = value.as_u64().filter(|number| *number > 0);
        number.ok_or_else(|| {
            odd(
                action,
                format!("field `{name}` must be a whole number from 1"),
            )
        })
    };
    value.map(number).transpose()
}

fn history(fields: History) -> Result<Request, RequestError> {
    Ok(Request::History {
        connection: fields.connection,
        before: whole("history", "before", fields.before)?,
    })
}

fn show(fields: ShowFields) -> Result<Request, RequestError> {
    let connection = fields.connection;
    let version = whole("show", "version", fields.version)?;
    match (fields.document, version) {
        (Some(_), Some(_)) => Err(odd(
            "show",
            "name a `document` or a `version` of the connection, not both",
        )),
        (Some(document), None) => Ok(Request::Show {
            connection,
            document,
        }),
        (None, version) => Ok(Request::Stored {
            connection,
            version,
        }),
    }
}
