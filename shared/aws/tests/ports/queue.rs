//! What every queue does.

use connector::ports::{Fetch, Queue, WAKE_DELAY_MAX, Wake};
use jiff::SignedDuration;
use posting::{BusinessId, DocumentKind};

use crate::samples::{connection, document};

/// Wakes of documents 1 to `count`, the n-th after n minutes.
pub(crate) fn wakes(count: u32) -> Vec<(Wake, SignedDuration)> {
    let wake = |n| Wake {
        connection: connection("acme"),
        document: document(n),
    };
    (1..=count)
        .map(|n| (wake(n), SignedDuration::from_mins(i64::from(n))))
        .collect()
}

/// `take` hands out what was sent since it was last called.
pub(crate) async fn contract(queue: &impl Queue, take: impl Fn() -> Vec<(Wake, SignedDuration)>) {
    queue.wake(&[]).await.unwrap();
    assert_eq!(take(), []);
    let wakes = wakes(23);
    queue.wake(&wakes).await.unwrap();
    let expected: Vec<_> = wakes
        .iter()
        .map(|(wake, delay)| (wake.clone(), (*delay).min(WAKE_DELAY_MAX)))
        .collect();
    assert_eq!(take(), expected);
    queue.wake(&wakes[..1]).await.unwrap();
    assert_eq!(take(), expected[..1]);
}

/// The same of the wakes of `poll`.
pub(crate) async fn fetches(queue: &impl Queue, take: impl Fn() -> Vec<Fetch>) {
    queue.fetch(&[]).await.unwrap();
    assert_eq!(take(), []);
    let mut fetches: Vec<_> = (1..=23)
        .map(|n| Fetch::all(&connection(&format!("acme-{n}"))))
        .collect();
    fetches.push(Fetch {
        kind: Some(DocumentKind::CashAdvance),
        business_id: Some(BusinessId::new("2519BED4A22B43C4B8E7").unwrap()),
        ..Fetch::all(&connection("acme"))
    });
    queue.fetch(&fetches).await.unwrap();
    assert_eq!(take(), fetches);
}
