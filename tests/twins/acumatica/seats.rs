//! Sign-in: tokens, the seats they take, and the limits of the licence.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Mutex as Queue;

use super::{Core, Options};
use crate::documents::Random;
use crate::twins::clock::Clock;
use crate::twins::wire::{Call, Reply};

/// Life of an access token and, without sign-out, of its session.
const ACCESS_LIFE: Duration = Duration::from_hours(1);
/// Wrong passwords before the user is locked.
const WRONG_PASSWORDS_MAX: u32 = 5;
/// The window of the requests-per-minute limit.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
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

/// Tokens, sessions and recent requests.
#[derive(Debug)]
pub(super) struct Seats {
    random: Random,
    tokens: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Token>,
    sessions: BTreeMap<u64, Session>,
    last_session: u64,
    wrong_passwords: u32,
    requests: VecDeque<Timestamp>,
    most_open: usize,
    clock: Clock,
    /// Calls and grants that were one too many.
    too_many: u64,
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
            sessions: BTreeMap::new(),
            last_session: 0,
            wrong_passwords: 0,
            requests: VecDeque::new(),
            most_open: 0,
            clock,
            too_many: 0,
        }
    }

    /// Sessions open now.
    pub(super) fn open(&mut self) -> usize {
        let now = self.clock.now();
        self.sessions.retain(|_, session| session.ends > now);
        self.sessions.len()
    }

    /// The most sessions that were ever open together.
    pub(super) fn most_open(&self) -> usize {
        self.most_open
    }

    /// How often the licence's seats or requests per minute were exceeded.
    pub(super) fn too_many(&self) -> u64 {
        self.too_many
    }

    pub(super) fn expire_access(&mut self) {
        self.tokens.clear();
    }

    fn open_session(&mut self, number: u64, options: &Options) -> Result<(), Refused> {
        if self.open() >= options.seats {
            self.too_many += 1;
            return Err(Refused::LoginLimit);
        }
        let session = Session {
            queue: Arc::new(Queue::new(())),
            ends: self.clock.after(ACCESS_LIFE),
        };
        self.sessions.insert(number, session);
        self.most_open = self.most_open.max(self.sessions.len());
        Ok(())
    }

    fn next_session(&mut self) -> u64 {
        self.last_session += 1;
        self.last_session
    }

    /// Counts a request against the minute; true when it is one too many.
    fn over_the_minute(&mut self, options: &Options) -> bool {
        let now = self.clock.now();
        while self
            .requests
            .front()
            .is_some_and(|first| now.duration_since(*first) > MINUTE)
        {
            self.requests.pop_front();
        }
        let over = options
            .requests_per_minute
            .is_some_and(|limit| self.requests.len() >= limit);
        if over {
            self.too_many += 1;
        } else {
            self.requests.push_back(now);
        }
        over
    }

    /// The queue of the caller's session; a bearer that was signed out opens a session again.
    pub(super) fn enter(
        &mut self,
        call: &Call,
        options: &Options,
    ) -> Result<Arc<Queue<()>>, Refused> {
        let now = self.clock.now();
        let token = call
            .bearer()
            .and_then(|bearer| self.tokens.get(bearer))
            .cloned();
        let token = token
            .filter(|token| token.ends > now)
            .ok_or(Refused::Unauthorized)?;
        if self.over_the_minute(options) {
            return Err(Refused::TooMany);
        }
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
        self.sessions
            .get(&number)
            .map(|session| Arc::clone(&session.queue))
            .ok_or(Refused::Unauthorized)
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

    fn issue(&mut self, session: u64, scopes: &[&str]) -> (String, Option<String>) {
        let concurrent = scopes.contains(&"api:concurrent_access");
        let token = Token {
            session,
            ends: self.clock.after(ACCESS_LIFE),
            concurrent,
        };
        let access = self.random.hex(64);
        self.tokens.insert(access.clone(), token.clone());
        let refresh = scopes
            .contains(&"offline_access")
            .then(|| self.random.hex(64));
        if let Some(refresh) = &refresh {
            self.refresh.insert(refresh.clone(), token);
        }
        (access, refresh)
    }
}

/// The refusal of the licence, in the status the site is set to use.
pub(super) fn login_limit(options: &Options) -> Reply {
    let text = "API Login Limit: the maximum number of concurrent API logins has been reached.";
    Reply::json(options.login_limit_status, &json!({"message": text}))
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
            answer(seats.issue(session, &scopes), field("scope"))
        }
        "refresh_token" => match seats.refresh.remove(field("refresh_token")) {
            // Refreshed tokens keep the session; the old refresh token is gone.
            Some(token) => answer(
                seats.issue(token.session, &["api", "offline_access"]),
                "api offline_access",
            ),
            None => oauth_error("invalid_grant"),
        },
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
