//! SAP Concur, played: `OAuth2` at one address, the Financial Integration Service at another.
//!
//! Contract: <https://developer.concur.com/api-reference/financial-integration/v4.financial-integration.html>.

mod confirm;
mod documents;
mod fis;
mod token;
mod window;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

pub use documents::{Held, NotRecallable, Status, Told};
pub use token::{Home, Rotation};

use super::clock::Clock;
use super::faults::{Fault, Faults};
use super::wire::{Call, Reply, Server, Service};
use documents::Shelf;
use token::Tokens;

/// How the twin is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the token address; 0 takes a free one.
    pub token_port: u16,
    /// Port of the geolocation address; 0 takes a free one.
    pub geolocation_port: u16,
    /// Registered application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The company that can be connected.
    pub company_uuid: String,
    /// The company request token, good for 24 hours and for several uses.
    pub request_token: String,
    /// Life of an access token.
    pub access_life: Duration,
    /// Life of a refresh token; six months as published.
    pub refresh_life: Duration,
    /// Scopes of every token, separated by blanks; the service needs `FISVC`.
    pub scope: String,
    /// Address that token answers name; none: that of the geolocation.
    pub told_geolocation: Option<String>,
    /// What a refresh does to the refresh token.
    pub rotation: Rotation,
    /// Where a request token is exchanged.
    pub home: Home,
    /// Seed of the ids the twin hands out.
    pub seed: u64,
    /// Its time.
    pub clock: Clock,
}

impl Options {
    /// The secret `concur` of whoever operates a connection to this company.
    #[must_use]
    pub fn secret(&self) -> Value {
        json!({"client_id": self.client_id, "client_secret": self.client_secret, "request_token": self.request_token})
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token_port: 0,
            geolocation_port: 0,
            client_id: "6f1d2c34-0000-4000-8000-00000000c0de".to_owned(),
            client_secret: "twin-concur-secret".to_owned(),
            company_uuid: "1b7f6a2e-0000-4000-8000-0000000000c1".to_owned(),
            request_token: "twin-request-token".to_owned(),
            access_life: Duration::from_hours(1),
            refresh_life: Duration::from_hours(182 * 24),
            scope: "FISVC company.read".to_owned(),
            told_geolocation: None,
            rotation: Rotation::AtOnce,
            home: Home::Anywhere,
            seed: 1,
            clock: Clock::default(),
        }
    }
}

/// A running Concur; it stops when this is dropped.
#[derive(Debug)]
pub struct ConcurTwin {
    core: Arc<Core>,
    /// None where it is spoken to in this process.
    _servers: Option<[Server; 2]>,
}

/// What both addresses share.
#[derive(Debug)]
struct Core {
    options: Options,
    token_url: String,
    geolocation_url: String,
    state: Mutex<State>,
}

/// Everything that changes.
#[derive(Debug)]
struct State {
    shelf: Shelf,
    tokens: Tokens,
    faults: Faults,
    calls: BTreeMap<String, u64>,
    answers: u64,
}

impl Core {
    fn new(options: Options, [token_url, geolocation_url]: [String; 2]) -> Arc<Self> {
        Arc::new(Self {
            token_url,
            geolocation_url,
            state: Mutex::new(State {
                shelf: Shelf::new(options.seed),
                tokens: Tokens::new(&options),
                faults: Faults::default(),
                calls: BTreeMap::new(),
                answers: 0,
            }),
            options,
        })
    }

