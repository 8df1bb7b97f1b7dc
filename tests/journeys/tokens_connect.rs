//! The first connection to Concur: what a person put into the secret is exchanged once, and everything that can be wrong with
//! it is told apart with its cure.

use std::collections::BTreeSet;

use ::concur::auth::{MEANINGS, Outlook};
use connector::ports::Vault;
use e2e::twins::{
    concur::{self, Home},
    faults::Fault,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::world::{Setting, World, connection};

/// What `connect` says of Concur.
pub(crate) async fn concur_said(world: &World) -> Value {
    let event = json!({"action": "connect", "connection": "demo"});
    let mut answer = world.connect(event).await;
    let said = answer["said"][0].take();
    assert_eq!(said["of"], "concur");
    assert!(
        said["ok"] == true
            || said["cure"]
                .as_str()
                .is_some_and(|cure| cure.ends_with('.'))
    );
    said
}

/// Puts the operator's secret of Concur with changes; a null deletes the field.
pub(crate) fn put_concur(world: &World, changes: &[(&str, Value)]) {
    let known = world.concur.options();
    let mut secret = known.secret();
    for (name, value) in changes {
        secret[*name] = value.clone();
        if value.is_null() {
            secret.as_object_mut().expect("an object").remove(*name);
        }
    }
    let vault = &world.needs.vault;
    vault.put(&connection(), "concur", &secret.to_string());
}

/// A secret as it is in the vault.
pub(crate) async fn secret(world: &World, name: &str) -> Value {
    let secret = world.needs.vault.secret(&connection(), name).await;
    let secret = secret
        .expect("a vault")
        .unwrap_or_else(|| panic!("no secret {name}"));
    serde_json::from_str(secret.expose_secret()).expect("JSON")
}

async fn world(concur: concur::Options) -> World {
    World::with(Setting {
        concur,
        ..Setting::default()
    })
    .await
}

#[tokio::test]
async fn a_request_token_is_exchanged_once() {
    let world = World::new().await;
    let before = secret(&world, "concur").await;
    let said = concur_said(&world).await;
    assert_eq!(said["message"], "connected", "{said:#}");
    assert!(
        said["cure"]
            .as_str()
            .expect("a cure")
            .contains("Delete request_token")
    );
    assert_eq!(
        secret(&world, "concur").await,
        before,
        "it is the operator's"
    );
    let own = secret(&world, "concur-tokens").await;
    assert_eq!(
        own["geolocation"]
            .as_str()
            .map(|place| place.trim_end_matches('/')),
        Some(world.concur.geolocation_url())
    );
    assert_eq!(own["request_token_digest"].as_str().map(str::len), Some(32));
    assert!(own["refresh_ends"].is_string() && own["refresh_token"].is_string());

    let said = concur_said(&world).await;
    assert_eq!(said["message"], "request_token_spent");
    put_concur(&world, &[("request_token", Value::Null)]);
    for _ in 0..2 {
        let said = concur_said(&world).await;
        assert_eq!(
            (&said["message"], &said["cure"]),
            (&json!("already_connected"), &json!(""))
        );
    }
    assert_eq!(world.concur_calls("token"), 1);
    assert_eq!(secret(&world, "concur-tokens").await, own);
}

#[tokio::test]
async fn an_exchange_whose_answer_is_lost_is_made_again() {
    let world = World::new().await;
    for fault in [Fault::DropAfterSave, Fault::CutAnswer, Fault::Html(503)] {
        world.concur.next("token", fault);
        assert_eq!(concur_said(&world).await["message"], "concur_failed");
    }
    assert_eq!(concur_said(&world).await["message"], "connected");
}

#[tokio::test]
async fn what_is_wrong_is_told_apart() {
    let stale = World::new().await;
    stale.concur.expire_request_token();
    let wrong: [(&str, &[(&str, Value)]); 5] = [
        ("code 5:", &[("request_token", json!("another"))]),
        ("code 61:", &[("client_id", json!("another"))]),
        ("code 64:", &[("client_secret", json!("another"))]),
        ("code 62:", &[("client_id", json!(""))]),
        ("code 5:", &[]),
    ];
    for (code, changes) in wrong {
        put_concur(&stale, changes);
        let said = concur_said(&stale).await;
        assert_eq!(said["message"], "concur_refused");
        assert!(
            said["detail"].as_str().expect("a detail").starts_with(code),
            "{said:#}"
        );
    }
    let other = World::with(Setting {
        rules: vec![(
            "/concur/company_uuid",
            json!("00000000-0000-4000-8000-000000000000"),
        )],
        ..Setting::default()
    })
    .await;
    let said = concur_said(&other).await;
    assert!(
        said["detail"]
            .as_str()
            .expect("a detail")
            .starts_with("code 100:")
    );
    assert!(
        said["cure"]
            .as_str()
            .expect("a cure")
            .contains("company_uuid")
    );
}

#[tokio::test]
async fn a_spent_request_token_is_told_when_the_refresh_token_has_died() {
    let world = World::new().await;
    concur_said(&world).await;
    world.concur.revoke_refresh_tokens();
    world.pass(3_600);
    let said = concur_said(&world).await;
    assert!(
        said["detail"]
            .as_str()
            .expect("a detail")
            .starts_with("code 108:"),
        "{said:#}"
    );
    assert!(
        said["cure"]
            .as_str()
            .expect("a cure")
            .contains("new company request token")
    );
    let fresh = world.concur.new_request_token();
    put_concur(&world, &[("request_token", json!(fresh))]);
    assert_eq!(concur_said(&world).await["message"], "connected");
}

#[tokio::test]
async fn another_data_centre_is_followed_once_and_remembered() {
    let world = world(concur::Options {
        home: Home::Elsewhere,
        ..concur::Options::default()
    })
    .await;
    let said = concur_said(&world).await;
    assert_eq!(said["message"], "connected_elsewhere", "{said:#}");
    assert!(
        said["detail"]
            .as_str()
            .expect("a detail")
            .contains(world.concur.geolocation_url())
    );
    assert_eq!(world.concur_calls("token.password"), 2);
    let fresh = world.concur.new_request_token();
    put_concur(&world, &[("request_token", json!(fresh))]);
    assert_eq!(concur_said(&world).await["message"], "connected");
    assert_eq!(
        world.concur_calls("token.password"),
        3,
        "asked where it was found"
    );
}

#[tokio::test]
async fn a_missing_scope_is_told_and_a_new_application_heals_it() {
    let world = world(concur::Options {
        scope: "company.read".to_owned(),
        ..concur::Options::default()
    })
    .await;
    for _ in 0..2 {
        let said = concur_said(&world).await;
        assert_eq!(
            (&said["message"], &said["ok"]),
            (&json!("scope_missing"), &json!(false))
        );
        assert!(said["cure"].as_str().expect("a cure").contains("FISVC"));
    }
    assert_eq!(world.concur_calls("token"), 1);
}

#[tokio::test]
async fn every_code_of_concur_is_told_with_its_own_cure() {
    let world = World::new().await;
    let mut cures = BTreeSet::new();
    for meaning in MEANINGS {
        for code in meaning.codes {
            let times = if meaning.outlook == Outlook::Elsewhere {
                2
            } else {
                1
            };
            for _ in 0..times {
                world.concur.next("token", Fault::Code(*code));
            }
            let said = concur_said(&world).await;
            let expected = match meaning.outlook {
                Outlook::Transient => "concur_failed",
                Outlook::Final | Outlook::Elsewhere => "concur_refused",
            };
            assert_eq!(said["message"], expected, "{code}");
            assert_eq!(said["cure"], meaning.cure, "{code}");
            let detail = said["detail"].as_str().expect("a detail");
            assert!(detail.starts_with(&format!("code {code}: ")), "{detail}");
            assert!(detail.contains(meaning.sentence), "{detail}");
        }
        cures.insert(meaning.cure);
    }
    assert!(cures.len() > 15, "{cures:?}");
    world.concur.next("token", Fault::Code(7_777));
    assert_eq!(concur_said(&world).await["message"], "concur_refused");
    assert_eq!(concur_said(&world).await["message"], "connected");
}

#[tokio::test]
async fn secrets_that_are_not_as_they_should_be() {
    let world = World::new().await;
    let vault = &world.needs.vault;
    for odd in [
        "",
        "no JSON",
        r#"{"client_id":"a"}"#,
        r#"{"client_id":"a","client_secret":"b","colour":"c"}"#,
    ] {
        vault.put(&connection(), "concur", odd);
        assert_eq!(
            concur_said(&world).await["message"],
            "concur_secret_odd",
            "{odd}"
        );
    }
    for blank in [Value::Null, json!(""), json!("  ")] {
        put_concur(&world, &[("request_token", blank)]);
        assert_eq!(concur_said(&world).await["message"], "not_connected");
    }
    put_concur(&world, &[]);
    concur_said(&world).await;
    vault.put(&connection(), "concur-tokens", "{}");
    assert_eq!(concur_said(&world).await["message"], "concur_secret_odd");
    assert_eq!(world.concur_calls("token"), 1);
}
