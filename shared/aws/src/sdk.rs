//! The configuration all SDK clients share. Nothing is looked for: region, credentials and endpoint come from the settings,
//! because the SDK's own search (files, instance metadata) costs time at every cold start and finds nothing in Lambda.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig, timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::{Http, Settings};

/// Tries of one call, the first included. The only retries below the record's own: throttling and resets of AWS.
const ATTEMPTS_MAX: u32 = 3;
/// Longest wait for one answer of AWS.
const ATTEMPT_TIMEOUT_S: u64 = 10;
/// Longest wait for a call with all its tries.
const CALL_TIMEOUT_S: u64 = 25;

/// The configuration for all three services, on the one HTTP client.
#[must_use]
pub fn config(settings: &Settings, http: &Http) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(ATTEMPT_TIMEOUT_S))
        .operation_timeout(Duration::from_secs(CALL_TIMEOUT_S))
        .build();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
        .timeout_config(timeouts)
        // Bodies are read whole, under the time-outs above.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http.sdk());
    builder.set_endpoint_url(settings.endpoint.clone());
    builder.build()
}
