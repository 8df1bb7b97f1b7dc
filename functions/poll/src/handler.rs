//! Schedule, person or `fetch` queue -> `poll` -> answer.

use aws::batch::{Batch, BatchAnswer};
use connector::poll::{Answer, Request, fetch, poll};
use connector::ports::{Clock, Ledger, Queue, Vault};
use connector::report::chain;
use connector::{Needs, Run};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::Value;

/// Metric of documents that wait for a person.
const HELD: &str = "Held";
/// Metric of connections every poll of which has failed for an hour.
const UNREACHED: &str = "Unreached";
/// Metric of tokens that Concur or Acumatica refused for good.
const TOKEN_REFUSED: &str = "TokenRefused";
/// What an event of a queue has, and no other.
const RECORDS: &str = "Records";

/// What each kind of event is answered with.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// To the schedule and to a person.
    Answer(Box<Answer>),
    /// To the queue.
    Batch(BatchAnswer),
}

/// Runs `poll` once. An event with an unknown field is an error that names it.
pub(crate) async fn handle<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    namespace: &str,
    event: LambdaEvent<Value>,
) -> Result<Reply, Diagnostic> {
    let run = Run::until(&event.context.request_id, event.context.deadline);
    if event.payload.get(RECORDS).is_some() {
        let fetched = fetch(needs, &run, batch(event.payload)?.fetches()).await;
        tell(namespace, needs.kept.take_refused(), &fetched.answer);
        return Ok(Reply::Batch(fetched.again.into_iter().collect()));
    }
    let request: Request =
        serde_json::from_value(event.payload).map_err(|error| invalid(error.to_string()))?;
    if let Some(refusal) = request.refusal() {
        return Err(invalid(refusal));
    }
    let answer = poll(needs, &run, &request)
        .await
        .map_err(|error| diagnostic("Unavailable", chain(&error)))?;
    tell(namespace, needs.kept.take_refused(), &answer);
    Ok(Reply::Answer(Box::new(answer)))
}

/// The messages of a queue; with another field beside them it is no queue's event.
fn batch(event: Value) -> Result<Batch, Diagnostic> {
    let names = event.as_object().into_iter().flatten();
    if let Some((name, _)) = names.into_iter().find(|(name, _)| *name != RECORDS) {
        return Err(invalid(format!(
            "unknown field `{name}` beside `{RECORDS}`"
        )));
    }
    serde_json::from_value(event).map_err(|error| invalid(error.to_string()))
}

fn tell(namespace: &str, refused: u64, answer: &Answer) {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    aws::telemetry::count(namespace, HELD, count(answer.held()));
    aws::telemetry::count(namespace, UNREACHED, count(answer.unreached()));
    if refused > 0 {
        aws::telemetry::count(namespace, TOKEN_REFUSED, refused);
    }
}

fn invalid(message: String) -> Diagnostic {
    diagnostic("InvalidEvent", message)
}

/// An error as AWS and a person in the console read it: a short stable type, and the whole chain as text.
fn diagnostic(error_type: &str, error_message: String) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector::memory::needs;

    async fn reply(event: &str) -> Result<Reply, Diagnostic> {
        let connect = connector::clocks::Clocks::default().connect;
        let http = aws::Http::new(connect, connector::Stage::Local).unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let payload = serde_json::from_str(event).unwrap();
        let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
        handle(&needs, "test", event).await
    }

    async fn answer(event: &str) -> Answer {
        match reply(event).await.unwrap() {
            Reply::Answer(answer) => *answer,
            Reply::Batch(batch) => panic!("{batch:?}"),
        }
    }

    async fn refused(event: &str) -> String {
        reply(event).await.unwrap_err().error_message
    }

    #[tokio::test]
    async fn the_schedule_asks_for_what_is_due() {
        let event = include_str!("../../../events/poll.schedule.json");
        assert!(answer(event).await.connections.is_empty());
        let template = include_str!("../../../infra/template.yaml");
        let input = format!("Input: '{}'", event.trim());
        assert!(template.contains(&input), "{input}");
    }

    #[tokio::test]
    async fn a_person_asks_for_everything() {
        let event = include_str!("../../../events/poll.everything.json");
        assert!(answer(event).await.connections.is_empty());
    }

    #[tokio::test]
    async fn a_dry_run_is_asked_for_in_the_same_words() {
        let event = include_str!("../../../events/poll.dry-run.json");
        let answer = answer(event).await;
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn a_connection_that_is_not_stored_is_told_with_its_cure() {
        let event = include_str!("../../../events/poll.manual.json");
        let answer = answer(event).await;
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn several_documents_are_asked_for_by_their_business_ids() {
        let event = include_str!("../../../events/poll.business-ids.json");
        let answer = answer(event).await;
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn a_message_about_a_connection_that_is_not_stored_is_done() {
        let event = include_str!("../../../events/poll.sqs.json");
        let batch: Batch = serde_json::from_str(event).unwrap();
        assert_eq!(batch.fetches().len(), 2);
        let reply = reply(event).await.unwrap();
        assert!(matches!(reply, Reply::Batch(answer) if answer == BatchAnswer::default()));
    }

    #[tokio::test]
    async fn more_business_ids_than_a_run_can_do_are_refused_before_anything() {
        let event = |ids: usize| {
            let ids: Vec<String> = (0..ids).map(|n| format!("{n:020X}")).collect();
            serde_json::json!({"connection": "acme", "business_ids": ids}).to_string()
        };
        let most = connector::poll::BUSINESS_IDS_MAX;
        assert!(
            answer(&event(most)).await.connections[0].errors[0]
                .cure
                .contains("Apply it")
        );
        let error = refused(&event(most + 1)).await;
        assert!(
            error.contains("`business_ids` has 201 ids and may have 200"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn an_unknown_field_is_named() {
        let named = [
            (r#"{"connection":"acme","dryrun":true}"#, "`dryrun`"),
            (r#"{"Records":[],"connection":"acme"}"#, "`connection`"),
            (r#"{"only":"late"}"#, "`late`"),
            (r#"{"only":"due","connection":"acme"}"#, "`only`"),
        ];
        for (event, name) in named {
            let error = refused(event).await;
            assert!(error.contains(name), "{event}: {error}");
        }
    }
}
