//! The rules as values: one field for each choice of the connection, every default the one a controller would choose.

mod invoice;
mod posting;
mod tax;

pub use invoice::{
    DiscountRule, DueDate, HeaderAmounts, InvoiceRules, PaidByConcur, PossibleDuplicate,
    PurchaseOrders, ReferenceTooLong,
};
pub use posting::{ClosedPeriod, ConfirmAfter, OnRecall, OnRefusal, PostingRules, Refusal};
pub use tax::{TaxCode, TaxMode, TaxRules};

use super::template::Template;
use crate::DocumentKind;

/// One value for each kind of document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByKind<T> {
    /// For expense reports.
    pub expense: T,
    /// For invoices.
    pub invoice: T,
    /// For cash advances.
    pub cash_advance: T,
}

impl<T> ByKind<T> {
    /// The value of a kind.
    #[must_use]
    pub fn of(&self, kind: DocumentKind) -> &T {
        match kind {
            DocumentKind::Expense => &self.expense,
            DocumentKind::Invoice => &self.invoice,
            DocumentKind::CashAdvance => &self.cash_advance,
        }
    }

    /// Makes the value of each kind.
    pub fn from_fn(mut make: impl FnMut(DocumentKind) -> T) -> Self {
        Self {
            expense: make(DocumentKind::Expense),
            invoice: make(DocumentKind::Invoice),
            cash_advance: make(DocumentKind::CashAdvance),
        }
    }
}

/// A template for each kind that may be left out (`null`), in which case the field is not sent.
pub type Optional = ByKind<Option<Template>>;

/// `accept`: which documents belong to the connection. An empty list accepts all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accept {
    /// Ledger codes.
    pub ledger_code: Vec<String>,
    /// Entity ids.
    pub entity_id: Vec<String>,
    /// Codes of which at least one org unit must be one.
    pub org_unit: Vec<String>,
}

/// Whether a document belongs to a connection; what does not is never acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It does.
    Accepted,
    /// `accept` leaves it to somebody else.
    Outside,
    /// A test document, and `posting.include_test_documents` is false.
    Test,
}

/// `rules.vendor`: the vendor of an AP document.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorRules {
    /// Of an invoice.
    pub invoice: Template,
    /// Of a bill to an employee, of reports and cash advances.
    pub employee: Template,
}

/// `rules.unmapped_remit_to`: a remit-to code the location rule gives nothing for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnmappedRemitTo {
    /// `hold`: money could go to the wrong address.
    #[default]
    Hold,
    /// `default`: the vendor's own location.
    Default,
}

/// One rule of `rules.parties`: how the side of a party is posted.
#[derive(Debug, Clone, PartialEq)]
pub enum Party {
    /// `bill`: an AP document.
    Bill {
        /// The vendor; `None` is the employee, by `rules.vendor.employee`.
        vendor: Option<Template>,
    },
    /// `journal`: a batch against an account.
    Journal {
        /// The counter account.
        account: Template,
    },
    /// `skip`: posted by somebody else.
    Skip,
}

/// `rules.mixed_signs`: lines of both signs for one payee.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MixedSigns {
    /// `clearing`: a journal carries the lines, one AP document the net; both meet on `mixed_signs_account`.
    #[default]
    Clearing,
    /// `one_bill`: one AP document with negative lines, where the tenant allows them.
    OneBill,
    /// `split`: a Bill and a Debit Adj., both On Hold until a person applies one to the other.
    Split,
}

/// `rules.employee_owes`: a negative net of the employee.
#[derive(Debug, Clone, PartialEq)]
pub enum EmployeeOwes {
    /// `debit_adj`: a Debit Adj. to the employee's vendor.
    DebitAdj,
    /// `{"as": "journal", "account": …}`: a journal to a receivable account.
    Journal {
        /// The receivable account.
        account: Template,
    },
}

/// `rules.branch`.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchRules {
    /// Header branch: where the liability stands.
    pub header: ByKind<Template>,
    /// Branch of a line with an allocation: reports and invoices.
    pub line: ByKind<Template>,
}

