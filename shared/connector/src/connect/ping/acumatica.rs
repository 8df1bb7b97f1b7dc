//! Acumatica's side: the site, its clock and endpoints, the secret, and the seat on which the tenant is asked.

use acumatica::{Instance, Kind, Session};
use jiff::Timestamp;

use super::concur::NO_TIME;
use super::desk::{Desk, Licence, No, has_time};
use super::finding::{Check, Finding};
use super::sheet::Sheet;
use super::tenant;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, PortError, Vault};
use crate::report::chain;
use crate::seats::{Seat, SeatError};

/// Clocks may differ by so many seconds.
const CLOCK_SECONDS_MAX: u64 = 60;
/// Endpoints named in a detail at most.
const ENDPOINTS_NAMED_MAX: usize = 20;
/// The endpoint every site has, which is listed without a token.
const BUILT_IN: &str = "Default";
/// First release whose endpoints are of contract version 5.
const CONTRACT_FIVE_FROM: u32 = 26;

pub(super) async fn check<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    sheet: &mut Sheet,
) {
    let site = site(needs, run, connection, sheet).await;
    let secret = needs.acumatica_secret(connection).await;
    let why = credentials(sheet, connection, secret).or(site.as_ref().err().copied());
    let seat = match why {
        Some(why) => {
            sheet.skip(Check::AcumaticaToken, None, why);
            Err(why)
        }
        None => seat(needs, run, connection, sheet).await,
    };
    let seat = match seat {
        Ok(seat) => seat,
        Err(why) => {
            match &site {
                Ok(site) if speaks_for(site, connection) => endpoint(sheet, site, connection),
                _ => sheet.skip(Check::AcumaticaEndpoint, None, why),
            }
            tenant::skip(sheet, connection, why);
            return;
        }
    };
    let mut desk = Desk {
        needs,
        run,
        connection,
        sheet,
        seat,
        licence: Licence::default(),
        stop: None,
    };
    Box::pin(own_endpoint(&mut desk, site.ok())).await;
    Box::pin(tenant::check(&mut desk)).await;
    needs.leave_seat(desk.seat).await;
}

/// The address, asked without a token: what it says about itself, and its clock.
async fn site<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    sheet: &mut Sheet,
) -> Result<Instance, &'static str> {
    let skip = |sheet: &mut Sheet, why| {
        sheet.skip(Check::AcumaticaSite, None, why);
        sheet.skip(Check::AcumaticaClock, None, why);
        Err(why)
    };
    if !has_time(needs, run) {
        return skip(sheet, NO_TIME);
    }
    let timeout = needs.deployment.acumatica_answer();
    let site = &connection.acumatica.site;
    let asked = acumatica::instance(&needs.acumatica, site, timeout).await;
    let told = match asked {
        Ok(told) => told,
        Err(error) if error.kind() == Kind::TooManyRequests => {
            return skip(sheet, tenant::TOO_MANY);
        }
        Err(error) => {
            let finding = match error.kind() {
                Kind::Unreachable | Kind::TimedOut | Kind::Broken => Finding::SiteUnreachable,
                _ => Finding::SiteOdd,
            };
            sheet.found(finding, None, chain(&error));
            sheet.skip(Check::AcumaticaClock, None, "acumatica_site failed");
            return Err("acumatica_site failed");
        }
    };
    let build = told.build.as_deref().unwrap_or("unknown");
    let detail = format!("build {build}, offers {}", offered(&told));
    sheet.ok(Check::AcumaticaSite, None, detail);
    clock(sheet, told.clock, needs.now());
    Ok(told)
}

fn clock(sheet: &mut Sheet, theirs: Option<Timestamp>, ours: Timestamp) {
    let Some(theirs) = theirs else {
        sheet.ok(Check::AcumaticaClock, None, "the answer tells no time");
        return;
    };
    let seconds = theirs.duration_since(ours).as_secs();
    let detail = match seconds {
        0 => "no difference".to_owned(),
        ahead @ 1.. => format!("Acumatica is {ahead} s ahead"),
        behind => format!("Acumatica is {} s behind", behind.unsigned_abs()),
    };
    if seconds.unsigned_abs() > CLOCK_SECONDS_MAX {
        sheet.found(Finding::ClockOff, None, detail);
    } else {
        sheet.ok(Check::AcumaticaClock, None, detail);
    }
}

/// Rows of the operator's secret and of the tenant its application is of; returns why no token can be had.
fn credentials(
    sheet: &mut Sheet,
    connection: &Connection,
    secret: Result<(), SeatError>,
) -> Option<&'static str> {
    let error = match secret {
        Ok(()) => {
            let detail = format!("client_id ends in @{}", connection.acumatica.site.tenant());
            sheet.ok(Check::AcumaticaSecret, None, "readable");
            sheet.ok(Check::AcumaticaTenant, None, detail);
            return None;
        }
        Err(error @ SeatError::OtherTenant(_)) => {
            sheet.ok(Check::AcumaticaSecret, None, "readable");
            sheet.found(Finding::TenantOther, None, chain(&error));
            return Some("acumatica_tenant failed");
        }
        Err(error) => error,
    };
    let finding = match error {
        SeatError::SecretMissing(_) | SeatError::Port(PortError::Deleted { .. }) => {
            Finding::AcumaticaSecretMissing
        }
        SeatError::SecretUnreadable { .. } => Finding::AcumaticaSecretOdd,
        _ => Finding::AcumaticaSecretClosed,
    };
    let why = "acumatica_secret failed";
    sheet.found(finding, None, chain(&error));
    sheet.skip(Check::AcumaticaTenant, None, why);
    Some(why)
}

