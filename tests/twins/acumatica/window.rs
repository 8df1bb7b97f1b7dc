//! Acumatica's window for a person: look at the postings and at the calls.

use serde_json::{Value, json};

use super::{Core, actions};
use crate::twins::wire::{Call, Reply};

/// Answers everything under `/twin`.
pub(super) fn answer(core: &Core, call: &Call) -> Reply {
    let mut state = core.state();
    let plain = |records: &[super::Record]| -> Vec<Value> {
        records.iter().map(super::Record::plain).collect()
    };
    match (call.method.as_str(), call.path().as_slice()) {
        ("GET", ["twin", "state"]) => {
            let open = state.seats.open();
            Reply::json(
                200,
                &json!({
                    "bills": plain(state.books.records("Bill")),
                    "journals": plain(state.books.records("JournalTransaction")),
                    "calls": state.calls,
                    "open_seats": open,
                    "most_open_seats": state.seats.most_open(),
                }),
            )
        }
        ("GET", ["twin", "calls"]) => Reply::json(200, &json!(state.calls)),
        ("GET", ["twin", "records", entity]) => {
            Reply::json(200, &Value::Array(plain(state.books.records(entity))))
        }
        ("POST", ["twin", "records", entity]) => match call.json() {
            Some(row) => {
                state.books.plant(entity, &row);
                Reply::empty(201)
            }
            None => Reply::json(400, &json!({"message": "the body is not JSON"})),
        },
        ("POST", ["twin", "faults", kind]) => match serde_json::from_slice(&call.body) {
            Ok(fault) => {
                state.faults.push(kind, fault);
                Reply::empty(201)
            }
            Err(error) => Reply::json(400, &json!({"message": error.to_string()})),
        },
        ("POST", ["twin", "approve", entity, keys @ ..]) => {
            let step = ("Pending Approval", "Balanced");
            actions::advance(&mut state.books, (entity, keys), step);
            Reply::empty(204)
        }
        _ => Reply::json(
            404,
            &json!({"message": "the window has state, calls, records, faults and approve"}),
        ),
    }
}
