//! A posting too long for one request grows on hold, portion by portion: no line twice, none missing, whatever is lost.

use std::time::Duration;

use e2e::{
    amounts::cents,
    documents::{Document, Entry, Person, Place, Random, Report},
    twins::faults::Fault,
};
use posting::DocumentId;
use serde_json::{Value, json};

use super::{
    main_job,
    replay::event,
    replay_ends::adopt,
    withdrawals::told,
    world::{Setting, World},
};

const LINES: usize = 7;
/// Requests of seven lines by three: the first, two more, and the one that takes it off hold.
const WRITES: u64 = 4;

fn posting(hold: bool) -> Value {
    json!({"lines_per_request": 3, "expense": {"hold": hold}})
}

async fn world(hold: bool) -> World {
    let world = World::with(Setting {
        rules: vec![("/posting", posting(hold))],
        ..Setting::default()
    })
    .await;
    // A posting known to exist lets an empty search prove something.
    world.offer(&main_job::report("Known", 900, &mut Random::new(70)));
    world.settle().await;
    world
}

fn long(random: &mut Random) -> Document {
    let ada = Person::new("E00101", "Ada", "Archer");
    let mut report = Report::new("Long", ada, Place::new("0021", "410"), random);
    for amount in [1_000, 2_000, 3_100, 4_200, 5_300, 6_400, 7_500_i64] {
        report = report.entry(Entry::new(cents(amount), random).described("Taxi"));
    }
    report.document(random)
}

/// Lines and total of the one bill of the document.
fn bill(world: &World, id: &DocumentId) -> (usize, String, String) {
    let bills = world.postings(id);
    assert_eq!(bills.len(), 1, "{bills:#?}");
    let bill = &bills[0];
    let lines = bill["Details"].as_array().expect("lines").len();
    let total = bill["Amount"].to_string();
    (
        lines,
        total,
        bill["Status"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn a_long_report_becomes_one_bill_of_all_its_lines() {
    for (hold, status, writes) in [(false, "Balanced", WRITES), (true, "On Hold", WRITES - 1)] {
        let world = world(hold).await;
        let before = world.acumatica_calls("put.Bill");
        let id = world.offer(&long(&mut Random::new(71)));
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed");
        let whole = (LINES, "295".to_owned(), status.to_owned());
        assert_eq!(bill(&world, &id), whole);
        assert_eq!(world.acumatica_calls("put.Bill") - before, writes);
    }
}

#[tokio::test]
async fn no_lost_answer_doubles_or_drops_a_line() {
    let faults = [
        Fault::DropBefore,
        Fault::DropAfterSave,
        Fault::CutAnswer,
        Fault::StatusAfterSave(503),
        Fault::HtmlAfterSave(502),
        Fault::Html(502),
        Fault::Status(429),
        Fault::Status(401),
    ];
    for fault in faults {
        for nth in 0..WRITES {
            let world = world(false).await;
            let story = format!("{fault:?} at write {}", nth + 1);
            for _ in 0..nth {
                world
                    .acumatica
                    .next("put.Bill", Fault::Delay(Duration::ZERO));
            }
            world.acumatica.next("put.Bill", fault.clone());
            let id = world.offer(&long(&mut Random::new(72 + nth)));
            world.settle().await;
            let record = world.record(&id).await;
            assert_eq!(record.state.word(), "confirmed", "{story}: {record:?}");
            let whole = (LINES, "295".to_owned(), "Balanced".to_owned());
            assert_eq!(bill(&world, &id), whole, "{story}");
        }
    }
}

#[tokio::test]
async fn nothing_is_added_before_a_lost_portion_can_have_arrived() {
    let world = world(false).await;
    world
        .acumatica
        .next("put.Bill", Fault::Delay(Duration::ZERO));
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&long(&mut Random::new(80)));
    world.turn().await;
    assert_eq!(bill(&world, &id).0, 3);
    let writes = world.acumatica_calls("put.Bill");
    for _ in 0..5 {
        world.pass(150);
        world.turn().await;
        assert_eq!(world.acumatica_calls("put.Bill"), writes);
    }
    world.settle().await;
    assert_eq!(
        (world.state(&id).await, bill(&world, &id).0),
        ("confirmed", LINES)
    );
}

#[tokio::test]
async fn what_a_clerk_changed_half_way_is_left_alone() {
    let world = world(false).await;
    world
        .acumatica
        .next("put.Bill", Fault::Delay(Duration::ZERO));
    world.acumatica.next("put.Bill", Fault::DropBefore);
    let id = world.offer(&long(&mut Random::new(82)));
    world.turn().await;
    let number = world.postings(&id)[0]["ReferenceNbr"].clone();
    let keys = ["Bill", number.as_str().expect("a number")];
    world.acumatica.edit("Bill", &keys, ("Amount", json!(1.00)));
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["amount_differs"]);
    assert_eq!(bill(&world, &id).0, 3);
    // Part of it stands: a new plan would post it twice, and nothing else stands for it.
    for wish in ["replan", "return"] {
        assert_eq!(world.wish(wish, &id).await, "refused", "{wish}");
    }
    let adopted = world.replay(adopt(&id, "Bill 000777", true)).await;
    assert_eq!(adopted["documents"][0]["verdict"], "refused");
    // No half document is success, whoever allows it.
    let allowed = world.replay(event("allow", &id, true)).await;
    let says = allowed["documents"][0]["says"].to_string();
    assert!(says.contains("it is held again"), "{allowed:#}");
    world.settle().await;
    assert_eq!(world.reasons(&id).await, ["amount_differs"]);
    assert_eq!(bill(&world, &id).0, 3);
    assert_eq!(world.wish("withdraw", &id).await, "done");
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned amount_differs");
    assert!(world.postings(&id).is_empty());
}
