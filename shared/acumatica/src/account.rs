//! The chart of accounts (forms GL202500 and GL203000).

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};

/// A ledger account. Read-only here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Account {
    /// The code, at most 10 characters, without separators.
    #[serde(rename = "AccountCD")]
    pub account_cd: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Label: Asset, Liability, Income or Expense.
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    /// Only active accounts can be posted to.
    pub active: Option<bool>,
    /// A real project can be charged only through a group.
    pub account_group: Option<String>,
    /// Set when the account forces a currency.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// Whether lines want quantity and unit.
    pub require_units: Option<bool>,
}

impl Entity for Account {
    const NAME: &'static str = "Account";
}

impl Keyed for Account {
    const KEYS: &'static [&'static str] = &["AccountCD"];

    fn key(&self) -> Vec<&str> {
        vec![self.account_cd.as_deref().unwrap_or_default()]
    }
}

/// A subaccount. Read-only here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Subaccount {
    /// The code, at most 30 characters, without separators.
    #[serde(rename = "SubaccountCD")]
    pub subaccount_cd: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Only active subaccounts can be posted to.
    pub active: Option<bool>,
}

impl Entity for Subaccount {
    const NAME: &'static str = "Subaccount";
}

impl Keyed for Subaccount {
    const KEYS: &'static [&'static str] = &["SubaccountCD"];

    fn key(&self) -> Vec<&str> {
        vec![self.subaccount_cd.as_deref().unwrap_or_default()]
    }
}
