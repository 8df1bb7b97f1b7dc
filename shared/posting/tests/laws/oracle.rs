//! The oracle: what a document means in the ledger, summed from its journals alone, entry by entry, and what a plan does to it. It shares
//! no code with the planning, and no step: no items, no groups, no signs, only sums.

use std::collections::BTreeMap;

use posting::document::{CashAdvance, Entry, Expense, Family, Header, Invoice, Journal};
use posting::plan::PostingKind;
use posting::{Document, Plan};
use rust_decimal::Decimal;

use crate::connections::{self, Connection, Tax};

/// Account, subaccount, branch and project.
type Place = (String, String, String, String);

/// What each entry or line debits less credits on each place, and what is owed to each vendor. Nothing that is zero.
#[derive(Debug, Default)]
pub(crate) struct Nets {
    /// The entry or line the amounts come from; blank of the header's.
    source: String,
    places: BTreeMap<(String, Place), Decimal>,
    vendors: BTreeMap<String, Decimal>,
    /// What each entry makes owed to each vendor.
    shares: BTreeMap<(String, String), Decimal>,
    /// Acumatica's own tax, and the part of it that cannot be reclaimed.
    own_tax: (Decimal, Decimal),
    /// Which places an amount stands on depends on more than sums: only their total is known.
    pub(crate) rough: bool,
}

/// Where a party's side stands.
enum Side {
    Vendor(&'static str),
    Account(String),
    Nowhere,
}

impl Nets {
    fn from(&mut self, source: Option<&str>) {
        source.unwrap_or_default().clone_into(&mut self.source);
    }

    fn place(&mut self, place: Place, amount: Decimal) {
        let key = (self.source.clone(), place);
        *self.places.entry(key).or_default() += amount;
    }

    fn owe(&mut self, vendor: &str, amount: Decimal) {
        *self.vendors.entry(vendor.to_owned()).or_default() += amount;
        let key = (vendor.to_owned(), self.source.clone());
        *self.shares.entry(key).or_default() += amount;
    }

    fn side(&mut self, side: &Side, header: &Header, amount: Decimal) {
        match side {
            Side::Vendor(vendor) => self.owe(vendor, amount),
            Side::Account(account) => self.place(balance(header, account), -amount),
            Side::Nowhere => {}
        }
    }

    fn settled(mut self) -> Self {
        self.places.retain(|_, net| !net.is_zero());
        self.vendors.retain(|_, net| !net.is_zero());
        self
    }

    /// What a plan does.
    fn of_plan(plan: &Plan) -> Self {
        let mut nets = Self::default();
        for posting in &plan.postings {
            for line in &posting.lines {
                nets.from(line.source.as_deref());
                let part = |code: &Option<String>| code.clone().unwrap_or_default();
                let place = (
                    line.account.clone(),
                    part(&line.subaccount),
                    part(&line.branch),
                    part(&line.project),
                );
                // Where a journal and a bill meet nothing stays, whatever the entries.
                if line.account == connections::MIXED_SIGNS {
                    nets.from(None);
                }
                nets.place(place, line.debit - line.credit);
            }
            nets.from(None);
            let vendor = posting.vendor.as_deref().unwrap_or_default();
            let sign = match posting.kind {
                PostingKind::DebitAdj => Decimal::NEGATIVE_ONE,
                _ => Decimal::ONE,
            };
            if posting.kind != PostingKind::Journal {
                nets.owe(vendor, sign * posting.total);
            }
            for row in &posting.taxes {
                nets.own_tax.0 += sign * row.amount;
                nets.own_tax.1 += sign * row.non_deductible;
            }
        }
        nets.settled()
    }

    /// What a document means under the rules of a connection.
    pub(crate) fn of(document: &Document, connection: &Connection) -> Self {
        let mut nets = Self::default();
        match document {
            Document::Expense(expense) => nets.expense(expense, connection),
            Document::Invoice(invoice) => nets.invoice(invoice, connection),
            Document::CashAdvance(advance) => nets.cash_advance(advance, connection),
        }
        nets.settled()
    }

