//! Seats by consent (authorization code with PKCE): a person agrees once for each seat, and its refresh tokens do the rest.
//!
//! `connect` prints the address to open. The browser ends at the redirect address, which the person puts whole into the
//! operator's secret as `code`; the next `connect` exchanges it. State and verifier wait in a secret of the connector's own.

use acumatica::auth::{CodeAnswer, Consent};
use percent_encoding::percent_decode_str;
use posting::ConnectionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::token::{Credentials, Offer, SeatToken, secret_name, unreadable};
use super::{Seat, SeatError};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::tokens::{digest, exposed};

/// Name of the secret a request for consent waits in.
const CONSENT_SECRET: &str = "acumatica-consent";

/// How a connection's seats stand.
#[derive(Debug)]
pub(crate) enum Standing {
    /// User name and password serve every seat.
    Password,
    /// The seat has its refresh token.
    Consented,
    /// It got it just now.
    ConsentedNow,
    /// It waits for a person to open the address.
    Wanted(String),
    /// What the person put answers another request; the address of the one that waits.
    StateOther(String),
    /// The code was refused or is lost; the address of a new request.
    CodeSpent(SeatError, String),
    /// Another worker holds the seat.
    Busy,
}

/// What waits in [`CONSENT_SECRET`].
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    /// The seat it is for.
    seat: u32,
    /// [`Credentials::identity`] and redirect address it was made for.
    identity: String,
    redirect_uri: String,
    #[serde(serialize_with = "exposed")]
    state: SecretString,
    #[serde(serialize_with = "exposed")]
    verifier: SecretString,
    /// Digest of what stood as `code` when it was made: that answers an earlier request.
    spent: String,
    /// [`SeatToken::consent`] of the seat when it was made: with another one the request was answered.
    before: String,
}

impl Pending {
    fn address(&self, connection: &Connection, credentials: &Credentials) -> String {
        let consent = Consent {
            state: self.state.clone(),
            verifier: self.verifier.clone(),
        };
        let application = credentials.application();
        consent.address(&connection.acumatica.site, &application, &self.redirect_uri)
    }
}

impl<L: Ledger, Q, V: Vault, C: Clock> Needs<L, Q, V, C> {
    /// Brings the consents on as far as they go without a person: one standing per seat, up to the first that waits. May be
    /// repeated: a code that was exchanged or refused is not offered again.
    ///
    /// # Errors
    /// [`SeatError`].
    pub(crate) async fn connect_acumatica(
        &self,
        connection: &Connection,
        run: &Run,
    ) -> Result<Vec<Standing>, SeatError> {
        let credentials = self.acumatica_credentials(connection).await?;
        let served = credentials.application().serves(&connection.acumatica.site);
        served.map_err(SeatError::OtherTenant)?;
        if credentials.user().is_some() {
            return Ok(vec![Standing::Password]);
        }
        let mut standings = Vec::new();
        for seat in 1..=connection.acumatica.seats {
            let standing = self.consent(connection, run, (&credentials, seat)).await?;
            let goes_on = matches!(standing, Standing::Consented | Standing::ConsentedNow);
            standings.push(standing);
            if !goes_on {
                break;
            }
        }
        Ok(standings)
    }

    async fn consent(
        &self,
        connection: &Connection,
        run: &Run,
        (credentials, number): (&Credentials, u32),
    ) -> Result<Standing, SeatError> {
        let id = &connection.id;
        let known = self.stored_seat_token(id, number).await?;
        if known
            .as_ref()
            .is_some_and(|known| known.identity == credentials.identity && known.has_consent())
        {
            return Ok(Standing::Consented);
        }
        let before = known.map(|known| known.consent).unwrap_or_default();
        let wanted = (credentials, number, before.as_str());
        let Some(pending) = self.pending(id, wanted).await? else {
            let pending = self.ask_consent(id, wanted).await?;
            return Ok(Standing::Wanted(pending.address(connection, credentials)));
        };
        let address = pending.address(connection, credentials);
        let Some(given) = credentials
            .code()
            .filter(|code| digest(code) != pending.spent)
        else {
            return Ok(Standing::Wanted(address));
        };
        let Some(code) = code_for(given.expose_secret(), pending.state.expose_secret()) else {
            return Ok(Standing::StateOther(address));
        };
        let Some(mut seat) = self.lease_seat(connection, run, number).await? else {
            return Ok(Standing::Busy);
        };
        let offer = Offer::Code {
            answer: CodeAnswer {
                code: code.into(),
                verifier: pending.verifier,
                redirect_uri: pending.redirect_uri,
            },
            consent: digest(given),
        };
        let granted = self
            .exchanged(&mut seat, connection, (credentials, &offer))
            .await;
        self.leave_seat(seat).await;
        let Err(error) = granted else {
            return Ok(Standing::ConsentedNow);
        };
        let is_spent = error.is_refused()
            || error
                .acumatica()
                .is_some_and(acumatica::Error::outcome_unknown);
        if !is_spent {
            return Err(error);
        }
        let pending = self.ask_consent(id, wanted).await?;
        let address = pending.address(connection, credentials);
        Ok(Standing::CodeSpent(error, address))
    }

