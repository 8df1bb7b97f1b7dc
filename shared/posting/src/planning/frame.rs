//! What all postings of one plan share: dates, texts, marks, and what happens to signs.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Planning;
use super::codes::{Codes, TAX_CATEGORY, TERMS};
use super::dates::{self, Dates};
use super::discount::Granted;
use super::group::{Fate, Group};
use super::item::LineCodes;
use super::period::{self, Modules};
use crate::document::{Document, Invoice};
use crate::plan::Release;
use crate::rules::{DueDate, EmployeeOwes, PostingRules, ReferenceTooLong};
use crate::{Code, Currency, DocumentKind, Reason, Stamp};

/// What all postings of a plan share.
#[derive(Debug)]
pub(super) struct Frame {
    /// The stamp of the first posting; the others differ in `n`.
    pub(super) stamp: Stamp,
    pub(super) business: String,
    pub(super) currency: Currency,
    pub(super) date: Date,
    pub(super) period: Option<String>,
    /// Due date, terms and discount are a bill's only.
    pub(super) due_date: Option<Date>,
    pub(super) terms: Option<String>,
    pub(super) discount: Option<Granted>,
    pub(super) branch: Option<String>,
    /// Header text without stamp.
    pub(super) header: String,
    /// Number the references are made of, and what marks a credit.
    pub(super) number: String,
    pub(super) credit_suffix: &'static str,
    /// How many earlier documents of the business id were reversed.
    pub(super) reversed_before: u32,
    pub(super) reference_too_long: ReferenceTooLong,
    /// Dimensions of every line that no allocation belongs to; without account.
    pub(super) balance: LineCodes,
    pub(super) tax_category: Option<String>,
    pub(super) signs: Signs,
    pub(super) payable: Phases,
    pub(super) journal: Phases,
    pub(super) stamp_fields: StampFields,
}

/// Accounts for signs that an AP document does not hold.
#[derive(Debug)]
pub(super) struct Signs {
    /// Where a journal and an AP document of one payee meet; `None` when the rules name none.
    pub(super) clearing: Option<String>,
    /// Receivable account of an employee who owes; `None` makes it a Debit Adj.
    pub(super) receivable: Option<String>,
}

impl Signs {
    /// Evaluates only what these groups need.
    fn of(groups: &[Group], codes: &mut Codes<'_>) -> Self {
        let (rules, names) = (codes.rules, codes.names.clone());
        let any = |wanted: fn(Fate) -> bool| groups.iter().any(|group| wanted(group.fate));
        let mixed = any(|fate| matches!(fate, Fate::Clearing(..)));
        let owes = any(|fate| fate == Fate::Receivable);
        let clearing = rules.mixed_signs_account.as_ref().filter(|_| mixed);
        let clearing =
            clearing.map(|template| codes.account(template.of(codes.kind), &names, None));
        let receivable = match &rules.employee_owes {
            EmployeeOwes::Journal { account } if owes => Some(codes.account(account, &names, None)),
            EmployeeOwes::Journal { .. } | EmployeeOwes::DebitAdj => None,
        };
        Self {
            clearing,
            receivable,
        }
    }
}

/// How a posting is created and whether it is released then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phases {
    pub(super) hold: bool,
    pub(super) release: Release,
}

impl Phases {
    fn payable(rules: &PostingRules, kind: DocumentKind) -> Self {
        Self {
            hold: *rules.hold.of(kind),
            release: wanted(*rules.release.of(kind)),
        }
    }

    fn journal(rules: &PostingRules) -> Self {
        Self {
            hold: rules.hold_journal,
            release: wanted(rules.release_journal),
        }
    }
}

fn wanted(release: bool) -> Release {
    if release {
        Release::Wanted
    } else {
        Release::NotWanted
    }
}

/// User-defined fields that carry the stamp instead of the description.
#[derive(Debug, Clone)]
pub(super) struct StampFields {
    pub(super) payable: Option<String>,
    pub(super) journal: Option<String>,
}