    /// Whether a plan does exactly this.
    pub(crate) fn are_of(&self, plan: &Plan) -> bool {
        let found = Self::of_plan(plan);
        let total = |nets: &Self| nets.places.values().sum::<Decimal>() + nets.own_tax.0;
        let places = if self.rough {
            total(self) == total(&found)
        } else {
            self.places == found.places && self.own_tax == found.own_tax
        };
        places && self.vendors == found.vendors
    }

    /// Panics unless a plan does exactly this.
    pub(crate) fn check(&self, plan: &Plan) {
        let found = Self::of_plan(plan);
        assert!(self.are_of(plan), "wanted {self:#?}, planned {found:#?}");
    }

    fn expense(&mut self, expense: &Expense, connection: &Connection) {
        let header = &expense.header;
        for entry in &expense.entries {
            self.from(Some(&entry.id));
            for allocation in &entry.allocations {
                let mut kept = Vec::new();
                for journal in &allocation.journals {
                    let side = side(expense, entry, journal);
                    let skipped = connection.skips(journal);
                    let side = if skipped { Side::Nowhere } else { side };
                    self.side(&side, header, journal.gross);
                    if !skipped {
                        kept.push(journal);
                    }
                }
                for journal in &kept {
                    let account = journal.account.as_deref();
                    let account = account.or(entry.clearing_account.as_deref()).unwrap();
                    let place = if entry.personal {
                        balance(header, mapped(account))
                    } else {
                        spread(header, account, &allocation.custom)
                    };
                    let payable = matches!(side(expense, entry, journal), Side::Vendor(_));
                    let cost = match connection.tax {
                        Tax::Acumatica if payable => {
                            self.own_tax.0 += journal.gross - journal.net_of_tax;
                            self.own_tax.1 += journal.net_of_reclaim - journal.net_of_tax;
                            journal.net_of_tax
                        }
                        Tax::Gross | Tax::Acumatica => journal.gross,
                        Tax::Reclaim => journal.net_of_reclaim,
                        Tax::Split => journal.net_of_tax,
                    };
                    // Credits can turn a payable into a journal, where the tax is cost.
                    self.rough |= connection.tax == Tax::Acumatica && cost < Decimal::ZERO;
                    self.place(place, cost);
                }
                for tax in &allocation.taxes {
                    let code = tax.code.as_deref().unwrap();
                    let (account, other) = (format!("IN{code}"), format!("LOST{code}"));
                    if matches!(connection.tax, Tax::Reclaim | Tax::Split) {
                        self.place(balance(header, &account), tax.reclaim);
                    }
                    if connection.tax == Tax::Split {
                        self.place(balance(header, &other), tax.amount - tax.reclaim);
                    }
                }
            }
        }
        self.advances(expense, connection);
        // An employee who owes, where the rules want no Debit Adj. for it.
        let owed = self.vendors.get("E7").copied().unwrap_or_default();
        if let (Some(receivable), true) = (connection.receivable, owed.is_sign_negative()) {
            self.vendors.remove("E7");
            for ((vendor, source), owed) in self.shares.clone() {
                if vendor == "E7" {
                    self.from(Some(&source));
                    self.place(balance(header, receivable), -owed);
                }
            }
        }
    }

    fn advances(&mut self, expense: &Expense, connection: &Connection) {
        let header = &expense.header;
        let employee = if expense.payroll
            && expense
                .entries
                .iter()
                .flat_map(|entry| &entry.allocations)
                .flat_map(|each| &each.journals)
                .any(|journal| party(journal) == "EMPL")
        {
            Side::Account("176882".to_owned())
        } else {
            Side::Vendor("E7")
        };
        self.rough |= connection.tax == Tax::Acumatica && !expense.applications.is_empty();
        for application in &expense.applications {
            self.from(application.advance.as_deref());
            self.place(balance(header, "12500"), application.amount);
            self.side(&employee, header, application.amount);
        }
        self.from(None);
        if let Some(account) = connection.returned {
            let returned = expense.returns.abs();
            self.place(balance(header, account), returned);
            self.side(&employee, header, returned);
        }
    }

