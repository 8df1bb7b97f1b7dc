//! What would happen, before it happens: dry runs and previews, and that nobody learns of them.

use connector::poll;
use connector::ports::{Cached, Clock, Ledger};
use e2e::{
    demo,
    documents::{Document, Person, Place, Random, large_report},
};
use posting::reference::{Account, Activity, Rows, Table};
use serde_json::{Value, json};

use super::world::{World, connection};

/// Largest answer of a function, in bytes (AWS Lambda quotas).
const ANSWER_BYTES_MAX: usize = 6_000_000;
/// FIS id in the golden plans; their stamps carry it.
const ID: &str = "de2c2b936bc44114aa487fdab9f7bf61";

/// A document of the demo, by what it shows.
fn example(name: &str) -> Document {
    let found = demo::documents()
        .into_iter()
        .find(|example| example.name == name);
    found
        .unwrap_or_else(|| panic!("no example {name}"))
        .document
}

/// A document in its envelope.
fn envelope(document: &Document) -> Value {
    json!({"id": ID, "docType": document.kind.as_str(), "entityId": "p0085104gigw", "document": document.body})
}

impl World {
    /// A world whose connection has its tokens: taking them leaves a trace by itself.
    async fn connected() -> Self {
        let world = Self::new().await;
        let event = json!({"action": "connect", "connection": "demo"});
        assert_eq!(world.connect(event).await["ok"], true);
        world
    }

    /// Runs `poll` with these fields beside `dry_run`, and proves that no side learned of it.
    async fn dry_run(&self, mut event: Value) -> Value {
        event["dry_run"] = json!(true);
        let request: poll::Request = serde_json::from_value(event).expect("an event");
        let before = self.traces();
        let answer = poll::poll(&self.needs, &self.run(), &request)
            .await
            .expect("poll answers");
        assert_eq!(self.traces(), before, "a dry run leaves no trace");
        serde_json::to_value(answer).expect("JSON")
    }

    /// Invokes `preview`, and proves the same; not even Concur is asked.
    async fn preview(&self, mut event: Value) -> Value {
        event["action"] = json!("preview");
        let before = (self.traces(), self.concur.calls());
        let answer = self.connect(event).await;
        assert_eq!((self.traces(), self.concur.calls()), before);
        answer
    }

    /// Everything a run could leave behind: the whole ledger, the queue, calls that change something, Acumatica at all.
    fn traces(&self) -> String {
        let changing = self.concur_calls("acknowledge") + self.concur_calls("confirm");
        let (ledger, queue) = (&self.needs.ledger, &self.needs.queue);
        let acumatica = (
            self.acumatica.calls(),
            self.acumatica.bills(),
            self.acumatica.journals(),
        );
        format!("{ledger:?} {queue:?} {changing} {acumatica:?}")
    }
}

/// As the console shows it: numbers keep their digits.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn plans(answer: &Value) -> &Vec<Value> {
    answer["connections"][0]["plans"].as_array().expect("plans")
}

#[tokio::test]
async fn a_dry_run_plans_what_would_be_taken_and_leaves_no_trace() {
    let world = World::connected().await;
    let offered = demo::offer(&world.concur);
    let answer = world.dry_run(json!({})).await;
    let connection = &answer["connections"][0];
    assert_eq!(connection["errors"], json!([]), "{connection:#}");
    assert_eq!(plans(&answer).len(), offered.len());
    assert_eq!(connection["documents"]["returned"], json!(1));
    assert_eq!(
        connection["documents"]["posted"],
        json!(offered.len() - 1),
        "{:#}",
        connection["documents"]
    );
    assert_eq!(connection["swept"], json!(0));
    for explained in plans(&answer) {
        let plan = &explained["plan"];
        if explained["outcome"] == "posted" {
            assert_eq!(plan["totals"]["balanced"], json!(true), "{plan:#}");
            assert!(plan["postings"][0]["body"].is_object());
        } else {
            assert_eq!(explained["reasons"][0]["code"], "entry_sum");
        }
    }
}

#[tokio::test]
async fn what_a_dry_run_plans_is_what_a_run_posts() {
    let world = World::connected().await;
    let ids: Vec<_> = [
        "cash report",
        "invoice with shipping and tax",
        "cash advance",
    ]
    .map(|name| world.offer(&example(name)))
    .into();
    let planned = world.dry_run(json!({})).await;
    world.settle().await;
    for id in &ids {
        let plan = plans(&planned)
            .iter()
            .find(|plan| plan["document"] == json!(id.as_str()))
            .unwrap_or_else(|| panic!("no plan of {id}"));
        let shown = world
            .connect(json!({"action": "show", "connection": "demo", "document": id}))
            .await;
        for (planned, posted) in [("postings", "postings"), ("totals", "totals")] {
            let without_words = |plan: &Value| {
                let mut plan = plan.clone();
                strip(&mut plan, "because");
                plan
            };
            assert_eq!(
                without_words(&plan["plan"][planned]),
                without_words(&shown["plan"][posted])
            );
        }
    }
    let again = world.dry_run(json!({})).await;
    assert_eq!(again["connections"][0]["plans"], Value::Null);
}

