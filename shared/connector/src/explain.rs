//! What would become of a document, without doing any of it: its plan with the origin of every value, what pre-flight says,
//! and the verdict of the rules on a refusal. Nothing here writes.

mod difference;

use std::collections::BTreeSet;

use posting::planning::{Detail, Duplicate};
use posting::preflight::preflight;
use posting::reason::{Blame, blame};
use posting::reference::{Lookup, View};
use posting::rules::Refusal;
use posting::{Document, DocumentId, DocumentKind, Plan, Reason};
use serde::Serialize;

use crate::connection::Connection;
use crate::lookalike;
use crate::planned::{self, fenced};
use crate::ports::{Key, Ledger, PortError};
use crate::report::{self, PlanRow, ReasonRow};
use crate::translate::Reading;
use crate::translate::confirmation::{Places, company};
pub use difference::{Change, Difference, Field, differences};

/// Largest answer, in bytes: a function may return 6 MB, and an answer is wrapped on its way.
pub(crate) const ANSWER_BYTES_MAX: usize = 5_000_000;

/// Number of a document's first plan.
const FIRST: u32 = 1;

/// What would become of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its postings would be written.
    Posted,
    /// It would be confirmed without a posting.
    NothingToPost,
    /// Concur would be told "error" with the reasons.
    Returned,
    /// It would wait for a person.
    Held,
}

impl Outcome {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::NothingToPost => "nothing_to_post",
            Self::Returned => "returned",
            Self::Held => "held",
        }
    }
}

/// One document, explained.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// FIS id.
    pub document: DocumentId,
    /// `expense`, `invoice` or `cashadvance`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id that stays over re-approvals.
    pub business_id: String,
    /// Vendor code or employee id.
    pub payee: Option<String>,
    /// ISO code.
    pub currency: Option<String>,
    /// Gross as the document states it.
    pub amount: Option<String>,
    /// What would become of it.
    pub outcome: Outcome,
    /// What the rules make of it; absent where they make nothing.
    pub plan: Option<PlanRow>,
    /// Everything that stands against posting it, of planning and of pre-flight.
    pub reasons: Vec<ReasonRow>,
    /// What the plan was held against.
    pub preflight: Preflight,
    /// Parts that were too large for the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<&'static str>,
}

/// What is known of the tenant, and what is not.
#[derive(Debug, Default, Serialize)]
pub struct Preflight {
    /// Lists with their versions, such as `accounts@3 vendors@12`; empty while nothing was read from Acumatica.
    pub view: String,
    /// Codes of the plan that the lists do not know yet, as `list key`: they are looked up before anything is written.
    pub unchecked: Vec<String>,
    /// Entries of the lists that the reasons rest on, in the same form: a run reads these again first, so it may find otherwise.
    pub doubted: Vec<String>,
}

/// Earlier invoices that look like this one.
pub(crate) async fn alike<L: Ledger>(
    ledger: &L,
    key: &Key,
    reading: &Reading,
) -> Result<Vec<Duplicate>, PortError> {
    let document = reading.document.as_ref().ok();
    let likeness = document.and_then(lookalike::likeness);
    let business = &reading.header.business;
    lookalike::earlier(ledger, key, business, likeness.as_deref()).await
}

/// Explains a document as read, under the rules of a connection and what is known of its tenant.
#[must_use]
pub fn explain(
    connection: &Connection,
    (kind, id): (DocumentKind, &DocumentId),
    reading: &Reading,
    (view, duplicates): (&View, &[Duplicate]),
) -> Explained {
    let made = match &reading.document {
        Ok(document) => {
            let (subject, known) = ((document, FIRST, 0), (view, duplicates));
            fenced(|| planned::plan(connection, subject, known, Detail::Values))
        }
        Err(reasons) => Err(reasons.clone()),
    };
    let (plan, mut reasons) = match made {
        Ok(mut plan) => {
            plan.because.extend(companies(&plan, connection, view));
            (Some(plan), Vec::new())
        }
        Err(reasons) => (None, reasons),
    };
    let found = plan.as_ref().map(|plan| preflight(plan, view));
    let found = found.unwrap_or_default();
    reasons.extend(found.reasons);
    let header = &reading.header;
    let currency = (header.currency != posting::Currency::NONE).then_some(header.currency);
    let amount = reading.document.as_ref().ok();
    let amount = amount.and_then(Document::stated_total);
    Explained {
        document: id.clone(),
        kind: kind.as_str(),
        business_id: header.business.to_string(),
        payee: reading.payee.clone(),
        currency: currency.map(|currency| currency.to_string()),
        amount: amount.map(|amount| match currency {
            Some(currency) => currency.format(amount),
            None => amount.to_string(),
        }),
        outcome: outcome(connection, plan.as_ref(), &reasons),
        plan: plan.as_ref().map(report::plan),
        reasons: reasons.iter().map(report::reason).collect(),
        preflight: Preflight {
            view: view.name(),
            unchecked: named(&found.lookups),
            doubted: named(&found.rests_on),
        },
        left_out: Vec::new(),
    }
}

/// Where the `companyId` comes from that Concur would be told, once for each header branch.
fn companies(plan: &Plan, connection: &Connection, view: &View) -> BTreeSet<String> {
    let places = Places {
        tenant: connection.acumatica.site.tenant(),
        branches: &view.branches,
    };
    let branches = plan.postings.iter().map(|each| each.branch.as_deref());
    let told = branches.map(|branch| {
        let (id, origin) = company(&connection.rules, branch.unwrap_or_default(), places);
        format!("companyId {id} of the confirmation: {origin}")
    });
    told.collect()
}

fn named(keys: &BTreeSet<Lookup>) -> Vec<String> {
    keys.iter()
        .map(|lookup| format!("{} {}", lookup.list, lookup.key))
        .collect()
}

/// What the rules do with the document: a refusal goes the way `posting.on_refusal` says.
fn outcome(connection: &Connection, plan: Option<&Plan>, reasons: &[Reason]) -> Outcome {
    let on_refusal = connection.rules.posting.on_refusal;
    let refusal = match blame(reasons) {
        Some(Blame::Document) => on_refusal.document,
        Some(Blame::Setup) => on_refusal.setup,
        Some(Blame::Unknown) => Refusal::Hold,
        None if plan.is_some_and(|plan| plan.postings.is_empty()) => return Outcome::NothingToPost,
        None => return Outcome::Posted,
    };
    match refusal {
        Refusal::Return => Outcome::Returned,
        Refusal::Hold => Outcome::Held,
    }
}

impl Explained {
    /// Leaves out what makes it longer than `bytes`: first the requests, which follow from the rest, then the lines, whose
    /// sums stay. Returns its length then.
    pub(crate) fn fit(&mut self, bytes: usize) -> usize {
        for (part, leave_out) in [
            ("bodies", without_bodies as fn(&mut PlanRow)),
            ("lines", without_lines),
        ] {
            let length = length(self);
            if length <= bytes {
                return length;
            }
            if let Some(plan) = &mut self.plan {
                leave_out(plan);
                self.left_out.push(part);
            }
        }
        length(self)
    }
}

fn without_bodies(plan: &mut PlanRow) {
    for posting in &mut plan.postings {
        posting.body = serde_json::Value::Null;
    }
}

fn without_lines(plan: &mut PlanRow) {
    for posting in &mut plan.postings {
        posting.lines.clear();
    }
}

fn length(explained: &Explained) -> usize {
    serde_json::to_vec(explained).map_or(usize::MAX, |bytes| bytes.len())
}

#[cfg(test)]
mod tests;
