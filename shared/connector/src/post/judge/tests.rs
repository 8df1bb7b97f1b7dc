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

/// Kind planned; type, vendor, status and description found; what that is.
type Case<'a> = (PostingKind, [&'a str; 4], &'a str);

#[test]
fn whose_a_bill_is() {
    let ours = format!("R-1 Taxi CNQR:{ID}/1.1");
    let earlier = format!("R-1 Taxi CNQR:{ID}/7.1");
    let other = format!("R-1 Taxi CNQR:{OTHER}/1.1");
    let reversal = format!("R-1 Taxi CNQR:{ID}/1.1R");
    let (bill_kind, adj) = (PostingKind::Bill, PostingKind::DebitAdj);
    let (twin, taken) = ("duplicate_reference", "earlier_posting");
    let v = "V000012";
    let cases: [Case<'_>; 16] = [
        (bill_kind, ["Bill", "v000012 ", "Open", &ours], "ours"),
        (bill_kind, ["Bill", v, "Balanced", "keyed by hand"], twin),
        (bill_kind, ["Bill", v, "On Hold", &other], twin),
        (bill_kind, ["Bill", v, "Open", &earlier], taken),
        (bill_kind, ["Bill", "V000099", "Open", "other"], "absent"),
        (bill_kind, ["Bill", "V000099", "Open", &other], "absent"),
        // A clerk changed the vendor of what we wrote.
        (bill_kind, ["Bill", "V000099", "Open", &ours], "ours"),
        (bill_kind, ["Bill", "V000099", "Open", &earlier], taken),
        (bill_kind, ["Bill", v, "Voided", &ours], "absent"),
        (bill_kind, ["Bill", v, "Rejected", "by hand"], "absent"),
        (bill_kind, ["Debit Adj.", v, "Open", &reversal], "absent"),
        // A credit memo may carry the number of the invoice it credits.
        (adj, ["Bill", v, "Open", "by hand"], "absent"),
        (adj, ["Bill", v, "Open", &other], "absent"),
        (bill_kind, ["Debit Adj.", v, "Open", "by hand"], "absent"),
        (adj, ["Debit Adj.", v, "Open", "by hand"], twin),
        (bill_kind, ["Prepayment", v, "Open", "by hand"], twin),
    ];
    for (kind, hit, expected) in cases {
        let [found_kind, vendor, status, description] = hit;
        let found = match judged(kind, bill(found_kind, vendor, status, description)) {
            Judged::Ours { number } => {
                assert_eq!(number, "004512");
                "ours"
            }
            Judged::Absent => "absent",
            Judged::Taken(reason) => reason.code.as_str(),
        };
        assert_eq!(found, expected, "{kind:?} {hit:?}");
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

#[test]
fn an_earlier_plans_journal_that_was_taken_back_is_in_nobodys_way() {
    let plan = plan(vec![posting(1, PostingKind::Journal)]);
    let acumatica = &connection().acumatica;
    let batch = |status: &str, stamp: &str| JournalTransaction {
        batch_nbr: Some("000877".to_owned()),
        status: Some(acumatica::JournalStatus::from(status)),
        description: Some(format!("CNQR:{ID}/{stamp} Taxi")),
        ..JournalTransaction::default()
    };
    for (reversal, is_absent) in [("Posted", true), ("Unposted", true), ("Balanced", false)] {
        let hits = [batch("Posted", "7.1"), batch(reversal, "7.1R")];
        let found = journal(acumatica, &plan, &plan.postings[0], &hits);
        assert_eq!(found == Judged::Absent, is_absent, "{reversal}: {found:?}");
    }
}
