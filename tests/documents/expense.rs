//! Expense reports.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::entry::{Entry, Foreign, Party, Tax};
use super::fields::{Person, Place, day, employee, family, instant, members, midnight, nulls};
use super::random::Random;
use super::{Document, Kind};
use crate::amounts::{cents, literal, number};

/// A cash advance used up on a report.
#[derive(Clone, Debug)]
pub struct Application {
    /// The advance.
    pub advance_id: String,
    /// What is used up of it, as a positive amount.
    pub amount: Decimal,
    /// The account the advance stands on.
    pub account: String,
}

/// A report to be.
#[derive(Clone, Debug)]
pub struct Report {
    name: String,
    person: Person,
    place: Place,
    currency: String,
    id: String,
    processed_day: i64,
    entries: Vec<Entry>,
    applications: Vec<Application>,
    payroll_account: Option<String>,
}

impl Report {
    /// An empty report in US dollars.
    #[must_use]
    pub fn new(name: &str, person: Person, place: Place, random: &mut Random) -> Self {
        Self {
            name: name.to_owned(),
            person,
            place,
            currency: "USD".to_owned(),
            id: random.upper_hex(20),
            processed_day: random.between(10, 14),
            entries: Vec::new(),
            applications: Vec::new(),
            payroll_account: None,
        }
    }

    /// With one more entry.
    #[must_use]
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// In another reimbursement currency.
    #[must_use]
    pub fn in_currency(mut self, currency: &str) -> Self {
        currency.clone_into(&mut self.currency);
        self
    }

    /// With a cash advance used up on it.
    #[must_use]
    pub fn applying(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// Reimbursed with the salary, against this clearing account.
    #[must_use]
    pub fn through_payroll(mut self, clearing_account: &str) -> Self {
        self.payroll_account = Some(clearing_account.to_owned());
        self
    }

    /// The finished document.
    #[must_use]
    pub fn document(self, random: &mut Random) -> Document {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|entry| entry.value(&self.currency, &self.place, random))
            .collect();
        let applications: Vec<Value> = self.applications.iter().map(applied).collect();
        let mut person = employee(&self.person, &self.place);
        person.insert(
            "loginId".to_owned(),
            json!(format!("{}@example.com", self.person.id.to_lowercase())),
        );
        person.insert("employeeReimbursementMethodCode".to_owned(), Value::Null);
        Document {
            kind: Kind::Expense,
            body: json!({
                "employee": person,
                "report": self.header(random),
                "expenseEntry": entries,
                "cashAdvanceApplication": applications,
            }),
            business_id: self.id,
        }
    }

    fn header(&self, random: &mut Random) -> Value {
        let total: Decimal = self.entries.iter().map(Entry::approved).sum();
        let processed = day(self.processed_day);
        let mut header = members(json!({
            "reportId": self.id,
            "reportNumber": random.upper_hex(6),
            "reportKey": random.between(1_000, 999_999),
            "reportName": self.name,
            "policyId": random.upper_hex(32),
            "ledgerCode": "DEFAULT",
            "totalApprovedAmount": number(total),
            "employeeCurrencyAlphaCode": self.currency,
            "homeCountryCode": "US",
            "isTest": "N",
            // Zero as Concur's database prints it.
            "cashAdvanceReturnsAmount": literal("0E-8"),
            "payrollPayIndicator": if self.payroll_account.is_some() { "Y" } else { "N" },
            "payrollPaymentClearingAccountCode": self.payroll_account,
            "revisionNumber": "1",
            "versionId": "4",
            "lastApproverId": null,
            "reportCreationDate": instant(day(self.processed_day - 2), 8),
            "reportSubmitDate": instant(day(self.processed_day - 1), 12),
            "reportUserDefinedDate": midnight(day(self.processed_day - 2)),
            "reportPaymentProcessingDate": instant(processed, 34),
            "requestId": [],
        }));
        nulls(&mut header, &["reportStartDate", "reportEndDate"]);
        family(&mut header, "reportCustom", 20, &[]);
        family(&mut header, "reportOrgUnit", 6, &self.place.units());
        Value::Object(header)
    }
}

fn applied(application: &Application) -> Value {
    json!({
        "cashAdvanceId": application.advance_id,
        "cashAdvanceApplicationAmount": number(-application.amount),
        "cashAdvanceClearingAccountCode": application.account,
        "cashAdvanceTransactionType": 2,
    })
}

/// A report of any valid sort.
pub(super) fn any(random: &mut Random) -> Document {
    let (currency, decimals) = *random.pick(&("USD", 2), &[("EUR", 2), ("JPY", 0), ("KWD", 3)]);
    let person = Person::new(&format!("E{:05}", random.below(99_999)), "Ada", "Example");
    let place = Place::new("0021", "410");
    let mut report = Report::new("Generated report", person, place, random).in_currency(currency);
    for _ in 0..random.between(1, 6) {
        let amount = Decimal::new(random.between(1, 250_000), decimals);
        report = report.entry(any_entry(amount, decimals, random));
    }
    if random.one_in(4) {
        report = report.applying(Application {
            advance_id: random.upper_hex(32),
            amount: Decimal::new(random.between(1, 50_000), decimals),
            account: "119900".to_owned(),
        });
    }
    if random.one_in(6) {
        report = report.through_payroll("221500");
    }
    report.document(random)
}

fn any_entry(amount: Decimal, decimals: u32, random: &mut Random) -> Entry {
    let amount = if random.one_in(6) { -amount } else { amount };
    let mut entry = Entry::new(amount, random).with_decimals(decimals);
    entry = match random.below(6) {
        0 => entry.paid_by(Party::Ibcp, "215100"),
        1 => entry.paid_by(Party::Cbcp, "199999"),
        2 => entry.paid_by(Party::Copd, "215900"),
        3 => {
            return Entry::new(amount.abs(), random)
                .paid_by(Party::Cbcp, "199999")
                .personal();
        }
        4 => entry.by_expense_pay("221400"),
        _ => entry,
    };
    if random.one_in(3) {
        entry = entry.allocated(any_shares(random));
    }
    if random.one_in(3) {
        entry = entry.taxed(any_tax(amount, decimals));
    }
    if random.one_in(4) {
        let rate = Decimal::new(random.between(1, 99_999_999_999_999), 14);
        entry = entry.spent_abroad(Foreign {
            currency: "EUR".to_owned(),
            amount: cents(random.between(1, 99_999)),
            rate,
            direction: *random.pick(&'M', &['D']),
        });
    }
    entry
}

/// Two to five shares in percentages with up to eight decimals.
fn any_shares(random: &mut Random) -> Vec<(Decimal, Option<Place>)> {
    let mut left = Decimal::ONE_HUNDRED;
    let mut shares = Vec::new();
    for _ in 0..random.between(1, 4) {
        let share = Decimal::new(random.between(1, 2_400_000_000), 8);
        left -= share;
        shares.push((share, Some(Place::new("0021", "420"))));
    }
    shares.push((left, None));
    shares
}

fn any_tax(gross: Decimal, decimals: u32) -> Tax {
    let part = |percent: i64| (gross * Decimal::new(percent, 2)).round_dp(decimals);
    Tax {
        authority: "DEVAT".to_owned(),
        code: None,
        reclaim_code: "V1".to_owned(),
        amount: part(16),
        reclaim: part(8),
    }
}
