//! Reading `rules.tax`: the mode, and what each code is posted to. A code that lacks what its mode always needs is a fault;
//! what only some documents need is a reason of those.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::config::{TaxCode, TaxMode, TaxRules};
use super::super::fault::Fault;
use super::super::reader::Reader;
use super::asked::{ALL, Asked, Builder, Fallback, REPORTS};
use super::posting::must_be_empty;

const MODES: [(&str, TaxMode); 4] = [
    ("gross", TaxMode::Gross),
    ("reclaim", TaxMode::Reclaim),
    ("split", TaxMode::Split),
    ("acumatica", TaxMode::Acumatica),
];

impl Builder<'_> {
    pub(super) fn tax(&self, mut section: Reader<'_>) -> TaxRules {
        let mode = section.word("mode", &MODES).unwrap_or_default();
        let stated = section.word("journal_mode", MODES.get(..3).unwrap_or_default());
        let journal_mode = if mode == TaxMode::Acumatica {
            stated.unwrap_or_default()
        } else {
            mode
        };
        // `gross` is what a connection that never thought of journals says.
        if stated.is_some_and(|stated| stated != journal_mode && stated != TaxMode::Gross) {
            section.fault(
                "journal_mode",
                "has an effect in mode `acumatica` only; in the others journals follow the mode",
                "nothing",
            );
        }
        let modes = [mode, journal_mode];
        if modes == [TaxMode::Gross; 2] {
            must_be_empty(&mut section, "codes", "has no effect in mode `gross`");
        }
        if mode != TaxMode::Acumatica {
            let because = "has an effect in mode `acumatica` only";
            must_be_empty(&mut section, "categories", because);
        }
        TaxRules {
            mode,
            journal_mode,
            category: self.optional_one(&mut section, "category", Asked::of(ALL, Fallback::Absent)),
            reclaimable_as_cost: section.flag("reclaimable_as_cost").unwrap_or(false),
            codes: self.tax_codes(&mut section, modes),
            categories: section.table("categories"),
        }
    }

    fn tax_codes(
        &self,
        section: &mut Reader<'_>,
        modes: [TaxMode; 2],
    ) -> BTreeMap<String, TaxCode> {
        if modes == [TaxMode::Gross; 2] {
            return BTreeMap::new();
        }
        let mut codes = BTreeMap::new();
        for (key, path, value) in section.section("codes").entries() {
            codes.insert(key.trim().to_owned(), self.tax_code(path, value, modes));
        }
        codes
    }

    /// An object, or a text: the account of the reclaimable part.
    fn tax_code(&self, path: String, value: &Value, modes: [TaxMode; 2]) -> TaxCode {
        let needed = |mode| {
            let fallback = if modes.contains(&mode) {
                Fallback::Required
            } else {
                Fallback::Absent
            };
            Asked::of(REPORTS, fallback)
        };
        let short = Value::from_iter([("account", value.clone())]);
        let value = if value.is_string() { &short } else { value };
        let mut reader = Reader::at(path.clone(), Some(value), self.faults);
        let code = TaxCode {
            account: self.optional_one(&mut reader, "account", needed(TaxMode::Reclaim)),
            non_deductible_account: self.optional_one(
                &mut reader,
                "non_deductible_account",
                Asked::of(REPORTS, Fallback::Absent),
            ),
            tax_id: self.optional_one(&mut reader, "tax_id", needed(TaxMode::Acumatica)),
        };
        if code == TaxCode::default() && value.as_object().is_none_or(serde_json::Map::is_empty) {
            self.faults.add(
                Fault::new(path, "says nothing")
                    .expected("an account, a non-deductible account or a tax id"),
            );
        }
        code
    }
}
