//! What is sent, and what comes of a good answer.

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::server::{Answer, PATIENCE, Server, transport};
use crate::{
    Account, Bill, BillDetail, BillStatus, BillType, CustomField, Document as _, EndpointVersion,
    Filter, FinancialPeriod, JournalStatus, JournalTransaction, JournalTransactionDetail, Kind,
    Query, Rows, Session, Subaccount, Vendor, VendorStatus,
};

fn key_field() -> CustomField {
    "Document.AttributeKEY".parse().unwrap()
}

fn bill() -> Bill {
    let mut bill = Bill {
        kind: Some(BillType::DebitAdj),
        vendor: Some("V000012".into()),
        vendor_ref: Some("INV-1".into()),
        date: Some(date(2026, 3, 31)),
        post_period: Some("032026".parse().unwrap()),
        hold: Some(true),
        amount: Some(Decimal::new(4_250, 2)),
        details: vec![BillDetail {
            transaction_description: Some("Taxi".into()),
            extended_cost: Some(Decimal::new(4_250, 2)),
            account: Some("61000".into()),
            ..BillDetail::default()
        }],
        ..Bill::default()
    };
    bill.custom.set_text(&key_field(), "CNQR:0f/1.1");
    bill
}

/// What that bill is on the wire; text, because the digits matter.
const BILL_BODY: &str = r#"{
    "Type": {"value": "Debit Adj."}, "Vendor": {"value": "V000012"}, "VendorRef": {"value": "INV-1"},
    "Date": {"value": "2026-03-31T00:00:00"}, "PostPeriod": {"value": "032026"}, "Hold": {"value": true},
    "Amount": {"value": 42.50},
    "Details": [{"TransactionDescription": {"value": "Taxi"}, "ExtendedCost": {"value": 42.50}, "Account": {"value": "61000"}}],
    "custom": {"Document": {"AttributeKEY": {"type": "CustomStringField", "value": "CNQR:0f/1.1"}}}
}"#;

/// The server's answer to it: padded codes, empty fields, members nobody asked for.
const SAVED_BILL: &str = r#"{
    "id": "6a1c", "rowNumber": 1, "note": {"value": ""}, "Type": {"value": "Debit Adj."}, "ReferenceNbr": {"value": "000031"},
    "Status": {"value": "on hold"}, "Hold": {"value": true}, "Vendor": {"value": "V000012   "}, "Terms": {}, "DueDate": {},
    "Date": {"value": "2026-03-31T00:00:00-05:00"}, "PostPeriod": {"value": "032026"}, "Amount": {"value": 42.500000},
    "TaxTotal": {"value": 0E-8}, "Details": [{"id": "d", "Account": {"value": "61000 "}, "Amount": {"value": 42.5}, "UOM": {}}],
    "TaxDetails": [], "custom": {"Document": {"AttributeKEY": {"type": "CustomStringField", "value": "CNQR:0f/1.1"}}},
    "_links": {"self": "/site/entity/Default/24.200.001/Bill/6a1c"}, "SomethingNew": {"value": 1}
}"#;

