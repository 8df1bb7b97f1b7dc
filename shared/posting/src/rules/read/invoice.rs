//! Reading `rules.invoice`.

use serde_json::Value;

use super::super::config::{
    DiscountRule, DueDate, HeaderAmounts, InvoiceRules, PaidByConcur, PossibleDuplicate,
    PurchaseOrders, ReferenceTooLong,
};
use super::super::reader::Reader;
use super::super::template::Template;
use super::asked::{Asked, Builder, Fallback, INVOICES};

impl Builder<'_> {
    pub(super) fn invoice(&self, mut section: Reader<'_>) -> InvoiceRules {
        let account = Asked::of(INVOICES, Fallback::Absent);
        let (header_amounts, shipping_account, tax_account) = self.header_amounts(&mut section);
        let due_dates = [("vendor", DueDate::Vendor), ("concur", DueDate::Concur)];
        let discounts = [
            ("vendor", DiscountRule::Vendor),
            ("concur", DiscountRule::Concur),
        ];
        let too_long = [
            ("shorten", ReferenceTooLong::Shorten),
            ("hold", ReferenceTooLong::Hold),
        ];
        let duplicates = [
            ("hold", PossibleDuplicate::Hold),
            ("warn", PossibleDuplicate::Warn),
        ];
        InvoiceRules {
            header_amounts,
            shipping_account,
            tax_account,
            purchase_orders: self.purchase_orders(&mut section),
            due_date: section.word("due_date", &due_dates).unwrap_or_default(),
            discount: section.word("discount", &discounts).unwrap_or_default(),
            terms: section.table("terms"),
            paid_by_concur: self.paid_by_concur(&mut section),
            rounding_account: self.optional_one(&mut section, "rounding_account", account),
            reference_too_long: section
                .word("reference_too_long", &too_long)
                .unwrap_or_default(),
            credit_suffix: section.flag("credit_suffix").unwrap_or(false),
            box_1099: self.box_1099(&mut section),
            possible_duplicate: section
                .word("possible_duplicate", &duplicates)
                .unwrap_or_default(),
        }
    }

    /// The word `prorate`, or the accounts of shipping and tax.
    fn header_amounts(
        &self,
        section: &mut Reader<'_>,
    ) -> (HeaderAmounts, Option<Template>, Option<Template>) {
        if section
            .value("header_amounts")
            .is_some_and(Value::is_string)
        {
            let words = [("prorate", HeaderAmounts::Prorate)];
            let rule = section.word("header_amounts", &words);
            return (rule.unwrap_or_default(), None, None);
        }
        let account = Asked::of(INVOICES, Fallback::Absent);
        let mut amounts = section.section("header_amounts");
        (
            HeaderAmounts::Lines,
            self.optional_one(&mut amounts, "shipping", account),
            self.optional_one(&mut amounts, "tax", account),
        )
    }

    /// A template, or a number as text: that one is known to be none before any document asks for it.
    fn box_1099(&self, section: &mut Reader<'_>) -> Option<Template> {
        let asked = Asked::of(INVOICES, Fallback::Absent);
        let template = self.optional_one(section, "box_1099", asked)?;
        let source = section.value("box_1099").and_then(Value::as_str);
        if source.is_some_and(|source| {
            !source.contains('{') && InvoiceRules::box_1099_of(source).is_none()
        }) {
            section.fault(
                "box_1099",
                "is no box of form 1099",
                "a number from 1 to 99 as text",
            );
        }
        Some(template)
    }

    fn purchase_orders(&self, section: &mut Reader<'_>) -> PurchaseOrders {
        if section.word("po", &[("text", "text"), ("link", "link")]) == Some("link") {
            let is_shared =
                section.value("header_amounts").and_then(Value::as_str) == Some("prorate");
            if is_shared {
                let message =
                    "`link` keeps the amount of a line, which header_amounts `prorate` changes";
                section.fault("po", message, "`text`, or accounts in header_amounts");
            }
            let asked = Asked::of(INVOICES, Fallback::Absent);
            let unit = self.optional_one(section, "po_unit", asked);
            return PurchaseOrders::Link { unit };
        }
        if section.value("po_unit").is_some() {
            section.fault("po_unit", "has no effect while po is `text`", "nothing");
        }
        PurchaseOrders::Text
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
}
