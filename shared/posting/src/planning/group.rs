//! Which items share an Acumatica document.

use std::collections::HashMap;

use super::item::{Item, Target};
use super::party::Party;

/// Items of one Acumatica document, before signs are looked at.
pub(super) struct Group {
    pub(super) party: Party,
    /// Vendor and location of an AP document.
    pub(super) payee: Option<(String, Option<String>)>,
    pub(super) items: Vec<Item>,
}

/// Groups items by party, vendor and location, or by party alone for journals; in the order of their first item. Currency
/// and header branch are the document's. Skipped, zero and cancelling items are left out.
pub(super) fn groups(items: Vec<Item>) -> Vec<Group> {
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
    groups
}

/// Drops pairs that cancel on one account and dimension inside one entry: they say nothing and make signs mixed.
fn without_cancelling(items: Vec<Item>) -> Vec<Item> {
    let mut open: HashMap<_, Vec<usize>> = HashMap::new();
    let mut kept = vec![true; items.len()];
    for (at, item) in items.iter().enumerate() {
        let key = |amount| (&item.source, &item.codes, item.role, &item.target, amount);
        let partner = open.get_mut(&key(-item.amount)).and_then(Vec::pop);
        match partner {
            Some(partner) => {
                for dropped in [partner, at] {
                    if let Some(kept) = kept.get_mut(dropped) {
                        *kept = false;
                    }
                }
            }
            None => open.entry(key(item.amount)).or_default().push(at),
        }
    }
    drop(open);
    items
        .into_iter()
        .zip(kept)
        .filter_map(|(item, kept)| kept.then_some(item))
        .collect()
}
