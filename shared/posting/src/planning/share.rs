//! How the taxes of an allocation are shared among its journals. The records are tied to the journals by `taxGuid` only, so
//! each is filled in document order up to its own total: exact, nothing rounded, nothing from a rate.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::codes::Codes;
use super::gate::precision;
use crate::document::{Allocation, Entry, Journal, Tax};
use crate::{Code, Currency, Reason, money};

/// Most times a journal tries to find room by moving others, and most records one try passes: real allocations have a handful.
const TURNS_MAX: usize = 64;
const STEPS_MAX: usize = 64;

/// A journal's part of the taxes of its allocation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Taxed {
    /// Index of entry and allocation.
    pub(super) at: (usize, usize),
    /// `amountNetOfTax`.
    pub(super) net_of_tax: Decimal,
    /// One for each record the journal names, in their order.
    pub(super) shares: Vec<Share>,
}

/// A journal's part of one tax record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Share {
    /// Index of the record in its allocation.
    pub(super) record: usize,
    pub(super) reclaim: Decimal,
    pub(super) non_deductible: Decimal,
}

impl Taxed {
    pub(super) fn negated(&self) -> Self {
        let shares = self.shares.iter().map(|share| Share {
            record: share.record,
            reclaim: -share.reclaim,
            non_deductible: -share.non_deductible,
        });
        Self {
            at: self.at,
            net_of_tax: -self.net_of_tax,
            shares: shares.collect(),
        }
    }
}

/// Shares the taxes of an allocation among its journals, in their order; `None` for a journal without tax. A reason is kept
/// where they cannot be shared.
pub(super) fn shares(
    at: (usize, usize),
    entry: &Entry,
    allocation: &Allocation,
    codes: &mut Codes<'_>,
) -> Vec<Option<Taxed>> {
    let (index, number) = at;
    let path = format!("expenseEntry[{index}].allocation[{number}]");
    let keep = |reason: Reason, codes: &mut Codes<'_>| codes.keep(reason, Some(&entry.id));
    for (at, journal) in allocation.journals.iter().enumerate() {
        if !is_part(journal) {
            let reason = Reason::new(
                Code::TaxSum,
                "amountNetOfTax, amountNetOfReclaim and amountGross are not in this order",
            );
            let path = format!("{path}.journal[{at}].amountNetOfTax");
            keep(reason.at(path, journal.net_of_tax), codes);
        }
    }
    codes
        .reasons
        .extend(odd_decimals(&path, entry, allocation, codes.currency));
    let named = named(allocation);
    let journals = || allocation.journals.iter();
    let taxes = || allocation.taxes.iter();
    let reclaim = Spread::fill(
        &named,
        journals()
            .map(|each| each.gross.checked_sub(each.net_of_reclaim))
            .collect(),
        taxes().map(|tax| Some(tax.reclaim)).collect(),
    );
    let other = Spread::fill(
        &named,
        journals()
            .map(|each| each.net_of_reclaim.checked_sub(each.net_of_tax))
            .collect(),
        taxes()
            .map(|tax| tax.amount.checked_sub(tax.reclaim))
            .collect(),
    );
    let (Some(reclaim), Some(other)) = (reclaim, other) else {
        // That the sums differ at all is the gate's to say.
        if sums_agree(allocation) {
            let reason = Reason::new(
                Code::TaxUnshared,
                "the journals do not name the taxes in a way that gives each its own",
            );
            keep(reason.at(format!("{path}.journal[].taxGuid"), ""), codes);
        }
        return vec![None; allocation.journals.len()];
    };
    let part = |(journal, (reclaim, other)): (&Journal, (Cells, Cells))| {
        let parts = reclaim.into_iter().zip(other);
        let shares: Vec<Share> = parts
            .map(|((record, reclaim), (_, non_deductible))| Share {
                record,
                reclaim,
                non_deductible,
            })
            .collect();
        (!shares.is_empty()).then_some(Taxed {
            at,
            net_of_tax: journal.net_of_tax,
            shares,
        })
    };
    journals()
        .zip(reclaim.into_iter().zip(other))
        .map(part)
        .collect()
}

/// Records by index, with what a journal takes of each.
type Cells = Vec<(usize, Decimal)>;

