//! Taxes and tax categories (forms TX205000 and TX205500).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entity::{Entity, Keyed};

/// A tax. Read-only here.
///
/// Source: Default endpoint, entity Tax.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tax {
    /// The code tax rows name, at most 60 characters.
    #[serde(rename = "TaxID")]
    pub tax_id: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Label: Sales, Use, VAT …
    #[serde(rename = "TaxType")]
    pub kind: Option<String>,
    /// Last day it can be used.
    #[serde(with = "crate::date")]
    pub not_valid_after: Option<Date>,
    /// Whether a part of it is cost.
    #[serde(rename = "DeductibleVAT")]
    pub deductible_vat: Option<bool>,
}

/// A tax category: which taxes a line can have. Read-only here.
///
/// Source: Default endpoint, entity `TaxCategory`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TaxCategory {
    /// The code lines name, at most 15 characters.
    #[serde(rename = "TaxCategoryID")]
    pub tax_category_id: Option<String>,
    /// Name.
    pub description: Option<String>,
    /// Whether lines may name it.
    pub active: Option<bool>,
}

impl Entity for Tax {
    const NAME: &'static str = "Tax";
}

impl Keyed for Tax {
    const KEYS: &'static [&'static str] = &["TaxID"];

    fn key(&self) -> Vec<&str> {
        vec![self.tax_id.as_deref().unwrap_or_default()]
    }
}

impl Entity for TaxCategory {
    const NAME: &'static str = "TaxCategory";
}

impl Keyed for TaxCategory {
    const KEYS: &'static [&'static str] = &["TaxCategoryID"];

    fn key(&self) -> Vec<&str> {
        vec![self.tax_category_id.as_deref().unwrap_or_default()]
    }
}