/// Takes a seat as a run does; the row of the token. What the licence refuses is left to its own row.
async fn seat<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    sheet: &mut Sheet,
) -> Result<Seat, &'static str> {
    if !has_time(needs, run) {
        sheet.skip(Check::AcumaticaToken, None, NO_TIME);
        return Err(NO_TIME);
    }
    let error = match Box::pin(needs.take_seat(connection, run)).await {
        Ok(Some(seat)) => {
            let seats = connection.acumatica.seats;
            let detail = format!("there is one, and a free seat of {seats}");
            sheet.ok(Check::AcumaticaToken, None, detail);
            return Ok(seat);
        }
        Ok(None) => {
            let why = "every seat is taken";
            sheet.found(Finding::SeatsTaken, None, why);
            return Err(why);
        }
        Err(error) => error,
    };
    let kind = error.acumatica().map(acumatica::Error::kind);
    let refused = match (&error, kind) {
        (_, Some(Kind::LoginLimit)) => Some(tenant::LOGIN_LIMIT),
        (_, Some(Kind::TooManyRequests)) => Some(tenant::TOO_MANY),
        (SeatError::Slow, _) => Some(tenant::SPENT),
        _ => None,
    };
    if let Some(why) = refused {
        sheet.skip(Check::AcumaticaToken, None, why);
        return Err(why);
    }
    let finding = match (&error, kind) {
        (SeatError::Refused(_), _) | (_, Some(Kind::GrantRefused)) => {
            Finding::AcumaticaGrantRefused
        }
        (SeatError::NoConsent { .. }, _) => Finding::SeatWithoutConsent,
        (SeatError::Busy(_), _) => Finding::SeatsTaken,
        _ => Finding::AcumaticaTokenFailed,
    };
    sheet.found(finding, None, chain(&error));
    Err("there is no token")
}

/// Whether what a site says without a token settles the endpoint: custom ones are listed only with one.
fn speaks_for(told: &Instance, connection: &Connection) -> bool {
    let site = &connection.acumatica.site;
    told.offers(site) || site.endpoint().eq_ignore_ascii_case(BUILT_IN)
}

/// The endpoint, with the tenant's own ones where they are needed. A missing one ends the asking.
async fn own_endpoint<L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    told: Option<Instance>,
) {
    let connection = desk.connection;
    let told = match told {
        Some(told) if speaks_for(&told, connection) => Ok(told),
        _ => {
            let call = async |session: &mut Session| session.instance().await;
            desk.ask(call).await
        }
    };
    match told {
        Ok(told) => {
            endpoint(desk.sheet, &told, connection);
            if !told.offers(&connection.acumatica.site) {
                desk.stop = Some("acumatica_endpoint failed");
            }
        }
        Err(no) => {
            let check = (Check::AcumaticaEndpoint, None);
            desk.note(
                check,
                &no,
                (Finding::EndpointMissing, Finding::EndpointMissing),
            );
            if !matches!(no, No::Skipped(_)) {
                desk.stop = Some("acumatica_endpoint failed");
            }
        }
    }
}

fn endpoint(sheet: &mut Sheet, told: &Instance, connection: &Connection) {
    let site = &connection.acumatica.site;
    let wanted = format!("{} {}", site.endpoint(), site.version());
    if told.offers(site) {
        let detail = format!("{wanted} is offered, contract version 4");
        sheet.ok(Check::AcumaticaEndpoint, None, detail);
        return;
    }
    let mut same = told
        .endpoints
        .iter()
        .filter(|row| row.name == site.endpoint())
        .peekable();
    let is_five = same.peek().is_some() && same.all(|row| is_contract_five(&row.version));
    let finding = if is_five {
        Finding::EndpointContractFive
    } else {
        Finding::EndpointMissing
    };
    let detail = format!("{wanted} is not offered, but {}", offered(told));
    sheet.found(finding, None, detail);
}

fn is_contract_five(version: &str) -> bool {
    let release = version.split('.').next().and_then(|year| year.parse().ok());
    release.is_some_and(|release: u32| release >= CONTRACT_FIVE_FROM)
}

/// The endpoints of a site as people read them.
fn offered(told: &Instance) -> String {
    let named = told.endpoints.iter().take(ENDPOINTS_NAMED_MAX).map(|row| {
        let five = if is_contract_five(&row.version) {
            " (contract version 5, not spoken)"
        } else {
            ""
        };
        format!("{} {}{five}", row.name, row.version)
    });
    let named: Vec<_> = named.collect();
    match told.endpoints.len().saturating_sub(named.len()) {
        _ if named.is_empty() => "no endpoint".to_owned(),
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
