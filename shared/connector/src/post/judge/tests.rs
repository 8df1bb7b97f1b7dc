use acumatica::BillStatus;
use posting::plan::PostingKind;

use super::*;
use crate::samples::{ID, OTHER, connection, plan, posting};

fn bill(kind: &str, vendor: &str, status: &str, description: &str) -> Bill {
    Bill {
        kind: Some(BillType::from(kind)),
        reference_nbr: Some("004512".to_owned()),
        vendor: Some(vendor.to_owned()),
        vendor_ref: Some("INV-007".to_owned()),
        status: Some(BillStatus::from(status)),
        description: Some(description.to_owned()),
        ..Bill::default()
    }
}

fn judged(kind: PostingKind, hit: Bill) -> Judged {
    let plan = plan(vec![posting(1, kind)]);
    let acumatica = &connection().acumatica;
    payable(acumatica, &plan, &plan.postings[0], &[hit])
}

#[test]
fn whose_a_bill_is() {
    let ours = format!("R-1 Taxi CNQR:{ID}/1.1");
    let earlier = format!("R-1 Taxi CNQR:{ID}/7.1");
    let other = format!("R-1 Taxi CNQR:{OTHER}/1.1");
    let reversal = format!("R-1 Taxi CNQR:{ID}/1.1R");
    let adj = PostingKind::DebitAdj;
    for (kind, hit, expected) in [
        (
            PostingKind::Bill,
            bill("Bill", "v000012 ", "Open", &ours),
            "ours",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000012", "Balanced", "keyed by hand"),
            "duplicate_reference",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000012", "On Hold", &other),
            "duplicate_reference",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000012", "Open", &earlier),
            "earlier_posting",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000099", "Open", "another vendor"),
            "absent",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000012", "Voided", &ours),
            "absent",
        ),
        (
            PostingKind::Bill,
            bill("Bill", "V000012", "Rejected", "by hand"),
            "absent",
        ),
        (
            PostingKind::Bill,
            bill("Debit Adj.", "V000012", "Open", &reversal),
            "absent",
        ),
        // A credit memo may carry the number of the invoice it credits.
        (adj, bill("Bill", "V000012", "Open", "by hand"), "absent"),
        (adj, bill("Bill", "V000012", "Open", &other), "absent"),
        (
            PostingKind::Bill,
            bill("Debit Adj.", "V000012", "Open", "by hand"),
            "absent",
        ),
        (
            adj,
            bill("Debit Adj.", "V000012", "Open", "by hand"),
            "duplicate_reference",
        ),
        (
            PostingKind::Bill,
            bill("Prepayment", "V000012", "Open", "by hand"),
            "duplicate_reference",
        ),
    ] {
        let told = format!("{hit:?}");
        let found = match judged(kind, hit) {
            Judged::Ours { number } => {
                assert_eq!(number, "004512");
                "ours"
            }
            Judged::Absent => "absent",
            Judged::Taken(reason) => reason.code.as_str(),
        };
        assert_eq!(found, expected, "{kind:?} {told}");
    }
}

#[test]
fn a_foreign_bill_is_named() {
    let hit = bill("Bill", "V000012", "Open", "by hand");
    let Judged::Taken(reason) = judged(PostingKind::Bill, hit) else {
        panic!("not taken");
    };
    assert!(reason.message.contains("Bill 004512"), "{reason:?}");
    assert_eq!(reason.value, "INV-007");
}

#[test]
fn whose_a_journal_is() {
    let plan = plan(vec![
        posting(1, PostingKind::Journal),
        posting(2, PostingKind::Journal),
    ]);
    let acumatica = &connection().acumatica;
    for (status, description, expected) in [
        ("Balanced", format!("CNQR:{ID}/1.1 Taxi"), "ours"),
        ("Void", format!("CNQR:{ID}/1.1 Taxi"), "absent"),
        ("Posted", format!("CNQR:{ID}/1.2 Taxi"), "absent"),
        ("Posted", format!("CNQR:{OTHER}/1.1 Taxi"), "absent"),
        ("Posted", format!("CNQR:{ID}/7.1 Taxi"), "earlier_posting"),
        ("Posted", format!("CNQR:{ID}/1.1R Taxi"), "absent"),
    ] {
        let hit = JournalTransaction {
            batch_nbr: Some("000877".to_owned()),
            status: Some(acumatica::JournalStatus::from(status)),
            description: Some(description.clone()),
            ..JournalTransaction::default()
        };
        let found = match journal(acumatica, &plan, &plan.postings[0], &[hit]) {
            Judged::Ours { .. } => "ours",
            Judged::Absent => "absent",
            Judged::Taken(reason) => reason.code.as_str(),
        };
        assert_eq!(found, expected, "{description}");
    }
}
