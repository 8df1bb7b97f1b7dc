//! Sign-in: tokens, the seats they take, and the limits of the licence.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Mutex as Queue;

use super::consent::Consents;
use super::licence::{Licence, Minute, Waiting};
use super::{Core, Flow, Options};
use crate::documents::Random;
use crate::twins::clock::Clock;
use crate::twins::wire::{Call, Reply};

/// Life of an access token and, without sign-out, of its session.
const ACCESS_LIFE: Duration = Duration::from_hours(1);
/// Life of a chain of refresh tokens, from its first on.
const CHAIN_LIFE: Duration = Duration::from_hours(30 * 24);
/// Wrong passwords before the user is locked.
const WRONG_PASSWORDS_MAX: u32 = 5;
/// Seed of the next twin's tokens: no two sites grant the same one.
static SEED: AtomicU64 = AtomicU64::new(0x5ea7);

/// A session on the server: requests in it are served one after another.
#[derive(Clone, Debug)]
struct Session {
    queue: Arc<Queue<()>>,
    ends: Timestamp,
}

/// An access token and the session it leads to.
#[derive(Clone, Debug)]
struct Token {
    session: u64,
    ends: Timestamp,
    concurrent: bool,
}

/// A refresh token: the session it keeps, and when its chain ends.
#[derive(Clone, Copy, Debug)]
struct Chain {
    session: u64,
    ends: Timestamp,
}

/// Tokens, sessions and recent requests.
#[derive(Debug)]
pub(super) struct Seats {
    random: Random,
    tokens: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Chain>,
    /// Consents whose codes wait to be exchanged.
    pub(super) consents: Consents,
    /// Every token and code ever handed out.
    issued: Vec<String>,
    sessions: BTreeMap<u64, Session>,
    last_session: u64,
    wrong_passwords: u32,
    minute: Minute,
    pub(super) waiting: Waiting,
    most_open: usize,
    clock: Clock,
    /// By how much the site's clock is ahead of this machine's.
    ahead: Duration,
    busy: BTreeMap<u64, usize>,
    most_at_once: usize,
    refused: u64,
}

/// A request let in: its session, the turns in it, and how long the licence holds it back.
pub(super) struct Admitted {
    pub(super) session: u64,
    pub(super) queue: Arc<Queue<()>>,
    pub(super) delay: Duration,
}

/// Why a call gets no session.
pub(super) enum Refused {
    Unauthorized,
    LoginLimit,
    TooMany,
}

