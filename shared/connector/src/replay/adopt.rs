//! A person names what stands in Acumatica instead of a posting. It is read there and held against the plan before it is
//! believed; from then on it is the document's receipt, and nobody's to change.

mod held_by;
mod lost;

use std::collections::BTreeMap;

use acumatica::{CustomField, Session};
use posting::plan::{Plan, Posting, PostingKind};
use posting::record::List;
use posting::state::{ConfirmAfter, Happened, Outcome, Receipt, State, Write, intents};
use posting::{Code, Reason, Record, Stamp};

use super::anew::{self, Duplicates};
use super::request::Named;
use super::{Request, key};
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Holder, Key, Ledger, PortError, Vault};
use crate::post::{confirm_after, is_released};
use crate::report::{self, chain};
use crate::seats::{Seat, SeatError};
use crate::translate::bodies::bill_type;
use crate::translate::receipt::{Compared, Stored};

/// What is to be adopted.
pub(super) struct Adoption {
    pub(super) happened: Vec<Happened>,
    /// The plan it was held against, where it was made for it.
    pub(super) plan: Option<Plan>,
    /// What stands for the document from now on; a number that stands for two of ours stays with the first.
    pub(super) receipts: Vec<(PostingKind, String)>,
    /// Who had one of these numbers and counts it no more.
    pub(super) former: Vec<Holder>,
    pub(super) compared: Vec<Compared>,
    pub(super) says: String,
}

/// Why nothing is adopted.
pub(super) enum Not {
    /// It must not be.
    Refused(String, Vec<Compared>),
    /// It cannot be read now.
    Failed(String),
}

impl From<PortError> for Not {
    fn from(error: PortError) -> Self {
        Self::Failed(format!("{}; ask again", chain(&error)))
    }
}

/// What was read for one posting.
struct Read {
    stored: Stored,
    /// Whose stamp it bears, if it was written by the connector.
    stamp: Option<Stamp>,
}

/// Reads what is named and says what adopting it does. It changes nothing, here or in Acumatica.
pub(super) async fn adopt<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    connection: &Connection,
    request: &Request,
    record: &Record,
) -> Result<Adoption, Not> {
    let (plan, is_new) = plan_of(needs, connection, record).await?;
    let mut writes = writes_of(&record.state, &plan);
    let wanted = named(&plan, &writes, &request.numbers)?;
    let begun = matches!(
        stopped(&record.state),
        State::Posting { .. } | State::Posted { .. }
    );
    if !begun && wanted.len() < plan.postings.len() {
        let all = plan.postings.iter().map(|posting| posting.n);
        return Err(refused(format!(
            "nothing of it was begun: name what stands for every posting of its plan, {:?}",
            all.collect::<Vec<_>>()
        )));
    }
    let mut compared = Vec::new();
    let mut reads = Vec::new();
    let found = read_all((needs, run), connection, &wanted).await?;
    for ((posting, named), read) in wanted.iter().zip(found) {
        let Some(read) = read else {
            let label = format!("{} {}", named.kind.label(), named.number);
            return Err(refused(format!("{label} does not stand in acumatica")));
        };
        compared.extend(read.stored.compared(posting));
        reads.push((*posting, read));
    }
    nobody_takes_back(needs, record, &reads).await?;
    lost::is_gone((needs, run), connection, (record, &plan), &reads).await?;
    let whose = held_by::whose(needs, record, &reads).await?;
    let after = confirm_after(&connection.rules, &plan);
    stands_for(after, &compared, &reads)?;
    let says = says(record, &reads, &compared);
    let mut receipts = Vec::new();
    for (posting, read) in reads {
        if !whose.shared.contains(&posting.n) {
            receipts.push((posting.kind, read.stored.receipt.number.clone()));
        }
        let receipt = Receipt {
            adopted: true,
            ..read.stored.receipt
        };
        if let Some(write) = writes.iter_mut().find(|write| write.n == posting.n) {
            write.outcome = Outcome::Done { receipt };
        }
    }
    let mut happened = vec![Happened::Adopted {
        plan: plan.number,
        writes,
        confirm_after: after,
        by: request.by.clone(),
        note: request.note.clone(),
    }];
    let differing: Vec<Reason> = compared
        .iter()
        .filter(|row| !row.same)
        .map(differs)
        .collect();
    if !differing.is_empty() {
        happened.push(Happened::Held { reasons: differing });
    }
    Ok(Adoption {
        happened,
        plan: is_new.then_some(plan),
        receipts,
        former: whose.former,
        compared,
        says,
    })
}

fn refused(why: String) -> Not {
    Not::Refused(why, Vec::new())
}

fn stopped(state: &State) -> &State {
    match state {
        State::Held { resume, .. } => resume,
        other => other,
    }
}

