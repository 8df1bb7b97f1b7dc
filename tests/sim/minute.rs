//! The requests of a minute. Each is timed by the clock of its worker, as the connector counts by those, however wrong they are.

use crate::world::World;

/// The licence's window.
const MINUTE_MS: i64 = 60_000;
/// One request in so many is left to the site.
const RESERVE: u64 = 20;

/// What is wrong with the requests that somebody waited for: no minute may see more than the connector allows itself.
pub(crate) fn overfull(world: &World) -> Option<String> {
    let configured = world.connection["acumatica"]["requests_per_minute"].as_u64();
    let configured = configured.unwrap_or_default();
    let allowed = configured - configured.div_ceil(RESERVE);
    let most = most(std::mem::take(&mut world.air.history().arrived));
    (most > allowed).then(|| format!("{most} requests within a minute of {allowed} allowed"))
}

/// The most requests of any minute, by when they arrived.
fn most(mut arrived: Vec<i64>) -> u64 {
    arrived.sort_unstable();
    let (mut most, mut first) = (0, 0);
    for (at, last) in arrived.iter().enumerate() {
        while arrived
            .get(first)
            .is_some_and(|first| last - first > MINUTE_MS)
        {
            first += 1;
        }
        most = most.max(at + 1 - first);
    }
    u64::try_from(most).unwrap_or(u64::MAX)
}
