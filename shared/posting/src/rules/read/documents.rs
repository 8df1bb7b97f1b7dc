//! Reading the rules of one kind of document each: invoices, cash advances, their tax and dates.

use serde_json::Value;

use super::super::config::{
    AdvanceDate, AdvanceIssue, AdvanceRules, DateRules, DueDate, ExpenseDate, InvoiceDate,
    InvoiceRules, PaidByConcur, ReferenceTooLong, ReturnAccount, TaxRules, UnmappedRemitTo,
};
use super::super::names::Place;
use super::super::reader::Reader;
use super::asked::{ADVANCES, ALL, Asked, Builder, Fallback, INVOICES, WITH_EMPLOYEE};
use super::posting::{must_be_empty, only_offered};

const ADVANCE_ACCOUNT: &str = "{{ tables.accounts[journal.account] | default(journal.account) }}";

impl Builder<'_> {
    pub(super) fn tax(&self, mut section: Reader<'_>) -> TaxRules {
        only_offered(
            &mut section,
            "mode",
            "gross",
            &["reclaim", "split", "acumatica"],
        );
        only_offered(&mut section, "journal_mode", "gross", &["reclaim", "split"]);
        must_be_empty(&mut section, "codes", "has no effect in mode `gross`");
        TaxRules {
            category: self.optional_one(&mut section, "category", Asked::of(ALL, Fallback::Absent)),
            reclaimable_as_cost: section.flag("reclaimable_as_cost").unwrap_or(false),
        }
    }

    pub(super) fn invoice(&self, mut section: Reader<'_>) -> InvoiceRules {
        let account = Asked::of(INVOICES, Fallback::Absent);
        only_offered(&mut section, "po", "text", &["link"]);
        only_offered(&mut section, "possible_duplicate", "hold", &["warn"]);
        let (shipping_account, tax_account) = if section
            .value("header_amounts")
            .is_some_and(Value::is_string)
        {
            only_offered(
                &mut section,
                "header_amounts",
                "an object with the accounts of `shipping` and `tax`",
                &["prorate"],
            );
            (None, None)
        } else {
            let mut amounts = section.section("header_amounts");
            (
                self.optional_one(&mut amounts, "shipping", account),
                self.optional_one(&mut amounts, "tax", account),
            )
        };
        InvoiceRules {
            shipping_account,
            tax_account,
            due_date: section
                .word(
                    "due_date",
                    &[("vendor", DueDate::Vendor), ("concur", DueDate::Concur)],
                )
                .unwrap_or_default(),
            terms: section.table("terms"),
            paid_by_concur: self.paid_by_concur(&mut section),
            rounding_account: self.optional_one(&mut section, "rounding_account", account),
            reference_too_long: section
                .word(
                    "reference_too_long",
                    &[
                        ("shorten", ReferenceTooLong::Shorten),
                        ("hold", ReferenceTooLong::Hold),
                    ],
                )
                .unwrap_or_default(),
            credit_suffix: section.flag("credit_suffix").unwrap_or(false),
        }
    }

    fn paid_by_concur(&self, section: &mut Reader<'_>) -> Option<PaidByConcur> {
        section.value("paid_by_concur")?;
        let mut rule = section.section("paid_by_concur");
        match rule.word("as", &[("journal", "journal"), ("skip", "skip")]) {
            Some("journal") => {
                let asked = Asked::of(INVOICES, Fallback::Required);
                Some(PaidByConcur::Journal {
                    account: self.one(&mut rule, "account", asked),
                })
            }
            Some(_) => Some(PaidByConcur::Skip),
            None => {
                rule.pass_over(&["account"]);
                if rule.value("as").is_none() {
                    rule.missing("as");
                }
                None
            }
        }
    }

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
