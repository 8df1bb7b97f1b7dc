//! The network between a worker and the vendors: every call is late, and some go wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Response, StatusCode, header};
use e2e::twins::concur::Status;
use e2e::twins::faults::Fault;
use e2e::twins::wire::Call;
use reqwest::{Method, Request};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::air::{Air, Life};
use crate::chaos::{CallFault, Fate};

/// How long a session lives that nobody signs out.
const SESSION: Duration = Duration::from_hours(1);

/// Whom a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Concur,
    Acumatica,
}

/// The way of one worker to one vendor.
#[derive(Debug)]
pub(crate) struct Network {
    air: Arc<Air>,
    life: Arc<Life>,
    side: Side,
    /// By so many ms the worker's clock is wrong.
    skew: i64,
}

/// Why no answer came; both clients have words of their own for it.
#[derive(Clone, Copy, Debug)]
enum Silence {
    TimedOut,
    Broken,
}

type Answer = Result<Response<Vec<u8>>, Silence>;

/// The ways of one worker, whose clock is wrong by so many ms.
pub(crate) fn ways(
    air: &Arc<Air>,
    life: &Arc<Life>,
    skew: i64,
) -> (concur::Transport, acumatica::Transport) {
    let way = |side| {
        Arc::new(Network {
            air: Arc::clone(air),
            life: Arc::clone(life),
            side,
            skew,
        })
    };
    (
        concur::Transport::over(way(Side::Concur)),
        acumatica::Transport::over(way(Side::Acumatica)),
    )
}

impl concur::Carrier for Network {
    fn carry(&self, request: Request) -> concur::Carried<'_> {
        Box::pin(async move {
            match self.exchange(request).await {
                Ok(answer) => Ok(answer.into()),
                Err(Silence::TimedOut) => Err(concur::Unanswered::TimedOut),
                Err(Silence::Broken) => Err(concur::Unanswered::Broken),
            }
        })
    }
}

impl acumatica::Carrier for Network {
    fn carry(&self, request: Request) -> acumatica::Carried<'_> {
        Box::pin(async move {
            match self.exchange(request).await {
                Ok(answer) => Ok(answer.into()),
                Err(Silence::TimedOut) => Err(acumatica::Unanswered::TimedOut),
                Err(Silence::Broken) => Err(acumatica::Unanswered::Broken),
            }
        })
    }
}

impl Network {
    async fn exchange(&self, request: Request) -> Answer {
        let limit = request.timeout().copied().unwrap_or(Duration::MAX);
        let fate = self.air.chaos().call();
        let line = format!("{} {} {}", self.life.name, request.method(), request.url());
        self.air.event(format_args!("{line} {fate:?}"));
        if self.life.only_looks() && is_change(&request) {
            let sentence = format!("{line} in a dry run");
            self.air.history().wrong(sentence);
        }
        let written = written(&request);
        // Until it is answered; its worker may not live to see that.
        let is_first = written
            .as_ref()
            .is_some_and(|document| self.air.history().unanswered.insert(document.clone()));
        self.life.before(fate).await;
        let answer = match fate {
            Fate::Fails(CallFault::Unauthorized) if is_grant(&request) => {
                // There it would say that the credentials are wrong, which only a person can cure.
                self.fail(CallFault::Throttled, request, limit).await
            }
            // A session whose end nobody heard of lives on for minutes, and Acumatica itself refuses the next.
            Fate::Fails(_) if request.url().path().ends_with("/logout") => {
                self.deliver(request, limit).await
            }
            Fate::Fails(fault) => self.fail(fault, request, limit).await,
            _ => self.deliver(request, limit).await,
        };
        self.life.after(fate).await;
        let is_clear = matches!(&answer, Ok(answer) if !answer.status().is_server_error());
        if let Some(document) = written.filter(|_| is_first && is_clear) {
            self.air.history().unanswered.remove(&document);
        }
        let said = answer.as_ref().map(|answer| answer.status().as_u16());
        self.air.event(format_args!("{line} -> {said:?}"));
        answer
    }

    /// The call there and back again, or its time-out.
    async fn deliver(&self, request: Request, limit: Duration) -> Answer {
        let there = self.air.chaos().way();
        let back = self.air.chaos().way();
        let arrived = self.send(request, there);
        let answered = async {
            let answer = arrived.await.map_err(|_| Silence::Broken)?;
            tokio::time::sleep(back).await;
            answer.ok_or(Silence::Broken)
        };
        match tokio::time::timeout(limit, answered).await {
            Ok(answer) => {
                if let (Ok(answer), Side::Concur) = (&answer, self.side) {
                    self.air.history().answered(answer.body());
                }
                answer
            }
            Err(_) => Err(Silence::TimedOut),
        }
    }

