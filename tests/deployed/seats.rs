//! Seats and requests a minute on the deployed stack: many real processes of `post` want them at once, through the leases and the
//! budget in the table. The sites count, and never have to refuse.

use std::time::{Duration, Instant};

use e2e::{
    demo,
    documents::{Entry, Person, Place as Where, Random, Report},
    stack::{Place, Stack},
    twins::{
        acumatica::{self, AcumaticaTwin, Delays},
        concur::{self, ConcurTwin},
    },
};
use serde_json::{Value, json};

use crate::{ONE_AT_A_TIME, workers};

const STACK: &str = "seats";
/// Seats and requests a minute of each customer's licence.
const LICENCES: [(usize, usize); 4] = [(1, 6_000), (2, 6_000), (5, 6_000), (2, 60)];
/// Documents of each, all at once: with what is looked up first, more requests than the least licence has in a minute.
const DOCUMENTS: usize = 50;
/// Longest time until all are confirmed.
const CONFIRMED_MAX: Duration = Duration::from_mins(6);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// A customer with a company and a site of its own.
struct Customer {
    concur: ConcurTwin,
    acumatica: AcumaticaTwin,
    ids: Vec<String>,
}

impl Customer {
    async fn start((seats, requests): (usize, usize), random: &mut Random) -> Self {
        let concur = ConcurTwin::start(concur::Options::default()).await;
        let concur = concur.expect("a free port");
        let site = acumatica::Options {
            seed: demo::acumatica_seed(),
            seats,
            requests_per_minute: Some(requests),
            // How answers are delayed is another story.
            delays: Delays::Off,
            ..acumatica::Options::default()
        };
        let offer = |_| {
            let cents = random.between(100, 90_000);
            let entry = Entry::new(e2e::amounts::cents(cents), random).described("Taxi");
            let ada = Person::new("E00101", "Ada", "Archer");
            let report = Report::new("Travel", ada, Where::new("0021", "410"), random);
            concur.offer("expense", report.entry(entry).document(random).body)
        };
        let ids = (0..DOCUMENTS).map(offer).collect();
        Self {
            acumatica: AcumaticaTwin::start(site).await.expect("a free port"),
            concur,
            ids,
        }
    }

    /// Stores its secrets and applies its connection.
    async fn apply(&self, stack: &Stack, id: &str) {
        let options = self.concur.options();
        let secret = options.secret();
        put(stack, &format!("{id}/concur"), &secret).await;
        let options = self.acumatica.options();
        let secret = options.secret();
        put(stack, &format!("{id}/acumatica"), &secret).await;
        let mut connection = demo::connection(self.concur.token_url(), &self.acumatica.url());
        connection["id"] = json!(id);
        connection["documents"] = json!(["expense"]);
        connection["acumatica"]["seats"] = json!(options.seats);
        connection["acumatica"]["requests_per_minute"] = json!(options.requests_per_minute);
        let event = json!({"action": "apply", "connection": connection});
        let answer = stack.invoke("connect", &event).await.expect("an answer");
        assert_eq!(answer["applied"], true, "{answer:#}");
    }

    fn confirmed(&self) -> usize {
        let told = self.ids.iter().filter(|id| self.concur.told(id).is_some());
        told.count()
    }
}

async fn put(stack: &Stack, name: &str, secret: &Value) {
    stack.put_secret(name, secret).await.expect("a secret");
}

#[tokio::test]
async fn processes_in_a_crowd_never_take_more_than_the_licence_has() {
    let _alone = ONE_AT_A_TIME.lock().await;
    // The tick comes from here alone.
    let parameters = [("ScheduleExpression", "rate(1 day)"), ("BatchWindow", "1")];
    let stack = Stack::start(&Place::new(STACK), &parameters).await;
    let stack = stack.expect("a stack");
    let random = &mut Random::new(11);
    let mut customers = Vec::new();
    for (n, licence) in LICENCES.into_iter().enumerate() {
        let customer = Customer::start(licence, random).await;
        customer.apply(&stack, &format!("customer-{n}")).await;
        customers.push(customer);
    }

    let began = Instant::now();
    stack.invoke("poll", &json!({})).await.expect("an answer");
    let (mut most, mut waits) = (0, true);
    while waits {
        most = most.max(workers(STACK, "post"));
        waits = customers.iter().any(|one| one.confirmed() < DOCUMENTS);
        assert!(began.elapsed() < CONFIRMED_MAX, "some are never confirmed");
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{most} processes of post at once at most, all confirmed after {seconds:.1} s");
    for (customer, (seats, requests)) in customers.iter().zip(LICENCES) {
        let licence = customer.acumatica.licence();
        println!("{seats} seats, {requests} requests a minute: {licence:?}");
        assert_eq!(customer.acumatica.bills().len(), DOCUMENTS);
        assert_eq!((licence.refused, licence.at_once), (0, 1), "{licence:?}");
        assert!((1..=seats).contains(&licence.sessions), "{licence:?}");
        assert!(licence.a_minute < requests, "{licence:?}");
    }
    assert!(most > 5, "{most} processes are no crowd");
}
