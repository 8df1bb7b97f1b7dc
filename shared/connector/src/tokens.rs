//! Keeper of Concur's tokens: one refresher at a time for each connection, a rotated token stored before it is used, and
//! the geolocation of the last answer for every call.

mod error;
mod facts;
mod grant;
mod rescue;
mod stored;
mod writes;

use std::time::Duration;

use concur::Geolocation;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use crate::circuit::Side;
use crate::claimed::Claimed;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::retry::Class;
pub use error::{ConcurError, TokenError};
pub(crate) use facts::{Connected, RequestToken, TokenFacts};
pub(crate) use grant::Did;
pub(crate) use rescue::{Rescued, Unstored, mark};
use stored::Stored;
pub(crate) use stored::{digest, exposed};
pub(crate) use writes::Writes;

/// Name of the operator's secret.
pub const OPERATOR_SECRET: &str = "concur";
/// Name of the secret the connector writes.
pub const TOKENS_SECRET: &str = "concur-tokens";
/// By so much the clocks of Concur and of the workers may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);
/// Grants under one lease of a refresher: at the known place, and at the one the answer names, with the request token and
/// then with the refresh token.
const GRANTS_MAX: i32 = 4;
/// Time for the secrets under one lease of a refresher: two are read, once more after a refused request token, and one is
/// written, which may take three calls of up to 25 s each.
const SECRETS_TIME: SignedDuration = SignedDuration::from_secs(175);
/// Tokens that may be refused one after the other before a fresh one is: the process's own, and the stored one.
const REFUSED_MAX: u32 = 2;
/// Looks for the tokens another worker is refreshing, and the pause between them; then the work is given back.
const LOOKS_MAX: u32 = 10;
const LOOK_PAUSE: Duration = Duration::from_millis(500);

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
    /// Makes a call with a valid token; when the token is refused, refreshes once and repeats once. What another worker
    /// stored may be refused like the process's own, and is refreshed then.
    ///
    /// # Errors
    /// [`ConcurError`].
    pub async fn concur<T>(
        &self,
        connection: &Connection,
        run: &Run,
        call: impl AsyncFn(&concur::Client) -> Result<T, concur::Error>,
    ) -> Result<T, ConcurError> {
        let done = self.call_concur(connection, run, &[], call).await;
        self.heard_of_concur(connection, done.as_ref().err());
        done
    }

    /// The same for a call that changes something for what is claimed: it is neither begun nor repeated when its answer could come
    /// after the run.
    pub(crate) async fn write_concur<T>(
        &self,
        connection: &Connection,
        run: &Run,
        claimed: &[&Claimed],
        call: impl AsyncFn(&concur::Client) -> Result<T, concur::Error>,
    ) -> Result<T, ConcurError> {
        let done = self.call_concur(connection, run, claimed, call).await;
        self.heard_of_concur(connection, done.as_ref().err());
        done
    }

    /// What a call, or the grant before it, says about Concur's health.
    fn heard_of_concur(&self, connection: &Connection, error: Option<&ConcurError>) {
        let class = error.map(Class::of_call);
        // A call that was not made says nothing.
        if class != Some(None) {
            self.heard(&connection.id, Side::Concur, class.flatten());
        }
    }

    async fn call_concur<T>(
        &self,
        connection: &Connection,
        run: &Run,
        claimed: &[&Claimed],
        call: impl AsyncFn(&concur::Client) -> Result<T, concur::Error>,
    ) -> Result<T, ConcurError> {
        let (mut tokens, _) = self.concur_tokens(connection, run, None).await?;
        for _ in 0..REFUSED_MAX {
            self.all_in_time(claimed)?;
            let refused = match call(&self.client(&tokens)?).await {
                Err(error) if error.is_unauthorized() => error,
                done => return Ok(done?),
            };
            let stale = Some(&tokens.access_token);
            let did = match self.concur_tokens(connection, run, stale).await {
                Ok((fresh, did)) => {
                    tokens = fresh;
                    did
                }
                // So many fresh ones were refused that it is not the token.
                Err(TokenError::TooOften(_)) => return Err(refused.into()),
                Err(error) => return Err(error.into()),
            };
            if did != Did::Kept {
                break;
            }
        }
        self.all_in_time(claimed)?;
        Ok(call(&self.client(&tokens)?).await?)
    }

    fn all_in_time(&self, claimed: &[&Claimed]) -> Result<(), ConcurError> {
        let (now, margin) = (self.clock.now(), self.deployment.clocks.write_margin);
        let in_time = claimed.iter().all(|claimed| claimed.lasts(now, margin));
        in_time.then_some(()).ok_or(ConcurError::Late)
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
    ) -> Result<(Stored, Did), TokenError> {
        if let Some(Kept(kept)) = self.kept.tokens.borrow().get(&connection.id)
            && kept.belong_to(connection)
            && self.usable(kept, stale)
        {
            return Ok((kept.clone(), Did::Kept));
        }
        if let Some(stored) = self.stored_tokens(&connection.id).await?
            && stored.belong_to(connection)
            && self.usable(&stored, stale)
        {
            return Ok((self.keep_tokens(&connection.id, stored), Did::Kept));
        }
        // Rare and deep, so it does not make every call's future larger.
        Box::pin(self.refreshed(connection, run, stale, By::Run)).await
    }

    /// A token is used no longer than until this before its end: the longest call must end with it.
    fn usable(&self, tokens: &Stored, stale: Option<&SecretString>) -> bool {
        let left = tokens.ends.duration_since(self.clock.now());
        let is_stale =
            stale.is_some_and(|stale| stale.expose_secret() == tokens.access_token.expose_secret());
        left > self.call_time().saturating_add(CLOCKS_DIFFER) && !is_stale
    }

    /// Refreshes under the lease, or waits for whoever does.
    async fn refreshed(
        &self,
        connection: &Connection,
        run: &Run,
        stale: Option<&SecretString>,
        by: By,
    ) -> Result<(Stored, Did), TokenError> {
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
                return Ok((self.keep_tokens(&connection.id, stored), Did::Kept));
            }
        }
        Err(TokenError::Busy(connection.id.clone()))
    }

    /// Longest time of one call to Concur.
    fn call_time(&self) -> SignedDuration {
        let clocks = &self.deployment.clocks;
        clocks.connect.saturating_add(clocks.concur_answer)
    }

    /// Longest time of a refresh: as long its lease lasts.
    fn refresh_time(&self) -> SignedDuration {
        self.call_time()
            .saturating_mul(GRANTS_MAX)
            .saturating_add(SECRETS_TIME)
    }

    fn keep_tokens(&self, id: &ConnectionId, tokens: Stored) -> Stored {
        let mut kept = self.kept.tokens.borrow_mut();
        kept.insert(id.clone(), Kept(tokens.clone()));
        tokens
    }
}
