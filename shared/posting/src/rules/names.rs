//! The names a template can use, filled from a document: built once for each document, then for each entry, allocation and
//! line by changing one part; a clone costs one counter.
//!
//! A name exists for every document of a kind or for none: what the document does not deliver is null, what the kind does
//! not have does not exist ([`table`] lists both). Numbered fields count from 1, as Concur's do.

mod table;

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

pub use table::{Name, Place, table, unknown};

use super::filters::null;
use super::tables::{Card, Tables};
use crate::DocumentKind;
use crate::document::{
    AdvanceJournal, Application, CashAdvance, Coded, Document, Entry, Expense, Family, Header,
    InvoiceAllocation, Journal, LineItem, Tax,
};

/// Numbers of each family, as Concur publishes them.
const ORG_UNITS: u8 = 6;
const ENTRY_CUSTOM: u8 = 40;
const ALLOCATION_CUSTOM: u8 = 20;
const LINE_CUSTOM: u8 = 20;

/// What `document.custom[n]` goes up to.
fn document_custom(kind: DocumentKind) -> u8 {
    match kind {
        DocumentKind::Expense => 20,
        DocumentKind::Invoice => 24,
        DocumentKind::CashAdvance => 21,
    }
}

/// The names at one place of a document.
#[derive(Debug, Clone)]
pub struct Names {
    kind: DocumentKind,
    parts: Arc<Parts>,
}

impl Names {
    /// The names of a whole document; those of entry, allocation, line, card and tax are null until filled below. Of a cash
    /// advance its id and card are filled.
    #[must_use]
    pub fn document(document: &Document, tables: &Tables) -> Self {
        let kind = document.kind();
        let header = document.header();
        let mut parts = vec![
            ("document", part(header_fields(header, kind))),
            (
                "employee",
                part(vec![
                    ("id", text(header.employee.id.as_deref())),
                    ("name", text(header.employee.name.as_deref())),
                ]),
            ),
            ("tables", tables.names().clone()),
        ];
        match document {
            Document::Expense(expense) => parts.extend([
                ("report", report_part(expense)),
                ("entry", entry_part(None)),
                ("allocation", allocation_part(None)),
                ("line", LineNames::default().part(kind)),
                ("journal", part(vec![("account", text(None))])),
                (
                    "card",
                    part(vec![("vendor", text(None)), ("account", text(None))]),
                ),
                ("advance", part(vec![("id", text(None))])),
                ("tax", tax_part(None)),
            ]),
            Document::Invoice(invoice) => parts.extend([
                ("allocation", allocation_part(None)),
                ("line", LineNames::default().part(kind)),
                (
                    "vendor",
                    part(vec![
                        ("code", text(invoice.vendor.code.as_deref())),
                        ("remit_to", text(invoice.vendor.remit_to.as_deref())),
                    ]),
                ),
                ("tax", tax_part(None)),
            ]),
            Document::CashAdvance(advance) => parts.extend([
                (
                    "line",
                    LineNames {
                        card_reference: advance.card_transaction.as_deref(),
                        ..LineNames::default()
                    }
                    .part(kind),
                ),
                ("journal", part(vec![("account", text(None))])),
                (
                    "advance",
                    part(vec![("id", text(Some(header.business.as_str())))]),
                ),
            ]),
        }
        Self {
            kind,
            parts: Arc::new(Parts(parts)),
        }
    }

    /// The kind of the document.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// At an entry of a report: `entry.*`; the line's description, expense type and card reference are the entry's, its
    /// account the clearing account until [`Names::journal`] names one.
    #[must_use]
    pub fn entry(&self, entry: &Entry) -> Self {
        self.with([
            ("entry", entry_part(Some(entry))),
            ("line", entry_line(entry, None).part(self.kind)),
        ])
    }

    /// At an allocation, of a report or an invoice, by its custom fields.
    #[must_use]
    pub fn allocation(&self, custom: &Family) -> Self {
        self.with([("allocation", allocation_part(Some(custom)))])
    }

