//! Actions: releases that end at once or run on, and what people do to documents meanwhile.

use serde_json::{Map, Value, json};

use super::books::Books;
use super::contract::Entity;
use super::options::Options;
use super::read::{exception, position};
use super::record::Fields;
use super::rules;
use super::write::Objections;
use crate::twins::wire::{Call, Reply};

/// The actions a contract has: entity, action.
const RELEASES: [(&str, &str); 2] = [
    ("Bill", "ReleaseBill"),
    ("JournalTransaction", "ReleaseJournalTransaction"),
];

/// The actions that run, and those whose end nobody asked about yet.
#[derive(Debug, Default)]
pub(super) struct Actions {
    begun: Vec<Action>,
    last: u64,
}

#[derive(Debug)]
struct Action {
    id: String,
    entity: &'static Entity,
    record: String,
    bearer: Option<String>,
    /// 202 answers still to come.
    answers_left: u32,
    /// None while it runs; else what came of it.
    end: Option<Result<(), String>>,
}

impl Actions {
    /// Begins an action. Only keys may stand in the body: with anything else the server does not find the record.
    pub(super) fn start(
        &mut self,
        books: &mut Books,
        options: &Options,
        (entity, action, call): (&'static Entity, &str, &Call),
    ) -> Reply {
        if !RELEASES.contains(&(entity.name, action)) {
            return Reply::json(404, &json!({"message": format!("No action {action}.")}));
        }
        let body = call.json();
        let sent = body
            .as_ref()
            .and_then(|body| body.get("entity")?.as_object());
        let at = sent.and_then(|sent| named(books, entity, sent));
        let record = at.and_then(|at| books.records(entity.name).get(at));
        let Some(record) = record else {
            return exception(
                500,
                "System.NullReferenceException",
                "Object reference not set to an instance of an object.",
            );
        };
        if let Err(text) = releasable(record.text("Status")) {
            return failure(&text);
        }
        let record = record.id.clone();
        if options.action_answers_202 == 0 {
            return ended(&release(books, options, entity, &record));
        }
        self.last += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.last);
        self.begun.push(Action {
            id: id.clone(),
            entity,
            record,
            bearer: call.bearer().map(str::to_owned),
            answers_left: options.action_answers_202 - 1,
            end: None,
        });
        let path = call.segments.join("/");
        // Both forms are seen.
        let location = match (entity.name, call.header("host")) {
            ("JournalTransaction", Some(host)) => format!("http://{host}/{path}/status/{id}"),
            _ => format!("/{path}/status/{id}"),
        };
        Reply::empty(202).with_header("location", location)
    }

    /// Answers a question about an action.
    pub(super) fn status(&mut self, books: &mut Books, options: &Options, id: &str) -> Reply {
        let Some(at) = self.begun.iter().position(|action| action.id == id) else {
            return Reply::json(404, &json!({"message": "No such operation."}));
        };
        if let Some(action) = self.begun.get_mut(at) {
            action.go_on(books, options);
            if action.end.is_none() {
                return Reply::empty(202);
            }
        }
        match self.begun.remove(at).end {
            Some(end) => ended(&end),
            None => Reply::empty(202),
        }
    }

    /// Lets time pass for a call that is no question; refuses it where its session is at work on the same form.
    pub(super) fn pass(
        &mut self,
        books: &mut Books,
        options: &Options,
        (entity, call): (&Entity, &Call),
    ) -> Result<(), Reply> {
        for action in &mut self.begun {
            action.go_on(books, options);
        }
        let is_busy = self.begun.iter().any(|action| {
            action.end.is_none()
                && action.entity.name == entity.name
                && action.bearer.as_deref() == call.bearer()
        });
        if is_busy {
            return Err(failure(
                "The previous operation has not been completed yet.",
            ));
        }
        Ok(())
    }

    /// Lets every action end.
    pub(super) fn finish(&mut self, books: &mut Books, options: &Options) {
        for action in &mut self.begun {
            action.answers_left = 0;
            action.go_on(books, options);
        }
    }

    /// An action ends without having done anything.
    pub(super) fn fail(&mut self, id: &str) {
        self.begun.retain(|action| action.id != id);
    }
}

impl Action {
    fn go_on(&mut self, books: &mut Books, options: &Options) {
        if self.end.is_none() && self.answers_left == 0 {
            self.end = Some(release(books, options, self.entity, &self.record));
        }
        self.answers_left = self.answers_left.saturating_sub(1);
    }
}

/// The record that keys or an id name.
fn named(books: &Books, entity: &Entity, sent: &Map<String, Value>) -> Option<usize> {
    let records = books.records(entity.name);
    if let Some(id) = sent.get("id").and_then(Value::as_str) {
        return position(entity, records, &[id]);
    }
    let has_only_keys = sent.keys().all(|name| entity.keys.contains(&name.as_str()));
    let keys: Option<Vec<&str>> = entity
        .keys
        .iter()
        .map(|key| sent.get(*key)?.get("value")?.as_str())
        .collect();
    position(entity, records, &keys.filter(|_| has_only_keys)?)
}

fn releasable(status: &str) -> Result<(), String> {
    match status {
        "Balanced" => Ok(()),
        _ => Err(format!(
            "Document Status is invalid for processing. The document is {status}."
        )),
    }
}

/// What the release itself does; a failed one leaves the document as it was.
pub(super) fn release(
    books: &mut Books,
    options: &Options,
    entity: &Entity,
    record: &str,
) -> Result<(), String> {
    let gone = || "The document cannot be found in the system.".to_owned();
    let at = position(entity, books.records(entity.name), &[record]).ok_or_else(gone)?;
    let mut copy = books
        .records(entity.name)
        .get(at)
        .cloned()
        .ok_or_else(gone)?;
    releasable(copy.text("Status"))?;
    let date = if entity.name == "Bill" {
        "Date"
    } else {
        "TransactionDate"
    };
    let mut objections = Objections::default();
    rules::header(books, options, &mut copy, date, &mut objections);
    if let Some(text) = objections.first() {
        return Err(text.to_owned());
    }
    let status = match entity.name {
        "Bill" if copy.amount("Balance").is_some_and(|rest| rest.is_zero()) => "Closed",
        "Bill" => "Open",
        _ if options.auto_post.is_on() => "Posted",
        _ => "Unposted",
    };
    books.edit(entity.name, at, "Status", json!(status));
    if entity.name == "Bill" {
        let batch = books.next_number("AP batch".to_owned());
        books.set_custom(entity.name, at, "CurrentDocument.BatchNbr", json!(batch));
    }
    Ok(())
}

/// A person moves a document on; one in another status stays as it is.
pub(super) fn advance(
    books: &mut Books,
    (entity, keys): (&str, &[&str]),
    (from, to): (&str, &str),
) {
    let at = Entity::find(entity).and_then(|known| position(known, books.records(entity), keys));
    let Some(at) = at else { return };
    let stands = books.records(entity).get(at);
    if stands.is_some_and(|record| record.text("Status") == from) {
        books.edit(entity, at, "Status", json!(to));
        books.edit(entity, at, "Hold", json!(false));
    }
}

fn ended(end: &Result<(), String>) -> Reply {
    match end {
        Ok(()) => Reply::empty(204),
        Err(text) => failure(text),
    }
}

fn failure(text: &str) -> Reply {
    exception(500, "PX.Data.PXException", text)
}