impl Seats {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            random: Random::new(SEED.fetch_add(1, Ordering::Relaxed)),
            tokens: BTreeMap::new(),
            refresh: BTreeMap::new(),
            consents: Consents::default(),
            issued: Vec::new(),
            sessions: BTreeMap::new(),
            last_session: 0,
            wrong_passwords: 0,
            minute: Minute::default(),
            waiting: Waiting::default(),
            most_open: 0,
            clock,
            ahead: Duration::ZERO,
            busy: BTreeMap::new(),
            most_at_once: 0,
            refused: 0,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.after(self.ahead)
    }

    fn after(&self, life: Duration) -> Timestamp {
        self.clock.after(self.ahead.saturating_add(life))
    }

    /// Time passes on the site.
    pub(super) fn pass(&mut self, time: Duration) {
        self.ahead += time;
    }

    pub(super) fn licence(&self) -> Licence {
        Licence {
            sessions: self.most_open,
            at_once: self.most_at_once,
            a_minute: self.minute.most,
            delayed: self.minute.delayed,
            waiting: self.waiting.most,
            refused: self.refused,
        }
    }

    pub(super) fn count_refused(&mut self) {
        self.refused += 1;
    }

    /// The request that entered is over.
    pub(super) fn leave(&mut self, session: u64) {
        if let Some(busy) = self.busy.get_mut(&session) {
            *busy = busy.saturating_sub(1);
        }
    }

    /// Sessions open now.
    pub(super) fn open(&mut self) -> usize {
        let now = self.now();
        self.sessions.retain(|_, session| session.ends > now);
        self.sessions.len()
    }

    /// The most sessions that were ever open together.
    pub(super) fn most_open(&self) -> usize {
        self.most_open
    }

    pub(super) fn expire_access(&mut self) {
        self.tokens.clear();
    }

    /// Every refresh token given so far is refused from now on.
    pub(super) fn end_chains(&mut self) {
        self.refresh.clear();
    }

    /// Random digits that nobody may see.
    pub(super) fn secret(&mut self, digits: usize) -> String {
        let secret = self.random.hex(digits);
        self.issued.push(secret.clone());
        secret
    }

    pub(super) fn issued(&self) -> &[String] {
        &self.issued
    }

    fn open_session(&mut self, number: u64, options: &Options) -> Result<(), Refused> {
        if self.open() >= options.seats {
            self.count_refused();
            return Err(Refused::LoginLimit);
        }
        let session = Session {
            queue: Arc::new(Queue::new(())),
            ends: self.after(ACCESS_LIFE),
        };
        self.sessions.insert(number, session);
        self.most_open = self.most_open.max(self.sessions.len());
        Ok(())
    }

    fn next_session(&mut self) -> u64 {
        self.last_session += 1;
        self.last_session
    }

    /// Lets a request in, to be left with [`Self::leave`]; a bearer that was signed out opens a session again.
    pub(super) fn enter(&mut self, call: &Call, options: &Options) -> Result<Admitted, Refused> {
        let now = self.now();
        let token = call
            .bearer()
            .and_then(|bearer| self.tokens.get(bearer))
            .cloned();
        let token = token
            .filter(|token| token.ends > now)
            .ok_or(Refused::Unauthorized)?;
        let Some(delay) = self.minute.count(now, options) else {
            self.count_refused();
            return Err(Refused::TooMany);
        };
        self.open();
        // With concurrent access every call without a cookie opens a session of its own.
        let number = if token.concurrent {
            self.next_session()
        } else {
            token.session
        };
        if !self.sessions.contains_key(&number) {
            self.open_session(number, options)?;
        }
        let session = self.sessions.get(&number).ok_or(Refused::Unauthorized)?;
        let queue = Arc::clone(&session.queue);
        let busy = self.busy.entry(number).or_default();
        *busy += 1;
        self.most_at_once = self.most_at_once.max(*busy);
        Ok(Admitted {
            session: number,
            queue,
            delay,
        })
    }

    /// The bearer and its session end, as when an administrator ends them.
    pub(super) fn revoke(&mut self, bearer: &str) {
        if let Some(token) = self.tokens.remove(bearer) {
            self.sessions.remove(&token.session);
        }
    }

    /// Frees the seat; the bearer itself stays good.
    pub(super) fn sign_out(&mut self, call: &Call) -> Result<(), Refused> {
        let token = call
            .bearer()
            .and_then(|bearer| self.tokens.get(bearer))
            .ok_or(Refused::Unauthorized)?;
        self.sessions.remove(&token.session);
        Ok(())
    }

    fn issue(
        &mut self,
        session: u64,
        scopes: &[&str],
        chain_ends: Timestamp,
    ) -> (String, Option<String>) {
        let token = Token {
            session,
            ends: self.after(ACCESS_LIFE),
            concurrent: scopes.contains(&"api:concurrent_access"),
        };
        let access = self.secret(64);
        self.tokens.insert(access.clone(), token);
        let refresh = scopes.contains(&"offline_access").then(|| self.secret(64));
        if let Some(refresh) = &refresh {
            let chain = Chain {
                session,
                ends: chain_ends,
            };
            self.refresh.insert(refresh.clone(), chain);
        }
        (access, refresh)
    }

    /// The first pair of tokens after a consent.
    fn by_code(&mut self, form: &BTreeMap<String, String>, options: &Options) -> Reply {
        if options.flow != Flow::Code {
            return oauth_error("unauthorized_client");
        }
        let Some(scope) = self.consents.take(form) else {
            return oauth_error("invalid_grant");
        };
        let session = self.next_session();
        if self.open_session(session, options).is_err() {
            return login_limit(options);
        }
        let scopes: Vec<&str> = scope.split(' ').collect();
        let issued = self.issue(session, &scopes, self.after(CHAIN_LIFE));
        answer(issued, &scope)
    }

    /// The next pair; the session stays, the old refresh token is gone.
    fn by_refresh(&mut self, presented: &str) -> Reply {
        let scope = "api offline_access";
        let chain = self.refresh.remove(presented);
        match chain.filter(|chain| chain.ends > self.now()) {
            Some(chain) => answer(
                self.issue(chain.session, &["api", "offline_access"], chain.ends),
                scope,
            ),
            None => oauth_error("invalid_grant"),
        }
    }
}