    fn invoice(&mut self, invoice: &Invoice, connection: &Connection) {
        let header = &invoice.header;
        let side = if invoice.paid_by_concur {
            Side::Account(connections::PAID_BY_CONCUR.to_owned())
        } else {
            Side::Vendor("V7")
        };
        let mut beside = invoice.total;
        for line in &invoice.lines {
            self.from(Some(&line.id));
            for allocation in &line.allocations {
                let account = allocation.account.as_deref().unwrap();
                let place = spread(header, account, &allocation.custom);
                self.place(place, allocation.gross);
                self.side(&side, header, allocation.gross);
                beside -= allocation.gross;
            }
        }
        self.from(None);
        self.side(&side, header, beside);
        self.rough = connection.prorated && !beside.is_zero();
        if beside == invoice.shipping || beside == invoice.shipping + invoice.tax {
            self.place(balance(header, connections::SHIPPING), invoice.shipping);
        }
        if beside == invoice.tax || beside == invoice.shipping + invoice.tax {
            self.place(balance(header, connections::TAX), invoice.tax);
        }
    }

    fn cash_advance(&mut self, advance: &CashAdvance, connection: &Connection) {
        let header = &advance.header;
        self.from(Some(header.business.as_str()));
        for journal in &advance.journals {
            self.place(balance(header, "12500"), journal.amount);
            let back = connection
                .returned
                .filter(|_| journal.amount.is_sign_negative());
            let side = match back.or(connection.advance_paid) {
                Some(account) => Side::Account(account.to_owned()),
                None => Side::Vendor("E7"),
            };
            self.side(&side, header, journal.amount);
        }
    }
}

fn party(journal: &Journal) -> &str {
    if journal.payer == "COMP" {
        &journal.payee
    } else {
        &journal.payer
    }
}

fn side(expense: &Expense, entry: &Entry, journal: &Journal) -> Side {
    let amex = entry.payment_type.as_deref() == Some("1000");
    match party(journal) {
        "EMPL" if expense.payroll => Side::Account("176882".to_owned()),
        "EMPL" if entry.expense_pay => Side::Account("22000".to_owned()),
        "EMPL" => Side::Vendor("E7"),
        "IBCP" if amex => Side::Vendor("AMEX"),
        "IBCP" => Side::Vendor("VISA"),
        "CBCP" if amex => Side::Account("21500".to_owned()),
        "CBCP" => Side::Account("199999".to_owned()),
        "COPD" => Side::Account("21590".to_owned()),
        other => panic!("no document has the party {other}"),
    }
}

fn mapped(account: &str) -> &str {
    match account {
        "474230" => "61000",
        other => other,
    }
}

fn branch(code: Option<&str>) -> &'static str {
    match code {
        Some("0021") => "MAIN",
        Some("0022") => "EAST",
        other => panic!("no document has the branch {other:?}"),
    }
}

fn code(family: &Family, n: u8) -> Option<&str> {
    family.get(&n)?.code.as_deref()
}

/// A line with an allocation.
fn spread(header: &Header, account: &str, custom: &Family) -> Place {
    let own = code(custom, 2).or(code(&header.org, 2));
    let subaccount = code(custom, 4).map_or("000000", |_| "000100");
    let project = code(custom, 5).unwrap_or("X");
    (
        mapped(account).to_owned(),
        subaccount.to_owned(),
        branch(own).to_owned(),
        project.to_owned(),
    )
}

/// A line without one.
fn balance(header: &Header, account: &str) -> Place {
    (
        account.to_owned(),
        "000000".to_owned(),
        branch(code(&header.org, 2)).to_owned(),
        "X".to_owned(),
    )
}
