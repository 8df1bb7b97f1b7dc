//! Answers that are lost, broken or wrong.

use super::*;

#[tokio::test]
async fn an_answer_can_be_lost_after_or_before_the_save() {
    let world = world().await;
    let body = bill("R-1", &["10"]).to_string();
    for (fault, bills) in [
        (Fault::DropBefore, 0),
        (Fault::DropAfterSave, 1),
        (Fault::CutAnswer, 2),
        (Fault::HtmlAfterSave(502), 3),
        (Fault::StatusAfterSave(500), 4),
    ] {
        world.twin.next_put(fault.clone());
        let answer = world.api.try_send("PUT", BILL, &body).await;
        assert!(
            answer.is_err() || answer.unwrap().status >= 500,
            "{fault:?}"
        );
        assert_eq!(world.twin.bills().len(), bills, "{fault:?}");
    }
    world.twin.next_put(Fault::Refuse(
        "An AP Transactions record raised errors.".to_owned(),
    ));
    let refused = world.put(BILL, &bill("R-2", &["1"])).await;
    assert_eq!(
        (refused.status, refused.body["error"].as_str()),
        (422, Some("An AP Transactions record raised errors."))
    );
    world.twin.next("list.Bill", Fault::EmptyList);
    assert_eq!(world.found("VendorRef eq 'R-1'").await, 0);
    assert_eq!(world.found("VendorRef eq 'R-1'").await, 4);
    assert_eq!(world.twin.calls()["put.Bill"], 6);
}
