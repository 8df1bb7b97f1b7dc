//! Proving templates: every name in every branch exists for the kinds it is used in, and evaluation works on a document that
//! has everything and on one that has nothing.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::names::{Names, unknown};
use super::super::tables::{Card, Tables};
use super::super::template::{Nature, Template};
use super::asked::{Builder, Proof};
use crate::document::{
    AdvanceJournal, Allocation, Application, CashAdvance, Coded, Discount, Document, Employee,
    Entry, Expense, Family, Header, Invoice, InvoiceAllocation, Journal, LineItem, Tax, Vendor,
};
use crate::{BusinessId, Currency, DocumentId, DocumentKind};

/// Whether a sample document fills its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Filled {
    /// All of them.
    Everything,
    /// None that may be absent.
    Nothing,
}

impl Builder<'_> {
    /// Proves every template in the kinds it is used in, as far as the connection takes them.
    pub(super) fn prove(&self, documents: &[DocumentKind]) {
        let samples: Vec<(DocumentKind, Names, Names)> = DocumentKind::ALL
            .into_iter()
            .filter_map(|kind| {
                Some((
                    kind,
                    names(kind, Filled::Everything)?,
                    names(kind, Filled::Nothing)?,
                ))
            })
            .collect();
        for proof in self.proofs.take() {
            // A template for one kind is proved even if the connection does not take that kind yet.
            let used = |kind: &DocumentKind| {
                proof.kinds.contains(kind) && (documents.contains(kind) || proof.kinds.len() == 1)
            };
            for (kind, full, empty) in samples.iter().filter(|(kind, ..)| used(kind)) {
                if !self.names_exist(&proof, *kind) {
                    break;
                }
                self.evaluates(&proof.template, full, empty);
            }
        }
    }

    fn names_exist(&self, proof: &Proof, kind: DocumentKind) -> bool {
        let mut all = true;
        for used in proof.template.names() {
            if let Some(message) = unknown(&used, kind, proof.place) {
                self.faults
                    .add(proof.template.error_at(&used, message).into());
                all = false;
            }
        }
        all
    }

    /// With nothing filled, every failure counts; with everything filled only those that do not hang on the sample's values.
    fn evaluates(&self, template: &Template, full: &Names, empty: &Names) {
        let failures = [template.prove(empty), template.prove(full)];
        let [on_empty, on_full] = failures;
        if let Err(error) = on_empty {
            self.faults.add(error.into());
        } else if let Err(error) = on_full
            && error.nature == Nature::Structure
        {
            self.faults.add(error.into());
        }
    }
}

/// The names of a sample document of a kind, with every part filled or null.
pub(in crate::rules) fn names(kind: DocumentKind, filled: Filled) -> Option<Names> {
    let document = sample(kind, filled)?;
    let names = Names::document(&document, &Tables::default());
    if filled == Filled::Nothing {
        return Some(names);
    }
    Some(match &document {
        Document::Expense(expense) => {
            let entry = expense.entries.first()?;
            let allocation = entry.allocations.first()?;
            let card = Card {
                vendor: Some("1".to_owned()),
                account: None,
            };
            names
                .entry(entry)
                .allocation(&allocation.custom)
                .journal(entry, allocation.journals.first()?)
                .tax(allocation.taxes.first()?)
                .card(Some(&card), entry.clearing_account.as_deref())
                .application(expense.applications.first()?)
        }
        Document::Invoice(invoice) => {
            let line = invoice.lines.first()?;
            let allocation = line.allocations.first()?;
            names
                .allocation(&allocation.custom)
                .invoice_line(line, allocation)
        }
        Document::CashAdvance(advance) => names.advance_journal(advance, advance.journals.first()?),
    })
}

/// A document of a kind with every field filled, or none.
pub(in crate::rules) fn sample(kind: DocumentKind, filled: Filled) -> Option<Document> {
    let sample = Sample { filled };
    Some(match kind {
        DocumentKind::Expense => Document::Expense(sample.expense()?),
        DocumentKind::Invoice => Document::Invoice(sample.invoice()?),
        DocumentKind::CashAdvance => Document::CashAdvance(sample.advance()?),
    })
}

/// Makes documents in which every field is filled, or none.
struct Sample {
    filled: Filled,
}

