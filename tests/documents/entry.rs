//! One entry of an expense report: who pays, how it is allocated, taxed and converted.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};

use super::fields::{Place, day, family, members, midnight, nulls};
use super::random::Random;
use crate::amounts::number;

/// Who is owed the money of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The employee paid.
    Employee,
    /// A card billed to the employee, paid by the company.
    Ibcp,
    /// A card billed to the company.
    Cbcp,
    /// Paid by the company without a card bill.
    Copd,
}

impl Party {
    /// Concur's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Employee => "EMPL",
            Self::Ibcp => "IBCP",
            Self::Cbcp => "CBCP",
            Self::Copd => "COPD",
        }
    }

    /// Payment type key the customer keeps for it.
    fn pat_key(self) -> &'static str {
        match self {
            Self::Employee => "CASH",
            Self::Ibcp | Self::Cbcp => "1000",
            Self::Copd => "COPD",
        }
    }

    fn pat_name(self) -> &'static str {
        match self {
            Self::Employee => "Cash",
            Self::Ibcp => "Corporate card",
            Self::Cbcp => "Company card",
            Self::Copd => "Company paid",
        }
    }
}

/// Spend in another currency than the report's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Spend currency.
    pub currency: String,
    /// Spend, in that currency.
    pub amount: Decimal,
    /// Rate between spend and report currency.
    pub rate: Decimal,
    /// `M`: spend times rate, `D`: spend divided by rate.
    pub direction: char,
}

/// One tax record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tax {
    /// Authority's label.
    pub authority: String,
    /// Tax code; null in many documents.
    pub code: Option<String>,
    /// Reclaim code.
    pub reclaim_code: String,
    /// The whole tax of the entry.
    pub amount: Decimal,
    /// The reclaimable part of it.
    pub reclaim: Decimal,
}

/// An entry to be.
#[derive(Clone, Debug)]
pub struct Entry {
    amount: Decimal,
    party: Party,
    account: String,
    clearing_account: Option<String>,
    liability_account: Option<String>,
    description: String,
    vendor: String,
    expense_type: (&'static str, &'static str),
    date: Date,
    personal: bool,
    expense_pay: bool,
    foreign: Option<Foreign>,
    taxes: Vec<Tax>,
    shares: Vec<(Decimal, Option<Place>)>,
    decimals: u32,
}

const TYPES: [(&str, &str); 5] = [
    ("TAXIX", "Taxi"),
    ("LODNG", "Hotel"),
    ("DINNR", "Dinner"),
    ("OFCSP", "Office supplies"),
    ("AIRFR", "Airfare"),
];
const VENDORS: [&str; 4] = [
    "Harbor Taxi",
    "Northgate Hotel",
    "Blue Fern Kitchen",
    "Paper & Pen",
];

impl Entry {
    /// Out-of-pocket spend of the employee; a negative amount is a credit.
    #[must_use]
    pub fn new(amount: Decimal, random: &mut Random) -> Self {
        Self {
            amount,
            party: Party::Employee,
            account: "474230".to_owned(),
            clearing_account: None,
            liability_account: None,
            description: String::new(),
            vendor: (*random.pick(&"Corner Cafe", &VENDORS)).to_owned(),
            expense_type: *random.pick(&("MEALS", "Meals"), &TYPES),
            date: day(random.between(0, 9)),
            personal: false,
            expense_pay: false,
            foreign: None,
            taxes: Vec::new(),
            shares: vec![(Decimal::ONE_HUNDRED, None)],
            decimals: 2,
        }
    }

    /// Paid by somebody else, through this clearing account.
    #[must_use]
    pub fn paid_by(mut self, party: Party, clearing_account: &str) -> Self {
        self.party = party;
        self.clearing_account = Some(clearing_account.to_owned());
        self
    }

