//! Actions that end at once, go on, fail, or leave without a word.

use serde_json::json;

use super::server::{Answer, Server};
use crate::{
    ActionOutcome, ActionStatus, Bill, BillDetail, BillStatus, BillType, Error, JournalStatus,
    Kind, Session,
};

const STATUS: &str = "/site/entity/Default/24.200.001/Bill/ReleaseBill/status/0f";
const LOCATION: &str = "Location: /site/entity/Default/24.200.001/Bill/ReleaseBill/status/0f\r\n";
const BUSINESS: &str = r#"{"message": "An error has occurred.", "exceptionMessage": "Document status is invalid for processing.", "exceptionType": "PX.Data.PXException"}"#;
const ECHO: &str = r#"{"error": "raised errors", "Details": [{"Project": {"value": "P9", "error": "not active"}}]}"#;

fn empty(status: u16, headers: &'static str) -> Answer {
    Answer::Text(status, headers, "text/plain", "")
}

async fn release(session: &mut Session) -> Result<ActionOutcome, Error> {
    session.release_bill(&BillType::DebitAdj, "000031").await
}

/// A running action, and what the server answers when it is asked about.
async fn asked(answer: Answer) -> (Result<ActionOutcome, Error>, ActionStatus) {
    let patience = answer.patience();
    let server = Server::answering([empty(202, LOCATION), answer]);
    let mut session = server.session_waiting(patience);
    let Ok(ActionOutcome::Running(status)) = release(&mut session).await else {
        panic!("202 means running")
    };
    let told = session.action_status(&status).await;
    drop(session.keep());
    (told, status)
}

#[tokio::test]
async fn only_the_keys_are_sent() {
    let useless = "Location: /site/entity/Default/24.200.001/Bill/6a1c\r\n";
    let server = Server::answering([empty(204, useless), empty(204, "")]);
    let mut session = server.session();
    assert_eq!(release(&mut session).await.unwrap(), ActionOutcome::Done);
    let released = session.release_journal("GL", "000877").await.unwrap();
    assert_eq!(released, ActionOutcome::Done);
    drop(session.keep());

    let seen = server.seen();
    let paths = [
        "Bill/ReleaseBill",
        "JournalTransaction/ReleaseJournalTransaction",
    ];
    for (seen, path) in seen.iter().zip(paths) {
        let line = format!("POST /site/entity/Default/24.200.001/{path} HTTP/1.1");
        assert_eq!(seen.line(), line);
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert!(seen.header("content-length").is_some());
    }
    assert_eq!(
        seen[0].json(),
        json!({"entity": {"Type": {"value": "Debit Adj."}, "ReferenceNbr": {"value": "000031"}}, "parameters": {}})
    );
    assert_eq!(
        seen[1].json(),
        json!({"entity": {"Module": {"value": "GL"}, "BatchNbr": {"value": "000877"}}, "parameters": {}})
    );
}

#[tokio::test]
async fn one_question_at_a_time() {
    let server = Server::answering([
        empty(202, LOCATION),
        empty(202, ""),
        empty(202, LOCATION),
        empty(204, ""),
    ]);
    let mut session = server.session();
    let mut outcome = release(&mut session).await.unwrap();
    for _ in 0..3 {
        let ActionOutcome::Running(status) = outcome else {
            panic!("{outcome:?}")
        };
        outcome = session.action_status(&status).await.unwrap();
    }
    assert_eq!(outcome, ActionOutcome::Done);
    drop(session.keep());
    let seen = server.seen();
    for seen in seen.iter().skip(1) {
        assert_eq!(seen.line(), format!("GET {STATUS} HTTP/1.1"));
        assert_eq!(seen.header("authorization"), Some("Bearer s3cret-token"));
    }
}

