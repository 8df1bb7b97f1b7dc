//! The lines of a posting: one per item, never netted, and the counter-lines of a journal.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::frame::Frame;
use super::gate::too_large;
use super::identity;
use super::item::{Item, Target};
use super::party::Party;
use crate::Reason;
use crate::plan::{Line, PostingKind, Role};

/// One line per item; the sign becomes the side. Only a bill's lines have a tax category and a box of form 1099, and only
/// those of a Bill are linked to a purchase order.
pub(super) fn lines<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    kind: PostingKind,
    frame: &Frame,
) -> Vec<Line> {
    let line = |item: &Item| {
        let mut line = item.codes.clone().line(item.amount, item.role);
        line.text = identity::line_text(&item.text, text_chars_max(kind));
        line.source.clone_from(&item.source);
        line.because.clone_from(&item.because);
        if kind.is_payable() {
            line.tax_category = match &item.taxes {
                Some((category, _)) => Some(category.clone()),
                None => frame.tax_category.clone(),
            };
            line.box_1099 = item.box_1099;
        }
        if let Some(order) = item.order.as_ref().filter(|_| kind == PostingKind::Bill) {
            line.purchase_order = Some(order.clone());
            line.account.clear();
        }
        line
    };
    items.into_iter().map(line).collect()
}

fn text_chars_max(kind: PostingKind) -> usize {
    if kind.is_payable() {
        identity::BILL_LINE_CHARS_MAX
    } else {
        identity::JOURNAL_LINE_CHARS_MAX
    }
}

/// The other side of a journal: one line per entry and account, with the card transaction reference, so that clearing
/// accounts can be matched.
pub(super) fn counter_lines(
    items: &[Item],
    frame: &Frame,
    account: impl Fn(&Item) -> Option<String>,
    role: Role,
) -> Result<Vec<Line>, Reason> {
    let mut index = HashMap::new();
    let mut sums: Vec<(String, &Item, Decimal)> = Vec::new();
    for item in items {
        let Some(account) = account(item) else {
            continue;
        };
        let at = *index
            .entry((&item.source, account.clone()))
            .or_insert_with(|| {
                sums.push((account, item, Decimal::ZERO));
                sums.len() - 1
            });
        if let Some((_, _, sum)) = sums.get_mut(at) {
            *sum = sum
                .checked_sub(item.amount)
                .ok_or_else(|| too_large("amounts"))?;
        }
    }
    let line = |(account, first, sum): (String, &Item, Decimal)| {
        let mut line = frame.balance.on(&account).line(sum, role);
        line.text = identity::line_text(&first.text, identity::JOURNAL_LINE_CHARS_MAX);
        line.source.clone_from(&first.source);
        line.because = counter_reason(&first.party, role);
        if let Target::Ledger {
            reference: Some(reference),
            ..
        } = &first.target
        {
            line.reference = Some(identity::line_reference(reference));
        }
        line
    };
    Ok(sums
        .into_iter()
        .filter(|(_, _, sum)| !sum.is_zero())
        .map(line)
        .collect())
}

fn counter_reason(party: &Party, role: Role) -> String {
    match role {
        Role::Clearing => "brought together by rules.mixed_signs_account".to_owned(),
        _ => format!("counter side of {party}, by rules.parties.{party}"),
    }
}

/// Account of the party side of an item that goes to a journal.
pub(super) fn own_account(item: &Item) -> Option<String> {
    match &item.target {
        Target::Ledger { account, .. } => Some(account.clone()),
        Target::Payable { .. } | Target::Skipped => None,
    }
}
