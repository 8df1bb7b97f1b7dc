//! The table of names: which kind has which, and where it comes from. Faults of a connection and the README are made from it.

use crate::DocumentKind;

/// One row: a name and, by kind, the field of the document it reads; `-` where the kind lacks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// As written in a template; `[n]` is Concur's number, from 1.
    pub name: &'static str,
    /// In expense reports.
    pub expense: &'static str,
    /// In invoices.
    pub invoice: &'static str,
    /// In cash advances.
    pub cash_advance: &'static str,
}

/// Where a template stands, because one name is for one rule only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Any rule.
    Any,
    /// `rules.cash_advance.account`, which alone has `journal.account`.
    AdvanceAccount,
}

const fn row(
    name: &'static str,
    expense: &'static str,
    invoice: &'static str,
    cash_advance: &'static str,
) -> Name {
    Name {
        name,
        expense,
        invoice,
        cash_advance,
    }
}

const TABLE: &[Name] = &[
    row("document.id", "reportId", "requestId", "cashAdvanceId"),
    row("document.name", "reportName", "requestTitle", "name"),
    row(
        "document.org[n].code, .value (1-6)",
        "reportOrgUnitN",
        "requestOrgUnitN",
        "employeeOrgUnitN",
    ),
    row(
        "document.custom[n].code, .value",
        "reportCustomN (1-20)",
        "requestCustomN (1-24)",
        "employeeCustomN (1-21)",
    ),
    row(
        "document.currency",
        "employeeCurrencyAlphaCode",
        "currencyAlphaCode",
        "employeeCurrencyAlphaCode",
    ),
    row("document.ledger", "ledgerCode", "ledgerCode", "ledgerCode"),
    row(
        "document.entity",
        "entityId of the envelope",
        "entityId of the envelope",
        "entityId of the envelope",
    ),
    row("report.id", "reportId", "-", "-"),
    row("report.name", "reportName", "-", "-"),
    row(
        "report.org[n].code, .value (1-6)",
        "reportOrgUnitN",
        "-",
        "-",
    ),
    row(
        "report.custom[n].code, .value (1-20)",
        "reportCustomN",
        "-",
        "-",
    ),
    row("report.currency", "employeeCurrencyAlphaCode", "-", "-"),
    row("report.ledger", "ledgerCode", "-", "-"),
    row("report.entity", "entityId of the envelope", "-", "-"),
    row(
        "report.payroll_clearing_account",
        "payrollPaymentClearingAccountCode",
        "-",
        "-",
    ),
    row(
        "employee.id",
        "employee.employeeId",
        "ownerEmployee.employeeId (the owner, not the payee)",
        "employeeData.employeeId",
    ),
    row(
        "employee.name",
        "first and last name",
        "first and last name",
        "first and last name",
    ),
    row("entry.id", "entryId", "-", "-"),
    row("entry.date", "entryDate, as YYYY-MM-DD", "-", "-"),
    row(
        "entry.vendor",
        "entryVendorDescription, else entryVendorCode",
        "-",
        "-",
    ),
    row("entry.clearing_account", "clearingAccountCode", "-", "-"),
    row("entry.liability_account", "liabilityAccountCode", "-", "-"),
    row("entry.org[n].code, .value (1-6)", "entryOrgUnitN", "-", "-"),
    row(
        "entry.custom[n].code, .value (1-40)",
        "entryCustomN",
        "-",
        "-",
    ),
    row(
        "allocation.custom[n].code, .value (1-20)",
        "allocationCustomN",
        "allocationCustomN",
        "-",
    ),
    row(
        "line.account",
        "journal[].journalAccountCode, if blank clearingAccountCode",
        "allocation[].journal.accountCode, if blank allocationAccountCode",
        "journalData[].accountCode",
    ),
    row(
        "line.description",
        "entryDescription",
        "lineItemDescription",
        "-",
    ),
    row(
        "line.custom[n].code, .value (1-20)",
        "-",
        "lineItemCustomN",
        "-",
    ),
    row(
        "line.expense_type.code",
        "expenseTypeCode",
        "expenseTypeCode",
        "-",
    ),
    row(
        "line.expense_type.name",
        "expenseTypeName",
        "expenseTypeName",
        "-",
    ),
    row(
        "line.card_reference",
        "journal[].cardTransactionReferenceNumber, else cardTransactionID",
        "-",
        "cardTransactionID",
    ),
    row(
        "journal.account",
        "cashAdvanceClearingAccountCode (only in rules.cash_advance.account)",
        "-",
        "journalData[].accountCode (only in rules.cash_advance.account)",
    ),
    row("vendor.code", "-", "vendorCode", "-"),
    row("vendor.remit_to", "-", "vendorRemitToAddressCode", "-"),
    row("card.vendor", "tables.cards", "-", "-"),
    row(
        "card.account",
        "tables.cards, else clearingAccountCode",
        "-",
        "-",
    ),
    row(
        "advance.id",
        "cashAdvanceApplication[].cashAdvanceId",
        "-",
        "cashAdvanceId",
    ),
    row(
        "tax.code",
        "allocation[].tax[].taxCode",
        "null: the shape is not published",
        "-",
    ),
    row(
        "tax.reclaim_code",
        "allocation[].tax[].taxReclaimCode",
        "null",
        "-",
    ),
    row(
        "tax.authority",
        "allocation[].tax[].taxAuthorityLabel",
        "null",
        "-",
    ),
    row(
        "tax.country",
        "allocation[].tax[].locationCountryCode",
        "null",
        "-",
    ),
    row(
        "tables.accounts[code]",
        "tables.accounts; null where it has no such code",
        "the same",
        "the same",
    ),
    row(
        "tables.employees[code]",
        "tables.employees",
        "the same",
        "the same",
    ),
    row(
        "tables.branches[code]",
        "tables.branches",
        "the same",
        "the same",
    ),
    row(
        "tables.locations[code]",
        "tables.locations",
        "the same",
        "the same",
    ),
    row(
        "tables.vendors[code]",
        "tables.vendors",
        "the same",
        "the same",
    ),
    row(
        "tables.subaccounts[code]",
        "tables.subaccounts",
        "the same",
        "the same",
    ),
];

