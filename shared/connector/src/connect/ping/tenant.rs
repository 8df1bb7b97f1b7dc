//! What the tenant shows on a seat: each entity, the forms documents are written on, the searches, branches, periods, and what
//! the licence let through. Everything is read.

use acumatica::{
    Account, Bill, Branch, CustomField, Employee, Entity, FinancialPeriod, JournalTransaction,
    Project, ProjectTask, Query, Rows, Session, Subaccount, Tax, TaxCategory, Vendor,
};
use posting::plan::PostingKind;
use posting::record::List;
use posting::rules::{Rules, TaxMode};

use super::desk::{Desk, No};
use super::finding::{Check, Finding};
use super::places;
use super::sheet::Sheet;
use crate::connection::Connection;
use crate::ports::{Clock, Key, Ledger, Vault};
use crate::post::{anchor, search};
use crate::seats::Probe;

/// The sign-in was refused because every session of the licence is taken.
pub(super) const LOGIN_LIMIT: &str = "every API session of the licence is taken";
/// A request was refused because of the minute's number.
pub(super) const TOO_MANY: &str = "the licence refused a request: too many in this minute";
/// The connection itself has used up what the minute allows.
pub(super) const SPENT: &str = "the connection's requests of this minute are used up";
/// Documents of our own that are looked through for one that was written.
const DONE_MAX: usize = 20;
/// Documents that are posted.
const DOCUMENTS: [&str; 2] = [Bill::NAME, JournalTransaction::NAME];

/// Every row of this file, of a tenant that cannot be asked.
pub(super) fn skip(sheet: &mut Sheet, connection: &Connection, why: &str) {
    for of in DOCUMENTS.into_iter().chain(lists(&connection.rules)) {
        sheet.skip(Check::AcumaticaRead, Some(of), why);
    }
    for check in [Check::AcumaticaWrite, Check::AcumaticaSearch] {
        for of in DOCUMENTS {
            sheet.skip(check, Some(of), why);
        }
    }
    for check in [
        Check::AcumaticaBranch,
        Check::AcumaticaCurrency,
        Check::AcumaticaPeriod,
    ] {
        sheet.skip(check, None, why);
    }
    match why {
        LOGIN_LIMIT => sheet.found(Finding::LoginLimit, None, why),
        TOO_MANY => sheet.found(Finding::RequestsRefused, None, why),
        SPENT => sheet.found(Finding::RequestsSpent, None, why),
        _ => sheet.skip(Check::AcumaticaLicence, None, why),
    }
}

pub(super) async fn check<L: Ledger, Q, V: Vault, C: Clock>(desk: &mut Desk<'_, L, Q, V, C>) {
    let bills = Box::pin(documents::<Bill, _, _, _, _>(desk, anchor::bills())).await;
    let key = desk.connection.acumatica.journal_key.clone();
    let journals = anchor::journals(key.as_ref());
    let journals = Box::pin(documents::<JournalTransaction, _, _, _, _>(desk, journals)).await;
    for of in lists(&desk.connection.rules) {
        Box::pin(list(desk, of)).await;
    }
    let bill_key = desk.connection.acumatica.bill_key.clone();
    Box::pin(form::<Bill, _, _, _, _>(desk, bill_key)).await;
    Box::pin(form::<JournalTransaction, _, _, _, _>(desk, key.clone())).await;
    match bills {
        Some(bills) => {
            let probe = anchor::bill_probe(&bills);
            Box::pin(found_again::<Bill, _, _, _, _>(desk, probe)).await;
        }
        None => unread(desk, Bill::NAME),
    }
    match journals {
        Some(journals) => {
            let probe = anchor::journal_probe(&journals, key.as_ref());
            Box::pin(found_again::<JournalTransaction, _, _, _, _>(desk, probe)).await;
        }
        None => unread(desk, JournalTransaction::NAME),
    }
    let call = async |session: &mut Session| session.branches().await;
    let branches: Result<Vec<Branch>, No> = Box::pin(desk.ask(call)).await;
    places::branches(desk, &branches);
    let query = Query::all().rows(Rows::With);
    let call = async |session: &mut Session| session.list::<FinancialPeriod>(&query).await;
    let years = Box::pin(desk.ask(call)).await;
    places::period(desk, &years);
    licence(desk);
}