/// The plan it stopped with, or the next one, which is stored with what is adopted.
async fn plan_of<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    connection: &Connection,
    record: &Record,
) -> Result<(Plan, bool), Not> {
    if let Some(number) = record.state.plan() {
        let plan = needs.ledger.plan(&key(record), number).await?;
        return match plan {
            Some(plan) => Ok((plan, false)),
            None => Err(refused(format!("plan {number} is not stored"))),
        };
    }
    let number = record.plans.saturating_add(1);
    match anew::make(needs, connection, (record, number), Duplicates::Decided).await? {
        Ok((plan, _)) => Ok((plan, true)),
        Err(reasons) => {
            let said: Vec<_> = reasons
                .iter()
                .map(|reason| report::reason(reason).message)
                .collect();
            Err(refused(format!(
                "there is no plan to hold it against: {}",
                said.join(" ")
            )))
        }
    }
}

/// What is known of each posting of the plan.
fn writes_of(state: &State, plan: &Plan) -> Vec<Write> {
    match stopped(state) {
        State::Posting { writes, .. } => writes.clone(),
        State::Posted { receipts, .. } => receipts
            .iter()
            .map(|receipt| Write {
                n: receipt.n,
                kind: receipt.kind,
                outcome: Outcome::Done {
                    receipt: receipt.clone(),
                },
            })
            .collect(),
        _ => intents(plan),
    }
}

/// The postings that are named, each of the right type and not written by the connector.
fn named<'a>(
    plan: &'a Plan,
    writes: &[Write],
    numbers: &'a BTreeMap<u32, Named>,
) -> Result<Vec<(&'a Posting, &'a Named)>, Not> {
    let mut found = Vec::new();
    for (n, named) in numbers {
        let Some(posting) = plan.postings.iter().find(|posting| posting.n == *n) else {
            let last = plan.postings.len();
            return Err(refused(format!(
                "its plan has {last} postings and no number {n}"
            )));
        };
        if posting.kind != named.kind {
            let label = posting.kind.label();
            return Err(refused(format!("posting {n} of its plan is a {label}")));
        }
        let ours = writes.iter().find_map(|write| match &write.outcome {
            Outcome::Part { receipt } | Outcome::Done { receipt }
                if write.n == *n && !receipt.adopted =>
            {
                Some(receipt)
            }
            _ => None,
        });
        if let Some(receipt) = ours {
            let label = receipt.label();
            return Err(refused(format!(
                "posting {n} of its plan was written as {label}"
            )));
        }
        if let Some(other) = holder(*n, named, writes, numbers) {
            let label = format!("{} {}", named.kind.label(), named.number);
            return Err(refused(format!(
                "{label} stands for posting {other} of its plan already"
            )));
        }
        found.push((posting, named));
    }
    Ok(found)
}

/// Another posting of the plan that the same document is to stand for, or stands for and keeps it.
fn holder(n: u32, named: &Named, writes: &[Write], numbers: &BTreeMap<u32, Named>) -> Option<u32> {
    let twice = numbers
        .iter()
        .find(|(other, one)| **other != n && *one == named);
    let keeps = |write: &&Write| match &write.outcome {
        Outcome::Part { receipt } | Outcome::Done { receipt } => {
            let is_it = receipt.kind == named.kind && receipt.number == named.number;
            is_it && !numbers.contains_key(&write.n)
        }
        Outcome::Open | Outcome::Unknown { .. } => false,
    };
    twice
        .map(|(other, _)| *other)
        .or_else(|| writes.iter().find(keeps).map(|write| write.n))
}

async fn read_all<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    connection: &Connection,
    wanted: &[(&Posting, &Named)],
) -> Result<Vec<Option<Read>>, Not> {
    if run.left(needs.now()) < needs.deployment.clocks.write_margin {
        return Err(Not::Failed("too little time is left; ask again".to_owned()));
    }
    let mut seat = match Box::pin(needs.take_seat(connection, run)).await {
        Ok(Some(seat)) => seat,
        Ok(None) => return Err(Not::Failed("every seat is taken; ask again".to_owned())),
        Err(error) => return Err(Not::Failed(chain(&error))),
    };
    let mut found = Ok(Vec::new());
    for (posting, named) in wanted {
        match (
            &mut found,
            read(needs, &mut seat, connection, (posting, named)).await,
        ) {
            (Ok(all), Ok(read)) => all.push(read),
            (_, Err(error)) => {
                found = Err(Not::Failed(chain(&error)));
                break;
            }
            (Err(_), Ok(_)) => break,
        }
    }
    needs.leave_seat(seat).await;
    found
}

