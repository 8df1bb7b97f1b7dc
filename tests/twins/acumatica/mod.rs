//! Acumatica, played: OAuth with seats, and the contract-based REST API of endpoint Default.
//!
//! Contract: Integration Development Guide, <https://help.acumatica.com>.

mod actions;
mod bill;
mod books;
mod consent;
mod contract;
mod filter;
mod inquiry;
mod journal;
mod licence;
mod options;
mod people;
mod projects;
mod read;
mod record;
mod rules;
mod seats;
mod seed;
mod tax;
mod window;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub use licence::{Delays, Licence};
pub use options::{Flow, Options, Preference, TaxZones};
pub use seed::Seed;

use super::faults::{Fault, Faults};
use super::wire::{Call, Reply, Server, Service};
use actions::Actions;
use books::Books;
use contract::Entity;
use record::Record;
use seats::{Refused, Seats};

/// A running Acumatica; it stops when this is dropped.
#[derive(Debug)]
pub struct AcumaticaTwin {
    core: Arc<Core>,
    url: String,
    /// None where it is spoken to in this process.
    _server: Option<Server>,
}

#[derive(Debug)]
struct Core {
    options: Options,
    state: Mutex<State>,
    /// One permit for each request that is served at a time.
    at_once: Arc<Semaphore>,
}

/// Everything that changes.
#[derive(Debug)]
struct State {
    books: Books,
    actions: Actions,
    seats: Seats,
    faults: Faults,
    calls: BTreeMap<String, u64>,
}

impl Core {
    fn new(options: Options) -> Arc<Self> {
        let state = State {
            books: Books::new(&options.seed, options.clock),
            actions: Actions::default(),
            seats: Seats::new(options.clock),
            faults: Faults::default(),
            calls: BTreeMap::new(),
        };
        Arc::new(Self {
            at_once: Arc::new(Semaphore::new(options.at_once)),
            options,
            state: Mutex::new(state),
        })
    }

    /// The state, also after a panic elsewhere: a twin keeps answering.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AcumaticaTwin {
    /// Starts the server.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let core = Core::new(options);
        let server = Server::over(listener, Arc::clone(&core))?;
        Ok(Self {
            core,
            url: server.url(),
            _server: Some(server),
        })
    }

    /// The same without a server, at an address where nobody listens: calls come to [`handle`](Self::handle).
    #[must_use]
    pub fn in_process(options: Options, url: String) -> Self {
        Self {
            core: Core::new(options),
            url,
            _server: None,
        }
    }

    /// Answers one call in this process, as the server does.
    pub async fn handle(&self, call: Call) -> Reply {
        Arc::clone(&self.core).answer(call).await
    }

    /// The address a connection names.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How this twin was set up.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.core.options
    }

    /// Every bill and adjustment, oldest first, in plain JSON (`{"Amount": 12.50, "Details": […]}`).
    #[must_use]
    pub fn bills(&self) -> Vec<Value> {
        self.records("Bill")
    }

    /// Every GL batch, oldest first, in plain JSON.
    #[must_use]
    pub fn journals(&self) -> Vec<Value> {
        self.records("JournalTransaction")
    }

    /// Every record of an entity, in plain JSON.
    #[must_use]
    pub fn records(&self, entity: &str) -> Vec<Value> {
        self.core
            .state()
            .books
            .records(entity)
            .iter()
            .map(Record::plain)
            .collect()
    }

    /// Adds a row of reference data, or a document as somebody else keyed it.
    pub fn plant(&self, entity: &str, plain: &Value) {
        self.core.state().books.plant(entity, plain);
    }

    /// Takes every record of an entity away.
    pub fn clear(&self, entity: &str) {
        self.core.state().books.clear(entity);
    }

    /// Changes a field as a person does on the screen: no check, any status.
    pub fn edit(&self, entity: &str, keys: &[&str], (name, value): (&str, Value)) {
        let mut state = self.core.state();
        let at = Entity::find(entity)
            .and_then(|known| read::position(known, state.books.records(entity), keys));
        if let Some(at) = at {
            state.books.edit(entity, at, name, value);
        }
    }

    /// Closes a financial period, `MMYYYY`, for AP and GL.
    pub fn close_period(&self, id: &str) {
        self.core.state().books.close_period(id);
    }

    /// Takes a document off hold as a person does; an approval map lets it wait as `Pending Approval`.
    pub fn remove_hold(&self, entity: &str, keys: &[&str]) {
        let status = match self.core.options.approval {
            Preference::On => "Pending Approval",
            Preference::Off => "Balanced",
        };
        self.advance(entity, keys, ("On Hold", status));
    }

    /// Approves a document that waits for it.
    pub fn approve(&self, entity: &str, keys: &[&str]) {
        self.advance(entity, keys, ("Pending Approval", "Balanced"));
    }

    /// Lets every running action end, as time does.
    pub fn finish_actions(&self) {
        let mut state = self.core.state();
        let State { actions, books, .. } = &mut *state;
        actions.finish(books, &self.core.options);
    }

    fn advance(&self, entity: &str, keys: &[&str], (from, to): (&str, &str)) {
        actions::advance(&mut self.core.state().books, (entity, keys), (from, to));
    }

    /// Calls so far by kind: `token`, `authorize`, `logout`, `ping`, `list.Bill`, `get.Bill`, `put.Bill`, `delete.Bill`, `action.Bill`, `status.Bill`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.core.state().calls.clone()
    }

    /// Lets the next call of a kind (`put.Bill`) or family (`put`) go wrong.
    pub fn next(&self, kind: &str, fault: Fault) {
        self.core.state().faults.push(kind, fault);
    }

    /// Mishaps that have not happened do not happen any more.
    pub fn recover(&self) {
        self.core.state().faults.clear();
    }

    /// Lets the next write go wrong.
    pub fn next_put(&self, fault: Fault) {
        self.next("put", fault);
    }

    /// API sessions open now.
    #[must_use]
    pub fn open_seats(&self) -> usize {
        self.core.state().seats.open()
    }

    /// The most API sessions that were open together.
    #[must_use]
    pub fn most_open_seats(&self) -> usize {
        self.core.state().seats.most_open()
    }

    /// An access token and its session end, as when an administrator ends them.
    pub fn revoke(&self, bearer: &str) {
        self.core.state().seats.revoke(bearer);
    }

    /// What the site counted for its licence.
    #[must_use]
    pub fn licence(&self) -> Licence {
        self.core.state().seats.licence()
    }

    /// Time passes on the site.
    pub fn pass(&self, time: std::time::Duration) {
        self.core.state().seats.pass(time);
    }

    /// Every refresh token given so far is refused from now on.
    pub fn end_consents(&self) {
        self.core.state().seats.end_chains();
    }

    /// Every code given so far is too old from now on.
    pub fn expire_codes(&self) {
        self.core.state().seats.consents.expire();
    }

    /// Every secret this twin knows: of application and user, and each token and code it ever gave.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let options = &self.core.options;
        let mut secrets = vec![options.client_secret.clone(), options.password.clone()];
        secrets.extend_from_slice(self.core.state().seats.issued());
        secrets
    }

    /// Every access token given so far is expired; sessions stay open.
    pub fn expire_access_tokens(&self) {
        self.core.state().seats.expire_access();
    }
}

