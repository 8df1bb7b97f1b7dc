//! A journal and an AP document that meet on the clearing account of mixed signs: one is released only with the other.

use posting::plan::{Plan, Posting, Role};
use posting::state::{Receipt, Release};

use super::super::job::Job;

/// What the other half of a pair means for this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// It can be released.
    Go,
    /// The other is not so far.
    Wait,
    /// The other will not be released, so this one is not either.
    Never(String),
}

/// The postings that one is released with; none for most.
pub(super) fn partners(job: &Job, receipt: &Receipt) -> Vec<Receipt> {
    let Some(plan) = &job.plan else {
        return Vec::new();
    };
    let numbers = numbers(plan, receipt.n);
    let receipts = job.record.state.receipts();
    let partners = receipts.into_iter().filter(|one| numbers.contains(&one.n));
    partners.cloned().collect()
}

/// Those of them that are to be released yet.
pub(super) fn pending(job: &Job, receipt: &Receipt) -> Vec<Receipt> {
    let mut partners = partners(job, receipt);
    partners.retain(|partner| partner.release.is_pending());
    partners
}

/// The other halves: a party can have several payees, and their documents meet on one account.
fn numbers(plan: &Plan, n: u32) -> Vec<u32> {
    let Some(own) = plan.postings.iter().find(|posting| posting.n == n) else {
        return Vec::new();
    };
    let wanted = if has(own, Role::Clearing) {
        Role::Net
    } else if has(own, Role::Net) {
        Role::Clearing
    } else {
        return Vec::new();
    };
    let is_other = |posting: &&Posting| posting.party == own.party && has(posting, wanted);
    let others = plan.postings.iter().filter(is_other);
    others.map(|posting| posting.n).collect()
}

fn has(posting: &Posting, role: Role) -> bool {
    posting.lines.iter().any(|line| line.role == role)
}

/// Decides by the other halves; `ready` are those that were seen to be ready. The journal goes first, when its AP documents
/// are ready; they go when it is released.
pub(super) fn turn(receipt: &Receipt, partners: &[Receipt], ready: &[u32]) -> Turn {
    for partner in partners {
        if let Release::Failed { message } = &partner.release {
            let other = partner.label();
            return Turn::Never(format!(
                "it is released only together with {other}: {message}"
            ));
        }
    }
    let holds_up = |partner: &Receipt| {
        let is_first = !receipt.kind.is_payable() && ready.contains(&partner.n);
        partner.release.is_pending() && !is_first
    };
    if partners.iter().any(holds_up) {
        Turn::Wait
    } else {
        Turn::Go
    }
}

#[cfg(test)]
mod tests {
    use posting::plan::PostingKind;

    use super::*;
    use crate::samples::{self, posting};

    fn half(n: u32, kind: PostingKind, (party, role): (&str, Role)) -> Posting {
        let mut half = posting(n, kind);
        party.clone_into(&mut half.party);
        for line in &mut half.lines {
            line.role = role;
        }
        half
    }

    #[test]
    fn a_pair_meets_on_the_clearing_account_of_its_party() {
        let plan = samples::plan(vec![
            half(1, PostingKind::Bill, ("IBCP", Role::Net)),
            half(2, PostingKind::Bill, ("EMPL", Role::Cost)),
            half(3, PostingKind::DebitAdj, ("EMPL", Role::Net)),
            half(4, PostingKind::Journal, ("IBCP", Role::Clearing)),
            half(5, PostingKind::Journal, ("EMPL", Role::Clearing)),
            half(6, PostingKind::Journal, ("EMPL", Role::Counter)),
        ]);
        let all: Vec<Vec<u32>> = (1..=7).map(|n| numbers(&plan, n)).collect();
        let expected: [&[u32]; 7] = [&[4], &[], &[5], &[1], &[3], &[], &[]];
        assert_eq!(all, expected);
    }

    #[test]
    fn the_journal_goes_first_when_its_document_is_ready() {
        let asked = Release::Asked {
            since: samples::at(0),
            sent: None,
            again: samples::at(30),
        };
        let failed = Release::Failed {
            message: "no".to_owned(),
        };
        let one = |n, kind, release: &Release| Receipt {
            n,
            release: release.clone(),
            ..samples::receipt(kind, "1", "Balanced")
        };
        let no = || Turn::Never("it is released only together with Bill 1: no".to_owned());
        for (release, ready, told) in [
            (&Release::Wanted, vec![1], Turn::Go),
            (&Release::Wanted, vec![], Turn::Wait),
            (&asked, vec![], Turn::Wait),
            (&asked, vec![1], Turn::Go),
            (&Release::Done, vec![], Turn::Go),
            (&Release::NotWanted, vec![], Turn::Go),
            (&failed, vec![1], no()),
        ] {
            let journal = one(2, PostingKind::Journal, &Release::Wanted);
            let bill = one(1, PostingKind::Bill, release);
            assert_eq!(turn(&journal, &[bill], &ready), told, "{release:?}");
        }
        let bill = one(1, PostingKind::Bill, &Release::Wanted);
        for (release, told) in [
            (&Release::Wanted, Turn::Wait),
            (&asked, Turn::Wait),
            (&Release::Done, Turn::Go),
        ] {
            let journal = one(2, PostingKind::Journal, release);
            assert_eq!(turn(&bill, &[journal], &[2]), told, "{release:?}");
        }
        assert_eq!(turn(&bill, &[], &[]), Turn::Go);
    }
}
