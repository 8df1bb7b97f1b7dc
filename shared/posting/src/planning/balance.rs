//! The proof at the end: the finished plan is held against the document once more, by sums that know nothing of how the
//! plan was made. A plan that fails it is never written.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::gate::too_large;
use super::party::Party;
use crate::document::{Document, Expense};
use crate::plan::{Line, Posting, PostingKind, Role};
use crate::{Code, Plan, Reason, money};

/// What the document says the plan must come to.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// Cost per party, debit positive: what the cost lines sum to.
    pub(super) cost: BTreeMap<String, Decimal>,
    /// Owed to each party: its cost plus advances issued, less those applied.
    pub(super) owed: BTreeMap<String, Decimal>,
}

impl Expected {
    /// Sums of a report's journals; `None` when they leave the range.
    pub(super) fn of_expense(expense: &Expense) -> Option<Self> {
        let mut expected = Self::default();
        for entry in &expense.entries {
            for journal in entry.allocations.iter().flat_map(|each| &each.journals) {
                // The gate speaks of a journal without party.
                let Some(party) = Party::of(expense, entry, journal) else {
                    continue;
                };
                expected.cost(party.name(), journal.gross)?;
            }
        }
        Some(expected)
    }

    /// Cost of all parties: the gross; `None` when it leaves the range.
    pub(super) fn gross(&self) -> Option<Decimal> {
        money::sum(self.cost.values().copied())
    }

    /// Adds cost owed to a party.
    pub(super) fn cost(&mut self, party: &str, amount: Decimal) -> Option<()> {
        add(&mut self.cost, party, amount)?;
        add(&mut self.owed, party, amount)
    }

    /// Adds what is owed to a party without being cost.
    pub(super) fn advance(&mut self, party: &str, amount: Decimal) -> Option<()> {
        add(&mut self.owed, party, amount)
    }
}

fn add(sums: &mut BTreeMap<String, Decimal>, party: &str, amount: Decimal) -> Option<()> {
    let sum = sums.entry(party.to_owned()).or_default();
    *sum = sum.checked_add(amount)?;
    Some(())
}

/// Every law the plan breaks; empty when it holds.
pub(super) fn prove(plan: &Plan, expected: &Expected, document: &Document) -> Vec<Reason> {
    let mut proof = Proof::default();
    for (n, posting) in (1..).zip(&plan.postings) {
        if posting.n != n {
            proof.broken(
                "postings",
                "the postings are not numbered from 1",
                posting.n,
            );
        }
        proof.posting(posting);
    }
    proof.cost(plan, expected, document);
    proof.parties(plan, expected);
    proof.broken
}

#[derive(Default)]
struct Proof {
    broken: Vec<Reason>,
}

impl Proof {
    /// Each posting for itself: lines with one side, and sides that agree with the total.
    fn posting(&mut self, posting: &Posting) {
        let field = format!("postings[{}]", posting.n.saturating_sub(1));
        for line in &posting.lines {
            let one = (line.debit > Decimal::ZERO && line.credit.is_zero())
                || (line.credit > Decimal::ZERO && line.debit.is_zero());
            if !one || !posting.currency.holds(line.signed()) {
                self.broken(&field, "a line has not one positive side", line.signed());
            }
        }
        let debits = self.sum(&field, posting.lines.iter().map(|line| line.debit));
        let credits = self.sum(&field, posting.lines.iter().map(|line| line.credit));
        let taxes = signed_taxes(posting).unwrap_or(Decimal::MAX);
        let net = debits
            .checked_sub(credits)
            .and_then(|net| net.checked_add(taxes));
        let Some(net) = net else {
            return self.broken.push(too_large(&field));
        };
        for row in &posting.taxes {
            let amounts = [row.taxable, row.amount, row.non_deductible];
            let odd = |each: &Decimal| *each < Decimal::ZERO || !posting.currency.holds(*each);
            if row.non_deductible > row.amount || amounts.iter().any(odd) {
                self.broken(&field, "a tax is no part of its document", row.amount);
            }
        }
        let (holds, found) = match posting.kind {
            PostingKind::Journal => (net.is_zero() && posting.total == debits, net),
            PostingKind::DebitAdj => (posting.total == -net, net),
            PostingKind::Bill | PostingKind::CreditAdj => (posting.total == net, net),
        };
        if !holds || posting.total <= Decimal::ZERO {
            self.broken(&field, "lines and total do not agree", found);
        }
    }

