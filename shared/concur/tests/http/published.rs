//! The published samples of answers, where the folder is there, served by a local server.

use std::fs;
use std::path::PathBuf;

use concur::documents::DocumentType::Expense;
use concur::financial::{Code, PostingConfirmation, PostingDoc, SystemMessage, Verdict};
use serde_json::Value;

use crate::server::{Reply, Server};

fn sample(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fis-examples");
    if !folder.is_dir() {
        println!("skipped: the folder of published examples is not there");
        return None;
    }
    Some(
        fs::read_to_string(folder.join(format!("page-v4.financial-integration-{name}.json")))
            .unwrap(),
    )
}

#[tokio::test]
async fn the_published_list_is_read() {
    let Some(body) = sample("get-transactions-response") else {
        return;
    };
    let server = Server::start([Reply::json(&body)]).await;
    let page = server.client().ready(Expense, 0, 3).await.unwrap();
    assert_eq!(
        (
            page.documents.len(),
            page.number,
            page.total_pages,
            page.has_next
        ),
        (3, 0, Some(3), true)
    );
    assert_eq!(&*page.documents[0].document, "{THE_FINANCIAL_DOCUMENT}");
}

#[tokio::test]
async fn the_published_acknowledgement_is_sent_and_read() {
    let (Some(request), Some(response)) = (
        sample("acknowledgements-request"),
        sample("acknowledgements-response"),
    ) else {
        return;
    };
    let server = Server::start([Reply::json(&response)]).await;
    let ids = [
        "5ab9224e02e840148e7cd7d9e8e72968",
        "2ac9224e02e840148e7cd7d9e8e12345",
    ];
    let answers = server
        .client()
        .acknowledge(Expense, "erp-1", &ids)
        .await
        .unwrap();
    assert_eq!(
        answers.iter().map(|answer| answer.code).collect::<Vec<_>>(),
        [Code::Processed, Code::AlreadyAcknowledged]
    );
    let mut expected: Value = serde_json::from_str(&request).unwrap();
    expected["systemId"] = "erp-1".into();
    assert_eq!(
        serde_json::from_str::<Value>(&server.seen()[0].body).unwrap(),
        expected
    );
}

#[tokio::test]
async fn the_published_confirmation_is_sent_and_read() {
    let (Some(request), Some(response)) = (
        sample("postingconfirmations-request"),
        sample("postingconfirmations-response"),
    ) else {
        return;
    };
    let server = Server::start([Reply::json(&response)]).await;
    let message = |id: &str, text: &str| SystemMessage {
        entry_id: None,
        id: id.into(),
        language: "EN".into(),
        text: text.into(),
    };
    let doc = |company: &str, number: &str| PostingDoc {
        company_id: company.into(),
        document_number: Some(number.into()),
        fiscal_year: Some("2018".into()),
        posting_date: Some("2018-03-02".into()),
    };
    let confirmations = [
        PostingConfirmation {
            document_id: "0c06ab044834454d91f83cbd7b6431d2".into(),
            verdict: Verdict::Error,
            posting_docs: vec![],
            messages: vec![
                message(
                    "010-CTE-POSTING",
                    "Expense Report {ReportKey} of system CONCUR could not be posted.",
                ),
                message(
                    "003-CC",
                    "Profit centre /company code assignment is not correct. Check the entry.",
                ),
            ],
        },
        PostingConfirmation {
            document_id: "3331dbeb8e2240ffad7ab5b69492722a".into(),
            verdict: Verdict::Success,
            posting_docs: vec![doc("0100", "0123456"), doc("0800", "0123478")],
            messages: vec![],
        },
    ];
    let answers = server
        .client()
        .confirm_posting(Expense, "", &confirmations)
        .await
        .unwrap();
    assert_eq!(
        answers.iter().map(|answer| answer.code).collect::<Vec<_>>(),
        [Code::Processed, Code::ConfirmedUnknownId]
    );
    let sent: Value = serde_json::from_str(&server.seen()[0].body).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(&request).unwrap());
}
