//! What Concur is told about a document: one element for each posting, and sentences a person can act on.

use concur::financial::{PostingConfirmation, PostingDoc, SystemMessage, Verdict};
use posting::plan::PostingKind;
use posting::reference::{Branch, Known, Rows};
use posting::rules::{MixedSigns, Rules};
use posting::state::{Receipt, Release, State};
use posting::{Reason, Record};

/// Longest `companyId`, in characters (FIS v4).
const COMPANY_CHARS_MAX: usize = 32;
/// Most sentences sent about one document: each becomes a line of Concur's audit trail.
const MESSAGES_MAX: usize = 50;
/// Statuses in which Acumatica still waits for a person.
const WAITING: [&str; 2] = ["On Hold", "Pending Approval"];
/// Status of a journal that only lacks its release.
const BALANCED: &str = "Balanced";

/// Where postings stand, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The tenant, named where nothing else is.
    pub tenant: &'a str,
    /// Its branches, of which some name their company.
    pub branches: &'a Rows<Branch>,
}

/// The confirmation a record in `Posted` or `Refused` calls for; `None` in any other state.
#[must_use]
pub fn confirmation(
    record: &Record,
    rules: &Rules,
    places: Places<'_>,
) -> Option<PostingConfirmation> {
    let (verdict, posting_docs, messages) = match &record.state {
        State::Posted { receipts, .. } if receipts.is_empty() => (
            Verdict::Success,
            nothing(rules, places),
            with_notes(
                vec![said(
                    "nothing_to_post",
                    None,
                    "Nothing of this document is to be posted: it was taken over without an entry in Acumatica",
                )],
                record,
            ),
        ),
        State::Posted { receipts, .. } => (
            Verdict::Success,
            receipts
                .iter()
                .map(|receipt| posted(receipt, rules, places))
                .collect(),
            with_notes(open(receipts, rules), record),
        ),
        State::Refused { reasons } => (Verdict::Error, Vec::new(), refusals(reasons)),
        _ => return None,
    };
    Some(PostingConfirmation {
        document_id: record.document.to_string(),
        verdict,
        posting_docs,
        messages,
    })
}

/// What is still open of each posting.
fn open(receipts: &[Receipt], rules: &Rules) -> Vec<SystemMessage> {
    let said = receipts.iter().filter_map(|receipt| {
        let apart = to_apply(receipt, receipts, rules).or_else(|| standing(receipt));
        apart.or_else(|| left_together(receipt, receipts, rules))
    });
    said.collect()
}

/// After what the receipts tell, what the plan noted for accounts payable; as many as are sent.
fn with_notes(mut messages: Vec<SystemMessage>, record: &Record) -> Vec<SystemMessage> {
    let notes = record.notes.iter().filter(|note| note.told);
    messages.extend(notes.map(|note| said("noted", None, &note.text)));
    messages.truncate(MESSAGES_MAX);
    messages
}

/// Whether Concur's status of a document is the verdict this record calls for, after code 113.
#[must_use]
pub fn verdict_equal(record: &Record, status: &concur::financial::DocumentStatus) -> bool {
    use concur::financial::DocumentStatus::{PostingConfirmedFailure, PostingConfirmedSuccess};
    match record.state {
        State::Posted { .. } => *status == PostingConfirmedSuccess,
        State::Refused { .. } => *status == PostingConfirmedFailure,
        _ => false,
    }
}

fn posted(receipt: &Receipt, rules: &Rules, places: Places<'_>) -> PostingDoc {
    let year = receipt.period.get(2..).filter(|year| year.len() == 4);
    PostingDoc {
        company_id: company(rules, &receipt.branch, places).0,
        document_number: Some(receipt.label()),
        fiscal_year: year.map(str::to_owned),
        posting_date: receipt.date.map(|date| date.to_string()),
    }
}

fn nothing(rules: &Rules, places: Places<'_>) -> Vec<PostingDoc> {
    let number = rules.nothing_to_post_id.clone();
    number
        .map(|number| PostingDoc {
            company_id: company(rules, "", places).0,
            document_number: Some(number),
            fiscal_year: None,
            posting_date: None,
        })
        .into_iter()
        .collect()
}

/// `companyId` of what stands on a header branch, and where it comes from: the rule, else the company of the branch where
/// Acumatica shows it, else the branch, else the tenant.
#[must_use]
pub fn company(rules: &Rules, branch: &str, places: Places<'_>) -> (String, &'static str) {
    let of_branch = match places.branches.get(branch) {
        Known::Here(row) => row.company.as_deref(),
        Known::Missing | Known::Unknown => None,
    };
    let names = [
        (rules.posting.company_id.as_deref(), "posting.company_id"),
        (of_branch, "the company of the header branch (CS401000)"),
        (Some(branch), "the header branch"),
        (Some(places.tenant), "the tenant"),
    ];
    let first = names.into_iter().find_map(|(name, origin)| {
        let name = name.map(str::trim).filter(|name| !name.is_empty())?;
        Some((name, origin))
    });
    let (name, origin) = first.unwrap_or_default();
    (name.chars().take(COMPANY_CHARS_MAX).collect(), origin)
}

