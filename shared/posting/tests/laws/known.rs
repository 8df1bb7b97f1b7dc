//! What is known beside a document: the tenant's calendar, the base currencies of its branches, earlier documents, and where the
//! stamps go. What it makes of a plan follows from the plan without it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;
use posting::periods::{Openness, Period, Periods};
use posting::plan::{Posting, PostingKind};
use posting::planning::{Duplicate, KeyFields, Planning, found_late, plan};
use posting::{BusinessId, Code, Currency, Document, DocumentId, Plan, Reason};

use crate::connections::Connection;
use crate::draw::Draw;

const KEY_FIELDS: [&str; 2] = ["Document.AttributeCNQR", "BatchModule.AttributeCNQR"];

/// What is known beside one document; nothing by default.
#[derive(Debug, Default)]
pub(crate) struct Known {
    calendar: Option<Periods>,
    /// The same calendar in the oracle's words: first days, and whether AP and GL take documents.
    months: Vec<(Date, bool, bool)>,
    /// Month the fiscal year begins with.
    first: i8,
    bases: Option<BTreeMap<String, Currency>>,
    duplicates: Vec<Duplicate>,
    reversed: u32,
    key_fields: [Option<&'static str>; 2],
}

impl Known {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let mut known = Self {
            reversed: draw.pick(&[0, 0, 0, 1, 2]),
            first: draw.pick(&[1, 1, 4, 7, 10, 11]),
            ..Self::default()
        };
        if draw.percent(60) {
            let begin = draw.pick(&["2026-01-01", "2026-09-01", "2026-11-01"]);
            let begin: Date = begin.parse().unwrap();
            let open = draw.pick(&[90, 50, 10]);
            for month in 0..draw.between(3, 16) {
                let start = begin + month.months();
                known
                    .months
                    .push((start, draw.percent(open), draw.percent(open)));
            }
            known.generate();
        }
        if draw.percent(50) {
            let mut bases = BTreeMap::new();
            for branch in ["MAIN", "EAST"] {
                if draw.percent(80) {
                    let base = Currency::new(draw.pick(&["USD", "USD", "USD", "EUR"])).unwrap();
                    bases.insert(branch.to_owned(), base);
                }
            }
            known.bases = Some(bases);
        }
        for n in 0..draw.pick(&[0, 0, 0, 1, 2]) {
            known.duplicates.push(Duplicate {
                document: DocumentId::new(format!("{n}{}", "a".repeat(31))).unwrap(),
                business: BusinessId::new(format!("Q-{n}9")).unwrap(),
            });
        }
        for (field, name) in known.key_fields.iter_mut().zip(KEY_FIELDS) {
            *field = draw.percent(20).then_some(name);
        }
        known
    }

    fn generate(&mut self) {
        let open = |is_open| {
            if is_open {
                Openness::Open
            } else {
                Openness::Closed
            }
        };
        let period = |&(start, payables, ledger): &(Date, bool, bool)| Period {
            id: self.id(start),
            start,
            end: start.last_of_month(),
            payables: open(payables),
            ledger: open(ledger),
            year: self.fiscal(start).to_string(),
        };
        self.calendar = Some(Periods::new(self.months.iter().rev().map(period).collect()));
    }

    /// The year a fiscal year ends in names it.
    fn fiscal(&self, day: Date) -> i16 {
        day.year() + i16::from(self.first > 1 && day.month() >= self.first)
    }

    fn id(&self, day: Date) -> String {
        let number = (day.month() - self.first).rem_euclid(12) + 1;
        format!("{number:02}{:04}", self.fiscal(day))
    }

    /// Plans a document with all of this.
    ///
    /// # Errors
    /// As the planning.
    pub(crate) fn plan(
        &self,
        document: &Document,
        connection: &Connection,
    ) -> Result<Plan, Vec<Reason>> {
        let [bill, journal] = self.key_fields;
        plan(&Planning {
            key_fields: KeyFields { bill, journal },
            duplicates: &self.duplicates,
            reversed_before: self.reversed,
            periods: self.calendar.as_ref(),
            base_currencies: self.bases.as_ref(),
            ..Planning::new(document, &connection.rules, 3)
        })
    }

    /// Holds the plan made with all of this against the one made without. What is refused for it is named, is known
    /// better from then on, and planned again.
    pub(crate) fn check(
        &mut self,
        document: &Document,
        connection: &Connection,
        bare: &Plan,
    ) -> Plan {
        let late = found_late(document, &self.duplicates, &connection.rules);
        let wanted = self.refusals(document, connection, bare);
        let of_duplicates = wanted.contains("possible_duplicate");
        assert_eq!(late.is_empty(), !of_duplicates, "the same, found late");
        let planned = self.plan(document, connection);
        let refused: BTreeSet<&str> = match &planned {
            Ok(_) => BTreeSet::new(),
            Err(reasons) => reasons.iter().map(|each| each.code.as_str()).collect(),
        };
        assert_eq!(refused, wanted, "by {self:#?}");
        let plan = planned.unwrap_or_else(|_| {
            self.mend();
            self.plan(document, connection).unwrap()
        });
        self.compare(document, connection, bare, &plan);
        plan
    }