/// `rules.line`: accounts and dimensions of cost lines.
#[derive(Debug, Clone, PartialEq)]
pub struct LineRules {
    /// Account.
    pub account: ByKind<Template>,
    /// Segments of the subaccount, in order; `None` sends no subaccount.
    pub subaccount: Option<Vec<Segment>>,
    /// Project.
    pub project: Optional,
    /// Project task.
    pub task: Optional,
    /// Cost code.
    pub cost_code: Optional,
}

/// One segment of a subaccount.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// What stands in it.
    pub value: ByKind<Template>,
    /// Its length in characters.
    pub length: usize,
    /// Character that fills a shorter value on the left.
    pub pad: Option<char>,
    /// What stands in it when the value gives nothing; of exactly `length` characters.
    pub default: Option<String>,
}

impl Segment {
    /// The segment's characters for a value that was evaluated.
    ///
    /// # Errors
    /// [`SegmentFault`] when there is neither value nor default, or the length is another.
    pub fn fit(&self, value: Option<String>) -> Result<String, SegmentFault> {
        let value = value
            .or_else(|| self.default.clone())
            .ok_or(SegmentFault::Missing)?;
        let length = value.chars().count();
        match self.pad {
            Some(pad) if length < self.length => Ok(std::iter::repeat_n(pad, self.length - length)
                .chain(value.chars())
                .collect()),
            _ if length == self.length => Ok(value),
            _ => Err(SegmentFault::Length {
                value,
                wanted: self.length,
            }),
        }
    }
}

/// Why a value is no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SegmentFault {
    /// Neither value nor default.
    #[error("no value and no default")]
    Missing,
    /// Another length.
    #[error("`{value}` has not the {wanted} characters of its segment")]
    Length {
        /// The value.
        value: String,
        /// The segment's length in characters.
        wanted: usize,
    },
}

/// `rules.balance_line`: dimensions of lines without allocation (clearing, advance, tax, personal, the one line of a net).
#[derive(Debug, Clone, PartialEq)]
pub struct BalanceLine {
    /// Branch.
    pub branch: BalanceBranch,
    /// Subaccount; `None` sends none.
    pub subaccount: Optional,
    /// Project; `None` sends none.
    pub project: Optional,
}

/// Branch of a balance line.
#[derive(Debug, Clone, PartialEq)]
pub enum BalanceBranch {
    /// The word `header`: the posting's header branch.
    Header,
    /// A template of its own.
    Own(ByKind<Template>),
}

/// `rules.text`.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRules {
    /// Header text.
    pub header: ByKind<Template>,
    /// Line text; that of cash advances is also the text of an advance applied on a report.
    pub line: ByKind<Template>,
}

/// `rules.cash_advance`: issue, return and application.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvanceRules {
    /// How the issue is posted.
    pub issue: AdvanceIssue,
    /// The advance account, debited by the issue and credited by the application.
    pub account: ByKind<Template>,
    /// Where returned cash goes; `None` is a reason.
    pub return_account: Option<ReturnAccount>,
}

/// `rules.cash_advance.as`.
#[derive(Debug, Clone, PartialEq)]
pub enum AdvanceIssue {
    /// `bill` to the employee.
    Bill,
    /// `journal`: cash, a card or Expense Pay already paid it.
    Journal {
        /// `credit_account`: what paid it.
        credit_account: Template,
    },
    /// `skip`: keyed by hand.
    Skip,
}

/// `rules.cash_advance.return_account`.
#[derive(Debug, Clone, PartialEq)]
pub enum ReturnAccount {
    /// The word `employee`: the employee is charged.
    Employee,
    /// An account.
    Account(ByKind<Template>),
}

/// `rules.date`: the date of each kind's postings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateRules {
    /// Of an expense report.
    pub expense: ExpenseDate,
    /// Of an invoice.
    pub invoice: InvoiceDate,
    /// Of a cash advance.
    pub cash_advance: AdvanceDate,
}

/// `rules.date.expense`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExpenseDate {
    /// `approved`: the payment processing date, else the submit date.
    #[default]
    Approved,
    /// `submitted`: the submit date.
    Submitted,
}

/// `rules.date.invoice`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InvoiceDate {
    /// `invoice`: the invoice date; the period follows the posting date where present.
    #[default]
    Invoice,
    /// `posting`: the posting date, else the invoice date.
    Posting,
}

/// `rules.date.cashadvance`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AdvanceDate {
    /// `issued`.
    #[default]
    Issued,
    /// `requested`.
    Requested,
}
