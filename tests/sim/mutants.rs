//! The variants that must be caught: a worker's surroundings that lie to it. Product and twins know nothing of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use axum::http::Response;
use connector::ports::{Change, Ledger, Loaded, SaveError};
use jiff::{SignedDuration, Timestamp};
use posting::state::State;
use posting::{Code, Reason, Record};
use reqwest::Method;
use serde_json::{Value, json};

use crate::air::{Air, Lie, Life};
use crate::history::Keep;
use crate::network::{answer, stamp};
use crate::ports::Shared;
use crate::simulate::PERSON;
use crate::simulate::simulate;
use crate::steps::{self, WITHDRAWAL};

/// What is answered instead of asking the vendor.
pub(crate) fn instead(
    air: &Air,
    (method, path): (&Method, &str),
    body: &[u8],
) -> Option<Response<Vec<u8>>> {
    match air.lie {
        Lie::AcknowledgeAfterPost if path.ends_with("/acknowledgements") => {
            let body: Value = serde_json::from_slice(body).ok()?;
            let accepted: Vec<Value> = body
                .get("ids")?
                .as_array()?
                .iter()
                .map(|id| json!({"code": 0, "docId": id, "systemId": body.get("systemId"), "acknowledgeResult": "SUCCESS", "errorMessage": ""}))
                .collect();
            Some(answer(200, "application/json", json!(accepted).to_string()))
        }
        Lie::WithdrawSkipped if *method == Method::DELETE => {
            air.history().unseen.insert(path.to_owned());
            Some(answer(204, "application/json", String::new()))
        }
        Lie::WithdrawSkipped if air.history().unseen.contains(path) => {
            let gone = json!({"message": "No entity satisfies the condition.", "exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"});
            Some(answer(404, "application/json", gone.to_string()))
        }
        _ => None,
    }
}

/// What a vendor's answer is made of it.
pub(crate) fn changed(
    air: &Air,
    reply: Response<Vec<u8>>,
    (method, path): (&Method, &str),
) -> Response<Vec<u8>> {
    let is_list = *method == Method::GET
        && (path.ends_with("/Bill") || path.ends_with("/JournalTransaction"));
    match air.lie {
        Lie::NoSearch if is_list => reply.map(|body| known_alone(air, &body)),
        Lie::WithdrawSkipped if is_list => reply.map(|body| unseen(air, &body)),
        Lie::RecallIgnored if path.ends_with("/acknowledgements") => {
            reply.map(|body| accepted(&body))
        }
        _ => reply,
    }
}

/// Of a search only what the ledger knows: the known posting comes back, one whose answer was lost does not.
fn known_alone(air: &Air, body: &[u8]) -> Vec<u8> {
    let Ok(Value::Array(mut rows)) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    let history = air.history();
    rows.retain(|row| {
        let text = row.to_string();
        stamp(&text).is_none_or(|stamp| history.has_receipt(stamp.split('/').next().unwrap_or("")))
    });
    Value::Array(rows).to_string().into_bytes()
}

/// A list without what is believed to be deleted.
fn unseen(air: &Air, body: &[u8]) -> Vec<u8> {
    let Ok(Value::Array(mut rows)) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    let history = air.history();
    let number = |row: &Value| {
        let number = row.get("ReferenceNbr").or_else(|| row.get("BatchNbr"));
        let number = number.and_then(|number| number.get("value")?.as_str());
        number.unwrap_or("?").to_owned()
    };
    rows.retain(|row| {
        let number = number(row);
        !history.unseen.iter().any(|path| path.ends_with(&number))
    });
    Value::Array(rows).to_string().into_bytes()
}

/// Every acknowledgement has gone well.
fn accepted(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    text.replace("\"code\":102", "\"code\":0")
        .replace("FAILURE", "SUCCESS")
        .into_bytes()
}

/// A record as a worker sees it.
pub(crate) fn loaded(air: &Air, mut loaded: Loaded) -> Loaded {
    match air.lie {
        Lie::LeaseIgnored => {
            loaded.record.claim = None;
            loaded.record.claims = 0;
        }
        Lie::NoBackOff => {
            loaded.record.attempt = 0;
            loaded.record.due = loaded.record.received;
        }
        _ => {}
    }
    loaded
}

/// The records as somebody sees them who reads many.
pub(crate) fn shown(air: &Air, life: &Life, mut records: Vec<Record>) -> Vec<Record> {
    if air.lie == Lie::ReturnWhileLive && life.name.starts_with(PERSON) {
        for record in &mut records {
            if let State::Held { reasons, resume } = &mut record.state {
                *reasons = vec![Reason::new(Code::AcumaticaFailed, "nothing was written")];
                **resume = State::Acknowledged;
            }
        }
    }
    records
}

/// A dry run as it is sent.
pub(crate) fn looked_at(air: &Air, mut event: Value) -> Value {
    if air.lie == Lie::DryRunWrites {
        event["apply"] = json!(true);
    }
    event
}