/// Master data that documents are checked against, by the rules.
fn lists(rules: &Rules) -> Vec<&'static str> {
    let mut lists = vec![Vendor::NAME, Employee::NAME, Account::NAME];
    let balance = &rules.balance_line;
    let has = |one: &posting::rules::Optional| {
        [&one.expense, &one.invoice, &one.cash_advance]
            .iter()
            .any(|of_kind| of_kind.is_some())
    };
    if rules.line.subaccount.is_some() || has(&balance.subaccount) {
        lists.push(Subaccount::NAME);
    }
    if has(&rules.line.project) {
        lists.extend([Project::NAME, ProjectTask::NAME]);
    }
    if rules.tax.mode == TaxMode::Acumatica {
        lists.push(Tax::NAME);
    }
    lists.push(TaxCategory::NAME);
    lists
}

/// One row of the list, at most.
async fn list<L: Ledger, Q, V: Vault, C: Clock>(desk: &mut Desk<'_, L, Q, V, C>, of: &'static str) {
    let query = Query::all().top(1);
    macro_rules! count {
        ($entity:ty) => {
            desk.ask(async |session: &mut Session| session.list::<$entity>(&query).await)
                .await
                .map(|rows| rows.len())
        };
    }
    let read = match of {
        Vendor::NAME => count!(Vendor),
        Employee::NAME => count!(Employee),
        Account::NAME => count!(Account),
        Subaccount::NAME => count!(Subaccount),
        Project::NAME => count!(Project),
        ProjectTask::NAME => count!(ProjectTask),
        Tax::NAME => count!(Tax),
        _ => count!(TaxCategory),
    };
    match read {
        Ok(rows) => readable(desk, of, rows),
        Err(no) => {
            let check = (Check::AcumaticaRead, Some(of));
            desk.note(check, &no, (Finding::ListForbidden, Finding::ListUnread));
        }
    }
}

/// Some documents of a kind; `None` when they cannot be read.
async fn documents<E: Entity, L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    query: Query,
) -> Option<Vec<E>> {
    let call = async |session: &mut Session| session.list::<E>(&query).await;
    match desk.ask(call).await {
        Ok(rows) => {
            readable(desk, E::NAME, rows.len());
            Some(rows)
        }
        Err(no) => {
            let findings = (Finding::DocumentForbidden, Finding::DocumentUnread);
            desk.note((Check::AcumaticaRead, Some(E::NAME)), &no, findings);
            None
        }
    }
}

fn readable<L, Q, V, C>(desk: &mut Desk<'_, L, Q, V, C>, of: &str, rows: usize) {
    let detail = match rows {
        0 => "readable, none there or none shown to this user",
        _ => "readable",
    };
    desk.sheet.ok(Check::AcumaticaRead, Some(of), detail);
}

/// The form documents are written on. Whether the user may also save on it, only a write would show: it is known where one
/// was made before, and said to be unknown otherwise.
async fn form<E: Entity, L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    key: Option<CustomField>,
) {
    let of = (Check::AcumaticaWrite, Some(E::NAME));
    let call = async |session: &mut Session| session.schema::<E>().await;
    let schema = match desk.ask(call).await {
        Ok(schema) => schema,
        Err(no) => {
            desk.note(of, &no, (Finding::ScreenForbidden, Finding::ScreenUnread));
            return;
        }
    };
    let has_key = key.as_ref().map(|key| (key, schema.has(key)));
    if let Some((key, Some(false))) = has_key {
        let detail = format!("no field {key}");
        desk.sheet.found(Finding::KeyFieldMissing, of.1, detail);
        return;
    }
    let field = match has_key {
        Some((key, Some(true))) => format!(" and has the field {key}"),
        Some((key, _)) => format!(" and does not tell whether it has the field {key}"),
        None => String::new(),
    };
    let right = match written(desk, E::NAME == Bill::NAME).await {
        Some(number) => format!("{number} was written before"),
        None => "whether the user may save on it cannot be known before the first write".to_owned(),
    };
    let detail = format!("the form opens{field}; {right}");
    desk.sheet.ok(of.0, of.1, detail);
}