impl Service for Core {
    async fn answer(self: Arc<Self>, call: Call) -> Reply {
        if call.segments.first().is_some_and(|first| first == "twin") {
            return window::answer(&self, &call);
        }
        let kind = kind_of(&call);
        let fault = {
            let mut state = self.state();
            *state.calls.entry(kind.clone()).or_default() += 1;
            state.faults.take(&kind)
        };
        match &fault {
            Some(Fault::Delay(pause)) => tokio::time::sleep(*pause).await,
            Some(Fault::DropBefore) => return Reply::hang_up(),
            Some(Fault::Status(status)) => return scripted(*status),
            Some(Fault::Html(status)) => return Reply::html(*status),
            _ => {}
        }
        let reply = self.carry_out(&call, fault.as_ref()).await;
        match fault {
            Some(Fault::DropAfterSave) => Reply::hang_up(),
            Some(Fault::CutAnswer) => reply.cut(),
            Some(Fault::StatusAfterSave(status)) => scripted(status),
            Some(Fault::HtmlAfterSave(status)) => Reply::html(status),
            _ => reply,
        }
    }
}

/// A request under way in a session; over when it is answered or given up.
struct Entered<'a>(&'a Core, u64);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.state().seats.leave(self.1);
    }
}

impl Core {
    async fn carry_out(&self, call: &Call, fault: Option<&Fault>) -> Reply {
        match (call.method.as_str(), call.path().as_slice()) {
            ("GET", ["identity", "connect", "authorize"]) => consent::authorize(self, call),
            ("POST", ["identity", "connect", "token"]) => seats::grant(self, call),
            ("POST", ["entity", "auth", "logout"]) => self.sign_out(call),
            ("GET", ["entity"]) => self.endpoints(call),
            (_, ["entity", ..]) => {
                let entered = self.state().seats.enter(call, &self.options);
                match entered {
                    Err(Refused::Unauthorized) => {
                        Reply::json(401, &json!({"message": "You are not logged in."}))
                    }
                    Err(Refused::LoginLimit) => seats::login_limit(&self.options),
                    Err(Refused::TooMany) => seats::too_many(),
                    Ok(admitted) => {
                        let _entered = Entered(self, admitted.session);
                        tokio::time::sleep(admitted.delay).await;
                        let Some(_turn) = self.turn(admitted.queue).await else {
                            self.state().seats.count_refused();
                            return seats::too_many();
                        };
                        tokio::time::sleep(pause(fault)).await;
                        self.entity(call, fault)
                    }
                }
            }
            _ => Reply::html(404),
        }
    }

