//! A posting whose answer was lost may stand, or may arrive yet. Another document takes its place only when neither is so:
//! else both would stand for one document.

use acumatica::{Bill, JournalTransaction, Query, Session};
use jiff::Timestamp;
use posting::Record;
use posting::plan::{Plan, Posting};
use posting::state::{Outcome, State};

use super::{Not, Read, refused, stopped};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::post::search::{bills_with, journals_with, term};
use crate::report::chain;
use crate::seats::{Seat, SeatError};
use crate::translate::receipt::{is_live_bill, is_live_journal};

/// Refuses what takes the place of a posting that was sent, while that one may still arrive or where it is found.
pub(super) async fn is_gone<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    connection: &Connection,
    (record, plan): (&Record, &Plan),
    reads: &[(&Posting, Read)],
) -> Result<(), Not> {
    let others = reads
        .iter()
        .filter(|(posting, read)| read.stamp.as_ref() != Some(&plan.stamp(posting.n)));
    let lost: Vec<(&Posting, Timestamp)> = others
        .filter_map(|(posting, _)| Some((*posting, since(&record.state, posting.n)?)))
        .collect();
    let Some(newest) = lost.iter().map(|(_, since)| *since).max() else {
        return Ok(());
    };
    let wait = needs.deployment.clocks.proof_wait;
    let until = newest.checked_add(wait).unwrap_or(Timestamp::MAX);
    if until > needs.now() {
        let why = format!("what was lost may still arrive until {until}; look again then");
        return Err(refused(why));
    }
    let mut seat = match Box::pin(needs.take_seat(connection, run)).await {
        Ok(Some(seat)) => seat,
        Ok(None) => return Err(Not::Failed("every seat is taken; ask again".to_owned())),
        Err(error) => return Err(Not::Failed(chain(&error))),
    };
    let mut judged = Ok(());
    for (posting, _) in lost {
        let stands = standing(needs, (&mut seat, connection), (plan, posting)).await;
        judged = not_found(needs, record, posting, stands).await;
        if judged.is_err() {
            break;
        }
    }
    needs.leave_seat(seat).await;
    judged
}

/// Since when a write may have arrived unseen.
fn since(state: &State, n: u32) -> Option<Timestamp> {
    let State::Posting { writes, .. } = stopped(state) else {
        return None;
    };
    writes.iter().find_map(|write| match write.outcome {
        Outcome::Unknown { since } if write.n == n => Some(since),
        _ => None,
    })
}

/// Refuses for what was found, unless a person named it for another document: that one's it is.
async fn not_found<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    posting: &Posting,
    stands: Result<Option<String>, SeatError>,
) -> Result<(), Not> {
    let number = match stands {
        Ok(Some(number)) => number,
        Ok(None) => return Ok(()),
        Err(error) => return Err(Not::Failed(chain(&error))),
    };
    let holder = needs
        .ledger
        .holder(&record.connection, posting.kind, &number);
    if holder
        .await?
        .is_some_and(|holder| holder.document != record.document)
    {
        return Ok(());
    }
    let (n, label) = (posting.n, posting.kind.label());
    Err(refused(format!(
        "{label} {number} was written for posting {n} of its plan and stands in acumatica; name that one"
    )))
}

/// The number under which a posting stands, by its stamp.
async fn standing<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    (seat, connection): (&mut Seat, &Connection),
    (plan, posting): (&Plan, &Posting),
) -> Result<Option<String>, SeatError> {
    let acumatica = &connection.acumatica;
    let (stamp, term) = (plan.stamp(posting.n), term(plan, posting));
    let words = term.iter().map(String::as_str);
    if posting.kind.is_payable() {
        let Some(filter) = bills_with(words) else {
            return Ok(None);
        };
        let query = Query::matching(filter).custom(acumatica.bill_key.clone());
        let call = async |session: &mut Session| session.list::<Bill>(&query).await;
        let bills = needs.on_seat(seat, connection, call).await?;
        let mut live = bills.iter().filter(|bill| is_live_bill(bill));
        let ours = live.find(|bill| acumatica.bill_stamp(bill).as_ref() == Some(&stamp));
        return Ok(ours.and_then(|bill| bill.reference_nbr.clone()));
    }
    let key = acumatica.journal_key.as_ref();
    let Some(filter) = journals_with(words, key) else {
        return Ok(None);
    };
    let query = Query::matching(filter).custom(key.cloned());
    let call = async |session: &mut Session| session.list::<JournalTransaction>(&query).await;
    let journals = needs.on_seat(seat, connection, call).await?;
    let mut live = journals.iter().filter(|journal| is_live_journal(journal));
    let ours = live.find(|journal| acumatica.journal_stamp(journal).as_ref() == Some(&stamp));
    Ok(ours.and_then(|journal| journal.batch_nbr.clone()))
}
