//! The documents of the demo, always the same ones.

use rust_decimal::Decimal;
use serde_json::json;

use super::{Example, Fate};
use crate::amounts::{cents, number};
use crate::documents::{
    Advance, Application, DateStyle, Document, Entry, Foreign, Invoice, Line, Party, Person, Place,
    Random, Report, Tax,
};

/// Seed of the demo's ids and dates.
const SEED: u64 = 20_261_124;

/// Every document of the demo.
#[must_use]
pub fn documents() -> Vec<Example> {
    let random = &mut Random::new(SEED);
    let mut examples = out_of_pocket(random);
    examples.extend(on_cards(random));
    examples.extend(in_currencies(random));
    examples.extend(advances(random));
    examples.extend(invoices(random));
    examples.extend(unlucky(random));
    examples
}

fn posted(name: &'static str, document: Document) -> Example {
    Example {
        name,
        fate: Fate::Posted,
        document,
    }
}

fn sales() -> Place {
    Place::new("0021", "410")
}

fn engineering() -> Place {
    Place::new("0022", "420")
}

fn ada() -> Person {
    Person::new("E00101", "Ada", "Archer")
}

fn ben() -> Person {
    Person::new("E00102", "Ben", "Brook")
}

fn chloe() -> Person {
    Person::new("E00103", "Chloe", "Carter")
}

fn dan() -> Person {
    Person::new("E00104", "Dan", "Dupont")
}

fn out_of_pocket(random: &mut Random) -> Vec<Example> {
    let cash = Report::new("Client visit", ada(), sales(), random)
        .entry(Entry::new(cents(3_500), random).described("Taxi to the airport"))
        .entry(Entry::new(cents(18_240), random).described("Hotel, one night"));
    let third = Decimal::new(3_333_333_333, 8);
    let shares = vec![
        (third, None),
        (third, Some(engineering())),
        (
            Decimal::ONE_HUNDRED - third - third,
            Some(engineering().on_project("PR4711")),
        ),
    ];
    let allocated = Report::new("Team workshop", ben(), sales(), random)
        .entry(
            Entry::new(cents(10_000), random)
                .allocated(shares)
                .described("Room, shared three ways"),
        )
        .entry(
            Entry::new(cents(4_225), random)
                .on_account("474240")
                .described("Paper and pens"),
        );
    let credit = Report::new("Returned ticket", chloe(), sales(), random)
        .entry(Entry::new(cents(-5_000), random).described("Refund passed on"));
    let mixed = Report::new("Conference", dan(), engineering(), random)
        .entry(Entry::new(cents(24_900), random).described("Ticket"))
        .entry(Entry::new(cents(-1_900), random).described("Discount returned"));
    let vat = Tax {
        authority: "DEVAT".to_owned(),
        code: None,
        reclaim_code: "V1".to_owned(),
        amount: cents(160),
        reclaim: cents(160),
    };
    let taxed = Report::new("Trip with tax receipt", ada(), sales(), random).entry(
        Entry::new(cents(1_000), random)
            .taxed(vat)
            .described("Lunch"),
    );
    vec![
        posted("cash report", cash.document(random)),
        posted("cost shared three ways", allocated.document(random)),
        posted("credit from the employee", credit.document(random)),
        posted("spend and credit in one report", mixed.document(random)),
        posted("tax receipt", taxed.document(random)),
    ]
}

fn on_cards(random: &mut Random) -> Vec<Example> {
    let own_card = Report::new("Rental car", ben(), engineering(), random)
        .entry(
            Entry::new(cents(5_610), random)
                .paid_by(Party::Ibcp, "215100")
                .described("Rental"),
        )
        .entry(Entry::new(cents(2_300), random).described("Fuel"));
    let company_card = Report::new("Sales fair", chloe(), sales(), random)
        .entry(
            Entry::new(cents(27_000), random)
                .paid_by(Party::Cbcp, "199999")
                .described("Hotel"),
        )
        .entry(
            Entry::new(cents(1_400), random)
                .paid_by(Party::Cbcp, "199999")
                .personal()
                .described("Film"),
        )
        .entry(Entry::new(cents(3_500), random).described("Taxi"));
    let company_paid = Report::new("Agency booking", dan(), sales(), random).entry(
        Entry::new(cents(41_275), random)
            .paid_by(Party::Copd, "215900")
            .described("Flight"),
    );
    let expense_pay = Report::new("Reimbursed by Concur", ada(), sales(), random).entry(
        Entry::new(cents(8_800), random)
            .by_expense_pay("221400")
            .described("Dinner"),
    );
    let payroll = Report::new("Reimbursed with the salary", ben(), sales(), random)
        .entry(Entry::new(cents(6_050), random).described("Mileage"))
        .through_payroll("221500");
    vec![
        posted("employee's card", own_card.document(random)),
        posted(
            "company card with personal spend",
            company_card.document(random),
        ),
        posted("paid by the company", company_paid.document(random)),
        posted("Expense Pay", expense_pay.document(random)),
        posted("payroll", payroll.document(random)),
    ]
}

