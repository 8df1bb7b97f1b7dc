//! From a document and the customer's rules to a plan, or to every reason why not. Pure: the same values give the same
//! plan, to the last byte.
//!
//! Read in this order: whose side an amount is, the gate, the codes, what each kind of document says as items, how items
//! become Acumatica documents, and the proof that nothing was lost on the way.

mod party;

mod gate;

mod codes;

mod dates;

mod item;

mod share;

mod cards;

mod expense;

mod application;

mod invoice;

mod prorate;

mod origin;

mod duplicate;

mod advance;

mod frame;

mod group;

mod taxes;

mod period;

mod discount;

mod branches;

mod lines;

mod identity;

mod assemble;

mod balance;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::document::Document;
use crate::periods::Periods;
use crate::plan::Skipped;
use crate::rules::Rules;
use crate::{Code, Currency, Plan, Reason};

pub use duplicate::{Duplicate, found_late, likeness};
pub(crate) use identity::short_reference;
pub use origin::Detail;

use codes::Codes;
use frame::Frame;
use item::{Item, Target};
use party::Party;

/// Most reasons given for one document; a table that lacks one code can fault thousands of lines.
const REASONS_MAX: usize = 200;

/// What a plan is made from, and the number it gets.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    /// The document as read.
    pub document: &'a Document,
    /// The connection's rules.
    pub rules: &'a Rules,
    /// Version of the connection the rules are from.
    pub rules_version: u64,
    /// Number of the plan, from 1.
    pub number: u32,
    /// Where the stamps go.
    pub key_fields: KeyFields<'a>,
    /// Earlier invoices that look like this one and that nobody has allowed yet; looked for by [`likeness`].
    pub duplicates: &'a [Duplicate],
    /// How many earlier documents of the business id were reversed in Acumatica rather than deleted.
    pub reversed_before: u32,
    /// The tenant's periods; without, the period is left to Acumatica.
    pub periods: Option<&'a Periods>,
    /// Base currency of each branch, where they are known; the codes in capital letters.
    pub base_currencies: Option<&'a BTreeMap<String, Currency>>,
    /// How much the plan says about where its values come from.
    pub detail: Detail,
}

impl<'a> Planning<'a> {
    /// Plan number 1 of a document, with nothing known beside it.
    #[must_use]
    pub fn new(document: &'a Document, rules: &'a Rules, rules_version: u64) -> Self {
        Self {
            document,
            rules,
            rules_version,
            number: 1,
            key_fields: KeyFields::default(),
            duplicates: &[],
            reversed_before: 0,
            periods: None,
            base_currencies: None,
            detail: Detail::Rules,
        }
    }
}

/// User-defined fields of Acumatica, as `View.Field`, that carry the stamp instead of the description.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyFields<'a> {
    /// Of AP documents (`acumatica.key_field.bill`).
    pub bill: Option<&'a str>,
    /// Of journals (`acumatica.key_field.journal`).
    pub journal: Option<&'a str>,
}

/// What the reading of one kind of document gives.
struct Read {
    items: Vec<Item>,
    /// What the plan must come to, from the document alone; `None` when its sums leave the range.
    expected: Option<balance::Expected>,
}

/// Makes the plan of a document. A document that posts nothing gives a plan without postings.
///
/// # Errors
/// Every reason why there is no plan, each with code, field, value and line; at most 200.
pub fn plan(planning: &Planning<'_>) -> Result<Plan, Vec<Reason>> {
    let document = planning.document;
    let mut codes = Codes::new(planning);
    let read = match document {
        Document::Expense(expense) => {
            codes.reasons.extend(gate::gate(expense));
            expense::read(expense, &mut codes)
        }
        Document::Invoice(invoice) => {
            duplicate::judge(invoice, planning.duplicates, &mut codes);
            invoice::read(invoice, &mut codes)
        }
        Document::CashAdvance(advance) => advance::read(advance, &mut codes),
    };
    let skipped = skipped(&read.items).map_err(|reason| vec![reason])?;
    let posts = read.items.iter().any(|item| item.target != Target::Skipped);
    if posts || !codes.reasons.is_empty() {
        codes
            .reasons
            .splice(0..0, std::mem::take(&mut codes.shared));
    }
    let mut groups = match group::groups(read.items, planning.rules) {
        Ok(groups) => groups,
        Err(reasons) => {
            codes.reasons.extend(reasons);
            return Err(bounded(codes.reasons));
        }
    };
    let blank = groups.iter().flat_map(group::Group::without_account);
    codes.reasons.extend(blank);
    taxes::settle(&mut groups, document, &mut codes);
    // What posts nothing needs no branch, date or text.
    let frame = (!groups.is_empty()).then(|| Frame::of(planning, &groups, &mut codes));
    let (Some(expected), []) = (read.expected, codes.reasons.as_slice()) else {
        return Err(bounded(codes.reasons));
    };
    let mut told = codes.notes;
    told.extend(groups.iter().filter_map(group::Group::unlinked));
    let mut notes = told.clone();
    notes.extend(groups.iter().filter_map(group::Group::note));
    let postings = match frame {
        Some(Some(frame)) => assemble::assemble(&groups, &frame).map_err(bounded)?,
        Some(None) => return Err(bounded(codes.reasons)),
        None => Vec::new(),
    };
    notes.extend(assemble::left_together(&postings));
    let header = document.header();
    let plan = Plan {
        document: header.document.clone(),
        kind: document.kind(),
        number: planning.number,
        rules_version: planning.rules_version,
        reference_view: String::new(),
        currency: header.currency,
        gross: expected
            .gross()
            .ok_or_else(|| vec![gate::too_large("gross")])?,
        postings,
        skipped,
        notes,
        told,
        because: codes.origins.of_headers(),
    };
    let mut broken = balance::prove(&plan, &expected, document);
    let known = planning.base_currencies;
    broken.extend(known.and_then(|known| branches::foreign(&plan.postings, known)));
    if broken.is_empty() {
        Ok(plan)
    } else {
        Err(bounded(broken))
    }
}

/// What the rules leave out, per party.
fn skipped(items: &[Item]) -> Result<Vec<Skipped>, Reason> {
    let mut parties: BTreeMap<&Party, Skipped> = BTreeMap::new();
    for item in items.iter().filter(|item| item.target == Target::Skipped) {
        let skipped = parties.entry(&item.party).or_insert_with(|| Skipped {
            party: item.party.name().to_owned(),
            amount: Decimal::ZERO,
            because: item.because.clone(),
        });
        skipped.amount = skipped
            .amount
            .checked_add(item.amount)
            .ok_or_else(|| gate::too_large("skipped"))?;
    }
    Ok(parties.into_values().collect())
}

/// At most [`REASONS_MAX`]; the last one says how many more there are.
fn bounded(mut reasons: Vec<Reason>) -> Vec<Reason> {
    let more = reasons.len().saturating_sub(REASONS_MAX);
    reasons.truncate(REASONS_MAX);
    if more > 0
        && let Some(last) = reasons.last_mut()
    {
        last.message = format!("{} (and {more} more reasons)", last.message);
    }
    if reasons.is_empty() {
        reasons.push(Reason::new(
            Code::PlanTooLarge,
            "the amounts leave the range of a ledger",
        ));
    }
    reasons
}
