//! What every ledger does with reservations, connections and leases.

use connector::ports::{
    Change, Holder, Lease, Ledger, Payable, Reservation, SaveError, Standing, StoredConnection,
};
use posting::plan::PostingKind;

use crate::samples::{at, connection, document, key, noise, plan, record};

pub(crate) async fn contract(ledger: &impl Ledger) {
    reserves_for_one_document(ledger).await;
    hands_names_over(ledger).await;
    has_a_number_stand_for_one_document(ledger).await;
    keeps_versions_of_connections(ledger).await;
    lists_more_connections_than_an_answer_holds(ledger).await;
    leases_to_one_holder(ledger).await;
    swaps_a_memo_for_who_knows_it(ledger).await;
}

fn names() -> [Reservation; 2] {
    [
        Reservation::Business("2519BED4A22B43C4B8E7".to_owned()),
        Reservation::Reference {
            payable: Payable::Bill,
            vendor: "V00017".to_owned(),
            number: "INV77".to_owned(),
        },
    ]
}

/// Takes names for document `n` and stores plan 1 with them.
async fn take(
    ledger: &impl Ledger,
    n: u32,
    names: &[Reservation],
    replaced: &[posting::DocumentId],
) -> Result<(), SaveError> {
    let key = key("names", n);
    let record = ledger.load(&key).await.unwrap().unwrap().record;
    let plan = plan(&key, 1, &[]);
    let change = Change {
        plan: Some(&plan),
        reservations: names,
        replaced,
        ..Change::of(&record)
    };
    ledger.save(&change).await
}

async fn reserves_for_one_document(ledger: &impl Ledger) {
    for n in 1..=3 {
        ledger.create(&record(&key("names", n))).await.unwrap();
    }
    let [business, reference] = names();
    // Two postings of a plan may name one reference.
    let twice = [business, reference.clone(), reference.clone()];
    take(ledger, 1, &twice, &[]).await.unwrap();
    take(ledger, 1, &twice, &[]).await.unwrap();

    let refused = take(ledger, 2, &[reference], &[]).await.unwrap_err();
    let SaveError::Taken { key: name, by } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((name.as_str(), by), ("ref#bill#V00017#INV77", document(1)));
    let second = ledger.load(&key("names", 2)).await.unwrap().unwrap();
    assert_eq!(second.record.version, 1);
    assert_eq!(ledger.plan(&key("names", 2), 1).await.unwrap(), None);

    // Who lost the record hears that first.
    let mut stale = second.record.clone();
    stale.attempt = 1;
    ledger.save(&Change::of(&second.record)).await.unwrap();
    let change = Change {
        reservations: &names(),
        ..Change::of(&stale)
    };
    let lost = ledger.save(&change).await;
    assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");

    // Another connection has its own names.
    let other = key("names-2", 1);
    ledger.create(&record(&other)).await.unwrap();
    let record = ledger.load(&other).await.unwrap().unwrap().record;
    let change = Change {
        reservations: &names(),
        receipts: &[(PostingKind::DebitAdj, "004512".to_owned())],
        ..Change::of(&record)
    };
    ledger.save(&change).await.unwrap();
    ledger.save(&change).await.unwrap();
    let holder = async |of: &str, kind, number| {
        let found = ledger.holder(&key(of, 1).connection, kind, number).await;
        found.unwrap()
    };
    let (debit, bill) = (PostingKind::DebitAdj, PostingKind::Bill);
    assert_eq!(holder("names-2", debit, "004512").await, Some(holds(1, 2)));
    for (of, kind, number) in [
        ("names-2", bill, "004512"),
        ("names-2", debit, "00451"),
        ("names", debit, "004512"),
    ] {
        assert_eq!(holder(of, kind, number).await, None, "{of} {number}");
    }
}

fn holds(n: u32, version: u64) -> Holder {
    let document = document(n);
    Holder { document, version }
}

/// Has a number stand for document `n`, which may be taken over from these.
async fn stands_for(
    ledger: &impl Ledger,
    n: u32,
    (kind, number): (PostingKind, &str),
    former: &[Holder],
) -> Result<(), SaveError> {
    let record = ledger.load(&key("numbers", n)).await.unwrap().unwrap();
    let change = Change {
        receipts: &[(kind, number.to_owned())],
        former,
        ..Change::of(&record.record)
    };
    ledger.save(&change).await
}

