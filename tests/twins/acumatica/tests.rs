//! Acumatica behaves as its contract says, dangers included.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::twins::probe::{Answer, Probe};

const BILL: &str = "/entity/Default/24.200.001/Bill";
const JOURNAL: &str = "/entity/Default/24.200.001/JournalTransaction";

struct World {
    twin: AcumaticaTwin,
    api: Probe,
}

async fn sign_in(twin: &AcumaticaTwin, scope: &str) -> Answer {
    let o = twin.options();
    let form = format!(
        "grant_type=password&client_id={}&client_secret={}&username={}&password={}&scope={scope}",
        o.client_id(),
        o.client_secret,
        o.username,
        o.password
    );
    Probe::new(&twin.url())
        .send("POST", "/identity/connect/token", &form)
        .await
}

async fn world_with(options: Options) -> World {
    let seed = crate::demo::acumatica_seed();
    let twin = AcumaticaTwin::start(Options { seed, ..options })
        .await
        .unwrap();
    let token = sign_in(&twin, "api").await;
    let api = Probe::new(&twin.url()).with_bearer(token.body["access_token"].as_str().unwrap());
    World { twin, api }
}

async fn world() -> World {
    world_with(Options::default()).await
}

async fn sign_out(api: &Probe) -> u16 {
    // Without the header nothing says that the body is empty, and the server refuses.
    let request = api
        .request("POST", "/entity/auth/logout")
        .header("content-length", "0");
    request.send().await.unwrap().status().as_u16()
}

impl World {
    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.api.send("PUT", path, &body.to_string()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.api.send("GET", &path.replace(' ', "%20"), "").await
    }

