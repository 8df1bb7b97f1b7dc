//! `posting`: what is done beside the accounting.

use super::ByKind;

/// `posting`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingRules {
    /// Whether AP documents of a kind are created On Hold.
    pub hold: ByKind<bool>,
    /// Whether journals are.
    pub hold_journal: bool,
    /// Whether AP documents of a kind are released once every posting of their plan stands.
    pub release: ByKind<bool>,
    /// Whether journals are.
    pub release_journal: bool,
    /// `confirm_after`.
    pub confirm_after: ConfirmAfter,
    /// `on_recall`.
    pub on_recall: OnRecall,
    /// `closed_period`, `max_shift_days` and `across_year`.
    pub closed_period: ClosedPeriod,
    /// `company_id` of a confirmation; `None` is the header branch's company where it is
    /// known, else the header branch.
    pub company_id: Option<String>,
    /// What a refusal does.
    pub on_refusal: OnRefusal,
    /// `lines_per_request`: a posting with more lines is built in portions of so many, on hold until all are there.
    pub lines_per_request: usize,
    /// Whether test users' documents are posted.
    pub include_test_documents: bool,
}

/// `posting.confirm_after`: when Concur is told of success.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConfirmAfter {
    /// `created`: once every posting stands. A plan with an Expense Pay party waits for the release of its journals all
    /// the same, because success moves money.
    #[default]
    Created,
    /// `released`: once everything that is to be released is.
    Released,
}

/// `posting.on_recall`: what a recall does that shows itself only when Concur is told of success.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnRecall {
    /// `withdraw`: what was posted is deleted, or reversed where that cannot be.
    #[default]
    Withdraw,
    /// `hold`: a person looks.
    Hold,
}

/// `posting.closed_period`: what happens to a date whose period is not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedPeriod {
    /// `hold`.
    Hold,
    /// `next_open`: the first later period that is open for every module of the plan; the date stays.
    NextOpen {
        /// `max_shift_days`: days from the date to the first day of that period.
        days_max: i32,
        /// `across_year`: whether it may lie in a later fiscal year.
        across_year: bool,
    },
}

/// `posting.on_refusal`, by where the fault lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRefusal {
    /// Faults of the document.
    pub document: Refusal,
    /// Faults of the set-up.
    pub setup: Refusal,
}

/// What a refusal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `return`: Concur's processor gets it back.
    Return,
    /// `hold`: the administrator looks at it first.
    Hold,
}
