//! Taxes that a zone computes, and taxes that a sender imposes.

use super::*;

/// A bill of a vendor in zone CA, with one tax row imposed.
fn imposed(tax: &str, amount: &str) -> Value {
    let mut body = bill("R-1", &["100"]);
    body["IsTaxValid"] = v(true);
    body["Details"][0]["TaxCategory"] = v("TAXABLE");
    body["TaxDetails"] = json!([{
        "TaxID": v(tax), "TaxableAmount": v(100), "TaxAmount": {"value": crate::amounts::literal(amount)},
        "custom": {"Taxes": {"CuryExpenseAmt": {"type": "CustomDecimalField", "value": 2}}},
    }]);
    body
}

async fn world_in_ca(options: Options) -> World {
    let world = world_with(options).await;
    world
        .twin
        .edit("Vendor", &["E00101"], ("TaxZone", json!("CA")));
    let row = json!({"TaxID": "CITY", "TaxType": "Sales"});
    world.twin.plant("Tax", &row);
    world
}

async fn saved(world: &World, body: &Value) -> Value {
    let path = format!(
        "{BILL}?$expand=TaxDetails&$select=Amount,TaxTotal,TaxDetails/TaxID,TaxDetails/TaxAmount&$custom=TaxDetails/Taxes.CuryExpenseAmt"
    );
    let answer = world.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

#[tokio::test]
async fn an_internal_zone_takes_only_taxes_that_it_computes_too() {
    let world = world_in_ca(Options::default()).await;
    let known = saved(&world, &imposed("SALESTAX", "7.77")).await;
    assert_eq!(known["TaxTotal"]["value"].to_string(), "9.77");
    assert_eq!(known["Amount"]["value"].to_string(), "109.77");
    let expense = &known["TaxDetails"][0]["custom"]["Taxes"]["CuryExpenseAmt"];
    assert_eq!(expense, &json!({"type": "CustomDecimalField", "value": 2}));

    let other = saved(&world, &imposed("CITY", "7.77")).await;
    assert_eq!(other["TaxDetails"][0]["TaxID"]["value"], "SALESTAX");
    assert_eq!(other["TaxTotal"]["value"].to_string(), "8");

    let mut exempt = imposed("SALESTAX", "7.77");
    exempt["Details"][0]["TaxCategory"] = v("EXEMPT");
    let exempt = saved(&world, &exempt).await;
    assert_eq!(exempt["TaxTotal"]["value"].to_string(), "0");
    assert_eq!(exempt["TaxDetails"], json!([]));
}

#[tokio::test]
async fn an_external_zone_takes_rows_as_they_are_sent() {
    let world = world_in_ca(Options {
        tax_zones: TaxZones::External,
        ..Options::default()
    })
    .await;
    let taken = saved(&world, &imposed("CITY", "7.77")).await;
    assert_eq!(taken["TaxDetails"][0]["TaxID"]["value"], "CITY");
    assert_eq!(taken["TaxTotal"]["value"].to_string(), "9.77");
    let over = json!("2026-10-31T00:00:00+02:00");
    world
        .twin
        .edit("Tax", &["SALESTAX"], ("NotValidAfter", over));
    assert_eq!(world.put(BILL, &imposed("SALESTAX", "1")).await.status, 422);
    let unknown = world.put(BILL, &imposed("NOWHERE", "1")).await;
    assert_eq!(
        unknown.body["TaxDetails"][0]["TaxID"]["error"], "'NOWHERE' cannot be found in the system.",
        "{}",
        unknown.text
    );
}

#[tokio::test]
async fn without_the_flag_everything_is_computed_anew() {
    let world = world_in_ca(Options::default()).await;
    let mut body = imposed("SALESTAX", "7.77");
    body["IsTaxValid"] = v(false);
    let saved = saved(&world, &body).await;
    assert_eq!(saved["TaxTotal"]["value"].to_string(), "8");
    assert_eq!(saved["TaxDetails"][0]["custom"], json!({}));
}

#[tokio::test]
async fn the_version_that_lacks_the_flag_ignores_it() {
    let version = "22.200.001".to_owned();
    let world = world_in_ca(Options {
        version,
        ..Options::default()
    })
    .await;
    let path = "/entity/Default/22.200.001/Bill";
    let answer = world.put(path, &imposed("SALESTAX", "7.77")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(world.twin.bills()[0]["TaxTotal"].to_string(), "8");
}

#[tokio::test]
async fn a_category_lists_its_taxes() {
    let world = world_in_ca(Options::default()).await;
    let zones = json!([{"TaxID": "COUNTY", "TaxZoneID": "CA"}]);
    let county = json!({"TaxID": "COUNTY", "TaxSchedule": [{"TaxRate": 1}], "Zones": zones});
    world.twin.plant("Tax", &county);
    let listed = json!([{"TaxID": "COUNTY"}]);
    let category = json!({"TaxCategoryID": "COUNTYONLY", "Active": true, "Details": listed});
    world.twin.plant("TaxCategory", &category);
    let mut body = bill("R-1", &["100", "50"]);
    body["Details"][0]["TaxCategory"] = v("TAXABLE");
    body["Details"][1]["TaxCategory"] = v("COUNTYONLY");
    let saved = saved(&world, &body).await;
    let amounts: Vec<(String, String)> = saved["TaxDetails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let id = row["TaxID"]["value"].as_str().unwrap().to_owned();
            (id, row["TaxAmount"]["value"].to_string())
        })
        .collect();
    let amounts: Vec<_> = amounts
        .iter()
        .map(|(id, amount)| (id.as_str(), amount.as_str()))
        .collect();
    assert_eq!(amounts, [("COUNTY", "1.50"), ("SALESTAX", "8")]);
}