/// The time at which a lease is asked for.
pub(crate) fn lease_time(air: &Air, now: Timestamp) -> Timestamp {
    if air.lie == Lie::LeaseIgnored {
        Timestamp::MAX
    } else {
        now
    }
}

/// Stores a change, or does not.
pub(crate) async fn save(shared: &Shared, change: &Change<'_>) -> Result<(), SaveError> {
    match shared.air.lie {
        Lie::LeaseIgnored => match shared.ledger.save(change).await {
            Err(SaveError::Conflict) => overwrite(shared, change).await,
            saved => saved,
        },
        Lie::ConfirmBeforeReceipt => late(shared, change).await,
        _ => shared.ledger.save(change).await,
    }
}

/// The last writer wins.
async fn overwrite(shared: &Shared, change: &Change<'_>) -> Result<(), SaveError> {
    let key = crate::judge::key(change.record);
    let stored = shared.ledger.load(&key).await.map_err(SaveError::Port)?;
    let mut record: Record = change.record.clone();
    record.version = stored.map_or(0, |stored| stored.record.version);
    shared.ledger.save(&Change::of(&record)).await
}

/// Whether a record with receipts is not stored yet.
pub(crate) fn keeps_back(air: &Air, record: &Record) -> bool {
    air.lie == Lie::ConfirmBeforeReceipt
        && !record.state.receipts().is_empty()
        && !matches!(record.state, State::Confirmed { .. })
}

/// A record with receipts is kept back until its end is to be stored.
async fn late(shared: &Shared, change: &Change<'_>) -> Result<(), SaveError> {
    let document = change.record.document.to_string();
    if keeps_back(&shared.air, change.record) {
        return Ok(());
    }
    let key = crate::judge::key(change.record);
    let stored = shared.ledger.load(&key).await.map_err(SaveError::Port)?;
    let mut record = change.record.clone();
    if let (State::Confirmed { .. }, Some(stored)) = (&record.state, stored) {
        record.version = stored.record.version;
        shared.air.event(format_args!("{document} stored late"));
        return shared.ledger.save(&Change::of(&record)).await;
    }
    shared.ledger.save(change).await
}

/// How long a wake is delayed.
pub(crate) fn delay(air: &Air, delay: SignedDuration) -> Duration {
    if air.lie == Lie::NoBackOff {
        return Duration::ZERO;
    }
    Duration::try_from(delay).unwrap_or_default()
}

/// Seeds tried until a variant must be caught.
const SEEDS_MAX: u64 = 40;

/// The variants, and what the check that catches each of them says.
const VARIANTS: [(&str, Lie, &str); 9] = [
    (
        "no search after a time-out",
        Lie::NoSearch,
        "more than one live set",
    ),
    (
        "acknowledge after post",
        Lie::AcknowledgeAfterPost,
        "was posted while",
    ),
    (
        "confirmation before receipt",
        Lie::ConfirmBeforeReceipt,
        "before its receipt was stored",
    ),
    ("lease ignored", Lie::LeaseIgnored, "more than one live set"),
    (
        "retry without back-off",
        Lie::NoBackOff,
        "times in a minute",
    ),
    ("102 ignored", Lie::RecallIgnored, "has it as RECALLED"),
    (
        "withdraw skipped",
        Lie::WithdrawSkipped,
        "still in Acumatica",
    ),
    ("a dry run that writes", Lie::DryRunWrites, "in a dry run"),
    (
        "return while something stands",
        Lie::ReturnWhileLive,
        "still in Acumatica",
    ),
];

/// Builds every variant and lets it be judged. Returns whether all were caught.
pub(crate) fn all() -> bool {
    let next = AtomicUsize::new(0);
    let caught = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((name, lie, said)) =
                    VARIANTS.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    match violation(*lie, said) {
                        Some(sentence) => {
                            let short: String = sentence.chars().take(120).collect();
                            println!("mutant `{name}` is caught: {short}");
                            caught.fetch_add(1, Ordering::Relaxed);
                        }
                        None => println!("WRONG mutant `{name}` is not caught"),
                    }
                }
            });
        }
    });
    caught.into_inner() == VARIANTS.len()
}

/// The first sentence of the check that is meant to catch a variant.
fn violation(lie: Lie, said: &str) -> Option<String> {
    let meant = |violations: Vec<String>| violations.into_iter().find(|found| found.contains(said));
    if lie == Lie::WithdrawSkipped {
        return meant(
            steps::run(&WITHDRAWAL, BTreeMap::new(), lie)
                .verdict
                .violations,
        );
    }
    (1..=SEEDS_MAX).find_map(|seed| meant(simulate(seed, lie, Keep::Nothing).verdict.violations))
}

/// Whether a body written to Acumatica takes something back.
pub(crate) fn is_withdrawal(body: &str) -> bool {
    stamp(body).is_some_and(|stamp| stamp.ends_with('R'))
}
