//! Reference data: linked records, branches, whole lists; and the fields of rows outside the contract.

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::server::{Answer, Server};
use crate::{
    Bill, BillTaxDetail, Branch, Currency, Employee, EndpointVersion, Filter, Kind, Paging,
    Project, ProjectStatus, ProjectTask, Query, Rows, Vendor,
};

fn vendors(ids: &[&str]) -> Answer {
    let rows: Vec<Value> = ids
        .iter()
        .map(|id| json!({"VendorID": {"value": id}}))
        .collect();
    Answer::Json(200, Value::Array(rows))
}

const PAGES: Paging = Paging {
    page_records: 2,
    pages_max: 3,
};

#[tokio::test]
async fn linked_records_are_asked_for_and_read() {
    let server = Server::answering([
        Answer::Json(
            200,
            json!({"ProjectID": {"value": "PR4711  "}, "Status": {"value": "Active"},
                "VisibilitySettings": {"id": "v", "rowNumber": 1, "AP": {"value": true}, "GL": {"value": false}, "custom": {}}}),
        ),
        Answer::Json(
            200,
            json!([{"ProjectID": {"value": "PR4711"}, "ProjectTaskID": {"value": "10"}, "Status": {"value": "in planning"}, "VisibilitySettings": {}}]),
        ),
        Answer::Json(
            200,
            json!({"EmployeeID": {"value": "E1"}, "Status": {"value": "Active"}, "EmployeeSettings": {"CurrencyID": {"value": "EUR"}}}),
        ),
        Answer::Json(
            200,
            json!({"CurrencyID": {"value": "JPY"}, "DecimalPrecision": {"value": 0}}),
        ),
        Answer::Json(
            500,
            json!({"exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"}),
        ),
    ]);
    let mut session = server.session();
    let project: Project = session.record(&["PR4711"]).await.unwrap().unwrap();
    assert_eq!(project.project_id.as_deref(), Some("PR4711"));
    assert_eq!(project.status, Some(ProjectStatus::Active));
    let seen = project.visibility_settings.unwrap();
    assert_eq!((seen.ap, seen.gl), (Some(true), Some(false)));
    let tasks: Vec<ProjectTask> = session.list(&Query::all().rows(Rows::With)).await.unwrap();
    assert_eq!(tasks[0].status, Some(ProjectStatus::InPlanning));
    let employee: Employee = session.record(&["E1"]).await.unwrap().unwrap();
    let settings = employee.employee_settings.unwrap();
    assert_eq!(settings.currency_id.as_deref(), Some("EUR"));
    let yen: Currency = session.record(&["JPY"]).await.unwrap().unwrap();
    assert_eq!(yen.decimal_precision, Some(0));
    let none: Option<ProjectTask> = session.record(&["PR4711", "11"]).await.unwrap();
    assert_eq!(none, None);
    for key in [&[""][..], &["a/b"], &[]] {
        let error = session.record::<Project>(key).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
    }
    drop(session.keep());

    let seen = server.seen();
    assert_eq!(
        seen[0].query("$expand").as_deref(),
        Some("VisibilitySettings")
    );
    let select = seen[0].query("$select").unwrap();
    assert!(
        select.contains("VisibilitySettings/AP,VisibilitySettings/GL"),
        "{select}"
    );
    let path = "GET /site/entity/Default/24.200.001/ProjectTask/PR4711/11?";
    assert!(seen[4].line().starts_with(path), "{}", seen[4].line());
}

