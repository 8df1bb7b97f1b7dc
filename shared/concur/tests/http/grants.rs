//! Token grants against a local server.

use std::time::Duration;

use crate::server::{PATIENT, Reply, Server, local, transport};
use concur::auth::{self, App, Grant, TokenAnswer};
use concur::{Error, Hosts, Kind};
use secrecy::{ExposeSecret as _, SecretString};

const SECRETS: [&str; 4] = [
    "client-secret-hunter2",
    "refresh-hunter2",
    "request-hunter2",
    "granted-hunter2",
];

fn app() -> App {
    App {
        client_id: "app-1".into(),
        client_secret: SECRETS[0].into(),
    }
}

async fn refresh(server: &Server, hosts: &Hosts) -> Result<TokenAnswer, Error> {
    let (app, geolocation) = (app(), local(&server.address));
    let grant = Grant {
        app: &app,
        geolocation: &geolocation,
        answer_timeout: PATIENT,
    };
    auth::refresh(&transport(), hosts, grant, &SecretString::from(SECRETS[1])).await
}

async fn exchange(server: &Server) -> Result<TokenAnswer, Error> {
    let (app, geolocation) = (app(), local(&server.address));
    let grant = Grant {
        app: &app,
        geolocation: &geolocation,
        answer_timeout: PATIENT,
    };
    auth::exchange(
        &transport(),
        &Hosts::local(),
        grant,
        "company uuid",
        &SecretString::from(SECRETS[2]),
    )
    .await
}

fn granted(fields: &str) -> Reply {
    Reply::json(&format!(
        r#"{{"access_token":"granted-hunter2","token_type":"Bearer"{fields}}}"#
    ))
}

#[tokio::test]
async fn a_refresh_brings_new_tokens_and_address() {
    let server = Server::start([granted(
        r#","expires_in":"3599","scope":"FISVC openid","refresh_token":"rotated","refresh_expires_in":1795000000,"geolocation":"https://us2.api.concursolutions.com/oauth2/v0/token","id_token":"x""#,
    )])
    .await;
    let answer = refresh(&server, &Hosts::local()).await.unwrap();
    assert_eq!(answer.access_token.expose_secret(), SECRETS[3]);
    assert_eq!(answer.refresh_token.expose_secret(), "rotated");
    assert_eq!(answer.expires_in, Duration::from_secs(3599));
    assert_eq!(answer.refresh_expires_at, Some(1_795_000_000));
    assert_eq!(
        answer.geolocation.as_str(),
        "https://us2.api.concursolutions.com"
    );
    assert_eq!(answer.scope.as_deref(), Some("FISVC openid"));

    let seen = server.seen();
    assert_eq!(
        (seen[0].method.as_str(), &*seen[0].uri),
        ("POST", "/oauth2/v0/token")
    );
    assert_eq!(
        seen[0].body,
        "client_id=app-1&client_secret=client-secret-hunter2&grant_type=refresh_token&refresh_token=refresh-hunter2"
    );
    assert_eq!(
        seen[0].headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        seen[0].headers["content-length"],
        seen[0].body.len().to_string()
    );
    assert!(
        !seen[0].headers.contains_key("transfer-encoding")
            && !seen[0].headers.contains_key("authorization")
    );
}

#[tokio::test]
async fn the_first_grant_exchanges_a_request_token() {
    let server = Server::start([granted(
        r#","expires_in":3600,"refresh_token":"first","refresh_expires_in":"15552000""#,
    )])
    .await;
    let answer = exchange(&server).await.unwrap();
    assert_eq!(answer.expires_in, Duration::from_hours(1));
    assert_eq!(answer.refresh_expires_at, None, "a duration is no instant");
    assert_eq!(
        answer.geolocation.as_str(),
        server.address,
        "without an address the old one stays"
    );
    assert_eq!(
        server.seen()[0].body,
        "client_id=app-1&client_secret=client-secret-hunter2&grant_type=password&username=company+uuid&password=request-hunter2&credtype=authtoken"
    );
}