    /// Opens every period, gives every branch one base currency, and forgets the duplicates.
    fn mend(&mut self) {
        for month in &mut self.months {
            (month.1, month.2) = (true, true);
        }
        if self.calendar.is_some() {
            self.generate();
        }
        for base in self.bases.iter_mut().flat_map(BTreeMap::values_mut) {
            *base = Currency::new("USD").unwrap();
        }
        self.duplicates.clear();
    }

    /// Codes a document is refused with. Branches are looked at last, where nothing else is wrong.
    fn refusals(
        &self,
        document: &Document,
        connection: &Connection,
        bare: &Plan,
    ) -> BTreeSet<&'static str> {
        let mut codes = BTreeSet::new();
        let is_invoice = matches!(document, Document::Invoice(_));
        if is_invoice && !self.duplicates.is_empty() && !connection.warns {
            codes.insert(Code::PossibleDuplicate.as_str());
        }
        if self.period(document, connection, bare).is_none() {
            codes.insert(Code::PeriodClosed.as_str());
        }
        if codes.is_empty() && self.are_foreign(bare) {
            codes.insert(Code::BaseCurrency.as_str());
        }
        codes
    }

    fn are_foreign(&self, bare: &Plan) -> bool {
        let branches = bare.postings.iter().flat_map(|posting| {
            let lines = posting.lines.iter().map(|line| line.branch.as_ref());
            lines.chain([posting.branch.as_ref()])
        });
        let currency = |branch: &String| self.bases.as_ref()?.get(branch);
        let bases: BTreeSet<_> = branches.flatten().filter_map(currency).collect();
        bases.len() > 1
    }

    /// The period every posting names, if any: `None` where none may be used.
    #[expect(
        clippy::option_option,
        reason = "no period may be used, and none is named, are two things"
    )]
    fn period(
        &self,
        document: &Document,
        connection: &Connection,
        bare: &Plan,
    ) -> Option<Option<String>> {
        let Some(posting) = bare.postings.first() else {
            return Some(None);
        };
        let payables = bare.postings.iter().any(|each| each.kind.is_payable());
        let ledger = bare.postings.iter().any(|each| !each.kind.is_payable());
        let takes = |month: &&(Date, bool, bool)| (!payables || month.1) && (!ledger || month.2);
        let wanted = match document {
            Document::Invoice(invoice) => invoice.posting_date.unwrap_or(posting.date),
            Document::Expense(_) | Document::CashAdvance(_) => posting.date,
        };
        let begin = wanted.first_of_month();
        let Some(own) = self.months.iter().find(|month| month.0 == begin) else {
            return Some(posting.period.clone());
        };
        let used = if takes(&own) {
            own.0
        } else {
            let (days_max, across_year) = connection.shift?;
            let later = self.months.iter().filter(|month| month.0 > begin);
            let (start, ..) = *later.into_iter().find(takes)?;
            let is_near = (start - wanted).get_days() <= days_max;
            let is_same_year = self.fiscal(start) == self.fiscal(begin);
            (is_near && (across_year || is_same_year)).then_some(start)?
        };
        let of_date = posting.date.first_of_month();
        let is_dates = used == of_date && self.months.iter().any(|month| month.0 == of_date);
        Some((!is_dates).then(|| self.id(used)))
    }

    /// What is known moves the period, ends the references, takes the stamps elsewhere and warns; nothing else.
    fn compare(&self, document: &Document, connection: &Connection, bare: &Plan, plan: &Plan) {
        let period = self.period(document, connection, bare).unwrap();
        let mut wanted = bare.clone();
        for (wanted, found) in wanted.postings.iter_mut().zip(&plan.postings) {
            assert_eq!(found.period, period, "one period for all");
            wanted.period.clone_from(&period);
            wanted.key_field =
                self.key_fields[usize::from(found.kind == PostingKind::Journal)].map(str::to_owned);
            self.reference(wanted, found);
            if wanted.key_field.is_some() || self.reversed > 0 {
                wanted.description.clone_from(&found.description);
            }
        }
        wanted.because.clone_from(&plan.because);
        let is_invoice = matches!(document, Document::Invoice(_));
        let warnings = plan
            .notes
            .iter()
            .filter(|note| note.starts_with("possible duplicate"));
        let warned = if is_invoice { self.duplicates.len() } else { 0 };
        assert_eq!(warnings.count(), warned, "each is warned of once");
        wanted.notes.clone_from(&plan.notes);
        wanted.told.clone_from(&plan.told);
        assert_eq!(&wanted, plan, "nothing else");
    }

    /// A number that still stands reversed is not used again.
    fn reference(&self, wanted: &mut Posting, found: &Posting) {
        let (Some(bare), Some(reference)) = (&wanted.reference, &found.reference) else {
            return;
        };
        if self.reversed == 0 {
            return;
        }
        let suffix = format!("-R{}", self.reversed + 1);
        if bare.len() + suffix.len() <= 40 && !bare.contains('~') {
            assert_eq!(*reference, format!("{bare}{suffix}"));
        }
        assert!(reference.ends_with(&suffix), "{reference}");
        wanted.reference = Some(reference.clone());
    }
}