    /// Cost lines with skipped parties sum to the gross, and the gross is what the document states.
    fn cost(&mut self, plan: &Plan, expected: &Expected, document: &Document) {
        let planned = self.sum(
            "cost",
            lines(plan)
                .filter(|(_, line)| is_cost(line.role, document))
                .map(|(_, line)| line.signed())
                .chain(
                    plan.postings
                        .iter()
                        .map(|each| signed_taxes(each).unwrap_or(Decimal::MAX)),
                ),
        );
        let skipped = plan
            .skipped
            .iter()
            .filter_map(|each| expected.cost.get(&each.party).copied());
        let skipped = self.sum("skipped", skipped);
        if planned.checked_add(skipped) != Some(plan.gross) {
            self.broken("cost", "cost lines do not sum to the gross", planned);
        }
        if document
            .stated_total()
            .is_some_and(|total| total != plan.gross)
        {
            self.broken(
                "gross",
                "the gross is not what the document states",
                plan.gross,
            );
        }
    }

    /// Per party: what its documents owe is what the document says it is owed, and nothing stays on its clearing account.
    fn parties(&mut self, plan: &Plan, expected: &Expected) {
        let mut owed: BTreeMap<&str, Decimal> = BTreeMap::new();
        let mut between: BTreeMap<&str, Decimal> = BTreeMap::new();
        for posting in &plan.postings {
            let payable = match posting.kind {
                PostingKind::Journal => Decimal::ZERO,
                PostingKind::DebitAdj => -posting.total,
                PostingKind::Bill | PostingKind::CreditAdj => posting.total,
            };
            let counter = posting
                .lines
                .iter()
                .filter(|line| line.role == Role::Counter)
                .map(|line| -line.signed());
            let clearing = posting
                .lines
                .iter()
                .filter(|line| matches!(line.role, Role::Clearing | Role::Net))
                .map(Line::signed);
            let side = self.sum("owed", std::iter::once(payable).chain(counter));
            let stays = self.sum("clearing", clearing);
            for (sums, amount) in [(&mut owed, side), (&mut between, stays)] {
                let sum = sums.entry(posting.party.as_str()).or_default();
                *sum = sum.checked_add(amount).unwrap_or(Decimal::MAX);
            }
        }
        for skipped in &plan.skipped {
            let sum = owed.entry(skipped.party.as_str()).or_default();
            *sum = sum.checked_add(skipped.amount).unwrap_or(Decimal::MAX);
        }
        for (party, sum) in between {
            if !sum.is_zero() {
                self.broken(party, "an amount stays on the clearing account", sum);
            }
        }
        let names = owed
            .keys()
            .copied()
            .chain(expected.owed.keys().map(String::as_str));
        for party in names.collect::<std::collections::BTreeSet<_>>() {
            let found = owed.get(party).copied().unwrap_or_default();
            let wanted = expected.owed.get(party).copied().unwrap_or_default();
            if found != wanted {
                self.broken(party, &format!("the party is owed {wanted}"), found);
            }
        }
    }

    fn sum(&mut self, field: &str, amounts: impl IntoIterator<Item = Decimal>) -> Decimal {
        money::sum(amounts).unwrap_or_else(|| {
            self.broken.push(too_large(field));
            Decimal::MAX
        })
    }

    fn broken(&mut self, field: &str, law: &str, found: impl std::fmt::Display) {
        self.broken
            .push(Reason::new(Code::PlanUnproved, law).at(format!("plan.{field}"), found));
    }
}

/// The taxes of a posting, debit positive; `None` out of range.
fn signed_taxes(posting: &Posting) -> Option<Decimal> {
    let total = posting.tax_total()?;
    Some(if posting.kind == PostingKind::DebitAdj {
        -total
    } else {
        total
    })
}

/// What sums to the gross: of an advance document the advance itself.
fn is_cost(role: Role, document: &Document) -> bool {
    match document {
        Document::CashAdvance(_) => role == Role::Advance,
        Document::Expense(_) | Document::Invoice(_) => matches!(role, Role::Cost | Role::Tax),
    }
}

fn lines(plan: &Plan) -> impl Iterator<Item = (&Posting, &Line)> {
    plan.postings
        .iter()
        .flat_map(|posting| posting.lines.iter().map(move |line| (posting, line)))
}
