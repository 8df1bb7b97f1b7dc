//! `rules.invoice`: what is decided of a vendor's invoice beside accounts and dimensions.

use std::collections::BTreeMap;

use super::super::template::Template;

/// `rules.invoice`.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceRules {
    /// What becomes of header amounts that no line has.
    pub header_amounts: HeaderAmounts,
    /// Account of shipping that stands only in the header.
    pub shipping_account: Option<Template>,
    /// Account of tax that stands only in the header.
    pub tax_account: Option<Template>,
    /// `po`.
    pub purchase_orders: PurchaseOrders,
    /// `due_date`.
    pub due_date: DueDate,
    /// `discount`.
    pub discount: DiscountRule,
    /// `terms`: Acumatica's terms by Concur's term days; others are left to the vendor's.
    pub terms: BTreeMap<String, String>,
    /// `paid_by_concur`: how an invoice is posted that Invoice Pay pays; `None` is a reason.
    pub paid_by_concur: Option<PaidByConcur>,
    /// `rounding_account`: takes a difference of at most one minor unit for each line.
    pub rounding_account: Option<Template>,
    /// `reference_too_long`.
    pub reference_too_long: ReferenceTooLong,
    /// `credit_suffix`: a credit memo's reference ends with `-CR`.
    pub credit_suffix: bool,
    /// `box_1099`: box of form 1099 of a line; `None` leaves it to the vendor.
    pub box_1099: Option<Template>,
    /// `possible_duplicate`.
    pub possible_duplicate: PossibleDuplicate,
}

impl InvoiceRules {
    /// The box of form 1099 a text names, from 1 to 99; Acumatica says which of them exist.
    #[must_use]
    pub fn box_1099_of(text: &str) -> Option<i16> {
        text.trim()
            .parse()
            .ok()
            .filter(|number| (1..=99).contains(number))
    }
}

/// `rules.invoice.header_amounts`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HeaderAmounts {
    /// An object with the accounts: one line for each amount.
    #[default]
    Lines,
    /// `prorate`: shared among the lines by their gross, by largest remainder.
    Prorate,
}

/// `rules.invoice.po`: what a purchase order on a line does.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum PurchaseOrders {
    /// `text`: its number stands in the line text.
    #[default]
    Text,
    /// `link`: the line is linked to the order's where order, line, quantity and unit price are known; others keep the text.
    Link {
        /// `po_unit`: unit of measure, which Concur's lines do not have; `None` leaves it to the order.
        unit: Option<Template>,
    },
}

/// `rules.invoice.possible_duplicate`: an earlier invoice that looks like this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PossibleDuplicate {
    /// `hold`.
    #[default]
    Hold,
    /// `warn`: the plan says so in a note.
    Warn,
}

/// `rules.invoice.due_date`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DueDate {
    /// `vendor`: not sent, Acumatica takes the vendor's terms.
    #[default]
    Vendor,
    /// `concur`: `paymentDueDate` is sent, never on a Debit Adj.
    Concur,
}

/// `rules.invoice.discount`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DiscountRule {
    /// `vendor`: not sent, Acumatica takes the terms'.
    #[default]
    Vendor,
    /// `concur`: what `discountPercentage` comes to and the day by `discountTermsDays` are sent, never on a Debit Adj.
    Concur,
}

/// `rules.invoice.paid_by_concur`.
#[derive(Debug, Clone, PartialEq)]
pub enum PaidByConcur {
    /// `{"as": "journal", "account": …}`: credited to a liability account.
    Journal {
        /// The liability account.
        account: Template,
    },
    /// `{"as": "skip"}`.
    Skip,
}

/// `rules.invoice.reference_too_long`: an invoice number that, with its suffixes, is over 40 characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReferenceTooLong {
    /// `shorten`: with a digest of the whole number.
    #[default]
    Shorten,
    /// `hold`.
    Hold,
}