    /// At a journal of an entry: `line.*`, the account if blank the entry's clearing account.
    #[must_use]
    pub fn journal(&self, entry: &Entry, journal: &Journal) -> Self {
        self.with([("line", entry_line(entry, Some(journal)).part(self.kind))])
    }

    /// At an allocation of an invoice line: `line.*`; `allocation.*` comes from [`Names::allocation`].
    #[must_use]
    pub fn invoice_line(&self, line: &LineItem, allocation: &InvoiceAllocation) -> Self {
        let names = LineNames {
            account: allocation.account.as_deref(),
            description: line.description.as_deref(),
            expense_type: Some(&line.expense_type),
            custom: Some(&line.custom),
            card_reference: None,
        };
        self.with([("line", names.part(self.kind))])
    }

    /// At a journal of a cash advance: `line.*` and `journal.account`.
    #[must_use]
    pub fn advance_journal(&self, advance: &CashAdvance, journal: &AdvanceJournal) -> Self {
        let names = LineNames {
            account: journal.account.as_deref(),
            card_reference: advance.card_transaction.as_deref(),
            ..LineNames::default()
        };
        let account = part(vec![("account", text(journal.account.as_deref()))]);
        self.with([("line", names.part(self.kind)), ("journal", account)])
    }

    /// At a cash advance applied on a report: `advance.id` and `journal.account`.
    #[must_use]
    pub fn application(&self, application: &Application) -> Self {
        self.with([
            (
                "advance",
                part(vec![("id", text(application.advance.as_deref()))]),
            ),
            (
                "journal",
                part(vec![(
                    "account",
                    text(application.clearing_account.as_deref()),
                )]),
            ),
        ])
    }

    /// With the card an entry is owed to: `card.vendor` from the tables, `card.account` from the tables, else the clearing
    /// account given (the entry's).
    #[must_use]
    pub fn card(&self, card: Option<&Card>, clearing_account: Option<&str>) -> Self {
        let account = card
            .and_then(|card| card.account.as_deref())
            .or(clearing_account);
        let vendor = card.and_then(|card| card.vendor.as_deref());
        self.with([(
            "card",
            part(vec![("vendor", text(vendor)), ("account", text(account))]),
        )])
    }

    /// At a tax record.
    #[must_use]
    pub fn tax(&self, tax: &Tax) -> Self {
        self.with([("tax", tax_part(Some(tax)))])
    }

    /// What the engine evaluates in.
    pub(super) fn context(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.parts))
    }

    /// Replaces parts; one the kind does not have stays away.
    fn with<const N: usize>(&self, changed: [(&'static str, Value); N]) -> Self {
        let mut parts = self.parts.0.clone();
        for (name, value) in changed {
            if let Some((_, slot)) = parts.iter_mut().find(|(known, _)| *known == name) {
                *slot = value;
            }
        }
        Self {
            kind: self.kind,
            parts: Arc::new(Parts(parts)),
        }
    }
}

/// What `line.*` reads, at whatever a line comes from.
#[derive(Default)]
struct LineNames<'a> {
    account: Option<&'a str>,
    description: Option<&'a str>,
    expense_type: Option<&'a Coded>,
    card_reference: Option<&'a str>,
    custom: Option<&'a Family>,
}

impl LineNames<'_> {
    fn part(&self, kind: DocumentKind) -> Value {
        let mut fields = vec![("account", text(self.account))];
        if kind != DocumentKind::CashAdvance {
            let (code, name) = self.expense_type.map_or((None, None), |coded| {
                (coded.code.as_deref(), coded.value.as_deref())
            });
            fields.push(("description", text(self.description)));
            fields.push((
                "expense_type",
                part(vec![("code", text(code)), ("name", text(name))]),
            ));
        }
        match kind {
            DocumentKind::Invoice => fields.push(("custom", family(self.custom, LINE_CUSTOM))),
            DocumentKind::Expense | DocumentKind::CashAdvance => {
                fields.push(("card_reference", text(self.card_reference)));
            }
        }
        part(fields)
    }
}

