//! Branches and periods of the tenant against the rules.

use std::collections::{BTreeMap, BTreeSet};

use acumatica::{Branch, FinancialPeriod};
use posting::reference::{self as known, Activity};
use posting::rules::Rules;

use super::desk::{Desk, No};
use super::finding::{Check, Finding};
use crate::ports::{Clock, Ledger, Vault};
use crate::translate::master;

/// Name of the branches in rows that concern the list itself.
const BRANCH: &str = "Branch";
/// Name of the periods in such rows.
const PERIOD: &str = "FinancialPeriod";

/// Rows of branches and base currency.
pub(super) fn branches<L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    read: &Result<Vec<Branch>, No>,
) {
    let rows = match read {
        Ok(rows) => rows,
        Err(no) => {
            let findings = (Finding::BranchesUnread, Finding::BranchesUnread);
            desk.note((Check::AcumaticaBranch, Some(BRANCH)), no, findings);
            let why = "the branches were not read";
            desk.sheet.skip(Check::AcumaticaCurrency, None, why);
            return;
        }
    };
    let there: BTreeMap<String, known::Branch> = rows.iter().map(master::branch).collect();
    let named = named(&desk.connection.rules);
    let is_usable = |code: &String| {
        let row = there.get(code);
        row.is_some_and(|row| row.activity == Activity::Active)
    };
    let (usable, unusable): (Vec<_>, Vec<_>) = named.iter().partition(|code| is_usable(code));
    let active = there
        .values()
        .filter(|row| row.activity == Activity::Active)
        .count();
    match (usable.is_empty(), unusable.is_empty()) {
        (true, true) => {
            let detail = format!("the documents name them; {active} are active");
            desk.sheet.ok(Check::AcumaticaBranch, None, detail);
        }
        (_, true) => {
            let detail = format!("{} of {active} active ones", joined(&usable));
            desk.sheet.ok(Check::AcumaticaBranch, None, detail);
        }
        (true, false) => {
            let detail = format!("not there or inactive: {}", joined(&unusable));
            desk.sheet.found(Finding::BranchesNone, None, detail);
        }
        (false, false) => {
            let detail = format!("not there or inactive: {}", joined(&unusable));
            desk.sheet.found(Finding::BranchUnusable, None, detail);
        }
    }
    let used = there
        .iter()
        .filter(|(code, _)| usable.is_empty() || usable.contains(code));
    currency(desk, used.map(|(_, row)| row));
}

fn currency<'a, L, Q, V, C>(
    desk: &mut Desk<'_, L, Q, V, C>,
    branches: impl Iterator<Item = &'a known::Branch>,
) {
    let currencies = branches.filter_map(|row| row.base_currency.as_ref());
    let currencies: BTreeSet<String> = currencies.map(ToString::to_string).collect();
    let listed = joined(&currencies.iter().collect::<Vec<_>>());
    match currencies.len() {
        0 => desk.sheet.ok(
            Check::AcumaticaCurrency,
            None,
            "the branches tell none; the server decides",
        ),
        1 => desk.sheet.ok(Check::AcumaticaCurrency, None, listed),
        _ => desk.sheet.found(Finding::CurrenciesDiffer, None, listed),
    }
}

/// The branches that the rules lead to whatever a document says, and those of the table.
fn named(rules: &Rules) -> BTreeSet<String> {
    let mut named = rules.tables.branches().clone();
    for branch in [&rules.branch.header, &rules.branch.line] {
        let templates = [&branch.expense, &branch.invoice, &branch.cash_advance];
        let constants = templates
            .iter()
            .map(|template| template.source().trim())
            .filter(|source| !source.is_empty() && !source.contains('{'));
        named.extend(constants.map(str::to_owned));
    }
    named
}

/// The row of today's period, in the connection's time zone.
pub(super) fn period<L: Ledger, Q, V: Vault, C: Clock>(
    desk: &mut Desk<'_, L, Q, V, C>,
    read: &Result<Vec<FinancialPeriod>, No>,
) {
    let years = match read {
        Ok(years) => years,
        Err(no) => {
            let findings = (Finding::PeriodsUnread, Finding::PeriodsUnread);
            desk.note((Check::AcumaticaPeriod, Some(PERIOD)), no, findings);
            return;
        }
    };
    let periods = master::periods(years);
    let zone = &desk.connection.rules.time_zone;
    let today = zone.to_datetime(desk.needs.now()).date();
    if periods.is_empty() {
        // Calendars of companies are seen to answer so, which says nothing.
        let detail = "the master calendar shows no period";
        desk.sheet
            .found(Finding::PeriodsUnread, Some(PERIOD), detail);
        return;
    }
    let current = periods
        .iter()
        .find(|(_, period)| period.first <= today && today <= period.last);
    let next = periods
        .iter()
        .filter(|(_, period)| today < period.first && period.closed_in.is_empty())
        .min_by_key(|(_, period)| period.first);
    match (current, next) {
        (None, _) => {
            let detail = format!("{today} lies in none of {} periods", periods.len());
            desk.sheet.found(Finding::PeriodMissing, None, detail);
        }
        (Some((id, period)), _) if period.closed_in.is_empty() => {
            let detail = format!("{id} is open for AP and GL");
            desk.sheet.ok(Check::AcumaticaPeriod, None, detail);
        }
        (Some((id, _)), None) => {
            let detail = format!("{id} is not open, and no later one is");
            desk.sheet.found(Finding::PeriodsClosed, None, detail);
        }
        (Some((id, _)), Some((next, _))) => {
            let detail = format!("{id} is not open for AP and GL, the next open one is {next}");
            desk.sheet.found(Finding::PeriodClosed, None, detail);
        }
    }
}

fn joined(codes: &[&String]) -> String {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    codes.join(", ")
}
