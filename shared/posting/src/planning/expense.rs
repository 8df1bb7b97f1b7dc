//! What an expense report says, item by item: for each journal its amount on the expense account, and the same amount
//! against the party that is owed it.

use std::collections::HashMap;

use super::Read;
use super::application;
use super::balance::Expected;
use super::cards::Cards;
use super::codes::{Codes, VENDOR};
use super::gate::{journal_path, too_large};
use super::item::{Item, LineCodes, Target};
use super::party::Party;
use super::share::{self, Taxed};
use crate::document::{Allocation, Entry, Expense, Journal, Tax};
use crate::plan::Role;
use crate::rules::{Names, Party as Rule, TaxMode};
use crate::{Code, Reason};

/// Reads a report; reasons are kept in `codes`.
pub(super) fn read(expense: &Expense, codes: &mut Codes<'_>) -> Read {
    let mut reader = Reader {
        expense,
        cards: Cards::of(expense, &codes.rules.tables),
        codes,
        items: Vec::new(),
    };
    for (index, entry) in expense.entries.iter().enumerate() {
        reader.entry(index, entry);
    }
    let Reader {
        codes, mut items, ..
    } = reader;
    let mut expected = Expected::of_expense(expense);
    if expected.is_none() {
        codes.keep(too_large("report"), None);
    }
    let advances = application::items(expense, &items, codes);
    if let Some(expected) = &mut expected {
        for item in &advances {
            if expected.advance(item.party.name(), item.amount).is_none() {
                codes.keep(too_large("cashAdvanceApplication"), None);
            }
        }
    }
    items.extend(advances);
    Read { items, expected }
}

/// A journal and where it stands in the document.
struct Place<'a> {
    entry: &'a Entry,
    journal: &'a Journal,
    /// Index of entry, allocation and journal.
    at: (usize, usize, usize),
    /// Its part of the taxes, unless all tax is cost.
    taxed: Option<Taxed>,
}

struct Reader<'a, 'c, 'r> {
    expense: &'a Expense,
    cards: Cards<'a>,
    codes: &'c mut Codes<'r>,
    items: Vec<Item>,
}

impl<'r: 'a, 'a> Reader<'a, '_, 'r> {
    fn entry(&mut self, index: usize, entry: &'a Entry) {
        let names = self.codes.names.entry(entry);
        let mut targets = HashMap::new();
        for (at, allocation) in entry.allocations.iter().enumerate() {
            let mut taxed = self.taxed((index, at), entry, allocation).into_iter();
            let names = names.allocation(&allocation.custom);
            for (number, journal) in allocation.journals.iter().enumerate() {
                let taxed = taxed.next().flatten();
                // The gate speaks of a journal without party.
                let Some(party) = Party::of(self.expense, entry, journal) else {
                    continue;
                };
                if journal.gross.is_zero() {
                    continue;
                }
                // Asked again only where the answer can differ: its reasons would be kept again.
                let own = self.is_by_allocation(&party).then_some(at);
                let target = targets
                    .entry((party.clone(), own))
                    .or_insert_with(|| self.target(&party, entry, &names))
                    .clone();
                let at = (index, at, number);
                let place = Place {
                    entry,
                    journal,
                    at,
                    taxed,
                };
                self.journal(place, party, target, &names.journal(entry, journal));
            }
        }
    }

    fn journal(&mut self, place: Place<'_>, party: Party, target: Target, names: &Names) {
        let Place { entry, journal, .. } = place;
        let from = place.account().unwrap_or("none");
        let (line, because) = if target == Target::Skipped {
            let item = Item::skipped(party, journal.gross, Role::Cost);
            return self.items.push(item);
        } else if entry.personal {
            let because = format!(
                "{party}: account {from} by rules.line.account; personal, dimensions by rules.balance_line"
            );
            (self.personal(&place, names), because)
        } else {
            let because =
                format!("{party}: account {from} by rules.line.account; dimensions by rules.line");
            (self.codes.cost(names, &entry.id), because)
        };
        let text = self.codes.text(&self.codes.rules.text.line.expense, names);
        self.items.push(Item {
            party,
            amount: journal.gross,
            role: Role::Cost,
            codes: line,
            text,
            source: Some(entry.id.clone()),
            because: self.codes.origins.of_line(because),
            target,
            taxed: place.taxed,
            taxes: None,
            order: None,
            box_1099: None,
        });
    }