/// Every name, in the order of the README.
#[must_use]
pub fn table() -> &'static [Name] {
    TABLE
}

impl Name {
    /// The field the name reads in documents of the kind; `None` when the kind lacks it.
    #[must_use]
    pub fn source(&self, kind: DocumentKind) -> Option<&'static str> {
        let source = match kind {
            DocumentKind::Expense => self.expense,
            DocumentKind::Invoice => self.invoice,
            DocumentKind::CashAdvance => self.cash_advance,
        };
        (source != "-").then_some(source)
    }

    /// The name up to its subscript: `document.org` of `document.org[n].code`.
    #[must_use]
    pub fn dotted(&self) -> &'static str {
        self.name.split(['[', ' ', ',']).next().unwrap_or(self.name)
    }

    /// Whether a subscript follows.
    fn is_family(&self) -> bool {
        self.name.contains('[')
    }
}

/// What is wrong with using this dotted name in documents of the kind, as a fragment; `None` when it exists.
#[must_use]
pub fn unknown(used: &str, kind: DocumentKind, place: Place) -> Option<String> {
    if used == "first" {
        return None;
    }
    let reaches = |name: &Name| {
        let dotted = name.dotted();
        let below = |longer: &str, shorter: &str| {
            longer
                .strip_prefix(shorter)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        dotted == used
            || below(dotted, used)
            || (dotted.starts_with("tables.") && name.is_family() && below(used, dotted))
    };
    let found: Vec<&Name> = TABLE.iter().filter(|name| reaches(name)).collect();
    if found.is_empty() {
        return Some(format!("unknown name {used}"));
    }
    if !found.iter().any(|name| name.source(kind).is_some()) {
        return Some(format!("{} documents have no {used}", kind.as_str()));
    }
    if used.split('.').next() == Some("journal") && place == Place::Any {
        return Some(format!("{used} exists only in rules.cash_advance.account"));
    }
    None
}
