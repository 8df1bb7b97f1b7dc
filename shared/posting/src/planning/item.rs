//! What the document says, one amount at a time, with the codes it gets and the side it is owed to. Everything about
//! customers' rules is answered before an item exists; how items become Acumatica documents is `assemble`'s.

use rust_decimal::Decimal;

use super::party::Party;
use super::share::Taxed;
use crate::plan::{Line, PurchaseOrder, Role, TaxRow};

/// One amount between the company and a party: debited to `codes` and credited to the party, or the reverse if negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) party: Party,
    /// Debit on the codes; never zero once in a posting.
    pub(super) amount: Decimal,
    pub(super) role: Role,
    pub(super) codes: LineCodes,
    /// Line text, not yet cut: its room depends on the document it lands in.
    pub(super) text: String,
    /// Entry, advance or line it comes from.
    pub(super) source: Option<String>,
    /// Why the line stands there; of a skipped item why it does not.
    pub(super) because: String,
    pub(super) target: Target,
    /// Its part of the document's taxes, while the rules may still give them lines of their own.
    pub(super) taxed: Option<Taxed>,
    /// Category of the taxes that are Acumatica's, with them; without, a line is exempt.
    pub(super) taxes: Option<(String, Vec<TaxRow>)>,
    /// The line of a purchase order it is linked to on a bill.
    pub(super) order: Option<PurchaseOrder>,
    /// Box of form 1099 on an AP document; without, it is the vendor's.
    pub(super) box_1099: Option<i16>,
}

impl Item {
    /// The amount that undoes this one wherever it stands on the same codes.
    pub(super) fn undone(&self) -> (Decimal, Option<Taxed>) {
        (-self.amount, self.taxed.as_ref().map(Taxed::negated))
    }

    /// An amount the rules leave out: it only counts.
    pub(super) fn skipped(party: Party, amount: Decimal, role: Role) -> Self {
        Self {
            because: format!("skip, by {}", party.rule()),
            party,
            amount,
            role,
            codes: LineCodes::default(),
            text: String::new(),
            source: None,
            target: Target::Skipped,
            taxed: None,
            taxes: None,
            order: None,
            box_1099: None,
        }
    }
}

/// Where an item's party side goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// An AP document.
    Payable {
        vendor: String,
        location: Option<String>,
    },
    /// A journal against this account.
    Ledger {
        account: String,
        /// Card transaction reference of the counter-line.
        reference: Option<String>,
    },
    /// Nowhere, by rule.
    Skipped,
}

impl Target {
    /// Stands where the rules gave no answer and a reason was kept: the lines are read on, so that their reasons are told
    /// with it, and no plan is made.
    pub(super) fn unresolved() -> Self {
        Self::Ledger {
            account: String::new(),
            reference: None,
        }
    }
}

/// The codes of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct LineCodes {
    pub(super) account: String,
    pub(super) subaccount: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) project: Option<String>,
    pub(super) task: Option<String>,
    pub(super) cost_code: Option<String>,
}

impl LineCodes {
    /// The same dimensions on another account.
    pub(super) fn on(&self, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..self.clone()
        }
    }

    /// The line that carries a signed amount, debit positive.
    pub(super) fn line(self, amount: Decimal, role: Role) -> Line {
        let (debit, credit) = if amount.is_sign_negative() {
            (Decimal::ZERO, -amount)
        } else {
            (amount, Decimal::ZERO)
        };
        Line {
            account: self.account,
            subaccount: self.subaccount,
            branch: self.branch,
            project: self.project,
            task: self.task,
            cost_code: self.cost_code,
            tax_category: None,
            debit,
            credit,
            text: String::new(),
            reference: None,
            purchase_order: None,
            box_1099: None,
            source: None,
            role,
            because: String::new(),
        }
    }
}