#[tokio::test]
async fn a_failed_action_says_why_in_either_family() {
    let (told, _) = asked(Answer::Text(500, "", "application/json", BUSINESS)).await;
    let error = told.unwrap_err();
    assert!(error.is_business_exception() && error.outcome_unknown() && !error.is_transient());
    assert_eq!(
        error.message(),
        "Document status is invalid for processing."
    );

    for status in [422, 200] {
        let (told, _) = asked(Answer::Text(status, "", "application/json", ECHO)).await;
        let error = told.unwrap_err();
        assert_eq!(
            (error.message(), error.faults().len()),
            ("raised errors", 1)
        );
        assert_eq!(error.faults()[0].path, "Details[0].Project");
        assert_eq!(error.outcome_unknown(), status == 200);
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_question_without_an_answer_tells_nothing_of_the_action() {
    for (answer, kind, transient) in [
        (Answer::Silence, Kind::TimedOut, true),
        (Answer::Reset, Kind::Broken, true),
        (empty(502, ""), Kind::Server, true),
        (empty(429, ""), Kind::TooManyRequests, true),
        (empty(401, ""), Kind::Unauthorized, false),
        (Answer::Json(404, json!({})), Kind::NotFound, false),
        (
            Answer::Text(200, "", "text/html", "<html>"),
            Kind::Unreadable,
            false,
        ),
        (empty(200, ""), Kind::Unreadable, false),
    ] {
        let (told, _) = asked(answer).await;
        let error = told.unwrap_err();
        assert_eq!(
            (error.kind(), error.is_transient(), error.outcome_unknown()),
            (kind, transient, true),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_lost_answer_to_an_action_leaves_its_outcome_unknown() {
    for (answer, kind, unknown) in [
        (Answer::Silence, Kind::TimedOut, true),
        (Answer::Reset, Kind::Broken, true),
        (empty(504, ""), Kind::Server, true),
        (empty(200, ""), Kind::Unreadable, true),
        (
            Answer::Text(500, "", "application/json", BUSINESS),
            Kind::BusinessException,
            true,
        ),
        (
            Answer::Text(422, "", "application/json", ECHO),
            Kind::Refused,
            false,
        ),
        (empty(401, ""), Kind::Unauthorized, false),
        (empty(429, ""), Kind::TooManyRequests, false),
        // Begun, but nobody will ever hear of it.
        (empty(202, ""), Kind::Unreadable, true),
        (
            empty(202, "Location: https://evil.example/status/0f\r\n"),
            Kind::Unreadable,
            true,
        ),
    ] {
        let patience = answer.patience();
        let server = Server::answering([answer]);
        let mut session = server.session_waiting(patience);
        let error = release(&mut session).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome_unknown()),
            (kind, unknown),
            "{error}"
        );
        assert_eq!(server.seen().len(), 1, "no second try");
        drop(session.keep());
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_record_without_a_number() {
    let server = Server::answering([]);
    let mut session = server.session();
    let bill = session.release_bill(&BillType::Bill, " ").await;
    let batch = session.release_journal("GL", "").await;
    for error in [bill.unwrap_err(), batch.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.outcome_unknown()),
            (Kind::Invalid, false)
        );
    }
    assert!(server.seen().is_empty());
    drop(session.keep());
}

#[tokio::test]
async fn taking_off_hold_touches_nothing_else_and_makes_nothing_new() {
    let saved = json!({"Type": {"value": "Bill"}, "ReferenceNbr": {"value": "000031"}, "Status": {"value": "Pending Approval"}});
    let batch = json!({"Module": {"value": "GL"}, "BatchNbr": {"value": "000877"}, "Status": {"value": "Balanced"}});
    let server = Server::answering([
        Answer::Json(200, saved),
        Answer::Json(200, batch),
        Answer::Json(412, json!({})),
    ]);
    let mut session = server.session();
    let bill = session.take_bill_off_hold(&BillType::Bill, "000031").await;
    assert_eq!(bill.unwrap().status, Some(BillStatus::PendingApproval));
    let batch = session.take_journal_off_hold("GL", "000877").await;
    assert_eq!(batch.unwrap().status, Some(JournalStatus::Balanced));
    let missing = session.take_bill_off_hold(&BillType::Bill, "000032").await;
    assert_eq!(missing.unwrap_err().status(), Some(412));
    let empty = session.take_bill_off_hold(&BillType::Bill, "").await;
    assert_eq!(empty.unwrap_err().kind(), Kind::Invalid);
    drop(session.keep());

    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.header("if-match") == Some("*")));
    assert_eq!(
        seen[0].json(),
        json!({"Type": {"value": "Bill"}, "ReferenceNbr": {"value": "000031"}, "Hold": {"value": false}})
    );
    let path = "PUT /site/entity/Default/24.200.001/JournalTransaction?$expand=Details&";
    assert!(seen[1].line().starts_with(path), "{}", seen[1].line());
}

#[tokio::test]
async fn extending_names_the_record_and_sends_only_what_is_new() {
    let row = |amount: u32| BillDetail {
        extended_cost: Some(amount.into()),
        ..BillDetail::default()
    };
    let saved = json!({"Type": {"value": "Bill"}, "ReferenceNbr": {"value": "000031"}, "Amount": {"value": 3},
        "Details": [{"ExtendedCost": {"value": 1}}, {"ExtendedCost": {"value": 2}}]});
    let server = Server::answering([Answer::Json(200, saved)]);
    let mut session = server.session();
    let more = Bill {
        kind: Some(BillType::Bill),
        reference_nbr: Some("000031".to_owned()),
        amount: Some(3.into()),
        details: vec![row(2)],
        ..Bill::default()
    };
    let bill = session.extend(&more).await.unwrap();
    assert_eq!(bill.details.len(), 2);
    let nameless = Bill {
        reference_nbr: Some(" ".to_owned()),
        ..more.clone()
    };
    let known = Bill {
        id: Some("7f".to_owned()),
        ..more
    };
    for wrong in [nameless, known, Bill::default()] {
        let error = session.extend(&wrong).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome_unknown()),
            (Kind::Invalid, false)
        );
    }
    drop(session.keep());

    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("if-match"), Some("*"));
    assert_eq!(
        seen[0].json(),
        json!({"Type": {"value": "Bill"}, "ReferenceNbr": {"value": "000031"}, "Amount": {"value": 3},
            "Details": [{"ExtendedCost": {"value": 2}}]})
    );
    let path = "PUT /site/entity/Default/24.200.001/Bill?$expand=Details";
    assert!(seen[0].line().starts_with(path), "{}", seen[0].line());
}

