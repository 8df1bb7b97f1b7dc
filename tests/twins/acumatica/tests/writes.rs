//! Creating, changing and refusing documents.

use super::*;

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

/// One character more than a vendor reference may have.
const OVER_40: &str = "12345678901234567890123456789012345678901";

/// What is sent where, and where the refusal of it stands.
const REFUSALS: &[(&str, &str, &str, &str)] = &[
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
        OVER_40,
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
];

#[tokio::test]
async fn refusals_echo_the_document_with_errors_at_their_fields() {
    let world = world_with(Options {
        raise_on_duplicate_ref: Preference::On,
        require_vendor_ref: Preference::On,
        ..Options::default()
    })
    .await;
    assert_eq!(world.put(BILL, &bill("R-1", &["10"])).await.status, 200);
    for (pointer, value, at, text) in REFUSALS {
        let mut body = bill("R-2", &["10", "5"]);
        *body.pointer_mut(pointer).unwrap() = v(*value);
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
