//! What an approved document says, read once and for all: typed, trimmed, every amount a decimal.
//!
//! The words of the fields follow the sense, not the wire; where they come from is named beside each (Concur's Financial
//! Integration Service v4 document schema). An absent, null or blank text is `None`.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use crate::plan::Source;
use crate::{BusinessId, Currency, DocumentId, DocumentKind};

/// A code with its label, as list fields, custom fields and org units carry them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coded {
    /// `…Code`: list item code or typed text.
    pub code: Option<String>,
    /// `…Value`: name of the list item.
    pub value: Option<String>,
}

/// A numbered family of fields (`reportCustom1…20`, `entryOrgUnit1…6`), by Concur's number from 1; only filled ones are here.
pub type Family = BTreeMap<u8, Coded>;

/// An approved document of one of the three kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// An expense report.
    Expense(Expense),
    /// A vendor invoice.
    Invoice(Invoice),
    /// A cash advance.
    CashAdvance(CashAdvance),
}

impl Document {
    /// What every kind has.
    #[must_use]
    pub fn header(&self) -> &Header {
        match self {
            Self::Expense(expense) => &expense.header,
            Self::Invoice(invoice) => &invoice.header,
            Self::CashAdvance(advance) => &advance.header,
        }
    }

    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        match self {
            Self::Expense(_) => DocumentKind::Expense,
            Self::Invoice(_) => DocumentKind::Invoice,
            Self::CashAdvance(_) => DocumentKind::CashAdvance,
        }
    }

    /// The document's gross as Concur states it: approved total, request total, or sum of the advance's journals.
    /// `None` when the document does not say (two published reports lack it) or the sum leaves the range.
    #[must_use]
    pub fn stated_total(&self) -> Option<Decimal> {
        match self {
            Self::Expense(expense) => expense.approved_total,
            Self::Invoice(invoice) => Some(invoice.total),
            Self::CashAdvance(advance) => {
                crate::money::sum(advance.journals.iter().map(|journal| journal.amount))
            }
        }
    }
}

/// What every kind of document has. Of an advance, org units and custom fields are the employee's: no others are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// FIS id of this approval.
    pub document: DocumentId,
    /// `reportId`, `requestId` or `cashAdvanceId`.
    pub business: BusinessId,
    /// `reportName`, `requestTitle` or `name`.
    pub name: Option<String>,
    /// `employeeCurrencyAlphaCode`, of an invoice `currencyAlphaCode`: the currency of every amount.
    pub currency: Currency,
    /// `ledgerCode`.
    pub ledger: Option<String>,
    /// `entityId` of the envelope.
    pub entity: Option<String>,
    /// `reportOrgUnitN`, `requestOrgUnitN` or `employeeOrgUnitN`.
    pub org: Family,
    /// `reportCustomN`, `requestCustomN` or `employeeCustomN`.
    pub custom: Family,
    /// The employee: of an invoice its owner, who is not the payee.
    pub employee: Employee,
    /// `isTest` = Y: a test user's document.
    pub test: bool,
    /// `revisionNumber`, 1 where absent or unreadable.
    pub revision: u32,
}

/// Who spent, or owns the invoice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Employee {
    /// `employeeId`.
    pub id: Option<String>,
    /// First and last name.
    pub name: Option<String>,
}

impl std::fmt::Debug for Employee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Employee(..)")
    }
}

/// An expense report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expense {
    /// What every document has.
    pub header: Header,
    /// `totalApprovedAmount`.
    pub approved_total: Option<Decimal>,
    /// `cashAdvanceReturnsAmount`; 0 where absent.
    pub returns: Decimal,
    /// `payrollPayIndicator` = Y: the group is reimbursed through payroll.
    pub payroll: bool,
    /// `payrollPaymentClearingAccountCode`.
    pub payroll_clearing_account: Option<String>,
    /// `reportSubmitDate`.
    pub submitted: Option<Timestamp>,
    /// `reportPaymentProcessingDate`: all approvals are done.
    pub processed: Option<Timestamp>,
    /// `expenseEntry[]`.
    pub entries: Vec<Entry>,
    /// `cashAdvanceApplication[]`.
    pub applications: Vec<Application>,
}

