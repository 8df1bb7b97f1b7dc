//! The one HTTP client of the process: Concur, Acumatica and AWS share its TLS stack, its bundled root certificates and its
//! pool. A second stack would double the cold start.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

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
use connector::Stage;
use jiff::SignedDuration;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::egress;

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

/// A name that must not be called: whoever answers for it, it is not the vendor.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} resolves to {address}, which is this machine, its neighbour or its metadata service and is never called"
)]
struct Closed {
    name: String,
    address: IpAddr,
}

/// Looks names up as the system does, and keeps only addresses that may be called.
struct Resolver(Stage);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let stage = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let open = |found: &&SocketAddr| egress::is_open(found.ip(), stage);
            let kept: Vec<SocketAddr> = found.iter().filter(open).copied().collect();
            match found.first() {
                Some(first) if kept.is_empty() => Err(Closed {
                    name: name.as_str().to_owned(),
                    address: first.ip(),
                }
                .into()),
                _ => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}

/// The client; cheap to clone. It follows no redirect and uses no proxy, speaks TLS 1.2 and 1.3, plain HTTP only in the local
/// stage, and calls no address that [`egress::is_open`] closes; an answer's time-out is set per request.
#[derive(Clone)]
pub struct Http(reqwest::Client);

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Makes the client of a stage; `connect` is the longest time to reach a peer, look-up and TLS included.
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn new(connect: SignedDuration, stage: Stage) -> Result<Self, HttpError> {
        let connect = Duration::try_from(connect).map_err(|_| HttpError::Timeout)?;
        if connect.is_zero() {
            return Err(HttpError::Timeout);
        }
        let roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(ring)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(HttpError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(connect)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(stage == Stage::Production)
            .dns_resolver(Resolver(stage))
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

    fn client(stage: Stage) -> reqwest::Client {
        Http::new(SignedDuration::from_secs(5), stage).unwrap().0
    }

    /// The whole chain of what a call ends with.
    async fn failure(stage: Stage, url: &str) -> String {
        let call = client(stage).get(url).timeout(Duration::from_secs(10));
        let error = call.send().await.unwrap_err();
        connector::report::chain(&error)
    }

    #[test]
    fn the_client_wants_a_time_out() {
        let new = |seconds| Http::new(SignedDuration::from_secs(seconds), Stage::Production);
        assert!(new(5).is_ok());
        assert!(new(0).is_err());
        assert!(new(-1).is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_called() {
        let told = failure(Stage::Production, "https://localhost:9/").await;
        assert!(told.contains("localhost resolves to"), "{told}");
        // In the local stage it is called, and nothing listens there.
        let told = failure(Stage::Local, "https://localhost:9/").await;
        assert!(!told.contains("resolves to"), "{told}");
    }

    #[tokio::test]
    async fn plain_http_is_for_the_local_stage() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serving = axum::serve(listener, axum::Router::new());
        tokio::spawn(async move { serving.await });
        let answer = client(Stage::Local).get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 404);
        let told = failure(Stage::Production, &url).await;
        assert!(told.contains("scheme is not allowed"), "{told}");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let away = [("location", "http://169.254.169.254/latest/meta-data/")];
        let answer = (axum::http::StatusCode::FOUND, away);
        let app = axum::Router::new().fallback(move || std::future::ready(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let answer = client(Stage::Local).get(&url).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.url().as_str()),
            (302, &*url)
        );
    }
}
