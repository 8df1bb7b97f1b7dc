//! Event -> `replay` -> answer.

use connector::ports::{Clock, DeadLetters, Ledger, Queue, Vault};
use connector::replay::{Answer, Request, replay};
use connector::report::chain;
use connector::{Needs, Run};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// Does what the event asks. What is refused for a document stands in its row; an error is what could not be done at all.
pub(crate) async fn handle<L: Ledger, Q: Queue + DeadLetters, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    event: LambdaEvent<Value>,
) -> Result<Answer, Diagnostic> {
    let request: Request = serde_json::from_value(event.payload)
        .map_err(|error| diagnostic("InvalidEvent", &error))?;
    let run = Run::until(&event.context.request_id, event.context.deadline);
    replay(needs, &run, &request)
        .await
        .map_err(|error| diagnostic("Unavailable", &error))
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
    use connector::memory::needs;
    use connector::ports::Ledger;
    use serde_json::json;

    use super::*;

    const SHOW: &str = include_str!("../../../events/replay.show.json");
    const RESUME: &str = include_str!("../../../events/replay.resume.json");
    const REPLAN: &str = include_str!("../../../events/replay.replan.json");
    const RETURN: &str = include_str!("../../../events/replay.return.json");
    const ADOPT: &str = include_str!("../../../events/replay.adopt.json");
    const ABSENT: &str = include_str!("../../../events/replay.absent.json");
    const ALLOW: &str = include_str!("../../../events/replay.allow.json");
    const WITHDRAW: &str = include_str!("../../../events/replay.withdraw.json");
    const CLOSE: &str = include_str!("../../../events/replay.close.json");
    const REDRIVE: &str = include_str!("../../../events/replay.redrive.json");

    /// Answers of the events over one ledger, with one document held for `reason`.
    async fn answers(reason: &str, events: &[&str]) -> Vec<Value> {
        let http = aws::Http::new(
            connector::clocks::Clocks::default().connect,
            connector::Stage::Local,
        )
        .unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let record = serde_json::from_value(json!({
            "connection": "acme", "document": "de2c2b936bc44114aa487fdab9f7bf61", "kind": "expense",
            "business": "2519BED4A22B43C4B8E7", "system_id": "stack-acme",
            "received": "1969-12-01T00:00:00Z", "due": "1969-12-01T00:00:00Z",
            "state": "held", "resume": {"state": "acknowledged"},
            "reasons": [{"code": reason, "message": "no"}],
        }));
        needs.ledger.create(&record.unwrap()).await.unwrap();
        let mut answers = Vec::new();
        for event in events {
            let payload = serde_json::from_str(event).unwrap();
            let mut context = lambda_runtime::Context::default();
            context.deadline = 600_000;
            let answer = handle(&needs, LambdaEvent::new(payload, context)).await;
            answers.push(match answer {
                Ok(answer) => serde_json::to_value(answer).unwrap(),
                Err(error) => Value::String(error.error_message),
            });
        }
        answers
    }

    #[tokio::test]
    async fn samples_are_dry_runs_until_apply_is_said() {
        let close = CLOSE.replace("\"apply\": false", "\"apply\": true");
        let events = [SHOW, RESUME, REPLAN, RETURN, CLOSE, &close];
        let answers = answers("acumatica_refused", &events).await;
        let verdicts = ["shown", "would", "would", "would", "would", "done"];
        for (answer, verdict) in answers.iter().zip(verdicts) {
            assert_eq!(answer["documents"][0]["verdict"], verdict, "{answer:#}");
        }
        let ways = &answers[0]["documents"][0]["reasons"][0]["permits"];
        assert_eq!(
            *ways,
            json!(["resume", "replan", "return", "adopt", "close"])
        );
        let closed = &answers[5]["documents"][0];
        assert_eq!(closed["state"], "closed");
        assert!(closed["story"].to_string().contains("closed"), "{closed:#}");
    }

    #[tokio::test]
    async fn every_sample_is_understood_and_told_why_it_does_not_fit() {
        let events = [ABSENT, ALLOW, WITHDRAW, ADOPT];
        let answers = answers("acumatica_refused", &events).await;
        let verdicts = ["refused", "refused", "refused", "failed"];
        for (answer, verdict) in answers.iter().zip(verdicts) {
            assert_eq!(answer["documents"][0]["verdict"], verdict, "{answer:#}");
        }
        assert!(answers[0].to_string().contains("permits resume, replan"));
    }

    #[tokio::test]
    async fn dead_letters_are_counted() {
        let answers = answers("acumatica_refused", &[REDRIVE]).await;
        assert_eq!(answers[0]["redriven"]["work"]["waiting"], 0);
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        let events = [
            r#"{"connection":"acme","state":"held","do":"show","apply":false,"loud":true}"#,
            r#"{"connection":"acne","state":"held","do":"show"}"#,
        ];
        let answers = answers("recalled", &events).await;
        for (answer, named) in answers.iter().zip(["`loud`", "`acne`"]) {
            assert!(answer.as_str().unwrap().contains(named), "{answer:#}");
        }
    }
}
