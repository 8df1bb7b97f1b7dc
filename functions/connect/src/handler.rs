//! Event -> `connect` -> answer.

use connector::connect::{Answer, Request, connect};
use connector::ports::{Clock, Ledger, Vault};
use connector::report::chain;
use connector::{Needs, Run};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// Metric of tokens that Concur or Acumatica refused for good.
const TOKEN_REFUSED: &str = "TokenRefused";
/// Metric of connections whose refresh token ends within 30 days, of those a run of `keep` looked after.
const TOKENS_ENDING: &str = "TokensEnding";

/// Does what the event asks. What a check finds wrong stands in the answer; an error is what could not be done at all.
pub(crate) async fn handle<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    namespace: &str,
    event: LambdaEvent<Value>,
) -> Result<Answer, Diagnostic> {
    let request =
        Request::try_from(event.payload).map_err(|error| diagnostic("InvalidEvent", &error))?;
    let run = Run::until(&event.context.request_id, event.context.deadline);
    let answer = connect(needs, &run, request).await;
    for (metric, value) in metrics(needs.kept.take_refused(), answer.as_ref().ok()) {
        aws::telemetry::count(namespace, metric, value);
    }
    answer.map_err(|error| diagnostic("Unavailable", &error))
}

/// What the alarms count of a run.
fn metrics(refused: u64, answer: Option<&Answer>) -> Vec<(&'static str, u64)> {
    let refused = (refused > 0).then_some((TOKEN_REFUSED, refused));
    let ending = match answer {
        Some(Answer::Kept(kept)) => u64::try_from(kept.ending).ok(),
        _ => None,
    };
    let ending = ending.map(|ending| (TOKENS_ENDING, ending));
    refused.into_iter().chain(ending).collect()
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
    use connector::connect::Kept;
    use connector::memory::needs;
    use serde_json::json;

    async fn answers(events: &[&str]) -> Vec<Result<Value, String>> {
        let http = aws::Http::new(
            connector::clocks::Clocks::default().connect,
            connector::Stage::Local,
        )
        .unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let mut answers = Vec::new();
        for event in events {
            let payload = serde_json::from_str(event).unwrap();
            let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
            let answer = handle(&needs, "test", event).await;
            answers.push(
                answer
                    .map(|answer| serde_json::to_value(answer).unwrap())
                    .map_err(|error| error.error_message),
            );
        }
        answers
    }

    #[test]
    fn refusals_are_counted_and_so_is_what_ends() {
        let kept = |ending| {
            Answer::Kept(Kept {
                kept: 3,
                left: 0,
                ending,
                connections: Vec::new(),
            })
        };
        assert_eq!(metrics(0, None), []);
        assert_eq!(metrics(2, None), [(TOKEN_REFUSED, 2)]);
        let both = [(TOKEN_REFUSED, 1), (TOKENS_ENDING, 2)];
        assert_eq!(metrics(1, Some(&kept(2))), both);
        // A zero ends the alarm.
        assert_eq!(metrics(0, Some(&kept(0))), [(TOKENS_ENDING, 0)]);
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
    async fn remove_then_history() {
        let answers = answers(&[
            include_str!("../../../events/connect.apply.json"),
            include_str!("../../../events/connect.remove.json"),
            include_str!("../../../events/connect.history.json"),
            r#"{"action":"show","connection":"acme","version":1}"#,
        ])
        .await;
        assert_eq!(answers[1].as_ref().unwrap()["removed"], json!(true));
        let versions = &answers[2].as_ref().unwrap()["versions"];
        assert_eq!(versions[0]["by"], "Kim");
        assert_eq!(versions[0]["standing"], "removed");
        assert_eq!(versions[1]["version"], 1);
        assert_eq!(answers[3].as_ref().unwrap()["text"]["id"], "acme");
    }

    #[tokio::test]
    async fn what_nobody_connected_is_told_and_not_an_error() {
        let answers = answers(&[
            include_str!("../../../events/connect.apply.json"),
            include_str!("../../../events/connect.connect.json"),
            include_str!("../../../events/connect.keep.json"),
            r#"{"action":"keep","connection":"acme"}"#,
        ])
        .await;
        let said = &answers[1].as_ref().unwrap()["said"];
        assert_eq!(said[0]["message"], "concur_secret_missing");
        assert_eq!(said[1]["message"], "acumatica_secret_missing");
        assert_eq!(answers[2].as_ref().unwrap()["left"], 0);
        assert_eq!(answers[3].as_ref().unwrap()["kept"], 1);
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
            include_str!("../../../events/connect.history.json"),
            include_str!("../../../events/connect.remove.json"),
            r#"{"action":"dance"}"#,
            r#"{"action":"ping","connection":"acme","loud":true}"#,
        ])
        .await;
        for (answer, named) in answers
            .iter()
            .zip(["`acme`", "`acme`", "`acme`", "`acme`", "`action`", "`loud`"])
        {
            assert!(answer.as_ref().unwrap_err().contains(named), "{answer:?}");
        }
    }
}
