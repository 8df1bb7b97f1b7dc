//! How the rules are read from a connection: every field with its default, every template compiled and proved, all faults
//! at once.

mod asked;
mod documents;
mod invoice;
mod parties;
mod posting;
pub(super) mod prove;
mod sections;
mod tax;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::Rules;
use super::config::{Accept, AdvanceIssue, Party};
use super::fault::{Fault, Faults};
use super::reader::{Reader, words_of, wrong_type};
use super::tables::{Card, TABLE_NAMES, Tables};
use crate::DocumentKind;
use asked::Builder;

/// Fields of a connection that the rules do not read: its schema, which is for editors, and its id, the two systems and its
/// schedule, which the connector reads.
pub const SIBLINGS: [&str; 5] = ["$schema", "id", "concur", "acumatica", "schedule"];

impl Rules {
    /// Reads the rules of a connection: `documents`, `time_zone`, `accept`, `tables`, `rules` and `posting`; its other
    /// fields ([`SIBLINGS`]) are passed over.
    ///
    /// # Errors
    /// Every fault found, in the order of the fields.
    pub fn read(connection: &Value) -> Result<Self, Vec<Fault>> {
        let faults = Faults::new();
        let rules = {
            let mut top = Reader::root(connection, &faults);
            top.pass_over(&SIBLINGS);
            Self::read_from(&mut top)
        };
        let faults = faults.into_vec();
        if faults.is_empty() {
            Ok(rules)
        } else {
            Err(faults)
        }
    }

    /// Reads the same fields through a reader of the whole connection, whose faults are collected there. The rules are
    /// usable only when that reader has no fault at all in the end.
    #[must_use]
    pub fn read_from(top: &mut Reader<'_>) -> Self {
        let builder = Builder::new(top.faults());
        let documents = documents(top);
        let time_zone = time_zone(top);
        let accept = accept(top.section("accept"));
        let tables = tables(top.section("tables"));
        let mut section = top.section("rules");
        let parties = builder.parties(section.section("parties"));
        let cash_advance = builder.cash_advance(section.section("cash_advance"));
        let tax = builder.tax(section.section("tax"));
        if tax.category.is_none() && has_bills(&documents, &parties, &cash_advance.issue) {
            top.faults().add(
                Fault::new("rules.tax.category", "is missing")
                    .expected("the tax category without tax, which keeps Acumatica from taxing a gross line again"),
            );
        }
        let rules = Self {
            accept,
            vendor: builder.vendor(section.section("vendor")),
            location: builder.location(&mut section),
            unmapped_remit_to: documents::unmapped_remit_to(&mut section),
            parties,
            mixed_signs: parties::mixed_signs(&mut section),
            mixed_signs_account: builder.mixed_signs_account(&mut section),
            employee_owes: builder.employee_owes(&mut section),
            branch: builder.branch(section.section("branch")),
            line: builder.line(section.section("line")),
            balance_line: builder.balance_line(section.section("balance_line")),
            control_accounts: section.texts("control_accounts"),
            text: builder.text(section.section("text")),
            tax,
            invoice: builder.invoice(section.section("invoice")),
            cash_advance,
            date: documents::date(section.section("date")),
            nothing_to_post_id: section.optional_text("nothing_to_post_id"),
            posting: posting::posting(top.section("posting")),
            documents,
            time_zone,
            tables,
        };
        builder.prove(&rules.documents);
        top.faults().extend(rules.contradictions());
        rules
    }
}

/// The kinds a connection takes.
fn documents(top: &mut Reader<'_>) -> Vec<DocumentKind> {
    let words = DocumentKind::ALL.map(|kind| (kind.as_str(), kind));
    let stated = top.texts("documents");
    for word in &stated {
        if DocumentKind::from_word(word).is_none() {
            top.faults().add(wrong_type(
                "documents".to_owned(),
                &Value::from(word.as_str()),
                &words_of(&words),
            ));
        }
    }
    if top
        .value("documents")
        .is_none_or(|list| list.as_array().is_some_and(Vec::is_empty))
    {
        top.fault(
            "documents",
            "names no kind of document",
            format!("a list of {}", words_of(&words)),
        );
    }
    let listed = |kind: &DocumentKind| stated.iter().any(|word| word == kind.as_str());
    DocumentKind::ALL.into_iter().filter(listed).collect()
}

fn time_zone(top: &mut Reader<'_>) -> TimeZone {
    let Some(name) = top.text("time_zone") else {
        return TimeZone::UTC;
    };
    TimeZone::get(&name).unwrap_or_else(|_| {
        let expected = "a name of the IANA time zone database, such as `America/Los_Angeles`";
        top.faults().add(wrong_type(
            "time_zone".to_owned(),
            &Value::from(name),
            expected,
        ));
        TimeZone::UTC
    })
}

fn accept(mut section: Reader<'_>) -> Accept {
    Accept {
        ledger_code: section.texts("ledger_code"),
        entity_id: section.texts("entity_id"),
        org_unit: section.texts("org_unit"),
    }
}

fn tables(mut section: Reader<'_>) -> Tables {
    let codes = TABLE_NAMES
        .iter()
        .map(|name| ((*name).to_owned(), section.table(name)))
        .collect();
    let faults = section.faults();
    let mut cards = BTreeMap::new();
    for (key, path, value) in section.section("cards").entries() {
        if key.is_empty()
            || key.split('/').count() > 3
            || key
                .split('/')
                .any(|part| part.trim() != part || part.is_empty())
        {
            let expected = "`PARTY`, `PARTY/payment type` or `PARTY/payment type/card program`";
            faults.add(Fault::new(path.clone(), "is no key of a card").expected(expected));
        }
        let mut card = Reader::at(path.clone(), Some(value), faults);
        let read = Card {
            vendor: card.optional_text("vendor"),
            account: card.optional_text("account"),
        };
        if read == Card::default() && value.is_object() {
            faults.add(Fault::new(path, "says nothing").expected("a vendor, an account or both"));
        }
        cards.insert(key.to_owned(), read);
    }
    Tables::new(codes, cards)
}

/// Whether anything is ever posted as a bill.
fn has_bills(
    documents: &[DocumentKind],
    parties: &BTreeMap<String, Party>,
    advance: &AdvanceIssue,
) -> bool {
    documents.iter().any(|kind| match kind {
        DocumentKind::Invoice => true,
        DocumentKind::CashAdvance => *advance == AdvanceIssue::Bill,
        DocumentKind::Expense => parties
            .values()
            .any(|party| matches!(party, Party::Bill { .. })),
    })
}
