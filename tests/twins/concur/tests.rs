//! Concur behaves as its contract says: tokens, list, acknowledge, confirm.

use serde_json::{Value, json};

use super::*;
use crate::documents::{Random, any};
use crate::twins::probe::{Answer, Probe};

const EXPENSE: &str = "/financialintegration/fi/v4/companies/transactiontypes/expense/transactions";

struct World {
    twin: ConcurTwin,
    fis: Probe,
}

fn report(n: u32) -> Value {
    json!({"report": {"reportId": format!("{n:020X}")}, "expenseEntry": []})
}

async fn token(twin: &ConcurTwin) -> Answer {
    let o = twin.options();
    let form = format!(
        "client_id={}&client_secret={}&grant_type=password&username={}&password={}&credtype=authtoken",
        o.client_id, o.client_secret, o.company_uuid, o.request_token
    );
    Probe::new(twin.token_url())
        .send("POST", "/oauth2/v0/token", &form)
        .await
}

async fn refresh(twin: &ConcurTwin, refresh_token: &str) -> Answer {
    let o = twin.options();
    let form = format!(
        "client_id={}&client_secret={}&grant_type=refresh_token&refresh_token={refresh_token}",
        o.client_id, o.client_secret
    );
    Probe::new(twin.geolocation_url())
        .send("POST", "/oauth2/v0/token", &form)
        .await
}

async fn world_with(options: Options) -> World {
    let twin = ConcurTwin::start(options).await.unwrap();
    let granted = token(&twin).await;
    let geolocation = granted.body["geolocation"].as_str().unwrap();
    let fis = Probe::new(geolocation).with_bearer(granted.body["access_token"].as_str().unwrap());
    World { twin, fis }
}

async fn world() -> World {
    world_with(Options::default()).await
}

impl World {
    async fn list(&self, query: &str) -> Answer {
        self.fis.send("GET", &format!("{EXPENSE}{query}"), "").await
    }

    async fn acknowledge(&self, id: &str, system_id: &str) -> i64 {
        let body = json!({"ids": [id], "systemId": system_id}).to_string();
        let answer = self
            .fis
            .send("POST", &format!("{EXPENSE}/acknowledgements"), &body)
            .await;
        answer.body[0]["code"].as_i64().unwrap()
    }

    async fn confirm(&self, item: Value, system_id: &str) -> i64 {
        let body = json!({"systemId": system_id, "postingConfirmations": [item]}).to_string();
        let answer = self
            .fis
            .send("POST", &format!("{EXPENSE}/postingconfirmations"), &body)
            .await;
        answer.body[0]["code"].as_i64().unwrap()
    }
}

fn success(id: &str) -> Value {
    json!({
        "docId": id, "overallPostingStatusCode": "success", "systemMessages": [],
        "postingDocs": [{"companyId": "MAIN", "documentNumber": "Bill 000001", "fiscalYear": "2026", "postingDate": "2026-11-20"}],
    })
}

fn refusal(id: &str) -> Value {
    json!({
        "docId": id, "overallPostingStatusCode": "error", "postingDocs": [],
        "systemMessages": [{"messageId": "M1", "messageLanguage": "EN", "messageShortText": "sums differ", "messageLongText": ""}],
    })
}

