//! What another plan of a held document would be: made from the stored document, the newest rules and what is known of the
//! tenant, without asking Acumatica.

use posting::planning::Detail;
use posting::preflight::preflight;
use posting::{Code, Plan, Reason, Record};

use super::key;
use crate::connection::Connection;
use crate::explain::{Difference, differences};
use crate::lookalike;
use crate::needs::Needs;
use crate::planned::{self, fenced};
use crate::ports::{Clock, Ledger, PortError};
use crate::report::{self, PlanRow, ReasonRow};
use crate::translate;

/// How the plan a document has and the next one differ.
pub(super) struct Anew {
    pub(super) differences: Vec<Difference>,
    /// What stands against the next plan.
    pub(super) against: Vec<ReasonRow>,
}

/// Whether what looks like a duplicate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Count,
    /// A person decided about them.
    Decided,
}

/// Compares. The next plan is numbered as the one it has, because a number is no difference.
pub(super) async fn compare<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    connection: &Connection,
    record: &Record,
    duplicates: Duplicates,
) -> Result<Anew, PortError> {
    let stored = match record.state.plan() {
        Some(number) => needs.ledger.plan(&key(record), number).await?,
        None => None,
    };
    let number = stored.as_ref().map_or(1, |plan| plan.number);
    let (changed, reasons) = match make(needs, connection, (record, number), duplicates).await? {
        Ok((plan, reasons)) => (Some(report::plan(&plan)), reasons),
        Err(reasons) => (None, reasons),
    };
    let stored: Option<PlanRow> = stored.as_ref().map(report::plan);
    let differences = match &changed {
        Some(_) => differences(stored.as_ref(), changed.as_ref()),
        None => Vec::new(),
    };
    Ok(Anew {
        differences,
        against: reasons.iter().map(report::reason).collect(),
    })
}

/// A plan with what pre-flight says against it by what is known.
type Made = Result<(Plan, Vec<Reason>), Vec<Reason>>;

/// Makes plan `number` of a document.
pub(super) async fn make<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    connection: &Connection,
    (record, number): (&Record, u32),
    duplicates: Duplicates,
) -> Result<Made, PortError> {
    let key = key(record);
    let source = needs
        .ledger
        .load(&key)
        .await?
        .and_then(|loaded| loaded.source);
    let Some(source) = source else {
        let gone = Reason::new(
            Code::DocumentUnreadable,
            "the stored document is past its life",
        );
        return Ok(Err(vec![gone]));
    };
    let read = fenced(|| translate::read(record.kind, &key.document, &source).document);
    let document = match read {
        Ok(document) => document,
        Err(reasons) => return Ok(Err(reasons)),
    };
    let alike = match duplicates {
        Duplicates::Decided => Vec::new(),
        Duplicates::Count => {
            let likeness = lookalike::likeness(&document);
            let business = &record.business;
            lookalike::earlier(&needs.ledger, &key, business, likeness.as_deref()).await?
        }
    };
    let known = needs.known(connection).await;
    let made = fenced(|| {
        let known = (&known.view, alike.as_slice());
        planned::plan(
            connection,
            (&document, number, record.reversed),
            known,
            Detail::Rules,
        )
    });
    Ok(made.map(|mut plan| {
        plan.reference_view = known.view.name();
        let reasons = preflight(&plan, &known.view).reasons;
        (plan, reasons)
    }))
}
