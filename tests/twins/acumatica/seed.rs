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
    purchase_orders: Vec<(String, u64, String)>,
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
        let vendor = json!({
            "VendorID": id, "VendorName": name, "Status": "Active", "VendorClass": "DOMESTIC", "Terms": "30D",
            "CurrencyID": "USD", "EnableCurrencyOverride": true, "APAccount": "20000", "PaymentMethod": "CHECK",
        });
        self.row("Vendor", merged(vendor, other))
    }

    /// An employee, whom a bill may be made out to as well.
    #[must_use]
    pub fn employee(self, id: &str, name: &str) -> Self {
        self.row(
            "Employee",
            json!({
                "EmployeeID": id, "EmployeeName": name, "Status": "Active",
                "EmployeeSettings": {"CurrencyID": "USD", "EnableCurrencyOverride": true},
            }),
        )
    }

    /// An active account.
    #[must_use]
    pub fn account(self, code: &str, description: &str) -> Self {
        self.row("Account", json!({"AccountCD": code, "Description": description, "Type": "Expense", "Active": true, "AccountGroup": "OVERHEAD"}))
    }

    /// An account nobody may post to any more.
    #[must_use]
    pub fn inactive_account(self, code: &str, description: &str) -> Self {
        self.row("Account", json!({"AccountCD": code, "Description": description, "Type": "Expense", "Active": false, "AccountGroup": "OVERHEAD"}))
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
    pub fn branch(self, id: &str, name: &str) -> Self {
        self.branch_in(id, name, "USD")
    }

    /// A branch whose books are kept in this currency.
    #[must_use]
    pub fn branch_in(mut self, id: &str, name: &str, currency: &str) -> Self {
        self.branches.push(json!({
            "BranchID": id, "BranchName": name, "CompanyName": "Twin Company", "Active": true, "BaseCurrencyID": currency,
        }));
        self
    }

    /// An active project that bills and batches can charge, on one of its tasks.
    #[must_use]
    pub fn project(self, id: &str, description: &str) -> Self {
        self.project_with(id, description, json!({}))
    }

    /// A project that differs in these fields.
    #[must_use]
    pub fn project_with(self, id: &str, description: &str, other: Value) -> Self {
        let project = json!({
            "ProjectID": id, "Description": description, "Status": "Active",
            "VisibilitySettings": {"AP": true, "GL": true},
        });
        self.row("Project", merged(project, other))
    }

    /// An active task of a project; `other` holds the fields that differ, such as `Default`.
    #[must_use]
    pub fn task_with(self, project: &str, id: &str, other: Value) -> Self {
        let task = json!({
            "ProjectID": project, "ProjectTaskID": id, "Description": id, "Status": "Active", "Default": false,
            "VisibilitySettings": {"AP": true, "GL": true},
        });
        self.row("ProjectTask", merged(task, other))
    }

    /// A line of a purchase order, with the account it was ordered on.
    #[must_use]
    pub fn purchase_order_line(mut self, order: &str, line: u64, account: &str) -> Self {
        self.purchase_orders
            .push((order.to_owned(), line, account.to_owned()));
        self
    }

    /// A tax that a zone computes at a percentage.
    #[must_use]
    pub fn tax(self, id: &str, percent: u32, zone: &str) -> Self {
        self.row(
            "Tax",
            json!({
                "TaxID": id, "Description": id, "TaxType": "VAT", "DeductibleVAT": false,
                "TaxSchedule": [{"TaxID": id, "StartDate": format!("2020-01-01T00:00:00{OFFSET}"), "TaxRate": percent}],
                "Zones": [{"TaxID": id, "TaxZoneID": zone}],
            }),
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

    /// The account of a purchase order's line.
    pub(super) fn purchase_order_account(&self, order: &str, line: Option<u64>) -> Option<&str> {
        self.purchase_orders
            .iter()
            .find(|(number, at, _)| number == order && Some(*at) == line)
            .map(|(_, _, account)| account.as_str())
    }

    pub(super) fn rates(&self) -> &[String] {
        &self.rates
    }
}

fn merged(mut row: Value, other: Value) -> Value {
    if let (Some(row), Value::Object(other)) = (row.as_object_mut(), other) {
        row.extend(other);
    }
    row
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
