//! Whether Acumatica will take a plan: every code it names is held against the tenant's master data before anything is
//! written, so that all that is wrong is known at once and nothing has to be undone.
//!
//! Read in this order: what is found, the payees, branches and taxes of the postings, then their lines.

mod findings;
mod header;
mod line;

use std::collections::BTreeSet;

use crate::reference::{Lookup, Module, View};
use crate::{Plan, Reason};

use findings::Findings;

/// Most reasons given for one plan; one account that is gone can fault thousands of lines.
const REASONS_MAX: usize = 200;

/// What holding a plan against the master data gives. The plan may be written when there are neither reasons nor look-ups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preflight {
    /// Everything Acumatica would refuse, tied to entry or line where it has one; at most 200.
    pub reasons: Vec<Reason>,
    /// What the view does not know: to be looked up, noted in the view and asked again. At most three rounds settle a plan.
    pub lookups: BTreeSet<Lookup>,
    /// The rows the reasons rest on. A caller whose view is not from today reads them anew and asks again, so that a
    /// vendor put right this morning is not held by last night's list.
    pub rests_on: BTreeSet<Lookup>,
}

/// Holds a plan against what is known of the tenant. Pure: may be repeated as often as the view changes.
#[must_use]
pub fn preflight(plan: &Plan, view: &View) -> Preflight {
    let mut findings = Findings::new(view);
    for posting in &plan.postings {
        header::check(posting, &mut findings);
    }
    for posting in &plan.postings {
        let module = if posting.kind.is_payable() {
            Module::Payables
        } else {
            Module::Ledger
        };
        for line in &posting.lines {
            findings.source = posting.source(line);
            line::check(line, (module, posting.currency), &mut findings);
        }
    }
    findings.into_preflight(REASONS_MAX)
}

#[cfg(test)]
mod tests;
