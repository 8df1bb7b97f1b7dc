//! What the cache says against a document is never the last word: Acumatica is asked first, and where it cannot be asked now
//! the document waits.

use connector::ports::{Cached, Clock, Ledger};
use e2e::{
    amounts::cents,
    documents::{Document, Entry, Invoice, Person, Place, Random, Report},
};
use posting::reference::{Account, Activity, List, Module, Rows, Table};
use serde_json::json;

use super::world::{World, connection};

fn invoice(number: &str, random: &mut Random) -> Document {
    let vendor = ("V000010", "Granite Supply");
    Invoice::new(number, vendor, Place::new("0021", "410"), random)
        .line("Paper", "MATER", cents(25_000))
        .document(random)
}

/// Another worker stored this list, and an hour passed.
async fn stored(world: &World, list: List, change: impl FnOnce(Table) -> Table) {
    let ledger = &world.needs.ledger;
    let lists = ledger.reference(&connection()).await.expect("a ledger");
    let found = lists.into_iter().find(|cached| cached.table.list() == list);
    let found = found.expect("a stored list");
    let changed = Cached {
        table: change(found.table),
        ..found
    };
    let put = ledger.put_reference(&connection(), &changed).await;
    put.expect("the version read");
    world.pass(3_700);
}

async fn all_closed(world: &World) {
    let close = |table| {
        let Table::Periods(rows) = table else {
            panic!("periods");
        };
        let shut = rows.iter().map(|(code, period)| {
            let mut period = period.clone();
            period.closed_in = [Module::Payables, Module::Ledger].into();
            (code, period)
        });
        Table::Periods(Rows::whole(rows.version(), shut))
    };
    stored(world, List::Periods, close).await;
}

/// Both seats are another worker's, for two minutes.
async fn no_seat(world: &World) {
    let (now, until) = (world.needs.clock.now(), world.run().deadline);
    for seat in ["seat#demo#1", "seat#demo#2"] {
        let taken = world.needs.ledger.take_lease(seat, "another", now, until);
        taken.await.expect("a ledger").expect("a free seat");
    }
}

#[tokio::test]
async fn periods_that_closed_since_are_not_believed_without_a_seat() {
    let world = World::warm().await;
    all_closed(&world).await;
    no_seat(&world).await;
    let id = world.offer(&invoice("INV-12", &mut Random::new(105)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "acknowledged");
    assert_eq!(world.record(&id).await.attempt, 0);
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
}

#[tokio::test]
async fn base_currencies_are_read_again_before_they_keep_branches_apart() {
    let world = World::warm().await;
    let change = |table| {
        let Table::Branches(rows) = table else {
            panic!("branches");
        };
        let other = rows.iter().map(|(code, branch)| {
            let mut branch = branch.clone();
            if code != "MAIN" {
                branch.base_currency = posting::Currency::new("EUR").ok();
            }
            (code, branch)
        });
        Table::Branches(Rows::whole(rows.version(), other))
    };
    stored(&world, List::Branches, change).await;
    let random = &mut Random::new(106);
    let ada = Person::new("E00101", "Ada", "Archer");
    let halves = vec![
        (cents(5_000), Some(Place::new("0021", "410"))),
        (cents(5_000), Some(Place::new("0022", "410"))),
    ];
    let document = Report::new("Shared", ada, Place::new("0021", "410"), random)
        .entry(Entry::new(cents(1_000), random).allocated(halves))
        .document(random);
    let id = world.offer(&document);
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.word(), "confirmed", "{:?}", record.state);
}

/// Accounts that were opened today, which the cache still calls closed, and a report that names them all.
async fn doubtful(world: &World, count: u32) -> Document {
    let codes: Vec<String> = (0..count).map(|n| format!("{}", 70_000 + n)).collect();
    for code in &codes {
        let account = json!({
            "AccountCD": code, "Description": "New", "Type": "Expense", "Active": true,
        });
        world.acumatica.plant("Account", &account);
    }
    let closed = |table| {
        let Table::Accounts(rows) = table else {
            panic!("accounts");
        };
        let closed = Account {
            activity: Activity::Inactive,
            ..Account::default()
        };
        let known = rows
            .iter()
            .map(|(code, row)| (code.to_owned(), row.clone()));
        let new = codes.iter().map(|code| (code.clone(), closed.clone()));
        Table::Accounts(Rows::whole(rows.version(), known.chain(new)))
    };
    stored(world, List::Accounts, closed).await;
    let random = &mut Random::new(107);
    let ada = Person::new("E00101", "Ada", "Archer");
    let report = Report::new("Many", ada, Place::new("0021", "410"), random);
    let entries = codes.iter().fold(report, |report, code| {
        report.entry(Entry::new(cents(100), random).on_account(code))
    });
    entries.document(random)
}

#[tokio::test]
async fn every_doubtful_code_is_asked_for_however_many_there_are() {
    let world = World::warm().await;
    let document = doubtful(&world, 25).await;
    let id = world.offer(&document);
    world.turn().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.reasons(), [], "{:?}", record.state);
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.acumatica_calls("get.Account"), 25);
}

#[tokio::test]
async fn more_codes_than_one_run_asks_for_are_asked_for_by_the_next() {
    let world = World::warm().await;
    let document = doubtful(&world, 130).await;
    let id = world.offer(&document);
    world.turn().await;
    assert_eq!(world.state(&id).await, "acknowledged");
    assert_eq!(world.record(&id).await.attempt, 0);
    world.pass(15);
    world.turn().await;
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    assert_eq!(world.acumatica_calls("get.Account"), 130, "none twice");
}