    /// Another expense account.
    #[must_use]
    pub fn on_account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// With a description.
    #[must_use]
    pub fn described(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// Personal spend on a company card: nothing approved, the employee owes the company.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Reimbursed by Expense Pay, out of this liability account.
    #[must_use]
    pub fn by_expense_pay(mut self, liability_account: &str) -> Self {
        self.expense_pay = true;
        self.liability_account = Some(liability_account.to_owned());
        self
    }

    /// Spent in another currency.
    #[must_use]
    pub fn spent_abroad(mut self, foreign: Foreign) -> Self {
        self.foreign = Some(foreign);
        self
    }

    /// With one more tax record.
    #[must_use]
    pub fn taxed(mut self, tax: Tax) -> Self {
        self.taxes.push(tax);
        self
    }

    /// Split by percentages that sum to 100; `None` stays where the report belongs.
    #[must_use]
    pub fn allocated(mut self, shares: Vec<(Decimal, Option<Place>)>) -> Self {
        self.shares = shares;
        self
    }

    /// In a currency with another number of decimals than two.
    #[must_use]
    pub fn with_decimals(mut self, decimals: u32) -> Self {
        self.decimals = decimals;
        self
    }

    /// What the report approves of it.
    #[must_use]
    pub fn approved(&self) -> Decimal {
        if self.personal {
            Decimal::ZERO
        } else {
            self.amount
        }
    }

    /// The entry as Concur writes it.
    pub(super) fn value(&self, currency: &str, place: &Place, random: &mut Random) -> Value {
        let mut entry = self.facts(currency, random);
        let allocations: Vec<Value> = if self.personal {
            vec![self.personal_allocation()]
        } else {
            let totals = self.split(self.amount);
            (0..self.shares.len())
                .zip(totals)
                .map(|(n, total)| self.allocation(n, total, place, random))
                .collect()
        };
        entry.insert("allocation".to_owned(), Value::Array(allocations));
        family(&mut entry, "entryCustom", 40, &[]);
        family(&mut entry, "entryOrgUnit", 6, &place.units());
        nulls(&mut entry, NULL_FIELDS);
        Value::Object(entry)
    }

    fn facts(&self, currency: &str, random: &mut Random) -> Map<String, Value> {
        let card = matches!(self.party, Party::Ibcp | Party::Cbcp).then(|| random.upper_hex(20));
        let spend = self
            .foreign
            .as_ref()
            .map_or(self.amount, |foreign| foreign.amount);
        let spend_currency = self
            .foreign
            .as_ref()
            .map_or(currency, |foreign| foreign.currency.as_str());
        let yes_no = |yes: bool| if yes { "Y" } else { "N" };
        members(json!({
            "entryId": random.upper_hex(32),
            "legacyEntryId": random.between(1_000, 999_999),
            "expenseTypeCode": self.expense_type.0,
            "expenseTypeName": self.expense_type.1,
            "entryDate": midnight(self.date),
            "entryDescription": self.description,
            "entryVendorCode": null,
            "entryVendorDescription": self.vendor,
            "entryApprovedAmount": number(self.approved()),
            "reportEntryTransactionAmount": number(spend),
            "entryCurrAlphaCode": spend_currency,
            "entryExchangeRate": number(self.foreign.as_ref().map_or(Decimal::ONE, |foreign| foreign.rate)),
            "entryExchangeRateDirection": self.foreign.as_ref().map_or('M', |foreign| foreign.direction).to_string(),
            "entryIsPersonal": yes_no(self.personal),
            "entryIsBillable": "N",
            "entryReceiptType": if self.taxes.is_empty() { "R" } else { "T" },
            "entryReceiptId": random.upper_hex(32),
            "entryCountryCode": "US",
            "entryLocationName": "San Francisco",
            "entryLocationCityName": "San Francisco",
            "reportEntryPatKey": self.party.pat_key(),
            "reportEntryPaymentTypeCode": self.party.pat_key(),
            "reportEntryPaymentTypeName": self.party.pat_name(),
            "offsetPayType": "N",
            "expensePayIndicator": yes_no(self.expense_pay),
            "expensePayAccountingIndicator": yes_no(self.expense_pay),
            "liabilityAccountCode": self.liability_account,
            "clearingAccountCode": self.clearing_account,
            "cardTransactionID": card,
            "cardTransactionAmount": card.as_ref().map(|_| number(spend)),
            "cardTransactionCurrency": card.as_ref().map(|_| spend_currency),
            "cardTransactionPostedAmount": card.as_ref().map(|_| number(self.amount)),
            "cardTransactionPostedCurrency": card.as_ref().map(|_| currency),
        }))
    }

    /// Splits a total by the percentages; the last share takes what rounding left.
    fn split(&self, total: Decimal) -> Vec<Decimal> {
        let mut left = total;
        let last = self.shares.len().saturating_sub(1);
        let mut parts = Vec::with_capacity(self.shares.len());
        for (n, (percentage, _)) in self.shares.iter().enumerate() {
            let part = if n == last {
                left
            } else {
                let exact = total * percentage / Decimal::ONE_HUNDRED;
                exact.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointAwayFromZero)
            };
            left -= part;
            parts.push(part);
        }
        parts
    }