    /// Personal spend has no allocation: its account is the journal's, if blank the clearing account.
    fn personal(&mut self, place: &Place<'_>, names: &Names) -> LineCodes {
        let line = place.entry.id.as_str();
        if place.account().is_none() {
            let (entry, allocation, journal) = place.at;
            let path = journal_path(entry, allocation, journal);
            let reason = Reason::new(
                Code::AccountMissing,
                "the personal entry has neither journal nor clearing account",
            )
            .at(format!("{path}.journalAccountCode"), "");
            self.codes.keep(reason, Some(line));
            return LineCodes::default();
        }
        let template = &self.codes.rules.line.account.expense;
        let account = self.codes.account(template, names, Some(line));
        self.codes.balance.on(&account)
    }

    /// Whether the rule of a party's side reads what the allocations of one entry differ in.
    fn is_by_allocation(&self, party: &Party) -> bool {
        let rules = self.codes.rules;
        let template = match rules.parties.get(party.name()) {
            Some(Rule::Journal { account }) => Some(account),
            Some(Rule::Bill { vendor: None }) if party.is_employee() => {
                Some(&rules.vendor.employee)
            }
            Some(Rule::Bill { vendor }) => vendor.as_ref(),
            Some(Rule::Skip) | None => None,
        };
        template.is_some_and(|template| {
            template
                .of_kind(self.codes.kind)
                .source()
                .contains("allocation")
        })
    }

    /// Where a party's side of an allocation goes. A rule that gives nothing is a reason and never falls back to the employee's
    /// bill, which would pay twice.
    fn target(&mut self, party: &Party, entry: &'a Entry, names: &Names) -> Target {
        let rules = self.codes.rules;
        let Some(rule) = rules.parties.get(party.name()) else {
            self.codes.without_rule(party, Some(&entry.id));
            return Target::unresolved();
        };
        if *rule == Rule::Skip {
            return Target::Skipped;
        }
        let Ok(found) = self.cards.find(party, entry) else {
            let reason = Reason::new(
                Code::CardAmbiguous,
                "the entry names no card and the party's other entries have several",
            );
            let value = card_key(party, entry);
            self.codes
                .keep(reason.at("tables.cards", value), Some(&entry.id));
            return Target::unresolved();
        };
        let names = names.card(found.card, found.clearing_account);
        match rule {
            Rule::Journal { account } => Target::Ledger {
                account: self.codes.account(account, &names, Some(&entry.id)),
                reference: reference(entry),
            },
            Rule::Bill {
                vendor: Some(template),
            } if !party.is_employee() => {
                let vendor = self
                    .codes
                    .evaluate(template, &names, Some(&entry.id))
                    .unwrap_or_default();
                match &vendor {
                    Some(vendor) => {
                        self.codes
                            .fit(vendor, VENDOR, template.rule(), Some(&entry.id));
                    }
                    None => self.without_vendor(party, entry),
                }
                payable(vendor)
            }
            Rule::Bill { vendor: None } if !party.is_employee() => {
                self.without_vendor(party, entry);
                payable(None)
            }
            Rule::Bill { vendor } => payable(employee_vendor(vendor.as_ref(), &names, self.codes)),
            Rule::Skip => Target::Skipped,
        }
    }

    fn without_vendor(&mut self, party: &Party, entry: &Entry) {
        let reason = Reason::new(Code::CardWithoutVendor, "the card has no vendor to bill");
        let value = card_key(party, entry);
        self.codes
            .keep(reason.at("tables.cards", value), Some(&entry.id));
    }

