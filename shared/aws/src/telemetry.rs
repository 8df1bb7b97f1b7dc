//! Log lines and metrics, both as JSON lines on standard output, which Lambda carries to CloudWatch.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, Registry,
    filter::{ParseError, Targets},
    fmt,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

/// Crates of others whose finer log lines quote requests and answers, by the beginning of their names.
const QUIET: [&str; 6] = ["aws_", "hyper", "reqwest", "rustls", "h2", "lambda_runtime"];

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `LOG_LEVEL` is no filter.
    #[error("LOG_LEVEL is no filter")]
    Level(#[source] ParseError),
    /// It was set up before.
    #[error("logging is set up already")]
    Again(#[source] TryInitError),
}

/// Starts logging for the process; `level` is a level or a filter (`info`, `warn,connector=debug`). Call it once.
///
/// # Errors
/// [`TelemetryError`].
pub fn start(level: &str) -> Result<(), TelemetryError> {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(io::stdout)
        .with_filter(filter(level)?);
    Registry::default()
        .with(lines)
        .try_init()
        .map_err(TelemetryError::Again)
}

/// The wanted filter, with the crates of others held at warnings whatever it says.
fn filter(level: &str) -> Result<Targets, TelemetryError> {
    let wanted: Targets = level.parse().map_err(TelemetryError::Level)?;
    Ok(QUIET.into_iter().fold(wanted, |filter, name| {
        filter.with_target(name, LevelFilter::WARN)
    }))
}

/// Writes one count as a metric without dimensions, in the embedded metric format: a line CloudWatch turns into a metric.
/// A line that cannot be written is lost, as a log line would be.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
pub fn count(namespace: &str, metric: &str, value: u64) {
    let line = metric_line(namespace, metric, value, Timestamp::now());
    let _ = writeln!(io::stdout().lock(), "{line}");
}

fn metric_line(namespace: &str, metric: &str, value: u64, at: Timestamp) -> String {
    json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [[]],
                "Metrics": [{"Name": metric, "Unit": "Count"}],
            }],
        },
        metric: value,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_metric_is_one_json_line_in_the_envelope() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let line = metric_line("connector/stack", "Held", 3, at);
        assert_eq!(
            line,
            concat!(
                r#"{"Held":3,"_aws":{"CloudWatchMetrics":[{"Dimensions":[[]],"Metrics":[{"Name":"Held","Unit":"Count"}],"#,
                r#""Namespace":"connector/stack"}],"Timestamp":1700000000000}}"#
            )
        );
    }

    #[test]
    fn other_crates_stay_quiet_at_any_level() {
        let filter = filter("trace,connector=debug").unwrap();
        assert!(filter.would_enable("aws::ledger", &Level::TRACE));
        assert!(filter.would_enable("connector::post", &Level::DEBUG));
        assert!(!filter.would_enable("connector::post", &Level::TRACE));
        for target in [
            "aws_smithy_runtime::client::orchestrator",
            "aws_sdk_dynamodb",
            "hyper_util",
            "rustls::client",
        ] {
            assert!(!filter.would_enable(target, &Level::INFO), "{target}");
            assert!(filter.would_enable(target, &Level::WARN), "{target}");
        }
    }
}
