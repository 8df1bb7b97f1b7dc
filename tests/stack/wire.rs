//! The few AWS calls the harness makes, by plain HTTP: the emulator finds the
//! service in the credential scope and checks no signature.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::Error;

/// The region of everything local.
pub(super) const REGION: &str = "us-east-1";
/// Longest wait for an answer of an AWS service.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Longest wait for a function, beyond the longest time-out of the template.
const FUNCTION_LIMIT: Duration = Duration::from_secs(330);
/// Characters of a refused answer that are kept.
const EXCERPT: usize = 600;

/// A service that speaks JSON, named as in its `X-Amz-Target`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    Table,
    Secrets,
    Queues,
    Logs,
}

impl Service {
    /// Scope of the credential, target prefix, protocol version.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Table => ("dynamodb", "DynamoDB_20120810", "1.0"),
            Self::Secrets => ("secretsmanager", "secretsmanager", "1.1"),
            Self::Queues => ("sqs", "AmazonSQS", "1.0"),
            Self::Logs => ("logs", "Logs_20140328", "1.1"),
        }
    }
}

/// A client of the emulated AWS.
#[derive(Debug)]
pub(super) struct Wire {
    client: reqwest::Client,
    endpoint: String,
}

impl Wire {
    pub(super) fn new(endpoint: &str) -> Result<Self, Error> {
        Ok(Self {
            client: client()?,
            endpoint: endpoint.to_owned(),
        })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// One operation of a JSON service.
    pub(super) async fn call(
        &self,
        service: Service,
        operation: &str,
        body: &Value,
    ) -> Result<Value, Error> {
        let (scope, target, version) = service.names();
        let request = self
            .client
            .post(&self.endpoint)
            .header(AUTHORIZATION, authorization(scope))
            .header(CONTENT_TYPE, format!("application/x-amz-json-{version}"))
            .header("X-Amz-Target", format!("{target}.{operation}"))
            .body(body.to_string());
        let text = answer(operation, request).await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(Error::Json)
    }

    /// One action of CloudFormation; the answer is XML.
    pub(super) async fn formation(
        &self,
        action: &str,
        fields: &[(String, String)],
    ) -> Result<String, Error> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action)
            .append_pair("Version", "2010-05-15");
        form.extend_pairs(fields);
        let request = self
            .client
            .post(&self.endpoint)
            .header(AUTHORIZATION, authorization("cloudformation"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish());
        answer(action, request).await
    }

    /// Creates a bucket (`/bucket`) or stores an object (`/bucket/key`).
    pub(super) async fn put(&self, path: &str, body: Vec<u8>) -> Result<(), Error> {
        let request = self
            .client
            .put(format!("{}{path}", self.endpoint))
            .header(AUTHORIZATION, authorization("s3"))
            .body(body);
        answer("PutObject", request).await.map(drop)
    }

    /// Calls a function and waits for its answer.
    pub(super) async fn invoke(&self, function: &str, event: &Value) -> Result<Value, Error> {
        let address = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            self.endpoint
        );
        let answer = self
            .client
            .post(address)
            .timeout(FUNCTION_LIMIT)
            .header(AUTHORIZATION, authorization("lambda"))
            .body(event.to_string())
            .send()
            .await
            .map_err(Error::Http)?;
        let status = answer.status();
        let failed = answer.headers().contains_key("x-amz-function-error");
        let text = answer.text().await.map_err(Error::Http)?;
        if !status.is_success() {
            return Err(refused("Invoke", status.as_u16(), &text));
        }
        let value: Value = serde_json::from_str(&text).map_err(Error::Json)?;
        if !failed {
            return Ok(value);
        }
        let field = |name| {
            value
                .pointer(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Err(Error::Function {
            function: function.to_owned(),
            kind: field("/errorType"),
            message: field("/errorMessage"),
        })
    }
}

/// Whether the emulator at this address answers.
pub(super) async fn answers(endpoint: &str) -> bool {
    let Ok(client) = client() else { return false };
    let address = format!("{endpoint}/_ministack/health");
    client
        .get(address)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}

fn client() -> Result<reqwest::Client, Error> {
    // Nothing here speaks TLS, yet the client wants to know who would.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(ANSWER_LIMIT)
        .build()
        .map_err(Error::Http)
}

fn authorization(scope: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/{scope}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

async fn answer(operation: &str, request: reqwest::RequestBuilder) -> Result<String, Error> {
    let answer = request.send().await.map_err(Error::Http)?;
    let status = answer.status();
    let text = answer.text().await.map_err(Error::Http)?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(refused(operation, status.as_u16(), &text))
    }
}

fn refused(operation: &str, status: u16, text: &str) -> Error {
    let excerpt = text.chars().take(EXCERPT).collect();
    Error::Answer {
        operation: operation.to_owned(),
        status,
        excerpt,
    }
}