    async fn fail(&self, fault: CallFault, request: Request, limit: Duration) -> Answer {
        let html = "<!DOCTYPE html><html><body>Bad gateway</body></html>";
        let quick = self.air.chaos().way();
        match fault {
            CallFault::TimeoutAfterCommit => {
                // Grants do not wait in the queue of the licence.
                let late = if is_grant(&request) {
                    quick
                } else {
                    self.air.chaos().late()
                };
                drop(self.send(request, late));
                tokio::time::sleep(limit).await;
                Err(Silence::TimedOut)
            }
            CallFault::TimeoutBeforeCommit => {
                tokio::time::sleep(limit).await;
                Err(Silence::TimedOut)
            }
            CallFault::TooSlow => {
                drop(self.send(request, quick));
                tokio::time::sleep(limit).await;
                Err(Silence::TimedOut)
            }
            CallFault::ErrorAfterCommit => {
                let done = self.send(request, quick).await;
                drop(done);
                let said = json!({"message": "An error has occurred.", "exceptionMessage": "A fault of the server.", "exceptionType": "System.Exception"});
                Ok(answer(500, "application/json", said.to_string()))
            }
            CallFault::BadGateway => {
                self.perhaps(request, quick).await;
                Ok(answer(502, "text/html", html.to_owned()))
            }
            CallFault::Reset => {
                self.perhaps(request, quick).await;
                Err(Silence::Broken)
            }
            CallFault::Throttled => {
                tokio::time::sleep(quick).await;
                let said = json!({"message": "Too many requests."});
                let mut refusal = answer(429, "application/json", said.to_string());
                let wait = HeaderValue::from_static("7");
                refusal.headers_mut().insert(header::RETRY_AFTER, wait);
                Ok(refusal)
            }
            CallFault::Unauthorized => {
                tokio::time::sleep(quick).await;
                if self.side == Side::Concur {
                    self.air.history().tokens_refused += 1;
                }
                // Refused once, refused for ever: its session has ended.
                let bearer = request.headers().get(header::AUTHORIZATION);
                let bearer = bearer.and_then(|bearer| bearer.to_str().ok());
                if let Some(bearer) = bearer.and_then(|bearer| bearer.strip_prefix("Bearer ")) {
                    self.air.acumatica.revoke(bearer);
                }
                let said = json!({"message": "The token is not accepted."});
                Ok(answer(401, "application/json", said.to_string()))
            }
        }
    }

    async fn perhaps(&self, request: Request, way: Duration) {
        let is_sent = self.air.chaos().coin();
        if is_sent {
            let done = self.send(request, way).await;
            drop(done);
        } else {
            tokio::time::sleep(way).await;
        }
    }

    /// Lets a request arrive, whatever becomes of the worker that sent it.
    fn send(
        &self,
        request: Request,
        there: Duration,
    ) -> oneshot::Receiver<Option<Response<Vec<u8>>>> {
        let (answer, answered) = oneshot::channel();
        let (air, side, skew) = (Arc::clone(&self.air), self.side, self.skew);
        tokio::spawn(async move {
            tokio::time::sleep(there).await;
            // Late, or its worker ended: nobody waits for it.
            let unheard = answer.is_closed();
            if side == Side::Acumatica && !unheard && is_counted(&request) {
                let at = i64::try_from(air.at()).unwrap_or(i64::MAX);
                air.history().arrived.push(at.saturating_add(skew));
            }
            let (open, before) = (air.acumatica.open_seats(), air.acumatica.licence().refused);
            let heard = arrive(&air, side, request).await;
            let refused = air.acumatica.licence().refused - before;
            let mut history = air.history();
            // Its token may be signed out meanwhile; Acumatica refuses what would open one session too many, or opens it, and
            // then refuses others as long as that one lives.
            if unheard || air.elapsed() < history.reopened_until {
                history.excused += refused;
            }
            if unheard && air.acumatica.open_seats() > open {
                history.reopened_until = air.elapsed() + SESSION;
            }
            drop(history);
            // Nobody may wait for it any more.
            let _unheard = answer.send(heard);
        });
        answered
    }
}

