//! Every finding of a ping is provoked once: its row, how bad it is, and a cure that names a place. Whatever is found, nothing
//! is acknowledged, confirmed or written.

use std::collections::BTreeSet;
use std::time::Duration;

use connector::connect::{Check, Finding};
use e2e::twins::{acumatica, concur, faults::Fault};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ping_set_up;
use super::world::{Setting, World, connection};

/// How a tenant or a company is set up wrong, by finding; those that need more than a setting are told in `ping_set_up`.
pub(crate) type Case = (Finding, Box<dyn Fn(&mut Setting)>, fn(&World));

fn nothing(_: &World) {}

fn case(finding: Finding, setting: impl Fn(&mut Setting) + 'static, then: fn(&World)) -> Case {
    (finding, Box::new(setting), then)
}

/// Wrong by a change of the connection.
fn rule(finding: Finding, path: &'static str, value: Value) -> Case {
    let set = move |setting: &mut Setting| setting.rules.push((path, value.clone()));
    case(finding, set, nothing)
}

/// Wrong by what the world does after it was set up.
fn event(finding: Finding, then: fn(&World)) -> Case {
    case(finding, |_| {}, then)
}

fn concur_cases() -> Vec<Case> {
    vec![
        event(Finding::ConcurSecretOdd, |world| {
            world.needs.vault.put(&connection(), "concur", "{}");
        }),
        event(Finding::ConcurNeverConnected, |world| {
            let known = world.concur.options();
            let secret =
                json!({"client_id": known.client_id, "client_secret": known.client_secret});
            put(world, "concur", &secret);
        }),
        event(Finding::ConcurApplicationRefused, |world| {
            let known = world.concur.options();
            let secret = json!({"client_id": known.client_id, "client_secret": "wrong", "request_token": known.request_token});
            put(world, "concur", &secret);
        }),
        event(Finding::ConcurTokenRefused, |world| {
            world.concur.expire_request_token();
        }),
        rule(
            Finding::ConcurRefused,
            "/concur/company_uuid",
            json!("00000000-0000-4000-8000-000000000000"),
        ),
        event(Finding::ConcurUnreachable, |world| {
            world.concur.next("token.password", Fault::DropBefore);
        }),
        case(
            Finding::ConcurTokenEnds,
            |setting| setting.concur.refresh_life = Duration::from_hours(10 * 24),
            nothing,
        ),
        case(
            Finding::ConcurTokenEnded,
            |setting| setting.concur.refresh_life = Duration::ZERO,
            nothing,
        ),
        case(
            Finding::ConcurPlaceRefused,
            |setting| {
                setting.concur.told_geolocation = Some("https://us2.example.com".to_owned());
            },
            nothing,
        ),
        case(
            Finding::ConcurScopeMissing,
            |setting| "company.read".clone_into(&mut setting.concur.scope),
            nothing,
        ),
        event(Finding::ConcurServiceClosed, |world| {
            // Refreshed once, repeated once.
            world.concur.next("list", Fault::Status(403));
            world.concur.next("list", Fault::Status(403));
        }),
        event(Finding::ConcurServiceFailed, |world| {
            world.concur.next("list", Fault::Html(502));
        }),
    ]
}

fn site_cases() -> Vec<Case> {
    vec![
        rule(
            Finding::SiteUnreachable,
            "/acumatica/url",
            json!("http://127.0.0.1:1"),
        ),
        event(Finding::SiteOdd, |world| {
            world.acumatica.next("ping", Fault::Html(200));
        }),
        event(Finding::ClockOff, |world| world.pass(90)),
        event(Finding::AcumaticaSecretOdd, |world| {
            put(world, "acumatica", &json!([]));
        }),
        rule(Finding::TenantOther, "/acumatica/tenant", json!("OTHER")),
        event(Finding::AcumaticaGrantRefused, |world| {
            let known = world.acumatica.options();
            let secret = json!({
                "client_id": known.client_id(), "client_secret": known.client_secret,
                "username": known.username, "password": "wrong",
            });
            put(world, "acumatica", &secret);
        }),
        event(Finding::SeatWithoutConsent, |world| {
            let known = world.acumatica.options();
            let secret =
                json!({"client_id": known.client_id(), "client_secret": known.client_secret});
            put(world, "acumatica", &secret);
        }),
        event(Finding::AcumaticaTokenFailed, |world| {
            world.acumatica.next("token", Fault::Status(503));
        }),
        tenant(Finding::EndpointMissing, |twin| {
            "23.200.001".clone_into(&mut twin.version);
        }),
        tenant(Finding::EndpointContractFive, |twin| {
            "26.200.001".clone_into(&mut twin.version);
        }),
        tenant(Finding::LoginLimit, |twin| twin.seats = 0),
        tenant(Finding::RequestsRefused, |twin| {
            twin.requests_per_minute = Some(3);
        }),
        rule(
            Finding::RequestsSpent,
            "/acumatica/requests_per_minute",
            json!(10),
        ),
    ]
}

