//! Currencies (form CM202000).

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};

/// A currency of the tenant. Read-only here.
///
/// Source: Default endpoint, entity Currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Currency {
    /// ISO code.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// Decimal places that amounts are rounded to.
    pub decimal_precision: Option<u32>,
    /// Whether documents may name it.
    pub active: Option<bool>,
    /// Whether documents may be kept in it.
    pub use_for_accounting: Option<bool>,
}

impl Entity for Currency {
    const NAME: &'static str = "Currency";
}

impl Keyed for Currency {
    const KEYS: &'static [&'static str] = &["CurrencyID"];

    fn key(&self) -> Vec<&str> {
        vec![self.currency_id.as_deref().unwrap_or_default()]
    }
}
