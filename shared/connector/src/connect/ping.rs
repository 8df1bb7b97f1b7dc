//! `ping`: one row per check of both systems, each failure with its cure. It stores tokens and changes nothing else.

use std::time::Instant;

use acumatica::{Bill, Entity, Filter, JournalTransaction, Query, Session, Vendor};
use posting::ConnectionId;
use serde::Serialize;

use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::report::chain;
use crate::seats::{Seat, SeatError};
use crate::tokens::ConcurError;
use crate::translate::document_type;

/// The answer of `ping`.
#[derive(Debug, Serialize)]
pub struct Pinged {
    /// The connection.
    pub connection: ConnectionId,
    /// Whether every check holds.
    pub ok: bool,
    /// The checks, in the order they build on each other.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was checked.
    pub check: String,
    /// Whether it holds.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// What was found.
    pub detail: String,
    /// What to do; empty when it holds.
    pub cure: &'static str,
}

const CONCUR_SECRET: &str = "Put client_id, client_secret and request_token into the secret `concur` and run action connect.";
const CONCUR_FIS: &str = "The application needs scope FISVC, and SAP must have switched the Financial Integration Service on for the company.";
const ACUMATICA_SITE: &str =
    "Check acumatica.url, and that the endpoint and its version exist (form SM207060).";
const ACUMATICA_SECRET: &str = "Put client_id (with @tenant), client_secret, username and password into the secret `acumatica`; the application is registered on form SM303010 in that tenant.";
const ACUMATICA_SEAT: &str = "All seats are in use by running workers; ask again in a few minutes, or raise acumatica.seats.";
const ACUMATICA_RIGHTS: &str = "Give the API user access to the form behind it.";

/// Collects checks with their time.
struct Checks {
    rows: Vec<Check>,
    begun: Instant,
}

impl Checks {
    fn add(
        &mut self,
        check: impl Into<String>,
        found: Result<String, String>,
        cure: &'static str,
    ) -> bool {
        let ok = found.is_ok();
        let (Ok(detail) | Err(detail)) = found;
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.begun = Instant::now();
        self.rows.push(Check {
            check: check.into(),
            ok,
            ms,
            detail,
            cure: if ok { "" } else { cure },
        });
        ok
    }
}

pub(super) async fn ping<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
) -> Pinged {
    let mut checks = Checks {
        rows: Vec::new(),
        begun: Instant::now(),
    };
    Box::pin(concur_side(needs, run, connection, &mut checks)).await;
    Box::pin(acumatica_side(needs, run, connection, &mut checks)).await;
    Pinged {
        connection: connection.id.clone(),
        ok: checks.rows.iter().all(|row| row.ok),
        checks: checks.rows,
    }
}

async fn concur_side<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    checks: &mut Checks,
) {
    let token = needs.token_facts(connection, run).await;
    let token = token
        .map(|facts| format!("token valid, company lives at {}", facts.geolocation))
        .map_err(|error| chain(&error));
    if !checks.add("concur token", token, CONCUR_SECRET) {
        return;
    }
    for kind in &connection.rules.documents {
        let listed = needs
            .concur(connection, run, async |client: &concur::Client| {
                client.ready(document_type(*kind), 0, 1).await
            })
            .await;
        let found = match listed {
            Ok(page) => {
                // One document on a page, so pages are documents.
                let ready = page.total_pages.map_or_else(
                    || page.documents.len().to_string(),
                    |pages| pages.to_string(),
                );
                Ok(format!("{ready} ready"))
            }
            Err(ConcurError::Call(error)) if error.kind() == concur::Kind::TooLarge => {
                Ok("at least 1 ready, too large for this check".to_owned())
            }
            Err(error) => Err(chain(&error)),
        };
        checks.add(
            format!("concur documents of type {kind}"),
            found,
            CONCUR_FIS,
        );
    }
}

async fn acumatica_side<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    connection: &Connection,
    checks: &mut Checks,
) {
    let site = &connection.acumatica.site;
    let timeout = needs.deployment.acumatica_answer();
    let instance = match acumatica::instance(&needs.acumatica, site, timeout).await {
        Ok(instance) => {
            let build = instance.build.as_deref().unwrap_or("unknown").to_owned();
            let wanted = format!("{} {}", site.endpoint(), site.version());
            if instance.offers(site) {
                Ok(format!("build {build} offers {wanted}"))
            } else {
                Err(format!("build {build} does not offer {wanted}"))
            }
        }
        Err(error) => Err(chain(&error)),
    };
    checks.add("acumatica site", instance, ACUMATICA_SITE);
    let mut seat = match Box::pin(needs.take_seat(connection, run)).await {
        Ok(Some(seat)) => seat,
        Ok(None) => {
            let taken = Err("every seat is taken".to_owned());
            checks.add("acumatica token", taken, ACUMATICA_SEAT);
            return;
        }
        Err(error) => {
            checks.add("acumatica token", Err(chain(&error)), ACUMATICA_SECRET);
            return;
        }
    };
    let tenant = format!("token valid for tenant {}", site.tenant());
    checks.add("acumatica token", Ok(tenant), "");
    let bills = one::<Bill, _, _, _, _>(needs, &mut seat, connection, Query::all()).await;
    checks.add("acumatica bills", bills, ACUMATICA_RIGHTS);
    let journals = Query::matching(Filter::eq("Module", "GL"));
    let journals =
        one::<JournalTransaction, _, _, _, _>(needs, &mut seat, connection, journals).await;
    checks.add("acumatica journals", journals, ACUMATICA_RIGHTS);
    let vendors = one::<Vendor, _, _, _, _>(needs, &mut seat, connection, Query::all()).await;
    checks.add("acumatica vendors", vendors, ACUMATICA_RIGHTS);
    needs.leave_seat(seat).await;
}

/// Reads at most one record of an entity.
async fn one<E: Entity, L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    seat: &mut Seat,
    connection: &Connection,
    query: Query,
) -> Result<String, String> {
    let query = query.top(1);
    let read: Result<Vec<E>, SeatError> = needs
        .on_seat(seat, connection, async |session: &mut Session| {
            session.list::<E>(&query).await
        })
        .await;
    match read {
        Ok(rows) if rows.is_empty() => Ok("readable, none there yet".to_owned()),
        Ok(_) => Ok("readable".to_owned()),
        Err(error) => Err(chain(&error)),
    }
}