#[tokio::test]
async fn what_is_missing_is_taken_from_what_was_sent_or_refused() {
    let server = Server::start([
        granted(""),
        granted(r#","refresh_token":"""#),
        Reply::json(r#"{"token_type":"Bearer"}"#),
    ])
    .await;
    let answer = refresh(&server, &Hosts::local()).await.unwrap();
    assert_eq!(answer.refresh_token.expose_secret(), SECRETS[1]);
    assert_eq!(answer.expires_in, Duration::from_hours(1));
    assert_eq!(
        exchange(&server).await.unwrap_err().kind(),
        Kind::Unreadable
    );
    assert_eq!(
        refresh(&server, &Hosts::local()).await.unwrap_err().kind(),
        Kind::Unreadable
    );
}

#[tokio::test]
async fn a_refused_grant_says_why() {
    let body = r#"{"code":108,"error":"invalid_grant","error_description":"bad or expired refresh token"}"#;
    let server = Server::start([Reply::of(400, "application/json", body)]).await;
    let error = refresh(&server, &Hosts::local()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.http_status()),
        (Kind::GrantRefused, Some(108), Some(400))
    );
    assert!(!error.is_transient() && !error.outcome_unknown() && !error.is_unauthorized());
    assert!(error.excerpt().contains("bad or expired refresh token"));
    assert!(
        auth::meaning(108)
            .unwrap()
            .cure
            .contains("new company request token")
    );
}

#[tokio::test]
async fn maintenance_passes() {
    let server = Server::start([
        Reply::of(
            400,
            "application/json",
            r#"{"code":"134","error":"invalid_request"}"#,
        ),
        Reply::of(503, "text/html", "<html>down"),
        Reply::of(403, "text/html", "<html>no"),
    ])
    .await;
    assert!(
        refresh(&server, &Hosts::local())
            .await
            .unwrap_err()
            .is_transient()
    );
    let error = refresh(&server, &Hosts::local()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.excerpt()),
        (Kind::Failed, None, "<html>down")
    );
    let error = refresh(&server, &Hosts::local()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::GrantRefused, None));
    assert!(!error.is_transient());
}

#[tokio::test]
async fn another_data_centre_is_named_only_if_allowed() {
    let reply = |host: &str| {
        Reply::of(
            400,
            "application/json",
            &format!(r#"{{"code":16,"geolocation":"{host}"}}"#),
        )
    };
    let server = Server::start([
        reply("https://eu2.api.concursolutions.com/"),
        reply("https://evil.example"),
    ])
    .await;
    let error = refresh(&server, &Hosts::local()).await.unwrap_err();
    assert_eq!(
        error.geolocation().unwrap().as_str(),
        "https://eu2.api.concursolutions.com"
    );
    assert_eq!(
        auth::meaning(error.code().unwrap()).unwrap().outlook,
        auth::Outlook::Elsewhere
    );
    assert_eq!(
        refresh(&server, &Hosts::local())
            .await
            .unwrap_err()
            .geolocation(),
        None
    );
}

#[tokio::test]
async fn an_address_outside_concur_is_refused() {
    for host in [
        "https://evil.example",
        "http://us2.api.concursolutions.com",
        "http://127.0.0.1:1",
        "nonsense",
    ] {
        let server = Server::start([granted(&format!(
            r#","refresh_token":"r","geolocation":"{host}""#
        ))])
        .await;
        let error = refresh(&server, &Hosts::concur()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::HostRefused, "{host}");
        assert!(error.outcome_unknown(), "the token may be rotated");
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let echo = SECRETS.join(" ");
    let server = Server::start([
        Reply::of(400, "text/plain", &echo[..echo.len() - SECRETS[3].len()]),
        granted(r#","refresh_token":"rotated-hunter2""#),
        Reply::json(r#"{"access_token":"granted-hunter2","refresh_token":"#),
        granted(r#","refresh_token":"rotated-hunter2","geolocation":"https://evil.example/?token=hunter2""#),
    ])
    .await;
    let error = refresh(&server, &Hosts::local()).await.unwrap_err();
    assert_eq!(
        error.excerpt(),
        "[secret] [secret] request-hunter2",
        "only what this call carried can be known"
    );
    let answer = refresh(&server, &Hosts::local()).await.unwrap();
    let cut = refresh(&server, &Hosts::local()).await.unwrap_err();
    let elsewhere = refresh(&server, &Hosts::local()).await.unwrap_err();
    let geolocation = local(&server.address);
    let app = app();
    let grant = Grant {
        app: &app,
        geolocation: &geolocation,
        answer_timeout: PATIENT,
    };
    for shown in [
        format!("{answer:?} {grant:?}"),
        format!("{cut} {cut:?}"),
        format!("{elsewhere} {elsewhere:?}"),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