impl Frame {
    /// What the postings of these groups share; `None` when a reason was kept that leaves it incomplete.
    pub(super) fn of(
        planning: &Planning<'_>,
        groups: &[Group],
        codes: &mut Codes<'_>,
    ) -> Option<Self> {
        let (document, rules, kind) = (planning.document, planning.rules, codes.kind);
        let header = document.header();
        let dates = dated(planning, groups);
        let dates = dates.map_err(|reason| codes.keep(reason, None)).ok();
        let text = codes.text(rules.text.header.of(kind), &codes.names.clone());
        let payable = groups.iter().any(|group| group.payee.is_some());
        let tax_category = payable.then(|| tax_category(codes)).flatten();
        let signs = Signs::of(groups, codes);
        let Dates { date, period, .. } = dates?;
        let invoice = match document {
            Document::Invoice(invoice) => Some(invoice),
            Document::Expense(_) | Document::CashAdvance(_) => None,
        };
        let business = header.business.as_str();
        codes
            .origins
            .say(|| super::dates::because(rules.date, kind, date));
        let number = invoice.and_then(|invoice| invoice.number.as_deref());
        codes.origins.say(|| match number {
            Some(number) => format!("{number}, the vendor's number, is the reference"),
            None => format!("{business}, the id in Concur, is the reference"),
        });
        codes.origins.say(|| match &period {
            Some(period) => format!("period {period} by posting.closed_period and rules.date"),
            None => "the period is Acumatica's, that of the date".to_owned(),
        });
        Some(Self {
            stamp: Stamp {
                document: header.document.clone(),
                plan: planning.number,
                n: 1,
            },
            business: business.to_owned(),
            currency: header.currency,
            date,
            period,
            due_date: invoice
                .filter(|_| rules.invoice.due_date == DueDate::Concur)
                .and_then(|invoice| invoice.due_date),
            terms: invoice.and_then(|invoice| terms(invoice, codes)),
            discount: invoice.and_then(|invoice| Granted::of(invoice, codes)),
            branch: Some(codes.branch.clone()),
            header: text,
            number: number.unwrap_or(business).to_owned(),
            credit_suffix: invoice.map_or("", |invoice| credit_suffix(invoice, codes)),
            reversed_before: planning.reversed_before,
            reference_too_long: rules.invoice.reference_too_long,
            balance: codes.balance.clone(),
            tax_category,
            signs,
            payable: Phases::payable(&rules.posting, kind),
            journal: Phases::journal(&rules.posting),
            stamp_fields: StampFields {
                payable: planning.key_fields.bill.map(str::to_owned),
                journal: planning.key_fields.journal.map(str::to_owned),
            },
        })
    }
}

/// The dates of the postings, the period settled where the tenant's are known.
fn dated(planning: &Planning<'_>, groups: &[Group]) -> Result<Dates, Reason> {
    let rules = planning.rules;
    let mut dates = match planning.document {
        Document::Expense(expense) => dates::expense(expense, rules.date, &rules.time_zone),
        Document::Invoice(invoice) => dates::invoice(invoice, rules.date),
        Document::CashAdvance(advance) => dates::advance(advance, rules.date, &rules.time_zone),
    }?;
    // A day without period is left to Acumatica: a list that lacks it is no proof of a closed one.
    if let Some(periods) = planning.periods.filter(|_| !groups.is_empty())
        && let Some(own) = periods.of(dates.period_of)
    {
        let days = (dates.date, dates.period_of);
        let rule = (periods, rules.posting.closed_period);
        dates.period = period::period(days, own, Modules::of(groups), rule)?;
    }
    Ok(dates)
}

/// The category that keeps a vendor's tax zone from taxing a gross line again; needed as soon as there is a bill.
fn tax_category(codes: &mut Codes<'_>) -> Option<String> {
    let names = codes.names.clone();
    if let Some(template) = &codes.rules.tax.category {
        return codes.required(template, &names, TAX_CATEGORY, None);
    }
    let reason = Reason::new(
        Code::CodeMissing,
        "a bill line needs a tax category, or its gross would be taxed again",
    );
    codes.keep(reason.at("rules.tax.category", ""), None);
    None
}

fn terms(invoice: &Invoice, codes: &mut Codes<'_>) -> Option<String> {
    let days = invoice.term_days?.to_string();
    let terms = codes.rules.invoice.terms.get(&days)?.clone();
    codes.fit(&terms, TERMS, "rules.invoice.terms", None);
    Some(terms)
}

fn credit_suffix(invoice: &Invoice, codes: &Codes<'_>) -> &'static str {
    if codes.rules.invoice.credit_suffix && invoice.total < Decimal::ZERO {
        "-CR"
    } else {
        ""
    }
}
