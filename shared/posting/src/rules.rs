//! The customer's rules: how codes, vendors, accounts and texts of Acumatica follow from a document.
//!
//! Read in this order: a fault of a connection, the reader that collects all of them, the rules as values, the tables, a
//! template, the names it can use, and how the rules are read and proved.

mod code;
pub mod config;
pub mod fault;
mod filters;
pub mod names;
mod read;
pub mod reader;
mod shape;
mod sound;
pub mod tables;
pub mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

pub use config::*;
pub use fault::{Fault, Faults};
pub use filters::FILTERS;
pub use names::Names;
pub use read::SIBLINGS;
pub use reader::Reader;
pub use tables::{Card, Tables};
pub use template::{Template, TemplateError};

use crate::DocumentKind;
use crate::document::Header;

/// The rules of one connection: its `documents`, `time_zone`, `accept`, `tables`, `rules` and `posting`.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Kinds the connection takes; at least one.
    pub documents: Vec<DocumentKind>,
    /// Instants become dates in it.
    pub time_zone: TimeZone,
    /// Which documents belong to it.
    pub accept: Accept,
    /// Tables of codes, and cards.
    pub tables: Tables,
    /// Vendors.
    pub vendor: VendorRules,
    /// Vendor location of an invoice; nothing where the document has no remit-to code.
    pub location: Template,
    /// A remit-to code without location.
    pub unmapped_remit_to: UnmappedRemitTo,
    /// Parties by name (`EMPL`, `EMPL.expense_pay`, `IBCP` …). A party that is not here has no rule.
    pub parties: BTreeMap<String, Party>,
    /// Lines of both signs for one payee.
    pub mixed_signs: MixedSigns,
    /// Account through which a journal and an AP document of one party meet (`mixed_signs`: `clearing`).
    pub mixed_signs_account: Option<ByKind<Template>>,
    /// A negative net of the employee.
    pub employee_owes: EmployeeOwes,
    /// Branches.
    pub branch: BranchRules,
    /// Cost lines.
    pub line: LineRules,
    /// Lines without allocation.
    pub balance_line: BalanceLine,
    /// AP and tax control accounts, refused on lines.
    pub control_accounts: Vec<String>,
    /// Texts.
    pub text: TextRules,
    /// Tax.
    pub tax: TaxRules,
    /// Invoices.
    pub invoice: InvoiceRules,
    /// Cash advances.
    pub cash_advance: AdvanceRules,
    /// Dates.
    pub date: DateRules,
    /// Id confirmed when there is nothing to post; `None` confirms without any.
    pub nothing_to_post_id: Option<String>,
    /// Beside the accounting.
    pub posting: PostingRules,
}

impl Rules {
    /// Whether a document belongs to this connection. Lists that are not empty must all agree; of the org units one is enough.
    #[must_use]
    pub fn accepts(&self, header: &Header) -> Acceptance {
        let listed = |list: &[String], code: Option<&str>| {
            list.is_empty() || code.is_some_and(|code| list.iter().any(|known| known == code))
        };
        let units = &self.accept.org_unit;
        let in_unit = units.is_empty()
            || header
                .org
                .values()
                .any(|unit| listed(units, unit.code.as_deref()));
        let ours = listed(&self.accept.ledger_code, header.ledger.as_deref())
            && listed(&self.accept.entity_id, header.entity.as_deref())
            && in_unit;
        match (ours, header.test && !self.posting.include_test_documents) {
            (false, _) => Acceptance::Outside,
            (true, true) => Acceptance::Test,
            (true, false) => Acceptance::Accepted,
        }
    }
}
