//! What will stand in Acumatica: complete to the last field, balanced, each choice with its reason. Immutable once stored.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Currency, DocumentId, DocumentKind, Stamp};

/// The Acumatica documents to write for one document, made from one version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The document planned.
    pub document: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Number of the plan, from 1.
    pub number: u32,
    /// Version of the connection whose rules made it.
    pub rules_version: u64,
    /// Which view of the reference data was used; empty while a plan needs none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference_view: String,
    /// Currency of every amount.
    pub currency: Currency,
    /// Gross of the document: what the cost lines, counted once and with skipped parties, sum to.
    #[serde(with = "rust_decimal::serde::str")]
    pub gross: Decimal,
    /// In the order of their `n`: AP documents first, then journals. Empty when there is nothing to post.
    pub postings: Vec<Posting>,
    /// Sides that are not posted, by rule `skip`, so that the balance can be explained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// What the administrator should know although the plan holds (`possible_duplicate` = warn, an unusual choice).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Those of the notes that accounts payable must act on and that no receipt tells: Concur is told them with success.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Where the values come from that all postings share; empty unless it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
}

impl Plan {
    /// Whether Concur pays somebody as soon as it hears of success: then it hears of it only after the release of the
    /// journals, whatever `confirm_after` says.
    #[must_use]
    pub fn pays_on_success(&self) -> bool {
        self.postings
            .iter()
            .any(|posting| posting.party == "EMPL.expense_pay")
    }

    /// The stamp of posting n of this plan.
    #[must_use]
    pub fn stamp(&self, n: u32) -> Stamp {
        Stamp {
            document: self.document.clone(),
            plan: self.number,
            n,
        }
    }
}

/// What kind of Acumatica document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PostingKind {
    /// AP Bill.
    #[serde(rename = "Bill")]
    Bill,
    /// AP Debit Adj.: lowers what is owed.
    #[serde(rename = "Debit Adj.")]
    DebitAdj,
    /// AP Credit Adj.: raises what is owed; only the opposite of a Debit Adj. when one is withdrawn.
    #[serde(rename = "Credit Adj.")]
    CreditAdj,
    /// GL journal (`JournalTransaction`, module GL).
    #[serde(rename = "GL")]
    Journal,
}

impl PostingKind {
    /// Acumatica's label: `Bill`, `Debit Adj.`, `Credit Adj.`, `GL`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bill => "Bill",
            Self::DebitAdj => "Debit Adj.",
            Self::CreditAdj => "Credit Adj.",
            Self::Journal => "GL",
        }
    }

    /// Whether it is an AP document, which has a vendor and is searched by its reference.
    #[must_use]
    pub fn is_payable(self) -> bool {
        self != Self::Journal
    }
}

/// Whether a posting is released once every posting of its plan stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// The rules leave it to a person.
    #[default]
    NotWanted,
    /// To be asked for once every posting of the plan stands.
    Wanted,
}

/// One Acumatica document of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Number in the plan, from 1; the last part of the stamp.
    pub n: u32,
    /// Which Acumatica document.
    pub kind: PostingKind,
    /// Party whose side this posts (`EMPL`, `IBCP` …), or `vendor` for an invoice.
    pub party: String,
    /// Vendor of an AP document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Vendor location; `None` leaves it to Acumatica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Header branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Document date.
    pub date: Date,
    /// Financial period `MMYYYY`; `None` leaves it to Acumatica, which takes the date's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Due date, only where the rules send Concur's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Credit terms, only where a table names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// Discount for early payment, only where the rules send Concur's. It is no part of the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Currency of every amount.
    pub currency: Currency,
    /// Document total, never negative: of an AP document its amount, of a journal the sum of its debits.
    #[serde(with = "rust_decimal::serde::str")]
    pub total: Decimal,
    /// `VendorRef` of an AP document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Header text, with the stamp where it belongs.
    pub description: String,
    /// User-defined field that carries the stamp instead of the description, as `View.Field`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_field: Option<String>,
    /// Whether it is created On Hold.
    pub hold: bool,
    /// Whether it is to be released.
    #[serde(default)]
    pub release: Release,
    /// Lines, in document order.
    pub lines: Vec<Line>,
    /// Taxes that Acumatica takes as sent, one for each tax id in its order; empty unless the tax is Acumatica's. They are
    /// part of the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxRow>,
}

