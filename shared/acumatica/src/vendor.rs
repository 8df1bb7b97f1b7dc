//! Vendors (form AP303000): what a bill's pre-flight asks about them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};
use crate::label::labels;

labels! {
    /// Whether a vendor can be billed and paid.
    VendorStatus {
        /// Can be billed and paid.
        Active = "Active",
        /// Cannot be used.
        OnHold = "On Hold",
        /// Can be billed, is not paid.
        HoldPayments = "Hold Payments",
        /// Its documents cannot be processed.
        Inactive = "Inactive",
        /// Can be billed once.
        OneTime = "One-Time",
    }
}

/// A vendor, without contacts and bank data. Read-only here.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Vendor {
    /// The code bills name.
    #[serde(rename = "VendorID")]
    pub vendor_id: Option<String>,
    /// Name people know.
    pub vendor_name: Option<String>,
    /// Not in contract 20.200.001.
    pub legal_name: Option<String>,
    /// Whether it can be billed.
    pub status: Option<VendorStatus>,
    /// Class that supplies its defaults.
    pub vendor_class: Option<String>,
    /// External reference, at most 50 characters.
    pub account_ref: Option<String>,
    /// ISO code of its documents.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// Whether documents may be in other currencies.
    pub enable_currency_override: Option<bool>,
    /// Credit terms.
    pub terms: Option<String>,
    /// Tax zone of its default location.
    pub tax_zone: Option<String>,
}

impl Entity for Vendor {
    const NAME: &'static str = "Vendor";
}

impl Keyed for Vendor {
    const KEYS: &'static [&'static str] = &["VendorID"];

    fn key(&self) -> Vec<&str> {
        vec![self.vendor_id.as_deref().unwrap_or_default()]
    }
}

/// Without names: an employee can be a vendor.
impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor")
            .field("vendor_id", &self.vendor_id)
            .field("status", &self.status)
            .field("currency_id", &self.currency_id)
            .finish_non_exhaustive()
    }
}