    /// The state, also after a panic elsewhere: a twin keeps answering.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConcurTwin {
    /// Starts both addresses.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn start(options: Options) -> io::Result<Self> {
        let token = TcpListener::bind((Ipv4Addr::LOCALHOST, options.token_port)).await?;
        let geolocation =
            TcpListener::bind((Ipv4Addr::LOCALHOST, options.geolocation_port)).await?;
        let urls = [
            format!("http://{}", token.local_addr()?),
            format!("http://{}", geolocation.local_addr()?),
        ];
        let core = Core::new(options, urls);
        let servers = [
            Server::over(token, Face::of(&core, Place::Token))?,
            Server::over(geolocation, Face::of(&core, Place::Geolocation))?,
        ];
        Ok(Self {
            core,
            _servers: Some(servers),
        })
    }

    /// The same without a server, at two addresses where nobody listens: calls come to [`handle`](Self::handle).
    #[must_use]
    pub fn in_process(options: Options, urls: [String; 2]) -> Self {
        Self {
            core: Core::new(options, urls),
            _servers: None,
        }
    }

    /// Answers one call in this process, as the server at its address does.
    pub async fn handle(&self, url: &Url, call: Call) -> Reply {
        let place = if url.as_str().starts_with(self.token_url()) {
            Place::Token
        } else {
            Place::Geolocation
        };
        Face::of(&self.core, place).answer(call).await
    }

    /// The address a connection names: tokens by password grant, and the window under `/twin`.
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.core.token_url
    }

    /// The address tokens point to: refreshes and the FIS.
    #[must_use]
    pub fn geolocation_url(&self) -> &str {
        &self.core.geolocation_url
    }

    /// How this twin was set up.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.core.options
    }

    /// Offers an approved document; returns its new FI id (32 hex digits).
    #[must_use]
    pub fn offer(&self, doc_type: &str, document: Value) -> String {
        self.core.state().shelf.offer(doc_type, document)
    }

    /// Offers a document under a given FI id.
    pub fn offer_as(&self, id: &str, doc_type: &str, document: Value) {
        self.core.state().shelf.offer_as(id, doc_type, document);
    }

    /// The processor recalls a document in Concur.
    ///
    /// # Errors
    /// The document is unknown, or is neither ready nor failed: Concur blocks recall then.
    pub fn recall(&self, id: &str) -> Result<(), NotRecallable> {
        self.core.state().shelf.recall(id)
    }

    /// The processor recalls a document between the list that shows it and its acknowledgement.
    pub fn recall_when_listed(&self, id: &str) {
        self.core.state().shelf.recall_when_listed(id);
    }

    /// The processor resubmits a recalled document, corrected or not; returns the new FI id.
    ///
    /// # Errors
    /// The document is unknown or was not recalled.
    pub fn resubmit(&self, id: &str, corrected: Option<Value>) -> Result<String, NotRecallable> {
        self.core.state().shelf.resubmit(id, corrected)
    }

    /// Puts a document into any state, as Concur's own back office can.
    pub fn set_status(&self, id: &str, status: Status) {
        self.core.state().shelf.set_status(id, status);
    }

    /// Ties a document to an ERP system before anybody acknowledged it.
    pub fn set_system(&self, id: &str, system_id: &str) {
        self.core.state().shelf.set_system(id, system_id);
    }

    /// What Concur was told about a document; `None` before a posting confirmation.
    #[must_use]
    pub fn told(&self, id: &str) -> Option<Told> {
        self.core
            .state()
            .shelf
            .find(id)
            .and_then(|held| held.told.clone())
    }

    /// A document as Concur holds it.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<Held> {
        self.core.state().shelf.find(id).cloned()
    }

    /// Every document ever offered, oldest first.
    #[must_use]
    pub fn documents(&self) -> Vec<Held> {
        self.core.state().shelf.all().to_vec()
    }

    /// Whether any document stands like this.
    #[must_use]
    pub fn is_any(&self, status: Status) -> bool {
        let state = self.core.state();
        state.shelf.all().iter().any(|held| held.status == status)
    }

    /// Calls so far by kind: `token.password`, `token.refresh`, `list`, `acknowledge`, `confirm`, `other`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.core.state().calls.clone()
    }

    /// Lets the next call of a kind go wrong; several of one kind happen in the order given.
    pub fn next(&self, kind: &str, fault: Fault) {
        self.core.state().faults.push(kind, fault);
    }

    /// Mishaps that have not happened do not happen any more.
    pub fn recover(&self) {
        self.core.state().faults.clear();
    }

    /// Every access token given so far is expired from now on.
    pub fn expire_access_tokens(&self) {
        self.core.state().tokens.expire_access();
    }

    /// Every refresh token given so far fails with 108 from now on.
    pub fn revoke_refresh_tokens(&self) {
        self.core.state().tokens.revoke_refresh();
    }

    /// A company administrator makes another request token; the one before is void.
    #[must_use]
    pub fn new_request_token(&self) -> String {
        self.core.state().tokens.new_request_token()
    }

    /// Every secret this twin knows: of the application, and each token it ever took or gave.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let options = &self.core.options;
        let mut secrets = vec![options.client_secret.clone(), options.request_token.clone()];
        secrets.extend(self.core.state().tokens.secrets().cloned());
        secrets
    }

    /// The company request token is past its 24 hours.
    pub fn expire_request_token(&self) {
        self.core.state().tokens.expire_request_token();
    }
}