impl Sample {
    fn text(&self) -> Option<String> {
        (self.filled == Filled::Everything).then(|| "1".to_owned())
    }

    fn coded(&self) -> Coded {
        Coded {
            code: self.text(),
            value: self.text(),
        }
    }

    fn family(&self, numbers: u8) -> Family {
        match self.filled {
            Filled::Everything => (1..=numbers).map(|n| (n, self.coded())).collect(),
            Filled::Nothing => Family::new(),
        }
    }

    fn date(&self) -> Option<Date> {
        (self.filled == Filled::Everything).then_some(Date::constant(2026, 11, 24))
    }

    fn header(&self, custom: u8) -> Option<Header> {
        Some(Header {
            document: DocumentId::new("0".repeat(32)).ok()?,
            business: BusinessId::new("1").ok()?,
            name: self.text(),
            currency: Currency::new("USD").ok()?,
            ledger: self.text(),
            entity: self.text(),
            org: self.family(6),
            custom: self.family(custom),
            employee: Employee {
                id: self.text(),
                name: self.text(),
            },
            test: false,
            revision: 1,
        })
    }

    fn expense(&self) -> Option<Expense> {
        Some(Expense {
            header: self.header(20)?,
            approved_total: None,
            returns: Decimal::ZERO,
            payroll: false,
            payroll_clearing_account: self.text(),
            submitted: None,
            processed: None,
            entries: vec![self.entry()],
            applications: vec![Application {
                advance: self.text(),
                amount: Decimal::ZERO,
                clearing_account: self.text(),
                transaction_type: None,
            }],
        })
    }

    fn entry(&self) -> Entry {
        Entry {
            id: "1".to_owned(),
            date: self.date(),
            vendor: self.text(),
            description: self.text(),
            approved: None,
            personal: false,
            expense_pay: false,
            payment_type: None,
            card_program: None,
            card_transaction: self.text(),
            clearing_account: self.text(),
            liability_account: self.text(),
            expense_type: self.coded(),
            org: self.family(6),
            custom: self.family(40),
            allocations: vec![Allocation {
                id: None,
                custom: self.family(20),
                journals: vec![Journal {
                    account: self.text(),
                    payer: String::new(),
                    payee: String::new(),
                    gross: Decimal::ZERO,
                    net_of_tax: Decimal::ZERO,
                    net_of_reclaim: Decimal::ZERO,
                    card_reference: self.text(),
                    taxes: Vec::new(),
                }],
                taxes: vec![Tax {
                    guid: None,
                    authority: self.text(),
                    code: self.text(),
                    reclaim_code: self.text(),
                    country: self.text(),
                    amount: Decimal::ZERO,
                    reclaim: Decimal::ZERO,
                }],
            }],
        }
    }

    fn invoice(&self) -> Option<Invoice> {
        Some(Invoice {
            header: self.header(24)?,
            number: self.text(),
            description: self.text(),
            total: Decimal::ZERO,
            shipping: Decimal::ZERO,
            tax: Decimal::ZERO,
            date: None,
            posting_date: None,
            due_date: None,
            paid_by_concur: false,
            term_days: None,
            discount: Discount::default(),
            purchase_order: None,
            vendor: Vendor {
                code: self.text(),
                remit_to: self.text(),
                name: self.text(),
            },
            lines: vec![LineItem {
                id: "1".to_owned(),
                description: self.text(),
                expense_type: self.coded(),
                custom: self.family(20),
                quantity: None,
                unit_price: None,
                purchase_order: None,
                purchase_order_line: None,
                allocations: vec![InvoiceAllocation {
                    account: self.text(),
                    custom: self.family(20),
                    gross: Decimal::ZERO,
                    taxes: Vec::new(),
                }],
            }],
        })
    }

    fn advance(&self) -> Option<CashAdvance> {
        Some(CashAdvance {
            header: self.header(21)?,
            currency: Currency::new("USD").ok()?,
            rate: None,
            issued: None,
            requested: None,
            expense_pay: false,
            transaction_type: None,
            card_transaction: self.text(),
            journals: vec![AdvanceJournal {
                account: self.text(),
                amount: Decimal::ZERO,
                credit: false,
                payment_code: None,
            }],
        })
    }
}
