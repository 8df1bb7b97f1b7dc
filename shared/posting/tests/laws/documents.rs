//! Generated documents: everything a real one can have, and nothing that must be refused.

use posting::document::{
    AdvanceJournal, Allocation, Application, CashAdvance, Coded, Discount, Employee, Entry,
    Expense, Family, Header, Invoice, InvoiceAllocation, Journal, LineItem, Tax, Vendor,
};
use posting::{BusinessId, Currency, Document, DocumentId};
use rust_decimal::Decimal;

use crate::draw::Draw;

/// The document of a seed.
pub(crate) fn document(draw: &mut Draw) -> Document {
    match draw.below(10) {
        0 => Document::CashAdvance(cash_advance(draw)),
        1 | 2 => Document::Invoice(invoice(draw)),
        _ => Document::Expense(expense(draw)),
    }
}

fn text(draw: &mut Draw) -> Option<String> {
    Some(draw.text()).filter(|text| !text.is_empty())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the fields it fills may be missing"
)]
fn code(code: &str) -> Option<String> {
    Some(code.to_owned())
}

fn family(fields: &[(u8, &str)]) -> Family {
    let coded = |text: &str| Coded {
        code: code(text),
        value: None,
    };
    fields.iter().map(|(n, text)| (*n, coded(text))).collect()
}

fn header(draw: &mut Draw, business: &str) -> Header {
    let currency = draw.pick(&["USD", "USD", "EUR", "JPY", "KWD"]);
    Header {
        document: DocumentId::new("de2c2b936bc44114aa487fdab9f7bf61").unwrap(),
        business: BusinessId::new(business).unwrap(),
        name: text(draw),
        currency: Currency::new(currency).unwrap(),
        ledger: None,
        entity: None,
        org: family(&[(2, draw.pick(&["0021", "0022"]))]),
        custom: Family::new(),
        employee: Employee {
            id: code("E7"),
            name: text(draw),
        },
        test: false,
        revision: 1,
    }
}

/// Account, branch, subaccount and project of an allocation; each but the account can be left to the rule's default.
fn dimensions(draw: &mut Draw) -> Family {
    let mut fields = Vec::new();
    for (n, codes) in [
        (2, ["0021", "0022"]),
        (4, ["100", "100"]),
        (5, ["P1", "P2"]),
    ] {
        if draw.percent(70) {
            fields.push((n, draw.pick(&codes)));
        }
    }
    family(&fields)
}

fn account(draw: &mut Draw) -> Option<String> {
    code(draw.pick(&["474230", "62000", "63000"]))
}

fn expense(draw: &mut Draw) -> Expense {
    let header = header(draw, "R-1");
    let decimals = header.currency.decimals();
    let count = match draw.below(100) {
        0 => 20,
        1..10 => 0,
        _ => 1 + draw.below(5),
    };
    let payroll = draw.percent(10);
    let advances = draw.percent(25);
    let entries: Vec<Entry> = (0..count)
        .map(|at| entry(draw, at, (decimals, advances)))
        .collect();
    let applications: Vec<Application> = if advances {
        (0..draw.below(4))
            .map(|at| application(draw, at, decimals))
            .collect()
    } else {
        Vec::new()
    };
    let applied: Decimal = applications.iter().map(|each| each.amount.abs()).sum();
    let returns = match draw.below(3) {
        0 if !applied.is_zero() => draw.split(applied, 2)[0],
        _ => Decimal::ZERO,
    };
    let total = entries.iter().filter_map(|entry| entry.approved).sum();
    Expense {
        approved_total: draw.percent(90).then_some(total),
        returns: if draw.percent(50) { -returns } else { returns },
        payroll,
        payroll_clearing_account: code("176882"),
        submitted: Some("2026-10-30T20:00:00Z".parse().unwrap()),
        processed: draw
            .percent(80)
            .then(|| "2026-11-01T03:00:00Z".parse().unwrap()),
        entries,
        applications,
        header,
    }
}