    /// Carried out ahead of the queue.
    fn sign_out(&self, call: &Call) -> Reply {
        if call.header("content-length").is_none() {
            return Reply::html(411);
        }
        match self.state().seats.sign_out(call) {
            Ok(()) => Reply::empty(204),
            Err(_) => Reply::json(401, &json!({"message": "You are not logged in."})),
        }
    }

    /// Without a token only what every site has.
    fn endpoints(&self, call: &Call) -> Reply {
        let own = match call.bearer() {
            Some(_) => self.options.own_endpoints.as_slice(),
            None => &[],
        };
        let built_in = ("Default".to_owned(), self.options.version.clone());
        let row = |(name, version): &(String, String)| json!({"name": name, "version": version, "href": format!("/entity/{name}/{version}/")});
        let rows: Vec<Value> = std::iter::once(&built_in).chain(own).map(row).collect();
        Reply::json(
            200,
            &json!({
                "version": {"acumaticaBuildVersion": "24.210.0017", "databaseVersion": "24.210.0017"},
                "endpoints": rows,
            }),
        )
    }

    fn entity(&self, call: &Call, fault: Option<&Fault>) -> Reply {
        let path = call.path();
        let ["entity", "Default", version, name, keys @ ..] = path.as_slice() else {
            return Reply::json(
                404,
                &json!({"message": "The requested endpoint does not exist."}),
            );
        };
        let entity = Entity::find(name).filter(|_| *version == self.options.version);
        let Some(entity) = entity else {
            return Reply::json(
                404,
                &json!({"message": "The requested endpoint or entity does not exist."}),
            );
        };
        if self.options.forbidden.iter().any(|known| known == name) {
            return read::forbidden(entity);
        }
        let mut state = self.state();
        let State { actions, books, .. } = &mut *state;
        if let ("GET", [_, "status", id]) = (call.method.as_str(), keys) {
            if let Some(Fault::Refuse(text)) = fault {
                actions.fail(id);
                return write::scripted_refusal(entity, call, text);
            }
            return actions.status(books, &self.options, id);
        }
        if let Some(Fault::Refuse(text)) = fault {
            return write::scripted_refusal(entity, call, text);
        }
        if let Err(busy) = actions.pass(books, &self.options, (entity, call)) {
            return busy;
        }
        let records = books.records(entity.name);
        match (call.method.as_str(), keys) {
            ("GET", []) if fault == Some(&Fault::EmptyList) => Reply::json(200, &json!([])),
            ("GET", []) if entity.keys.is_empty() => inquiry::unoptimisable(entity),
            ("GET", []) => read::list(entity, records, call),
            ("GET", ["$adHocSchema"]) => read::schema(entity, &self.options.user_fields),
            ("GET", keys) => read::one(entity, records, keys, call),
            ("PUT", []) if entity.keys.is_empty() => inquiry::branches(books, call),
            ("PUT", []) => write::put(books, &self.options, entity, call),
            ("DELETE", keys) if !keys.is_empty() => {
                write::delete(books, &self.options, entity, keys)
            }
            ("POST", [action]) => actions.start(books, &self.options, (entity, action, call)),
            _ => Reply::json(
                405,
                &json!({"message": "The requested resource does not support this method."}),
            ),
        }
    }
}

/// Nothing unless scripted; a pause inside the turn holds up the calls behind it.
fn pause(fault: Option<&Fault>) -> std::time::Duration {
    match fault {
        Some(Fault::DelayInTurn(pause)) => *pause,
        _ => std::time::Duration::ZERO,
    }
}

fn scripted(status: u16) -> Reply {
    read::exception(
        status,
        "System.Exception",
        "A scripted failure of the server.",
    )
}

fn kind_of(call: &Call) -> String {
    let path = call.path();
    let entity = path.get(3).copied().unwrap_or("?");
    match (call.method.as_str(), path.as_slice()) {
        (_, ["identity", "connect", "authorize"]) => "authorize".to_owned(),
        (_, ["identity", ..]) => "token".to_owned(),
        (_, ["entity", "auth", "logout"]) => "logout".to_owned(),
        ("GET", ["entity"]) => "ping".to_owned(),
        ("GET", ["entity", _, _, _]) => format!("list.{entity}"),
        ("GET", ["entity", _, _, _, _, "status", _]) => format!("status.{entity}"),
        ("GET", _) => format!("get.{entity}"),
        ("PUT", _) => format!("put.{entity}"),
        ("DELETE", _) => format!("delete.{entity}"),
        ("POST", _) => format!("action.{entity}"),
        _ => "other".to_owned(),
    }
}
