//! Tokens, seats and the limits of the licence.

use std::time::{Duration, Instant};

use super::*;

#[tokio::test]
async fn sign_in_checks_client_tenant_user_and_scope() {
    let World { twin, .. } = world().await;
    let probe = Probe::new(&twin.url());
    let o = twin.options().clone();
    let form = |id: &str, secret: &str, user: &str, scope: &str| {
        format!(
            "grant_type=password&client_id={id}&client_secret={secret}&username={user}&password={}&scope={scope}",
            o.password
        )
    };
    let lower = o.client_id().to_lowercase();
    for (body, error) in [
        (
            form("x@TWIN", &o.client_secret, &o.username, "api"),
            "invalid_client",
        ),
        (
            form(
                &format!("{}@OTHER", o.client_guid),
                &o.client_secret,
                &o.username,
                "api",
            ),
            "invalid_client",
        ),
        (form(&lower, "wrong", &o.username, "api"), "invalid_client"),
        (
            form(&lower, &o.client_secret, "wrong", "api"),
            "invalid_grant",
        ),
        (
            form(&lower, &o.client_secret, &o.username, "openid"),
            "invalid_scope",
        ),
        (
            format!(
                "grant_type=client_credentials&client_id={lower}&client_secret={}",
                o.client_secret
            ),
            "unsupported_grant_type",
        ),
    ] {
        assert_eq!(
            probe
                .send("POST", "/identity/connect/token", &body)
                .await
                .body["error"],
            error
        );
    }
    assert_eq!(
        probe
            .send(
                "POST",
                "/identity/connect/token",
                &form(&lower, &o.client_secret, &o.username, "api")
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn one_session_too_many_is_refused_until_another_signs_out() {
    let World { twin, api } = world().await;
    assert_eq!(sign_in(&twin, "api").await.status, 200);
    let refused = sign_in(&twin, "api").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text.contains("API Login Limit"));
    assert_eq!(sign_out(&api).await, 204);
    assert_eq!(sign_in(&twin, "api").await.status, 200);
    assert_eq!(twin.most_open_seats(), 2);
    // The bearer that was signed out is good, but needs a seat again.
    let again = api.send("GET", BILL, "").await;
    assert!(again.status == 429 && again.text.contains("API Login Limit"));
}

#[tokio::test]
async fn a_signed_out_bearer_opens_a_new_session() {
    let World { twin, api } = world().await;
    assert_eq!(sign_out(&api).await, 204);
    assert_eq!(twin.open_seats(), 0);
    assert_eq!(api.send("GET", BILL, "").await.status, 200);
    assert_eq!(twin.open_seats(), 1);
}

#[tokio::test]
async fn sign_out_without_a_length_is_refused_and_keeps_the_seat() {
    let World { twin, .. } = world().await;
    let raw = raw_request(
        &twin,
        "POST /entity/auth/logout HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    .await;
    assert!(raw.starts_with("HTTP/1.1 411"), "{raw}");
    assert_eq!(twin.open_seats(), 1);
}

#[tokio::test]
async fn refreshed_tokens_keep_the_seat_and_rotate() {
    let World { twin, .. } = world_with(Options {
        seats: 2,
        ..Options::default()
    })
    .await;
    let first = sign_in(&twin, "api offline_access").await.body;
    let o = twin.options();
    let form = format!(
        "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
        o.client_id(),
        o.client_secret,
        first["refresh_token"].as_str().unwrap()
    );
    let probe = Probe::new(&twin.url());
    let second = probe.send("POST", "/identity/connect/token", &form).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.body["refresh_token"], first["refresh_token"]);
    assert_eq!(twin.open_seats(), 2);
    assert_eq!(
        probe
            .send("POST", "/identity/connect/token", &form)
            .await
            .body["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn requests_on_one_seat_are_served_one_after_another() {
    let World { twin, api } = world().await;
    twin.next("list", Fault::DelayInTurn(Duration::from_millis(120)));
    let started = Instant::now();
    let (slow, quick) = tokio::join!(api.send("GET", BILL, ""), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        api.send("GET", BILL, "").await
    });
    assert_eq!((slow.status, quick.status), (200, 200));
    assert!(started.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn requests_per_minute_are_limited() {
    let world = world_with(Options {
        requests_per_minute: Some(2),
        ..Options::default()
    })
    .await;
    assert_eq!(world.get(BILL).await.status, 200);
    assert_eq!(world.get(BILL).await.status, 200);
    assert_eq!(world.get(BILL).await.status, 429);
}
