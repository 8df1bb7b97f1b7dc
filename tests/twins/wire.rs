//! HTTP as the twins see it: whole requests in, whole answers out, and connections that can break.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Largest request body a twin reads, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of an answer that still leave when it is to break off.
const CUT_ANSWER_BYTES: usize = 160;
/// Pause after a failed accept, so that a full file table does not spin.
const ACCEPT_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// One request, read to its end.
#[derive(Debug)]
pub struct Call {
    /// Upper-case method.
    pub method: String,
    /// Path without query, percent-decoded segment by segment.
    pub segments: Vec<String>,
    /// Query parameters, decoded; the last of a name wins.
    pub query: BTreeMap<String, String>,
    /// Headers as sent.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Call {
    /// A request that came whole; path and query are still percent-encoded.
    #[must_use]
    pub fn new(method: &str, path: &str, query: &str, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self {
            method: method.to_owned(),
            segments: path
                .split('/')
                .filter(|s| !s.is_empty())
                .map(|s| decode(s, false))
                .collect(),
            query: pairs(query),
            headers,
            body,
        }
    }

    /// A header's text, if it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The bearer of the Authorization header.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The path as segments, borrowed, for matching.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as form fields, only when it is declared as such.
    #[must_use]
    pub fn form(&self) -> Option<BTreeMap<String, String>> {
        let declared = self.header("content-type")?;
        declared
            .starts_with("application/x-www-form-urlencoded")
            .then(|| pairs(&String::from_utf8_lossy(&self.body)))
    }
}

/// One answer.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    content_type: &'static str,
    break_off: Option<usize>,
}

impl Reply {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            content_type: "application/json; charset=utf-8",
            break_off: None,
        }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            body: Vec::new(),
            ..Self::json(status, &Value::Null)
        }
    }

    /// An error page such as a proxy in front of the vendor sends.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let page = format!(
            "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Service unavailable</h1></body></html>"
        );
        Self {
            body: page.into_bytes(),
            content_type: "text/html",
            ..Self::empty(status)
        }
    }

    /// No answer at all: the connection closes.
    #[must_use]
    pub fn hang_up() -> Self {
        Self {
            break_off: Some(0),
            ..Self::empty(500)
        }
    }

    /// The same answer, broken off in its middle.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.break_off = Some(CUT_ANSWER_BYTES);
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn into_response(self, line: &Line) -> Response<Body> {
        if let Some(bytes) = self.break_off {
            line.allowance.store(bytes, Ordering::SeqCst);
        }
        self.into_answer().map(Body::from)
    }

    /// What leaves a twin in this process: `None` when the connection closes without an answer.
    #[must_use]
    pub fn into_whole_answer(self) -> Option<Response<Vec<u8>>> {
        (self.break_off != Some(0)).then(|| self.into_answer())
    }

    fn into_answer(self) -> Response<Vec<u8>> {
        let has_body = !self.body.is_empty();
        let mut response = Response::new(self.body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if has_body {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Something that answers calls.
pub trait Service: Send + Sync + 'static {
    /// Answers one call.
    fn answer(self: Arc<Self>, call: Call) -> impl Future<Output = Reply> + Send;
}

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts to serve on the loopback address; port 0 takes a free one.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start<S: Service>(port: u16, service: Arc<S>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Self::over(listener, service)
    }

    /// Serves on a listener that is already bound.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn over<S: Service>(listener: TcpListener, service: Arc<S>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let app = Router::new()
            .fallback(
                move |ConnectInfo(line): ConnectInfo<Line>, request: Request| {
                    let service = Arc::clone(&service);
                    async move { read_and_answer(service, &line, request).await }
                },
            )
            .into_make_service_with_connect_info::<Line>();
        let task = tokio::spawn(async move {
            // Ends only with the process or the handle: axum retries failed accepts for ever.
            let _ended = axum::serve(Lines(listener), app).await;
        });
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read_and_answer<S: Service>(
    service: Arc<S>,
    line: &Line,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        let refusal = json!({"message": "the body is too large or broke off"});
        return Reply::json(400, &refusal).into_response(line);
    };
    let query = parts.uri.query().unwrap_or_default();
    let call = Call::new(
        parts.method.as_str(),
        parts.uri.path(),
        query,
        parts.headers,
        body.to_vec(),
    );
    service.answer(call).await.into_response(line)
}

/// Splits `a=1&b=2` and decodes both sides.
fn pairs(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name, true), decode(value, true)))
        .collect()
}

/// Percent-decodes; broken escapes stay as they are.
fn decode(text: &str, plus_is_blank: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let (b'%', Some(byte)) = (
            first,
            escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()),
        ) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(if first == b'+' && plus_is_blank {
                b' '
            } else {
                first
            });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The far end of one connection: how many bytes it may still send.
#[derive(Clone, Debug)]
struct Line {
    allowance: Arc<AtomicUsize>,
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Accepts connections and keeps a [`Line`] beside each.
#[derive(Debug)]
struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Breakable;
    type Addr = Line;

    async fn accept(&mut self) -> (Breakable, Line) {
        loop {
            if let Ok((stream, _)) = self.0.accept().await {
                let line = Line {
                    allowance: Arc::new(AtomicUsize::new(usize::MAX)),
                };
                return (
                    Breakable {
                        stream,
                        line: line.clone(),
                    },
                    line,
                );
            }
            tokio::time::sleep(ACCEPT_PAUSE).await;
        }
    }

    fn local_addr(&self) -> io::Result<Line> {
        Ok(Line {
            allowance: Arc::new(AtomicUsize::new(usize::MAX)),
        })
    }
}

/// A connection that stops sending when its allowance is used up.
#[derive(Debug)]
struct Breakable {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Breakable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = self.line.allowance.load(Ordering::SeqCst);
        if allowed == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let bytes = bytes.get(..allowed).unwrap_or(bytes);
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let (Poll::Ready(Ok(count)), true) = (&written, allowed != usize::MAX) {
            self.line
                .allowance
                .store(allowed.saturating_sub(*count), Ordering::SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