/// One expense entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `entryId`.
    pub id: String,
    /// `entryDate`, the date part as written.
    pub date: Option<Date>,
    /// `entryVendorDescription`, else `entryVendorCode`.
    pub vendor: Option<String>,
    /// `entryDescription`.
    pub description: Option<String>,
    /// `entryApprovedAmount`; `None` where absent.
    pub approved: Option<Decimal>,
    /// `entryIsPersonal` = Y.
    pub personal: bool,
    /// `expensePayIndicator` Y or 1: Concur's Expense Pay reimburses.
    pub expense_pay: bool,
    /// `reportEntryPatKey`: payment type code.
    pub payment_type: Option<String>,
    /// `cardProgramTypeCode`.
    pub card_program: Option<String>,
    /// `cardTransactionID`: the card vendor's reference.
    pub card_transaction: Option<String>,
    /// `clearingAccountCode`: payment type or card clearing account.
    pub clearing_account: Option<String>,
    /// `liabilityAccountCode`: of the funding account that pays the entry.
    pub liability_account: Option<String>,
    /// `expenseTypeCode` and `expenseTypeName`.
    pub expense_type: Coded,
    /// `entryOrgUnitN`.
    pub org: Family,
    /// `entryCustomN`.
    pub custom: Family,
    /// `allocation[]`.
    pub allocations: Vec<Allocation>,
}

/// One allocation of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// `allocationId`; null on personal entries.
    pub id: Option<String>,
    /// `allocationCustomN`; empty on personal entries.
    pub custom: Family,
    /// `journal[]`.
    pub journals: Vec<Journal>,
    /// `tax[]`.
    pub taxes: Vec<Tax>,
}

/// One journal of an allocation: an amount between the company and one other party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// `journalAccountCode`; blank occurs on personal entries.
    pub account: Option<String>,
    /// `journalPayer`, a party code.
    pub payer: String,
    /// `journalPayee`, a party code.
    pub payee: String,
    /// `amountGross`, signed.
    pub gross: Decimal,
    /// `amountNetOfTax`; gross where absent.
    pub net_of_tax: Decimal,
    /// `amountNetOfReclaim`; gross where absent.
    pub net_of_reclaim: Decimal,
    /// `cardTransactionReferenceNumber`.
    pub card_reference: Option<String>,
    /// `taxGuid`: the tax records that belong to this journal.
    pub taxes: Vec<String>,
}

/// One tax record of an allocation. No rate is delivered, and none is ever computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    /// `taxGuid`.
    pub guid: Option<String>,
    /// `taxAuthorityLabel`.
    pub authority: Option<String>,
    /// `taxCode`, often null.
    pub code: Option<String>,
    /// `taxReclaimCode`.
    pub reclaim_code: Option<String>,
    /// `locationCountryCode`.
    pub country: Option<String>,
    /// `amountTax`.
    pub amount: Decimal,
    /// `amountReclaim`: the reclaimable part.
    pub reclaim: Decimal,
}

/// A cash advance used on a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `cashAdvanceId`.
    pub advance: Option<String>,
    /// `cashAdvanceApplicationAmount`, negative: what is recovered.
    pub amount: Decimal,
    /// `cashAdvanceClearingAccountCode`.
    pub clearing_account: Option<String>,
    /// `cashAdvanceTransactionType`: 1 issue or return, 2 application, 3 carried forward.
    pub transaction_type: Option<u32>,
}

impl Application {
    /// What a reason about it is about.
    pub(crate) fn source(&self) -> Source<'_> {
        let advance = self.advance.as_deref();
        advance.map_or(Source::Document, Source::Advance)
    }
}