/// That a person has to apply a Debit Adj. to its Bill, because a payment run would pay the Bill whole. Which belong together
/// a receipt does not say.
fn to_apply(adjustment: &Receipt, receipts: &[Receipt], rules: &Rules) -> Option<SystemMessage> {
    let is_left = |receipt: &Receipt| receipt.release == Release::NotWanted;
    let status = waits(adjustment).filter(|_| {
        rules.mixed_signs == MixedSigns::Split
            && adjustment.kind == PostingKind::DebitAdj
            && is_left(adjustment)
    })?;
    let bills = receipts
        .iter()
        .filter(|other| other.kind == PostingKind::Bill && is_left(other));
    let bills: Vec<String> = bills
        .filter(|bill| waits(bill).is_some())
        .map(Receipt::label)
        .collect();
    let text = format!(
        "{} is {} in Acumatica: if it is of the vendor of {}, apply it there before that is paid",
        adjustment.label(),
        status.to_lowercase(),
        bills.join(" or ")
    );
    (!bills.is_empty()).then(|| said("waits_in_acumatica", None, &text))
}

/// The status in which a document waits for a person, if it does.
fn waits(receipt: &Receipt) -> Option<&'static str> {
    let is_it = |status: &&str| receipt.status.eq_ignore_ascii_case(status);
    WAITING.into_iter().find(is_it)
}

/// What is still to be done in Acumatica, or that nothing is.
fn standing(receipt: &Receipt) -> Option<SystemMessage> {
    let (id, stands) = match (&receipt.release, waits(receipt)) {
        (Release::Done, _) => ("released", "released".to_owned()),
        (Release::Failed { .. }, _) => (
            "release_failed",
            "not released, because that failed,".to_owned(),
        ),
        (_, Some(status)) => ("waits_in_acumatica", status.to_lowercase()),
        (Release::Wanted | Release::Asked { .. }, None) => {
            ("waits_in_acumatica", "not released yet".to_owned())
        }
        (Release::NotWanted, None) => return None,
    };
    let text = format!("{} is {stands} in Acumatica", receipt.label());
    Some(said(id, None, &text))
}

/// That a journal is to be released together with the AP document it meets. Where the rules release journals, it is one that
/// clears against an AP document, or one whose failed release a person took over: a receipt does not say which.
fn left_together(journal: &Receipt, receipts: &[Receipt], rules: &Rules) -> Option<SystemMessage> {
    let is_left = |receipt: &&Receipt| receipt.release == Release::NotWanted;
    let is_clearing = rules.posting.release_journal
        && rules.mixed_signs == MixedSigns::Clearing
        && !journal.kind.is_payable()
        && is_left(&journal)
        && journal.status.eq_ignore_ascii_case(BALANCED);
    let payables: Vec<String> = receipts
        .iter()
        .filter(|receipt| is_clearing && receipt.kind.is_payable())
        .filter(is_left)
        .map(Receipt::label)
        .collect();
    let text = format!(
        "{} is not released in Acumatica: release it together with {} if they meet on the account of rules.mixed_signs_account",
        journal.label(),
        payables.join(" or ")
    );
    (!payables.is_empty()).then(|| said("waits_in_acumatica", None, &text))
}

/// One sentence for each reason, as many as are sent; the last one says how many more there are.
fn refusals(reasons: &[Reason]) -> Vec<SystemMessage> {
    let mut sent: Vec<SystemMessage> = reasons.iter().take(MESSAGES_MAX).map(refused).collect();
    let more = reasons.len().saturating_sub(MESSAGES_MAX);
    if more > 0
        && let Some(last) = sent.last_mut()
    {
        last.text = format!("{} {more} more reasons are not shown here.", last.text);
    }
    sent
}

/// Code, sentence, place, cure: the processor must be able to act on it without asking.
fn refused(reason: &Reason) -> SystemMessage {
    let mut text = reason.message.trim_end_matches('.').to_owned();
    if !reason.field.is_empty() {
        text.extend([" (field ", &reason.field]);
        if !reason.value.is_empty() {
            text.extend([": ", &reason.value]);
        }
        text.push(')');
    }
    text.push_str(". ");
    text.push_str(reason.code.cure());
    said(reason.code.as_str(), reason.line.as_deref(), &text)
}

fn said(id: &str, entry: Option<&str>, text: &str) -> SystemMessage {
    SystemMessage {
        entry_id: entry.map(str::to_owned),
        id: id.to_owned(),
        language: "EN".to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
