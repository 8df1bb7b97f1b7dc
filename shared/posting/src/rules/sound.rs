//! What is wrong or doubtful between rules that are each right by themselves.

use super::fault::Fault;
use super::{Party, Rules, TaxMode};
use crate::DocumentKind;

/// The one contract of Acumatica whose bills cannot say that their taxes are to be taken as sent (`IsTaxValid`).
const WITHOUT_TAX_VALID: &str = "22.200.001";

impl Rules {
    /// What cannot be applied together.
    pub(super) fn contradictions(&self) -> Option<Fault> {
        let expense_pay = self.documents.contains(&DocumentKind::Expense)
            && matches!(
                self.parties.get("EMPL.expense_pay"),
                Some(Party::Journal { .. })
            );
        (expense_pay && !self.posting.release_journal).then(|| {
            Fault::new(
                "posting.journal.release",
                "journals are never released, and a report that Expense Pay reimburses is confirmed only after that",
            )
            .expected("true, or another rule for rules.parties.EMPL.expense_pay")
        })
    }

    /// What the rules ask of the endpoint of Acumatica, named by its version such as `24.200.001`: mode `acumatica` needs a
    /// contract whose bills have `IsTaxValid`. To be asked when a connection is applied.
    #[must_use]
    pub fn check_endpoint(&self, version: &str) -> Option<Fault> {
        (self.tax.mode == TaxMode::Acumatica && version == WITHOUT_TAX_VALID).then(|| {
            Fault::new(
                "rules.tax.mode",
                format!(
                    "`acumatica` cannot be had on endpoint {version}, whose bills lack IsTaxValid"
                ),
            )
            .expected("another mode, or endpoint 23.200.001 or later")
        })
    }

    /// What the administrator should know of rules that can be applied, each at its path.
    #[must_use]
    pub fn warnings(&self) -> Vec<Fault> {
        let mut warnings = Vec::new();
        let own_lines = [
            ("rules.tax.mode", self.tax.mode),
            ("rules.tax.journal_mode", self.tax.journal_mode),
        ];
        let own_lines = own_lines
            .into_iter()
            .find(|(_, mode)| matches!(mode, TaxMode::Reclaim | TaxMode::Split));
        if let Some((path, _)) = own_lines {
            warnings.push(Fault::new(
                path,
                "the tax lines are plain ledger lines and do not reach Acumatica's tax reports",
            ));
        }
        if self.tax.mode != TaxMode::Gross && self.documents.contains(&DocumentKind::Invoice) {
            warnings.push(Fault::new(
                "rules.tax.mode",
                "invoices do not say what can be reclaimed: their lines stay gross, tax of the header follows rules.invoice.header_amounts",
            ));
        }
        for name in ["CBCP", "COPD"] {
            if matches!(self.parties.get(name), Some(Party::Bill { .. })) {
                warnings.push(Fault::new(
                    format!("rules.parties.{name}"),
                    "a bill for each report stands beside the card company's statement; if AP enters that too, the card is paid twice",
                ));
            }
        }
        warnings
    }
}
