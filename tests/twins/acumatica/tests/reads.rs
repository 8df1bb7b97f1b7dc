//! Lists, filters and reads by key.

use super::*;

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
            "Date ge datetimeoffset'2026-11-12' and Date lt datetimeoffset'2026-11-13T00:00:00%2B02:00'",
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
    assert_eq!(found["Date"]["value"], "2026-11-12T00:00:00+02:00");
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
            .send("POST", &format!("{BILL}/NoSuchAction"), "{}")
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
async fn a_form_tells_its_fields_and_a_right_that_is_missing() {
    let world = world_with(Options {
        forbidden: vec!["Vendor".to_owned()],
        user_fields: vec!["BatchModule.AttributeX".to_owned()],
        ..Options::default()
    })
    .await;
    let schema = world.get(&format!("{JOURNAL}/$adHocSchema")).await;
    assert_eq!(schema.status, 200, "{}", schema.text);
    assert!(schema.body["custom"]["BatchModule"]["AttributeX"].is_object());
    for path in ["Vendor", "Vendor/V000010", "Vendor/$adHocSchema"] {
        let answer = world
            .get(&format!("/entity/Default/24.200.001/{path}"))
            .await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text.contains("(AP303000)"), "{}", answer.text);
    }
}

#[tokio::test]
async fn own_endpoints_are_listed_with_a_token_only() {
    let world = world_with(Options {
        own_endpoints: vec![("CONCUR".to_owned(), "24.200.001".to_owned())],
        ..Options::default()
    })
    .await;
    let count = |answer: &Answer| answer.body["endpoints"].as_array().unwrap().len();
    let without = Probe::new(&world.twin.url())
        .send("GET", "/entity", "")
        .await;
    assert_eq!(
        (count(&without), count(&world.get("/entity").await)),
        (1, 2)
    );
}
