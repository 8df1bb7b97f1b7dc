//! The demo's connection is one the product accepts, and its documents are what the demo promises.

use posting::rules::Rules;

use super::*;
use crate::documents::Kind;

#[test]
fn the_connection_has_no_fault() {
    let connection = connection("http://127.0.0.1:4701", "http://127.0.0.1:4703");
    let faults = Rules::read(&connection).err().unwrap_or_default();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_kind_and_every_fate_has_an_example() {
    let examples = documents();
    assert!(examples.len() >= 15);
    for kind in [Kind::Expense, Kind::Invoice, Kind::CashAdvance] {
        assert!(
            examples.iter().any(|example| example.document.kind == kind),
            "{kind:?}"
        );
    }
    for fate in [Fate::Refused, Fate::Recalled, Fate::Held] {
        let count = examples
            .iter()
            .filter(|example| example.fate == fate)
            .count();
        assert_eq!(count, 1, "{fate:?}");
    }
}
