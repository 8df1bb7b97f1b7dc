//! `rules.tax`: where the tax of a document goes.

use std::collections::BTreeMap;

use super::super::template::Template;

/// `rules.tax`.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxRules {
    /// `mode`.
    pub mode: TaxMode,
    /// What journals do: the mode, and in mode `acumatica`, which is for bills only, `journal_mode`.
    pub journal_mode: TaxMode,
    /// Tax category without tax, of every bill line whose tax is not Acumatica's: it keeps the vendor's tax zone from taxing
    /// the line again. `None` only when nothing is ever posted as a bill.
    pub category: Option<Template>,
    /// Whether reclaimable tax may become cost.
    pub reclaimable_as_cost: bool,
    /// `codes`: by reclaim code, tax code or `AUTHORITY/COUNTRY`.
    pub codes: BTreeMap<String, TaxCode>,
    /// `categories`: tax category by the tax ids of a line, sorted and joined by `+`; only in mode `acumatica`.
    pub categories: BTreeMap<String, String>,
}

/// `rules.tax.mode` and `rules.tax.journal_mode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaxMode {
    /// `gross`: the whole gross is cost.
    #[default]
    Gross,
    /// `reclaim`: the reclaimable part has lines of its own.
    Reclaim,
    /// `split`: the part that is not reclaimable has lines of its own, too.
    Split,
    /// `acumatica`: lines are net of tax, the tax is given as Acumatica's own.
    Acumatica,
}

/// What one code of `rules.tax.codes` is posted to; what its mode does not need may be left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaxCode {
    /// Input tax account of the reclaimable part.
    pub account: Option<Template>,
    /// Account of the part that is not reclaimable, in mode `split`.
    pub non_deductible_account: Option<Template>,
    /// Acumatica's tax id, in mode `acumatica`.
    pub tax_id: Option<Template>,
}

impl TaxRules {
    /// The code that answers for a tax: its reclaim code's, else its tax code's, else `AUTHORITY/COUNTRY`. Blank codes
    /// are no codes.
    #[must_use]
    pub fn code(&self, tax: &crate::document::Tax) -> Option<(&str, &TaxCode)> {
        let place = tax.authority.as_deref().zip(tax.country.as_deref());
        let place = place.map(|(authority, country)| format!("{authority}/{country}"));
        [&tax.reclaim_code, &tax.code, &place]
            .into_iter()
            .flatten()
            .find_map(|key| self.codes.get_key_value(key.trim()))
            .map(|(key, code)| (key.as_str(), code))
    }
}
