//! Acumatica, played: OAuth with seats, and the contract-based REST API of endpoint Default.
//!
//! Contract: Integration Development Guide, <https://help.acumatica.com>.

mod bill;
mod books;
mod contract;
mod filter;
mod journal;
mod read;
mod record;
mod rules;
mod seats;
mod seed;
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

pub use seed::Seed;

use super::faults::{Fault, Faults};
use super::wire::{Call, Reply, Server, Service};
use books::Books;
use contract::Entity;
use record::{Fields, Record};
use seats::{Refused, Seats};

/// A preference of the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// Switched off, as shipped.
    #[default]
    Off,
    /// Switched on.
    On,
}

impl Preference {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

/// How the twin is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Login name of the tenant, the second half of the client id.
    pub tenant: String,
    /// First half of the client id.
    pub client_guid: String,
    /// Secret of the connected application.
    pub client_secret: String,
    /// The API user.
    pub username: String,
    /// Their password.
    pub password: String,
    /// Version of endpoint Default that is served.
    pub version: String,
    /// Concurrent API sessions of the licence.
    pub seats: usize,
    /// Status of the refusal of one session too many; the text is the same.
    pub login_limit_status: u16,
    /// Requests per minute of the licence; none: no limit.
    pub requests_per_minute: Option<usize>,
    /// Base currency of the only company.
    pub base_currency: String,
    /// Branch of documents that name none.
    pub branch: String,
    /// Business date of documents that name none, `YYYY-MM-DD`.
    pub business_date: String,
    /// "Raise an Error on Duplicate Vendor Reference Number".
    pub raise_on_duplicate_ref: Preference,
    /// "Require Vendor Reference".
    pub require_vendor_ref: Preference,
    /// "Validate Document Totals on Entry" and its counterpart for batches.
    pub validate_totals: Preference,
    /// "Hold Documents on Entry" for bills.
    pub hold_bills_on_entry: Preference,
    /// "Hold Batches on Entry".
    pub hold_journals_on_entry: Preference,
    /// An approval map is active: new documents are on hold whatever is sent.
    pub approval: Preference,
    /// Negative lines are possible ("Pay by Line").
    pub negative_lines: Preference,
    /// Percentage a vendor's tax zone adds to lines that are not `EXEMPT`.
    pub zone_tax_percent: u32,
    /// Reference data.
    pub seed: Seed,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tenant: "TWIN".to_owned(),
            client_guid: "4C1D0F2A-0000-4000-8000-0000000000AC".to_owned(),
            client_secret: "twin-acumatica-secret".to_owned(),
            username: "connector".to_owned(),
            password: "twin-password".to_owned(),
            version: "24.200.001".to_owned(),
            seats: 2,
            login_limit_status: 429,
            requests_per_minute: None,
            base_currency: "USD".to_owned(),
            branch: "MAIN".to_owned(),
            business_date: "2026-11-24".to_owned(),
            raise_on_duplicate_ref: Preference::Off,
            require_vendor_ref: Preference::Off,
            validate_totals: Preference::Off,
            hold_bills_on_entry: Preference::Off,
            hold_journals_on_entry: Preference::Off,
            approval: Preference::Off,
            negative_lines: Preference::Off,
            zone_tax_percent: 8,
            seed: Seed::new(),
        }
    }
}

impl Options {
    /// The client id of the connected application.
    #[must_use]
    pub fn client_id(&self) -> String {
        format!("{}@{}", self.client_guid, self.tenant)
    }
}

/// A running Acumatica; it stops when this is dropped.
#[derive(Debug)]
pub struct AcumaticaTwin {
    core: Arc<Core>,
    server: Server,
}

#[derive(Debug)]
struct Core {
    options: Options,
    state: Mutex<State>,
}

/// Everything that changes.
#[derive(Debug)]
struct State {
    books: Books,
    seats: Seats,
    faults: Faults,
    calls: BTreeMap<String, u64>,
}

