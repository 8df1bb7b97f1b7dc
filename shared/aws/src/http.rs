//! The one HTTP client of the process: Concur, Acumatica and AWS share its TLS stack, its bundled root certificates and its
//! pool. A second stack would double the cold start.

use std::{fmt, sync::Arc, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use jiff::SignedDuration;

/// How long an unused connection is kept. Shorter than the peers keep theirs, so that a thawed function rarely writes into a
/// connection that is gone.
const IDLE_S: u64 = 20;

/// Bytes read of one AWS answer; the largest, a batch of items, has 16 MB, a third more as base64.
const ANSWER_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Why the client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The TLS stack refuses its own protocol versions.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The client refuses its settings.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
    /// A time-out that is not positive.
    #[error("the connect time-out must be more than 0 s")]
    Timeout,
}

/// The client; cheap to clone. It follows no redirect and uses no proxy; an answer's time-out is set per request.
#[derive(Clone)]
pub struct Http(reqwest::Client);

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Makes the client; `connect` is the longest time to reach a peer, TLS included.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn new(connect: SignedDuration) -> Result<Self, HttpError> {
        let connect = Duration::try_from(connect).map_err(|_| HttpError::Timeout)?;
        if connect.is_zero() {
            return Err(HttpError::Timeout);
        }
        let roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(HttpError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(connect)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(IDLE_S))
            .build()
            .map(Self)
            .map_err(HttpError::Client)
    }

    /// The client for Concur.
    #[must_use]
    pub fn concur(&self) -> concur::Transport {
        concur::Transport::new(self.0.clone())
    }

    /// The client for Acumatica.
    #[must_use]
    pub fn acumatica(&self) -> acumatica::Transport {
        acumatica::Transport::new(self.0.clone())
    }

    /// The client for AWS.
    pub(crate) fn sdk(&self) -> SharedHttpClient {
        SharedHttpClient::new(Aws(SharedHttpConnector::new(self.clone())))
    }
}

/// The SDK wants a factory of connectors; ours always hands out the same one, because the time-outs of a call are the SDK's.
#[derive(Debug)]
struct Aws(SharedHttpConnector);

impl HttpClient for Aws {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.clone()
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(&client, request).await })
    }
}

async fn exchange(
    client: &reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?
        .map(|body| body.bytes().map(<[u8]>::to_vec).unwrap_or_default());
    let request = request
        .try_into()
        .map_err(|error: reqwest::Error| ConnectorError::user(error.into()))?;
    let mut answer = client.execute(request).await.map_err(failed)?;
    let status = StatusCode::try_from(answer.status().as_u16())
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let headers = std::mem::take(answer.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
            let error = format!("the answer is larger than {ANSWER_BYTES_MAX} bytes");
            return Err(ConnectorError::other(error.into(), None));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in &headers {
        if let Ok(value) = value.to_str() {
            response
                .headers_mut()
                .append(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}

fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_wants_a_time_out() {
        assert!(Http::new(SignedDuration::from_secs(5)).is_ok());
        assert!(Http::new(SignedDuration::ZERO).is_err());
        assert!(Http::new(SignedDuration::from_secs(-1)).is_err());
    }
}
