//! Keeper of Concur's tokens: one refresher at a time for each connection, a rotated token stored before it is used, and
//! the geolocation of the last answer for every call.

mod error;
mod facts;

use std::fmt::Write as _;
use std::time::Duration;

use concur::auth::{self, App, Grant, Outlook, TokenAnswer};
use concur::{Geolocation, Kind};
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger, Vault};
pub use error::{ConcurError, TokenError};
pub(crate) use facts::{RequestToken, TokenFacts};

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "concur";
/// Name of the secret the connector writes.
pub const TOKENS_SECRET: &str = "concur-tokens";
/// A token is used no longer than until this before its end: a run must not lose it half-way.
const LIFE_LEFT_MIN: SignedDuration = SignedDuration::from_mins(2);
/// Grants under one lease of a refresher: at the known place, and at the one the answer names.
const GRANTS_MAX: i32 = 2;
/// Time for the secrets under one lease of a refresher: two are read, one is written, which may take three calls of up to
/// 25 s each.
const SECRETS_TIME: SignedDuration = SignedDuration::from_secs(125);
/// Looks for the tokens another worker is refreshing, and the pause between them.
const LOOKS_MAX: u32 = 10;
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// What the operator puts into `{stack}/{connection}/concur`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    client_id: String,
    client_secret: SecretString,
    #[serde(default)]
    request_token: Option<SecretString>,
}

/// What the connector keeps in `{stack}/{connection}/concur-tokens`.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    #[serde(serialize_with = "exposed")]
    access_token: SecretString,
    /// When it was granted; unknown of tokens that an earlier release stored.
    #[serde(default)]
    granted: Option<Timestamp>,
    ends: Timestamp,
    #[serde(serialize_with = "exposed")]
    refresh_token: SecretString,
    #[serde(default)]
    refresh_ends: Option<Timestamp>,
    /// Scopes as Concur named them, separated by blanks.
    #[serde(default)]
    scope: Option<String>,
    geolocation: String,
    /// SHA-256 of the request token these came from: a new one from the operator is seen by it.
    #[serde(default)]
    request_token_digest: String,
    /// The company they speak for.
    #[serde(default)]
    company_uuid: String,
    /// `token_url` of the connection they were first asked for with.
    #[serde(default)]
    token_url: String,
}

impl Stored {
    /// Whether they speak for the company the connection names now.
    fn belong_to(&self, connection: &Connection) -> bool {
        let concur = &connection.concur;
        self.company_uuid == concur.company_uuid && self.token_url == concur.token_url.to_string()
    }
}

/// Who asks for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A run: what was refused for good is not offered again, since that can lock the account.
    Run,
    /// A person, who may have put right on Concur's side what was refused.
    Person,
}