impl Core {
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
        let state = State {
            books: Books::new(&options.seed),
            seats: Seats::new(),
            faults: Faults::default(),
            calls: BTreeMap::new(),
        };
        let core = Arc::new(Core {
            options,
            state: Mutex::new(state),
        });
        let server = Server::over(listener, Arc::clone(&core))?;
        Ok(Self { core, server })
    }

    /// The address a connection names.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
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

    /// Changes a field as a person does on the screen: no check, any status.
    pub fn edit(&self, entity: &str, keys: &[&str], (name, value): (&str, Value)) {
        let mut state = self.core.state();
        let at = Entity::find(entity)
            .and_then(|known| read::position(known, state.books.records(entity), keys));
        if let Some(at) = at {
            state.books.edit(entity, at, name, value);
        }
    }

    /// Calls so far by kind: `token`, `logout`, `ping`, `list.Bill`, `get.Bill`, `put.Bill`, `delete.Bill`, `action.Bill`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.core.state().calls.clone()
    }

    /// Lets the next call of a kind (`put.Bill`) or family (`put`) go wrong.
    pub fn next(&self, kind: &str, fault: Fault) {
        self.core.state().faults.push(kind, fault);
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

impl Core {
    async fn carry_out(&self, call: &Call, fault: Option<&Fault>) -> Reply {
        match (call.method.as_str(), call.path().as_slice()) {
            ("POST", ["identity", "connect", "token"]) => seats::grant(self, call),
            ("POST", ["entity", "auth", "logout"]) => self.sign_out(call),
            ("GET", ["entity"]) => self.endpoints(),
            (_, ["entity", ..]) => {
                let entered = self.state().seats.enter(call, &self.options);
                match entered {
                    Err(Refused::Unauthorized) => {
                        Reply::json(401, &json!({"message": "You are not logged in."}))
                    }
                    Err(Refused::LoginLimit) => seats::login_limit(&self.options),
                    Err(Refused::TooMany) => {
                        Reply::json(429, &json!({"message": "API request limit exceeded."}))
                    }
                    Ok(queue) => {
                        let _turn = queue.lock().await;
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

    fn endpoints(&self) -> Reply {
        let version = &self.options.version;
        Reply::json(
            200,
            &json!({
                "version": {"acumaticaBuildVersion": "24.210.0017", "databaseVersion": "24.210.0017"},
                "endpoints": [{"name": "Default", "version": version, "href": format!("/entity/Default/{version}/")}],
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
        if let Some(Fault::Refuse(text)) = fault {
            return write::scripted_refusal(entity, call, text);
        }
        let mut state = self.state();
        match (call.method.as_str(), keys) {
            ("GET", []) if fault == Some(&Fault::EmptyList) => Reply::json(200, &json!([])),
            ("GET", []) if entity.keys.is_empty() => unoptimisable(entity),
            ("GET", []) => read::list(entity, state.books.records(entity.name), call),
            ("GET", keys) => read::one(entity, state.books.records(entity.name), keys, call),
            ("PUT", []) if entity.keys.is_empty() => branches(&state.books, call),
            ("PUT", []) => write::put(&mut state.books, &self.options, entity, call),
            ("DELETE", keys) if !keys.is_empty() => write::delete(&mut state.books, entity, keys),
            // Actions have their place here; the twin knows none yet.
            ("POST", [action]) => {
                Reply::json(404, &json!({"message": format!("No action {action}.")}))
            }
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

/// An inquiry cannot be read as a list.
fn unoptimisable(entity: &Entity) -> Reply {
    read::exception(
        500,
        "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
        &format!(
            "Optimization cannot be performed. {}: the view has a BQL delegate",
            entity.name
        ),
    )
}

/// `CompaniesStructure`: the branches, only with `$expand=Results`.
fn branches(books: &Books, call: &Call) -> Reply {
    if call.query.get("$expand").map(String::as_str) != Some("Results") {
        return Reply::json(200, &json!({}));
    }
    let rows: Vec<Value> = books
        .records("Ledger")
        .iter()
        .flat_map(|ledger| ledger.rows("Branches"))
        .map(|branch| {
            json!({
                "BranchID": {"value": branch.text("BranchID")},
                "BranchName": {"value": branch.text("BranchName")},
                "CompanyName": {"value": branch.text("CompanyName")},
                "BranchStatus": {"value": branch.flag("Active")},
            })
        })
        .collect();
    Reply::json(200, &json!({"Results": rows}))
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
        (_, ["identity", ..]) => "token".to_owned(),
        (_, ["entity", "auth", "logout"]) => "logout".to_owned(),
        ("GET", ["entity"]) => "ping".to_owned(),
        ("GET", ["entity", _, _, _]) => format!("list.{entity}"),
        ("GET", _) => format!("get.{entity}"),
        ("PUT", _) => format!("put.{entity}"),
        ("DELETE", _) => format!("delete.{entity}"),
        ("POST", _) => format!("action.{entity}"),
        _ => "other".to_owned(),
    }
}
