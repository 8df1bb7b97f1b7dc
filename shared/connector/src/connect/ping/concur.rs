//! Concur's side: secret, token, place, scope, and the documents that are ready.

use concur::{Geolocation, Kind};
use jiff::{SignedDuration, Timestamp};
use posting::DocumentKind;

use super::finding::{Check, Finding};
use super::sheet::Sheet;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, PortError, Vault};
use crate::report::chain;
use crate::tokens::{ConcurError, RequestToken, TOKENS_SECRET, TokenError, TokenFacts};
use crate::translate::document_type;

/// Time for everything of a check that is not the answer itself.
const CHECK_MARGIN: SignedDuration = SignedDuration::from_secs(10);
/// Codes with which the token service refuses the application, whoever it asks for.
const APPLICATION_CODES: [i64; 8] = [53, 54, 59, 60, 61, 62, 63, 64];
/// Codes that say that a token is wrong or has ended.
const TOKEN_CODES: [i64; 4] = [5, 19, 108, 136];

pub(super) async fn check<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    sheet: &mut Sheet,
) {
    match needs.concur_secret(&connection.id).await {
        Ok(RequestToken::There) => {
            let detail = "readable; request_token is still in it and can be deleted once connected";
            sheet.ok(Check::ConcurSecret, None, detail);
        }
        Ok(RequestToken::Absent) => sheet.ok(Check::ConcurSecret, None, "readable"),
        Err(error) => sheet.found(of_secret(&error), None, chain(&error)),
    }
    let facts = if left(needs, run) {
        Some(Box::pin(needs.token_facts(connection, run)).await)
    } else {
        None
    };
    let why = match facts {
        Some(Ok(facts)) => {
            token(sheet, &facts, needs.now());
            None
        }
        Some(Err(error)) => Some(no_token(sheet, &error)),
        None => {
            sheet.skip(Check::ConcurToken, None, NO_TIME);
            Some(NO_TIME)
        }
    };
    if let Some(why) = why {
        for check in [Check::ConcurTokenLife, Check::ConcurScope] {
            sheet.skip(check, None, why);
        }
    }
    documents(needs, run, connection, (sheet, why)).await;
}

/// Why a check was not made at the end of a run.
pub(super) const NO_TIME: &str = "no time left in this invocation";

fn left<L: Ledger, Q, V, C: Clock>(needs: &Needs<L, Q, V, C>, run: &Run) -> bool {
    let clocks = &needs.deployment.clocks;
    let call = clocks.connect.saturating_add(clocks.concur_answer);
    run.left(needs.now()) > call.saturating_add(CHECK_MARGIN)
}

fn of_secret(error: &TokenError) -> Finding {
    match error {
        TokenError::SecretMissing(_) | TokenError::Port(PortError::Deleted { .. }) => {
            Finding::ConcurSecretMissing
        }
        TokenError::SecretUnreadable { .. } => Finding::ConcurSecretOdd,
        _ => Finding::ConcurSecretClosed,
    }
}

/// Rows of a token that is there.
fn token(sheet: &mut Sheet, facts: &TokenFacts, now: Timestamp) {
    let asked = match facts.granted {
        Some(granted) if granted == now => "asked for now".to_owned(),
        Some(granted) => format!("{} minutes old", now.duration_since(granted).as_mins()),
        None => "of unknown age".to_owned(),
    };
    let detail = format!("{asked}, good until {}", second(facts.ends));
    sheet.ok(Check::ConcurToken, None, detail);
    match facts.refresh_ends {
        Some(ends) if ends <= now => {
            let detail = format!("the refresh token ended at {}", second(ends));
            sheet.found(Finding::ConcurTokenEnded, None, detail);
        }
        Some(ends) if facts.end_soon(now) => {
            let days = ends.duration_since(now).as_hours() / 24;
            let detail = format!("the refresh token ends in {days} days, at {}", second(ends));
            sheet.found(Finding::ConcurTokenEnds, None, detail);
        }
        Some(ends) => {
            let detail = format!("the refresh token is good until {}", second(ends));
            sheet.ok(Check::ConcurTokenLife, None, detail);
        }
        None => sheet.ok(
            Check::ConcurTokenLife,
            None,
            "Concur did not tell the end of the refresh token; it lives six months from its last use",
        ),
    }
    place(sheet, &facts.geolocation);
    let scopes = facts
        .scope
        .as_deref()
        .map(|scopes| format!("granted: {scopes}"));
    match scopes {
        Some(detail) if facts.may_use_service() => sheet.ok(Check::ConcurScope, None, detail),
        Some(detail) => sheet.found(Finding::ConcurScopeMissing, None, detail),
        None => sheet.ok(
            Check::ConcurScope,
            None,
            "Concur did not tell the scopes; the documents prove it",
        ),
    }
}

