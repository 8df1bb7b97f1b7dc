//! What people approve in Concur: documents of every kind, sound as a rule.

use e2e::amounts::{cents, number};
use e2e::documents::{Advance, Document, Entry, Invoice, Party, Person, Place, Random, Report};
use serde_json::{Value, json};

/// The supplier's number of the invoice that is keyed by hand.
const KEYED: &str = "4711";

/// One document; of a thousand some are broken.
pub(crate) fn any(random: &mut Random, serial: u64) -> Document {
    match random.below(40) {
        0..4 => advance(random),
        4..12 => invoice(random, serial),
        12 => broken(random),
        13..16 => expense_pay(random),
        16..20 => report(random, &[Party::Copd, Party::Employee]),
        20..24 => report(random, &[Party::Cbcp, Party::Employee]),
        24..28 => report(random, &[Party::Ibcp, Party::Employee]),
        28..31 => report(random, &[Party::Cbcp]),
        _ => report(random, &[Party::Employee]),
    }
}

/// A report with an entry for each of these parties, and perhaps more.
pub(crate) fn report(random: &mut Random, parties: &[Party]) -> Document {
    let (person, place) = (person(random), place(random));
    let mut report = Report::new("Trip", person, place, random);
    for party in parties {
        for _ in 0..random.between(1, 2) {
            let amount = cents(random.between(100, 90_000));
            let entry = Entry::new(amount, random).described("Spent");
            let entry = match party {
                Party::Employee => entry,
                Party::Ibcp => entry.paid_by(Party::Ibcp, "215100"),
                Party::Cbcp => entry.paid_by(Party::Cbcp, "199999"),
                Party::Copd => entry.paid_by(Party::Copd, "215900"),
            };
            report = report.entry(entry);
        }
    }
    report.document(random)
}

/// An account of the document, and the one in Acumatica that somebody may close.
pub(crate) const CLOSED: (&str, &str) = ("474240", "61500");

/// A report of several entries for one bill, the last of them on that account.
pub(crate) fn long_on_closed(random: &mut Random) -> Document {
    let (person, place) = (person(random), place(random));
    let mut report = Report::new("Trip", person, place, random);
    for _ in 0..4 {
        let amount = cents(random.between(100, 90_000));
        report = report.entry(Entry::new(amount, random).described("Spent"));
    }
    let last = Entry::new(cents(1_000), random).described("Spent");
    report.entry(last.on_account(CLOSED.0)).document(random)
}

/// A report that is posted as one journal.
pub(crate) fn journal(random: &mut Random) -> Document {
    report(random, &[Party::Cbcp])
}

/// A report of several entries for the employee, for one bill of as many lines.
pub(crate) fn long(random: &mut Random) -> Document {
    report(random, &[Party::Employee; 3])
}

/// The invoice somebody has keyed by hand already.
pub(crate) fn keyed(random: &mut Random) -> Document {
    keyed_as(KEYED, random)
}

/// The same with another number.
pub(crate) fn keyed_as(number: &str, random: &mut Random) -> Document {
    let vendor = ("V000010", "Granite Supply");
    Invoice::new(number, vendor, place(random), random)
        .line("Goods", "MATER", cents(25_000))
        .document(random)
}

/// Its bill in Acumatica.
pub(crate) fn keyed_bill() -> Value {
    keyed_bill_as("000777", KEYED, 250)
}

/// The same by its own number and the supplier's, over so many dollars.
pub(crate) fn keyed_bill_as(bill: &str, number: &str, dollars: u32) -> Value {
    json!({
        "Type": "Bill", "ReferenceNbr": bill, "Vendor": "V000010", "VendorRef": number, "Status": "Open",
        "Description": "keyed by hand", "Amount": dollars, "CurrencyID": "USD", "PostPeriod": "112026",
    })
}

/// One invoice entered twice, each time as a request of its own; the second time its number may be spelled otherwise.
pub(crate) fn twice(random: &mut Random, serial: u64) -> [Document; 2] {
    let first = invoice(random, serial);
    let mut second = first.clone();
    second.business_id = random.upper_hex(20);
    let header = &mut second.body["requestHeader"];
    header["requestId"] = json!(second.business_id);
    if random.one_in(2) {
        header["vendorInvoiceNumber"] = json!(format!("inv {serial:06}"));
    }
    [first, second]
}

fn expense_pay(random: &mut Random) -> Document {
    let amount = cents(random.between(100, 50_000));
    let entry = Entry::new(amount, random).by_expense_pay("221400");
    let (person, place) = (person(random), place(random));
    Report::new("Reimbursed by Concur", person, place, random)
        .entry(entry.described("Dinner"))
        .document(random)
}

/// A supplier's invoice, each with a number of its own.
pub(crate) fn invoice(random: &mut Random, serial: u64) -> Document {
    let vendor = *random.pick(
        &("V000010", "Granite Supply"),
        &[("V000020", "Lumen Print House")],
    );
    let place = place(random);
    let mut invoice = Invoice::new(&format!("INV-{serial:06}"), vendor, place, random);
    for _ in 0..random.between(1, 3) {
        let amount = cents(random.between(1_000, 400_000));
        invoice = invoice.line("Goods", "MATER", amount);
    }
    invoice.document(random)
}

fn advance(random: &mut Random) -> Document {
    let amount = cents(random.between(5_000, 60_000));
    Advance::new("Advance", person(random), amount, random).document()
}

/// Sums that differ: it is returned to its processor.
pub(crate) fn broken(random: &mut Random) -> Document {
    let wrong = number(cents(999_999));
    report(random, &[Party::Employee])
        .broken("/expenseEntry/0/entryApprovedAmount", wrong.clone())
        .broken("/report/totalApprovedAmount", wrong)
}

fn person(random: &mut Random) -> Person {
    let ada = ("E00101", "Ada", "Archer");
    let others = [
        ("E00102", "Ben", "Brook"),
        ("E00103", "Chloe", "Carter"),
        ("E00104", "Dan", "Dupont"),
    ];
    let (id, first, last) = *random.pick(&ada, &others);
    Person::new(id, first, last)
}

fn place(random: &mut Random) -> Place {
    let (branch, department) = *random.pick(&("0021", "410"), &[("0022", "420")]);
    Place::new(branch, department)
}
