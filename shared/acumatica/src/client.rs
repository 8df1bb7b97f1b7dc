//! The calls, on a seat.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::auth::Token;
use crate::bill::{Bill, BillType};
use crate::custom::CustomField;
use crate::entity::{Document, Entity, Keyed, custom_of};
use crate::error::{EXCERPT_LIMIT_CHARS, Effect, Error, Kind, Label};
use crate::fault::{self, clip};
use crate::instance::Instance;
use crate::journal::JournalTransaction;
use crate::query::{Query, Rows};
use crate::schema::AdHocSchema;
use crate::site::Site;
use crate::transport::{Answer, Body, Call, Transport};
use crate::value;

/// A seat: one API session, whose calls are served one after another. That is why they take `&mut self`.
///
/// It ends in [`sign_out`](Self::sign_out) or [`keep`](Self::keep); a dropped one leaves the seat taken until its token
/// ends, and says so in the log.
#[derive(Debug)]
pub struct Session {
    transport: Transport,
    site: Site,
    token: Token,
    timeout: Duration,
    seat: Seat,
}

#[derive(Debug, PartialEq, Eq)]
enum Seat {
    /// Ours to end.
    Taken,
    /// Signed out, or handed on.
    Left,
}

/// What an instance says about itself, asked without a token: its build and built-in endpoints. Proves nothing about credentials.
///
/// # Errors
/// An [`Error`]; may be repeated.
pub async fn instance(
    transport: &Transport,
    site: &Site,
    timeout: Duration,
) -> Result<Instance, Error> {
    ask_instance(transport, site, None, timeout).await
}

async fn ask_instance(
    transport: &Transport,
    site: &Site,
    bearer: Option<&SecretString>,
    timeout: Duration,
) -> Result<Instance, Error> {
    let url = site.at(&["entity"]);
    let call = Call {
        method: Method::GET,
        url,
        bearer,
        body: Body::Empty,
        timeout,
        effect: Effect::Read,
    };
    let answer = transport.send(call).await?;
    let told: Instance = decode(&answer.label, answer.status, &answer.json)?;
    Ok(Instance {
        clock: answer.date,
        ..told
    })
}

impl Session {
    /// Takes the seat of a token. `answer_timeout` is for each call; the server holds requests back when many come, so
    /// at least 100 seconds.
    #[must_use]
    pub fn new(transport: &Transport, site: &Site, token: Token, answer_timeout: Duration) -> Self {
        Self {
            transport: transport.clone(),
            site: site.clone(),
            token,
            timeout: answer_timeout,
            seat: Seat::Taken,
        }
    }

