//! Sharing a header amount among lines by largest remainder: in whole minor units, exact to the last one.

use rust_decimal::Decimal;

use super::item::Item;
use crate::Currency;

/// What each item has before anything is shared, in minor units: every amount is shared by the same weights, so that a first
/// share does not weigh in the next. `None` when an amount leaves the range.
pub(super) fn weights(items: &[Item], currency: Currency) -> Option<Vec<i128>> {
    items
        .iter()
        .map(|item| units(item.amount.abs(), currency))
        .collect()
}

/// Adds to each item its share of an amount, in proportion to its weight. What is left after rounding down goes in single
/// units to the largest remainders, the first of equal ones. `None` when the amounts leave the range.
pub(super) fn prorate(
    amount: Decimal,
    items: &mut [Item],
    weights: &[i128],
    currency: Currency,
) -> Option<()> {
    let (whole, all) = (
        units(amount.abs(), currency)?,
        weights
            .iter()
            .try_fold(0_i128, |sum, weight| sum.checked_add(*weight))?,
    );
    let mut shares = Vec::with_capacity(weights.len());
    for weight in weights {
        let product = whole.checked_mul(*weight)?;
        shares.push((product.checked_div(all)?, product.checked_rem(all)?));
    }
    let given: i128 = shares.iter().map(|(share, _)| share).sum();
    let left = usize::try_from(whole.checked_sub(given)?).ok()?;
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| shares.get(*at).map(|(_, remainder)| -remainder));
    for at in order.into_iter().take(left) {
        shares.get_mut(at)?.0 += 1;
    }
    for (item, (share, _)) in items.iter_mut().zip(shares) {
        let mut share = Decimal::try_from_i128_with_scale(share, currency.decimals()).ok()?;
        share.set_sign_negative(amount.is_sign_negative() && !share.is_zero());
        item.amount = item.amount.checked_add(share)?;
    }
    Some(())
}

/// An amount in minor units; `None` when it has a fraction of one or leaves the range.
fn units(amount: Decimal, currency: Currency) -> Option<i128> {
    let amount = amount.normalize();
    let missing = currency.decimals().checked_sub(amount.scale())?;
    amount.mantissa().checked_mul(10_i128.checked_pow(missing)?)
}
