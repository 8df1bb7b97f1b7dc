//! Nothing secret in an answer or a log line, whatever goes wrong.

use std::io;
use std::sync::{Arc, Mutex};

use connector::ports::Ledger;
use e2e::{
    documents::Random,
    twins::{concur::Rotation, faults::Fault},
};
use posting::record::List;
use serde_json::json;

use super::{
    main_job::report,
    tokens_connect::{concur_said, put_concur},
    world::{Setting, World, connection},
};

/// Shorter texts are no secrets.
const SECRET_CHARS_MIN: usize = 8;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no panic before")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything said by everything that asks for tokens, while tokens and credentials fail in every way.
async fn all_that_can_be_said(world: &World) -> Vec<String> {
    let mut answers = Vec::new();
    let random = &mut Random::new(91);
    for fault in [
        Fault::Status(500),
        Fault::CutAnswer,
        Fault::Code(5),
        Fault::Code(16),
    ] {
        world.concur.next("token", fault);
        answers.push(concur_said(world).await.to_string());
    }
    answers.push(concur_said(world).await.to_string());
    for (cents, fault) in [
        (1_000, Fault::CutAnswer),
        (1_001, Fault::Html(503)),
        (1_002, Fault::Status(401)),
    ] {
        world.acumatica.next("token", fault);
        world.acumatica.expire_access_tokens();
        world.concur.expire_access_tokens();
        world.offer(&report("Taxi", cents, random));
        answers.push(world.poll().await.to_string());
        world.post().await;
        world.pass(5_000);
    }
    world.concur.revoke_refresh_tokens();
    world.pass(5_000);
    answers.push(world.poll().await.to_string());
    for action in ["connect", "keep", "ping", "list"] {
        let event = json!({"action": action, "connection": "demo"});
        answers.push(world.connect(event).await.to_string());
    }
    let fresh = world.concur.new_request_token();
    put_concur(world, &[("request_token", json!(fresh))]);
    answers.push(concur_said(world).await.to_string());
    answers.push(format!("{:?}", world.needs.kept));
    for list in [List::Open, List::Held, List::Done] {
        let work = world
            .needs
            .ledger
            .work(&connection(), list, None, 100)
            .await;
        for (document, _) in work.expect("a list") {
            answers.push(format!("{:?}", world.record(&document).await));
        }
    }
    answers
}

#[tokio::test]
async fn no_secret_is_said_or_logged() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter("trace,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn")
        .with_writer(move || writer.clone())
        .finish();
    // With one subscriber alone, a place that a test beside this one reaches first would stay silent here too.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::with(Setting {
        concur: e2e::twins::concur::Options {
            rotation: Rotation::AtOnce,
            ..e2e::twins::concur::Options::default()
        },
        ..Setting::default()
    })
    .await;
    let answers = all_that_can_be_said(&world).await;
    let logged = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("text");
    assert!(logged.lines().count() > 50, "{logged}");
    assert!(logged.contains("token refused by Concur"));
    let mut secrets = world.concur.secrets();
    secrets.extend(world.acumatica.secrets());
    assert!(secrets.len() > 15, "{}", secrets.len());
    for secret in secrets
        .iter()
        .filter(|secret| secret.len() >= SECRET_CHARS_MIN)
    {
        for (place, text) in answers
            .iter()
            .map(|text| ("answer", text))
            .chain([("log", &logged)])
        {
            assert!(
                !text.contains(secret.as_str()),
                "{secret} in {place}: {text}"
            );
        }
    }
}
