//! What lines refer to: projects and tasks, purchase orders, currencies of payees and accounts.

use super::*;

async fn world_of_projects() -> World {
    let seed = crate::demo::acumatica_seed()
        .project("OPEN", "No default task")
        .task_with("OPEN", "10", json!({}))
        .task_with("OPEN", "20", json!({"Status": "Completed"}))
        .task_with(
            "OPEN",
            "30",
            json!({"VisibilitySettings": {"AP": false, "GL": true}}),
        )
        .project_with("DONE", "Finished", json!({"Status": "Completed"}))
        .project_with(
            "LEDGER",
            "Batches only",
            json!({"VisibilitySettings": {"AP": false, "GL": true}}),
        )
        .task_with("LEDGER", "10", json!({"Default": true}))
        .row(
            "Account",
            json!({"AccountCD": "11000", "Description": "Bank", "Type": "Asset", "Active": true}),
        )
        .row(
            "Account",
            json!({"AccountCD": "11001", "Type": "Asset", "Active": true, "CurrencyID": "EUR"}),
        )
        .row(
            "Account",
            json!({"AccountCD": "51001", "Type": "Expense", "Active": true, "RequireUnits": true}),
        )
        .row(
            "TaxCategory",
            json!({"TaxCategoryID": "OLD", "Active": false}),
        )
        .purchase_order_line("PO000123", 2, "51000")
        .vendor_with(
            "V000040",
            "Euro only",
            json!({"CurrencyID": "EUR", "EnableCurrencyOverride": false}),
        )
        .row(
            "Employee",
            json!({"EmployeeID": "E00900", "EmployeeName": "Fay", "Status": "Active",
            "EmployeeSettings": {"CurrencyID": "EUR", "EnableCurrencyOverride": false}}),
        );
    let twin = AcumaticaTwin::start(Options {
        seed,
        ..Options::default()
    })
    .await
    .unwrap();
    let token = sign_in(&twin, "api").await;
    let api = Probe::new(&twin.url()).with_bearer(token.body["access_token"].as_str().unwrap());
    World { twin, api }
}

fn on(project: &str, task: &str) -> Value {
    let mut body = bill("R-1", &["10"]);
    body["Details"][0]["Project"] = v(project);
    body["Details"][0]["ProjectTask"] = v(task);
    body
}