/// The document a request writes for.
fn written(request: &Request) -> Option<String> {
    let body = request
        .body()
        .filter(|_| *request.method() == Method::PUT)?;
    let text = String::from_utf8_lossy(body.as_bytes()?);
    let (document, _) = stamp(&text)?.split_once('/')?;
    Some(document.to_owned())
}

/// Whether a request changes more than tokens and sessions.
fn is_change(request: &Request) -> bool {
    let is_sign_out = request.url().path().ends_with("/logout");
    *request.method() != Method::GET && !is_grant(request) && !is_sign_out
}

/// Whether the licence counts a request.
fn is_counted(request: &Request) -> bool {
    !is_grant(request) && !request.url().path().ends_with("/logout")
}

/// Whether a request asks for a token.
fn is_grant(request: &Request) -> bool {
    request.url().path().ends_with("/token")
}

/// A request at its vendor.
async fn arrive(air: &Air, side: Side, request: Request) -> Option<Response<Vec<u8>>> {
    let (url, method) = (request.url().clone(), request.method().clone());
    let mut headers = request.headers().clone();
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let body = body.map(<[u8]>::to_vec);
    if let Some(body) = &body {
        headers.insert(header::CONTENT_LENGTH, body.len().into());
    }
    let body = body.unwrap_or_default();
    let query = url.query().unwrap_or_default();
    let path = url.path().to_owned();
    air.event(format_args!("arrives {method} {path} {} bytes", body.len()));
    if let Some(lie) = crate::mutants::instead(air, (&method, &path), &body) {
        return Some(lie);
    }
    let call = Call::new(method.as_str(), &path, query, headers, body.clone());
    match side {
        Side::Concur => {
            watch_concur(air, &path, &body);
            let reply = air.concur.handle(&url, call).await.into_whole_answer()?;
            Some(crate::mutants::changed(air, reply, (&method, &path)))
        }
        Side::Acumatica => {
            mislead(air, &method, &path);
            let reply = air.acumatica.handle(call).await.into_whole_answer()?;
            if method == Method::PUT {
                watch_acumatica(air, &body, reply.status());
            }
            Some(crate::mutants::changed(air, reply, (&method, &path)))
        }
    }
}

/// Lists that lie, codes of a busy service.
fn mislead(air: &Air, method: &Method, path: &str) {
    let is_search = *method == Method::GET
        && (path.ends_with("/Bill") || path.ends_with("/JournalTransaction"));
    if is_search && air.chaos().lies() {
        air.chaos().note("EmptyList");
        air.acumatica.next("list", Fault::EmptyList);
    }
}

fn watch_concur(air: &Air, path: &str, body: &[u8]) {
    let kind = match path.rsplit('/').next() {
        Some("acknowledgements") => "acknowledge",
        Some("postingconfirmations") => "confirm",
        _ => return,
    };
    if kind == "confirm"
        && let Ok(confirmation) = serde_json::from_slice::<Value>(body)
    {
        air.history().confirmed(&confirmation);
    }
    if air.chaos().lies() {
        let busy = if kind == "acknowledge" && air.chaos().coin() {
            103
        } else {
            199
        };
        air.chaos().note("ServiceCode");
        air.concur.next(kind, Fault::Code(busy));
    }
}

/// Everything Acumatica saves is looked at while Concur still stands as it stood then.
fn watch_acumatica(air: &Air, body: &[u8], status: StatusCode) {
    let text = String::from_utf8_lossy(body);
    let Some(stamp) = stamp(&text) else {
        return;
    };
    air.history().tried(air.at(), &format!("write {stamp}"));
    if !status.is_success() || crate::mutants::is_withdrawal(&text) {
        return;
    }
    let document = stamp.split('/').next().unwrap_or_default();
    let held = air.concur.document(document);
    let stands = held.map_or("unknown", |held| held.status.as_str());
    air.history().posted(document, stands);
    let recall = air.history().recall_when_posted.take();
    if recall.as_deref() == Some(document) {
        air.history().recalled_late.insert(document.to_owned());
        air.concur.set_status(document, Status::Recalled);
    } else {
        air.history().recall_when_posted = recall;
    }
}

/// The stamp in a text: document id, plan and number.
pub(crate) fn stamp(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("CNQR:")?;
    let end = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '.'))
        .unwrap_or(after.len());
    after.get(..end)
}

/// An answer.
pub(crate) fn answer(status: u16, kind: &'static str, body: String) -> Response<Vec<u8>> {
    let mut answer = Response::new(body.into_bytes());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let kind = HeaderValue::from_static(kind);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