/// Wrong by how the tenant is set up.
fn tenant(finding: Finding, set: fn(&mut acumatica::Options)) -> Case {
    case(finding, move |setting| set(&mut setting.acumatica), nothing)
}

fn forbidden(finding: Finding, entities: &'static [&'static str]) -> Case {
    let set = move |setting: &mut Setting| {
        setting.acumatica.forbidden = entities.iter().map(|one| (*one).to_owned()).collect();
    };
    case(finding, set, nothing)
}

fn tenant_cases() -> Vec<Case> {
    vec![
        forbidden(Finding::DocumentForbidden, &["Bill"]),
        forbidden(Finding::ScreenForbidden, &["JournalTransaction"]),
        forbidden(Finding::ListForbidden, &["Vendor"]),
        forbidden(Finding::BranchesUnread, &["CompaniesStructure", "Ledger"]),
        forbidden(Finding::PeriodsUnread, &["FinancialPeriod"]),
        event(Finding::DocumentUnread, |world| {
            world
                .acumatica
                .next("list.JournalTransaction", Fault::Status(500));
        }),
        event(Finding::ListUnread, |world| {
            world.acumatica.next("list.TaxCategory", Fault::Status(500));
        }),
        event(Finding::ScreenUnread, |world| {
            world.acumatica.next("get.Bill", Fault::Status(500));
        }),
        rule(
            Finding::KeyFieldMissing,
            "/acumatica/key_field/journal",
            json!("BatchModule.AttributeCNQR"),
        ),
        event(Finding::SearchUntested, |world| {
            world.acumatica.clear("Bill");
        }),
        event(Finding::SearchBlind, |world| {
            after_the_first(world, "list.Bill", Fault::EmptyList);
        }),
        event(Finding::SearchFailed, |world| {
            after_the_first(world, "list.JournalTransaction", Fault::Status(500));
        }),
        rule(
            Finding::BranchesNone,
            "/tables/branches",
            json!({"0021": "NORTH"}),
        ),
        rule(
            Finding::BranchUnusable,
            "/tables/branches",
            json!({"0021": "NORTH", "0022": "EAST"}),
        ),
        case(
            Finding::CurrenciesDiffer,
            |setting| {
                let branches = json!({"0021": "MAIN", "0022": "WEST"});
                setting.rules.push(("/tables/branches", branches));
            },
            |world| {
                let row = json!({"BranchID": "WEST", "BranchName": "West", "CompanyName": "Twin", "Active": true, "BaseCurrencyID": "EUR"});
                let ledger = json!({"LedgerID": "WEST", "Type": "Actual", "Currency": "EUR", "Branches": [row]});
                world.acumatica.plant("Ledger", &ledger);
            },
        ),
        event(Finding::PeriodMissing, |world| {
            go_to(world, "2024-06-15T12:00:00Z");
        }),
        event(Finding::PeriodClosed, |world| {
            go_to(world, "2026-06-15T12:00:00Z");
        }),
        event(Finding::PeriodsClosed, |world| {
            world.acumatica.clear("FinancialPeriod");
            let detail = json!({
                "FinancialPeriodID": "062026", "StartDate": "2026-06-01T00:00:00", "EndDate": "2026-06-30T00:00:00",
                "Status": "Closed", "ClosedInAP": true,
            });
            let year = json!({"FinancialYear": "2026", "Details": [detail]});
            world.acumatica.plant("FinancialPeriod", &year);
            go_to(world, "2026-06-15T12:00:00Z");
        }),
    ]
}