impl Posting {
    /// What one of its lines comes from. The counter sides of an advance stand on the posting of its own line.
    #[must_use]
    pub fn source<'a>(&self, line: &'a Line) -> Source<'a> {
        let Some(id) = line.source.as_deref() else {
            return Source::Document;
        };
        let is_it = |other: &Line| other.role == Role::Advance && other.source == line.source;
        if self.lines.iter().any(is_it) {
            Source::Advance(id)
        } else {
            Source::Entry(id)
        }
    }

    /// The tax total Acumatica must come to; `None` out of range.
    #[must_use]
    pub fn tax_total(&self) -> Option<Decimal> {
        crate::money::sum(self.taxes.iter().map(|row| row.amount))
    }
}

/// What of a document a line, or a reason, is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// The whole of it.
    Document,
    /// An entry or line, by the id Concur knows it by.
    Entry(&'a str),
    /// A cash advance, by its id, which is no entry's.
    Advance(&'a str),
}

/// What may be kept back when a bill is paid early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// How much, in the currency of the bill.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The last day it is granted.
    pub until: Date,
}

/// One tax of an AP document. Amounts are not negative; on a Debit Adj. they lower what is owed, as its lines do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRow {
    /// Acumatica's tax id.
    pub tax_id: String,
    /// What the tax is due on: the net of the lines that bear it.
    #[serde(with = "rust_decimal::serde::str")]
    pub taxable: Decimal,
    /// The whole tax.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The part of it that cannot be reclaimed.
    #[serde(with = "rust_decimal::serde::str")]
    pub non_deductible: Decimal,
}

/// The line of a purchase order a bill line is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PurchaseOrder {
    /// Number of the order.
    pub number: String,
    /// Line of the order.
    pub line: i32,
    /// Quantity billed.
    #[serde(with = "rust_decimal::serde::str")]
    pub quantity: Decimal,
    /// Price of one unit.
    #[serde(with = "rust_decimal::serde::str")]
    pub unit_price: Decimal,
    /// Unit of measure; `None` leaves it to the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// One line of a posting. Exactly one of `debit` and `credit` is not zero, and it is positive. The AP side of an AP document
/// is no line: Acumatica books it on the vendor's account. Sides are those of the ledger: the lines of a Debit Adj. are
/// credits, which Acumatica takes as positive amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// GL account, without separators; blank on a line with a purchase order, where Acumatica takes the order's and no
    /// account is sent or compared.
    pub account: String,
    /// Subaccount, without separators; `None` where the tenant has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<String>,
    /// Branch of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Project, or the non-project code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Project task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Cost code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_code: Option<String>,
    /// Tax category, sent on every bill line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<String>,
    /// Debit, zero or positive.
    #[serde(with = "rust_decimal::serde::str")]
    pub debit: Decimal,
    /// Credit, zero or positive.
    #[serde(with = "rust_decimal::serde::str")]
    pub credit: Decimal,
    /// Line text.
    pub text: String,
    /// Free reference of a journal line (15 characters), for matching clearing accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The purchase order's line it is linked to; only on lines of a Bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<PurchaseOrder>,
    /// Box of form 1099; only on lines of AP documents, `None` leaves it to the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub box_1099: Option<i16>,
    /// Entry, line or cash advance it comes from; which of them [`Posting::source`] tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the line is in the plan.
    pub role: Role,
    /// Why it stands there with these codes, for the accountant who checks it: one sentence a line.
    pub because: String,
}

impl Line {
    /// Debit less credit.
    #[must_use]
    pub fn signed(&self) -> Decimal {
        self.debit.checked_sub(self.credit).unwrap_or_default()
    }
}

/// What a line is: cost lines sum to the document's gross, the others are its counter sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Cost (or a credit to it), tax included unless it has lines of its own.
    Cost,
    /// Input tax.
    Tax,
    /// The other party's side: liability, clearing or receivable account.
    Counter,
    /// A cash advance issued, applied or returned.
    Advance,
    /// The account through which a journal and an AP document of one party meet.
    Clearing,
    /// The one line of an AP document that carries a net.
    Net,
}

/// A party's side that the rules leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The party.
    pub party: String,
    /// What its lines sum to, debit positive.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// Why, naming the rule.
    pub because: String,
}