/// Which of the two addresses a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Token,
    Geolocation,
}

/// One address of Concur.
#[derive(Debug)]
struct Face {
    core: Arc<Core>,
    place: Place,
}

impl Service for Face {
    async fn answer(self: Arc<Self>, call: Call) -> Reply {
        if call.segments.first().is_some_and(|first| first == "twin") {
            return window::answer(&self.core, &call);
        }
        let correlation = self.correlation(&call);
        self.served(&call)
            .await
            .with_header("concur-correlationid", correlation)
    }
}

impl Face {
    fn of(core: &Arc<Core>, place: Place) -> Arc<Self> {
        Arc::new(Self {
            core: Arc::clone(core),
            place,
        })
    }

    fn correlation(&self, call: &Call) -> String {
        let mut state = self.core.state();
        state.answers += 1;
        call.header("concur-correlationid")
            .map_or_else(|| format!("twin-{:06}", state.answers), str::to_owned)
    }

    /// Counts the call, lets it go wrong where that is scripted, else carries it out.
    async fn served(&self, call: &Call) -> Reply {
        let kind = kind_of(call);
        let fault = {
            let mut state = self.core.state();
            *state.calls.entry(kind.to_owned()).or_default() += 1;
            state.faults.take(kind)
        };
        match &fault {
            Some(Fault::Delay(pause)) => tokio::time::sleep(*pause).await,
            Some(Fault::DropBefore) => return Reply::hang_up(),
            Some(Fault::Status(status)) => return failure(*status, "scripted failure"),
            Some(Fault::Html(status)) => return Reply::html(*status),
            Some(Fault::Refuse(text)) => return failure(400, text),
            _ => {}
        }
        let reply = self.carry_out(call, fault.as_ref());
        match fault {
            Some(Fault::DropAfterSave) => Reply::hang_up(),
            Some(Fault::CutAnswer) => reply.cut(),
            Some(Fault::StatusAfterSave(status)) => failure(status, "scripted failure"),
            Some(Fault::HtmlAfterSave(status)) => Reply::html(status),
            _ => reply,
        }
    }

    fn carry_out(&self, call: &Call, fault: Option<&Fault>) -> Reply {
        if call
            .header("transfer-encoding")
            .is_some_and(|coding| coding.contains("chunked"))
        {
            return failure(400, "chunked transfer-encoding is not supported");
        }
        match (call.method.as_str(), call.path().as_slice()) {
            ("POST", ["oauth2", "v0", "token"]) => {
                token::grant(&self.core, self.place, call, fault)
            }
            (
                _,
                [
                    "financialintegration",
                    "fi",
                    "v4",
                    "companies",
                    "transactiontypes",
                    doc_type,
                    rest @ ..,
                ],
            ) if self.place == Place::Geolocation => {
                fis::answer(&self.core, doc_type, rest, &fis::Order { call, fault })
            }
            _ => failure(404, "no such resource"),
        }
    }
}

fn kind_of(call: &Call) -> &'static str {
    match call.path().last().copied() {
        Some("token") => match call
            .form()
            .and_then(|form| form.get("grant_type").cloned())
            .as_deref()
        {
            Some("refresh_token") => "token.refresh",
            _ => "token.password",
        },
        Some("transactions") => "list",
        Some("acknowledgements") => "acknowledge",
        Some("postingconfirmations") => "confirm",
        _ => "other",
    }
}

/// The FIS error body: a message and nothing else.
fn failure(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}