fn strip(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => {
            members.remove(key);
            members.values_mut().for_each(|member| strip(member, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, key)),
        _ => {}
    }
}

#[tokio::test]
async fn a_dry_run_can_be_narrowed_and_never_outgrows_its_answer() {
    let world = World::connected().await;
    let random = &mut Random::new(31);
    for n in 0..9 {
        let person = Person::new(&format!("E0010{n}"), "Ada", "Archer");
        world.offer(&large_report(
            400,
            person,
            &Place::new("0021", "410"),
            random,
        ));
    }
    let cash = example("cash report");
    world.offer(&cash);
    world.offer(&example("cash advance"));
    let all = world.dry_run(json!({})).await;
    let left_out = all["connections"][0]["plans_left_out"].as_array();
    assert!(
        left_out.is_some_and(|ids| !ids.is_empty()),
        "some do not fit"
    );
    assert!(all.to_string().len() < ANSWER_BYTES_MAX);
    assert_eq!(all["connections"][0]["documents"]["posted"], json!(11));
    let one = world
        .dry_run(json!({"connection": "demo", "document_types": ["expense"], "business_id": cash.business_id}))
        .await;
    assert_eq!(plans(&one).len(), 1);
    let advances = world
        .dry_run(json!({"document_types": ["cashadvance"]}))
        .await;
    assert_eq!(plans(&advances).len(), 1);
    assert_eq!(plans(&advances)[0]["type"], "cashadvance");
}

/// As a customer keeps plans of his own documents: what his rules make of them, to the last field.
#[tokio::test]
async fn golden_plans() {
    let world = World::new().await;
    for (file, name) in [
        ("cash_report", "cash report"),
        (
            "card_with_personal_spend",
            "company card with personal spend",
        ),
        ("employees_card", "employee's card"),
        ("uses_up_an_advance", "report that uses up an advance"),
        ("spend_and_credit", "spend and credit in one report"),
        ("shared_three_ways", "cost shared three ways"),
        ("invoice_with_shipping", "invoice with shipping and tax"),
        ("credit_memo", "credit memo"),
        ("cash_advance", "cash advance"),
        ("refused", "sums that differ"),
    ] {
        let document = envelope(&example(name));
        let preview = world
            .preview(json!({"connection": "demo", "document": document}))
            .await;
        insta::assert_snapshot!(file, pretty(&preview["stored"]));
    }
    let unmapped = example("cash report").broken("/report/reportOrgUnit2Code", json!("0099"));
    let preview = world
        .preview(json!({"connection": "demo", "document": envelope(&unmapped)}))
        .await;
    insta::assert_snapshot!("held", pretty(&preview["stored"]));
}

#[tokio::test]
async fn a_document_is_previewed_bare_in_text_or_in_its_envelope() {
    let world = World::new().await;
    for name in ["cash report", "invoice", "cash advance"] {
        let document = example(name);
        for given in [
            document.body.clone(),
            json!({"document": document.body.to_string()}),
            envelope(&document),
        ] {
            let preview = world
                .preview(json!({"connection": "demo", "document": given}))
                .await;
            assert_eq!(preview["stored"]["outcome"], "posted", "{preview:#}");
            assert_eq!(
                preview["stored"]["business_id"],
                json!(document.business_id)
            );
        }
    }
}

#[tokio::test]
async fn a_changed_rule_is_judged_by_what_it_changes() {
    let world = World::new().await;
    let document = envelope(&example("company card with personal spend"));
    let applied = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let with = |pointer: &str, value: Value| {
        let mut changed = applied.clone();
        *changed.pointer_mut(pointer).expect("a field") = value;
        json!({"connection": "demo", "document": document, "changed": changed})
    };
    let same = world
        .preview(with("/acumatica/requests_per_minute", json!(500)))
        .await;
    assert_eq!(
        same["changed"]["same"],
        json!(true),
        "{:#}",
        same["changed"]
    );

    let other = world
        .preview(with("/tables/accounts/474230", json!("61500")))
        .await;
    let changed = &other["changed"];
    assert_eq!(
        (&changed["same"], &changed["faults"]),
        (&json!(false), &json!([]))
    );
    insta::assert_snapshot!("another_account", pretty(&changed["differences"]));

    let skipped = world
        .preview(with("/rules/parties/CBCP", json!({"as": "skip"})))
        .await;
    insta::assert_snapshot!("card_skipped", pretty(&skipped["changed"]["differences"]));

    let faulty = world
        .preview(with("/rules/line/account", json!("{{ entry.vendr }}")))
        .await;
    let fault = &faulty["changed"]["faults"][0];
    assert_eq!(fault["path"], "rules.line.account");
    assert!(
        fault["message"].to_string().contains("at column 4"),
        "{fault}"
    );
    assert_eq!(faulty["stored"]["outcome"], "posted");
}

