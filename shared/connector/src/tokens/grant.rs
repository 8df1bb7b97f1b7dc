//! What happens under the lease of the one refresher: what is stored is read again, the next tokens are asked for and stored
//! before anybody uses them.
//!
//! A grant whose answer was lost is repeated with the token it was asked with: Concur lets a request token be used several
//! times in its 24 hours, and a refresh token usually stays the same. Where it was replaced after all, Concur says so with
//! code 108, and a person must make a new request token.

use concur::auth::{self, App, Grant, Outlook, TokenAnswer};
use concur::{Geolocation, Kind};
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};

use super::stored::{Operator, Stored, digest};
use super::{By, Rescued, TOKENS_SECRET, TokenError, mark};
use crate::connection::Connection;
use crate::needs::Needs;
use crate::ports::{Clock, Lease, Ledger, Vault};

/// What became of the wish for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Did {
    /// The stored ones are good; nothing was asked for.
    Kept,
    /// They were refreshed.
    Refreshed,
    /// The request token was exchanged where the connection says.
    Exchanged,
    /// It was exchanged in the data centre Concur named instead.
    ExchangedElsewhere,
}

/// What tokens are asked for with.
enum Offered {
    Refresh(Stored),
    Request {
        token: SecretString,
        before: Option<Stored>,
    },
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Only under the lease.
    pub(super) async fn granted(
        &self,
        connection: &Connection,
        stale: Option<&SecretString>,
        lease: &mut Lease,
        by: By,
    ) -> Result<(Stored, Did), TokenError> {
        let id = &connection.id;
        let operator = self.operator(id).await?;
        let mut stored = self.stored_tokens(id).await?;
        let held = mark(stored.as_ref().map(|stored| &stored.refresh_token));
        if self.rescue(id, TOKENS_SECRET, &held).await? == Rescued::Stored {
            stored = self.stored_tokens(id).await?;
        }
        let chosen = chosen(stored, &operator);
        let app = App {
            client_id: operator.client_id,
            client_secret: operator.client_secret,
        };
        let before = chosen
            .as_ref()
            .filter(|_| by == By::Run)
            .and_then(|chosen| passed_over(chosen, connection, &app, lease));
        let offered = match before.map(Offered::Refresh).or(chosen) {
            None => return Err(TokenError::NotConnected(id.clone())),
            Some(Offered::Refresh(stored)) if !stored.belong_to(connection) => {
                return Err(TokenError::OtherCompany(id.clone()));
            }
            Some(Offered::Refresh(stored)) if self.usable(&stored, stale) => {
                return Ok((self.keep_tokens(id, stored), Did::Kept));
            }
            Some(Offered::Refresh(stored)) if !stored.writes.allow(self.clock.now()) => {
                let has_ended = stored.ends <= self.clock.now();
                return if stale.is_some() || has_ended {
                    Err(TokenError::TooOften(id.clone()))
                } else {
                    Ok((self.keep_tokens(id, stored), Did::Kept))
                };
            }
            Some(offered) => offered,
        };
        let asked = self
            .asked(connection, &app, &offered, (lease, by))
            .await
            .inspect_err(|error| self.note(id, error, (&offered, by)));
        if asked.is_err()
            && by == By::Run
            && passed_over(&offered, connection, &app, lease).is_some()
        {
            return Box::pin(self.granted(connection, stale, lease, by)).await;
        }
        let asked = asked?;
        let (fresh, did) = self.read(connection, &offered, &asked);
        self.store_tokens(id, &fresh, held).await?;
        Ok((self.keep_tokens(id, fresh), did))
    }

    /// An answer as it is stored, and what it was.
    fn read(&self, connection: &Connection, offered: &Offered, asked: &Asked) -> (Stored, Did) {
        let now = self.clock.now();
        let answer = &asked.answer;
        match offered {
            Offered::Refresh(before) => {
                let digest = before.request_token_digest.clone();
                let fresh = Stored::of(answer, connection, (digest, Some(before)), now);
                (fresh, Did::Refreshed)
            }
            Offered::Request { token, before } => {
                let before = before.as_ref().filter(|old| old.belong_to(connection));
                let mut fresh = Stored::of(answer, connection, (digest(token), before), now);
                // What Concur does not name this time is not known of the new tokens.
                fresh.scope.clone_from(&answer.scope);
                match &asked.elsewhere {
                    Some(place) => {
                        fresh.exchange_at = Some(place.to_string());
                        (fresh, Did::ExchangedElsewhere)
                    }
                    None => (fresh, Did::Exchanged),
                }
            }
        }
    }

    async fn asked(
        &self,
        connection: &Connection,
        app: &App,
        offered: &Offered,
        (lease, by): (&mut Lease, By),
    ) -> Result<Asked, TokenError> {
        let id = &connection.id;
        let company = connection.concur.company_uuid.as_str();
        match offered {
            Offered::Refresh(stored) => {
                let at = self.geolocation(stored)?;
                let token = &stored.refresh_token;
                let offer = offer(app, company, token);
                may_offer(lease, &offer, by, id)?;
                let grant = async |at: &Geolocation| self.refresh(app, at, token).await;
                let asked = elsewhere_once(at, grant).await;
                note_refusal(lease, &offer, &asked);
                asked
            }
            Offered::Request { token, before } => {
                let at = self.exchange_place(connection, before.as_ref())?;
                let offer = offer(app, company, token);
                may_offer(lease, &offer, by, id)?;
                let grant = async |at: &Geolocation| self.exchange(app, at, (company, token)).await;
                let asked = elsewhere_once(at, grant).await;
                note_refusal(lease, &offer, &asked);
                asked
            }
        }
    }

