//! Whatever a ping can find is provoked in a story.

use connector::connect::Finding;

use super::repository::read;

/// How a story says what it provokes: a case of a list, or rows it looks at.
const CASES: [&str; 5] = ["case", "rule", "event", "tenant", "forbidden"];

#[test]
fn every_finding_of_a_ping_is_provoked() {
    let stories = ["tests/journeys/ping.rs", "tests/journeys/ping_set_up.rs"].map(read);
    for finding in Finding::ALL {
        let name = format!("Finding::{finding:?}");
        let is_provoked = stories.iter().any(|story| provokes(story, &name));
        assert!(is_provoked, "no ping of the journeys finds {name}");
    }
}

/// A name in a list of names proves nothing.
fn provokes(story: &str, name: &str) -> bool {
    let squeezed: String = story.split_whitespace().collect();
    let is_case = CASES
        .iter()
        .any(|case| squeezed.contains(&format!("{case}({name},")));
    let looked_at = squeezed.split("rows_of(").skip(1);
    let mut looked_at = looked_at.filter_map(|rest| rest.split(';').next());
    is_case || looked_at.any(|call| call.contains(&format!(",{name})")))
}
