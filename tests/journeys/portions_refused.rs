//! A posting that is built in portions and refused half-way: what stands of it is taken back as several postings of one plan are,
//! and Concur hears of it only when nothing is left.

use std::time::Duration;

use e2e::{
    amounts::cents,
    documents::{Document, Entry, Party, Person, Place, Random, Report},
    twins::{
        acumatica::{Options, Preference},
        faults::Fault,
    },
};
use posting::DocumentId;
use serde_json::{Value, json};

use super::{
    withdrawals::{known, recall, told},
    world::{Setting, World, wake},
};

/// The account of the last lines, and what it is in Acumatica.
const LATE: (&str, &str) = ("474240", "61500");

/// Three lines in a request; what Acumatica refuses goes back to Concur, or waits.
pub(crate) fn by_three(then: &str) -> Setting {
    let posting = json!({
        "lines_per_request": 3, "expense": {"hold": false}, "on_refusal": {"document": then, "setup": then},
    });
    Setting {
        rules: vec![("/posting", posting)],
        ..Setting::default()
    }
}

/// A report of seven lines; the last two are on an account of their own.
pub(crate) fn long(party: Party, random: &mut Random) -> Document {
    let ada = Person::new("E00101", "Ada", "Archer");
    let mut report = Report::new("Long", ada, Place::new("0021", "410"), random);
    for n in 1..=7_i64 {
        let mut entry = Entry::new(cents(n * 1_000), random).described("Taxi");
        if n > 5 {
            entry = entry.on_account(LATE.0);
        }
        if party != Party::Employee {
            entry = entry.paid_by(party, "199999");
        }
        report = report.entry(entry);
    }
    report.document(random)
}

/// Nobody may post to the account of the last lines any more. The day's lists know it as active, so only the write finds out.
pub(crate) fn close_late_account<L: connector::ports::Ledger>(world: &World<L>) {
    let inactive = ("Active", json!(false));
    world.acumatica.edit("Account", &[LATE.1], inactive);
}

async fn words(world: &World, id: &DocumentId) -> Vec<String> {
    let story = world.story(id).await;
    assert!(posting::record::chain_holds("", &story));
    story.into_iter().map(|event| event.what).collect()
}

#[tokio::test]
async fn a_refused_portion_takes_back_what_stands_and_concur_hears_why() {
    for (party, of) in [
        (Party::Employee, "Bill"),
        (Party::Cbcp, "JournalTransaction"),
    ] {
        let world = known(by_three("return")).await;
        let id = world.offer(&long(party, &mut Random::new(300)));
        world.poll().await;
        close_late_account(&world);
        world.settle().await;
        assert_eq!(
            told(&world, &id).await,
            "returned acumatica_refused",
            "{of}"
        );
        assert!(world.postings(&id).is_empty(), "{of}");
        assert_eq!(world.status(&id), "POSTING_CONFIRMED_FAILURE");
        let verdict = world.concur.told(id.as_str()).expect("a verdict");
        assert!(verdict.posting_docs.is_empty(), "{of}");
        let words = words(&world, &id).await;
        let mut order = words.iter().filter(|word| {
            let steps = [
                "unfinished",
                "withdrawing",
                "deleting",
                "gone_deleted",
                "withdrawn",
                "refused",
                "returned",
            ];
            steps.contains(&word.as_str())
        });
        let first: Vec<_> = order.by_ref().take(3).collect();
        assert_eq!(
            first,
            ["unfinished", "withdrawing", "deleting"],
            "{words:?}"
        );
        let then: Vec<_> = order.collect();
        assert_eq!(
            then,
            ["gone_deleted", "withdrawn", "refused", "returned"],
            "{words:?}"
        );
        assert_eq!(world.acumatica_calls(&format!("delete.{of}")), 1);
        // What was deleted is kept as it stood: its first lines, on hold.
        let kept = world.deleted(&id).await;
        let body: Value = serde_json::from_str(&kept[0].text).expect("JSON");
        assert_eq!(body["Status"]["value"], "On Hold", "{body:#}");
        let lines = body["Details"].as_array().expect("lines").len();
        assert!(lines >= 3 && lines.is_multiple_of(3), "{lines} lines");
    }
}

#[tokio::test]
async fn by_rule_it_waits_with_nothing_standing_and_is_planned_anew() {
    let world = known(by_three("hold")).await;
    let id = world.offer(&long(Party::Employee, &mut Random::new(301)));
    world.poll().await;
    close_late_account(&world);
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held acumatica_refused");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.concur.told(id.as_str()), None);
    world
        .acumatica
        .edit("Account", &[LATE.1], ("Active", json!(true)));
    assert_eq!(world.wish("resume", &id).await, "done");
    world.settle().await;
    assert_eq!(world.state(&id).await, "confirmed");
    let bills = world.postings(&id);
    assert_eq!(bills.len(), 1);
    assert_eq!(bills[0]["Details"].as_array().expect("lines").len(), 7);
    assert_eq!(world.record(&id).await.state.plan(), Some(2));
}

