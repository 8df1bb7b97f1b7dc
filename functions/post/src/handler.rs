//! SQS batch -> `post` -> partial batch answer.

use aws::batch::{Batch, BatchAnswer};
use connector::ports::{Clock, Ledger, Queue, Vault};
use connector::post::post;
use connector::{Needs, Run};
use lambda_runtime::{Error, LambdaEvent};

/// Metric of documents that wait for a person.
const HELD: &str = "Held";
/// Metric of sides that do not answer and are left alone for a while.
const SILENT: &str = "Silent";
/// Metric of tokens that Concur or Acumatica refused for good.
const TOKEN_REFUSED: &str = "TokenRefused";

/// Runs `post` for a batch of wakes.
pub(crate) async fn handle<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    namespace: &str,
    event: LambdaEvent<Batch>,
) -> Result<BatchAnswer, Error> {
    let run = Run::until(&event.context.request_id, event.context.deadline);
    let outcome = post(needs, &run, event.payload.wakes()).await;
    for _ in 0..outcome.held {
        aws::telemetry::count(namespace, HELD, 1);
    }
    for _ in 0..outcome.silent {
        aws::telemetry::count(namespace, SILENT, 1);
    }
    let refused = needs.kept.take_refused();
    if refused > 0 {
        aws::telemetry::count(namespace, TOKEN_REFUSED, refused);
    }
    Ok(outcome.again.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector::memory::needs;

    #[tokio::test]
    async fn a_wake_without_a_record_is_done() {
        let http = aws::Http::new(
            connector::clocks::Clocks::default().connect,
            connector::Stage::Local,
        )
        .unwrap();
        let needs = needs(http.concur(), http.acumatica());
        let event = include_str!("../../../events/post.sqs.json");
        let batch: Batch = serde_json::from_str(event).unwrap();
        assert_eq!(batch.wakes().len(), 1);
        let event = LambdaEvent::new(batch, lambda_runtime::Context::default());
        let answer = handle(&needs, "test", event).await.unwrap();
        assert_eq!(answer, BatchAnswer::default());
    }
}