#[tokio::test]
async fn a_bill_is_put_without_keys_and_comes_back_whole() {
    let server = Server::answering([Answer::Text(200, "", "application/json", SAVED_BILL)]);
    let mut session = server.session();
    let saved = session.insert(&bill()).await.unwrap();

    assert_eq!(saved.kind, Some(BillType::DebitAdj));
    assert_eq!(saved.identity(), (Some("6a1c"), Some("000031")));
    assert_eq!(saved.status, Some(BillStatus::OnHold));
    assert_eq!(saved.vendor.as_deref(), Some("V000012"));
    assert_eq!((saved.terms, saved.due_date), (None, None));
    assert_eq!(saved.date, Some(date(2026, 3, 31)));
    assert_eq!(saved.amount.unwrap().to_string(), "42.500000");
    assert_eq!(saved.tax_total, Some(Decimal::ZERO));
    assert_eq!(saved.details[0].account.as_deref(), Some("61000"));
    assert_eq!(saved.custom.text(&key_field()), Some("CNQR:0f/1.1"));

    let seen = server.only();
    assert!(
        seen.line().starts_with(
            "PUT /site/entity/Default/24.200.001/Bill?$expand=Details,TaxDetails&$select="
        ),
        "{}",
        seen.line()
    );
    assert_eq!(
        seen.json(),
        serde_json::from_str::<Value>(BILL_BODY).unwrap()
    );
    assert_eq!(seen.query("$filter"), None);
    assert_eq!(
        seen.query("$custom").as_deref(),
        Some("Document.AttributeKEY")
    );
    let select = seen.query("$select").unwrap();
    for name in [
        "ReferenceNbr",
        "Status",
        "Amount",
        "PostPeriod",
        "Details/Account",
        "Details/Amount",
        "TaxDetails/TaxID",
    ] {
        assert!(
            select.split(',').any(|field| field == name),
            "{name} in {select}"
        );
    }
    assert_eq!(seen.header("authorization"), Some("Bearer s3cret-token"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(
        seen.header("content-length"),
        Some(seen.body.len().to_string().as_str())
    );
    assert_eq!(seen.header("transfer-encoding"), None);
    assert_eq!(seen.header("if-none-match"), None);
    drop(session.keep());
}

#[tokio::test]
async fn a_journal_is_put_and_comes_back() {
    let server = Server::answering([Answer::Json(
        200,
        json!({"Module": {"value": "GL"}, "BatchNbr": {"value": "000877"}, "Status": {"value": "Balanced"},
            "PostPeriod": {"value": "03-2026"}, "Details": [{"LineNbr": {"value": 1}, "DebitAmount": {"value": 10}, "CreditAmount": {"value": 0.00}}]}),
    )]);
    let line = |debit, credit| JournalTransactionDetail {
        account: Some("61000".into()),
        debit_amount: debit,
        credit_amount: credit,
        ..JournalTransactionDetail::default()
    };
    let batch = JournalTransaction {
        module: Some("GL".into()),
        transaction_date: Some(date(2026, 3, 31)),
        description: Some("CNQR:0f/1.2 R1".into()),
        details: vec![
            line(Some(Decimal::TEN), None),
            line(None, Some(Decimal::TEN)),
        ],
        ..JournalTransaction::default()
    };
    let mut session = server.session();
    let saved = session.insert(&batch).await.unwrap();
    assert_eq!(
        (saved.batch_nbr.as_deref(), saved.status),
        (Some("000877"), Some(JournalStatus::Balanced))
    );
    assert_eq!(saved.post_period.unwrap().as_str(), "032026");
    assert_eq!(
        (saved.details[0].line_nbr, saved.details[0].debit_amount),
        (Some(1), Some(Decimal::TEN))
    );
    assert_eq!(
        server.only().json(),
        json!({"Module": {"value": "GL"}, "TransactionDate": {"value": "2026-03-31T00:00:00"}, "Description": {"value": "CNQR:0f/1.2 R1"},
            "Details": [{"Account": {"value": "61000"}, "DebitAmount": {"value": 10}}, {"Account": {"value": "61000"}, "CreditAmount": {"value": 10}}]})
    );
    drop(session.keep());
}

#[tokio::test]
async fn what_would_change_a_record_or_be_lost_is_not_sent() {
    let server = Server::answering([]);
    let mut session = Session::new(
        &transport(),
        &server.site_at(EndpointVersion::V22),
        super::server::token(),
        PATIENCE,
    );
    for wrong in [
        Bill {
            id: Some("6a1c".into()),
            ..bill()
        },
        Bill {
            reference_nbr: Some("000031".into()),
            ..bill()
        },
        Bill {
            is_tax_valid: Some(true),
            ..bill()
        },
    ] {
        let error = session.insert(&wrong).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome_unknown(), error.is_transient()),
            (Kind::Invalid, false, false),
            "{error}"
        );
    }
    for key in ["", "a/b", "..", "a\\b"] {
        let error = session.bill(&BillType::Bill, key, &[]).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
    }
    assert!(server.seen().is_empty());
    drop(session.keep());
}

#[tokio::test]
async fn a_saved_answer_that_cannot_be_trusted_leaves_the_outcome_unknown() {
    let script = [
        json!({"ReferenceNbr": {"value": "000031"}, "Hold": {"value": true, "error": "cannot be changed"}}),
        json!({"ReferenceNbr": {"value": "<NEW>"}}),
        json!({}),
        json!([]),
        json!({"ReferenceNbr": {"value": "000031"}, "Amount": {"value": "many"}}),
    ];
    let server = Server::answering(script.into_iter().map(|body| Answer::Json(200, body)));
    let mut session = server.session();
    for _ in 0..5 {
        let error = session.insert(&bill()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.outcome_unknown()),
            (Kind::Unreadable, Some(200), true),
            "{error}"
        );
    }
    drop(session.keep());
}

