use std::collections::BTreeMap;

use posting::rules::Faults;
use serde_json::{Value, json};

use super::*;

fn read(schedule: &Value) -> Result<Schedule, Vec<String>> {
    let faults = Faults::new();
    let connection = json!({ "schedule": schedule });
    let read = {
        let mut top = Reader::root(&connection, &faults);
        Schedule::read(&mut top)
    };
    let faults: Vec<_> = faults.into_vec().iter().map(ToString::to_string).collect();
    if faults.is_empty() {
        Ok(read)
    } else {
        Err(faults)
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn nothing_said_means_every_quarter_of_an_hour_and_always() {
    assert_eq!(read(&Value::Null), Ok(Schedule::default()));
    assert_eq!(read(&json!({})), Ok(Schedule::default()));
    let zone = TimeZone::UTC;
    assert_eq!(Schedule::default().resting(Timestamp::MIN, &zone), None);
}

#[test]
fn hours_follow_the_zone_and_its_summer_time() {
    let hours = json!({"hours": {"from": "07:30", "to": "19:00"}});
    let schedule = read(&hours).unwrap();
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    let rests = |text| schedule.resting(at(text), &zone).is_some();
    // Monday in winter (UTC-8) and in summer (UTC-7).
    assert!(rests("2026-11-23T15:29:59Z") && !rests("2026-11-23T15:30:00Z"));
    assert!(!rests("2026-11-24T02:59:59Z") && rests("2026-11-24T03:00:00Z"));
    assert!(rests("2026-06-22T14:29:59Z") && !rests("2026-06-22T14:30:00Z"));
    // Saturday there, although Sunday in UTC.
    assert!(rests("2026-11-22T01:00:00Z"));
}

#[test]
fn hours_may_pass_midnight_and_belong_to_the_day_they_begin_on() {
    let hours = json!({"hours": {"from": "22:00", "to": "02:00", "days": ["fri"]}});
    let schedule = read(&hours).unwrap();
    let rests = |text| schedule.resting(at(text), &TimeZone::UTC).is_some();
    assert!(!rests("2026-11-27T23:00:00Z") && !rests("2026-11-28T01:59:59Z"));
    assert!(rests("2026-11-28T02:00:00Z") && rests("2026-11-27T01:00:00Z"));
}

#[test]
fn a_pause_goes_before_the_hours() {
    let both = json!({"paused": true, "hours": {"from": "00:00", "to": "23:59", "days": ["mon"]}});
    let schedule = read(&both).unwrap();
    let resting = schedule.resting(at("2026-11-23T12:00:00Z"), &TimeZone::UTC);
    assert_eq!(resting, Some(Resting::Paused));
}

#[test]
fn every_fault_has_its_path() {
    let wrong = json!({
        "every_minutes": 0, "paused": "no", "often": 1,
        "hours": {"from": "7:30", "to": "25:00", "days": ["mon", "monday"]},
    });
    let faults = read(&wrong).unwrap_err();
    for path in [
        "schedule.every_minutes",
        "schedule.paused",
        "schedule.often",
        "schedule.hours.from",
        "schedule.hours.to",
        "schedule.hours.days[1]",
    ] {
        assert!(
            faults.iter().any(|fault| fault.starts_with(path)),
            "{path}: {faults:?}"
        );
    }
    let same = json!({"hours": {"from": "07:00", "to": "07:00", "days": []}});
    assert_eq!(read(&same).unwrap_err().len(), 2);
}

#[test]
fn a_thousand_connections_spread_over_their_interval() {
    let schedule = Schedule::default();
    let now = at("2026-11-24T12:00:07Z");
    let mut minutes: BTreeMap<i64, u32> = BTreeMap::new();
    for n in 0..1_000 {
        let id = ConnectionId::new(format!("customer-{n}")).unwrap();
        let next = schedule.next(&id, now);
        let wait = next.duration_since(now).as_secs();
        assert!((1..=900).contains(&wait), "{wait}");
        // Its place stays: exactly one interval later again.
        assert_eq!(
            schedule.next(&id, next),
            next + SignedDuration::from_mins(15)
        );
        *minutes.entry(wait / 60).or_default() += 1;
    }
    // 67 a minute on average.
    let fullest = minutes.values().max().copied().unwrap_or_default();
    assert!(minutes.len() >= 15 && fullest < 110, "{minutes:?}");
}
