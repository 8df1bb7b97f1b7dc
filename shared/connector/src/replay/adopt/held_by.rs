//! A number that stands for one document of ours already stands for no other: one bill pays one invoice.

use posting::plan::{Plan, Posting};
use posting::state::State;
use posting::{DocumentId, Record};

use super::super::key;
use super::{Not, Read, refused};
use crate::needs::Needs;
use crate::ports::{Key, Ledger, PortError};
use crate::post::normalised;

/// Refuses what another document of ours counts as its posting, unless that one is confirmed with the same reference of the
/// same vendor: then both are one invoice. Returns those documents' numbers by posting: by them the first stays found.
pub(super) async fn shared<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    reads: &[(&Posting, Read)],
) -> Result<Vec<u32>, Not> {
    let mut shared = Vec::new();
    for (posting, read) in reads {
        let Some(other) = holder(needs, record, (posting, read)).await? else {
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
            let (document, word) = (&other.document, other.state.word());
            return Err(refused(format!(
                "{label} stands for document {document} already, which is {word}"
            )));
        }
        shared.push(posting.n);
    }
    Ok(shared)
}

/// The other document that counts what was read as its posting and may keep it.
async fn holder<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    (posting, read): (&Posting, &Read),
) -> Result<Option<Record>, PortError> {
    let number = &read.stored.receipt.number;
    let connection = &record.connection;
    let by: Option<DocumentId> = needs
        .ledger
        .holder(connection, posting.kind, number)
        .await?;
    let Some(document) = by.filter(|by| *by != record.document) else {
        return Ok(None);
    };
    let key = Key {
        connection: connection.clone(),
        document,
    };
    let found = needs.ledger.records(&[key]).await?.pop();
    // A number that was mistyped and named anew stands for nothing any more.
    let keeps = |other: &Record| {
        let receipts = other.state.receipts().into_iter();
        let mut same = receipts.filter(|one| one.kind == posting.kind && one.number == *number);
        same.next().is_some() && !matches!(other.state, State::Closed { .. })
    };
    Ok(found.filter(keeps))
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
