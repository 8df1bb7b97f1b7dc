//! Whose side a journal is: the party comes from payer and payee, never from the payment type.

use std::fmt;

use rust_decimal::Decimal;

use crate::document::{Entry, Expense, Journal};

/// Concur's code of the company itself; the other one of payer and payee is the party.
pub(super) const COMPANY: &str = "COMP";

/// Which side of a journal the company is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side<'a> {
    /// The company pays the party: the amount is not negative.
    Pays(&'a str),
    /// The company is paid by the party: the amount is not positive.
    IsPaid(&'a str),
}

impl<'a> Side<'a> {
    /// `None` unless exactly one of payer and payee is the company and the other one is named.
    pub(super) fn of(journal: &'a Journal) -> Option<Self> {
        match (journal.payer.as_str(), journal.payee.as_str()) {
            (COMPANY, COMPANY) => None,
            (COMPANY, party) if !party.is_empty() => Some(Self::Pays(party)),
            (party, COMPANY) if !party.is_empty() => Some(Self::IsPaid(party)),
            _ => None,
        }
    }

    pub(super) fn allows(self, gross: Decimal) -> bool {
        match self {
            Self::Pays(_) => gross >= Decimal::ZERO,
            Self::IsPaid(_) => gross <= Decimal::ZERO,
        }
    }

    pub(super) fn party(self) -> &'a str {
        match self {
            Self::Pays(party) | Self::IsPaid(party) => party,
        }
    }
}

/// A party of a plan, ordered as its postings are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Party {
    /// `EMPL`: the company owes the employee.
    Employee,
    /// `EMPL.expense_pay`: Concur's Expense Pay reimburses the employee.
    ExpensePay,
    /// `EMPL.payroll`: payroll reimburses the employee.
    Payroll,
    /// `IBCP`: individually billed card, paid by the company.
    IndividualCard,
    /// `CBCP`: company billed card.
    CompanyCard,
    /// `COPD`: paid by the company.
    CompanyPaid,
    /// Any other code.
    Other(String),
    /// The vendor of an invoice.
    Vendor,
}

impl Party {
    /// Party of a journal. Payroll outranks Expense Pay; Expense Pay is decided per entry, so that one report can mix.
    pub(super) fn of(expense: &Expense, entry: &Entry, journal: &Journal) -> Option<Self> {
        Some(match Side::of(journal)?.party() {
            "EMPL" if expense.payroll => Self::Payroll,
            "EMPL" if entry.expense_pay => Self::ExpensePay,
            "EMPL" => Self::Employee,
            "IBCP" => Self::IndividualCard,
            "CBCP" => Self::CompanyCard,
            "COPD" => Self::CompanyPaid,
            other => Self::Other(other.to_owned()),
        })
    }

    /// Its name in rules, plans and reasons.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Employee => "EMPL",
            Self::ExpensePay => "EMPL.expense_pay",
            Self::Payroll => "EMPL.payroll",
            Self::IndividualCard => "IBCP",
            Self::CompanyCard => "CBCP",
            Self::CompanyPaid => "COPD",
            Self::Other(code) => code,
            Self::Vendor => "vendor",
        }
    }

    /// JSON path of the rule that says how its side is posted.
    pub(super) fn rule(&self) -> String {
        match self {
            Self::Vendor => "rules.invoice.paid_by_concur".to_owned(),
            party => format!("rules.parties.{party}"),
        }
    }

    /// Whether it is the employee, however reimbursed.
    pub(super) fn is_employee(&self) -> bool {
        matches!(self, Self::Employee | Self::ExpensePay | Self::Payroll)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
