//! What Acumatica would refuse is known before anything is written: all of it at once, each tied to its entry or line.

use connector::ports::{Cached, Clock, Key, Ledger};
use e2e::{
    amounts::{cents, decimal},
    documents::{Document, Entry, Invoice, Person, Place, Random, Report},
    twins::{
        acumatica::{Options, TaxZones},
        faults::Fault,
    },
};
use posting::DocumentId;
use posting::plan::Plan;
use posting::reference::{Account, Activity, List, Rows, Table};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World, connection, wake},
};

fn ruled(rules: Vec<(&'static str, Value)>) -> Setting {
    Setting {
        rules,
        ..Setting::default()
    }
}

/// An invoice of one line over 250.00, of the 9th of November.
fn invoice(number: &str, vendor: &str, random: &mut Random) -> Document {
    dated(number, (vendor, "11/09/2026"), random)
}

fn dated(number: &str, (vendor, date): (&str, &str), random: &mut Random) -> Document {
    Invoice::new(
        number,
        (vendor, "A vendor"),
        Place::new("0021", "410"),
        random,
    )
    .line("Paper", "MATER", cents(25_000))
    .document(random)
    .broken("/requestHeader/invoiceDate", json!(date))
}

/// Held by pre-flight with these codes and nothing written.
async fn held(world: &World, document: &Document, codes: &[&str]) -> posting::Record {
    let id = world.offer(document);
    world.settle().await;
    let record = world.record(&id).await;
    let mut found = world.reasons(&id).await;
    found.sort_unstable();
    found.dedup();
    assert_eq!(record.state.word(), "held", "{:?}", record.state);
    assert_eq!(found, codes, "{:?}", record.state.reasons());
    assert!(world.postings(&id).is_empty());
    record
}

async fn confirmed(world: &World, document: &Document) -> DocumentId {
    let id = world.offer(document);
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(record.state.word(), "confirmed", "{:?}", record.state);
    id
}

async fn plan(world: &World, document: &DocumentId) -> Plan {
    let key = Key {
        connection: connection(),
        document: document.clone(),
    };
    let plan = world.needs.ledger.plan(&key, 1).await;
    plan.expect("a ledger").expect("a plan")
}

#[tokio::test]
async fn everything_unknown_is_told_at_once_and_by_line() {
    let rules = vec![
        ("/tables/branches", json!({"0021": "WEST"})),
        ("/tables/subaccounts", json!({"410": "999999"})),
    ];
    let world = World::with(ruled(rules)).await;
    let random = &mut Random::new(90);
    let stranger = Person::new("E99999", "No", "Body");
    let document = Report::new("Trip", stranger, Place::new("0021", "410"), random)
        .entry(Entry::new(cents(1_000), random).on_account("99998"))
        .entry(Entry::new(cents(2_000), random).on_account("99999"))
        .document(random);
    let codes = [
        "account_unknown",
        "branch_unknown",
        "subaccount_unknown",
        "vendor_unknown",
    ];
    let record = held(&world, &document, &codes).await;
    let accounts = record.state.reasons().iter();
    let accounts: Vec<_> = accounts
        .filter(|reason| reason.code == posting::Code::AccountUnknown)
        .map(|reason| (reason.value.as_str(), reason.line.is_some()))
        .collect();
    assert_eq!(accounts, [("99998", true), ("99999", true)]);
    assert_eq!(world.acumatica_calls("put.Bill"), 0);
    assert_eq!(world.acumatica_calls("list.Bill"), 0, "nothing was begun");
}

#[tokio::test]
async fn a_vendor_created_later_is_found_although_the_cache_calls_it_missing() {
    let world = World::new().await;
    let random = &mut Random::new(91);
    held(
        &world,
        &invoice("INV-1", "V000077", random),
        &["vendor_unknown"],
    )
    .await;
    world.acumatica.plant(
        "Vendor",
        &json!({"VendorID": "V000077", "VendorName": "New", "Status": "Active"}),
    );
    world.pass(700);
    confirmed(&world, &invoice("INV-2", "V000077", random)).await;
}

#[tokio::test]
async fn what_was_put_right_is_looked_up_before_a_refusal() {
    let world = World::warm().await;
    let random = &mut Random::new(92);
    let document = |random: &mut Random| {
        let ada = Person::new("E00101", "Ada", "Archer");
        Report::new("Trip", ada, Place::new("0021", "410"), random)
            .entry(Entry::new(cents(1_000), random).on_account("69900"))
            .document(random)
    };
    let record = held(&world, &document(random), &["account_inactive"]).await;
    assert!(record.state.reasons()[0].line.is_some());
    world
        .acumatica
        .edit("Account", &["69900"], ("Active", json!(true)));
    world.pass(700);
    confirmed(&world, &document(random)).await;
}

#[tokio::test]
async fn a_vendor_on_hold_or_of_another_currency_is_found_before_the_write() {
    let world = World::new().await;
    let random = &mut Random::new(93);
    held(
        &world,
        &invoice("INV-3", "V000030", random),
        &["vendor_on_hold"],
    )
    .await;
    world.acumatica.plant(
        "Vendor",
        &json!({"VendorID": "V000040", "VendorName": "Euro", "Status": "Active", "CurrencyID": "EUR", "EnableCurrencyOverride": false}),
    );
    held(
        &world,
        &invoice("INV-4", "V000040", random),
        &["vendor_currency"],
    )
    .await;
    assert_eq!(world.acumatica_calls("put.Bill"), 0);
}

#[tokio::test]
async fn a_project_that_bills_may_not_charge_is_found_before_the_write() {
    let world = World::new().await;
    world.acumatica.plant(
        "Project",
        &json!({"ProjectID": "PRHIDE", "Status": "Active", "VisibilitySettings": {"AP": false, "GL": true}}),
    );
    world.acumatica.plant(
        "ProjectTask",
        &json!({"ProjectID": "PRHIDE", "ProjectTaskID": "10", "Status": "Active", "Default": true, "VisibilitySettings": {"AP": true, "GL": true}}),
    );
    let random = &mut Random::new(94);
    let ada = Person::new("E00101", "Ada", "Archer");
    let place = Place::new("0021", "410").on_project("PRHIDE");
    let entry =
        Entry::new(cents(1_000), random).allocated(vec![(Decimal::ONE_HUNDRED, Some(place))]);
    let document = Report::new("Trip", ada, Place::new("0021", "410"), random)
        .entry(entry)
        .document(random);
    let record = held(&world, &document, &["project_not_visible"]).await;
    assert!(record.state.reasons()[0].line.is_some());
}

#[tokio::test]
async fn a_closed_period_moves_to_the_next_open_one_and_the_date_stays() {
    let world = World::new().await;
    let random = &mut Random::new(95);
    let moved = dated("INV-5", ("V000010", "09/30/2026"), random);
    let id = confirmed(&world, &moved).await;
    let bill = &world.postings(&id)[0];
    assert_eq!(bill["PostPeriod"], json!("102026"));
    assert!(bill["Date"].to_string().contains("2026-09-30"), "{bill}");
    assert!(plan(&world, &id).await.reference_view.contains("periods@1"));
    // 108 days before the next open period, and another fiscal year.
    for (number, date, why) in [
        ("INV-6", "06/15/2026", "108 days"),
        ("INV-7", "12/31/2025", "another fiscal year"),
    ] {
        let far = dated(number, ("V000010", date), random);
        let record = held(&world, &far, &["period_closed"]).await;
        let reasons = record.state.reasons();
        assert!(reasons[0].message.contains(why), "{reasons:?}");
    }
}

#[tokio::test]
async fn periods_are_read_again_once_acumatica_refuses_one() {
    let world = World::warm().await;
    let random = &mut Random::new(96);
    let reads = || world.acumatica_calls("list.FinancialPeriod");
    let closed = "The 11-2026 financial period is closed or inactive.";
    for (number, expected) in [("INV-8", 1), ("INV-9", 2)] {
        world.pass(700);
        world
            .acumatica
            .next("put.Bill", Fault::Refuse(closed.to_owned()));
        let refused = invoice(number, "V000010", random);
        held(&world, &refused, &["acumatica_refused"]).await;
        assert_eq!(reads(), expected);
    }
    // Read just now for the refusal before it: reading it once more would say the same.
    world
        .acumatica
        .next("put.Bill", Fault::Refuse(closed.to_owned()));
    let refused = invoice("INV-10", "V000010", random);
    held(&world, &refused, &["acumatica_refused"]).await;
    assert_eq!(reads(), 2);
    confirmed(&world, &invoice("INV-11", "V000010", random)).await;
    assert_eq!(reads(), 2);
}

#[tokio::test]
async fn an_invoice_that_looks_like_an_earlier_one_is_held_or_noted() {
    for rule in ["hold", "warn"] {
        let rules = vec![("/rules/invoice/possible_duplicate", json!(rule))];
        let world = World::with(ruled(rules)).await;
        let random = &mut Random::new(97);
        confirmed(&world, &invoice("0042-7", "V000010", random)).await;
        let alike = world.offer(&invoice("42/7", "V000010", random));
        let other = world.offer(&invoice("42/8", "V000010", random));
        world.settle().await;
        assert_eq!(world.state(&other).await, "confirmed", "{rule}");
        if rule == "hold" {
            assert_eq!(world.reasons(&alike).await, ["possible_duplicate"]);
            assert!(world.postings(&alike).is_empty());
        } else {
            assert_eq!(world.state(&alike).await, "confirmed");
            let notes = plan(&world, &alike).await.notes;
            assert!(notes[0].starts_with("possible duplicate"), "{notes:?}");
        }
    }
}

#[tokio::test]
async fn two_alike_in_one_batch_are_not_both_posted() {
    let world = World::new().await;
    let random = &mut Random::new(98);
    let both = ["0042-7", "42/7"].map(|number| world.offer(&invoice(number, "V000010", random)));
    world.settle().await;
    let mut states = Vec::new();
    for id in &both {
        states.push(world.state(id).await);
    }
    states.sort_unstable();
    assert_eq!(states, ["confirmed", "held"]);
}

#[tokio::test]
async fn a_plan_that_waited_for_a_seat_is_held_against_what_was_posted_meanwhile() {
    let world = World::with(ruled(vec![("/acumatica/seats", json!(1))])).await;
    let random = &mut Random::new(106);
    confirmed(&world, &invoice("INV-13", "V000010", random)).await;
    let (now, until) = (world.needs.clock.now(), world.run().deadline);
    let seat = "seat#demo#1";
    let lease = world.needs.ledger.take_lease(seat, "another", now, until);
    let lease = lease.await.expect("a ledger").expect("a free seat");
    let waits = world.offer(&invoice("0042-7", "V000010", random));
    world.turn().await;
    assert_eq!(world.state(&waits).await, "planned");
    // Its wakes are lost.
    drop(world.needs.queue.take());

    let given = world.needs.ledger.give_lease(&lease).await;
    given.expect("a ledger");
    let other = world.offer(&invoice("42/7", "V000010", random));
    world.poll().await;
    drop(world.needs.queue.take());
    world.post_batch(&[wake(&other)]).await;
    assert_eq!(world.state(&other).await, "confirmed");
    world.settle().await;
    assert_eq!(world.reasons(&waits).await, ["possible_duplicate"]);
    assert!(world.postings(&waits).is_empty());
}

#[tokio::test]
async fn a_list_that_acumatica_does_not_show_blocks_nothing() {
    for status in [403, 500] {
        let world = World::new().await;
        for entity in [
            "Account",
            "Vendor",
            "Employee",
            "Subaccount",
            "FinancialPeriod",
        ] {
            for _ in 0..3 {
                world
                    .acumatica
                    .next(&format!("list.{entity}"), Fault::Status(status));
                world
                    .acumatica
                    .next(&format!("get.{entity}"), Fault::Status(status));
            }
        }
        let id = confirmed(&world, &report("Taxi", 1_000, &mut Random::new(99))).await;
        let notes = plan(&world, &id).await.notes;
        assert!(
            notes.iter().any(|note| note.contains("accounts")),
            "{status}: {notes:?}"
        );
        assert_eq!(world.postings(&id).len(), 1);
    }
}

#[tokio::test]
async fn a_page_instead_of_a_list_blocks_nothing() {
    let world = World::new().await;
    world
        .acumatica
        .next("list.FinancialPeriod", Fault::Html(502));
    confirmed(&world, &report("Taxi", 1_000, &mut Random::new(100))).await;
}

#[tokio::test]
async fn the_lists_are_read_once_a_day() {
    let world = World::warm().await;
    let accounts = || world.acumatica_calls("list.Account");
    assert_eq!(accounts(), 1);
    let random = &mut Random::new(101);
    confirmed(&world, &report("Taxi", 1_000, random)).await;
    assert_eq!(accounts(), 1);
    world.pass(90_000);
    confirmed(&world, &report("Taxi", 2_000, random)).await;
    assert_eq!(accounts(), 2);
}

#[tokio::test]
async fn taxes_reach_acumatica_as_its_own() {
    let tax = json!({
        "mode": "acumatica", "category": "EXEMPT", "journal_mode": "gross", "reclaimable_as_cost": true,
        "codes": {"V1": {"tax_id": "SALESTAX"}}, "categories": {"SALESTAX": "TAXABLE"},
    });
    let setting = Setting {
        acumatica: Options {
            tax_zones: TaxZones::External,
            ..Options::default()
        },
        ..ruled(vec![("/rules/tax", tax)])
    };
    let world = World::with(setting).await;
    let random = &mut Random::new(102);
    let ada = Person::new("E00101", "Ada", "Archer");
    let vat = e2e::documents::Tax {
        authority: "DEVAT".to_owned(),
        code: None,
        reclaim_code: "V1".to_owned(),
        amount: cents(160),
        reclaim: cents(100),
    };
    let document = Report::new("Taxed", ada, Place::new("0021", "410"), random)
        .entry(Entry::new(cents(1_000), random).taxed(vat))
        .document(random);
    let id = confirmed(&world, &document).await;
    let bill = &world.postings(&id)[0];
    assert_eq!(decimal(&bill["Amount"]), Some(cents(1_000)), "{bill:#}");
    assert_eq!(decimal(&bill["TaxTotal"]), Some(cents(160)), "{bill:#}");
    let row = &bill["TaxDetails"][0];
    assert_eq!(row["TaxID"], json!("SALESTAX"), "{bill:#}");
    assert_eq!(decimal(&row["TaxableAmount"]), Some(cents(840)), "{bill:#}");
    assert_eq!(decimal(&row["TaxAmount"]), Some(cents(100)), "{bill:#}");
    assert_eq!(bill["Details"][0]["TaxCategory"], json!("TAXABLE"));
}

#[tokio::test]
async fn a_line_is_linked_to_its_purchase_order() {
    let mut rule = e2e::demo::connection("", "")["rules"]["invoice"].clone();
    rule["po"] = json!("link");
    rule["po_unit"] = json!("EA");
    let world = World::with(ruled(vec![("/rules/invoice", rule)])).await;
    let random = &mut Random::new(103);
    let document = Invoice::new(
        "INV-10",
        ("V000010", "Granite Supply"),
        Place::new("0021", "410"),
        random,
    )
    .line("Paper", "MATER", cents(25_000))
    .po("PO000007")
    .document(random)
    .broken("/requestHeader/invoiceDate", json!("11/09/2026"))
    .broken("/lineItem/0/poLineNumber", json!("1"));
    let id = confirmed(&world, &document).await;
    let bill = &world.postings(&id)[0];
    let line = &bill["Details"][0];
    assert_eq!(line["POOrderNbr"], json!("PO000007"), "{bill:#}");
    assert_eq!(line["POLine"], json!(1));
    // The order was placed on another account than the invoice names, and Acumatica takes the order's.
    assert_eq!(line["Account"], json!("61500"));
    assert_eq!(decimal(&bill["Amount"]), Some(cents(25_000)));
}

#[tokio::test]
async fn what_other_workers_stored_is_seen_within_an_hour_and_doubted_before_a_refusal() {
    let world = World::warm().await;
    let ledger = &world.needs.ledger;
    let stored = ledger.reference(&connection()).await.expect("a ledger");
    let is_accounts = |list: &&Cached| list.table.list() == List::Accounts;
    let accounts = stored.iter().find(is_accounts).expect("accounts");
    let closed = Account {
        activity: Activity::Inactive,
        ..Account::default()
    };
    let accounts = Cached {
        table: Table::Accounts(Rows::whole(1, [("61000", closed)])),
        ..accounts.clone()
    };
    let put = ledger.put_reference(&connection(), &accounts).await;
    put.expect("the version read");
    let random = &mut Random::new(104);
    confirmed(&world, &report("Taxi", 1_000, random)).await;
    assert_eq!(world.acumatica_calls("get"), 0, "the process knows better");
    world.pass(3_700);
    confirmed(&world, &report("Taxi", 2_000, random)).await;
    assert_eq!(world.acumatica_calls("get.Account"), 1);
}

#[tokio::test]
async fn without_a_seat_nothing_is_refused_for_what_the_cache_says() {
    let world = World::warm().await;
    let (now, until) = (world.needs.clock.now(), world.run().deadline);
    for seat in ["seat#demo#1", "seat#demo#2"] {
        let taken = world.needs.ledger.take_lease(seat, "another", now, until);
        taken.await.expect("a ledger").expect("a free seat");
    }
    let id = world.offer(&invoice("INV-12", "V000088", &mut Random::new(105)));
    world.turn().await;
    assert_eq!(world.state(&id).await, "acknowledged");
    assert_eq!(world.record(&id).await.attempt, 0);
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["vendor_unknown"]);
}

#[tokio::test]
async fn what_may_surprise_is_told_when_a_connection_is_applied() {
    let world = World::new().await;
    let mut connection = e2e::demo::connection(world.concur.token_url(), &world.acumatica.url());
    connection["rules"]["parties"]["CBCP"] = json!({"as": "bill", "vendor": "AMEX"});
    let answer = world
        .connect(json!({"action": "apply", "connection": connection}))
        .await;
    assert_eq!(answer["applied"], true, "{answer:#}");
    assert_eq!(answer["warnings"][0]["path"], "rules.parties.CBCP");
    connection["acumatica"]["version"] = json!("22.200.001");
    connection["rules"]["tax"] = json!({
        "mode": "acumatica", "category": "EXEMPT",
        "codes": {"V1": {"tax_id": "SALESTAX"}}, "categories": {"SALESTAX": "TAXABLE"},
    });
    let answer = world
        .connect(json!({"action": "apply", "connection": connection}))
        .await;
    assert_eq!(answer["applied"], false, "{answer:#}");
    assert_eq!(answer["faults"][0]["path"], "rules.tax.mode");
}
