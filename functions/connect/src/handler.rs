//! Event -> `connect` -> answer.

use connector::connect::{Answer, Request, connect};
use connector::ports::{Clock, Ledger, Vault};
use connector::report::chain;
use connector::{Needs, Run};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// Does what the event asks. What a check finds wrong stands in the answer; an error is what could not be done at all.
pub(crate) async fn handle<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    event: LambdaEvent<Value>,
) -> Result<Answer, Diagnostic> {
    let request =
        Request::try_from(event.payload).map_err(|error| diagnostic("InvalidEvent", &error))?;
    let run = Run::until(event.context.request_id, event.context.deadline);
    connect(needs, &run, request)
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
    use super::*;
    use connector::memory::needs;
    use serde_json::json;

    async fn answers(events: &[&str]) -> Vec<Result<Value, String>> {
        let http = aws::Http::new(connector::clocks::Clocks::default().connect).unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let mut answers = Vec::new();
        for event in events {
            let payload = serde_json::from_str(event).unwrap();
            let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
            let answer = handle(&needs, event).await;
            answers.push(
                answer
                    .map(|answer| serde_json::to_value(answer).unwrap())
                    .map_err(|error| error.error_message),
            );
        }
        answers
    }

    #[tokio::test]
    async fn apply_then_list() {
        let answers = answers(&[
            include_str!("../../../events/connect.apply.json"),
            include_str!("../../../events/connect.apply.json"),
            include_str!("../../../events/connect.list.json"),
        ])
        .await;
        let applied = answers[0].as_ref().unwrap();
        assert_eq!(applied["faults"], json!([]));
        assert_eq!(applied["applied"], json!(true));
        assert_eq!(answers[1].as_ref().unwrap()["version"], json!(1));
        assert_eq!(
            answers[2].as_ref().unwrap()["connections"][0]["connection"],
            "acme"
        );
    }

    #[tokio::test]
    async fn preview_shows_the_plan() {
        let answers = answers(&[
            include_str!("../../../events/connect.apply.json"),
            include_str!("../../../events/connect.preview.json"),
        ])
        .await;
        let previewed = &answers[1].as_ref().unwrap()["stored"];
        assert_eq!(previewed["outcome"], "posted", "{previewed:#}");
        assert_eq!(previewed["plan"]["totals"]["debit"], "217.40");
        assert_eq!(
            previewed["plan"]["postings"][0]["body"]["Amount"]["value"].to_string(),
            "217.4"
        );
    }

    #[tokio::test]
    async fn what_is_not_there_is_named() {
        let answers = answers(&[
            include_str!("../../../events/connect.connect.json"),
            include_str!("../../../events/connect.ping.json"),
            r#"{"action":"dance"}"#,
            r#"{"action":"ping","connection":"acme","loud":true}"#,
        ])
        .await;
        for (answer, named) in answers
            .iter()
            .zip(["`acme`", "`acme`", "`action`", "`loud`"])
        {
            assert!(answer.as_ref().unwrap_err().contains(named), "{answer:?}");
        }
    }
}
