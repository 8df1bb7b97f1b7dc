//! Employees (form EP203000), as payees of bills: code, state and currency, no contacts and no bank data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};

/// An employee. Read-only here.
///
/// Source: Default endpoint, entity Employee.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Employee {
    /// The code a bill names in place of a vendor's.
    #[serde(rename = "EmployeeID")]
    pub employee_id: Option<String>,
    /// Name people know.
    pub employee_name: Option<String>,
    /// Label: Active, On Hold, Hold Payments, Inactive …
    pub status: Option<String>,
    /// Linked, so read with [`Rows::With`](crate::Rows::With).
    pub employee_settings: Option<EmployeeSettings>,
}

/// The settings of an employee that documents depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EmployeeSettings {
    /// ISO code of documents; empty: the base currency.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// Whether documents may be in other currencies.
    pub enable_currency_override: Option<bool>,
}

impl Entity for Employee {
    const NAME: &'static str = "Employee";

    fn outline() -> Self {
        Self {
            employee_settings: Some(EmployeeSettings::default()),
            ..Self::default()
        }
    }
}

impl Keyed for Employee {
    const KEYS: &'static [&'static str] = &["EmployeeID"];

    fn key(&self) -> Vec<&str> {
        vec![self.employee_id.as_deref().unwrap_or_default()]
    }
}

/// Without the name.
impl fmt::Debug for Employee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Employee")
            .field("employee_id", &self.employee_id)
            .field("status", &self.status)
            .field("employee_settings", &self.employee_settings)
            .finish_non_exhaustive()
    }
}
