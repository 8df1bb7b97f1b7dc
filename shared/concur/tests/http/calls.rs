//! Every call of the Financial Integration Service against a local server: what is sent and what is read.

use crate::server::{ACCESS_TOKEN, Reply, Seen, Server};
use concur::documents::DocumentType::{CashAdvance, Expense, Invoice};
use concur::financial::{
    Code, DocumentStatus, PostingConfirmation, PostingDoc, SystemMessage, Verdict,
};
use concur::{DocumentFormat, Kind};

const PATH: &str = "/financialintegration/fi/v4/companies/transactiontypes";

const FIRST_PAGE: &str = include_str!("../fixtures/list-page-0.json");
const LAST_PAGE: &str = include_str!("../fixtures/list-page-1.json");

#[tokio::test]
async fn ready_documents_come_in_pages() {
    let server = Server::start([Reply::json(FIRST_PAGE), Reply::json(LAST_PAGE)]).await;
    let client = server.client();

    let first = client.ready(Expense, 0, 2).await.unwrap();
    assert_eq!(
        (
            first.number,
            first.total_pages,
            first.has_next,
            first.unreadable
        ),
        (0, Some(2), true, 0)
    );
    let [one, two] = &first.documents[..] else {
        panic!("two documents")
    };
    assert_eq!(one.id, "e7f810cabc8348cdb051dd9431c8cfbb");
    assert_eq!(one.entity_id.as_deref(), Some("p0000001test"));
    assert_eq!(
        (one.erp_system_id.as_deref(), two.erp_system_id.as_deref()),
        (None, None)
    );
    assert_eq!(one.status, DocumentStatus::Ready);
    assert_eq!(two.status, DocumentStatus::Other("FLAG_DUPLICATE".into()));
    assert!(
        one.document
            .contains(r#""totalApprovedAmount": 50.00000000, "cashAdvanceReturnsAmount":0E-8"#)
    );
    assert_eq!(
        two.document, one.document,
        "object and string form hold the same text"
    );

    let last = client.ready(Expense, 1, 2).await.unwrap();
    assert_eq!(
        (last.number, last.has_next, last.documents.len()),
        (1, false, 0)
    );

    let seen = server.seen();
    assert_eq!(
        seen[0].uri,
        format!("{PATH}/expense/transactions?page=0&limit=2")
    );
    assert_eq!(
        seen[1].uri,
        format!("{PATH}/expense/transactions?page=1&limit=2")
    );
    assert_eq!(seen[0].method, "GET");
    assert_eq!(
        seen[0].headers["authorization"],
        format!("Bearer {ACCESS_TOKEN}")
    );
    assert_eq!(seen[0].headers["documentformatas"], "json");
    assert!(!seen[0].headers.contains_key("transfer-encoding"));
}

#[tokio::test]
async fn documents_can_be_asked_for_as_text() {
    let server = Server::start([Reply::json(LAST_PAGE)]).await;
    server
        .client()
        .with_document_format(DocumentFormat::Text)
        .ready(CashAdvance, 1, 2)
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].headers["documentformatas"], "text");
    assert!(seen[0].uri.contains("/cashadvance/"));
}

#[tokio::test]
async fn a_business_object_has_all_its_documents() {
    let server = Server::start([Reply::json(FIRST_PAGE), Reply::json(LAST_PAGE)]).await;
    let documents = server
        .client()
        .by_business_id(Invoice, "9B1D 3072&x")
        .await
        .unwrap();
    assert_eq!(documents.len(), 2);
    assert!(
        server
            .client()
            .by_business_id(Invoice, "9B1D")
            .await
            .unwrap()
            .is_empty()
    );
    let uri = &server.seen()[0].uri;
    assert_eq!(
        *uri,
        format!("{PATH}/invoice/transactions?docId=9B1D%203072%26x&ignoreDocumentStatus=yes")
    );
}

