//! Releases: from which status, in how many answers, and what can become of them.

use super::*;

fn keys(entity: &Value) -> Value {
    json!({"entity": entity, "parameters": {}})
}

fn bill_keys() -> Value {
    keys(&json!({"Type": v("Bill"), "ReferenceNbr": v("000001")}))
}

fn batch_keys() -> Value {
    keys(&json!({"Module": v("GL"), "BatchNbr": v("000001")}))
}

impl World {
    async fn release(&self) -> Answer {
        let body = bill_keys().to_string();
        let path = format!("{BILL}/ReleaseBill");
        self.api.send("POST", &path, &body).await
    }

    async fn release_batch(&self) -> Answer {
        let body = batch_keys().to_string();
        let path = format!("{JOURNAL}/ReleaseJournalTransaction");
        self.api.send("POST", &path, &body).await
    }

    fn status(&self) -> String {
        self.twin.bills()[0]["Status"].as_str().unwrap().to_owned()
    }
}

async fn with_bill(options: Options) -> World {
    let world = world_with(options).await;
    let saved = world.put(BILL, &bill("R-1", &["10"])).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    world
}

fn running(answers: u32) -> Options {
    Options {
        action_answers_202: answers,
        ..Options::default()
    }
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_balanced_document_is_released_at_once() {
    let world = with_bill(Options::default()).await;
    assert_eq!(world.release().await.status, 204);
    assert_eq!(world.status(), "Open");
    let read = world
        .get(&format!(
            "{BILL}/Bill/000001?$custom=CurrentDocument.BatchNbr"
        ))
        .await
        .body;
    assert_eq!(
        read["custom"]["CurrentDocument"]["BatchNbr"]["value"],
        "000001"
    );
    let again = world.release().await;
    assert_eq!(again.status, 500);
    let text = again.body["exceptionMessage"].as_str().unwrap();
    assert!(text.contains("Document Status is invalid"), "{text}");
    assert_eq!(
        world
            .put(
                BILL,
                &json!({"Type": v("Bill"), "ReferenceNbr": v("000001"), "Hold": v(true)})
            )
            .await
            .status,
        422
    );
    let delete = format!("{BILL}/Bill/000001");
    assert_eq!(world.api.send("DELETE", &delete, "").await.status, 500);
}

#[tokio::test]
async fn batches_are_posted_or_wait_for_it() {
    for (auto_post, status) in [(Preference::On, "Posted"), (Preference::Off, "Unposted")] {
        let world = world_with(Options {
            auto_post,
            ..Options::default()
        })
        .await;
        assert_eq!(world.put(JOURNAL, &batch("5", "5")).await.status, 200);
        assert_eq!(world.release_batch().await.status, 204);
        assert_eq!(world.twin.journals()[0]["Status"], status);
    }
}

#[tokio::test]
async fn only_keys_or_the_id_find_the_record() {
    let world = with_bill(Options::default()).await;
    let id = world.twin.bills()[0]["id"].clone();
    for (entity, status) in [
        (
            json!({"Type": v("Bill"), "ReferenceNbr": v("000001"), "Vendor": v("E00101")}),
            500,
        ),
        (json!({"Type": v("Bill"), "ReferenceNbr": v("000009")}), 500),
        (json!({"ReferenceNbr": v("000001")}), 500),
        (json!({"id": id}), 204),
    ] {
        let body = keys(&entity).to_string();
        let path = format!("{BILL}/ReleaseBill");
        let answer = world.api.send("POST", &path, &body).await;
        assert_eq!(answer.status, status, "{entity}");
        let told = answer.body["exceptionType"] == "System.NullReferenceException";
        assert_eq!(told, status == 500);
    }
    let body = bill_keys().to_string();
    let wrong = format!("{BILL}/ReleaseJournalTransaction");
    assert_eq!(world.api.send("POST", &wrong, &body).await.status, 404);
}

#[tokio::test]
async fn a_running_action_answers_202_as_often_as_it_is_set_to() {
    let world = with_bill(running(3)).await;
    let begun = world.release().await;
    assert_eq!(begun.status, 202);
    let status = location(&begun);
    assert!(status.starts_with("/entity/Default/"), "{status}");
    assert_eq!(world.get(&status).await.status, 202);
    assert_eq!(world.get(&status).await.status, 202);
    assert_eq!(world.status(), "Balanced");
    assert_eq!(world.get(&status).await.status, 204);
    assert_eq!(world.status(), "Open");
    assert_eq!(world.get(&status).await.status, 404);
    assert_eq!(world.twin.calls()["status.Bill"], 4);

    assert_eq!(world.put(JOURNAL, &batch("5", "5")).await.status, 200);
    let absolute = location(&world.release_batch().await);
    assert!(absolute.starts_with(&world.twin.url()), "{absolute}");
    world.twin.finish_actions();
    assert_eq!(world.twin.journals()[0]["Status"], "Posted");
}

#[tokio::test]
async fn a_running_action_keeps_its_form_busy_until_time_has_passed() {
    let world = with_bill(running(3)).await;
    let status = location(&world.release().await);
    let busy = world.get(&format!("{BILL}/Bill/000001")).await;
    let text = busy.body["exceptionMessage"].as_str().unwrap().to_owned();
    assert!(text.contains("previous operation"), "{text}");
    assert_eq!(world.get(JOURNAL).await.status, 200, "another form is free");
    assert_eq!(world.get(&format!("{BILL}/Bill/000001")).await.status, 200);
    assert_eq!(world.status(), "Open");
    assert_eq!(world.get(&status).await.status, 204);
}

#[tokio::test]
async fn releases_fail_when_they_begin_and_while_they_run() {
    let world = with_bill(running(1)).await;
    world.twin.next(
        "action.Bill",
        Fault::Refuse("Insufficient rights.".to_owned()),
    );
    let refused = world.release().await;
    assert_eq!(
        (refused.status, refused.body["error"].as_str()),
        (422, Some("Insufficient rights."))
    );
    let status = location(&world.release().await);
    world
        .twin
        .next("status.Bill", Fault::Refuse("Update failed.".to_owned()));
    let failed = world.get(&status).await;
    assert_eq!((failed.status, world.status().as_str()), (422, "Balanced"));
    assert_eq!(world.get(&status).await.status, 404);

    // A period can close between the save and the release.
    let status = location(&world.release().await);
    world
        .twin
        .edit("Bill", &["Bill", "000001"], ("PostPeriod", json!("012026")));
    let failed = world.get(&status).await;
    let text = failed.body["exceptionMessage"].as_str().unwrap();
    assert!(text.contains("closed or inactive"), "{text}");
    assert_eq!(world.status(), "Balanced");
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_release() {
    for answers in [0, 1] {
        let world = with_bill(running(answers)).await;
        world.twin.next("action.Bill", Fault::DropAfterSave);
        let path = format!("{BILL}/ReleaseBill");
        let body = bill_keys().to_string();
        let lost = world.api.try_send("POST", &path, &body);
        assert!(lost.await.is_err());
        let read = world.get(&format!("{BILL}/Bill/000001")).await;
        assert_eq!(read.body["Status"]["value"], "Open", "{answers}");
    }
}

#[tokio::test]
async fn an_approval_map_stands_between() {
    let world = with_bill(Options {
        approval: Preference::On,
        ..Options::default()
    })
    .await;
    let key = ["Bill", "000001"];
    assert_eq!(world.status(), "On Hold");
    assert_eq!(world.release().await.status, 500);
    world.twin.approve("Bill", &key);
    assert_eq!(world.status(), "On Hold", "nothing waits for approval yet");
    let off_hold = json!({"Type": v("Bill"), "ReferenceNbr": v("000001"), "Hold": v(false)});
    let update = world.api.request("PUT", BILL).header("if-match", "*");
    let update = update.body(off_hold.to_string()).send().await.unwrap();
    assert_eq!(update.status(), 200);
    assert_eq!(world.status(), "Pending Approval");
    assert_eq!(world.release().await.status, 500);
    let path = "/twin/approve/Bill/Bill/000001";
    assert_eq!(world.api.send("POST", path, "").await.status, 204);
    assert_eq!(world.release().await.status, 204);
    assert_eq!(world.status(), "Open");
}

#[tokio::test]
async fn a_person_takes_documents_off_hold() {
    let world = with_bill(Options {
        hold_bills_on_entry: Preference::On,
        ..Options::default()
    })
    .await;
    let key = ["Bill", "000001"];
    world.twin.edit("Bill", &key, ("Status", json!("On Hold")));
    assert_eq!(world.release().await.status, 500);
    world.twin.remove_hold("Bill", &key);
    assert_eq!(world.status(), "Balanced");
    assert_eq!(world.release().await.status, 204);
}