fn rule_cases() -> Vec<Case> {
    let bill = || json!({"as": "bill", "vendor": "AMEX"});
    vec![
        rule(Finding::PaidTwice, "/rules/parties/CBCP", bill()),
        rule(Finding::PaidTwice, "/rules/parties/COPD", bill()),
        rule(
            Finding::RuleDoubtful,
            "/rules/tax",
            json!({"mode": "split", "category": "EXEMPT", "journal_mode": "gross", "reclaimable_as_cost": true, "codes": {}}),
        ),
        rule(
            Finding::StageLocal,
            "/acumatica/url",
            json!("https://127.0.0.1:1"),
        ),
    ]
}

fn put(world: &World, name: &str, secret: &Value) {
    world
        .needs
        .vault
        .put(&connection(), name, &secret.to_string());
}

/// The first call of a kind is served, the second goes wrong.
fn after_the_first(world: &World, kind: &str, fault: Fault) {
    world.acumatica.next(kind, Fault::Delay(Duration::ZERO));
    world.acumatica.next(kind, fault);
}

fn go_to(world: &World, at: &str) {
    let at: Timestamp = at.parse().expect("a time");
    let away = at.duration_since(world.needs.now());
    world.pass(away.as_secs());
}

/// A tenant in which everything holds: somebody keyed a bill and a journal, and this month is open whenever this runs.
pub(crate) async fn sound(setting: Setting) -> World {
    let world = World::with(setting).await;
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").expect("a zone");
    let today = zone.to_datetime(world.needs.now()).date();
    let month = json!({
        "FinancialPeriodID": today.strftime("%m%Y").to_string(), "Status": "Open", "ClosedInAP": false,
        "StartDate": format!("{}T00:00:00", today.first_of_month()), "EndDate": format!("{}T00:00:00", today.last_of_month()),
    });
    let year = json!({"FinancialYear": "this", "Details": [month]});
    world.acumatica.plant("FinancialPeriod", &year);
    let bill = json!({"Type": "Bill", "ReferenceNbr": "900001", "Vendor": "V000010", "VendorRef": "INV-1", "Status": "Open", "Amount": 10, "Description": "keyed by hand"});
    world.acumatica.plant("Bill", &bill);
    let journal = json!({"Module": "GL", "BatchNbr": "900002", "Status": "Posted", "Description": "Opening balance"});
    world.acumatica.plant("JournalTransaction", &journal);
    world
}

pub(crate) async fn ping(world: &World) -> Value {
    let event = json!({"action": "ping", "connection": "demo"});
    let answer = world.connect(event).await;
    assert_untouched(world);
    answer
}

/// No write, no acknowledgement, no confirmation.
pub(crate) fn assert_untouched(world: &World) {
    for kind in ["put", "delete", "action", "logout"] {
        let calls = world.acumatica.calls();
        assert_eq!(world.acumatica_calls(kind), 0, "{kind}: {calls:?}");
    }
    for kind in ["acknowledge", "confirm", "other"] {
        assert_eq!(world.concur_calls(kind), 0, "{kind}");
    }
}

/// The rows of a finding, each as it must be.
pub(crate) fn rows_of(answer: &Value, finding: Finding) -> Vec<Value> {
    let rows = answer["checks"].as_array().expect("rows");
    let rows = rows.iter().filter(|row| row["finding"] == finding.as_str());
    let rows: Vec<Value> = rows.cloned().collect();
    assert!(!rows.is_empty(), "{}: {answer:#}", finding.as_str());
    for row in &rows {
        assert_eq!(row["check"], finding.check().as_str());
        let outcome = serde_json::to_value(finding.outcome()).expect("a word");
        assert_eq!(row["outcome"], outcome);
        assert_eq!(
            answer["meaning"],
            if outcome == "failed" {
                "broken"
            } else {
                worst(answer)
            }
        );
        assert!(row["ms"].is_u64(), "{row}");
        assert_ne!(row["detail"], "", "{row}");
        names_a_place(row["cure"].as_str().expect("a cure"));
    }
    rows
}

