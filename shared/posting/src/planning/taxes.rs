//! Where the tax of each line goes, once it is known on which document the line stands: cost, lines of its own, or Acumatica's
//! own tax.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::codes::{Codes, TAX_CATEGORY, TAX_ID};
use super::gate::too_large;
use super::group::Group;
use super::item::Item;
use super::share::{Share, Taxed};
use crate::document::{Document, Expense, Tax};
use crate::plan::{PostingKind, Role, TaxRow};
use crate::rules::{Names, TaxCode, TaxMode};
use crate::{Code, Reason, money};

/// Gives the taxes of every group their place; reasons are kept in `codes`.
pub(super) fn settle(groups: &mut [Group], document: &Document, codes: &mut Codes<'_>) {
    let Document::Expense(expense) = document else {
        return;
    };
    for group in groups {
        let mode = if group.fate.is_payable() {
            codes.rules.tax.mode
        } else {
            codes.rules.tax.journal_mode
        };
        let mut settled = Vec::with_capacity(group.items.len());
        for mut item in std::mem::take(&mut group.items) {
            let Some(taxed) = item.taxed.take() else {
                settled.push(item);
                continue;
            };
            let mut placing = Placing {
                expense,
                taxed: &taxed,
                line: item.source.clone().unwrap_or_default(),
                codes: &mut *codes,
            };
            match mode {
                TaxMode::Gross => placing.gross(),
                TaxMode::Reclaim | TaxMode::Split => {
                    settled.extend(placing.lines(&mut item, mode));
                }
                TaxMode::Acumatica => placing.acumatica(&mut item),
            }
            settled.push(item);
        }
        // Each line stands before its taxes, as the document has them.
        group.items = in_order(settled);
    }
}

/// Moves every cost line before the tax lines that were taken out of it, and drops what has nothing left.
fn in_order(settled: Vec<Item>) -> Vec<Item> {
    let mut ordered = Vec::with_capacity(settled.len());
    let mut taxes = Vec::new();
    for item in settled {
        if item.role == Role::Tax {
            taxes.push(item);
        } else {
            if !item.amount.is_zero() {
                ordered.push(item);
            }
            ordered.append(&mut taxes);
        }
    }
    ordered
}

/// The placing of one line's taxes.
struct Placing<'a, 'c, 'r> {
    expense: &'a Expense,
    taxed: &'a Taxed,
    /// Entry of the line.
    line: String,
    codes: &'c mut Codes<'r>,
}

