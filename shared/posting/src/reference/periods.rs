//! Financial periods as they are cached, and the calendar a plan takes from them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::View;
use super::master::{Module, is_default};
use super::rows::Extent;
use crate::periods::{Openness, Period as Planned, Periods};

/// A financial period of the master calendar; its key is `MMYYYY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub first: Date,
    /// Last day, within the period; of an adjustment period before the first.
    pub last: Date,
    /// Modules it is closed in: both when its status is not `Open`, AP alone when `ClosedInAP`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub closed_in: BTreeSet<Module>,
}

/// Digits of the fiscal year at the end of a period's id.
const YEAR_DIGITS: usize = 4;

impl View {
    /// The periods, for planning; adjustment periods are left out. `None` unless the whole list was read and it has rows:
    /// a tenant with calendars of its own companies answers with none, which says nothing.
    #[must_use]
    pub fn calendar(&self) -> Option<Periods> {
        if self.periods.extent() != Extent::Whole {
            return None;
        }
        let periods: Vec<Planned> = self
            .periods
            .iter()
            .filter(|(_, period)| period.first <= period.last)
            .map(|(id, period)| planned(id, period))
            .collect();
        (!periods.is_empty()).then(|| Periods::new(periods))
    }
}

fn planned(id: &str, period: &Period) -> Planned {
    let openness = |module| {
        if period.closed_in.contains(&module) {
            Openness::Closed
        } else {
            Openness::Open
        }
    };
    let month_digits = id.chars().count().saturating_sub(YEAR_DIGITS);
    Planned {
        id: id.to_owned(),
        start: period.first,
        end: period.last,
        payables: openness(Module::Payables),
        ledger: openness(Module::Ledger),
        year: id.chars().skip(month_digits).collect(),
    }
}
