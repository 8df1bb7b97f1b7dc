//! Rules against whole connections and whole documents.

mod anything;
mod defaults;
mod mistakes;
mod reading;
mod templates;

use serde_json::{Value, json};

use super::read::prove::{Filled, names};
use super::{Fault, Names, Rules};
use crate::DocumentKind;

/// The shortest connection there is.
fn shortest() -> Value {
    json!({
        "id": "acme", "concur": {}, "acumatica": {},
        "documents": ["expense", "invoice", "cashadvance"],
        "time_zone": "America/Los_Angeles",
        "rules": {"tax": {"category": "EXEMPT"}}
    })
}

/// The shortest connection with a value put in at a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut connection = shortest();
    let mut place = &mut connection;
    for key in pointer.split('/').skip(1) {
        place = place
            .as_object_mut()
            .unwrap()
            .entry(key)
            .or_insert_with(|| json!({}));
    }
    *place = value;
    connection
}

fn read(connection: &Value) -> Rules {
    Rules::read(connection).unwrap_or_else(|faults| panic!("{}", shown(&faults)))
}

fn faults(connection: &Value) -> Vec<Fault> {
    Rules::read(connection).err().unwrap_or_default()
}

fn shown(faults: &[Fault]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn full(kind: DocumentKind) -> Names {
    names(kind, Filled::Everything).unwrap()
}

fn empty(kind: DocumentKind) -> Names {
    names(kind, Filled::Nothing).unwrap()
}
