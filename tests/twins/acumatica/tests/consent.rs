//! The authorization-code flow: a code is good once, for its verifier and its redirect URI, and refresh tokens rotate.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::Url;
use url::form_urlencoded::Serializer;

use super::*;

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-challenge";

async fn twin(flow: Flow) -> (AcumaticaTwin, Probe) {
    let options = Options {
        flow,
        seats: 1,
        ..Options::default()
    };
    let twin = AcumaticaTwin::start(options).await.unwrap();
    let probe = Probe::new(&twin.url());
    (twin, probe)
}

/// Where the browser ends after a consent, as the fields of its query.
async fn agreed(
    twin: &AcumaticaTwin,
    probe: &Probe,
    changes: &[(&str, &str)],
) -> Vec<(String, String)> {
    let options = twin.options();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()));
    let client_id = options.client_id();
    let mut fields = BTreeMap::from([
        ("response_type", "code"),
        ("client_id", client_id.as_str()),
        ("redirect_uri", options.redirect_uri.as_str()),
        ("scope", "api offline_access"),
        ("state", "S-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]);
    fields.extend(changes.iter().copied());
    let query = Serializer::new(String::new()).extend_pairs(fields).finish();
    let path = format!("/identity/connect/authorize?{query}");
    let answer = probe.send("GET", &path, "").await;
    let Some(back) = answer.headers.get("location") else {
        return vec![("status".to_owned(), answer.status.to_string())];
    };
    let back = Url::parse(back.to_str().unwrap()).unwrap();
    back.query_pairs().into_owned().collect()
}

async fn token(twin: &AcumaticaTwin, probe: &Probe, fields: &[(&str, &str)]) -> Value {
    let options = twin.options();
    let form = Serializer::new(String::new())
        .append_pair("client_id", &options.client_id())
        .append_pair("client_secret", &options.client_secret)
        .extend_pairs(fields)
        .finish();
    probe
        .send("POST", "/identity/connect/token", &form)
        .await
        .body
}

async fn by_code(
    twin: &AcumaticaTwin,
    probe: &Probe,
    code: &str,
    changes: &[(&str, &str)],
) -> Value {
    let mut fields = BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", twin.options().redirect_uri.as_str()),
        ("code_verifier", VERIFIER),
    ]);
    fields.extend(changes.iter().copied());
    let fields: Vec<_> = fields.into_iter().collect();
    token(twin, probe, &fields).await
}

fn field(back: &[(String, String)], name: &str) -> String {
    let found = back.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_code_is_good_once_and_for_its_verifier() {
    let (twin, probe) = twin(Flow::Code).await;
    for wrong in [
        ("code_verifier", "another-verifier"),
        ("code_verifier", ""),
        ("redirect_uri", "https://localhost/other"),
    ] {
        let code = field(&agreed(&twin, &probe, &[]).await, "code");
        assert_eq!(
            by_code(&twin, &probe, &code, &[wrong]).await["error"],
            "invalid_grant"
        );
        assert_eq!(
            by_code(&twin, &probe, &code, &[]).await["error"],
            "invalid_grant",
            "spent"
        );
    }
    assert_eq!(twin.open_seats(), 0);
    let back = agreed(&twin, &probe, &[]).await;
    assert_eq!(field(&back, "state"), "S-1");
    let code = field(&back, "code");
    let granted = by_code(&twin, &probe, &code, &[]).await;
    assert!(granted["refresh_token"].is_string(), "{granted}");
    assert_eq!(twin.open_seats(), 1);
    assert_eq!(
        by_code(&twin, &probe, &code, &[]).await["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_keeps_its_session() {
    let (twin, probe) = twin(Flow::Code).await;
    let code = field(&agreed(&twin, &probe, &[]).await, "code");
    let first = by_code(&twin, &probe, &code, &[]).await;
    let refresh = async |granted: &Value| {
        let presented = granted["refresh_token"].as_str().unwrap().to_owned();
        token(
            &twin,
            &probe,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", &presented),
            ],
        )
        .await
    };
    let second = refresh(&first).await;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(refresh(&first).await["error"], "invalid_grant");
    let third = refresh(&second).await;
    let api = probe.with_bearer(third["access_token"].as_str().unwrap());
    assert_eq!(api.send("GET", BILL, "").await.status, 200);
    assert_eq!(twin.most_open_seats(), 1);
    twin.end_consents();
    assert_eq!(refresh(&third).await["error"], "invalid_grant");
}

#[tokio::test]
async fn only_what_is_registered_is_granted() {
    let (code, probe) = twin(Flow::Code).await;
    assert_eq!(
        sign_in(&code, "api").await.body["error"],
        "unauthorized_client"
    );
    for (change, answer) in [
        (("client_id", "another@TWIN"), ("status", "400")),
        (
            ("redirect_uri", "https://elsewhere.example"),
            ("status", "400"),
        ),
        (
            ("response_type", "token"),
            ("error", "unsupported_response_type"),
        ),
        (("scope", "api everything"), ("error", "invalid_scope")),
        (
            ("code_challenge_method", "plain"),
            ("error", "invalid_request"),
        ),
    ] {
        let back = agreed(&code, &probe, &[change]).await;
        assert_eq!(field(&back, answer.0), answer.1, "{change:?}");
    }
    let (password, probe) = twin(Flow::Password).await;
    let back = agreed(&password, &probe, &[]).await;
    assert_eq!(field(&back, "error"), "unauthorized_client");
    let asked = by_code(&password, &probe, "a code", &[]).await;
    assert_eq!(asked["error"], "unauthorized_client");
}