#[tokio::test]
async fn what_does_not_leave_hold_is_taken_back_too() {
    let world = known(by_three("return")).await;
    for _ in 0..3 {
        let usual = Fault::Delay(Duration::ZERO);
        world.acumatica.next("put.Bill", usual);
    }
    let no = Fault::Refuse("The document is out of balance.".to_owned());
    world.acumatica.next("put.Bill", no);
    let id = world.offer(&long(Party::Employee, &mut Random::new(302)));
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned acumatica_refused");
    assert!(world.postings(&id).is_empty());
}

#[tokio::test]
async fn the_postings_before_it_are_taken_back_with_it() {
    let world = known(by_three("return")).await;
    let random = &mut Random::new(303);
    let ada = Person::new("E00101", "Ada", "Archer");
    let mut report = Report::new("Both", ada, Place::new("0021", "410"), random)
        .entry(Entry::new(cents(2_300), random).described("Cash"));
    for n in 1..=4_i64 {
        let entry = Entry::new(cents(n * 1_000), random).paid_by(Party::Cbcp, "199999");
        report = report.entry(if n > 3 {
            entry.on_account(LATE.0)
        } else {
            entry
        });
    }
    let id = world.offer(&report.document(random));
    world.poll().await;
    close_late_account(&world);
    world.post().await;
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned acumatica_refused");
    assert!(world.postings(&id).is_empty());
    let deleted = ["delete.Bill", "delete.JournalTransaction"];
    assert_eq!(deleted.map(|kind| world.acumatica_calls(kind)), [1, 1]);
}

#[tokio::test]
async fn nothing_is_taken_back_while_a_lost_portion_may_still_arrive() {
    let world = known(by_three("return")).await;
    let id = world.offer(&long(Party::Employee, &mut Random::new(304)));
    world.poll().await;
    for fault in [Fault::Delay(Duration::ZERO), Fault::DropBefore] {
        world.acumatica.next("put.Bill", fault);
    }
    close_late_account(&world);
    world.post().await;
    assert_eq!(world.state(&id).await, "posting");
    let writes = world.acumatica_calls("put.Bill");
    for _ in 0..5 {
        world.pass(150);
        world.post_batch(&[wake(&id)]).await;
        let calls = ["put.Bill", "delete"].map(|kind| world.acumatica_calls(kind));
        assert_eq!(calls, [writes, 0]);
        assert_eq!(world.postings(&id).len(), 1);
    }
    world.settle().await;
    assert_eq!(told(&world, &id).await, "returned acumatica_refused");
    assert!(world.postings(&id).is_empty());
}

