//! Reading the rules of cash advances, remit-to codes and dates.

use serde_json::Value;

use super::super::config::{
    AdvanceDate, AdvanceIssue, AdvanceRules, DateRules, ExpenseDate, InvoiceDate, ReturnAccount,
    UnmappedRemitTo,
};
use super::super::names::Place;
use super::super::reader::Reader;
use super::asked::{ADVANCES, Asked, Builder, Fallback, WITH_EMPLOYEE};

const ADVANCE_ACCOUNT: &str = "{{ tables.accounts[journal.account] | default(journal.account) }}";

impl Builder<'_> {
    pub(super) fn cash_advance(&self, mut section: Reader<'_>) -> AdvanceRules {
        let words = [("bill", "bill"), ("journal", "journal"), ("skip", "skip")];
        let issue = match section.word("as", &words) {
            Some("journal") => AdvanceIssue::Journal {
                credit_account: self.one(
                    &mut section,
                    "credit_account",
                    Asked::of(ADVANCES, Fallback::Required),
                ),
            },
            Some("skip") => AdvanceIssue::Skip,
            _ => AdvanceIssue::Bill,
        };
        let asked =
            Asked::of(WITH_EMPLOYEE, Fallback::Template(ADVANCE_ACCOUNT)).at(Place::AdvanceAccount);
        let account = self.required(&mut section, "account", asked);
        let return_account = match section.value("return_account") {
            None => None,
            Some(Value::String(word)) if word == "employee" => Some(ReturnAccount::Employee),
            Some(_) => {
                let asked = Asked::of(WITH_EMPLOYEE, Fallback::Required);
                Some(ReturnAccount::Account(self.required(
                    &mut section,
                    "return_account",
                    asked,
                )))
            }
        };
        AdvanceRules {
            issue,
            account,
            return_account,
        }
    }
}

/// Reads `unmapped_remit_to`.
pub(super) fn unmapped_remit_to(section: &mut Reader<'_>) -> UnmappedRemitTo {
    let words = [
        ("hold", UnmappedRemitTo::Hold),
        ("default", UnmappedRemitTo::Default),
    ];
    section
        .word("unmapped_remit_to", &words)
        .unwrap_or_default()
}

/// Reads `date`.
pub(super) fn date(mut section: Reader<'_>) -> DateRules {
    DateRules {
        expense: section
            .word(
                "expense",
                &[
                    ("approved", ExpenseDate::Approved),
                    ("submitted", ExpenseDate::Submitted),
                ],
            )
            .unwrap_or_default(),
        invoice: section
            .word(
                "invoice",
                &[
                    ("invoice", InvoiceDate::Invoice),
                    ("posting", InvoiceDate::Posting),
                ],
            )
            .unwrap_or_default(),
        cash_advance: section
            .word(
                "cashadvance",
                &[
                    ("issued", AdvanceDate::Issued),
                    ("requested", AdvanceDate::Requested),
                ],
            )
            .unwrap_or_default(),
    }
}
