//! Which items share an Acumatica document.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::gate::too_large;
use super::item::{Item, Target};
use super::party::Party;
use crate::plan::PostingKind;
use crate::rules::{EmployeeOwes, MixedSigns, Rules};
use crate::{Code, Reason, money};

/// Items of one Acumatica document, before signs are looked at.
pub(super) struct Group {
    pub(super) party: Party,
    /// Vendor and location of an AP document.
    pub(super) payee: Option<(String, Option<String>)>,
    pub(super) items: Vec<Item>,
    pub(super) fate: Fate,
}

/// What becomes of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// A journal against the items' own accounts.
    Journal,
    /// The net of an AP document is zero: a journal of the lines alone.
    Zero,
    /// The employee owes: a journal against the receivable account.
    Receivable,
    /// One AP document with all lines.
    Document(PostingKind),
    /// A journal with the lines and an AP document of this kind with the net.
    Clearing(PostingKind, Decimal),
    /// A Bill with the positive lines and a Debit Adj. with the negative ones.
    Split,
}

impl Group {
    /// What a person has to do about it although it is posted.
    pub(super) fn note(&self) -> Option<String> {
        (self.fate == Fate::Split).then(|| {
            format!(
                "{}: apply the Debit Adj. to the Bill before it is paid, both are on hold until then",
                self.party
            )
        })
    }

    /// That lines with all it takes are not linked to their purchase orders, because only those of a Bill can be.
    pub(super) fn unlinked(&self) -> Option<String> {
        let lines = self.lines_of_orders();
        let lines: Vec<&str> = lines.filter_map(|item| item.source.as_deref()).collect();
        (!lines.is_empty()).then(|| {
            let lines = lines.join(", ");
            format!(
                "not linked to their purchase orders, because they stand on no Bill: lines {lines}"
            )
        })
    }

    /// The reasons of those among them that counted on the order's account and have none.
    pub(super) fn without_account(&self) -> impl Iterator<Item = Reason> {
        let lines = self.lines_of_orders();
        let blank = lines.filter(|item| item.codes.account.is_empty());
        blank.map(|item| {
            let message = "the rules give no account, and the line stands on no Bill, which alone takes that of its purchase order";
            let reason = Reason::new(Code::AccountMissing, message).at("rules.line.account", "");
            reason.on_line(item.source.clone().unwrap_or_default())
        })
    }

    /// Lines with a purchase order that stand elsewhere than on a Bill.
    fn lines_of_orders(&self) -> impl Iterator<Item = &Item> {
        let is_billed = |item: &Item| match self.fate {
            Fate::Document(kind) => kind == PostingKind::Bill,
            Fate::Split => !item.amount.is_sign_negative(),
            _ => false,
        };
        let lines = self.items.iter().filter(|item| item.order.is_some());
        lines.filter(move |item| !is_billed(item))
    }
}

impl Fate {
    /// Whether the group's own lines stand on AP documents.
    pub(super) fn is_payable(self) -> bool {
        matches!(self, Self::Document(_) | Self::Split)
    }

    fn of(group: &Group, rules: &Rules) -> Result<Self, Reason> {
        if group.payee.is_none() {
            return Ok(Self::Journal);
        }
        let net = money::sum(group.items.iter().map(|item| item.amount))
            .ok_or_else(|| too_large("amounts"))?;
        let negative = |item: &Item| item.amount.is_sign_negative();
        let mixed = group.items.iter().any(negative) && !group.items.iter().all(negative);
        let kind = if net.is_sign_negative() {
            PostingKind::DebitAdj
        } else {
            PostingKind::Bill
        };
        let owed = group.party.is_employee() && kind == PostingKind::DebitAdj;
        Ok(match (&rules.employee_owes, rules.mixed_signs) {
            _ if net.is_zero() => Self::Zero,
            (EmployeeOwes::Journal { .. }, _) if owed => Self::Receivable,
            (_, MixedSigns::Clearing) if mixed => Self::Clearing(kind, net),
            (_, MixedSigns::Split) if mixed => Self::Split,
            _ => Self::Document(kind),
        })
    }
}

/// Groups items by party, vendor and location, or by party alone for journals; in the order of their first item. Currency
/// and header branch are the document's. Skipped, zero and cancelling items are left out.
///
/// # Errors
/// Every group whose net leaves the range.
pub(super) fn groups(items: Vec<Item>, rules: &Rules) -> Result<Vec<Group>, Vec<Reason>> {
    let mut index = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        let payee = match &item.target {
            Target::Skipped => continue,
            Target::Payable { vendor, location } => Some((vendor.clone(), location.clone())),
            Target::Ledger { .. } => None,
        };
        if item.amount.is_zero() {
            continue;
        }
        let key = (item.party.clone(), payee.clone());
        let at = *index.entry(key).or_insert_with(|| {
            groups.push(Group {
                party: item.party.clone(),
                payee,
                items: Vec::new(),
                fate: Fate::Journal,
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.items.push(item);
        }
    }
    for group in &mut groups {
        group.items = without_cancelling(std::mem::take(&mut group.items));
    }
    groups.retain(|group| !group.items.is_empty());
    let mut reasons = Vec::new();
    for group in &mut groups {
        match Fate::of(group, rules) {
            Ok(fate) => group.fate = fate,
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() {
        Ok(groups)
    } else {
        Err(reasons)
    }
}

/// Drops pairs that cancel on one account and dimension inside one entry: they say nothing and make signs mixed.
fn without_cancelling(items: Vec<Item>) -> Vec<Item> {
    let mut open: HashMap<_, Vec<usize>> = HashMap::new();
    let mut kept = vec![true; items.len()];
    for (at, item) in items.iter().enumerate() {
        let place = (&item.source, &item.codes, item.role, &item.target);
        let key = |amount| (place, &item.order, item.box_1099, amount);
        let partner = open.get_mut(&key(item.undone())).and_then(Vec::pop);
        if let Some(partner) = partner {
            for dropped in [partner, at] {
                if let Some(kept) = kept.get_mut(dropped) {
                    *kept = false;
                }
            }
        } else {
            let amount = (item.amount, item.taxed.clone());
            open.entry(key(amount)).or_default().push(at);
        }
    }
    drop(open);
    items
        .into_iter()
        .zip(kept)
        .filter_map(|(item, kept)| kept.then_some(item))
        .collect()
}
