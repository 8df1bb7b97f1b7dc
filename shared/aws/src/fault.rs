//! What a failed AWS call means for the use cases: try again later, or ask a person.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use connector::ports::PortError;

pub(crate) const DYNAMODB: &str = "DynamoDB";
pub(crate) const SQS: &str = "SQS";
pub(crate) const SECRETS_MANAGER: &str = "Secrets Manager";

/// Longest message of a service kept, in characters.
const MESSAGE_CHARS_MAX: usize = 300;

/// Error codes that pass by themselves and come with a 4xx status.
const PASSING: [&str; 9] = [
    "InternalServerError",
    "InternalServiceError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Error codes whose message names rights and resources only; other messages can quote what was sent.
const TELLING: [&str; 4] = [
    "AccessDeniedException",
    "AccessDenied",
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
];

/// Sorts a failed call.
pub(crate) fn port<E>(service: &'static str, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let code = context.err().code().unwrap_or("no code");
            let mut detail = format!("{code} (status {status})");
            if TELLING.contains(&code)
                && let Some(message) = context.err().message()
            {
                detail.push_str(": ");
                detail.extend(message.chars().take(MESSAGE_CHARS_MAX));
            }
            if status >= 500 || status == 429 || is_passing(code) {
                unavailable(service, detail)
            } else {
                refused(service, detail)
            }
        }
        SdkError::TimeoutError(_) => unavailable(service, "no answer in time"),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            refused(service, "the request cannot be sent")
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            unavailable(service, "no connection in time")
        }
        SdkError::DispatchFailure(_) => unavailable(service, "the connection failed"),
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            unavailable(service, format!("unreadable answer (status {status})"))
        }
        _ => refused(service, "the request cannot be built"),
    }
}

/// Whether a code means "again, later".
pub(crate) fn is_passing(code: &str) -> bool {
    code.contains("Throttl") || PASSING.contains(&code)
}

pub(crate) fn unavailable(service: &'static str, detail: impl Into<String>) -> PortError {
    PortError::Unavailable {
        service,
        detail: detail.into(),
    }
}

pub(crate) fn refused(service: &'static str, detail: impl Into<String>) -> PortError {
    PortError::Refused {
        service,
        detail: detail.into(),
    }
}

pub(crate) fn corrupt(key: impl Into<String>, detail: impl Into<String>) -> PortError {
    PortError::Corrupt {
        key: key.into(),
        detail: detail.into(),
    }
}