async fn read<L: Ledger, Q, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    seat: &mut Seat,
    connection: &Connection,
    (posting, named): (&Posting, &Named),
) -> Result<Option<Read>, SeatError> {
    let acumatica = &connection.acumatica;
    let number = named.number.as_str();
    if let Some(kind) = bill_type(named.kind) {
        let custom: Vec<CustomField> = acumatica.bill_key.iter().cloned().collect();
        let call = async |session: &mut Session| session.bill(&kind, number, &custom).await;
        let bill = needs.on_seat(seat, connection, call).await?;
        return Ok(bill.map(|bill| Read {
            stored: Stored::bill(posting.n, posting.kind, &bill),
            stamp: acumatica.bill_stamp(&bill),
        }));
    }
    let custom: Vec<CustomField> = acumatica.journal_key.iter().cloned().collect();
    let call = async |session: &mut Session| session.journal("GL", number, &custom).await;
    let journal = needs.on_seat(seat, connection, call).await?;
    Ok(journal.map(|journal| Read {
        stored: Stored::journal(posting.n, &journal),
        stamp: acumatica.journal_stamp(&journal),
    }))
}

/// What the connector wrote for another document can stand for this one too, but not while that one may still delete or
/// reverse it.
async fn nobody_takes_back<L: Ledger, Q, V, C>(
    needs: &Needs<L, Q, V, C>,
    record: &Record,
    reads: &[(&Posting, Read)],
) -> Result<(), Not> {
    for (_, read) in reads {
        let other = |stamp: &&Stamp| stamp.document != record.document;
        let Some(stamp) = read.stamp.as_ref().filter(other) else {
            continue;
        };
        let key = Key {
            connection: record.connection.clone(),
            document: stamp.document.clone(),
        };
        let owners = needs.ledger.records(&[key]).await?;
        let is_at_end = |owner: &Record| match &owner.state {
            State::Confirmed { .. } => true,
            state => state.list() == List::Done,
        };
        if let Some(owner) = owners.iter().find(|owner| !is_at_end(owner)) {
            let label = read.stored.receipt.label();
            return Err(refused(format!(
                "{label} was written for document {}, which is {} and may take it back; bring that one to its end first",
                owner.document,
                owner.state.word()
            )));
        }
    }
    Ok(())
}

/// Whether what stands may stand for the plan. Only an amount may differ, and then a person must allow it.
fn stands_for(
    after: ConfirmAfter,
    compared: &[Compared],
    reads: &[(&Posting, Read)],
) -> Result<(), Not> {
    let differs = |row: &&Compared| !row.same && row.field != "amount";
    if let Some(row) = compared.iter().find(differs) {
        let why = format!(
            "{} has {} {}, planned was {}",
            row.number, row.field, row.stands, row.planned
        );
        return Err(Not::Refused(why, compared.to_vec()));
    }
    let waits = |read: &&(&Posting, Read)| !is_released(&read.1.stored.receipt);
    if after == ConfirmAfter::Released
        && let Some((_, read)) = reads.iter().find(waits)
    {
        let why = format!(
            "{} is not released, and Concur may be told success only when it is",
            read.stored.receipt.label()
        );
        return Err(Not::Refused(why, compared.to_vec()));
    }
    Ok(())
}

fn differs(row: &Compared) -> Reason {
    let message = format!(
        "{} has {} {}, planned was {}",
        row.number, row.field, row.stands, row.planned
    );
    let place = format!("postings[{}].{}", row.posting, row.field);
    Reason::new(Code::AmountDiffers, message).at(place, &row.stands)
}

fn says(record: &Record, reads: &[(&Posting, Read)], compared: &[Compared]) -> String {
    let labels: Vec<_> = reads
        .iter()
        .map(|(_, read)| match &read.stamp {
            Some(stamp) if stamp.document != record.document => format!(
                "{} (written for document {})",
                read.stored.receipt.label(),
                stamp.document
            ),
            _ => read.stored.receipt.label(),
        })
        .collect();
    let after = if compared.iter().all(|row| row.same) {
        "Concur is told success with that number once every posting stands"
    } else {
        "its amount differs, so it stays held until that is allowed"
    };
    format!(
        "{} stands for what was planned, and the connector never changes it; {after}",
        labels.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn one_document_stands_for_one_posting() {
        let bill = |n| samples::posting(n, PostingKind::Bill);
        let plan = samples::plan(vec![bill(1), bill(2), bill(3)]);
        let number = |number: &str| Named {
            kind: PostingKind::Bill,
            number: number.to_owned(),
        };
        let mut writes = intents(&plan);
        writes[0].outcome = Outcome::Done {
            receipt: samples::receipt(PostingKind::Bill, "004512", "Open"),
        };
        let said = |numbers: &[(u32, &str)]| {
            let numbers = numbers.iter().map(|(n, text)| (*n, number(text)));
            match named(&plan, &writes, &numbers.collect()) {
                Err(Not::Refused(why, _) | Not::Failed(why)) => why,
                Ok(found) => format!("{} named", found.len()),
            }
        };
        for (numbers, told) in [
            (&[(2, "7"), (3, "8")][..], "2 named"),
            (
                &[(2, "7"), (3, "7")],
                "Bill 7 stands for posting 3 of its plan already",
            ),
            (
                &[(2, "004512")],
                "Bill 004512 stands for posting 1 of its plan already",
            ),
        ] {
            assert_eq!(said(numbers), told);
        }
    }
}