/// Tokens kept in the process.
pub(crate) struct Kept(Stored);

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Makes a call with a valid token; when the token is refused, refreshes once and repeats once.
    ///
    /// # Errors
    /// [`ConcurError`].
    pub async fn concur<T>(
        &self,
        connection: &Connection,
        run: &Run,
        call: impl AsyncFn(&concur::Client) -> Result<T, concur::Error>,
    ) -> Result<T, ConcurError> {
        let tokens = self.concur_tokens(connection, run, None).await?;
        match call(&self.client(&tokens)?).await {
            Err(error) if error.is_unauthorized() => {
                let stale = Some(&tokens.access_token);
                let fresh = self.concur_tokens(connection, run, stale).await?;
                Ok(call(&self.client(&fresh)?).await?)
            }
            done => Ok(done?),
        }
    }

    /// Makes sure there are tokens, from the request token if need be, and says where the company lives.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn connect_concur(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Geolocation, TokenError> {
        // A token that seems valid proves nothing about a request token the operator has just put, so nothing is taken
        // from the process here.
        self.kept.tokens.borrow_mut().remove(&connection.id);
        let tokens = Box::pin(self.refreshed(connection, run, None, By::Person)).await?;
        self.geolocation(&tokens)
    }

    fn client(&self, tokens: &Stored) -> Result<concur::Client, TokenError> {
        Ok(concur::Client::new(
            self.concur.clone(),
            self.geolocation(tokens)?,
            tokens.access_token.clone(),
            self.deployment.concur_answer(),
        ))
    }

    fn geolocation(&self, tokens: &Stored) -> Result<Geolocation, TokenError> {
        let hosts = self.deployment.concur_hosts();
        Ok(hosts.geolocation(&tokens.geolocation)?)
    }

    /// Valid tokens, none of which is `stale`: from the process, the secret, or a grant.
    async fn concur_tokens(
        &self,
        connection: &Connection,
        run: &Run,
        stale: Option<&SecretString>,
    ) -> Result<Stored, TokenError> {
        if let Some(Kept(kept)) = self.kept.tokens.borrow().get(&connection.id)
            && kept.belong_to(connection)
            && self.usable(kept, stale)
        {
            return Ok(kept.clone());
        }
        if let Some(stored) = self.stored_tokens(&connection.id).await?
            && stored.belong_to(connection)
            && self.usable(&stored, stale)
        {
            return Ok(self.keep_tokens(&connection.id, stored));
        }
        // Rare and deep, so it does not make every call's future larger.
        Box::pin(self.refreshed(connection, run, stale, By::Run)).await
    }

    fn usable(&self, tokens: &Stored, stale: Option<&SecretString>) -> bool {
        let left = tokens.ends.duration_since(self.clock.now());
        let is_stale =
            stale.is_some_and(|stale| stale.expose_secret() == tokens.access_token.expose_secret());
        left > LIFE_LEFT_MIN && !is_stale
    }

    /// Refreshes under the lease, or waits for whoever does.
    async fn refreshed(
        &self,
        connection: &Connection,
        run: &Run,
        stale: Option<&SecretString>,
        by: By,
    ) -> Result<Stored, TokenError> {
        let name = format!("token#{}", connection.id);
        for _ in 0..LOOKS_MAX {
            let now = self.clock.now();
            let until = now
                .checked_add(self.refresh_time())
                .unwrap_or(Timestamp::MAX);
            if let Some(mut lease) = self
                .ledger
                .take_lease(&name, &run.worker, now, until)
                .await?
            {
                let granted = self.granted(connection, stale, &mut lease, by).await;
                if let Err(error) = self.ledger.give_lease(&lease).await {
                    // It lapses by itself; the tokens are stored and good.
                    tracing::warn!(connection = %connection.id, %error, "lease of the token not given back");
                }
                return granted;
            }
            tokio::time::sleep(LOOK_PAUSE).await;
            if let Some(stored) = self.stored_tokens(&connection.id).await?
                && stored.belong_to(connection)
                && self.usable(&stored, stale)
            {
                return Ok(self.keep_tokens(&connection.id, stored));
            }
        }
        Err(TokenError::Busy(connection.id.clone()))
    }

    /// Longest time of a refresh: as long its lease lasts.
    fn refresh_time(&self) -> SignedDuration {
        let clocks = &self.deployment.clocks;
        let grant = clocks.connect.saturating_add(clocks.concur_answer);
        grant
            .saturating_mul(GRANTS_MAX)
            .saturating_add(SECRETS_TIME)
    }

    /// Only under the lease: reads what is stored now, asks for the next tokens and stores them before anybody uses them.
    async fn granted(
        &self,
        connection: &Connection,
        stale: Option<&SecretString>,
        lease: &mut Lease,
        by: By,
    ) -> Result<Stored, TokenError> {
        let id = &connection.id;
        let company = connection.concur.company_uuid.as_str();
        let operator = self.operator(id).await?;
        let stored = self.stored_tokens(id).await?;
        let offered = operator.request_token.as_ref().map(digest);
        let is_new = |stored: &Stored| {
            offered
                .as_ref()
                .is_some_and(|offered| *offered != stored.request_token_digest)
        };
        let app = App {
            client_id: operator.client_id.clone(),
            client_secret: operator.client_secret.clone(),
        };
        let (answer, request_token_digest) = match (stored, &operator.request_token) {
            (Some(stored), _) if !is_new(&stored) => {
                if !stored.belong_to(connection) {
                    return Err(TokenError::OtherCompany(id.clone()));
                }
                if self.usable(&stored, stale) {
                    return Ok(self.keep_tokens(id, stored));
                }
                let at = self.geolocation(&stored)?;
                let token = stored.refresh_token;
                let offer = offer(&app, company, &token);
                may_offer(lease, &offer, by, id)?;
                let grant = async |at: &Geolocation| self.refresh(&app, at, &token).await;
                let asked = elsewhere_once(at, grant).await;
                note_refusal(lease, offer, &asked);
                (asked?, stored.request_token_digest)
            }
            (_, Some(request_token)) => {
                let at = connection.concur.token_url.clone();
                let offer = offer(&app, company, request_token);
                may_offer(lease, &offer, by, id)?;
                let grant = async |at: &Geolocation| {
                    self.exchange(&app, at, (company, request_token)).await
                };
                let asked = elsewhere_once(at, grant).await;
                note_refusal(lease, offer, &asked);
                (asked?, digest(request_token))
            }
            (_, None) => return Err(TokenError::NotConnected(id.clone())),
        };
        let fresh = self.to_store(connection, &answer, request_token_digest);
        self.store_tokens(id, &fresh).await?;
        Ok(self.keep_tokens(id, fresh))
    }

    async fn refresh(
        &self,
        app: &App,
        at: &Geolocation,
        token: &SecretString,
    ) -> Result<TokenAnswer, concur::Error> {
        let hosts = self.deployment.concur_hosts();
        auth::refresh(&self.concur, &hosts, self.grant(app, at), token).await
    }

    async fn exchange(
        &self,
        app: &App,
        at: &Geolocation,
        (company, token): (&str, &SecretString),
    ) -> Result<TokenAnswer, concur::Error> {
        let hosts = self.deployment.concur_hosts();
        auth::exchange(&self.concur, &hosts, self.grant(app, at), company, token).await
    }

    fn grant<'a>(&self, app: &'a App, geolocation: &'a Geolocation) -> Grant<'a> {
        Grant {
            app,
            geolocation,
            answer_timeout: self.deployment.concur_answer(),
        }
    }

    fn to_store(
        &self,
        connection: &Connection,
        answer: &TokenAnswer,
        request_token_digest: String,
    ) -> Stored {
        let life = SignedDuration::try_from(answer.expires_in).unwrap_or_default();
        Stored {
            access_token: answer.access_token.clone(),
            granted: Some(self.clock.now()),
            ends: self.clock.now().checked_add(life).unwrap_or(Timestamp::MAX),
            refresh_token: answer.refresh_token.clone(),
            refresh_ends: answer
                .refresh_expires_at
                .and_then(|at| Timestamp::from_second(at).ok()),
            scope: answer.scope.clone(),
            geolocation: answer.geolocation.to_string(),
            request_token_digest,
            company_uuid: connection.concur.company_uuid.clone(),
            token_url: connection.concur.token_url.to_string(),
        }
    }

    async fn operator(&self, id: &ConnectionId) -> Result<Operator, TokenError> {
        let secret = self.vault.secret(id, OPERATOR_SECRET).await?;
        let secret = secret.ok_or_else(|| TokenError::SecretMissing(id.clone()))?;
        serde_json::from_str(secret.expose_secret()).map_err(|_| TokenError::SecretUnreadable {
            connection: id.clone(),
            name: OPERATOR_SECRET,
            fields: "client_id, client_secret and request_token",
        })
    }

    async fn stored_tokens(&self, id: &ConnectionId) -> Result<Option<Stored>, TokenError> {
        let Some(secret) = self.vault.secret(id, TOKENS_SECRET).await? else {
            return Ok(None);
        };
        let stored = serde_json::from_str(secret.expose_secret());
        stored.map(Some).map_err(|_| TokenError::SecretUnreadable {
            connection: id.clone(),
            name: TOKENS_SECRET,
            fields: "the connector writes",
        })
    }

    async fn store_tokens(&self, id: &ConnectionId, tokens: &Stored) -> Result<(), TokenError> {
        let text = serde_json::to_string(tokens).map_err(|_| TokenError::SecretUnreadable {
            connection: id.clone(),
            name: TOKENS_SECRET,
            fields: "the connector writes",
        })?;
        Ok(self
            .vault
            .put_secret(id, TOKENS_SECRET, &text.into())
            .await?)
    }

    fn keep_tokens(&self, id: &ConnectionId, tokens: Stored) -> Stored {
        let mut kept = self.kept.tokens.borrow_mut();
        kept.insert(id.clone(), Kept(tokens.clone()));
        tokens
    }
}

