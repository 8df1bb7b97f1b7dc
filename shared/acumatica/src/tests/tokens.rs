//! Grants, sign-out, and what never shows.

use secrecy::ExposeSecret as _;
use serde_json::json;
use std::time::Duration;

use super::server::{Answer, IMPATIENCE, PATIENCE, Server, application, token, transport, user};
use crate::auth::{Application, password, refresh};
use crate::{
    Bill, BillDetail, Custom, Employee, FieldFault, JournalTransaction, JournalTransactionDetail,
    Kind, Session, Vendor,
};

#[tokio::test]
async fn a_password_buys_a_seat() {
    let server = Server::answering([
        Answer::Json(
            200,
            json!({"access_token": "t1", "token_type": "Bearer", "expires_in": 3_600, "scope": "api"}),
        ),
        Answer::Json(
            200,
            json!({"access_token": "t2", "expires_in": 60, "refresh_token": "r2"}),
        ),
    ]);
    let (transport, site) = (transport(), server.site());
    let first = password(&transport, &site, &application(), &user(), PATIENCE)
        .await
        .unwrap();
    assert_eq!(
        (
            first.access_token.expose_secret(),
            first.expires_in.as_secs()
        ),
        ("t1", 3_600)
    );
    assert!(first.refresh_token.is_none());
    let second = refresh(&transport, &site, &application(), &"r1".into(), PATIENCE)
        .await
        .unwrap();
    assert_eq!(second.refresh_token.unwrap().expose_secret(), "r2");

    let seen = server.seen();
    assert_eq!(seen[0].line(), "POST /site/identity/connect/token HTTP/1.1");
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    for (name, value) in [
        ("grant_type", "password"),
        ("username", "s3cret-name"),
        ("password", "s3cret-pass&word"),
        ("scope", "api"),
        ("client_id", "0A1B@acme"),
        ("client_secret", "s3cret-client"),
    ] {
        assert_eq!(seen[0].form(name).as_deref(), Some(value));
    }
    assert_eq!(
        (
            seen[1].form("grant_type").as_deref(),
            seen[1].form("refresh_token").as_deref()
        ),
        (Some("refresh_token"), Some("r1"))
    );
}

#[tokio::test]
async fn another_tenants_application_is_refused_before_any_call() {
    let server = Server::answering([]);
    for client_id in ["0A1B@OTHER", "0A1B", "0A1B@", "ACME", "acme@0A1B"] {
        let application = Application {
            client_id: client_id.to_owned(),
            ..application()
        };
        let error = password(
            &transport(),
            &server.site(),
            &application,
            &user(),
            PATIENCE,
        )
        .await
        .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome_unknown()),
            (Kind::Invalid, false),
            "{client_id}"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refused_grant_is_final_and_a_full_house_passes() {
    let server = Server::answering([
        Answer::Json(
            400,
            json!({"error": "invalid_grant", "error_description": "invalid_username_or_password"}),
        ),
        Answer::Json(401, json!({"error": "invalid_client"})),
        Answer::Json(400, json!({"error": "API Login Limit"})),
        Answer::Json(
            200,
            json!({"access_token": 7, "refresh_token": "s3cret-refresh"}),
        ),
        Answer::Silence,
    ]);
    let (transport, site) = (transport(), server.site());
    let mut errors = Vec::new();
    for patience in [PATIENCE, PATIENCE, PATIENCE, PATIENCE, IMPATIENCE] {
        let refused = password(&transport, &site, &application(), &user(), patience).await;
        errors.push(refused.unwrap_err());
    }
    assert_eq!(
        errors[0].to_string(),
        "POST /site/identity/connect/token answered 400: invalid_username_or_password; invalid_grant"
    );
    let told: Vec<_> = errors
        .iter()
        .map(|error| (error.kind(), error.is_transient(), error.outcome_unknown()))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::GrantRefused, false, false),
            (Kind::GrantRefused, false, false),
            (Kind::LoginLimit, true, false),
            (Kind::Unreadable, false, true),
            (Kind::TimedOut, true, true),
        ]
    );
    for error in errors {
        assert!(!format!("{error} {error:?} {}", error.excerpt()).contains("s3cret"));
    }
}

#[tokio::test]
async fn sign_out_carries_a_length() {
    let server = Server::answering([
        Answer::Text(204, "", "text/plain", ""),
        Answer::Json(401, json!({})),
    ]);
    server.session().sign_out().await.unwrap();
    assert!(
        server
            .session()
            .sign_out()
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    for seen in server.seen() {
        assert_eq!(seen.line(), "POST /site/entity/auth/logout HTTP/1.1");
        assert_eq!(seen.header("content-length"), Some("0"));
        assert_eq!(seen.header("authorization"), Some("Bearer s3cret-token"));
        assert_eq!(
            seen.head
                .to_ascii_lowercase()
                .matches("content-length")
                .count(),
            1
        );
    }
}

#[test]
fn a_kept_seat_gives_its_token_back() {
    let server = Server::answering([]);
    let kept = Session::new(
        &transport(),
        &server.site(),
        token(),
        Duration::from_secs(110),
    )
    .keep();
    assert_eq!(kept.access_token.expose_secret(), "s3cret-token");
}

#[test]
fn nothing_shows_a_secret_or_a_name() {
    let server = Server::answering([]);
    let session = server.session();
    let text = || Some("s3cret".to_owned());
    let mut custom = Custom::default();
    custom.set_text(&"Document.AttributeKEY".parse().unwrap(), "s3cret");
    let line = BillDetail {
        transaction_description: text(),
        custom: custom.clone(),
        ..BillDetail::default()
    };
    let bill = Bill {
        description: text(),
        custom,
        details: vec![line],
        ..Bill::default()
    };
    let line = JournalTransactionDetail {
        transaction_description: text(),
        ..JournalTransactionDetail::default()
    };
    let batch = JournalTransaction {
        description: text(),
        details: vec![line],
        ..JournalTransaction::default()
    };
    let vendor = Vendor {
        vendor_name: text(),
        legal_name: text(),
        ..Vendor::default()
    };
    let employee = Employee {
        employee_name: text(),
        ..Employee::default()
    };
    let fault = FieldFault {
        path: "Description".to_owned(),
        value: text(),
        message: "too long".to_owned(),
    };
    let shown = format!(
        "{session:?} {:?} {:?} {:?} {:?} {bill:?} {:?} {batch:?} {vendor:?} {employee:?} {fault:?}",
        token(),
        application(),
        user(),
        transport(),
        bill.custom
    );
    assert!(!shown.contains("s3cret"), "{shown}");
    drop(session.keep());
}
