//! A tenant's reference data, to start the twin with.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::record::OFFSET;

/// Rows of reference data, in plain JSON by entity and field name.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    rows: Vec<(String, Value)>,
    branches: Vec<Value>,
    rates: Vec<String>,
}

impl Seed {
    /// An empty tenant.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Any row of any entity the twin knows.
    #[must_use]
    pub fn row(mut self, entity: &str, plain: Value) -> Self {
        self.rows.push((entity.to_owned(), plain));
        self
    }

    /// An active vendor in US dollars whose currency may be overridden.
    #[must_use]
    pub fn vendor(self, id: &str, name: &str) -> Self {
        self.vendor_with(id, name, json!({}))
    }

    /// A vendor that differs in these fields.
    #[must_use]
    pub fn vendor_with(self, id: &str, name: &str, other: Value) -> Self {
        let mut vendor = json!({
            "VendorID": id, "VendorName": name, "Status": "Active", "VendorClass": "DOMESTIC", "Terms": "30D",
            "CurrencyID": "USD", "EnableCurrencyOverride": true, "APAccount": "20000", "PaymentMethod": "CHECK",
        });
        if let (Some(vendor), Value::Object(other)) = (vendor.as_object_mut(), other) {
            vendor.extend(other);
        }
        self.row("Vendor", vendor)
    }

    /// An employee, whom a bill may be made out to as well.
    #[must_use]
    pub fn employee(self, id: &str, name: &str) -> Self {
        self.row(
            "Employee",
            json!({"EmployeeID": id, "EmployeeName": name, "Status": "Active"}),
        )
    }

    /// An active account.
    #[must_use]
    pub fn account(self, code: &str, description: &str) -> Self {
        self.row("Account", json!({"AccountCD": code, "Description": description, "Type": "Expense", "Active": true}))
    }

    /// An account nobody may post to any more.
    #[must_use]
    pub fn inactive_account(self, code: &str, description: &str) -> Self {
        self.row("Account", json!({"AccountCD": code, "Description": description, "Type": "Expense", "Active": false}))
    }

    /// An active subaccount, without separators.
    #[must_use]
    pub fn subaccount(self, code: &str, description: &str) -> Self {
        self.row(
            "Subaccount",
            json!({"SubaccountCD": code, "Description": description, "Active": true}),
        )
    }

    /// A branch of the only company.
    #[must_use]
    pub fn branch(mut self, id: &str, name: &str) -> Self {
        self.branches.push(json!({"BranchID": id, "BranchName": name, "CompanyName": "Twin Company", "Active": true}));
        self
    }

    /// An active project.
    #[must_use]
    pub fn project(self, id: &str, description: &str) -> Self {
        self.row(
            "Project",
            json!({"ProjectID": id, "Description": description, "Status": "Active"}),
        )
    }

    /// A tax category.
    #[must_use]
    pub fn tax_category(self, id: &str, description: &str) -> Self {
        self.row(
            "TaxCategory",
            json!({"TaxCategoryID": id, "Description": description, "Active": true}),
        )
    }

    /// A currency with its decimals, and with a rate for every date.
    #[must_use]
    pub fn currency(mut self, id: &str, decimals: u8) -> Self {
        self.rates.push(id.to_owned());
        self.currency_without_rate(id, decimals)
    }

    /// A currency no rate is effective for.
    #[must_use]
    pub fn currency_without_rate(self, id: &str, decimals: u8) -> Self {
        self.row("Currency", json!({"CurrencyID": id, "Description": id, "DecimalPrecision": decimals, "Active": true}))
    }

    /// A calendar year of monthly periods; the first months are closed.
    #[must_use]
    pub fn year(self, year: i16, closed_months: i8) -> Self {
        let periods: Vec<Value> = (1..=12)
            .filter_map(|month| period(year, month, month <= closed_months))
            .collect();
        self.row(
            "FinancialPeriod",
            json!({"FinancialYear": year.to_string(), "NbrOfPeriods": 12, "Details": periods}),
        )
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.rows.iter().map(|(entity, row)| (entity.as_str(), row))
    }

    pub(super) fn ledger(&self) -> Value {
        json!({"LedgerID": "ACTUAL", "Description": "Actual ledger", "Type": "Actual", "Currency": "USD", "Branches": self.branches})
    }

    pub(super) fn rates(&self) -> &[String] {
        &self.rates
    }
}

fn period(year: i16, month: i8, closed: bool) -> Option<Value> {
    let first = Date::new(year, month, 1).ok()?;
    Some(json!({
        "FinancialPeriodID": format!("{month:02}{year}"),
        "PeriodNbr": format!("{month:02}"),
        "StartDate": format!("{first}T00:00:00{OFFSET}"),
        "EndDate": format!("{}T00:00:00{OFFSET}", first.last_of_month()),
        "Status": if closed { "Closed" } else { "Open" },
        "ClosedInAP": closed,
    }))
}