#[tokio::test]
async fn what_a_dead_worker_may_have_sent_is_waited_for_too() {
    for account in [false, true] {
        let world = known(by_three("return")).await;
        let id = world.offer(&long(Party::Employee, &mut Random::new(308)));
        world.poll().await;
        let _wakes = world.needs.queue.take();
        for pause in [Duration::ZERO, Duration::from_mins(1)] {
            world.acumatica.next("put.Bill", Fault::Delay(pause));
        }
        if account {
            close_late_account(&world);
        }
        let wakes = [wake(&id)];
        tokio::select! {
            () = world.post_batch(&wakes) => panic!("the worker was to be ended"),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        world.acumatica.recover();
        let writes = world.acumatica_calls("put.Bill");
        // Its claim has ended; what it sent may still stand in the site's queue.
        for seconds in [320, 500, 350] {
            world.pass(seconds);
            world.post_batch(&wakes).await;
            let calls = ["put.Bill", "delete"].map(|kind| world.acumatica_calls(kind));
            assert_eq!(calls, [writes, 0], "{:?}", world.record(&id).await);
            assert_eq!(world.state(&id).await, "posting");
        }
        world.settle().await;
        if account {
            assert_eq!(told(&world, &id).await, "returned acumatica_refused");
            assert!(world.postings(&id).is_empty());
        } else {
            assert_eq!(world.state(&id).await, "confirmed");
            let bills = world.postings(&id);
            assert_eq!(bills.len(), 1);
            assert_eq!(bills[0]["Details"].as_array().expect("lines").len(), 7);
        }
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_takes_nothing_back() {
    let world = known(by_three("return")).await;
    for fault in [Fault::Delay(Duration::ZERO), Fault::Html(403)] {
        world.acumatica.next("put.Bill", fault);
    }
    let id = world.offer(&long(Party::Employee, &mut Random::new(305)));
    world.settle().await;
    let record = world.record(&id).await;
    assert_eq!(world.acumatica_calls("delete"), 0, "{record:?}");
    assert_eq!(world.postings(&id).len(), 1);
    if record.state.word() == "held" {
        assert_eq!(world.wish("resume", &id).await, "done", "{record:?}");
        world.settle().await;
    }
    assert_eq!(world.state(&id).await, "confirmed");
    let bill = &world.postings(&id)[0];
    assert_eq!(bill["Details"].as_array().expect("lines").len(), 7);
}

/// What Acumatica says while an action of the session runs.
const AT_WORK: &str = "The previous operation has not been completed yet.";

#[tokio::test]
async fn a_session_that_is_at_work_refuses_nothing_for_good() {
    let busy = || Fault::Refuse(AT_WORK.to_owned());
    for earlier in [0, 1, 3] {
        let world = known(by_three("return")).await;
        let usual = std::iter::repeat_n(Fault::Delay(Duration::ZERO), earlier);
        for fault in usual.chain([busy()]) {
            world.acumatica.next("put.Bill", fault);
        }
        let id = world.offer(&long(Party::Employee, &mut Random::new(309)));
        world.turn().await;
        let record = world.record(&id).await;
        assert_eq!((record.state.word(), record.attempt), ("posting", 1));
        world.settle().await;
        assert_eq!(world.state(&id).await, "confirmed", "{earlier}");
        assert_eq!(world.postings(&id).len(), 1);
        assert_eq!(world.acumatica_calls("delete"), 0);
    }
    // Nor is what it does not delete reversed.
    let world = known(Setting::default()).await;
    recall(&world);
    world.acumatica.next("delete.Bill", busy());
    let id = world.offer(&long(Party::Employee, &mut Random::new(310)));
    world.settle().await;
    assert_eq!(world.state(&id).await, "recalled");
    assert!(world.postings(&id).is_empty());
    assert_eq!(world.acumatica_calls("delete.Bill"), 2);
}

#[tokio::test]
async fn where_it_cannot_be_deleted_a_person_removes_it_and_it_goes_on() {
    // For good, by an exception, which says no as well once the document is known to stand, and for want of a right.
    for (fault, wish) in [
        (None, "resume"),
        (Some(Fault::Status(500)), "withdraw"),
        (Some(Fault::Status(403)), "withdraw"),
    ] {
        let is_for_good = fault.is_none();
        let mut setting = by_three("return");
        if is_for_good {
            setting.acumatica = Options {
                deletion: Preference::Off,
                ..Options::default()
            };
        }
        let world = known(setting).await;
        let id = world.offer(&long(Party::Employee, &mut Random::new(306)));
        world.poll().await;
        close_late_account(&world);
        if let Some(fault) = fault {
            world.acumatica.next("delete.Bill", fault);
        }
        world.settle().await;
        assert_eq!(told(&world, &id).await, "held withdrawal_refused");
        let reason = world.record(&id).await.state.reasons()[0].message.clone();
        assert!(
            reason.contains(" has 3 of 7 lines and is not deleted: "),
            "{reason}"
        );
        assert_eq!(world.concur.told(id.as_str()), None);
        let shown = world.show(&id).await;
        let permits = shown["documents"][0]["reasons"][0]["permits"].to_string();
        assert_eq!(permits, r#"["resume","withdraw","close"]"#);
        let stands = world.postings(&id);
        assert_eq!(
            (stands.len(), world.acumatica_calls("delete")),
            (1, 1),
            "no opposite"
        );

        if is_for_good {
            let number = stands[0]["ReferenceNbr"].as_str().expect("a number");
            world.acumatica.remove("Bill", &["Bill", number]);
        }
        assert_eq!(world.wish(wish, &id).await, "done");
        world.settle().await;
        assert_eq!(told(&world, &id).await, "returned acumatica_refused");
        assert!(world.postings(&id).is_empty());
    }
}

#[tokio::test]
async fn what_a_person_added_to_it_is_not_deleted() {
    let world = known(by_three("return")).await;
    let id = world.offer(&long(Party::Employee, &mut Random::new(307)));
    world.poll().await;
    close_late_account(&world);
    // Between the refusal and the look before the deletion.
    world.acumatica.next("delete.Bill", Fault::DropBefore);
    world.post().await;
    assert_eq!(world.state(&id).await, "withdrawing");
    let number = world.postings(&id)[0]["ReferenceNbr"].clone();
    let keys = ["Bill", number.as_str().expect("a number")];
    world.acumatica.edit("Bill", &keys, ("Amount", json!(1.00)));
    world.settle().await;
    assert_eq!(told(&world, &id).await, "held withdrawal_edited");
    assert_eq!(world.postings(&id).len(), 1);
}