/// The refusal of the licence, in the status the site is set to use.
pub(super) fn login_limit(options: &Options) -> Reply {
    let text = "API Login Limit: the maximum number of concurrent API logins has been reached.";
    Reply::json(options.login_limit_status, &json!({"message": text}))
}

/// The refusal of a request the licence does not serve.
pub(super) fn too_many() -> Reply {
    Reply::json(429, &json!({"message": "API request limit exceeded."}))
}

/// Answers `POST /identity/connect/token`.
pub(super) fn grant(core: &Core, call: &Call) -> Reply {
    let Some(form) = call.form() else {
        return oauth_error("invalid_request");
    };
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if !client_is_known(&core.options, field("client_id"), field("client_secret")) {
        return oauth_error("invalid_client");
    }
    let mut state = core.state();
    let seats = &mut state.seats;
    match field("grant_type") {
        "password" if core.options.flow != Flow::Password => oauth_error("unauthorized_client"),
        "password" => {
            let scopes: Vec<&str> = field("scope")
                .split(' ')
                .filter(|scope| !scope.is_empty())
                .collect();
            if !scopes
                .iter()
                .any(|scope| matches!(*scope, "api" | "api:concurrent_access"))
            {
                return oauth_error("invalid_scope");
            }
            let right = field("username") == core.options.username
                && field("password") == core.options.password;
            if !right || seats.wrong_passwords >= WRONG_PASSWORDS_MAX {
                seats.wrong_passwords += 1;
                return oauth_error("invalid_grant");
            }
            seats.wrong_passwords = 0;
            let session = seats.next_session();
            if !scopes.contains(&"api:concurrent_access")
                && seats.open_session(session, &core.options).is_err()
            {
                return login_limit(&core.options);
            }
            let chain_ends = seats.after(CHAIN_LIFE);
            answer(seats.issue(session, &scopes, chain_ends), field("scope"))
        }
        "authorization_code" => seats.by_code(&form, &core.options),
        "refresh_token" => seats.by_refresh(field("refresh_token")),
        _ => oauth_error("unsupported_grant_type"),
    }
}

/// The id carries the tenant; it is compared without regard to case.
fn client_is_known(options: &Options, id: &str, secret: &str) -> bool {
    let known = format!("{}@{}", options.client_guid, options.tenant);
    id.eq_ignore_ascii_case(&known) && secret == options.client_secret
}

fn oauth_error(error: &str) -> Reply {
    Reply::json(400, &json!({"error": error}))
}

fn answer((access, refresh): (String, Option<String>), scope: &str) -> Reply {
    let mut body = json!({
        "access_token": access, "expires_in": ACCESS_LIFE.as_secs(), "token_type": "Bearer", "scope": scope,
    });
    if let (Some(refresh), Some(members)) = (refresh, body.as_object_mut()) {
        members.insert("refresh_token".to_owned(), json!(refresh));
    }
    Reply::json(200, &body)
}
