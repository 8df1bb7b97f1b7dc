//! Financial periods as Acumatica keeps them, as far as a plan needs them.

use jiff::civil::Date;

/// One financial period. Adjustment periods, which no document is dated into, are none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its id, `MMYYYY`: the number of the period in its fiscal year, and the year.
    pub id: String,
    /// First day.
    pub start: Date,
    /// Last day, included.
    pub end: Date,
    /// Whether AP documents may be posted to it.
    pub payables: Openness,
    /// Whether journals may.
    pub ledger: Openness,
    /// Fiscal year, which need not be the calendar's.
    pub year: String,
}

/// Whether a period takes documents of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// It does.
    Open,
    /// It does not, or not yet.
    Closed,
}

/// The periods of a tenant, in the order of their days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Periods(Vec<Period>);

impl Periods {
    /// Takes periods in any order.
    #[must_use]
    pub fn new(mut periods: Vec<Period>) -> Self {
        periods.sort_by_key(|period| (period.start, period.end));
        Self(periods)
    }

    /// The period a day lies in; `None` where none was generated for it.
    #[must_use]
    pub fn of(&self, day: Date) -> Option<&Period> {
        self.0
            .iter()
            .find(|period| (period.start..=period.end).contains(&day))
    }

    /// The period with this id.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&Period> {
        self.0.iter().find(|period| period.id == id)
    }

    /// The periods that begin after this one ends, in order.
    pub fn after(&self, period: &Period) -> impl Iterator<Item = &Period> {
        let end = period.end;
        self.0.iter().filter(move |later| later.start > end)
    }
}
