//! Deleting, releasing, applying: what may be done to a document by its status, and by whom.

use super::*;

async fn number(world: &World, reference: &str, kind: &str) -> String {
    let mut body = bill(reference, &["10.00"]);
    body["Type"] = v(kind);
    let created = world.put(BILL, &body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    created.body["ReferenceNbr"]["value"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn delete(world: &World, kind: &str, number: &str) -> u16 {
    let path = format!("{BILL}/{kind}/{number}").replace(' ', "%20");
    world.api.send("DELETE", &path, "").await.status
}

#[tokio::test]
async fn only_what_is_not_released_can_be_deleted_and_only_once() {
    let world = world().await;
    let (one, other) = (
        number(&world, "R-1", "Bill").await,
        number(&world, "R-2", "Bill").await,
    );
    world.twin.release("Bill", &["Bill", &other]);
    assert_eq!(delete(&world, "Bill", &one).await, 204);
    assert_eq!(delete(&world, "Bill", &one).await, 500);
    assert_eq!(delete(&world, "Bill", &other).await, 500);
    assert_eq!(world.twin.bills().len(), 1);
}

#[tokio::test]
async fn a_user_without_the_right_deletes_nothing() {
    let options = Options {
        deletion: Preference::Off,
        ..Options::default()
    };
    let world = world_with(options).await;
    let one = number(&world, "R-1", "Bill").await;
    assert_eq!(delete(&world, "Bill", &one).await, 403);
    assert_eq!(world.twin.bills().len(), 1);
}

#[tokio::test]
async fn an_adjustment_closes_a_bill_when_it_is_applied() {
    let world = world().await;
    let bill = number(&world, "R-1", "Bill").await;
    let adjustment = number(&world, "R-1-W1", "Debit Adj.").await;
    let (bill, adjustment) = (["Bill", &bill], ["Debit Adj.", &adjustment]);
    let statuses = || -> Vec<Value> {
        let all = world.twin.bills().into_iter();
        all.map(|each| each["Status"].clone()).collect()
    };
    world.twin.apply(&adjustment, &bill);
    assert_eq!(statuses(), ["Balanced", "Balanced"], "not released");
    world.twin.release("Bill", &bill);
    world.twin.release("Bill", &adjustment);
    assert_eq!(statuses(), ["Open", "Open"], "not applied by itself");
    world.twin.pay(&bill, rust_decimal::Decimal::from(4));
    world.twin.apply(&adjustment, &bill);
    assert_eq!(statuses(), ["Closed", "Open"], "4 of it were paid before");
}
