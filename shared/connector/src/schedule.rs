//! When a connection is polled, and when it takes new documents: its `schedule`, by the clock of its own time zone.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use posting::rules::Reader;
use sha2::{Digest, Sha256};

/// Minutes from one poll to the next where nothing is said.
pub const EVERY_MINUTES: u64 = 15;
/// Longest time between two polls: a day, in minutes.
pub const EVERY_MINUTES_MAX: u64 = 1_440;
/// Days by their words, in the order of a week.
pub const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `schedule` of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// `every_minutes`: from one poll to the next.
    pub every: SignedDuration,
    /// `hours`: when new documents are taken; always where left out.
    pub hours: Option<Hours>,
    /// `paused`: no new document is taken, whatever the time. What is acknowledged goes on.
    pub paused: bool,
}

/// `schedule.hours`: a stretch of certain days. It may pass midnight, and belongs to the day it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// `from`.
    from: Time,
    /// `to`, which is outside.
    to: Time,
    /// `days` it begins on.
    days: Vec<Weekday>,
}

/// Why a connection takes no new documents now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resting {
    /// `schedule.paused`.
    Paused,
    /// Outside `schedule.hours`.
    OutsideHours,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            every: minutes(EVERY_MINUTES),
            hours: None,
            paused: false,
        }
    }
}

impl Schedule {
    /// Reads `schedule` of a connection; an absent one says what [`Self::default`] says.
    #[must_use]
    pub fn read(top: &mut Reader<'_>) -> Self {
        let mut section = top.section("schedule");
        let every = section.number("every_minutes", 1..=EVERY_MINUTES_MAX);
        let paused = section.flag("paused").unwrap_or(false);
        let hours = section.value("hours").is_some();
        let hours = hours.then(|| hours_of(section.section("hours"))).flatten();
        Self {
            every: minutes(every.unwrap_or(EVERY_MINUTES)),
            hours,
            paused,
        }
    }

    /// Why no new document is taken at `now`; `None` when documents are taken.
    #[must_use]
    pub fn resting(&self, now: Timestamp, zone: &TimeZone) -> Option<Resting> {
        if self.paused {
            return Some(Resting::Paused);
        }
        let outside = self
            .hours
            .as_ref()
            .is_some_and(|hours| !hours.hold(now, zone));
        outside.then_some(Resting::OutsideHours)
    }

    /// The next poll after `now`. Each connection has its own place in the interval, by its id, so that many of them spread
    /// over it evenly, whenever they were applied.
    #[must_use]
    pub fn next(&self, id: &ConnectionId, now: Timestamp) -> Timestamp {
        let every = self.every.as_secs().max(1);
        let place = place(id).rem_euclid(every);
        let since = now.as_second().saturating_sub(place).rem_euclid(every);
        let wait = every.saturating_sub(since);
        let next = now.as_second().saturating_add(wait);
        Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
    }
}

impl Hours {
    fn hold(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(now);
        let (day, time) = (local.weekday(), local.time());
        let begins = |day| self.days.contains(&day);
        if self.from < self.to {
            begins(day) && self.from <= time && time < self.to
        } else {
            (begins(day) && time >= self.from) || (begins(day.previous()) && time < self.to)
        }
    }
}

fn minutes(count: u64) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A number of the id, the same in every process.
fn place(id: &ConnectionId) -> i64 {
    let digest = Sha256::digest(id.as_str().as_bytes());
    let bytes = digest.iter().take(4);
    bytes.fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

fn hours_of(mut section: Reader<'_>) -> Option<Hours> {
    let from = time(&mut section, "from");
    let to = time(&mut section, "to");
    let stated = section.texts("days");
    let mut days: Vec<Weekday> = Vec::with_capacity(DAYS.len());
    for (index, word) in stated.iter().enumerate() {
        match DAYS.iter().find(|(known, _)| known == word) {
            Some((_, day)) => days.push(*day),
            None => section.fault(
                &format!("days[{index}]"),
                format!("found `{word}`"),
                "`mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`",
            ),
        }
    }
    if section.value("days").is_none() {
        days = DAYS.iter().take(5).map(|(_, day)| *day).collect();
    } else if stated.is_empty() {
        section.fault("days", "names no day", "at least one, or leave it out");
    }
    let (from, to) = (from?, to?);
    if from == to {
        section.fault(
            "to",
            "is the same as from",
            "another time, or no hours at all",
        );
    }
    Some(Hours { from, to, days })
}

fn time(section: &mut Reader<'_>, key: &'static str) -> Option<Time> {
    let text = section.text(key)?;
    let read = Time::strptime("%H:%M", &text).ok();
    // `7:5` is read too, and could be meant otherwise.
    let read = read.filter(|time| time.strftime("%H:%M").to_string() == text);
    if read.is_none() {
        section.fault(key, format!("found `{text}`"), "a time such as `07:30`");
    }
    read
}

#[cfg(test)]
mod tests;