impl<'a, 'r> Placing<'a, '_, 'r> {
    /// All of it is cost, which must be wanted where it could be reclaimed.
    fn gross(&mut self) {
        if self.codes.rules.tax.reclaimable_as_cost {
            return;
        }
        for share in &self.taxed.shares {
            if !share.reclaim.is_zero() {
                let path = format!("{}.amountReclaim", self.path(share));
                self.codes.once(
                    Reason::new(
                        Code::ReclaimWithoutMapping,
                        "reclaimable tax would become cost",
                    )
                    .at(path, share.reclaim)
                    .on_line(&self.line),
                );
            }
        }
    }

    /// Takes the taxes out of a line and gives them lines of their own.
    fn lines(&mut self, item: &mut Item, mode: TaxMode) -> Vec<Item> {
        let taxed = self.taxed;
        let mut lines = Vec::new();
        for share in &taxed.shares {
            let mut parts = vec![(share.reclaim, "account")];
            if mode == TaxMode::Split {
                parts.push((share.non_deductible, "non_deductible_account"));
            }
            for (amount, field) in parts {
                if amount.is_zero() {
                    continue;
                }
                let Some(rest) = item.amount.checked_sub(amount) else {
                    self.codes.keep(too_large(&self.path(share)), None);
                    continue;
                };
                item.amount = rest;
                let Some((account, rule)) = self.account(share, field) else {
                    continue;
                };
                lines.push(Item {
                    amount,
                    role: Role::Tax,
                    codes: self.codes.balance.on(&account),
                    because: self.codes.origins.of_line(format!(
                        "{}: tax by {rule}; dimensions by rules.balance_line",
                        item.party
                    )),
                    ..item.clone()
                });
            }
        }
        lines
    }

    fn account(&mut self, share: &Share, field: &str) -> Option<(String, String)> {
        let (key, code, names) = self.code(share)?;
        let template = match field {
            "account" => &code.account,
            _ => &code.non_deductible_account,
        };
        let rule = format!("rules.tax.codes.{key}.{field}");
        let Some(template) = template else {
            let reason = Reason::new(Code::TaxUnmapped, "the tax code has no such account");
            self.codes.once(reason.at(rule, "").on_line(&self.line));
            return None;
        };
        let account = self.codes.account(template, &names, Some(&self.line));
        Some((account, rule))
    }

    /// Leaves the net on the line and gives the taxes to Acumatica.
    fn acumatica(&mut self, item: &mut Item) {
        let taxed = self.taxed;
        let mut rows: BTreeMap<String, TaxRow> = BTreeMap::new();
        for share in &taxed.shares {
            let amount = share.reclaim.checked_add(share.non_deductible);
            let rest = amount.and_then(|amount| item.amount.checked_sub(amount));
            let (Some(amount), Some(rest)) = (amount, rest) else {
                self.codes.keep(too_large(&self.path(share)), None);
                continue;
            };
            item.amount = rest;
            let Some(tax_id) = self.tax_id(share) else {
                continue;
            };
            let row = rows.entry(tax_id.clone()).or_insert_with(|| TaxRow {
                tax_id,
                taxable: taxed.net_of_tax,
                amount: Decimal::ZERO,
                non_deductible: Decimal::ZERO,
            });
            row.amount = row.amount.checked_add(amount).unwrap_or(Decimal::MAX);
            let other = row.non_deductible.checked_add(share.non_deductible);
            row.non_deductible = other.unwrap_or(Decimal::MAX);
        }
        if item.amount.is_zero() {
            let reason = Reason::new(
                Code::TaxUnmapped,
                "the line is nothing but tax, which no bill line can carry in mode `acumatica`",
            );
            self.codes
                .once(reason.at(self.allocation_path(), "").on_line(&self.line));
        }
        let category = self.category(&rows);
        let (rule, details) = match item.because.split_once('\n') {
            Some((rule, details)) => (rule, format!("\n{details}")),
            None => (item.because.as_str(), String::new()),
        };
        let because = format!(
            "{rule}; net of tax by rules.tax.mode, category by rules.tax.categories{details}"
        );
        item.because = self.codes.origins.of_line(because);
        item.taxes = category.map(|category| (category, rows.into_values().collect()));
    }

    fn tax_id(&mut self, share: &Share) -> Option<String> {
        let (_, code, names) = self.code(share)?;
        let template = code.tax_id.as_ref()?;
        self.codes
            .required(template, &names, TAX_ID, Some(&self.line))
    }

    /// The category of a set of taxes.
    fn category(&mut self, rows: &BTreeMap<String, TaxRow>) -> Option<String> {
        const RULE: &str = "rules.tax.categories";
        let set = rows
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("+");
        let Some(category) = self.codes.rules.tax.categories.get(&set) else {
            let reason = Reason::new(Code::TaxUnmapped, "no tax category stands for these taxes");
            if !set.is_empty() {
                self.codes
                    .once(reason.at(format!("{RULE}.{set}"), &set).on_line(&self.line));
            }
            return None;
        };
        let rule = format!("{RULE}.{set}");
        self.codes
            .fit(category, TAX_CATEGORY, &rule, Some(&self.line));
        Some(category.clone())
    }

    /// The code that answers for a tax, and the names its templates can use.
    fn code(&mut self, share: &Share) -> Option<(&'r str, &'r TaxCode, Names)> {
        let (entry, allocation) = self.taxed.at;
        let entry = self.expense.entries.get(entry)?;
        let allocation = entry.allocations.get(allocation)?;
        let tax: &'a Tax = allocation.taxes.get(share.record)?;
        let rules = self.codes.rules;
        let Some((key, code)) = rules.tax.code(tax) else {
            let reason = Reason::new(
                Code::TaxUnmapped,
                "no code of rules.tax.codes answers for the tax",
            );
            let path = format!("{}.taxReclaimCode", self.path(share));
            self.codes
                .once(reason.at(path, asked(tax)).on_line(&self.line));
            return None;
        };
        let names = self.codes.names.entry(entry);
        Some((key, code, names.allocation(&allocation.custom).tax(tax)))
    }

    fn allocation_path(&self) -> String {
        let (entry, allocation) = self.taxed.at;
        format!("expenseEntry[{entry}].allocation[{allocation}]")
    }

    fn path(&self, share: &Share) -> String {
        format!("{}.tax[{}]", self.allocation_path(), share.record)
    }
}

/// The codes by which a tax is looked up, in their order.
fn asked(tax: &Tax) -> String {
    let place = tax.authority.as_deref().zip(tax.country.as_deref());
    let place = place.map(|(authority, country)| format!("{authority}/{country}"));
    let codes = [tax.reclaim_code.clone(), tax.code.clone(), place];
    codes.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The tax rows of an AP document, one for each tax id; positive on the side of the document.
///
/// # Errors
/// A reason when a tax runs against the document, which no row can say.
pub(super) fn rows<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    kind: PostingKind,
) -> Result<Vec<TaxRow>, Reason> {
    let mut rows: BTreeMap<&str, [Vec<Decimal>; 3]> = BTreeMap::new();
    for (_, of_item) in items.into_iter().filter_map(|item| item.taxes.as_ref()) {
        for row in of_item {
            let sums = rows.entry(&row.tax_id).or_default();
            let amounts = [row.taxable, row.amount, row.non_deductible];
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                sum.push(match kind {
                    // Zero has a sign, too, and a person would read `-0`.
                    PostingKind::DebitAdj if !amount.is_zero() => -amount,
                    _ => amount,
                });
            }
        }
    }
    let mut found = Vec::new();
    for (tax_id, [taxable, amount, non_deductible]) in rows {
        let sum = |amounts| money::sum(amounts).ok_or_else(|| too_large("tax"));
        let row = TaxRow {
            tax_id: tax_id.to_owned(),
            taxable: sum(taxable)?,
            amount: sum(amount)?,
            non_deductible: sum(non_deductible)?,
        };
        if [row.taxable, row.amount, row.non_deductible]
            .iter()
            .any(|each| *each < Decimal::ZERO)
        {
            let message =
                format!("the tax {tax_id} runs against its document, which cannot say so");
            return Err(Reason::new(Code::MixedSigns, message).at("rules.tax.mode", row.amount));
        }
        found.push(row);
    }
    Ok(found)
}