fn worst(answer: &Value) -> &'static str {
    let rows = answer["checks"].as_array().expect("rows");
    if rows.iter().any(|row| row["outcome"] == "failed") {
        "broken"
    } else {
        "usable with warnings"
    }
}

/// A form of Acumatica by its number, a page of Concur or AWS, or a file of ours.
fn names_a_place(cure: &str) {
    let has_form = cure.split('(').any(|part| {
        let number: String = part.chars().take(8).collect();
        let (module, digits) = number.split_at(number.len().min(2));
        module.chars().all(|one| one.is_ascii_uppercase())
            && digits.len() == 6
            && digits.chars().all(|one| one.is_ascii_digit())
    });
    let has_page = [
        "Authentication Admin > ",
        "Secrets Manager",
        "events/",
        "infra/",
        " > ",
    ]
    .iter()
    .any(|place| cure.contains(place));
    assert!(has_form || has_page, "{cure}");
    assert!(
        !cure.contains('{') && !cure.contains("the form of the entity"),
        "{cure}"
    );
}

async fn provoke(cases: Vec<Case>) {
    for (finding, set, then) in cases {
        let mut setting = Setting::default();
        set(&mut setting);
        let world = sound(setting).await;
        then(&world);
        let answer = ping(&world).await;
        rows_of(&answer, finding);
        let text = answer.to_string();
        for secret in [
            "twin-concur-secret",
            "twin-acumatica-secret",
            "twin-password",
            "twin-request-token",
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn what_concur_finds() {
    provoke(concur_cases()).await;
}

#[tokio::test]
async fn what_the_site_finds() {
    provoke(site_cases()).await;
}

#[tokio::test]
async fn what_the_tenant_finds() {
    provoke(tenant_cases()).await;
}

#[tokio::test]
async fn what_the_rules_find() {
    provoke(rule_cases()).await;
}

#[test]
fn every_finding_is_provoked() {
    let cases = [concur_cases(), site_cases(), tenant_cases(), rule_cases()];
    let told = cases.iter().flatten().map(|(finding, ..)| *finding);
    let told: BTreeSet<_> = told.chain(ping_set_up::FINDINGS.iter().copied()).collect();
    let missing: Vec<_> = Finding::ALL
        .iter()
        .filter(|one| !told.contains(one))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn everything_holds() {
    let world = sound(Setting::default()).await;
    let answer = ping(&world).await;
    assert_eq!(answer["meaning"], "green", "{answer:#}");
    let rows = answer["checks"].as_array().expect("rows");
    let checks: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row["check"].as_str())
        .collect();
    let all: BTreeSet<_> = Check::ALL.iter().map(|check| check.as_str()).collect();
    assert_eq!(checks, all);
    assert!(
        rows.iter()
            .all(|row| row["cure"] == "" && row["outcome"] == "ok")
    );
    // Once more, on the tokens there are.
    let tokens = (world.concur_calls("token"), world.acumatica_calls("token"));
    assert_eq!(tokens, (1, 1));
    assert_eq!(ping(&world).await["meaning"], "green");
    assert_eq!(
        (world.concur_calls("token"), world.acumatica_calls("token")),
        tokens
    );
    assert_eq!(world.acumatica.open_seats(), 1);
}

#[tokio::test]
async fn an_endpoint_of_ones_own_is_listed_only_with_a_token() {
    let own = acumatica::Options {
        own_endpoints: vec![("CONCUR".to_owned(), "24.200.001".to_owned())],
        ..acumatica::Options::default()
    };
    for (twin, outcome) in [(own, "ok"), (acumatica::Options::default(), "failed")] {
        let rules = vec![("/acumatica/endpoint", json!("CONCUR"))];
        let setting = Setting {
            acumatica: twin,
            concur: concur::Options::default(),
            rules,
        };
        let answer = ping(&sound(setting).await).await;
        let rows = answer["checks"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["check"] == "acumatica_endpoint");
        assert_eq!(row.expect("a row")["outcome"], outcome, "{answer:#}");
    }
}