fn entry_line<'a>(entry: &'a Entry, journal: Option<&'a Journal>) -> LineNames<'a> {
    let account = journal.and_then(|journal| filled(journal.account.as_deref()));
    let card = journal.and_then(|journal| filled(journal.card_reference.as_deref()));
    LineNames {
        account: account.or(entry.clearing_account.as_deref()),
        description: entry.description.as_deref(),
        expense_type: Some(&entry.expense_type),
        card_reference: card.or(entry.card_transaction.as_deref()),
        custom: None,
    }
}

fn header_fields(header: &Header, kind: DocumentKind) -> Vec<(&'static str, Value)> {
    vec![
        ("id", text(Some(header.business.as_str()))),
        ("name", text(header.name.as_deref())),
        ("org", family(Some(&header.org), ORG_UNITS)),
        (
            "custom",
            family(Some(&header.custom), document_custom(kind)),
        ),
        ("currency", text(Some(header.currency.as_str()))),
        ("ledger", text(header.ledger.as_deref())),
        ("entity", text(header.entity.as_deref())),
    ]
}

fn report_part(expense: &Expense) -> Value {
    let mut fields = header_fields(&expense.header, DocumentKind::Expense);
    fields.push((
        "payroll_clearing_account",
        text(expense.payroll_clearing_account.as_deref()),
    ));
    part(fields)
}

fn entry_part(entry: Option<&Entry>) -> Value {
    let of = |field: fn(&Entry) -> Option<&str>| text(entry.and_then(field));
    let date = entry
        .and_then(|entry| entry.date)
        .map(|date| date.to_string());
    part(vec![
        ("id", of(|entry| Some(&entry.id))),
        ("date", text(date.as_deref())),
        ("vendor", of(|entry| entry.vendor.as_deref())),
        (
            "clearing_account",
            of(|entry| entry.clearing_account.as_deref()),
        ),
        (
            "liability_account",
            of(|entry| entry.liability_account.as_deref()),
        ),
        ("org", family(entry.map(|entry| &entry.org), ORG_UNITS)),
        (
            "custom",
            family(entry.map(|entry| &entry.custom), ENTRY_CUSTOM),
        ),
    ])
}

fn allocation_part(custom: Option<&Family>) -> Value {
    part(vec![("custom", family(custom, ALLOCATION_CUSTOM))])
}

fn tax_part(tax: Option<&Tax>) -> Value {
    let of = |field: fn(&Tax) -> Option<&str>| text(tax.and_then(field));
    part(vec![
        ("code", of(|tax| tax.code.as_deref())),
        ("reclaim_code", of(|tax| tax.reclaim_code.as_deref())),
        ("authority", of(|tax| tax.authority.as_deref())),
        ("country", of(|tax| tax.country.as_deref())),
    ])
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A text, or null where there is none or nothing but blanks.
fn text(text: Option<&str>) -> Value {
    filled(text).map_or_else(null, Value::from)
}

fn part(fields: Vec<(&'static str, Value)>) -> Value {
    Value::from_object(Parts(fields))
}

fn family(family: Option<&Family>, numbers: u8) -> Value {
    let fields = family.map(|family| {
        let fields: Vec<_> = family
            .iter()
            .map(|(n, coded)| (*n, coded.clone()))
            .collect();
        fields
    });
    Value::from_object(Numbered {
        fields: fields.unwrap_or_default(),
        numbers,
    })
}

/// Fields by name. A name that is not there is undefined.
#[derive(Debug)]
struct Parts(Vec<(&'static str, Value)>);

impl Object for Parts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// Fields by Concur's number, from 1 to `numbers`; each has a code and a value. Other numbers are undefined.
#[derive(Debug)]
struct Numbered {
    fields: Vec<(u8, Coded)>,
    numbers: u8,
}

impl Object for Numbered {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let n = u8::try_from(key.as_i64()?).ok()?;
        if !(1..=self.numbers).contains(&n) {
            return None;
        }
        let coded = self
            .fields
            .iter()
            .find(|(number, _)| *number == n)
            .map(|(_, coded)| coded);
        let of = |field: fn(&Coded) -> Option<&str>| text(coded.and_then(field));
        Some(part(vec![
            ("code", of(|coded| coded.code.as_deref())),
            ("value", of(|coded| coded.value.as_deref())),
        ]))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