/// A posting of the kind that a run of this connection wrote.
async fn written<L: Ledger, Q, V, C>(
    desk: &Desk<'_, L, Q, V, C>,
    is_payable: bool,
) -> Option<String> {
    let connection = &desk.connection.id;
    let ledger = &desk.needs.ledger;
    let done = ledger.work(connection, List::Done, None, DONE_MAX).await;
    let keys = done.ok()?.into_iter().map(|(document, _)| Key {
        connection: connection.clone(),
        document,
    });
    let keys: Vec<Key> = keys.collect();
    let records = ledger.records(&keys).await.ok()?;
    records.iter().find_map(|record| {
        let receipts = record.state.receipts();
        let fits = |kind: PostingKind| kind.is_payable() == is_payable;
        let one = receipts.into_iter().find(|receipt| fits(receipt.kind))?;
        Some(format!("{} {}", one.kind.label(), one.number))
    })
}

/// Documents that could not be read are not searched for either.
fn unread<L, Q, V, C>(desk: &mut Desk<'_, L, Q, V, C>, of: &str) {
    let why = desk.stop.unwrap_or("acumatica_read did not hold");
    desk.sheet.skip(Check::AcumaticaSearch, Some(of), why);
}

/// Searches for a document that stands the way a run does after a lost answer.
async fn found_again<E: Entity, L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    probe: Option<Probe>,
) {
    let of = (Check::AcumaticaSearch, Some(E::NAME));
    let is_bill = E::NAME == Bill::NAME;
    let key = desk.connection.acumatica.journal_key.clone();
    let by = match (is_bill, &key) {
        (true, _) => "VendorRef".to_owned(),
        (false, Some(key)) => key.to_string(),
        (false, None) => "the beginning of Description".to_owned(),
    };
    let filter = probe.as_ref().and_then(|probe| {
        let words = std::iter::once(probe.term.as_str());
        if is_bill {
            search::bills_with(words)
        } else {
            search::journals_with(words, key.as_ref())
        }
    });
    let (Some(probe), Some(filter)) = (probe, filter) else {
        let detail = format!("none with {by} stands there");
        desk.sheet.found(Finding::SearchUntested, of.1, detail);
        return;
    };
    let query = Query::matching(filter).custom(if is_bill { None } else { key });
    let call = async |session: &mut Session| session.list::<E>(&query).await;
    let rows = match desk.ask(call).await {
        Ok(rows) => rows,
        Err(no) => {
            desk.note(of, &no, (Finding::SearchFailed, Finding::SearchFailed));
            return;
        }
    };
    let name = format!("{} {}", probe.kind.label(), probe.number);
    if rows.iter().any(|row| number_of(row) == probe.number) {
        let detail = format!("{name} was found by {by}");
        desk.sheet.ok(of.0, of.1, detail);
    } else {
        let detail = format!("{name} was not found by {by}");
        desk.sheet.found(Finding::SearchBlind, of.1, detail);
    }
}

/// The number of a document, whichever kind it is.
fn number_of<E: Entity>(row: &E) -> String {
    let row = serde_json::to_value(row).unwrap_or_default();
    let number = row.get("ReferenceNbr").or_else(|| row.get("BatchNbr"));
    number
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The licence's numbers cannot be read through the API; only what it refuses is seen.
fn licence<L, Q, V, C>(desk: &mut Desk<'_, L, Q, V, C>) {
    if let Some((finding, detail)) = desk.licence.refusal.take() {
        desk.sheet.found(finding, None, detail);
        return;
    }
    let acumatica = &desk.connection.acumatica;
    let detail = format!(
        "a session and {} requests were let through; the licence's own limits are shown on License Monitoring Console (SM604000) \
         only: they must not be below acumatica.seats {} and acumatica.requests_per_minute {}",
        desk.licence.answered, acumatica.seats, acumatica.requests_per_minute
    );
    desk.sheet.ok(Check::AcumaticaLicence, None, detail);
}
