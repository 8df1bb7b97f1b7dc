//! The branches of a plan: one document cannot post to companies of different base currencies.

use std::collections::BTreeMap;

use crate::plan::{Posting, Source};
use crate::{Code, Currency, Reason};

/// The reason of the first branch whose base currency is not the first one's; branches that are not known are passed over.
pub(super) fn foreign(postings: &[Posting], known: &BTreeMap<String, Currency>) -> Option<Reason> {
    let branches = postings.iter().flat_map(|posting| {
        let lines = posting.lines.iter();
        let lines = lines.map(|line| (line.branch.as_deref(), posting.source(line)));
        std::iter::once((posting.branch.as_deref(), Source::Document)).chain(lines)
    });
    let mut first: Option<(&str, Currency)> = None;
    for (branch, source) in branches {
        let Some((branch, base)) = branch.and_then(|code| Some((code, base_of(code, known)?)))
        else {
            continue;
        };
        let (own, own_base) = *first.get_or_insert((branch, base));
        if base != own_base {
            let message = format!(
                "branch {branch} has the base currency {base}, branch {own} has {own_base}"
            );
            let reason = Reason::new(Code::BaseCurrency, message).at("branch", branch);
            return Some(reason.about(source));
        }
    }
    None
}

/// The known codes are written large; a plan's may be written as the rules have them.
fn base_of(branch: &str, known: &BTreeMap<String, Currency>) -> Option<Currency> {
    let written = known.get(branch);
    let base = written.or_else(|| known.get(&branch.trim().to_uppercase()));
    base.copied()
}