    /// What each journal has of the allocation's taxes, in their order; empty where all tax is cost, and where nothing of the
    /// allocation is posted.
    fn taxed(
        &mut self,
        at: (usize, usize),
        entry: &Entry,
        allocation: &Allocation,
    ) -> Vec<Option<Taxed>> {
        let posted = allocation.journals.iter();
        let posted: Vec<&Journal> = posted
            .filter(|journal| !self.is_skipped(entry, journal))
            .collect();
        if posted.is_empty() {
            return Vec::new();
        }
        if self.codes.rules.tax.mode == TaxMode::Gross {
            self.reclaim(at, entry, (allocation, &posted));
            return Vec::new();
        }
        share::shares(at, entry, allocation, self.codes)
    }

    /// What the rules skip somebody else posts, with its tax.
    fn is_skipped(&self, entry: &Entry, journal: &Journal) -> bool {
        Party::of(self.expense, entry, journal)
            .is_some_and(|party| self.codes.rules.parties.get(party.name()) == Some(&Rule::Skip))
    }

    /// Input tax is not given up silently: of each tax that a posted journal bears reclaimable.
    fn reclaim(
        &mut self,
        (index, at): (usize, usize),
        entry: &Entry,
        (allocation, posted): (&Allocation, &[&Journal]),
    ) {
        if self.codes.rules.tax.reclaimable_as_cost {
            return;
        }
        let is_borne = |tax: &Tax| {
            let names = |journal: &&Journal| {
                let is_named = tax
                    .guid
                    .as_ref()
                    .is_some_and(|guid| journal.taxes.contains(guid));
                is_named && journal.gross != journal.net_of_reclaim
            };
            posted.iter().any(names)
        };
        for (number, tax) in allocation.taxes.iter().enumerate() {
            if !tax.reclaim.is_zero() && is_borne(tax) {
                let path =
                    format!("expenseEntry[{index}].allocation[{at}].tax[{number}].amountReclaim");
                let reason = Reason::new(
                    Code::ReclaimWithoutMapping,
                    "reclaimable tax would become cost",
                );
                self.codes
                    .keep(reason.at(path, tax.reclaim), Some(&entry.id));
            }
        }
    }
}

/// Vendor of a bill to the employee: the party's own rule, else the one for employees; blank when a reason was kept.
pub(super) fn employee_vendor(
    own: Option<&crate::rules::Template>,
    names: &Names,
    codes: &mut Codes<'_>,
) -> Option<String> {
    let template = own.unwrap_or(&codes.rules.vendor.employee);
    let vendor = codes.evaluate(template, names, None)?;
    match &vendor {
        Some(vendor) => codes.fit_person(vendor, VENDOR, template.rule()),
        None => codes.once(
            Reason::new(
                Code::CodeMissing,
                "the rule gives no vendor for the employee",
            )
            .at(template.rule(), template.source()),
        ),
    }
    vendor
}

/// An AP document to the vendor; blank while a reason is kept.
pub(super) fn payable(vendor: Option<String>) -> Target {
    Target::Payable {
        vendor: vendor.unwrap_or_default(),
        location: None,
    }
}

impl Place<'_> {
    /// Concur's account: the journal's, if blank the clearing account.
    fn account(&self) -> Option<&str> {
        let own = self.journal.account.as_deref();
        own.or(self.entry.clearing_account.as_deref())
    }
}

/// Card transaction reference of an entry: its journals' if they have one, else its own.
fn reference(entry: &Entry) -> Option<String> {
    entry
        .allocations
        .iter()
        .flat_map(|each| &each.journals)
        .find_map(|journal| journal.card_reference.clone())
        .or_else(|| entry.card_transaction.clone())
}

/// The most exact key an entry could have in `tables.cards`.
fn card_key(party: &Party, entry: &Entry) -> String {
    let name = party.name();
    match (&entry.payment_type, &entry.card_program) {
        (Some(pat), Some(program)) => format!("{name}/{pat}/{program}"),
        (Some(pat), None) => format!("{name}/{pat}"),
        (None, _) => name.to_owned(),
    }
}