fn place(sheet: &mut Sheet, place: &Geolocation) {
    let detail = format!("the company lives at {place}");
    sheet.ok(Check::ConcurGeolocation, None, detail);
}

/// Rows of a token that is not there; returns why the rest is skipped.
fn no_token(sheet: &mut Sheet, error: &TokenError) -> &'static str {
    let is_place = match error {
        TokenError::Geolocation(_) => true,
        TokenError::Grant(error) => error.kind() == Kind::HostRefused,
        _ => false,
    };
    let is_secret = match error {
        TokenError::SecretMissing(_) => true,
        TokenError::SecretUnreadable { name, .. } => *name != TOKENS_SECRET,
        _ => false,
    };
    if is_place {
        sheet.skip(Check::ConcurToken, None, "concur_geolocation failed");
        sheet.found(Finding::ConcurPlaceRefused, None, chain(error));
        return "concur_geolocation failed";
    }
    if is_secret {
        sheet.skip(Check::ConcurToken, None, "concur_secret failed");
        sheet.skip(Check::ConcurGeolocation, None, "concur_secret failed");
        return "concur_secret failed";
    }
    let finding = of_token(error);
    sheet.found(finding, None, chain(error));
    sheet.skip(Check::ConcurGeolocation, None, "there is no token");
    "there is no token"
}

fn of_token(error: &TokenError) -> Finding {
    match error {
        TokenError::Port(_) | TokenError::SecretUnreadable { .. } => Finding::ConcurTokenUnkept,
        TokenError::NotConnected(_) => Finding::ConcurNeverConnected,
        TokenError::OtherCompany(_) => Finding::ConcurOtherCompany,
        TokenError::Refused(_) => Finding::ConcurTokenRefused,
        TokenError::Busy(_) | TokenError::TooOften(_) => Finding::ConcurTokenBusy,
        TokenError::Grant(error) if error.kind() == Kind::GrantRefused => match error.code() {
            Some(code) if APPLICATION_CODES.contains(&code) => Finding::ConcurApplicationRefused,
            Some(code) if TOKEN_CODES.contains(&code) => Finding::ConcurTokenRefused,
            _ => Finding::ConcurRefused,
        },
        _ => Finding::ConcurUnreachable,
    }
}

/// One row per type: it is asked with a page of one document, so pages are documents. Nothing is acknowledged.
async fn documents<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    (sheet, mut why): (&mut Sheet, Option<&'static str>),
) {
    for kind in &connection.rules.documents {
        let of = kind.as_str();
        if why.is_none() && !left(needs, run) {
            why = Some(NO_TIME);
        }
        if let Some(why) = why {
            sheet.skip(Check::ConcurDocuments, Some(of), why);
            continue;
        }
        match ready(needs, run, connection, *kind).await {
            Ok(ready) => sheet.ok(Check::ConcurDocuments, Some(of), format!("{ready} ready")),
            Err(error) => {
                let (finding, rest) = of_documents(&error);
                sheet.found(finding, Some(of), chain(&error));
                why = rest;
            }
        }
    }
}

async fn ready<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    kind: DocumentKind,
) -> Result<String, ConcurError> {
    let call = async |client: &concur::Client| client.ready(document_type(kind), 0, 1).await;
    match Box::pin(needs.concur(connection, run, call)).await {
        Ok(page) => Ok(page.total_pages.map_or_else(
            || page.documents.len().to_string(),
            |pages| pages.to_string(),
        )),
        Err(ConcurError::Call(error)) if error.kind() == Kind::TooLarge => {
            Ok("at least 1, too large for this check,".to_owned())
        }
        Err(error) => Err(error),
    }
}

/// What a failed list means, and why no further type is asked where that is so.
fn of_documents(error: &ConcurError) -> (Finding, Option<&'static str>) {
    let failed = Finding::ConcurServiceFailed;
    match error {
        ConcurError::Token(_) => (failed, Some("the token was lost")),
        ConcurError::Call(error) if error.is_unauthorized() => (Finding::ConcurServiceClosed, None),
        ConcurError::Call(error) if matches!(error.kind(), Kind::Connect | Kind::Timeout) => {
            (failed, Some("the service did not answer"))
        }
        ConcurError::Call(_) | ConcurError::Late => (failed, None),
    }
}

/// An instant to the second.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_must_wait_is_no_outage() {
        let id = posting::ConnectionId::new("acme").unwrap();
        for error in [TokenError::Busy(id.clone()), TokenError::TooOften(id)] {
            assert_eq!(of_token(&error), Finding::ConcurTokenBusy, "{error}");
        }
    }
}
