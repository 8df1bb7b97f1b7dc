//! What a bill says beside the contract, and what only Acumatica's answer says of it.

use e2e::{
    amounts::{cents, decimal},
    documents::{Document, Invoice, Place, Random},
};
use serde_json::{Value, json};

use super::world::{Setting, World};

fn invoice(random: &mut Random) -> Document {
    let place = Place::new("0021", "410");
    Invoice::new("INV-30", ("V000010", "Granite Supply"), place, random)
        .line("Paper", "MATER", cents(25_000))
        .document(random)
        .broken("/requestHeader/invoiceDate", json!("11/09/2026"))
}

/// The demo's rules for invoices with changes.
fn ruled(changes: &[(&str, Value)]) -> Setting {
    let mut rule = e2e::demo::connection("", "")["rules"]["invoice"].clone();
    for (key, value) in changes {
        rule[*key] = value.clone();
    }
    Setting {
        rules: vec![("/rules/invoice", rule)],
        ..Setting::default()
    }
}

#[tokio::test]
async fn a_discount_and_a_box_of_form_1099_reach_the_bill_and_its_total_stays() {
    let rules = [("discount", json!("concur")), ("box_1099", json!("7"))];
    let world = World::with(ruled(&rules)).await;
    let document = invoice(&mut Random::new(120))
        .broken("/requestHeader/discountPercentage", json!("2.00000000"))
        .broken("/requestHeader/discountTermsDays", json!("10"));
    let id = world.offer(&document);
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.word(), "confirmed", "{:?}", record.state);
    let bill = &world.postings(&id)[0];
    assert_eq!(decimal(&bill["Amount"]), Some(cents(25_000)), "{bill:#}");
    let custom = &bill["custom"];
    let discount = decimal(&custom["Document.CuryOrigDiscAmt"]);
    assert_eq!(discount, Some(cents(500)), "{bill:#}");
    assert_eq!(custom["Document.DiscDate"], json!("2026-11-19T00:00:00"));
    let line = &bill["Details"][0]["custom"];
    assert_eq!(line["Transactions.Box1099"], json!(7), "{bill:#}");
}

#[tokio::test]
async fn without_a_rule_both_are_the_vendors() {
    let world = World::warm().await;
    let document = invoice(&mut Random::new(121))
        .broken("/requestHeader/discountPercentage", json!("2.00000000"))
        .broken("/requestHeader/discountTermsDays", json!("10"));
    let id = world.offer(&document);
    world.settle().await;
    let bill = &world.postings(&id)[0];
    assert!(!bill.to_string().contains("CuryOrigDiscAmt"), "{bill:#}");
    assert!(!bill.to_string().contains("Box1099"), "{bill:#}");
}

/// No contract shows exchange rates, so that only the write can find that one is missing.
#[tokio::test]
async fn a_missing_rate_holds_the_document_until_there_is_one_and_nothing_is_written() {
    let world = World::warm().await;
    let random = &mut Random::new(122);
    let document = invoice(random).broken("/requestHeader/currencyAlphaCode", json!("CHF"));
    let id = world.offer(&document);
    for _ in 0..2 {
        world.settle().await;
        let record = world.record(&id).await;
        let reasons = record.state.reasons();
        assert_eq!(record.state.word(), "held", "{:?}", record.state);
        assert_eq!(world.reasons(&id).await, ["acumatica_refused"]);
        let told = (reasons[0].field.as_str(), reasons[0].value.as_str());
        assert_eq!(told, ("Bill.CurrencyID", "CHF"));
        assert!(reasons[0].message.contains("rate is not defined"));
        assert!(world.postings(&id).is_empty());
        // Without a rate going on finds the same.
        assert_eq!(world.wish("resume", &id).await, "done");
    }
}