#[tokio::test]
async fn acknowledging_answers_per_document() {
    let server = Server::start([Reply::json(
        r#"[{"code":0,"docId":"a1","systemId":"erp-1","acknowledgeResult":"SUCCESS","errorMessage":""},
            {"code":"101","docId":"b2","systemId":null,"acknowledgeResult":"FAILURE","errorMessage":"taken","new":{}},
            {"code":102,"docId":"c3"},{"code":777,"docId":"d4","errorMessage":null}]"#,
    )])
    .await;
    let answers = server
        .client()
        .acknowledge(Expense, "erp-1", &["a1", "b2", "c3", "d4"])
        .await
        .unwrap();
    let codes: Vec<_> = answers
        .iter()
        .map(|answer| (&*answer.document_id, answer.code))
        .collect();
    assert_eq!(
        codes,
        [
            ("a1", Code::Processed),
            ("b2", Code::AlreadyAcknowledged),
            ("c3", Code::Recalled),
            ("d4", Code::Other(777)),
        ]
    );
    assert_eq!(answers[0].system_id.as_deref(), Some("erp-1"));
    assert_eq!(
        (
            answers[1].system_id.as_deref(),
            answers[1].message.as_deref()
        ),
        (None, Some("taken"))
    );

    let seen = server.seen();
    assert_eq!(
        seen[0].uri,
        format!("{PATH}/expense/transactions/acknowledgements")
    );
    assert_eq!(
        seen[0].body,
        r#"{"ids":["a1","b2","c3","d4"],"systemId":"erp-1"}"#
    );
    never_chunked(&seen[0]);
}

#[tokio::test]
async fn confirming_answers_per_document() {
    let server = Server::start([Reply::json(
        r#"[{"code":0,"docId":"a1","systemId":null,"postingConfirmationResult":"SUCCESS","errorMessage":"","detailMessage":""},
            {"code":116,"docId":"b2","systemId":"","postingConfirmationResult":"FAILURE","errorMessage":"no","detailMessage":"more"}]"#,
    )])
    .await;
    let confirmations = [
        PostingConfirmation {
            document_id: "a1".into(),
            verdict: Verdict::Success,
            posting_docs: vec![PostingDoc {
                company_id: "MAIN".into(),
                document_number: Some("Bill 004512".into()),
                fiscal_year: Some("2026".into()),
                posting_date: Some("2026-11-24".into()),
            }],
            messages: vec![],
        },
        PostingConfirmation {
            document_id: "b2".into(),
            verdict: Verdict::Error,
            posting_docs: vec![],
            messages: vec![SystemMessage {
                entry_id: None,
                id: "no_vendor".into(),
                language: "EN".into(),
                text: "vendor E1 is unknown".into(),
            }],
        },
    ];
    let answers = server
        .client()
        .confirm_posting(Expense, "erp-1", &confirmations)
        .await
        .unwrap();
    assert_eq!(answers[0].code, Code::Processed);
    assert_eq!(answers[1].code, Code::ConfirmedUnknownId);
    assert_eq!(answers[1].result.as_deref(), Some("FAILURE"));
    assert_eq!(
        (answers[1].message.as_deref(), answers[1].detail.as_deref()),
        (Some("no"), Some("more"))
    );

    let seen = server.seen();
    assert_eq!(
        seen[0].uri,
        format!("{PATH}/expense/transactions/postingconfirmations")
    );
    let sent = r#"{"systemId":"erp-1","postingConfirmations":[
        {"docId":"a1","overallPostingStatusCode":"success","postingDocs":[{"companyId":"MAIN","documentNumber":"Bill 004512","fiscalYear":"2026","paymentRelevantLineItems":[],"postingDate":"2026-11-24"}],"systemMessages":[]},
        {"docId":"b2","overallPostingStatusCode":"error","postingDocs":[],"systemMessages":[{"concurTransactionLineItemId":"","messageId":"no_vendor","messageLanguage":"EN","messageShortText":"vendor E1 is unknown","messageLongText":""}]}]}"#;
    let lines: String = sent.lines().map(str::trim).collect();
    assert_eq!(seen[0].body, lines);
    never_chunked(&seen[0]);
}

#[tokio::test]
async fn nothing_to_say_makes_no_call() {
    let server = Server::start([]).await;
    assert!(
        server
            .client()
            .acknowledge(Expense, "erp-1", &[] as &[&str])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        server
            .client()
            .confirm_posting(Expense, "erp-1", &[])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_item_that_says_nothing_spoils_the_answer() {
    for body in [
        r#"[{"docId":"a1"}]"#,
        r#"[{"code":0}]"#,
        r#"{"message":"?"}"#,
        r#"[{"code":"x","docId":"a1"}]"#,
    ] {
        let server = Server::start([Reply::json(body)]).await;
        let error = server
            .client()
            .acknowledge(Expense, "erp-1", &["a1"])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Unreadable, "{body}");
        assert!(error.outcome_unknown() && error.is_transient());
    }
}

/// Concur answers 400 to chunked transfer-encoding.
fn never_chunked(seen: &Seen) {
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert_eq!(seen.headers["content-length"], seen.body.len().to_string());
    assert!(!seen.headers.contains_key("transfer-encoding"));
}