    /// Where the connection says, or where Concur once sent us for this company.
    fn exchange_place(
        &self,
        connection: &Connection,
        before: Option<&Stored>,
    ) -> Result<Geolocation, TokenError> {
        let remembered = before
            .filter(|before| before.belong_to(connection))
            .and_then(|before| before.exchange_at.as_deref());
        match remembered {
            Some(place) => Ok(self.deployment.concur_hosts().geolocation(place)?),
            None => Ok(connection.concur.token_url.clone()),
        }
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

    /// A refusal that ends the work of a connection is counted for the alarm. One that a person sees in the answer is not.
    fn note(&self, id: &ConnectionId, error: &TokenError, (offered, by): (&Offered, By)) {
        let is_seen = by == By::Person && matches!(offered, Offered::Request { .. });
        if error.is_refused() && !is_seen {
            let code = match error {
                TokenError::Grant(error) => error.code(),
                _ => None,
            };
            tracing::error!(connection = %id, code, "token refused by Concur; see Tokens in the README");
            // What is only remembered does not ring again with every run: it would drown the alarms of other customers.
            if !matches!(error, TokenError::Refused(_)) {
                self.kept.note_refused();
            }
        }
    }
}

/// What is offered: the refresh token, unless the operator put another request token than the one used.
fn chosen(stored: Option<Stored>, operator: &Operator) -> Option<Offered> {
    match (stored, &operator.request_token) {
        (Some(stored), None) => Some(Offered::Refresh(stored)),
        (Some(stored), Some(token)) if stored.request_token_digest == digest(token) => {
            Some(Offered::Refresh(stored))
        }
        (before, Some(token)) => Some(Offered::Request {
            token: token.clone(),
            before,
        }),
        (None, None) => None,
    }
}

/// The tokens a run goes on with when the request token beside them was refused for good: whoever put it hears of it, and
/// documents need not wait for a better one.
fn passed_over(
    offered: &Offered,
    connection: &Connection,
    app: &App,
    lease: &Lease,
) -> Option<Stored> {
    let Offered::Request { token, before } = offered else {
        return None;
    };
    let company = connection.concur.company_uuid.as_str();
    let before = before.as_ref().filter(|old| old.belong_to(connection));
    before
        .filter(|_| was_refused(lease, &offer(app, company, token)))
        .cloned()
}

/// An answer, and where it came from if not from where it was asked first.
struct Asked {
    answer: TokenAnswer,
    elsewhere: Option<Geolocation>,
}

/// Digest of what tokens are asked for with.
fn offer(app: &App, company: &str, token: &SecretString) -> String {
    let secrets = [app.client_secret.expose_secret(), token.expose_secret()];
    let all = [app.client_id.as_str(), company, &secrets.join("\n")];
    digest(&all.join("\n").into())
}

/// The lease of the refresher carries what was refused for good: the last request token and the last refresh token.
fn was_refused(lease: &Lease, offer: &str) -> bool {
    lease.memo.split(' ').any(|refused| refused == offer)
}

fn may_offer(lease: &Lease, offer: &str, by: By, id: &ConnectionId) -> Result<(), TokenError> {
    if by == By::Run && was_refused(lease, offer) {
        return Err(TokenError::Refused(id.clone()));
    }
    Ok(())
}

fn note_refusal(lease: &mut Lease, offer: &str, asked: &Result<Asked, TokenError>) {
    let Err(TokenError::Grant(error)) = asked else {
        return;
    };
    let meaning = error.code().and_then(auth::meaning);
    let is_final = meaning.is_some_and(|meaning| meaning.outlook == Outlook::Final);
    if error.kind() == Kind::GrantRefused && is_final {
        let mut others = lease.memo.split(' ').filter(|refused| *refused != offer);
        lease.memo = match others.next_back() {
            Some(last) if !last.is_empty() => format!("{last} {offer}"),
            _ => offer.to_owned(),
        };
    }
}

/// Asks at one place, and once more at the place the answer names (code 16).
async fn elsewhere_once(
    at: Geolocation,
    grant: impl AsyncFn(&Geolocation) -> Result<TokenAnswer, concur::Error>,
) -> Result<Asked, TokenError> {
    let error = match grant(&at).await {
        Ok(answer) => {
            return Ok(Asked {
                answer,
                elsewhere: None,
            });
        }
        Err(error) => error,
    };
    let named = error.geolocation().filter(|named| **named != at).cloned();
    let Some(elsewhere) = named.filter(|_| error.kind() == Kind::GrantRefused) else {
        return Err(TokenError::Grant(error));
    };
    let answer = grant(&elsewhere).await.map_err(TokenError::Grant)?;
    Ok(Asked {
        answer,
        elsewhere: Some(elsewhere),
    })
}