#[tokio::test]
async fn lists_say_what_they_want() {
    let server = Server::answering([
        Answer::Json(
            200,
            json!([{"Type": {"value": "Bill"}, "ReferenceNbr": {"value": "1"}}, {"Type": {"value": "New kind"}}]),
        ),
        Answer::Json(
            200,
            json!([{"VendorID": {"value": "V1"}, "Status": {"value": "Hold Payments"}}]),
        ),
        Answer::Json(
            200,
            json!([{"AccountCD": {"value": "61000"}, "Active": {"value": false}, "Type": {"value": "Expense"}}]),
        ),
        Answer::Json(200, json!([{"SubaccountCD": {"value": "000000"}}])),
        Answer::Json(
            200,
            json!([{"FinancialYear": {"value": "2026"}, "Details": [{"FinancialPeriodID": {"value": "032026"},
                "StartDate": {"value": "2026-03-01T00:00:00+00:00"}, "ClosedInAP": {"value": true}, "Status": {"value": "Open"}}]}]),
        ),
        Answer::Text(200, "", "application/json", "[]"),
    ]);
    let mut session = server.session();
    let awkward = "O'Brien & Söhne + 50%#?=";
    let bills: Vec<Bill> = session
        .list(&Query::matching(Filter::eq("VendorRef", awkward)).top(5))
        .await
        .unwrap();
    assert_eq!(bills[1].kind, Some(BillType::Other("New kind".into())));
    let vendors: Vec<Vendor> = session.list(&Query::all()).await.unwrap();
    assert_eq!(vendors[0].status, Some(VendorStatus::HoldPayments));
    let accounts: Vec<Account> = session.list(&Query::all()).await.unwrap();
    assert_eq!(accounts[0].active, Some(false));
    let subaccounts: Vec<Subaccount> = session.list(&Query::all()).await.unwrap();
    assert_eq!(subaccounts[0].subaccount_cd.as_deref(), Some("000000"));
    let years: Vec<FinancialPeriod> = session.list(&Query::all().rows(Rows::With)).await.unwrap();
    assert_eq!(
        years[0].details[0]
            .financial_period_id
            .as_ref()
            .unwrap()
            .year(),
        "2026"
    );
    assert_eq!(session.list::<Bill>(&Query::all()).await.unwrap(), []);

    let seen = server.seen();
    assert_eq!(
        seen[0].query("$filter").unwrap(),
        "VendorRef eq 'O''Brien & Söhne + 50%#?='"
    );
    assert_eq!(seen[0].query("$top").as_deref(), Some("5"));
    assert_eq!(
        (
            seen[0].query("$expand"),
            seen[4].query("$expand").as_deref()
        ),
        (None, Some("Details"))
    );
    assert!(seen[1].query("$select").unwrap().contains("LegalName"));
    assert!(
        seen.iter()
            .all(|seen| seen.line().starts_with("GET ") && seen.body.is_empty())
    );
    drop(session.keep());
}

#[tokio::test]
async fn one_record_or_none() {
    let missing = json!({"message": "An error has occurred.", "exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
        "exceptionMessage": "No entity satisfies the condition."});
    let server = Server::answering([
        Answer::Json(
            200,
            json!({"Type": {"value": "Debit Adj."}, "ReferenceNbr": {"value": "000031"}}),
        ),
        Answer::Json(500, missing),
        Answer::Json(404, json!({"message": "Not found"})),
        Answer::Json(200, json!({"BatchNbr": {"value": "000877"}})),
    ]);
    let mut session = server.session();
    let found = session
        .bill(&BillType::DebitAdj, "000031", &[key_field()])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.reference_nbr.as_deref(), Some("000031"));
    assert_eq!(
        session.bill(&BillType::Bill, "000032", &[]).await.unwrap(),
        None
    );
    assert_eq!(session.journal("GL", "000876", &[]).await.unwrap(), None);
    assert_eq!(
        session
            .journal("GL", "000877", &[])
            .await
            .unwrap()
            .unwrap()
            .batch_nbr
            .as_deref(),
        Some("000877")
    );
    let seen = server.seen();
    assert!(
        seen[0]
            .line()
            .starts_with("GET /site/entity/Default/24.200.001/Bill/Debit%20Adj./000031?$expand="),
        "{}",
        seen[0].line()
    );
    assert_eq!(
        seen[0].query("$custom").as_deref(),
        Some("Document.AttributeKEY")
    );
    assert!(
        seen[3]
            .line()
            .starts_with("GET /site/entity/Default/24.200.001/JournalTransaction/GL/000877?")
    );
    drop(session.keep());
}

#[tokio::test]
async fn both_shapes_of_an_instance() {
    let row = json!({"name": "Default", "version": "24.200.001", "href": "/entity/Default/24.200.001", "weight": 1.5});
    let server = Server::answering([
        Answer::Json(
            200,
            json!({"version": {"acumaticaBuildVersion": "24.203.0015", "databaseVersion": "24.203.0015"}, "endpoints": [row]}),
        ),
        Answer::Json(200, json!([row])),
        Answer::Json(
            200,
            json!({"endpoints": [{"name": "default", "version": "24.200.001"}]}),
        ),
    ]);
    let free = crate::instance(&transport(), &server.site(), PATIENCE)
        .await
        .unwrap();
    assert_eq!(
        (free.build.as_deref(), free.offers(&server.site())),
        (Some("24.203.0015"), true)
    );
    let mut session = server.session();
    let bare = session.instance().await.unwrap();
    assert_eq!(
        (bare.build.as_deref(), bare.offers(&server.site())),
        (None, true)
    );
    assert!(!bare.offers(&server.site_at(EndpointVersion::V25)));
    assert!(!session.instance().await.unwrap().offers(&server.site()));
    drop(session.keep());
    let seen = server.seen();
    assert_eq!(seen[0].line(), "GET /site/entity HTTP/1.1");
    assert_eq!(
        (
            seen[0].header("authorization"),
            seen[1].header("authorization")
        ),
        (None, Some("Bearer s3cret-token"))
    );
}