#[tokio::test]
async fn deleting_says_what_became_of_it_once() {
    const GONE: &str = r#"{"exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException", "exceptionMessage": "No entity satisfies the condition."}"#;
    let json = |status, body| Answer::Text(status, "", "application/json", body);
    for (answer, kind, unknown) in [
        (json(500, GONE), Kind::NotFound, true),
        (json(500, BUSINESS), Kind::BusinessException, true),
        (json(403, "{}"), Kind::Forbidden, false),
        (json(422, ECHO), Kind::Refused, false),
        (empty(429, ""), Kind::TooManyRequests, false),
    ] {
        let server = Server::answering([answer]);
        let mut session = server.session();
        let error = session.delete_journal("GL", "000877").await.unwrap_err();
        let found = (error.kind(), error.outcome_unknown());
        assert_eq!(found, (kind, unknown), "{error}");
        let blank = session.delete_bill(&BillType::Bill, " ").await;
        assert_eq!(blank.unwrap_err().kind(), Kind::Invalid);
        assert_eq!(server.seen().len(), 1, "no second try");
        drop(session.keep());
    }
    let server = Server::answering([empty(204, "")]);
    let mut session = server.session();
    let adjustment = session.delete_bill(&BillType::DebitAdj, "000031").await;
    adjustment.unwrap();
    let path = "DELETE /site/entity/Default/24.200.001/Bill/Debit%20Adj./000031 ";
    let line = server.seen()[0].line().to_owned();
    assert!(line.starts_with(path.trim()), "{line}");
    drop(session.keep());
}