async fn has_a_number_stand_for_one_document(ledger: &impl Ledger) {
    for n in 1..=3 {
        ledger.create(&record(&key("numbers", n))).await.unwrap();
    }
    let (bill, number) = (PostingKind::Bill, "000777");
    let whose = async || {
        let connection = key("numbers", 1).connection;
        ledger.holder(&connection, bill, number).await.unwrap()
    };
    // Two at the same moment: both read that nobody has it.
    let first = stands_for(ledger, 1, (bill, number), &[]);
    let second = stands_for(ledger, 2, (bill, number), &[]);
    let (first, second) = tokio::join!(first, second);
    let (winner, loser, refused) = match (first, second) {
        (Ok(()), Err(refused)) => (1, 2, refused),
        (Err(refused), Ok(())) => (2, 1, refused),
        both => panic!("{both:?}"),
    };
    let SaveError::Taken { key: name, by } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (name.as_str(), by),
        ("receipt#Bill#000777", document(winner))
    );
    assert_eq!(whose().await, Some(holds(winner, 2)));
    let lost = ledger.load(&key("numbers", loser)).await.unwrap().unwrap();
    assert_eq!(lost.record.version, 1, "nothing of it was stored");
    // A name of its own for each kind, and its own again.
    stands_for(ledger, loser, (PostingKind::DebitAdj, number), &[])
        .await
        .unwrap();
    stands_for(ledger, winner, (bill, number), &[])
        .await
        .unwrap();
    assert_eq!(whose().await, Some(holds(winner, 3)));

    // From one that counts it no more it is taken over, but not once that one has taken it again.
    for former in [holds(winner, 2), holds(3, 3), holds(loser, 3)] {
        let refused = stands_for(ledger, loser, (bill, number), &[former]).await;
        assert!(
            matches!(refused, Err(SaveError::Taken { .. })),
            "{refused:?}"
        );
    }
    let former = [holds(3, 1), holds(winner, 3)];
    stands_for(ledger, loser, (bill, number), &former)
        .await
        .unwrap();
    assert_eq!(whose().await, Some(holds(loser, 3)));
    let refused = stands_for(ledger, winner, (bill, number), &[]).await;
    assert!(matches!(refused, Err(SaveError::Taken { by, .. }) if by == document(loser)));
}

async fn hands_names_over(ledger: &impl Ledger) {
    let stranger = take(ledger, 2, &names(), &[document(3), document(7)]).await;
    assert!(matches!(stranger, Err(SaveError::Taken { .. })));
    take(ledger, 2, &names(), &[document(3), document(1)])
        .await
        .unwrap();
    let before = take(ledger, 1, &names(), &[]).await.unwrap_err();
    assert!(matches!(before, SaveError::Taken { by, .. } if by == document(2)));
}

fn version(id: &str, version: u64, text: &str) -> StoredConnection {
    StoredConnection {
        id: connection(id),
        version,
        applied: at(0),
        by: "Kim".to_owned(),
        note: String::new(),
        standing: Standing::Applied,
        text: text.to_owned(),
    }
}

async fn keeps_versions_of_connections(ledger: &impl Ledger) {
    assert_eq!(ledger.connection(&connection("beta")).await.unwrap(), None);
    ledger
        .put_connection(&version("beta", 1, "{}"))
        .await
        .unwrap();
    let long = version("alpha", 1, &"{\"tables\":\"ü\"}".repeat(60_000));
    ledger.put_connection(&long).await.unwrap();
    let newest = version("beta", 2, "{\"a\":1}");
    ledger.put_connection(&newest).await.unwrap();
    ledger.put_connection(&newest).await.unwrap();
    for wrong in [
        version("beta", 1, "{\"b\":1}"),
        version("beta", 2, "{\"b\":1}"),
        version("beta", 4, "{\"b\":1}"),
        version("gamma", 2, "{}"),
    ] {
        let lost = ledger.put_connection(&wrong).await;
        assert!(matches!(lost, Err(SaveError::Conflict)), "{lost:?}");
    }
    let found = ledger.connection(&connection("beta")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&newest));
    assert_eq!(
        ledger.connections().await.unwrap(),
        [long.clone(), newest.clone()]
    );
    removes_and_lists_versions(ledger, long, newest).await;
}