/// Tax amounts with more decimals than the currency has; that of the gross is the gate's.
fn odd_decimals(
    path: &str,
    entry: &Entry,
    allocation: &Allocation,
    currency: Currency,
) -> Vec<Reason> {
    let journals = allocation
        .journals
        .iter()
        .enumerate()
        .flat_map(|(at, each)| {
            let path = format!("{path}.journal[{at}]");
            [
                (format!("{path}.amountNetOfTax"), each.net_of_tax),
                (format!("{path}.amountNetOfReclaim"), each.net_of_reclaim),
            ]
        });
    let taxes = allocation.taxes.iter().enumerate().flat_map(|(at, each)| {
        let path = format!("{path}.tax[{at}]");
        [
            (format!("{path}.amountTax"), each.amount),
            (format!("{path}.amountReclaim"), each.reclaim),
        ]
    });
    journals
        .chain(taxes)
        .filter_map(|(path, amount)| precision(currency, &path, amount, Some(&entry.id)))
        .collect()
}

/// Whether tax and its reclaimable part are parts of the gross, with its sign.
fn is_part(journal: &Journal) -> bool {
    let (least, most) = if journal.gross.is_sign_negative() {
        (journal.gross, Decimal::ZERO)
    } else {
        (Decimal::ZERO, journal.gross)
    };
    let (tax, reclaim) = (journal.net_of_tax, journal.net_of_reclaim);
    let ordered = if journal.gross.is_sign_negative() {
        reclaim <= tax
    } else {
        tax <= reclaim
    };
    ordered
        && [tax, reclaim]
            .iter()
            .all(|net| (least..=most).contains(net))
}

fn sums_agree(allocation: &Allocation) -> bool {
    let journals = |net: fn(&Journal) -> Decimal| {
        let parts = allocation.journals.iter();
        let parts: Option<Vec<_>> = parts
            .map(|each| each.gross.checked_sub(net(each)))
            .collect();
        parts.and_then(money::sum)
    };
    let records = |part: fn(&Tax) -> Decimal| money::sum(allocation.taxes.iter().map(part));
    journals(|each| each.net_of_tax) == records(|tax| tax.amount)
        && journals(|each| each.net_of_reclaim) == records(|tax| tax.reclaim)
}

/// Indices of the records each journal names, in the records' order.
fn named(allocation: &Allocation) -> Vec<Vec<usize>> {
    let mut records: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, tax) in allocation.taxes.iter().enumerate() {
        if let Some(guid) = &tax.guid {
            records.entry(guid).or_default().push(at);
        }
    }
    let of = |journal: &Journal| {
        let guids = journal
            .taxes
            .iter()
            .filter_map(|guid| records.get(guid.as_str()));
        let found: BTreeSet<usize> = guids.flatten().copied().collect();
        found.into_iter().collect()
    };
    allocation.journals.iter().map(of).collect()
}

/// Amounts of journals by the records they name: what each journal takes of each record.
struct Spread {
    /// What each journal still needs.
    needs: Vec<Decimal>,
    /// What is left of each record.
    rests: Vec<Decimal>,
    /// For each journal the records it names, with what it takes.
    cells: Vec<Cells>,
    /// For each record the journals that name it.
    journals: Vec<Vec<usize>>,
}

impl Spread {
    /// Fills the records in document order, each up to its own total; `None` when it cannot come out.
    fn fill(
        named: &[Vec<usize>],
        needs: Option<Vec<Decimal>>,
        rests: Option<Vec<Decimal>>,
    ) -> Option<Vec<Cells>> {
        let (needs, rests) = (needs?, rests?);
        let mut journals = vec![Vec::new(); rests.len()];
        for (journal, records) in named.iter().enumerate() {
            for record in records {
                journals.get_mut(*record)?.push(journal);
            }
        }
        let cell = |records: &Vec<usize>| records.iter().map(|at| (*at, Decimal::ZERO)).collect();
        let negative = money::sum(rests.iter().copied())? < Decimal::ZERO;
        let mut spread = Self {
            cells: named.iter().map(cell).collect(),
            needs,
            rests,
            journals,
        };
        spread.place_forced()?;
        // What runs against the sum raises what there is to share, so it goes first and whole.
        let against = |need: Decimal| !need.is_zero() && (need < Decimal::ZERO) != negative;
        for journal in 0..spread.needs.len() {
            let need = *spread.needs.get(journal)?;
            if against(need) {
                let record = spread.against(journal, need)?;
                spread.take(journal, record, need)?;
            }
        }
        for journal in 0..spread.needs.len() {
            spread.fill_journal(journal)?;
        }
        let done = spread
            .needs
            .iter()
            .chain(&spread.rests)
            .all(Decimal::is_zero);
        done.then_some(spread.cells)
    }