#[tokio::test]
async fn a_connection_can_be_judged_before_it_is_first_applied() {
    let world = World::new().await;
    let mut changed = demo::connection(world.concur.token_url(), &world.acumatica.url());
    changed["id"] = json!("next");
    let document = envelope(&example("invoice"));
    let preview = world
        .preview(json!({"connection": "next", "document": document, "changed": changed}))
        .await;
    assert_eq!(preview["stored"], Value::Null);
    assert_eq!(preview["changed"]["explained"]["outcome"], "posted");
    assert_eq!(preview["changed"]["differences"][0]["change"], "added");
}

#[tokio::test]
async fn a_preview_says_what_pre_flight_knows() {
    let world = World::new().await;
    let document = envelope(&example("cash report"));
    let ask = json!({"connection": "demo", "document": document});
    let unknown = world.preview(ask.clone()).await;
    let preflight = &unknown["stored"]["preflight"];
    assert_eq!(
        (&preflight["view"], &preflight["doubted"]),
        (&json!(""), &json!([]))
    );
    assert!(
        preflight["unchecked"]
            .to_string()
            .contains("accounts 61000"),
        "{preflight}"
    );

    let old = Account {
        activity: Activity::Inactive,
        ..Account::default()
    };
    let accounts = Rows::whole(0, [("61000", old)]).as_part();
    let demo = world.needs.connection(&connection()).await;
    let list = Cached {
        tenant: demo.expect("a connection").acumatica.place(),
        version: 0,
        read: world.needs.clock.now(),
        table: Table::Accounts(accounts),
    };
    let stored = world.needs.ledger.put_reference(&connection(), &list).await;
    stored.expect("a ledger");
    let known = world.preview(ask).await;
    assert_eq!(known["stored"]["outcome"], "held");
    assert_eq!(known["stored"]["reasons"][0]["field"], "plan.lines.account");
    assert_eq!(
        known["stored"]["preflight"]["doubted"],
        json!(["accounts 61000"])
    );
    assert!(known["stored"]["plan"].is_object());
}

#[tokio::test]
async fn every_fault_of_every_template_is_told_at_once_with_its_column() {
    let world = World::new().await;
    let mut connection = demo::connection(world.concur.token_url(), &world.acumatica.url());
    let wrong = [
        (
            "/rules/line/account",
            "rules.line.account",
            "{{ entry.vendr }}",
            4,
        ),
        (
            "/rules/vendor/invoice",
            "rules.vendor.invoice",
            "{{ vendor.code | trim | uper }}",
            25,
        ),
        (
            "/rules/branch/header",
            "rules.branch.header",
            "B{{ document.org[2].cod }}",
            5,
        ),
        (
            "/rules/location",
            "rules.location",
            "{{ tables.location[vendor.remit_to] }}",
            4,
        ),
        (
            "/rules/line/project",
            "rules.line.project",
            "{{ allocation.custom[5].code",
            25,
        ),
    ];
    for (pointer, _, template, _) in wrong {
        *connection.pointer_mut(pointer).expect("a field") = json!(template);
    }
    let applied = world
        .connect(json!({"action": "apply", "connection": connection}))
        .await;
    assert_eq!(applied["applied"], json!(false));
    let faults = applied["faults"].as_array().expect("faults");
    for (_, path, template, column) in wrong {
        let told = faults.iter().any(|fault| {
            let message = fault["message"].as_str().unwrap_or_default();
            fault["path"] == path
                && message.contains(&format!("of `{template}`"))
                && message.contains(&format!("at column {column} "))
        });
        assert!(told, "{path} column {column} in {faults:#?}");
    }
}

#[tokio::test]
async fn a_preview_of_a_large_report_fits_its_answer() {
    let world = World::new().await;
    let random = &mut Random::new(32);
    let person = Person::new("E00101", "Ada", "Archer");
    let report = large_report(2_000, person, &Place::new("0021", "410"), random);
    let mut changed = demo::connection(world.concur.token_url(), &world.acumatica.url());
    changed["tables"]["accounts"]["474230"] = json!("61500");
    let preview = world
        .preview(json!({"connection": "demo", "document": envelope(&report), "changed": changed}))
        .await;
    assert!(preview.to_string().len() < ANSWER_BYTES_MAX);
    assert_eq!(preview["stored"]["left_out"], json!(["bodies", "lines"]));
    assert_eq!(preview["stored"]["plan"]["totals"]["balanced"], json!(true));
    let changed = &preview["changed"];
    let shown = changed["differences"].as_array().expect("a list").len();
    assert_eq!(
        shown as u64 + changed["differences_left_out"].as_u64().expect("a number"),
        2_000
    );
}

#[tokio::test]
async fn an_invoice_like_an_earlier_one_is_shown_as_held() {
    let world = World::connected().await;
    let first = example("invoice");
    let business = "0000000000000000000000000000BEEF";
    let second = first
        .clone()
        .broken("/requestHeader/requestId", json!(business));
    world.offer(&first);
    world.settle().await;
    let preview = world
        .preview(json!({"connection": "demo", "document": envelope(&second)}))
        .await;
    assert_eq!(preview["stored"]["outcome"], "held", "{preview:#}");
    assert_eq!(
        preview["stored"]["reasons"][0]["code"],
        "possible_duplicate"
    );
}
