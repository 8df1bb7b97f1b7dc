//! Cash advances, as issued.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::fields::{Person, Place, day, employee, instant, members, nulls};
use super::random::Random;
use super::{Document, Kind};
use crate::amounts::{cents, number};

/// An advance to be, in US dollars.
#[derive(Clone, Debug)]
pub struct Advance {
    name: String,
    person: Person,
    place: Place,
    amount: Decimal,
    account: String,
    id: String,
    day: i64,
}

impl Advance {
    /// An advance to an employee.
    #[must_use]
    pub fn new(name: &str, person: Person, amount: Decimal, random: &mut Random) -> Self {
        Self {
            name: name.to_owned(),
            person,
            place: Place::new("0021", "410"),
            amount,
            account: "119900".to_owned(),
            id: random.upper_hex(32),
            day: random.between(0, 9),
        }
    }

    /// The id an application on a report names.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The finished document.
    #[must_use]
    pub fn document(self) -> Document {
        let mut data = members(json!({
            "cashAdvanceId": self.id,
            "name": self.name,
            "requestAmount": number(self.amount),
            "currencyAlphaCode": "USD",
            "currencyNumCode": "840",
            "employeeCurrencyAlphaCode": "USD",
            "exchangeRate": 1,
            "requestDate": instant(day(self.day), 16),
            "issuedDate": instant(day(self.day + 2), 54),
            "paymentMethod": 0,
            "expensePayIndicator": "N",
            "transactionType": 1,
            "isTest": "N",
        }));
        nulls(
            &mut data,
            &[
                "purpose",
                "clearingAccountCode",
                "countryCode",
                "countrySubCode",
                "locationName",
                "requestedDisbursementDate",
                "travelStartDate",
                "travelEndDate",
                "cardAccountID",
                "cardTransactionID",
                "cardTransactionAmount",
                "cardTransactionCurrency",
                "cardTransactionPostedAmount",
                "cardTransactionPostedCurrency",
            ],
        );
        Document {
            kind: Kind::CashAdvance,
            body: json!({
                "employeeData": employee(&self.person, &self.place),
                "cashAdvanceData": Value::Object(data),
                "journalData": [{
                    "accountCode": self.account,
                    "amount": number(self.amount),
                    "debitOrCredit": "DR",
                    "payer": "COMP",
                    "payee": "EMPL",
                    "paymentCode": "Cash",
                }],
            }),
            business_id: self.id,
        }
    }
}

/// An advance of any amount.
pub(super) fn any(random: &mut Random) -> Document {
    let person = Person::new(&format!("E{:05}", random.below(99_999)), "Ada", "Example");
    let amount = cents(random.between(100, 500_000));
    Advance::new("Generated advance", person, amount, random).document()
}