fn in_currencies(random: &mut Random) -> Vec<Example> {
    let abroad = Foreign {
        currency: "EUR".to_owned(),
        amount: cents(2_400),
        rate: Decimal::new(89_294_902, 8),
        direction: 'D',
    };
    let foreign = Report::new("Berlin", chloe(), sales(), random).entry(
        Entry::new(cents(2_688), random)
            .spent_abroad(abroad)
            .described("Per diem"),
    );
    let euro = Report::new("Paris office", dan(), engineering(), random)
        .in_currency("EUR")
        .entry(Entry::new(cents(13_390), random).described("Train"));
    let yen = Report::new("Osaka", ada(), sales(), random)
        .in_currency("JPY")
        .entry(
            Entry::new(Decimal::from(18_400), random)
                .with_decimals(0)
                .described("Hotel"),
        );
    vec![
        posted("spend in a foreign currency", foreign.document(random)),
        posted("report in euros", euro.document(random)),
        posted("report in yen", yen.document(random)),
    ]
}

fn advances(random: &mut Random) -> Vec<Example> {
    let advance = Advance::new("Advance for Lisbon", ben(), cents(30_000), random);
    let application = Application {
        advance_id: advance.id().to_owned(),
        amount: cents(30_000),
        account: "119900".to_owned(),
    };
    let report = Report::new("Lisbon", ben(), sales(), random)
        .entry(Entry::new(cents(31_500), random).described("Hotel"))
        .applying(application);
    let other = Advance::new("Advance for Oslo", dan(), cents(12_550), random);
    vec![
        posted("cash advance", advance.document()),
        posted("report that uses up an advance", report.document(random)),
        posted("second cash advance", other.document()),
    ]
}

fn invoices(random: &mut Random) -> Vec<Example> {
    let granite = ("V000010", "Granite Supply");
    let lumen = ("V000020", "Lumen Print House");
    let plain = Invoice::new("GS-10482", granite, sales(), random)
        .line("Gravel, 2 t", "MATER", cents(48_000))
        .line("Delivery pallet", "MATER", cents(1_250));
    let split = Line {
        description: "Bricks for two sites".to_owned(),
        account: "MATER".to_owned(),
        amount: cents(99_999),
        shares: vec![
            (Decimal::new(6_250_000_000, 8), sales()),
            (
                Decimal::new(3_750_000_000, 8),
                engineering().on_project("PR4711"),
            ),
        ],
    };
    let allocated = Invoice::new("GS-10490", granite, sales(), random)
        .split_line(split)
        .po("PO004711");
    let header = Invoice::new("LPH/2026/77", lumen, engineering(), random)
        .dated(DateStyle::Dashes)
        .line("Brochures", "474240", cents(20_000))
        .shipping(cents(1_500))
        .tax(cents(1_650));
    let memo = Invoice::new("GS-CM-311", granite, sales(), random).line(
        "Returned gravel",
        "MATER",
        cents(-12_000),
    );
    vec![
        posted("invoice", plain.document(random)),
        posted("invoice for two sites", allocated.document(random)),
        posted("invoice with shipping and tax", header.document(random)),
        posted("credit memo", memo.document(random)),
    ]
}

fn unlucky(random: &mut Random) -> Vec<Example> {
    let refused = Report::new("Sums that differ", chloe(), sales(), random)
        .entry(Entry::new(cents(7_700), random).described("Dinner"))
        .document(random)
        .broken("/expenseEntry/0/entryApprovedAmount", number(cents(8_700)))
        .broken("/report/totalApprovedAmount", number(cents(8_700)));
    let recalled = Report::new("Submitted too early", dan(), sales(), random)
        .entry(Entry::new(cents(1_980), random).described("Parking"))
        .document(random);
    let stranger = Invoice::new("NB-1", ("V999999", "Nobody & Sons"), sales(), random)
        .line("Consulting", "474240", cents(55_000))
        .document(random)
        .broken(
            "/requestHeader/requestDescription",
            json!("vendor not yet in the ERP"),
        );
    vec![
        Example {
            name: "sums that differ",
            fate: Fate::Refused,
            document: refused,
        },
        Example {
            name: "recalled before it was acknowledged",
            fate: Fate::Recalled,
            document: recalled,
        },
        Example {
            name: "unknown vendor",
            fate: Fate::Held,
            document: stranger,
        },
    ]
}