/// Digest of what tokens are asked for with.
fn offer(app: &App, company: &str, token: &SecretString) -> String {
    let secrets = [app.client_secret.expose_secret(), token.expose_secret()];
    let all = [app.client_id.as_str(), company, &secrets.join("\n")];
    digest(&all.join("\n").into())
}

/// The lease of the refresher carries what was refused for good.
fn may_offer(lease: &Lease, offer: &str, by: By, id: &ConnectionId) -> Result<(), TokenError> {
    if by == By::Run && lease.memo == offer {
        return Err(TokenError::Refused(id.clone()));
    }
    Ok(())
}

fn note_refusal(lease: &mut Lease, offer: String, asked: &Result<TokenAnswer, TokenError>) {
    let Err(TokenError::Grant(error)) = asked else {
        return;
    };
    let meaning = error.code().and_then(auth::meaning);
    let is_final = meaning.is_some_and(|meaning| meaning.outlook == Outlook::Final);
    if error.kind() == Kind::GrantRefused && is_final {
        lease.memo = offer;
    }
}

/// Asks at one place, and once more at the place the answer names (code 16).
async fn elsewhere_once(
    at: Geolocation,
    grant: impl AsyncFn(&Geolocation) -> Result<TokenAnswer, concur::Error>,
) -> Result<TokenAnswer, TokenError> {
    match grant(&at).await {
        Err(error) if error.kind() == Kind::GrantRefused => match error.geolocation() {
            Some(elsewhere) => grant(elsewhere).await.map_err(TokenError::Grant),
            None => Err(TokenError::Grant(error)),
        },
        done => done.map_err(TokenError::Grant),
    }
}

/// Writes a secret into what is stored as a secret; the only place where one is written out.
pub(crate) fn exposed<S: serde::Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// First 32 hex digits of the SHA-256 of a secret: enough to see that it changed, nothing to get it back from.
pub(crate) fn digest(secret: &SecretString) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Sha256::digest(secret.expose_secret().as_bytes())
        .iter()
        .take(16)
    {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
