//! What a row of master data says, as far as it decides whether a document saves. The usual row is the default and stores
//! as `{}`: tenants have tens of thousands of them.
//!
//! Source: the entities of the contract-based endpoint (Vendor, Employee, Account, Subaccount, Project, `ProjectTask`,
//! Tax, `TaxCategory`, `CompaniesStructure`) and the guides of AP301000 and GL301000.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::rows::{Known, key};
use crate::Currency;

/// Whether a row may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It may.
    #[default]
    Active,
    /// Acumatica refuses it.
    Inactive,
}

/// A part of Acumatica that can be closed or shut out on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Module {
    /// Accounts payable: bills and adjustments.
    #[serde(rename = "ap")]
    Payables,
    /// General ledger: journals.
    #[serde(rename = "gl")]
    Ledger,
}

/// Status of a vendor, or of an employee as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayeeStatus {
    /// `Active`, and `One-Time`, which differs only in how its address is kept.
    #[default]
    Active,
    /// `On Hold`: cannot be used.
    OnHold,
    /// `Hold Payments`: may be billed, is not paid.
    HoldPayments,
    /// `Inactive`: its documents cannot be processed.
    Inactive,
}

/// A vendor or an employee, as the payee of an AP document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Payee {
    /// `Status`.
    #[serde(skip_serializing_if = "is_default")]
    pub status: PayeeStatus,
    /// `CurrencyID`; `None` is the base currency of the branch.
    #[serde(skip_serializing_if = "is_default")]
    pub currency: Option<Currency>,
    /// `EnableCurrencyOverride`: whether a document may have another currency.
    #[serde(skip_serializing_if = "is_default")]
    pub currency_override: bool,
}

/// A GL account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// `Active`.
    #[serde(skip_serializing_if = "is_default")]
    pub activity: Activity,
    /// `CurrencyID`: the only currency it takes; `None` takes any.
    #[serde(skip_serializing_if = "is_default")]
    pub currency: Option<Currency>,
    /// `AccountGroup`, without which no real project can use it.
    #[serde(skip_serializing_if = "is_default")]
    pub group: Option<String>,
    /// `RequireUnits`: a line needs quantity and unit.
    #[serde(skip_serializing_if = "is_default")]
    pub needs_units: bool,
}

/// A subaccount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subaccount {
    /// `Active`.
    #[serde(skip_serializing_if = "is_default")]
    pub activity: Activity,
}

/// A branch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Branch {
    /// `BranchStatus`.
    #[serde(skip_serializing_if = "is_default")]
    pub activity: Activity,
    /// `BaseCurrencyID`; `None` where the answer does not say.
    #[serde(skip_serializing_if = "is_default")]
    pub base_currency: Option<Currency>,
    /// `CompanyID`, the code of its company; `None` where the answer does not say.
    #[serde(skip_serializing_if = "is_default")]
    pub company: Option<String>,
}

/// How far a project or task is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// `In Planning`, `Pending Approval`, on hold: not yet.
    Planned,
    /// `Active`: documents may name it.
    #[default]
    Active,
    /// `Completed`, `Canceled`, `Suspended`: no longer.
    Ended,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// `Status`.
    #[serde(skip_serializing_if = "is_default")]
    pub stage: Stage,
    /// Modules its `VisibilitySettings` shut out.
    #[serde(skip_serializing_if = "is_default")]
    pub hidden_in: BTreeSet<Module>,
}

/// A task of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// `Status`.
    #[serde(skip_serializing_if = "is_default")]
    pub stage: Stage,
    /// Modules its `VisibilitySettings` shut out.
    #[serde(skip_serializing_if = "is_default")]
    pub hidden_in: BTreeSet<Module>,
    /// `Default`: taken where a line names none.
    #[serde(skip_serializing_if = "is_default")]
    pub default: bool,
}

/// All tasks of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tasks(BTreeMap<String, Task>);

impl Tasks {
    /// The tasks of a project by their ids, which must be all of them.
    pub fn new<K: AsRef<str>>(tasks: impl IntoIterator<Item = (K, Task)>) -> Self {
        let tasks = tasks.into_iter();
        Self(
            tasks
                .map(|(code, task)| (key(code.as_ref()), task))
                .collect(),
        )
    }

    /// A task by its id: here or missing.
    #[must_use]
    pub fn get(&self, code: &str) -> Known<&Task> {
        self.0.get(&key(code)).map_or(Known::Missing, Known::Here)
    }

    /// Whether a line that names no task gets one.
    #[must_use]
    pub fn has_default(&self) -> bool {
        self.0.values().any(|task| task.default)
    }
}

/// A tax.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tax {
    /// `NotValidAfter`: the last day it can be used.
    #[serde(skip_serializing_if = "is_default")]
    pub last_day: Option<Date>,
}

/// A tax category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaxCategory {
    /// `Active`.
    #[serde(skip_serializing_if = "is_default")]
    pub activity: Activity,
}

/// For fields that store only what is unusual.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