    async fn found(&self, filter: &str) -> usize {
        let answer = self.get(&format!("{BILL}?$filter={filter}")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
        answer.body.as_array().unwrap().len()
    }
}

fn v(value: impl Into<Value>) -> Value {
    json!({"value": value.into()})
}

fn line(amount: &str) -> Value {
    json!({
        "TransactionDescription": v("Taxi"), "ExtendedCost": {"value": crate::amounts::literal(amount)},
        "Account": v("61000"), "Subaccount": v("000000"), "Project": v("X"), "TaxCategory": v("EXEMPT"),
    })
}

fn bill(reference: &str, lines: &[&str]) -> Value {
    let details: Vec<Value> = lines.iter().map(|amount| line(amount)).collect();
    json!({
        "Type": v("Bill"), "Vendor": v("E00101"), "VendorRef": v(reference), "Date": v("2026-11-12T00:00:00"),
        "BranchID": v("MAIN"), "CurrencyID": v("USD"), "Hold": v(false), "Description": v("Ada Archer trip"),
        "Amount": v(0), "Details": details,
    })
}

fn batch(debit: &str, credit: &str) -> Value {
    let amount = |digits: &str| json!({"value": crate::amounts::literal(digits)});
    json!({
        "TransactionDate": v("2026-11-12T00:00:00"), "Description": v("CNQR:abc/1.1 flight"), "Hold": v(false),
        "Details": [
            {"Account": v("61000"), "DebitAmount": amount(debit)},
            {"Account": v("21590"), "CreditAmount": amount(credit), "ReferenceNbr": v("CARD-1")},
        ],
    })
}

#[tokio::test]
async fn sign_in_checks_client_tenant_user_and_scope() {
    let World { twin, .. } = world().await;
    let probe = Probe::new(&twin.url());
    let o = twin.options().clone();
    let form = |id: &str, secret: &str, user: &str, scope: &str| {
        format!(
            "grant_type=password&client_id={id}&client_secret={secret}&username={user}&password={}&scope={scope}",
            o.password
        )
    };
    let lower = o.client_id().to_lowercase();
    for (body, error) in [
        (
            form("x@TWIN", &o.client_secret, &o.username, "api"),
            "invalid_client",
        ),
        (
            form(
                &format!("{}@OTHER", o.client_guid),
                &o.client_secret,
                &o.username,
                "api",
            ),
            "invalid_client",
        ),
        (form(&lower, "wrong", &o.username, "api"), "invalid_client"),
        (
            form(&lower, &o.client_secret, "wrong", "api"),
            "invalid_grant",
        ),
        (
            form(&lower, &o.client_secret, &o.username, "openid"),
            "invalid_scope",
        ),
        (
            format!(
                "grant_type=client_credentials&client_id={lower}&client_secret={}",
                o.client_secret
            ),
            "unsupported_grant_type",
        ),
    ] {
        assert_eq!(
            probe
                .send("POST", "/identity/connect/token", &body)
                .await
                .body["error"],
            error
        );
    }
    assert_eq!(
        probe
            .send(
                "POST",
                "/identity/connect/token",
                &form(&lower, &o.client_secret, &o.username, "api")
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn one_session_too_many_is_refused_until_another_signs_out() {
    let World { twin, api } = world().await;
    assert_eq!(sign_in(&twin, "api").await.status, 200);
    let refused = sign_in(&twin, "api").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text.contains("API Login Limit"));
    assert_eq!(sign_out(&api).await, 204);
    assert_eq!(sign_in(&twin, "api").await.status, 200);
    assert_eq!(twin.most_open_seats(), 2);
    // The bearer that was signed out is good, but needs a seat again.
    let again = api.send("GET", BILL, "").await;
    assert!(again.status == 429 && again.text.contains("API Login Limit"));
}

#[tokio::test]
async fn a_signed_out_bearer_opens_a_new_session() {
    let World { twin, api } = world().await;
    assert_eq!(sign_out(&api).await, 204);
    assert_eq!(twin.open_seats(), 0);
    assert_eq!(api.send("GET", BILL, "").await.status, 200);
    assert_eq!(twin.open_seats(), 1);
}

#[tokio::test]
async fn sign_out_without_a_length_is_refused_and_keeps_the_seat() {
    let World { twin, .. } = world().await;
    let raw = raw_request(
        &twin,
        "POST /entity/auth/logout HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    .await;
    assert!(raw.starts_with("HTTP/1.1 411"), "{raw}");
    assert_eq!(twin.open_seats(), 1);
}

#[tokio::test]
async fn refreshed_tokens_keep_the_seat_and_rotate() {
    let World { twin, .. } = world_with(Options {
        seats: 2,
        ..Options::default()
    })
    .await;
    let first = sign_in(&twin, "api offline_access").await.body;
    let o = twin.options();
    let form = format!(
        "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
        o.client_id(),
        o.client_secret,
        first["refresh_token"].as_str().unwrap()
    );
    let probe = Probe::new(&twin.url());
    let second = probe.send("POST", "/identity/connect/token", &form).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.body["refresh_token"], first["refresh_token"]);
    assert_eq!(twin.open_seats(), 2);
    assert_eq!(
        probe
            .send("POST", "/identity/connect/token", &form)
            .await
            .body["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn requests_on_one_seat_are_served_one_after_another() {
    let World { twin, api } = world().await;
    twin.next("list", Fault::DelayInTurn(Duration::from_millis(120)));
    let started = Instant::now();
    let (slow, quick) = tokio::join!(api.send("GET", BILL, ""), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        api.send("GET", BILL, "").await
    });
    assert_eq!((slow.status, quick.status), (200, 200));
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn requests_per_minute_are_limited() {
    let world = world_with(Options {
        requests_per_minute: Some(2),
        ..Options::default()
    })
    .await;
    assert_eq!(world.get(BILL).await.status, 200);
    assert_eq!(world.get(BILL).await.status, 200);
    assert_eq!(world.get(BILL).await.status, 429);
}

#[tokio::test]
async fn a_put_without_a_key_always_inserts() {
    let world = world().await;
    let path = format!("{BILL}?$select=Status,Amount,Balance,Details/Amount&$expand=Details");
    let first = world.put(&path, &bill("R-1", &["10.10", "5"])).await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.body["ReferenceNbr"]["value"], "000001");
    assert_eq!(first.body["Status"]["value"], "Balanced");
    assert_eq!(first.body["Amount"]["value"].to_string(), "15.10");
    assert_eq!(first.body["Details"].as_array().unwrap().len(), 2);
    assert!(
        first.body.get("DueDate").is_none(),
        "neither sent nor selected"
    );
    assert_eq!(
        world.put(BILL, &bill("R-1", &["1"])).await.body["ReferenceNbr"]["value"],
        "000002"
    );
    let mut debit = bill("R-2", &["3"]);
    debit["Type"] = v("Debit Adj.");
    assert_eq!(
        world.put(BILL, &debit).await.body["ReferenceNbr"]["value"],
        "000001"
    );
    assert_eq!(world.twin.bills().len(), 3);
}

#[tokio::test]
async fn a_filter_on_a_put_turns_a_create_into_an_update() {
    let world = world().await;
    assert_eq!(world.put(BILL, &bill("R-1", &["10"])).await.status, 200);
    let path = format!("{BILL}?$filter=VendorRef%20eq%20'R-1'");
    let answer = world.put(&path, &bill("R-1", &["10"])).await;
    assert_eq!(answer.body["ReferenceNbr"]["value"], "000001");
    let bills = world.twin.bills();
    assert_eq!(
        (bills.len(), bills[0]["Details"].as_array().unwrap().len()),
        (1, 2),
        "and its lines were appended"
    );
}

#[tokio::test]
async fn an_update_by_key_or_id_changes_only_what_is_sent() {
    let world = world().await;
    let created = world
        .put(&format!("{BILL}?$expand=Details"), &bill("R-1", &["10"]))
        .await
        .body;
    let by_key = json!({"Type": v("Bill"), "ReferenceNbr": v("000001"), "Hold": v(true)});
    assert_eq!(world.put(BILL, &by_key).await.status, 200);
    let row = created["Details"][0]["id"].clone();
    let by_id = json!({"id": created["id"], "Details": [{"id": row, "ExtendedCost": v(7)}]});
    assert_eq!(world.put(BILL, &by_id).await.status, 200);
    let stored = &world.twin.bills()[0];
    assert_eq!(
        (stored["Status"].as_str(), stored["Amount"].to_string()),
        (Some("On Hold"), "7".to_owned())
    );
    let deleted = json!({"id": created["id"], "Details": [{"id": row, "delete": true}]});
    assert_eq!(world.put(BILL, &deleted).await.status, 200);
    assert_eq!(world.twin.bills()[0]["Details"], json!([]));
    let refused = world
        .api
        .request("PUT", BILL)
        .header("if-none-match", "*")
        .body(by_key.to_string());
    assert_eq!(refused.send().await.unwrap().status(), 412);
}

#[tokio::test]
async fn unknown_members_are_ignored_without_a_word() {
    let world = world().await;
    let mut body = bill("R-1", &["10"]);
    body["CashDiscountDate"] = v("2026-11-12");
    body["vendorref"] = v("lost");
    body["Status"] = v("Open");
    assert_eq!(world.put(BILL, &body).await.status, 200);
    assert_eq!(world.twin.bills()[0]["Status"], "Balanced");
    body["Vendor"] = json!("E00101");
    assert_eq!(
        world.put(BILL, &body).await.status,
        400,
        "a bare value is malformed"
    );
}

#[tokio::test]
async fn refusals_echo_the_document_with_errors_at_their_fields() {
    let world = world_with(Options {
        raise_on_duplicate_ref: Preference::On,
        require_vendor_ref: Preference::On,
        ..Options::default()
    })
    .await;
    assert_eq!(world.put(BILL, &bill("R-1", &["10"])).await.status, 200);
    let long = "x".repeat(41);
    for (pointer, value, at, text) in [
        (
            "/Vendor",
            "V999999",
            "/Vendor",
            "'V999999' cannot be found in the system.",
        ),
        ("/Vendor", "", "/Vendor", "'Vendor' cannot be empty."),
        (
            "/Vendor",
            "V000030",
            "/Vendor",
            "The vendor status is 'On Hold'.",
        ),
        (
            "/VendorRef",
            "R-1",
            "/VendorRef",
            "Document with Vendor Ref. 'R-1' already exists",
        ),
        (
            "/VendorRef",
            "",
            "/VendorRef",
            "'VendorRef' cannot be empty.",
        ),
        (
            "/VendorRef",
            long.as_str(),
            "/VendorRef",
            "'VendorRef' is longer than 40 characters.",
        ),
        (
            "/BranchID",
            "WEST",
            "/BranchID",
            "'WEST' cannot be found in the system.",
        ),
        (
            "/CurrencyID",
            "CHF",
            "/CurrencyID",
            "Currency rate is not defined",
        ),
        (
            "/CurrencyID",
            "XXX",
            "/CurrencyID",
            "'XXX' cannot be found in the system.",
        ),
        (
            "/Type",
            "Invoice",
            "/Type",
            "'Invoice' is not a valid document type.",
        ),
        (
            "/Date",
            "2026-09-12T00:00:00",
            "/Date",
            "The 092026 financial period is closed or inactive.",
        ),
        (
            "/Date",
            "2031-01-01T00:00:00",
            "/Date",
            "The financial period does not exist",
        ),
        (
            "/Details/1/Account",
            "1",
            "/Details/1/Account",
            "'1' cannot be found in the system.",
        ),
        (
            "/Details/1/Account",
            "69900",
            "/Details/1/Account",
            "Account '69900' is inactive.",
        ),
        (
            "/Details/0/Account",
            "",
            "/Details/0/Account",
            "'Account' cannot be empty.",
        ),
        (
            "/Details/0/Subaccount",
            "999999",
            "/Details/0/Subaccount",
            "'999999' cannot be found in the system.",
        ),
        (
            "/Details/0/Project",
            "PR0",
            "/Details/0/Project",
            "'PR0' cannot be found in the system.",
        ),
        (
            "/Details/0/TaxCategory",
            "ODD",
            "/Details/0/TaxCategory",
            "'ODD' cannot be found in the system.",
        ),
    ] {
        let mut body = bill("R-2", &["10", "5"]);
        *body.pointer_mut(pointer).unwrap() = v(value);
        let answer = world.put(BILL, &body).await;
        assert_eq!(answer.status, 422, "{pointer} {value}: {}", answer.text);
        let error = answer.body.pointer(at).unwrap()["error"]
            .as_str()
            .unwrap_or_default();
        assert!(error.starts_with(text), "{pointer} {value}: {error}");
        assert!(answer.body["error"].is_string());
        assert_eq!(answer.body["ReferenceNbr"]["value"], "<NEW>");
    }
    assert_eq!(world.twin.bills().len(), 1);
}

#[tokio::test]
async fn totals_signs_and_taxes_follow_the_preferences() {
    let world = world().await;
    assert_eq!(
        world.put(BILL, &bill("R-1", &["10", "-3"])).await.status,
        422
    );
    let strict = world_with(Options {
        validate_totals: Preference::On,
        negative_lines: Preference::On,
        approval: Preference::On,
        ..Options::default()
    })
    .await;
    let mut body = bill("R-1", &["10", "-3"]);
    assert!(strict.put(BILL, &body).await.body["Amount"]["error"].is_string());
    body["Amount"] = v(7);
    assert_eq!(strict.put(BILL, &body).await.status, 200);
    assert_eq!(
        strict.twin.bills()[0]["Status"],
        "On Hold",
        "an approval map overrides Hold"
    );
    world
        .twin
        .edit("Vendor", &["E00101"], ("TaxZone", json!("CA")));
    let mut taxed = bill("R-2", &["100"]);
    assert_eq!(world.put(BILL, &taxed).await.status, 200);
    taxed["Details"][0]["TaxCategory"] = v("TAXABLE");
    assert_eq!(world.put(BILL, &taxed).await.status, 200);
    let totals: Vec<String> = world
        .twin
        .bills()
        .iter()
        .map(|bill| bill["Amount"].to_string())
        .collect();
    assert_eq!(totals, ["100", "108"]);
}

#[tokio::test]
async fn amounts_are_rounded_to_the_currency_without_a_word() {
    let world = world().await;
    let mut body = bill("R-1", &["10.005"]);
    assert_eq!(world.put(BILL, &body).await.status, 200);
    body["CurrencyID"] = v("JPY");
    body["Details"][0]["ExtendedCost"] = json!({"value": 184.4});
    assert_eq!(world.put(BILL, &body).await.status, 200);
    let totals: Vec<String> = world
        .twin
        .bills()
        .iter()
        .map(|bill| bill["Amount"].to_string())
        .collect();
    assert_eq!(totals, ["10.01", "184"]);
}

#[tokio::test]
async fn batches_balance_unless_on_hold() {
    let world = world().await;
    let path = format!("{JOURNAL}?$select=Status");
    let saved = world.put(&path, &batch("12.50", "12.50")).await;
    assert_eq!(
        (saved.status, saved.body["BatchNbr"]["value"].as_str()),
        (200, Some("000001")),
        "{}",
        saved.text
    );
    assert_eq!(
        world.put(JOURNAL, &batch("12.50", "12.40")).await.status,
        422
    );
    let mut held = batch("12.50", "12.40");
    held["Hold"] = v(true);
    assert_eq!(world.put(JOURNAL, &held).await.status, 200);
    assert_eq!(world.put(JOURNAL, &batch("-1", "-1")).await.status, 422);
    let mut long = batch("1", "1");
    long["Details"][1]["ReferenceNbr"] = v("1234567890123456");
    let answer = world.put(JOURNAL, &long).await;
    assert!(
        answer.body["Details"][1]["ReferenceNbr"]["error"].is_string(),
        "{}",
        answer.text
    );
    let found = world
        .get(&format!(
            "{JOURNAL}?$filter=startswith(Description,'CNQR:abc/')&$expand=Details"
        ))
        .await;
    assert_eq!(found.body.as_array().unwrap().len(), 2);
    assert_eq!(
        found.body[0]["Details"][1]["ReferenceNbr"]["value"],
        "CARD-1"
    );
}

#[tokio::test]
async fn filters_work_as_far_as_they_do() {
    let world = world().await;
    for reference in ["R-1", "O'Brien", "R-2"] {
        assert_eq!(world.put(BILL, &bill(reference, &["10"])).await.status, 200);
    }
    for (filter, count) in [
        ("VendorRef eq 'R-1'", 1),
        ("VendorRef eq 'r-1'", 0),
        ("VendorRef eq 'O''Brien'", 1),
        (
            "Vendor eq 'E00101' and (VendorRef eq 'R-1' or VendorRef eq 'R-2')",
            2,
        ),
        ("not (VendorRef eq 'R-1')", 2),
        ("startswith(VendorRef,'R-') and Hold eq false", 2),
        ("substringof('Brien',VendorRef)", 1),
        ("endswith(VendorRef,'2') eq true", 0),
        ("Amount gt 9.99 and Amount le 10M", 3),
        (
            "Date ge datetimeoffset'2026-11-12' and Date lt datetimeoffset'2026-11-13T00:00:00%2B00:00'",
            3,
        ),
        ("Terms ne null and Project eq null", 3),
        ("Details/Account eq '61000'", 0),
        ("cf.String(f='BatchModule.AttributeX') eq 'y'", 0),
    ] {
        assert_eq!(world.found(filter).await, count, "{filter}");
    }
    for filter in [
        "vendorref eq 'R-1'",
        "Nonsense eq 1",
        "contains(VendorRef,'R')",
        "tolower(VendorRef) eq 'r-1'",
        "Hold eq 'false'",
        "VendorRef eq 'R-1",
        "VendorRef",
        "VendorRef eq 'R-1' or",
    ] {
        assert_eq!(
            world.get(&format!("{BILL}?$filter={filter}")).await.status,
            500,
            "{filter}"
        );
    }
    let page = world
        .get(&format!("{BILL}?$select=VendorRef&$skip=1&$top=1"))
        .await
        .body;
    assert_eq!(
        (
            page.as_array().unwrap().len(),
            page[0]["VendorRef"]["value"].as_str()
        ),
        (1, Some("O'Brien"))
    );
    assert!(page[0].get("Details").is_none() && page[0].get("Amount").is_none());
}

#[tokio::test]
async fn reads_by_key_give_the_record_or_the_exception() {
    let world = world().await;
    assert_eq!(world.put(BILL, &bill("R-1", &["10"])).await.status, 200);
    let found = world
        .get(&format!("{BILL}/Bill/000001?$expand=Details"))
        .await
        .body;
    assert_eq!(
        found["Details"][0]["Description"]["value"],
        "Travel and meals"
    );
    assert_eq!(
        found["Project"],
        json!({}),
        "an empty field is an empty object"
    );
    let missing = world.get(&format!("{BILL}/Bill/000009")).await;
    assert_eq!(missing.status, 500);
    assert!(
        missing.body["exceptionType"]
            .as_str()
            .unwrap()
            .contains("NoEntitySatisfiesTheCondition")
    );
    assert_eq!(
        world.get("/entity/Default/23.200.001/Bill").await.status,
        404
    );
    assert_eq!(
        world
            .api
            .send("POST", &format!("{BILL}/ReleaseBill"), "{}")
            .await
            .status,
        404
    );
    assert_eq!(
        world
            .api
            .send("DELETE", &format!("{BILL}/Bill/000001"), "")
            .await
            .status,
        204
    );
    assert!(world.twin.bills().is_empty());
}

#[tokio::test]
async fn reference_data_is_listed_and_the_root_needs_no_token() {
    let world = world().await;
    let root = Probe::new(&world.twin.url());
    assert_eq!(
        root.send("GET", "/entity", "").await.body["endpoints"][0]["name"],
        "Default"
    );
    assert_eq!(root.send("GET", BILL, "").await.status, 401);
    let base = "/entity/Default/24.200.001";
    let vendors = world
        .get(&format!(
            "{base}/Vendor?$filter=Status eq 'Active'&$select=VendorID"
        ))
        .await
        .body;
    assert!(vendors.as_array().unwrap().len() >= 5);
    let year = world
        .get(&format!("{base}/FinancialPeriod/2026?$expand=Details"))
        .await
        .body;
    assert_eq!(year["Details"][10]["FinancialPeriodID"]["value"], "112026");
    assert_eq!(
        world
            .get(&format!("{base}/CompaniesStructure"))
            .await
            .status,
        500
    );
    let branches = world
        .put(
            &format!("{base}/CompaniesStructure?$expand=Results"),
            &json!({}),
        )
        .await
        .body;
    assert_eq!(branches["Results"][0]["BranchID"]["value"], "MAIN");
    assert_eq!(
        world
            .put(&format!("{base}/Vendor"), &json!({}))
            .await
            .status,
        403
    );
}

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

/// Sends bytes as they are, and reads what comes back.
async fn raw_request(twin: &AcumaticaTwin, text: &str) -> String {
    let address = twin.url().trim_start_matches("http://").to_owned();
    let text = text.to_owned();
    tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut buffer = [0_u8; 512];
        let count = stream.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    })
    .await
    .unwrap()
}
