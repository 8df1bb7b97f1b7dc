//! Event -> `poll` -> answer.

use connector::poll::{Answer, Request, poll};
use connector::ports::{Clock, Ledger, Queue, Vault};
use connector::report::chain;
use connector::{Needs, Run};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// Metric of documents that wait for a person.
const HELD: &str = "Held";
/// Metric of connections whose documents could not be fetched.
const UNREACHED: &str = "Unreached";

/// Runs `poll` once. An event with an unknown field is an error that names it.
pub(crate) async fn handle<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    namespace: &str,
    event: LambdaEvent<Value>,
) -> Result<Answer, Diagnostic> {
    let request: Request = serde_json::from_value(event.payload)
        .map_err(|error| diagnostic("InvalidEvent", &error))?;
    let run = Run::until(event.context.request_id, event.context.deadline);
    let answer = poll(needs, &run, &request)
        .await
        .map_err(|error| diagnostic("Unavailable", &error))?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    aws::telemetry::count(namespace, HELD, count(answer.held()));
    aws::telemetry::count(namespace, UNREACHED, count(answer.failed()));
    Ok(answer)
}

/// An error as AWS and a person in the console read it: a short stable type, and the whole chain as text.
fn diagnostic(error_type: &str, error: &dyn std::error::Error) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: chain(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector::memory::needs;

    async fn answer(event: &str) -> Result<Answer, Diagnostic> {
        let http = aws::Http::new(connector::clocks::Clocks::default().connect).unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let payload = serde_json::from_str(event).unwrap();
        let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
        handle(&needs, "test", event).await
    }

    #[tokio::test]
    async fn the_schedule_asks_for_everything() {
        let event = include_str!("../../../events/poll.schedule.json");
        assert!(answer(event).await.unwrap().connections.is_empty());
    }

    #[tokio::test]
    async fn a_dry_run_is_asked_for_in_the_same_words() {
        let event = include_str!("../../../events/poll.dry-run.json");
        let answer = answer(event).await.unwrap();
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn a_connection_that_is_not_stored_is_told_with_its_cure() {
        let event = include_str!("../../../events/poll.manual.json");
        let answer = answer(event).await.unwrap();
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn several_documents_are_asked_for_by_their_business_ids() {
        let event = include_str!("../../../events/poll.business-ids.json");
        let answer = answer(event).await.unwrap();
        assert!(answer.connections[0].errors[0].cure.contains("Apply it"));
    }

    #[tokio::test]
    async fn an_unknown_field_is_named() {
        let error = answer(r#"{"connection":"acme","dryrun":true}"#).await;
        assert!(error.unwrap_err().error_message.contains("`dryrun`"));
    }
}