/// A vendor invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// What every document has.
    pub header: Header,
    /// `vendorInvoiceNumber`.
    pub number: Option<String>,
    /// `requestDescription`.
    pub description: Option<String>,
    /// `requestTotal`: lines, shipping and tax.
    pub total: Decimal,
    /// `amountShippingTotal`; 0 where absent.
    pub shipping: Decimal,
    /// `amountTax`; 0 where absent.
    pub tax: Decimal,
    /// `invoiceDate`.
    pub date: Option<Date>,
    /// `postingDate`.
    pub posting_date: Option<Date>,
    /// `paymentDueDate`.
    pub due_date: Option<Date>,
    /// `invoicePayIndicator` = Y: Concur's Invoice Pay pays.
    pub paid_by_concur: bool,
    /// `netPaymentTermDays`.
    pub term_days: Option<u32>,
    /// Discount for early payment.
    pub discount: Discount,
    /// `poNumber`.
    pub purchase_order: Option<String>,
    /// The vendor.
    pub vendor: Vendor,
    /// `lineItem[]`.
    pub lines: Vec<LineItem>,
}

/// Discount for early payment as an invoice states it; either part can be missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discount {
    /// `discountPercentage`: per cent of the total.
    pub percent: Option<Decimal>,
    /// `discountTermsDays`: days from the invoice date.
    pub days: Option<u32>,
}

/// Whom the invoice is from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vendor {
    /// `vendorCode`: the vendor's key in Acumatica.
    pub code: Option<String>,
    /// `vendorRemitToAddressCode`.
    pub remit_to: Option<String>,
    /// `vendorName`.
    pub name: Option<String>,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// `lineItemSequenceOrder` as text, else the position from 1.
    pub id: String,
    /// `lineItemDescription`.
    pub description: Option<String>,
    /// `expenseTypeCode` (trimmed) and `expenseTypeName`.
    pub expense_type: Coded,
    /// `lineItemCustomN`.
    pub custom: Family,
    /// `lineItemQuantity`.
    pub quantity: Option<Decimal>,
    /// `lineItemUnitPrice`.
    pub unit_price: Option<Decimal>,
    /// `lineItemPurchaseOrderNumber`, else `poNumber`.
    pub purchase_order: Option<String>,
    /// `poLineNumber`.
    pub purchase_order_line: Option<String>,
    /// `allocation[]`.
    pub allocations: Vec<InvoiceAllocation>,
}

/// One allocation of an invoice line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceAllocation {
    /// `journal.accountCode`, if blank `allocationAccountCode`.
    pub account: Option<String>,
    /// `allocationCustomN`.
    pub custom: Family,
    /// `journal.amountGross`, signed.
    pub gross: Decimal,
    /// `journal.tax`: null in the published example, one object or a list elsewhere. It does not say what can be reclaimed.
    pub taxes: Vec<LineTax>,
}

/// One tax of an invoice's allocation, as far as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineTax {
    /// `taxCode`.
    pub code: Option<String>,
    /// `amountTax`.
    pub amount: Option<Decimal>,
}

/// A cash advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashAdvance {
    /// What every document has; its currency is the employee's.
    pub header: Header,
    /// `currencyAlphaCode`: the advance's own currency.
    pub currency: Currency,
    /// `exchangeRate` from the advance's to the employee's currency.
    pub rate: Option<Decimal>,
    /// `issuedDate`.
    pub issued: Option<Timestamp>,
    /// `requestDate`.
    pub requested: Option<Timestamp>,
    /// `expensePayIndicator` Y or `paymentMethod` 1: Expense Pay already paid it.
    pub expense_pay: bool,
    /// `transactionType`: 1 issue or return, 2 application, 3 carried forward.
    pub transaction_type: Option<u32>,
    /// `cardTransactionID`: a card already paid it.
    pub card_transaction: Option<String>,
    /// `journalData[]`.
    pub journals: Vec<AdvanceJournal>,
}

/// One journal of a cash advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceJournal {
    /// `accountCode`: the advance account.
    pub account: Option<String>,
    /// `amount`, signed: plus debits, minus credits.
    pub amount: Decimal,
    /// `debitOrCredit` = CR.
    pub credit: bool,
    /// `paymentCode`, e.g. Cash.
    pub payment_code: Option<String>,
}
