//! The financial period of a plan, where Acumatica's periods are known: the date's own while it is open, else the first later
//! one the rules allow.

use jiff::civil::Date;

use super::group::{Fate, Group};
use crate::periods::{Openness, Period, Periods};
use crate::rules::ClosedPeriod;
use crate::{Code, Reason};

/// What the postings of a plan use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Modules {
    payables: bool,
    ledger: bool,
}

impl Modules {
    pub(super) fn of(groups: &[Group]) -> Self {
        let clearing = |group: &Group| matches!(group.fate, Fate::Clearing(..));
        Self {
            payables: groups
                .iter()
                .any(|group| group.fate.is_payable() || clearing(group)),
            ledger: groups.iter().any(|group| !group.fate.is_payable()),
        }
    }

    fn take(self, period: &Period) -> bool {
        (!self.payables || period.payables == Openness::Open)
            && (!self.ledger || period.ledger == Openness::Open)
    }
}

/// The one period of all postings instead of their own, `None` where that is the date's. The date itself never moves: terms,
/// ageing and rate hang on it.
///
/// # Errors
/// `period_closed` when it is closed and the rules allow no other.
pub(super) fn period(
    (date, wanted): (Date, Date),
    own: &Period,
    modules: Modules,
    (periods, rule): (&Periods, ClosedPeriod),
) -> Result<Option<String>, Reason> {
    let moved = |period: &Period| {
        let dates = periods.of(date).map(|of_date| of_date.id.as_str());
        (dates != Some(&period.id)).then(|| period.id.clone())
    };
    if modules.take(own) {
        return Ok(moved(own));
    }
    let closed = |message: String| {
        Reason::new(Code::PeriodClosed, message).at("posting.closed_period", &own.id)
    };
    let ClosedPeriod::NextOpen {
        days_max,
        across_year,
    } = rule
    else {
        return Err(closed(format!("the period {} is closed", own.id)));
    };
    let Some(next) = periods.after(own).find(|later| modules.take(later)) else {
        return Err(closed(format!(
            "the period {} is closed and no later one is open for all postings",
            own.id
        )));
    };
    if next.year != own.year && !across_year {
        return Err(closed(format!(
            "the next open period {} lies in another fiscal year",
            next.id
        )));
    }
    let days = wanted
        .until(next.start)
        .map_or(i32::MAX, |span| span.get_days());
    if days > days_max {
        return Err(closed(format!(
            "the next open period {} begins {days} days after {wanted}, at most {days_max} are allowed",
            next.id
        )));
    }
    Ok(moved(next))
}