#[tokio::test]
async fn a_whole_list_follows_the_key() {
    let server = Server::answering([
        vendors(&["A", "O'B  "]),
        vendors(&["V1", "V2"]),
        vendors(&[]),
    ]);
    let mut session = server.session();
    let active =
        Query::matching(Filter::eq("Status", "Active").or(Filter::eq("Status", "One-Time")));
    let all: Vec<Vendor> = session.list_all(&active, PAGES).await.unwrap();
    let ids: Vec<_> = all.iter().filter_map(|v| v.vendor_id.as_deref()).collect();
    assert_eq!(ids, ["A", "O'B", "V1", "V2"]);
    drop(session.keep());
    let seen = server.seen();
    let filters: Vec<_> = seen
        .iter()
        .map(|seen| seen.query("$filter").unwrap())
        .collect();
    assert_eq!(
        filters,
        [
            "Status eq 'Active' or Status eq 'One-Time'",
            "(Status eq 'Active' or Status eq 'One-Time') and VendorID gt 'O''B'",
            "(Status eq 'Active' or Status eq 'One-Time') and VendorID gt 'V2'",
        ]
    );
    assert!(
        seen.iter()
            .all(|seen| seen.query("$top").as_deref() == Some("2"))
    );
}

#[tokio::test]
async fn a_part_is_never_taken_for_the_whole() {
    for (script, told) in [
        (
            vec![vendors(&["A", "B"]), vendors(&["B", "C"])],
            "a page does not go on",
        ),
        (vec![vendors(&["A", ""])], "a record has no key"),
        (
            vec![
                vendors(&["A", "B"]),
                vendors(&["C", "D"]),
                vendors(&["E", "F"]),
            ],
            "longer than 3 pages of 2",
        ),
    ] {
        let server = Server::answering(script);
        let mut session = server.session();
        let read = session.list_all::<Vendor>(&Query::all(), PAGES).await;
        let error = read.unwrap_err();
        assert_eq!(error.kind(), Kind::Unreadable);
        assert!(error.message().contains(told), "{error}");
        drop(session.keep());
    }
}

#[test]
fn two_keys_are_compared_one_after_the_other() {
    let task = ProjectTask {
        project_id: Some("P1".into()),
        project_task_id: Some("10".into()),
        ..ProjectTask::default()
    };
    let query = Query::matching(Filter::eq("Status", "Active")).after(&task);
    let mut url = url::Url::parse("https://a.example").unwrap();
    url.set_query(Some(&query.encode::<ProjectTask>(EndpointVersion::V24)));
    let (_, filter) = url.query_pairs().next().unwrap();
    assert_eq!(
        filter,
        "Status eq 'Active' and (ProjectID gt 'P1' or ProjectID eq 'P1' and ProjectTaskID gt '10')"
    );
}

#[tokio::test]
async fn branches_come_from_the_inquiry_in_any_of_its_shapes() {
    let row = json!({"BranchID": {"value": "MAIN "}, "BranchName": {"value": "Head office"}, "BranchStatus": {"value": true},
        "CompanyID": {"value": "C1"}, "BaseCurrencyID": {"value": "USD"}});
    let company = json!({"CompanyID": {"value": "C1"}, "BranchID": {}});
    let server = Server::answering([
        Answer::Json(200, json!({"id": "i", "Results": [row, company]})),
        Answer::Json(200, json!([row, row])),
        Answer::Json(200, json!([{"Results": [row]}])),
    ]);
    let mut session = server.session();
    for _ in 0..3 {
        let branches = session.branches().await.unwrap();
        assert_eq!(
            branches,
            [Branch {
                branch_id: Some("MAIN".into()),
                branch_name: Some("Head office".into()),
                branch_status: Some(true),
                company_id: Some("C1".into()),
                company_name: None,
                base_currency_id: Some("USD".into()),
            }]
        );
    }
    drop(session.keep());
    let seen = &server.seen()[0];
    let line = "PUT /site/entity/Default/24.200.001/CompaniesStructure?$expand=Results HTTP/1.1";
    assert_eq!((seen.line(), seen.body.as_str()), (line, "{}"));
}

