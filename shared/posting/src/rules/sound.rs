//! What is wrong or doubtful between rules that are each right by themselves.

use super::fault::Fault;
use super::{AdvanceIssue, Party, Rules, TaxMode};
use crate::DocumentKind;

/// The one contract of Acumatica whose bills cannot say that their taxes are to be taken as sent (`IsTaxValid`).
const WITHOUT_TAX_VALID: &str = "22.200.001";

/// Parties that something else pays, and what a bill to them means.
const PAID_TWICE: [(&str, &str); 4] = [
    (
        "EMPL.expense_pay",
        "Expense Pay reimburses the employee already; when AP pays the bill, the employee is paid twice",
    ),
    (
        "EMPL.payroll",
        "payroll reimburses the employee already; when AP pays the bill, the employee is paid twice",
    ),
    ("CBCP", STATEMENT),
    ("COPD", STATEMENT),
];
const STATEMENT: &str = "a bill for each report stands beside the card company's statement; if AP enters that too, the card is paid twice";

impl Rules {
    /// What cannot be applied together: Concur is told of what Expense Pay pays only after its journals are released.
    ///
    /// The party is asked for whatever `documents` says, because a report taken before may still be planned.
    pub(super) fn contradictions(&self) -> Option<Fault> {
        if self.posting.release_journal {
            return None;
        }
        let report = matches!(
            self.parties.get("EMPL.expense_pay"),
            Some(Party::Journal { .. })
        );
        let advance = self.documents.contains(&DocumentKind::CashAdvance)
            && matches!(self.cash_advance.issue, AdvanceIssue::Journal { .. });
        let (paid, rule) = match (report, advance) {
            (true, _) => (
                "a report that Expense Pay reimburses",
                "true, or null or another rule for rules.parties.EMPL.expense_pay",
            ),
            (false, true) => (
                "a cash advance that Expense Pay paid",
                "true, or another rule for rules.cash_advance.as",
            ),
            (false, false) => return None,
        };
        let message =
            format!("journals are never released, and {paid} is confirmed only after that");
        Some(Fault::new("posting.journal.release", message).expected(rule))
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
                "invoices do not say what can be reclaimed: a line that states tax is held, the others stay gross, tax of the header follows rules.invoice.header_amounts",
            ));
        }
        for (name, twice) in PAID_TWICE {
            if matches!(self.parties.get(name), Some(Party::Bill { .. })) {
                warnings.push(Fault::new(format!("rules.parties.{name}"), twice));
            }
        }
        warnings
    }
}
