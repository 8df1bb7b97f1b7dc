//! A number that stands for one document of ours already stands for no other: one bill pays one invoice.

use posting::Record;
use posting::plan::{Plan, Posting};
use posting::state::State;

use super::super::key;
use super::{Not, Read, refused};
use crate::needs::Needs;
use crate::ports::{Holder, Key, Ledger, PortError};
use crate::post::{kept, normalised, stands_for_other};

/// Whose the numbers are that were named.
#[derive(Debug, Default)]
pub(super) struct Whose {
    /// Postings whose number stays with the document that had it first: by it that one stays found.
    pub(super) shared: Vec<u32>,
    /// Who had the others and counts them no more.
    pub(super) former: Vec<Holder>,
}

/// Refuses what another document of ours counts as its posting, unless that one is confirmed with the same reference of the
/// same vendor: then both are one invoice.
pub(super) async fn whose<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    reads: &[(&Posting, Read)],
) -> Result<Whose, Not> {
    let mut whose = Whose::default();
    for (posting, read) in reads {
        let Some((holder, other)) = holder(needs, record, (posting, read)).await? else {
            continue;
        };
        let Some(other) = other else {
            whose.former.push(holder);
            continue;
        };
        let same = match (&other.state, other.state.plan()) {
            (State::Confirmed { .. }, Some(number)) => {
                let plan = needs.ledger.plan(&key(&other), number).await?;
                plan.is_some_and(|plan| is_planned(&plan, posting))
            }
            _ => false,
        };
        if !same {
            let label = read.stored.receipt.label();
            return Err(refused(stands_for_other(&label, &other)));
        }
        whose.shared.push(posting.n);
    }
    Ok(whose)
}

/// Another document that has what was read; with its record while that counts it as its posting.
async fn holder<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    (posting, read): (&Posting, &Read),
) -> Result<Option<(Holder, Option<Record>)>, PortError> {
    let number = read.stored.receipt.number.as_str();
    let connection = &record.connection;
    let found = needs.ledger.holder(connection, posting.kind, number);
    let found = found.await?;
    let Some(holder) = found.filter(|holder| holder.document != record.document) else {
        return Ok(None);
    };
    let key = Key {
        connection: connection.clone(),
        document: holder.document.clone(),
    };
    let other = needs.ledger.records(&[key]).await?.pop();
    let keeps = other.filter(|other| kept(other, (posting.kind, number)).is_some());
    Ok(Some((holder, keeps)))
}

/// Whether a plan has a posting of the same reference of the same vendor.
fn is_planned(plan: &Plan, posting: &Posting) -> bool {
    let name = |posting: &Posting| {
        let vendor = posting.vendor.as_ref()?.trim().to_uppercase();
        let reference = normalised(posting.reference.as_ref()?);
        Some((posting.kind, vendor, reference))
    };
    let wanted = name(posting);
    wanted.is_some() && plan.postings.iter().any(|one| name(one) == wanted)
}