    /// The site this seat belongs to.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// As the free [`instance`], with the tenant's own endpoints.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn instance(&mut self) -> Result<Instance, Error> {
        ask_instance(
            &self.transport,
            &self.site,
            Some(&self.token.access_token),
            self.timeout,
        )
        .await
    }

    /// The records a query describes, all in one answer.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated. An empty list is no proof of absence: see [`Filter`](crate::Filter).
    pub async fn list<E: Entity>(&mut self, query: &Query) -> Result<Vec<E>, Error> {
        let mut url = self.site.entity(E::NAME, &[]);
        url.set_query(Some(&query.encode::<E>(self.site.version())));
        let answer = self
            .send(Method::GET, url, Body::Empty, Effect::Read)
            .await?;
        decode(&answer.label, answer.status, &value::unwrap(answer.json))
    }

    /// What the screen behind an entity holds outside the contract. The user must be able to open that screen; whether
    /// they may also save on it the server says only to a write.
    ///
    /// Source: Integration Development Guide, `$adHocSchema`.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn schema<E: Entity>(&mut self) -> Result<AdHocSchema, Error> {
        let url = self.site.entity(E::NAME, &["$adHocSchema"]);
        let answer = self
            .send(Method::GET, url, Body::Empty, Effect::Read)
            .await?;
        Ok(AdHocSchema::of(&answer.json))
    }

    /// One record of reference data with its lists and linked records, by its key; `None` when there is none.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn record<E: Keyed>(&mut self, key: &[&str]) -> Result<Option<E>, Error> {
        self.keyed(key, &[]).await
    }

    /// One AP document with its lines, and these fields outside the contract; `None` when there is none.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn bill(
        &mut self,
        kind: &BillType,
        number: &str,
        custom: &[CustomField],
    ) -> Result<Option<Bill>, Error> {
        self.keyed(&[kind.as_str(), number], custom).await
    }

    /// One batch with its lines, and these fields outside the contract; `None` when there is none. `module` is `GL` for ours.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn journal(
        &mut self,
        module: &str,
        number: &str,
        custom: &[CustomField],
    ) -> Result<Option<JournalTransaction>, Error> {
        self.keyed(&[module, number], custom).await
    }

    async fn keyed<E: Entity>(
        &mut self,
        keys: &[&str],
        custom: &[CustomField],
    ) -> Result<Option<E>, Error> {
        match self.keyed_answer::<E>(keys, custom).await? {
            Some(answer) => {
                decode(&answer.label, answer.status, &value::unwrap(answer.json)).map(Some)
            }
            None => Ok(None),
        }
    }

    async fn keyed_answer<E: Entity>(
        &mut self,
        keys: &[&str],
        custom: &[CustomField],
    ) -> Result<Option<Answer>, Error> {
        let mut url = self.site.entity(E::NAME, keys);
        if keys.is_empty() || !keys.iter().copied().all(is_key) {
            let label = Label::of(Effect::Read, &Method::GET, &self.site.entity(E::NAME, &[]));
            return Err(Error::new(
                Kind::Invalid,
                &label,
                "a key is empty or cannot stand in an address",
            ));
        }
        let query = Query::all().rows(Rows::With).custom(custom.iter().cloned());
        url.set_query(Some(&query.encode::<E>(self.site.version())));
        match self.send(Method::GET, url, Body::Empty, Effect::Read).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn in_full<E: Entity>(
        &mut self,
        keys: &[&str],
    ) -> Result<Option<(E, String)>, Error> {
        let Some(answer) = self.keyed_answer::<E>(keys, &[]).await? else {
            return Ok(None);
        };
        let text = answer.json.to_string();
        decode(&answer.label, answer.status, &value::unwrap(answer.json))
            .map(|record| Some((record, text)))
    }

    /// Creates a document and returns it as saved: number, status, amount, lines. Compare them with what was meant:
    /// preferences and screen logic of the tenant can override what was sent.
    ///
    /// **Not repeatable.** Every call creates another document. After an [`Error::outcome_unknown`] search first.
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the document has an id or a number (a PUT would change that record) or a
    /// field that the endpoint's version lacks; else as the server answers.
    pub async fn insert<D: Document>(&mut self, document: &D) -> Result<D, Error> {
        let mut url = self.site.entity(D::NAME, &[]);
        let label = Label::of(Effect::Write, &Method::PUT, &url);
        let body = self
            .new_body(document)
            .map_err(|message| Error::new(Kind::Invalid, &label, message))?;
        let query = Query::all()
            .rows(Rows::With)
            .custom_paths(custom_of(document));
        url.set_query(Some(&query.encode::<D>(self.site.version())));
        let answer = self
            .send(Method::PUT, url, Body::Json(body), Effect::Write)
            .await?;
        saved(answer)
    }

    fn new_body<D: Document>(&self, document: &D) -> Result<Vec<u8>, String> {
        if document.identity() != (None, None) {
            return Err("a new document has neither id nor number".to_owned());
        }
        let body = document.to_body().map_err(|error| error.to_string())?;
        let version = self.site.version();
        let members = body.as_object().into_iter().flat_map(serde_json::Map::keys);
        if let Some(missing) = members
            .into_iter()
            .find(|name| version.lacks(D::NAME, name))
        {
            return Err(format!(
                "endpoint version {version} has no {}.{missing}",
                D::NAME
            ));
        }
        serde_json::to_vec(&body).map_err(|error| error.to_string())
    }

    /// Gives the seat back to the licence. The token must not be used again: that would take another seat.
    ///
    /// # Errors
    /// An [`Error`]; the seat then stays taken until the token ends.
    pub async fn sign_out(mut self) -> Result<(), Error> {
        let url = self.site.at(&["entity", "auth", "logout"]);
        let sent = self
            .send(Method::POST, url, Body::Empty, Effect::Read)
            .await;
        self.seat = Seat::Left;
        sent.map(|_| ())
    }

    /// Hands the seat on: its next holder goes on with this token.
    #[must_use = "without its token the seat stays taken"]
    pub fn keep(mut self) -> Token {
        self.seat = Seat::Left;
        self.token.clone()
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        url: Url,
        body: Body,
        effect: Effect,
    ) -> Result<Answer, Error> {
        let call = Call {
            method,
            url,
            bearer: Some(&self.token.access_token),
            body,
            timeout: self.timeout,
            effect,
        };
        self.transport.send(call).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.seat == Seat::Taken {
            tracing::warn!(
                tenant = self.site.tenant(),
                "acumatica seat neither signed out nor handed on"
            );
        }
    }
}

pub(crate) fn decode<T: DeserializeOwned>(
    label: &Label,
    status: u16,
    json: &Value,
) -> Result<T, Error> {
    // The reader's own message can quote the document, and a value already read has no line or column to name.
    T::deserialize(json).map_err(|_| {
        Error::unreadable(
            label,
            status,
            clip(&json.to_string(), EXCERPT_LIMIT_CHARS).as_bytes(),
            "json of another shape",
        )
    })
}

/// What a successful PUT returned. A good status is no proof of saving, so a refused field or a missing number counts as
/// a failure whose outcome is unknown: the search that follows finds the document or does not.
pub(crate) fn saved<D: Document>(answer: Answer) -> Result<D, Error> {
    let Answer {
        label,
        status,
        json,
        ..
    } = answer;
    let unclear =
        |message: String| Error::new(Kind::Unreadable, &label, message).with_status(status);
    let findings = fault::read(&json);
    if !findings.faults.is_empty() || !findings.sentences.is_empty() {
        let message = format!(
            "the answer reports errors {}",
            findings.sentences.join("; ")
        );
        return Err(unclear(message).with_faults(findings.faults));
    }
    let saved: D = decode(&label, status, &value::unwrap(json))?;
    match saved.identity() {
        (_, Some(number)) if !number.is_empty() && number != "<NEW>" => Ok(saved),
        _ => Err(unclear("the answer holds no number".to_owned())),
    }
}

/// A key with a slash cannot be addressed, and a dot segment would address something else.
pub(crate) fn is_key(key: &str) -> bool {
    !key.trim().is_empty() && !matches!(key, "." | "..") && !key.contains(['/', '\\'])
}
