//! Which card an entry is owed to: by the customer's table of cards, else the clearing account Concur names.

use std::collections::HashMap;

use super::party::Party;
use crate::document::{Entry, Expense};
use crate::rules::{Card, Tables};

/// A card as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) card: Option<&'a Card>,
    pub(super) clearing_account: Option<&'a str>,
}

impl<'a> Found<'a> {
    fn of(tables: &'a Tables, party: &Party, entry: &'a Entry) -> Self {
        let (pat, program) = (entry.payment_type.as_deref(), entry.card_program.as_deref());
        Self {
            card: tables.card(party.name(), pat, program),
            clearing_account: entry.clearing_account.as_deref(),
        }
    }

    fn is_known(&self) -> bool {
        self.card.is_some() || self.clearing_account.is_some()
    }

    /// Whether both post to the same vendor and account.
    fn same(&self, other: &Self) -> bool {
        let ends = |found: &Self| {
            let account = found.card.and_then(|card| card.account.as_deref());
            let vendor = found.card.and_then(|card| card.vendor.as_deref());
            (
                vendor.map(str::to_owned),
                account.or(found.clearing_account).map(str::to_owned),
            )
        };
        ends(self) == ends(other)
    }
}

/// What the entries of a report agree on, per card party.
#[derive(Debug)]
enum Shared<'a> {
    One(Found<'a>),
    Several,
}

/// The cards of one report.
#[derive(Debug)]
pub(super) struct Cards<'a> {
    tables: &'a Tables,
    shared: HashMap<Party, Shared<'a>>,
}

/// The report uses several cards and the entry's own is not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

impl<'a> Cards<'a> {
    /// Reads the cards of all entries once.
    pub(super) fn of(expense: &'a Expense, tables: &'a Tables) -> Self {
        let mut shared: HashMap<Party, Shared<'a>> = HashMap::new();
        for entry in &expense.entries {
            for journal in entry.allocations.iter().flat_map(|each| &each.journals) {
                let Some(party) = Party::of(expense, entry, journal) else {
                    continue;
                };
                let found = Found::of(tables, &party, entry);
                if party.is_employee() || !found.is_known() {
                    continue;
                }
                shared
                    .entry(party)
                    .and_modify(|known| {
                        if matches!(known, Shared::One(first) if !first.same(&found)) {
                            *known = Shared::Several;
                        }
                    })
                    .or_insert(Shared::One(found));
            }
        }
        Self { tables, shared }
    }

    /// The card an entry is owed to. An entry that names none (the offset of personal spend) takes the one card all other
    /// entries of the party have; nothing known gives an empty answer.
    ///
    /// # Errors
    /// [`Ambiguous`] when the others have several.
    pub(super) fn find(&self, party: &Party, entry: &'a Entry) -> Result<Found<'a>, Ambiguous> {
        let own = Found::of(self.tables, party, entry);
        if party.is_employee() || own.is_known() {
            return Ok(own);
        }
        match self.shared.get(party) {
            Some(Shared::One(found)) => Ok(*found),
            Some(Shared::Several) => Err(Ambiguous),
            None => Ok(own),
        }
    }
}