    /// Where records have both signs, what only one journal names is that one's and whole: nothing else comes out.
    fn place_forced(&mut self) -> Option<()> {
        let is_mixed = self.rests.iter().any(|rest| *rest < Decimal::ZERO)
            && self.rests.iter().any(|rest| *rest > Decimal::ZERO);
        for record in 0..self.rests.len() {
            if let [journal] = *self.journals.get(record)?.as_slice()
                && is_mixed
            {
                self.take(journal, record, *self.rests.get(record)?)?;
            }
        }
        Some(())
    }

    /// The record that takes a need which runs against the sum: the first one of its sign, else the first.
    fn against(&self, journal: usize, need: Decimal) -> Option<usize> {
        let records = || {
            self.cells
                .get(journal)
                .into_iter()
                .flatten()
                .map(|cell| cell.0)
        };
        let rest = |record: &usize| self.rests.get(*record).copied().unwrap_or_default();
        let own = records().find(|record| !smaller(need, rest(record)).is_zero());
        own.or_else(|| records().next())
    }

    fn fill_journal(&mut self, journal: usize) -> Option<()> {
        for at in 0..self.cells.get(journal)?.len() {
            let record = self.cells.get(journal)?.get(at)?.0;
            let taken = smaller(*self.needs.get(journal)?, *self.rests.get(record)?);
            self.take(journal, record, taken)?;
        }
        for _ in 0..TURNS_MAX {
            let need = *self.needs.get(journal)?;
            if need.is_zero() {
                break;
            }
            let mut seen = BTreeSet::new();
            if self.place(journal, need, &mut seen)?.is_zero() {
                break;
            }
        }
        Some(())
    }

    /// Finds room for a need by moving what another journal took to a record that has some left. Returns what found room.
    fn place(
        &mut self,
        journal: usize,
        need: Decimal,
        seen: &mut BTreeSet<usize>,
    ) -> Option<Decimal> {
        let records: Vec<usize> = self.cells.get(journal)?.iter().map(|cell| cell.0).collect();
        for record in records {
            if seen.len() >= STEPS_MAX || !seen.insert(record) {
                continue;
            }
            let free = smaller(need, *self.rests.get(record)?);
            if !free.is_zero() {
                self.take(journal, record, free)?;
                return Some(free);
            }
            for other in self.journals.get(record)?.clone() {
                let movable = smaller(need, self.cell(other, record)?.1);
                if other == journal || movable.is_zero() {
                    continue;
                }
                let moved = self.place(other, movable, seen)?;
                if !moved.is_zero() {
                    self.take(other, record, -moved)?;
                    self.take(journal, record, moved)?;
                    return Some(moved);
                }
            }
        }
        Some(Decimal::ZERO)
    }

    fn cell(&mut self, journal: usize, record: usize) -> Option<&mut (usize, Decimal)> {
        let cells = self.cells.get_mut(journal)?;
        cells.iter_mut().find(|cell| cell.0 == record)
    }

    fn take(&mut self, journal: usize, record: usize, amount: Decimal) -> Option<()> {
        let cell = self.cell(journal, record)?;
        cell.1 = cell.1.checked_add(amount)?;
        let need = self.needs.get_mut(journal)?;
        *need = need.checked_sub(amount)?;
        let rest = self.rests.get_mut(record)?;
        *rest = rest.checked_sub(amount)?;
        Some(())
    }
}

/// What both have: the smaller amount of one sign, nothing of two.
fn smaller(need: Decimal, rest: Decimal) -> Decimal {
    if (need < Decimal::ZERO) != (rest < Decimal::ZERO) {
        Decimal::ZERO
    } else if need.abs() < rest.abs() {
        need
    } else {
        rest
    }
}