#[tokio::test]
async fn a_project_is_charged_on_an_open_visible_task() {
    let world = world_of_projects().await;
    for (project, task, at, text) in [
        ("DONE", "", "Project", "The DONE project is Completed."),
        (
            "LEDGER",
            "10",
            "Project",
            "The LEDGER project is invisible in the AP module.",
        ),
        ("OPEN", "", "ProjectTask", "'ProjectTask' cannot be empty."),
        (
            "OPEN",
            "99",
            "ProjectTask",
            "'99' cannot be found in the system.",
        ),
        ("OPEN", "20", "ProjectTask", "The 20 task is Completed."),
        (
            "OPEN",
            "30",
            "ProjectTask",
            "The 30 task is invisible in the AP module.",
        ),
    ] {
        let answer = world.put(BILL, &on(project, task)).await;
        assert_eq!(answer.status, 422, "{project} {task}");
        assert_eq!(answer.body["Details"][0][at]["error"], text);
    }
    for (project, task, stored) in [
        ("OPEN", "10", Some("10")),
        ("PR4711", "", Some("10")),
        ("X", "", None),
    ] {
        let answer = world.put(BILL, &on(project, task)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let bills = world.twin.bills();
        let line = &bills.last().unwrap()["Details"][0];
        assert_eq!(line["ProjectTask"].as_str(), stored, "{project}");
    }
    let mut ungrouped = on("OPEN", "10");
    ungrouped["Details"][0]["Account"] = v("11000");
    let answer = world.put(BILL, &ungrouped).await;
    assert!(answer.body["Details"][0]["Account"]["error"].is_string());

    let mut entry = batch("5", "5");
    entry["Details"][0]["Project"] = v("LEDGER");
    assert_eq!(world.put(JOURNAL, &entry).await.status, 200);
    entry["Details"][0]["Project"] = v("DONE");
    let answer = world.put(JOURNAL, &entry).await;
    assert!(answer.body["Details"][0]["Project"]["error"].is_string());
}

#[tokio::test]
async fn an_order_line_brings_its_account_and_wants_quantity_and_unit() {
    let world = world_of_projects().await;
    let mut body = bill("R-1", &["10"]);
    let line = body["Details"][0].as_object_mut().unwrap();
    line.remove("Account");
    line.insert("POOrderType".to_owned(), v("Normal"));
    line.insert("POOrderNbr".to_owned(), v("PO000123"));
    line.insert("POLine".to_owned(), v(2));
    let answer = world.put(BILL, &body).await;
    assert!(answer.body["Details"][0]["Qty"]["error"].is_string());
    assert!(answer.body["Details"][0]["UOM"]["error"].is_string());
    body["Details"][0]["Qty"] = v(2);
    body["Details"][0]["UOM"] = v("EA");
    assert_eq!(world.put(BILL, &body).await.status, 200);
    assert_eq!(world.twin.bills()[0]["Details"][0]["Account"], "51000");
    body["Details"][0]["POLine"] = v(3);
    let answer = world.put(BILL, &body).await;
    assert!(answer.body["Details"][0]["POOrderNbr"]["error"].is_string());
}

#[tokio::test]
async fn payees_accounts_and_categories_can_refuse() {
    let world = world_of_projects().await;
    for (pointer, value, at) in [
        ("/Vendor", "V000040", "/CurrencyID"),
        ("/Vendor", "E00900", "/CurrencyID"),
        ("/Details/0/Account", "11001", "/Details/0/Account"),
        ("/Details/0/Account", "51001", "/Details/0/UOM"),
        ("/Details/0/TaxCategory", "OLD", "/Details/0/TaxCategory"),
    ] {
        let mut body = bill("R-1", &["10"]);
        *body.pointer_mut(pointer).unwrap() = v(value);
        let answer = world.put(BILL, &body).await;
        assert_eq!(answer.status, 422, "{value}");
        let error = &answer.body.pointer(at).unwrap()["error"];
        assert!(error.is_string(), "{value}: {}", answer.text);
    }
    let mut euros = bill("R-1", &["10"]);
    euros["Vendor"] = v("E00900");
    euros["CurrencyID"] = v("EUR");
    assert_eq!(world.put(BILL, &euros).await.status, 200);
}

#[tokio::test]
async fn linked_records_come_when_they_are_asked_for() {
    let world = world_of_projects().await;
    let base = "/entity/Default/24.200.001";
    let plain = world.get(&format!("{base}/Project/LEDGER")).await.body;
    assert!(plain.get("VisibilitySettings").is_none());
    let shape = "$expand=VisibilitySettings&$select=ProjectID,VisibilitySettings/AP";
    let project = world.get(&format!("{base}/Project/LEDGER?{shape}")).await;
    let seen = &project.body["VisibilitySettings"];
    assert_eq!(seen["AP"]["value"], false);
    assert!(seen.get("GL").is_none() && project.body.get("Status").is_none());
    let task = world
        .get(&format!("{base}/ProjectTask/OPEN/20?$select=Status"))
        .await
        .body;
    assert_eq!(task["Status"]["value"], "Completed");
    let shape = "$expand=EmployeeSettings&$select=EmployeeID,EmployeeSettings/CurrencyID";
    let list = world.get(&format!("{base}/Employee?{shape}")).await.body;
    assert_eq!(list[1]["EmployeeSettings"]["CurrencyID"]["value"], "EUR");
    let wrong = "$expand=VisibilitySettings&$select=VisibilitySettings/XX";
    let refused = world.get(&format!("{base}/Project?{wrong}")).await;
    assert_eq!(refused.status, 500);
    let tax = world
        .get(&format!("{base}/Tax/SALESTAX?$expand=TaxSchedule,Zones"))
        .await
        .body;
    assert_eq!(tax["Zones"][0]["TaxZoneID"]["value"], "CA");
}

#[tokio::test]
async fn a_page_follows_the_key() {
    let world = world_of_projects().await;
    let path = "/entity/Default/24.200.001/Vendor?$select=VendorID&$top=4";
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..10 {
        let filter = match ids.last() {
            Some(last) => format!("&$filter=VendorID gt '{last}'"),
            None => String::new(),
        };
        let page = world.get(&format!("{path}{filter}")).await.body;
        let page = page.as_array().unwrap();
        ids.extend(
            page.iter()
                .map(|row| row["VendorID"]["value"].as_str().unwrap().to_owned()),
        );
        if page.len() < 4 {
            break;
        }
    }
    let mut all: Vec<String> = world
        .twin
        .records("Vendor")
        .iter()
        .map(|row| row["VendorID"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    assert_eq!(ids, all);
}