#[tokio::test]
async fn the_ledgers_stand_in_for_the_inquiry() {
    let ledgers = || {
        let row =
            |id: &str, active| json!({"BranchID": {"value": id}, "Active": {"value": active}});
        Answer::Json(
            200,
            json!([
                {"Type": {"value": "Reporting"}, "Currency": {"value": "EUR"}, "Branches": [row("MAIN", true), row("WEST", false)]},
                {"Type": {"value": "Actual"}, "Currency": {"value": "USD"}, "Branches": [row("MAIN", true)]},
            ]),
        )
    };
    let failed =
        json!({"exceptionType": "PX.Data.PXSetupNotEnteredException", "exceptionMessage": "setup"});
    for inquiry in [
        Answer::Json(500, failed),
        Answer::Json(200, json!({})),
        Answer::Json(200, json!({"Results": []})),
        Answer::Json(403, json!({"message": "insufficient rights"})),
    ] {
        let server = Server::answering([inquiry, ledgers()]);
        let mut session = server.session();
        let branches = session.branches().await.unwrap();
        drop(session.keep());
        let told: Vec<_> = branches
            .iter()
            .map(|branch| {
                (
                    branch.branch_id.as_deref().unwrap(),
                    branch.branch_status,
                    branch.base_currency_id.as_deref(),
                )
            })
            .collect();
        let expected = [
            ("MAIN", Some(true), Some("USD")),
            ("WEST", Some(false), None),
        ];
        assert_eq!(told, expected);
        let line = server.seen()[1].line().to_owned();
        assert!(line.starts_with("GET /site/entity/Default/24.200.001/Ledger?$expand=Branches&"));
    }
    for status in [401, 503] {
        let server = Server::answering([Answer::Text(status, "", "text/plain", "")]);
        let mut session = server.session();
        let error = session.branches().await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        drop(session.keep());
    }
}

#[tokio::test]
async fn fields_of_rows_outside_the_contract_are_sent_and_asked_back() {
    let mut bill = Bill {
        is_tax_valid: Some(true),
        tax_details: vec![BillTaxDetail {
            tax_id: Some("VAT20".into()),
            taxable_amount: Some(Decimal::new(10_000, 2)),
            tax_amount: Some(Decimal::new(2_000, 2)),
            ..BillTaxDetail::default()
        }],
        ..Bill::default()
    };
    bill.tax_details[0].set_expense_amount(Decimal::new(500, 2));
    bill.set_discount(Decimal::new(150, 2), Some(date(2026, 12, 4)));
    let server = Server::answering([Answer::Text(
        200,
        "",
        "application/json",
        r#"{"ReferenceNbr": {"value": "1"}, "TaxTotal": {"value": 20.00},
            "TaxDetails": [{"TaxID": {"value": "VAT20"}, "custom": {"Taxes": {"CuryExpenseAmt": {"type": "CustomDecimalField", "value": 5.000000}}}}],
            "custom": {"Document": {"CuryOrigDiscAmt": {"type": "CustomDecimalField", "value": 1.5}}}}"#,
    )]);
    let mut session = server.session();
    let saved = session.insert(&bill).await.unwrap();
    drop(session.keep());
    assert_eq!(saved.discount(), Some(Decimal::new(15, 1)));
    let expense = saved.tax_details[0].expense_amount().unwrap();
    assert_eq!(expense.to_string(), "5.000000");

    let seen = server.only();
    let expected = r#"{"IsTaxValid": {"value": true},
        "TaxDetails": [{"TaxID": {"value": "VAT20"}, "TaxableAmount": {"value": 100.00}, "TaxAmount": {"value": 20.00},
            "custom": {"Taxes": {"CuryExpenseAmt": {"type": "CustomDecimalField", "value": 5.00}}}}],
        "custom": {"Document": {"CuryOrigDiscAmt": {"type": "CustomDecimalField", "value": 1.50},
            "DiscDate": {"type": "CustomDateTimeField", "value": "2026-12-04T00:00:00"}}}}"#;
    assert_eq!(
        seen.json(),
        serde_json::from_str::<Value>(expected).unwrap()
    );
    assert_eq!(
        seen.query("$custom").as_deref(),
        Some("Document.CuryOrigDiscAmt,Document.DiscDate,TaxDetails/Taxes.CuryExpenseAmt")
    );
}