#[tokio::test]
async fn token_errors_carry_concurs_numbers() {
    let twin = ConcurTwin::start(Options::default()).await.unwrap();
    let o = twin.options().clone();
    let probe = Probe::new(twin.token_url());
    let client = format!(
        "client_id={}&client_secret={}",
        o.client_id, o.client_secret
    );
    let company = format!("username={}&password={}", o.company_uuid, o.request_token);
    for (form, code) in [
        (
            "client_id=x&client_secret=y&grant_type=password".to_owned(),
            61,
        ),
        (
            format!(
                "client_id={}&client_secret=y&grant_type=password",
                o.client_id
            ),
            64,
        ),
        ("grant_type=password&client_secret=y".to_owned(), 62),
        (client.clone() + "&grant_type=client_credentials", 60),
        (client.clone() + "&username=x", 65),
        (format!("{client}&grant_type=password&{company}"), 5),
        (
            format!("{client}&grant_type=password&{company}&credtype=odd"),
            120,
        ),
        (
            format!("{client}&grant_type=password&credtype=authtoken&username=x&password=y"),
            100,
        ),
        (
            format!("{client}&grant_type=refresh_token&refresh_token=x"),
            16,
        ),
    ] {
        let answer = probe.send("POST", "/oauth2/v0/token", &form).await;
        assert_eq!(answer.body["code"], code, "{form}");
        assert!(matches!(answer.status, 400 | 401));
        assert!(answer.headers.contains_key("concur-correlationid"));
        assert_eq!(answer.body.get("geolocation").is_some(), code == 16);
    }
    let json = probe
        .send("POST", "/oauth2/v0/token", r#"{"grant_type": "password"}"#)
        .await;
    assert_eq!(json.body["code"], 135);
}

#[tokio::test]
async fn a_request_token_works_several_times_until_it_expires() {
    let twin = ConcurTwin::start(Options::default()).await.unwrap();
    assert_eq!(token(&twin).await.body["expires_in"], "3600");
    assert_eq!(token(&twin).await.status, 200);
    twin.expire_request_token();
    assert_eq!(token(&twin).await.body["code"], 5);
}

#[tokio::test]
async fn a_rotated_refresh_token_dies_when_the_rotation_says() {
    for (rotation, after_refresh, after_first_use) in [
        (Rotation::Never, 200, 200),
        (Rotation::AtOnce, 400, 400),
        (Rotation::OnFirstUse, 200, 400),
    ] {
        let twin = ConcurTwin::start(Options {
            rotation,
            ..Options::default()
        })
        .await
        .unwrap();
        let first = token(&twin).await.body["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let second = refresh(&twin, &first).await.body["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(first == second, rotation == Rotation::Never);
        let again = refresh(&twin, &first).await;
        assert_eq!(again.status, after_refresh, "{rotation:?}");
        assert_eq!(refresh(&twin, &second).await.status, 200, "{rotation:?}");
        assert_eq!(
            refresh(&twin, &first).await.status,
            after_first_use,
            "{rotation:?}"
        );
    }
}

#[tokio::test]
async fn calls_need_a_good_bearer_at_the_right_address() {
    let World { twin, fis } = world().await;
    let _id = twin.offer("expense", report(1));
    assert_eq!(
        Probe::new(twin.geolocation_url())
            .send("GET", EXPENSE, "")
            .await
            .status,
        401
    );
    assert_eq!(
        fis.with_bearer("stolen")
            .send("GET", EXPENSE, "")
            .await
            .status,
        403
    );
    assert_eq!(
        Probe::new(twin.token_url())
            .with_bearer("any")
            .send("GET", EXPENSE, "")
            .await
            .status,
        404
    );
    assert_eq!(fis.send("GET", EXPENSE, "").await.status, 200);
    twin.expire_access_tokens();
    assert_eq!(fis.send("GET", EXPENSE, "").await.status, 403);
}

#[tokio::test]
async fn a_list_is_paged_and_shows_ready_documents_of_its_type() {
    let world = world().await;
    for n in 0..7 {
        let _id = world.twin.offer("expense", report(n));
    }
    let _other = world
        .twin
        .offer("invoice", json!({"requestHeader": {"requestId": "R"}}));
    let first = world.list("?page=0&limit=3").await.body;
    assert_eq!(
        first["page"],
        json!({"size": 3, "totalElements": 7, "totalPages": 3, "number": 0})
    );
    let rels = |body: &Value| -> Vec<String> {
        body["links"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link["rel"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rels(&first), ["first", "self", "next", "last"]);
    let last = world.list("?page=2&limit=3").await.body;
    assert_eq!(
        (last["content"].as_array().unwrap().len(), rels(&last)),
        (
            1,
            ["first", "self", "prev", "last"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    assert_eq!(world.list("?limit=0").await.status, 400);
    assert_eq!(world.list("?page=-1").await.status, 400);
}

#[tokio::test]
async fn a_query_by_business_id_shows_every_status_only_when_asked() {
    let world = world().await;
    let first = world.twin.offer("expense", report(1));
    assert_eq!(world.acknowledge(&first, "S").await, 0);
    assert_eq!(world.confirm(refusal(&first), "S").await, 0);
    world.twin.recall(&first).unwrap();
    let second = world.twin.resubmit(&first, None).unwrap();
    let query = format!("?docId={:020X}", 1);
    let ready = world.list(&query).await.body;
    assert_eq!(ready["content"][0]["id"], second);
    assert_eq!(ready["content"].as_array().unwrap().len(), 1);
    let all = world
        .list(&format!("{query}&ignoreDocumentStatus=yes"))
        .await
        .body;
    assert_eq!(all["content"].as_array().unwrap().len(), 2);
    let unasked = world.list("?ignoreDocumentStatus=yes").await.body;
    assert_eq!(
        unasked["content"].as_array().unwrap().len(),
        1,
        "forced to no without docId"
    );
    let by_system = world
        .list(&format!("{query}&ignoreDocumentStatus=yes&systemId=S"))
        .await
        .body;
    assert_eq!(by_system["content"][0]["id"], first);
}

#[tokio::test]
async fn documents_come_as_objects_or_as_texts_with_their_digits() {
    let world = world().await;
    let _id = world.twin.offer("expense", any(&mut Random::new(1)).body);
    let text: Value =
        serde_json::from_str(r#"{"report": {"reportId": "R", "cashAdvanceReturnsAmount": 0E-8}}"#)
            .unwrap();
    let _id = world.twin.offer("expense", text);
    let object = world.list("").await;
    assert!(object.text.contains("0E-8") || object.text.contains("0e-8"));
    assert!(object.body["content"][1]["document"].is_object());
    let request = world
        .fis
        .request("GET", EXPENSE)
        .header("DocumentFormatAs", "text");
    let text: Value =
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert!(text["content"][1]["document"].is_string());
}

#[tokio::test]
async fn acknowledgements_answer_with_the_code_of_each_case() {
    let world = world().await;
    let twin = &world.twin;
    let ids: Vec<String> = (0..6).map(|n| twin.offer("expense", report(n))).collect();
    let invoice = twin.offer("invoice", json!({}));
    twin.recall(&ids[1]).unwrap();
    twin.set_status(&ids[2], Status::Delayed);
    twin.set_system(&ids[3], "other");
    for (id, code) in [
        (ids[0].as_str(), 0),
        (&ids[0], 101),
        (&ids[1], 102),
        (&ids[2], 103),
        (&ids[3], 99),
        ("00000000000000000000000000000000", 104),
        (&invoice, 105),
    ] {
        assert_eq!(world.acknowledge(id, "S").await, code);
    }
    twin.next("acknowledge", Fault::Code(199));
    assert_eq!(world.acknowledge(&ids[4], "S").await, 199);
    assert_eq!(twin.document(&ids[4]).unwrap().status, Status::Ready);
    assert!(twin.recall(&ids[0]).is_err(), "acknowledging blocks recall");
    let body = json!({"ids": [ids[0]]}).to_string();
    let by_whom = world
        .fis
        .send("POST", &format!("{EXPENSE}/acknowledgements"), &body)
        .await
        .body;
    assert_eq!(by_whom[0]["systemId"], "S");
    assert_eq!(by_whom[0]["acknowledgeResult"], "FAILURE");
}

#[tokio::test]
async fn confirmations_answer_with_the_code_of_each_case() {
    let world = world().await;
    let twin = &world.twin;
    let ids: Vec<String> = (0..4).map(|n| twin.offer("expense", report(n))).collect();
    let invoice = twin.offer("invoice", json!({}));
    assert_eq!(world.confirm(success(&ids[0]), "S").await, 111);
    for id in &ids {
        assert_eq!(world.acknowledge(id, "S").await, 0);
    }
    twin.set_status(&ids[1], Status::Recalled);
    twin.set_status(&ids[2], Status::Void);
    for (item, system_id, code) in [
        (success(&ids[0]), "T", 99),
        (success(&ids[0]), "S", 0),
        (refusal(&ids[0]), "S", 113),
        (success(&ids[1]), "S", 112),
        (success(&ids[2]), "S", 114),
        (success(&invoice), "S", 115),
        (success("00000000000000000000000000000000"), "S", 116),
    ] {
        assert_eq!(world.confirm(item, system_id).await, code);
    }
    twin.next("confirm", Fault::Code(199));
    assert_eq!(world.confirm(success(&ids[3]), "S").await, 199);
    assert!(twin.told(&ids[3]).is_none());
    assert_eq!(twin.told(&ids[0]).unwrap().verdict, "success");
    assert!(
        twin.document(&ids[0])
            .unwrap()
            .audit
            .contains(&"posted as Bill 000001".to_owned())
    );
}

#[tokio::test]
async fn confirmation_bodies_are_checked_strictly() {
    let world = world().await;
    let id = world.twin.offer("expense", report(1));
    assert_eq!(world.acknowledge(&id, "S").await, 0);
    let changed = |pointer: &str, value: Value| {
        let mut item = success(&id);
        *item.pointer_mut(pointer).unwrap() = value;
        item
    };
    let mut with_docs = refusal(&id);
    with_docs["postingDocs"] = success(&id)["postingDocs"].clone();
    let mut long_text = refusal(&id);
    long_text["systemMessages"][0]["messageShortText"] = json!("x".repeat(1_301));
    for item in [
        changed("/docId", json!("x".repeat(33))),
        changed("/overallPostingStatusCode", json!("Success")),
        changed("/postingDocs", Value::Null),
        changed("/systemMessages", Value::Null),
        changed("/postingDocs/0/companyId", Value::Null),
        changed("/postingDocs/0/companyId", json!("x".repeat(33))),
        changed("/postingDocs/0/documentNumber", json!("x".repeat(81))),
        changed("/postingDocs/0/fiscalYear", json!(2026)),
        changed("/postingDocs/0/postingDate", json!("11/20/2026")),
        with_docs,
        long_text,
    ] {
        assert_eq!(world.confirm(item.clone(), "S").await, 198, "{item}");
    }
    let no_system = json!({"postingConfirmations": [success(&id)]}).to_string();
    let answer = world
        .fis
        .send(
            "POST",
            &format!("{EXPENSE}/postingconfirmations"),
            &no_system,
        )
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(world.confirm(success(&id), "S").await, 0);
}

#[tokio::test]
async fn a_document_can_be_recalled_between_list_and_acknowledgement() {
    let world = world().await;
    let id = world.twin.offer("expense", report(1));
    world.twin.recall_when_listed(&id);
    assert_eq!(
        world.list("").await.body["content"][0]["docStatus"],
        "READY"
    );
    assert_eq!(world.acknowledge(&id, "S").await, 102);
}

#[tokio::test]
async fn scripted_faults_happen_once_and_in_order() {
    let world = world().await;
    let id = world.twin.offer("expense", report(1));
    for fault in [
        Fault::Status(503),
        Fault::Html(502),
        Fault::DropBefore,
        Fault::CutAnswer,
    ] {
        world.twin.next("list", fault);
    }
    assert_eq!(world.list("").await.status, 503);
    assert!(world.list("").await.text.contains("<html>"));
    assert!(world.fis.try_send("GET", EXPENSE, "").await.is_err());
    assert!(world.fis.try_send("GET", EXPENSE, "").await.is_err());
    assert_eq!(world.list("").await.status, 200);
    world.twin.next("acknowledge", Fault::DropAfterSave);
    let body = json!({"ids": [id], "systemId": "S"}).to_string();
    assert!(
        world
            .fis
            .try_send("POST", &format!("{EXPENSE}/acknowledgements"), &body)
            .await
            .is_err()
    );
    assert_eq!(
        world.twin.document(&id).unwrap().status,
        Status::Acknowledged
    );
    assert_eq!(world.twin.calls()["list"], 5);
}

#[tokio::test]
async fn the_window_shows_the_state_and_takes_documents() {
    let world = world().await;
    let window = Probe::new(world.twin.token_url());
    let id = window
        .send("POST", "/twin/documents/expense", &report(9).to_string())
        .await
        .body["id"]
        .clone();
    let id = id.as_str().unwrap();
    assert_eq!(
        window
            .send("POST", &format!("/twin/recall/{id}"), "")
            .await
            .status,
        204
    );
    assert_eq!(
        window
            .send("POST", &format!("/twin/recall/{id}"), "")
            .await
            .status,
        409
    );
    let state = window.send("GET", "/twin/state", "").await.body;
    assert_eq!(state["documents"][0]["status"], "RECALLED");
    assert_eq!(
        window
            .send("POST", "/twin/faults/list", r#"{"status": 503}"#)
            .await
            .status,
        201
    );
    assert_eq!(
        window
            .send("POST", "/twin/faults/list", r#""odd""#)
            .await
            .status,
        400
    );
    assert_eq!(world.list("").await.status, 503);
}
