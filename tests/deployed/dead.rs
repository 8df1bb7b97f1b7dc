//! Dead letters on the deployed stack: `replay` counts them, wakes `post` with them and deletes them, over the true wire of SQS.
//! It runs the binaries of `make build`, then: `cargo test -p e2e --test deployed dead`.

use std::time::{Duration, Instant};

use e2e::stack::{Place, Stack};
use serde_json::{Value, json};

/// Wakes laid aside: more than one receive brings.
const WAKES: usize = 12;
/// Longest time until the queues are empty.
const EMPTY_MAX: Duration = Duration::from_secs(30);

async fn redrive(stack: &Stack, apply: bool) -> Value {
    let event = json!({"do": "redrive", "apply": apply});
    let answer = stack.invoke("replay", &event).await.expect("an answer");
    let at = |place| answer.pointer(place).cloned();
    assert_eq!(at("/errors"), Some(json!([])), "{answer:#}");
    at("/redriven/work").expect("the queue of the wakes")
}

#[tokio::test]
async fn dead_letters_are_counted_woken_and_deleted() {
    let _alone = crate::ONE_AT_A_TIME.lock().await;
    let stack = Stack::start(
        &Place::new("dead"),
        &[("ScheduleExpression", "rate(1 day)")],
    )
    .await
    .expect("a stack");
    let wake = |n: usize| json!({"connection": "acme", "document": format!("{n:032x}")});
    let mut texts: Vec<String> = (1..=WAKES).map(|n| wake(n).to_string()).collect();
    texts.push("no wake at all".to_owned());
    stack.lay_aside(&texts).await.expect("a queue");

    let counted = redrive(&stack, false).await;
    let all = json!({"waiting": texts.len(), "woken": 0, "unreadable": 0});
    assert_eq!(counted, all);
    assert_eq!(stack.wakes().await.expect("counts").dead, 13);

    let done = redrive(&stack, true).await;
    assert_eq!(
        (&done["woken"], &done["unreadable"]),
        (&json!(WAKES), &json!(1))
    );
    // Nothing is known of these documents, so `post` is done with them at once.
    let began = Instant::now();
    while stack.wakes().await.expect("counts") != e2e::stack::Wakes::default() {
        assert!(began.elapsed() < EMPTY_MAX, "the wakes are never taken");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let again = redrive(&stack, true).await;
    assert_eq!(again, json!({"waiting": 0, "woken": 0, "unreadable": 0}));
}
