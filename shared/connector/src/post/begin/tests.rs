use posting::plan::PostingKind;
use posting::state::State;

use super::*;
use crate::samples::{ID, plan, posting, record};

const BUSINESS: &str = "business#2519BED4A22B43C4B8E7";
const BILL: &str = "ref#bill#V000012#INV007";
const ADJUSTMENT: &str = "ref#adjustment#V000012#INV007";

#[test]
fn names_are_the_business_object_and_each_reference() {
    let mine = record(ID, State::Acknowledged);
    let plan = plan(vec![
        posting(1, PostingKind::Bill),
        posting(2, PostingKind::DebitAdj),
        posting(3, PostingKind::Journal),
    ]);
    let keys: Vec<String> = reservations(&mine, &plan)
        .iter()
        .map(Reservation::key)
        .collect();
    assert_eq!(keys, [BUSINESS, BILL, ADJUSTMENT]);
}

#[test]
fn references_are_compared_without_punctuation_case_and_leading_zeros() {
    for (reference, plain) in [
        ("INV-007", "INV007"),
        ("inv 007", "INV007"),
        ("000-12.5", "125"),
        ("000", "000"),
        ("--", "--"),
        ("Ä-1", "Ä1"),
    ] {
        assert_eq!(normalised(reference), plain, "{reference}");
    }
}