    fn allocation(&self, n: usize, gross: Decimal, place: &Place, random: &mut Random) -> Value {
        let (percentage, own_place) = self.shares.get(n).cloned().unwrap_or_default();
        let place = own_place.as_ref().unwrap_or(place);
        let mut records = Vec::new();
        let (mut tax, mut reclaim) = (Decimal::ZERO, Decimal::ZERO);
        for record in &self.taxes {
            let share = |total: Decimal| self.split(total).get(n).copied().unwrap_or_default();
            let (amount, reclaimable) = (share(record.amount), share(record.reclaim));
            tax += amount;
            reclaim += reclaimable;
            records.push(json!({
                "taxGuid": random.hex(32),
                "taxAuthorityLabel": record.authority,
                "taxCode": record.code,
                "taxReclaimCode": record.reclaim_code,
                "nonDomesticCode": null,
                "taxSource": "SYST",
                "amountTax": number(amount),
                "amountReclaim": number(reclaimable),
                "locationCountryCode": "DE",
                "locationCountrySubCode": null,
            }));
        }
        let guids: Vec<&Value> = records
            .iter()
            .filter_map(|record| record.get("taxGuid"))
            .collect();
        let journal = self.journal(
            &self.account,
            gross,
            (gross - tax, gross - reclaim),
            &json!(guids),
        );
        let mut allocation = members(json!({
            "allocationId": random.upper_hex(32),
            "allocationPercentage": number(percentage),
            "journal": [journal],
            "tax": records,
        }));
        family(&mut allocation, "allocationCustom", 20, &place.customs());
        Value::Object(allocation)
    }

    /// The pair of a personal entry, on the clearing account, with every allocation field null.
    fn personal_allocation(&self) -> Value {
        let account = self.clearing_account.as_deref().unwrap_or(&self.account);
        let to_card = self.journal(account, self.amount, (self.amount, self.amount), &json!([]));
        let owed = Self {
            party: Party::Employee,
            ..self.clone()
        };
        let from_employee = owed.journal(
            account,
            -self.amount,
            (-self.amount, -self.amount),
            &json!([]),
        );
        let mut allocation = members(json!({
            "allocationId": null,
            "allocationPercentage": null,
            "journal": [to_card, from_employee],
            "tax": [],
        }));
        family(&mut allocation, "allocationCustom", 20, &[]);
        Value::Object(allocation)
    }

    fn journal(
        &self,
        account: &str,
        gross: Decimal,
        net: (Decimal, Decimal),
        guids: &Value,
    ) -> Value {
        let party = self.party.code();
        let (from, to) = if gross < Decimal::ZERO {
            (party, "COMP")
        } else {
            ("COMP", party)
        };
        let card = matches!(self.party, Party::Ibcp | Party::Cbcp);
        json!({
            "journalAccountCode": account,
            "journalPayer": from,
            "journalPayee": to,
            "amountGross": number(gross),
            "amountNetOfTax": number(net.0),
            "amountNetOfReclaim": number(net.1),
            "amountGrossCard": card.then(|| number(gross)),
            "cardTransactionReferenceNumber": null,
            "taxGuid": guids,
            "accountingTransactionType": null,
        })
    }
}

/// Fields of an entry the generator never fills, in the published order of topics.
const NULL_FIELDS: &[&str] = &[
    "entryElectronicReceiptId",
    "entryCountrySubCode",
    "entryLocationFrom",
    "entryLocationTo",
    "mileage",
    "cardAccountID",
    "cardProgramTypeCode",
    "cardBillingDate",
    "cardStatementPeriodStartDate",
    "cardStatementPeriodEndDate",
    "cardProcessorReferenceNumber",
    "requestEntryId",
    "requestId",
    "merchantTaxId",
    "supplierInvoiceId",
    "govInvoiceId",
    "companyTaxId",
    "hsnSacCode",
    "placeOfSupplyState",
    "entrySupplierTaxID",
    "entryUuid",
];
