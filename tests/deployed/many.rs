//! Many connections on the deployed stack: a tick hands them out, and the event source of the `fetch` queue brings each to a
//! worker.

use std::time::{Duration, Instant};

use e2e::{
    demo,
    stack::{Place, Stack},
};
use serde_json::json;

/// Connections that are due together; paused, so that no vendor is needed.
const COUNT: usize = 120;
/// Those a tick polls itself.
const OWN: usize = 10;
/// Longest time until the workers have polled all.
const POLLED_MAX: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_is_due_reaches_the_workers_through_the_queue() {
    // The tick comes from here alone.
    let stack = Stack::start(
        &Place::new("many"),
        &[("ScheduleExpression", "rate(1 day)")],
    )
    .await
    .expect("a stack");
    for n in 0..COUNT {
        let mut connection = demo::connection("http://127.0.0.1:9", "http://127.0.0.1:9");
        connection["id"] = json!(format!("customer-{n}"));
        connection["schedule"] = json!({"paused": true});
        let event = json!({"action": "apply", "connection": connection});
        let answer = stack.invoke("connect", &event).await.expect("an answer");
        assert_eq!(answer["applied"], true, "{answer:#}");
    }
    let due = json!({"only": "due"});
    let answer = stack.invoke("poll", &due).await.expect("an answer");
    let own = answer["connections"].as_array().expect("a list").len();
    assert_eq!((own, &answer["sent"]), (OWN, &json!(COUNT - OWN)));
    // A second one finds nothing to do, though most messages are still under way.
    let answer = stack.invoke("poll", &due).await.expect("an answer");
    assert_eq!(
        (&answer["connections"], &answer["sent"]),
        (&json!([]), &json!(0))
    );
    let began = Instant::now();
    loop {
        let schedules = stack.items("schedule").await.expect("schedules");
        assert_eq!(schedules.len(), COUNT);
        let polled = schedules.iter().filter(|one| one["polled"].is_string());
        if polled.count() == COUNT {
            break;
        }
        assert!(began.elapsed() < POLLED_MAX, "some are never polled");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
