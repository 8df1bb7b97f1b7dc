//! The template and the code say the same: settings, functions, events.

use super::repository::{files, packages, read};

/// Names under `Environment: Variables:` of the template.
fn variables() -> Vec<String> {
    let template = read("infra/template.yaml");
    let (_, rest) = template
        .split_once("Variables:")
        .expect("the functions have variables");
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = rest.lines().skip(1).peekable();
    let depth = lines
        .peek()
        .map(|line| indent(line))
        .expect("at least one variable");
    lines
        .take_while(|line| line.trim().is_empty() || indent(line) >= depth)
        .filter(|line| indent(line) == depth && !line.trim_start().starts_with('#'))
        .filter_map(|line| Some(line.trim().split_once(':')?.0.to_owned()))
        .collect()
}

#[test]
fn settings_read_what_the_template_sets() {
    let settings: String = files("shared/aws/src", &[".rs"])
        .iter()
        .map(|path| read(path))
        .collect();
    for name in variables() {
        assert!(
            settings.contains(&format!("\"{name}\"")),
            "no setting reads {name}"
        );
        assert!(
            read("README.md").contains(&format!("`{name}`")),
            "README does not name {name}"
        );
    }
}

#[test]
fn every_function_has_its_resources_and_an_event() {
    let template = read("infra/template.yaml");
    let events = files("events", &[".json"]);
    let mut at = 0;
    for function in packages("functions") {
        let name = function.trim_start_matches("functions/");
        let title = name[..1].to_uppercase() + &name[1..];
        let resource = format!("\n  {title}Function:");
        assert!(
            template.contains(&resource),
            "{name} is not in the template"
        );
        for part in ["Role", "Logs", "Errors"] {
            assert!(
                template.contains(&format!("\n  {title}{part}:")),
                "{name} has no {part}"
            );
        }
        let events_of = events
            .iter()
            .filter(|path| path.contains(&format!("/{name}.")));
        at += events_of.count();
    }
    assert_eq!(at, events.len(), "every event belongs to a function");
}

#[test]
fn events_are_json_and_named_in_the_readme() {
    let readme = read("README.md");
    for path in files("events", &[".json"]) {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&read(&path));
        assert!(parsed.is_ok(), "{path}: {parsed:?}");
        assert!(readme.contains(&path), "README does not name {path}");
    }
}

#[test]
fn every_alarm_of_ours_has_its_metric_and_the_steps_to_recover() {
    let template = read("infra/template.yaml");
    let handlers: String = files("functions", &["handler.rs"])
        .iter()
        .map(|path| read(path))
        .collect();
    let alarms = template.split("Type: AWS::CloudWatch::Alarm").skip(1);
    let mut counted = 0;
    for alarm in alarms.filter(|alarm| {
        let (own, _) = alarm.split_once("MetricName:").expect("a metric");
        own.contains("Namespace: !Sub connector/")
    }) {
        let (head, rest) = alarm.split_once("MetricName: ").expect("a metric");
        let metric = rest.lines().next().unwrap_or_default().trim();
        assert!(
            handlers.contains(&format!("\"{metric}\"")),
            "no function counts {metric}"
        );
        assert!(
            head.contains("nvoke "),
            "the alarm of {metric} does not say what to invoke"
        );
        assert!(
            read("README.md").contains(&format!("`{metric}`")),
            "README does not name {metric}"
        );
        counted += 1;
    }
    assert!(counted >= 4, "{counted} alarms of our own metrics");
}
