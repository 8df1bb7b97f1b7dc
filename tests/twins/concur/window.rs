//! Concur's window for a person: look at the state, offer and recall documents.

use serde_json::{Value, json};

use super::Core;
use crate::twins::wire::{Call, Reply};

/// Answers everything under `/twin`.
pub(super) fn answer(core: &Core, call: &Call) -> Reply {
    let mut state = core.state();
    match (call.method.as_str(), call.path().as_slice()) {
        ("GET", ["twin", "state"]) => {
            let documents: Vec<Value> = state.shelf.all().iter().map(summary).collect();
            Reply::json(200, &json!({"documents": documents, "calls": state.calls}))
        }
        ("GET", ["twin", "calls"]) => Reply::json(200, &json!(state.calls)),
        ("GET", ["twin", "documents", id]) => match state.shelf.find(id) {
            Some(held) => Reply::json(200, &json!(held)),
            None => Reply::json(404, &json!({"message": "no such document"})),
        },
        ("POST", ["twin", "documents", doc_type]) => match call.json() {
            Some(document) => {
                Reply::json(201, &json!({"id": state.shelf.offer(doc_type, document)}))
            }
            None => Reply::json(400, &json!({"message": "the body is not JSON"})),
        },
        ("POST", ["twin", "recall", id]) => match state.shelf.recall(id) {
            Ok(()) => Reply::empty(204),
            Err(refusal) => Reply::json(409, &json!({"message": refusal.to_string()})),
        },
        ("POST", ["twin", "recall-when-listed", id]) => {
            state.shelf.recall_when_listed(id);
            Reply::empty(204)
        }
        ("POST", ["twin", "resubmit", id]) => match state.shelf.resubmit(id, call.json()) {
            Ok(id) => Reply::json(201, &json!({"id": id})),
            Err(refusal) => Reply::json(409, &json!({"message": refusal.to_string()})),
        },
        ("POST", ["twin", "faults", kind]) => match serde_json::from_slice(&call.body) {
            Ok(fault) => {
                state.faults.push(kind, fault);
                Reply::empty(201)
            }
            Err(error) => Reply::json(400, &json!({"message": error.to_string()})),
        },
        _ => Reply::json(
            404,
            &json!({"message": "the window has state, calls, documents, faults, recall and resubmit"}),
        ),
    }
}

fn summary(held: &super::Held) -> Value {
    json!({
        "id": held.id,
        "docType": held.doc_type,
        "businessId": held.business_id,
        "systemId": held.system_id,
        "status": held.status,
        "told": held.told,
        "audit": held.audit,
    })
}