fn entry(draw: &mut Draw, at: usize, (decimals, advances): (u32, bool)) -> Entry {
    let personal = draw.percent(10);
    let count = match draw.below(500) {
        0 => 100,
        1..100 => 2 + draw.below(3),
        _ => 1,
    };
    let allocations: Vec<Allocation> = if personal {
        vec![personal_pair(draw, decimals)]
    } else {
        (0..count)
            .map(|at| allocation(draw, at, decimals))
            .collect()
    };
    let journals = allocations.iter().flat_map(|each| &each.journals);
    Entry {
        id: format!("E{at}"),
        date: Some("2026-10-12".parse().unwrap()),
        vendor: text(draw),
        description: text(draw),
        approved: Some(journals.map(|journal| journal.gross).sum()),
        personal,
        // An applied advance is held against one employee party only.
        expense_pay: !advances && draw.percent(15),
        payment_type: code(draw.pick(&["CASH", "1000", "1003"])),
        card_program: None,
        card_transaction: code("24015165172000123456789"),
        clearing_account: code("199999"),
        liability_account: code("22000"),
        expense_type: Coded {
            code: code("TAXI"),
            value: text(draw),
        },
        org: Family::new(),
        custom: Family::new(),
        allocations,
    }
}

/// Personal spend on a company card: what the card gets, the employee owes.
fn personal_pair(draw: &mut Draw, decimals: u32) -> Allocation {
    let amount = draw.amount(50_000, decimals);
    let account = if draw.percent(50) {
        code("199999")
    } else {
        None
    };
    let card = draw.pick(&["CBCP", "COPD"]);
    Allocation {
        id: None,
        custom: Family::new(),
        journals: vec![
            journal(card, amount, account.clone()),
            journal("EMPL", -amount, account),
        ],
        taxes: Vec::new(),
    }
}

fn allocation(draw: &mut Draw, at: usize, decimals: u32) -> Allocation {
    let credit = draw.percent(15);
    let mut journals: Vec<Journal> = (0..=draw.below(3))
        .map(|_| {
            let party = draw.pick(&["EMPL", "EMPL", "IBCP", "CBCP", "COPD"]);
            let amount = match draw.below(20) {
                0 => Decimal::ZERO,
                _ => draw.amount(50_000, decimals),
            };
            let credit = credit || draw.percent(5);
            journal(party, if credit { -amount } else { amount }, account(draw))
        })
        .collect();
    let taxes = if draw.percent(30) {
        taxes(draw, &mut journals)
    } else {
        Vec::new()
    };
    Allocation {
        id: Some(format!("A{at}")),
        custom: dimensions(draw),
        journals,
        taxes,
    }
}

/// An amount between the company and a party; the sign says who pays.
fn journal(party: &str, gross: Decimal, account: Option<String>) -> Journal {
    let (from, to) = if gross < Decimal::ZERO {
        (party, "COMP")
    } else {
        ("COMP", party)
    };
    Journal {
        account,
        payer: from.to_owned(),
        payee: to.to_owned(),
        gross,
        net_of_tax: gross,
        net_of_reclaim: gross,
        card_reference: None,
        taxes: Vec::new(),
    }
}

/// Takes one or two taxes out of every journal, part of each reclaimable, and gives their records. All journals name all
/// taxes, so that every way of sharing them comes out.
fn taxes(draw: &mut Draw, journals: &mut [Journal]) -> Vec<Tax> {
    let signs = |journal: &Journal| journal.gross.is_sign_negative();
    let mixed = journals
        .iter()
        .any(|each| signs(each) != signs(&journals[0]));
    if mixed || journals.iter().any(|each| each.gross.is_zero()) {
        return Vec::new();
    }
    let codes = &["VAT", "PST"][..=draw.below(2)];
    let mut records = Vec::new();
    for code in codes {
        let (mut amount, mut reclaim) = (Decimal::ZERO, Decimal::ZERO);
        for journal in &mut *journals {
            // At most a fifth each: taxes never eat a line.
            let tax = draw.split(journal.gross, 6)[0] / Decimal::from(5);
            let tax = tax.trunc_with_scale(journal.gross.scale());
            let reclaimable = draw.split(tax, 2)[0];
            journal.net_of_tax -= tax;
            journal.net_of_reclaim -= reclaimable;
            journal.taxes.push((*code).to_owned());
            amount += tax;
            reclaim += reclaimable;
        }
        records.push(Tax {
            guid: Some((*code).to_owned()),
            authority: Some("AUTHORITY".to_owned()),
            code: Some((*code).to_owned()),
            reclaim_code: None,
            country: Some("DE".to_owned()),
            amount,
            reclaim,
        });
    }
    records
}

