//! Values for tests, built from the few words that matter to a case.

use jiff::{SignedDuration, Timestamp};
use posting::plan::{Line, Plan, Posting, PostingKind, Release, Role};
use posting::state::{ConfirmAfter, Receipt, State};
use posting::{BusinessId, ConnectionId, Currency, DocumentId, DocumentKind, Record};
use rust_decimal::Decimal;

use crate::clocks::Clocks;
use crate::connection::Connection;
use crate::needs::{Deployment, Stage};

pub(crate) const ID: &str = "de2c2b936bc44114aa487fdab9f7bf61";
pub(crate) const OTHER: &str = "00000000000000000000000000000002";

pub(crate) fn deployment() -> Deployment {
    Deployment {
        stack: "stack".to_owned(),
        stage: Stage::Production,
        clocks: Clocks::default(),
        poll_margin: SignedDuration::from_mins(1),
    }
}

pub(crate) fn connection() -> Connection {
    Connection::read(include_str!("published/connection.json"), 1, &deployment()).unwrap()
}

pub(crate) fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn record(id: &str, state: State) -> Record {
    Record {
        connection: ConnectionId::new("acme").unwrap(),
        document: DocumentId::new(id).unwrap(),
        kind: DocumentKind::Expense,
        business: BusinessId::new("2519BED4A22B43C4B8E7").unwrap(),
        system_id: "stack-acme".to_owned(),
        under: None,
        payee: Some("E1".to_owned()),
        currency: Some(Currency::new("USD").unwrap()),
        amount: Some(amount("42.5")),
        state,
        received: at(0),
        due: at(300),
        attempt: 0,
        waits: None,
        behind: None,
        claim: None,
        claims: 0,
        plans: 0,
        reversed: 0,
        once: None,
        confirm_after: ConfirmAfter::Created,
        notes: Vec::new(),
        audits: 0,
        head: String::new(),
        trail: Vec::new(),
        version: 1,
    }
}

pub(crate) fn receipt(kind: PostingKind, number: &str, status: &str) -> Receipt {
    Receipt {
        n: 1,
        kind,
        number: number.to_owned(),
        amount: amount("42.50"),
        status: status.to_owned(),
        period: "032026".to_owned(),
        date: Some(jiff::civil::date(2026, 3, 31)),
        branch: "MAIN".to_owned(),
        release: posting::state::Release::NotWanted,
        adopted: false,
        part: None,
    }
}

pub(crate) fn posting(n: u32, kind: PostingKind) -> Posting {
    let payable = kind.is_payable();
    Posting {
        n,
        kind,
        party: "EMPL".to_owned(),
        vendor: payable.then(|| "V000012".to_owned()),
        location: None,
        branch: Some("MAIN".to_owned()),
        date: jiff::civil::date(2026, 3, 31),
        period: None,
        due_date: None,
        terms: None,
        discount: None,
        currency: Currency::new("USD").unwrap(),
        total: amount("42.50"),
        reference: payable.then(|| "INV-007".to_owned()),
        description: format!("CNQR:{ID}/1.{n} Taxi"),
        key_field: None,
        hold: false,
        release: Release::NotWanted,
        lines: vec![line(kind)],
        taxes: Vec::new(),
    }
}

/// One line of 42.50 on the side the kind needs.
fn line(kind: PostingKind) -> Line {
    let credit = kind == PostingKind::DebitAdj;
    let side = |is: bool| if is { amount("42.50") } else { Decimal::ZERO };
    Line {
        account: "61000".to_owned(),
        subaccount: None,
        branch: None,
        project: None,
        task: None,
        cost_code: None,
        purchase_order: None,
        box_1099: None,
        tax_category: None,
        debit: side(!credit),
        credit: side(credit),
        text: "Taxi".to_owned(),
        reference: None,
        source: Some("ENTRY1".to_owned()),
        role: Role::Cost,
        because: "rules.line.account".to_owned(),
    }
}

pub(crate) fn plan(postings: Vec<Posting>) -> Plan {
    Plan {
        document: DocumentId::new(ID).unwrap(),
        kind: DocumentKind::Expense,
        number: 1,
        rules_version: 1,
        reference_view: String::new(),
        currency: Currency::new("USD").unwrap(),
        gross: amount("42.50"),
        postings,
        skipped: Vec::new(),
        notes: Vec::new(),
        told: Vec::new(),
        because: Vec::new(),
    }
}