    async fn exchanged(
        &self,
        seat: &mut Seat,
        connection: &Connection,
        granting: (&Credentials, &Offer),
    ) -> Result<SeatToken, SeatError> {
        let old = self.seat_token(seat, &connection.id).await?;
        let now = self.clock.now();
        if let Some(old) = old.filter(|old| old.ends > now)
            && !seat.memo.is_void(&digest(&old.access_token))
        {
            // Its session would stay taken beside the new one until the token's end.
            self.sign_out(seat, connection, &old).await.ok();
        }
        seat.memo.serve(&granting.0.identity);
        Box::pin(self.granted_token(seat, connection, granting)).await
    }

    pub(super) async fn stored_seat_token(
        &self,
        id: &ConnectionId,
        number: u32,
    ) -> Result<Option<SeatToken>, SeatError> {
        let name = secret_name(number);
        let Some(secret) = self.vault.secret(id, &name).await? else {
            return Ok(None);
        };
        let read = serde_json::from_str(secret.expose_secret());
        read.map(Some)
            .map_err(|_| unreadable(id, name, "the connector writes"))
    }

    /// The request for a seat's consent that waits, if it is still the right one. One that cannot be read is made anew.
    async fn pending(
        &self,
        id: &ConnectionId,
        (credentials, seat, before): (&Credentials, u32, &str),
    ) -> Result<Option<Pending>, SeatError> {
        let Some(secret) = self.vault.secret(id, CONSENT_SECRET).await? else {
            return Ok(None);
        };
        let pending: Option<Pending> = serde_json::from_str(secret.expose_secret()).ok();
        Ok(pending.filter(|pending| {
            pending.seat == seat
                && pending.before == before
                && pending.identity == credentials.identity
                && pending.redirect_uri == credentials.redirect_uri()
        }))
    }

    async fn ask_consent(
        &self,
        id: &ConnectionId,
        (credentials, seat, before): (&Credentials, u32, &str),
    ) -> Result<Pending, SeatError> {
        let Consent { state, verifier } = Consent::new()?;
        let pending = Pending {
            seat,
            identity: credentials.identity.clone(),
            redirect_uri: credentials.redirect_uri().to_owned(),
            state,
            verifier,
            spent: credentials.code().map(digest).unwrap_or_default(),
            before: before.to_owned(),
        };
        let text = serde_json::to_string(&pending)
            .map_err(|_| unreadable(id, CONSENT_SECRET.to_owned(), "the connector writes"))?;
        let text = text.into();
        self.vault.put_secret(id, CONSENT_SECRET, &text).await?;
        Ok(pending)
    }
}

/// The code in what the person put: the code alone, or the whole address the browser ended at, which must answer `state`.
fn code_for(given: &str, state: &str) -> Option<String> {
    let given = given.trim();
    let Some((_, query)) = given.split_once('?') else {
        return Some(given.to_owned());
    };
    let query = query.split('#').next().unwrap_or_default();
    let field = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    field("code").filter(|_| field("state").as_deref() == Some(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_from_the_address_that_answers_the_request() {
        let of = |given: &str| code_for(given, "S-1");
        assert_eq!(of(" abc ").as_deref(), Some("abc"));
        let address = "https://localhost/connected?code=a%2Bb%3D&scope=api&state=S-1#x";
        assert_eq!(of(address).as_deref(), Some("a+b="));
        for other in [
            "https://localhost/connected?code=abc&state=S-2",
            "https://localhost/connected?code=abc",
            "https://localhost/connected?error=access_denied&state=S-1",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