fn application(draw: &mut Draw, at: usize, decimals: u32) -> Application {
    Application {
        advance: Some(format!("ADV-{at}")),
        amount: -draw.amount(20_000, decimals),
        clearing_account: code("CADV"),
        transaction_type: Some(2),
    }
}

fn invoice(draw: &mut Draw) -> Invoice {
    let header = header(draw, "Q-1");
    let decimals = header.currency.decimals();
    let credit = draw.percent(20);
    let lines: Vec<LineItem> = (0..=draw.below(4))
        .map(|at| line_item(draw, at, (decimals, credit)))
        .collect();
    let allocations = lines.iter().flat_map(|line| &line.allocations);
    let gross: Decimal = allocations.map(|each| each.gross).sum();
    // Never equal: which of them a difference is would be a guess.
    let (shipping, tax) = (Decimal::new(500, decimals), Decimal::new(700, decimals));
    let beside = draw.pick(&[Decimal::ZERO, Decimal::ZERO, shipping, tax, shipping + tax]);
    Invoice {
        number: code(draw.pick(&[
            "INV-7",
            " 0042 ",
            "№ 7/Ä",
            "0123456789012345678901234567890123456789XYZ",
        ])),
        description: text(draw),
        total: gross + beside,
        shipping,
        tax,
        date: Some("2026-10-05".parse().unwrap()),
        posting_date: draw.percent(30).then(|| {
            let days = ["2026-09-30", "2026-10-20", "2026-11-02", "2027-01-15"];
            draw.pick(&days).parse().unwrap()
        }),
        due_date: Some("2026-11-04".parse().unwrap()),
        paid_by_concur: draw.percent(10),
        term_days: Some(30),
        discount: Discount {
            percent: draw.pick(&[None, Some(Decimal::TWO), Some(Decimal::new(125, 2))]),
            days: draw.pick(&[None, Some(10)]),
        },
        purchase_order: None,
        vendor: Vendor {
            code: code("V7"),
            remit_to: None,
            name: text(draw),
        },
        lines,
        header,
    }
}

fn line_item(draw: &mut Draw, at: usize, (decimals, credit): (u32, bool)) -> LineItem {
    let gross = draw.amount(90_000, decimals);
    let gross = if credit || draw.percent(10) {
        -gross
    } else {
        gross
    };
    let parts = 1 + draw.below(3);
    let allocations = draw
        .split(gross, parts)
        .into_iter()
        .map(|gross| InvoiceAllocation {
            account: None,
            custom: Family::new(),
            gross,
            taxes: Vec::new(),
        });
    let mut allocations: Vec<InvoiceAllocation> = allocations.collect();
    for allocation in &mut allocations {
        allocation.account = account(draw);
        allocation.custom = dimensions(draw);
    }
    LineItem {
        id: (at + 1).to_string(),
        description: text(draw),
        expense_type: Coded::default(),
        custom: Family::new(),
        quantity: None,
        unit_price: None,
        purchase_order: draw.percent(20).then(|| "PO-1".to_owned()),
        purchase_order_line: None,
        allocations,
    }
}

fn cash_advance(draw: &mut Draw) -> CashAdvance {
    let header = header(draw, "ADV-1");
    let decimals = header.currency.decimals();
    let journals = (0..=draw.below(3)).map(|_| {
        let amount = draw.amount(90_000, decimals);
        let credit = draw.percent(20);
        AdvanceJournal {
            account: code("CADV"),
            amount: if credit { -amount } else { amount },
            credit,
            payment_code: None,
        }
    });
    CashAdvance {
        currency: header.currency,
        rate: Some(Decimal::ONE),
        issued: Some("2026-10-01T12:00:00Z".parse().unwrap()),
        requested: None,
        expense_pay: false,
        transaction_type: Some(1),
        card_transaction: None,
        journals: journals.collect(),
        header,
    }
}