/// Of `alpha`, which has one version, and `beta`, which has two.
async fn removes_and_lists_versions(
    ledger: &impl Ledger,
    long: StoredConnection,
    newest: StoredConnection,
) {
    // Removed it stays readable, and a repetition finds its own work.
    let gone = StoredConnection {
        note: "left".to_owned(),
        standing: Standing::Removed,
        ..version("beta", 3, "{\"a\":1}")
    };
    ledger.put_connection(&gone).await.unwrap();
    ledger.put_connection(&gone).await.unwrap();
    let found = ledger.connection(&connection("beta")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&gone));
    let in_force = ledger.connections().await.unwrap();
    assert_eq!(in_force, std::slice::from_ref(&long));
    assert_eq!(ledger.removed().await.unwrap(), std::slice::from_ref(&gone));
    let back = version("beta", 4, "{\"a\":1}");
    ledger.put_connection(&back).await.unwrap();
    assert_eq!(
        ledger.connections().await.unwrap(),
        [long.clone(), back.clone()]
    );
    assert_eq!(ledger.removed().await.unwrap(), []);

    let first = version("beta", 1, "{}");
    let all = [back, gone, newest, first];
    for (below, limit, expected) in [
        (None, 10, &all[..]),
        (None, 2, &all[..2]),
        (Some(4), 1, &all[1..2]),
        (Some(3), 10, &all[2..]),
        (Some(1), 10, &[]),
        (Some(0), 10, &[]),
        (None, 0, &[]),
    ] {
        let found = ledger.versions(&connection("beta"), below, limit).await;
        assert_eq!(found.unwrap(), expected, "{below:?} {limit}");
    }
    let found = ledger.versions(&connection("alpha"), None, 10).await;
    assert_eq!(found.unwrap(), [long]);
    let found = ledger.versions(&connection("gamma"), None, 10).await;
    assert_eq!(found.unwrap(), []);
}

/// An answer of the table has 1 MB at most, these connections together three.
async fn lists_more_connections_than_an_answer_holds(ledger: &impl Ledger) {
    let before = ledger.connections().await.unwrap().len();
    for n in 0..60 {
        let stored = version(
            &format!("many-{n:04}"),
            1,
            &format!("{n}{}", noise(100_000)),
        );
        ledger.put_connection(&stored).await.unwrap();
    }
    let found = ledger.connections().await.unwrap();
    assert_eq!(found.len(), before + 60);
    assert!(found.is_sorted_by(|one, other| one.id < other.id));
}

async fn leases_to_one_holder(ledger: &impl Ledger) {
    let name = "seat#acme#1";
    let take = async |holder, now, until| {
        ledger
            .take_lease(name, holder, at(now), at(until))
            .await
            .unwrap()
    };
    let first = take("a", 0, 100).await.unwrap();
    let expected = Lease {
        name: name.to_owned(),
        holder: "a".to_owned(),
        until: at(100),
        memo: String::new(),
    };
    assert_eq!(first, expected);
    assert_eq!(take("b", 50, 150).await, None);
    assert_eq!(take("a", 50, 200).await.unwrap().until, at(200));
    assert_eq!(take("b", 199, 300).await, None);
    // Lapsed at its very end; what its holder then says no longer counts.
    assert_eq!(take("b", 200, 300).await.unwrap().memo, "");
    let memo = |lease: Lease, memo: &str| Lease {
        memo: memo.to_owned(),
        ..lease
    };
    ledger.give_lease(&memo(first, "stale")).await.unwrap();
    assert_eq!(take("c", 250, 350).await, None);
    let second = take("b", 250, 300).await.unwrap();
    ledger
        .give_lease(&memo(second.clone(), "token 7"))
        .await
        .unwrap();
    ledger.give_lease(&memo(second, "late")).await.unwrap();
    assert_eq!(take("c", 251, 351).await.unwrap().memo, "token 7");
    let left = ledger.lease_memo("seat#acme#1").await.unwrap();
    assert_eq!(left.as_deref(), Some("token 7"));
    assert_eq!(ledger.lease_memo("seat#acme#9").await.unwrap(), None);
    let other = ledger
        .take_lease("seat#acme#2", "a", at(251), at(300))
        .await;
    assert!(other.unwrap().is_some());
}

async fn swaps_a_memo_for_who_knows_it(ledger: &impl Ledger) {
    let name = "requests#acme";
    let swap = async |before, after| ledger.swap_memo(name, before, after).await.unwrap();
    assert_eq!(swap("what nobody wrote", "a").await.as_deref(), Some(""));
    assert_eq!(swap("", "a").await, None);
    // Also when it is repeated, because the answer was lost.
    assert_eq!(swap("", "a").await, None);
    assert_eq!(swap("", "b").await.as_deref(), Some("a"));
    assert_eq!(swap("a", "b").await, None);
    assert_eq!(swap("a", "c").await.as_deref(), Some("b"));
    let left = ledger.lease_memo(name).await.unwrap();
    assert_eq!(left.as_deref(), Some("b"));
}
