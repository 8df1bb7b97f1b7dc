//! How a document stands: read in full by its number, in the words the judgement has for it.

use acumatica::{Bill, BillStatus, BillType, JournalStatus, JournalTransaction, Period, Session};
use posting::money;
use posting::state::Receipt;
use posting::withdraw::{Found, FoundLine, Stage};
use rust_decimal::Decimal;

use super::super::Batch;
use crate::ports::{Clock, Ledger, Queue, Vault};
use crate::seats::{Seat, SeatError};
use crate::translate::bodies::bill_type;

/// A document as it was seen.
pub(super) struct Seen {
    pub(super) found: Found,
    /// Its JSON, as Acumatica answered.
    pub(super) text: String,
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// How a posting stands now; `None` when it is not there.
    pub(super) async fn look(
        &self,
        seat: &mut Seat,
        receipt: &Receipt,
    ) -> Result<Option<Seen>, SeatError> {
        let number = receipt.number.as_str();
        let (needs, connection) = (self.needs, &self.connection);
        if let Some(kind) = bill_type(receipt.kind) {
            let read = needs
                .on_seat(seat, connection, async |session: &mut Session| {
                    session.bill_in_full(&kind, number).await
                })
                .await?;
            return Ok(read.map(|(bill, text)| Seen {
                found: of_bill(&bill),
                text,
            }));
        }
        let read = needs
            .on_seat(seat, connection, async |session: &mut Session| {
                session.journal_in_full("GL", number).await
            })
            .await?;
        Ok(read.map(|(journal, text)| Seen {
            found: of_journal(&journal),
            text,
        }))
    }
}

fn of_bill(bill: &Bill) -> Found {
    use BillStatus::{Balanced, Closed, OnHold, Open, PendingApproval, Rejected, Voided};
    let stage = match &bill.status {
        Some(OnHold) => Stage::OnHold,
        Some(Balanced) => Stage::Balanced,
        Some(PendingApproval) => Stage::Waiting,
        Some(Open) => Stage::Released,
        Some(Closed) => Stage::Closed,
        Some(Voided | Rejected) => Stage::Dead,
        _ => Stage::Odd,
    };
    let lowers = bill.kind == Some(BillType::DebitAdj);
    let signed = |amount: Option<Decimal>| {
        let amount = amount.unwrap_or_default();
        if lowers { -amount } else { amount }
    };
    let line = |line: &acumatica::BillDetail| FoundLine {
        account: line.account.clone(),
        subaccount: line.subaccount.clone(),
        branch: line.branch.clone(),
        project: line.project.clone(),
        task: line.project_task.clone(),
        cost_code: line.cost_code.clone(),
        signed: signed(line.extended_cost.or(line.amount)),
        order: line.po_order_nbr.clone().filter(|order| !order.is_empty()),
    };
    Found {
        stage,
        status: bill
            .status
            .as_ref()
            .map_or(String::new(), |status| status.as_str().to_owned()),
        amount: bill.amount.unwrap_or_default(),
        balance: bill.balance,
        vendor: bill.vendor.clone(),
        reference: bill.vendor_ref.clone(),
        date: bill.date,
        period: period(bill.post_period.as_ref()),
        lines: bill.details.iter().map(line).collect(),
    }
}

fn of_journal(journal: &JournalTransaction) -> Found {
    use JournalStatus::{Balanced, OnHold, PendingApproval, Posted, Rejected, Unposted, Void};
    let stage = match &journal.status {
        Some(OnHold) => Stage::OnHold,
        Some(Balanced) => Stage::Balanced,
        Some(PendingApproval) => Stage::Waiting,
        Some(Posted | Unposted) => Stage::Released,
        Some(Void | Rejected) => Stage::Dead,
        _ => Stage::Odd,
    };
    let line = |line: &acumatica::JournalTransactionDetail| FoundLine {
        account: line.account.clone(),
        subaccount: line.subaccount.clone(),
        branch: line.branch_id.clone(),
        project: line.project.clone(),
        task: line.project_task.clone(),
        cost_code: line.cost_code.clone(),
        signed: line.debit_amount.unwrap_or_default() - line.credit_amount.unwrap_or_default(),
        order: None,
    };
    let debits = journal.details.iter().filter_map(|line| line.debit_amount);
    Found {
        stage,
        status: journal
            .status
            .as_ref()
            .map_or(String::new(), |status| status.as_str().to_owned()),
        amount: money::sum(debits).unwrap_or(Decimal::MAX),
        balance: None,
        vendor: None,
        reference: None,
        date: journal.transaction_date,
        period: period(journal.post_period.as_ref()),
        lines: journal.details.iter().map(line).collect(),
    }
}

fn period(period: Option<&Period>) -> Option<String> {
    period.map(|period| period.as_str().to_owned())
}
