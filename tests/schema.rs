//! The JSON Schema of a connection, for editors: what may stand where, with words a person can follow.
//!
//! `infra/connection.schema.json` is written from here. The readers in `posting` and `connector` are the truth; the house
//! tests ask them for every field, word, range and null of this schema, so that neither can move alone.

mod parts;
mod rules;

use serde_json::{Value, json};

use parts::{ALL, flag, map, object, optional, table, text, texts, whole, words};
use rules::rules;

/// The schema (JSON Schema, draft 2020-12).
#[must_use]
pub fn connection() -> Value {
    let mut schema = object(
        "One customer's pair of a Concur company and an Acumatica tenant. Whatever may be left out has a safe default.",
        &["id", "concur", "acumatica", "documents", "time_zone"],
        vec![
            (
                "$schema",
                optional(text(
                    "Where this schema is, for editors; the connector does not look at it.",
                )),
            ),
            (
                "id",
                text(
                    "Name of the connection in events, keys and secrets: 1 to 32 lower-case letters, digits or `-`, starting with a letter.",
                ),
            ),
            ("concur", concur()),
            ("acumatica", acumatica()),
            (
                "documents",
                json!({"description": "Kinds of documents to take.", "type": "array", "minItems": 1, "items": {"enum": ALL}}),
            ),
            (
                "time_zone",
                text("Zone in which instants become dates, such as `America/Los_Angeles`."),
            ),
            ("accept", optional(accept())),
            ("tables", optional(tables())),
            ("rules", optional(rules())),
            ("posting", optional(posting())),
            ("schedule", optional(schedule())),
        ],
    );
    if let Value::Object(members) = &mut schema {
        members.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        members.insert("title".to_owned(), json!("Connection"));
    }
    schema
}

fn concur() -> Value {
    object(
        "The Concur company.",
        &["token_url", "company_uuid"],
        vec![
            (
                "token_url",
                text(
                    "Base address of the company's data centre, such as https://us2.api.concursolutions.com.",
                ),
            ),
            ("company_uuid", text("The company's UUID.")),
            (
                "system_id",
                optional(text(
                    "Who we are to Concur, at most 50 characters; `{stack}-{id}` where left out. Never the same in two stacks.",
                )),
            ),
        ],
    )
}

fn acumatica() -> Value {
    let key = |what| optional(text(what));
    object(
        "The Acumatica tenant.",
        &["url", "tenant", "version"],
        vec![
            ("url", text("Address of the instance, https.")),
            (
                "tenant",
                text("Tenant of the connected application's client id."),
            ),
            (
                "endpoint",
                optional(text("Contract endpoint; `Default` where left out.")),
            ),
            ("version", text("Its version, such as 24.200.001.")),
            (
                "seats",
                optional(whole(
                    "API sessions the connector may hold at once; 1 where left out.",
                    1,
                    50,
                )),
            ),
            (
                "requests_per_minute",
                optional(whole(
                    "The licence's number or your part of it, for all seats together; 50 where left out.",
                    10,
                    10_000,
                )),
            ),
            (
                "key_field",
                optional(object(
                    "User-defined fields, as `View.Field`, that carry the stamp instead of the description.",
                    &[],
                    vec![
                        ("bill", key("Of AP documents.")),
                        ("journal", key("Of journals.")),
                    ],
                )),
            ),
        ],
    )
}

fn schedule() -> Value {
    let days = words("A day.", &["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
    let hours = object(
        "When new documents are taken, by the clock of `time_zone`; always where left out. What is acknowledged goes on at any hour.",
        &["from", "to"],
        vec![
            ("from", text("A time such as `07:30`.")),
            (
                "to",
                text("A time; an earlier one than `from` lies on the next day."),
            ),
            (
                "days",
                json!({"description": "Days it begins on; Monday to Friday where left out.", "type": ["array", "null"], "minItems": 1, "items": days}),
            ),
        ],
    );
    object(
        "When Concur is asked.",
        &[],
        vec![
            (
                "every_minutes",
                optional(whole(
                    "Minutes from one poll to the next; 15 where left out.",
                    1,
                    1_440,
                )),
            ),
            ("hours", optional(hours)),
            (
                "paused",
                optional(flag(
                    "No new document is taken; what is acknowledged goes on.",
                )),
            ),
        ],
    )
}

fn accept() -> Value {
    object(
        "Which documents belong to this connection; an empty list takes all.",
        &[],
        vec![
            ("ledger_code", optional(texts("Ledger codes."))),
            ("entity_id", optional(texts("Entities of the envelope."))),
            (
                "org_unit",
                optional(texts("Codes of any org unit of the document.")),
            ),
        ],
    )
}

fn tables() -> Value {
    let card = object(
        "What the card is posted to.",
        &[],
        vec![
            (
                "vendor",
                optional(text("Vendor of bills to the card company.")),
            ),
            ("account", optional(text("Clearing account of journals."))),
        ],
    );
    object(
        "Overrides from Concur's codes to Acumatica's, for templates to look up.",
        &[],
        vec![
            (
                "accounts",
                optional(table("Account by Concur's account code.")),
            ),
            ("employees", optional(table("Vendor by employee id."))),
            ("branches", optional(table("Branch by org unit code."))),
            (
                "locations",
                optional(table("Vendor location by remit-to code.")),
            ),
            (
                "vendors",
                optional(table("Vendor by Concur's vendor code.")),
            ),
            (
                "subaccounts",
                optional(table("Subaccount by org unit code.")),
            ),
            (
                "cards",
                optional(map(
                    "By `PARTY`, `PARTY/payment type` or `PARTY/payment type/card program`; the most exact key wins.",
                    &optional(card),
                )),
            ),
        ],
    )
}

fn phases(what: &str) -> Value {
    optional(object(
        what,
        &[],
        vec![
            ("hold", optional(flag("Created On Hold; excludes release."))),
            (
                "release",
                optional(flag("Released once everything of its plan stands.")),
            ),
        ],
    ))
}

fn posting() -> Value {
    let refusal = |what| optional(words(what, &["return", "hold"]));
    object(
        "What happens beside the accounting.",
        &[],
        vec![
            ("expense", phases("AP documents of reports.")),
            ("invoice", phases("AP documents of invoices.")),
            ("cashadvance", phases("AP documents of cash advances.")),
            ("journal", phases("Journals of every kind.")),
            (
                "confirm_after",
                optional(words(
                    "When Concur hears of success.",
                    &["created", "released"],
                )),
            ),
            (
                "on_recall",
                optional(words("A recall after posting.", &["withdraw", "hold"])),
            ),
            (
                "closed_period",
                optional(words("A date in a closed period.", &["next_open", "hold"])),
            ),
            (
                "max_shift_days",
                optional(whole("How far a date may move, in days.", 0, 366)),
            ),
            (
                "across_year",
                optional(flag("Whether it may move into another fiscal year.")),
            ),
            (
                "company_id",
                optional(text(
                    "`companyId` told to Concur; where left out the code of the header branch's company, else the header branch.",
                )),
            ),
            (
                "on_refusal",
                optional(object(
                    "What a refusal does.",
                    &[],
                    vec![
                        ("document", refusal("Faults of the document.")),
                        ("setup", refusal("Faults of the set-up.")),
                    ],
                )),
            ),
            (
                "lines_per_request",
                optional(whole(
                    "Lines of one request; longer postings grow on hold.",
                    1,
                    1000,
                )),
            ),
            (
                "include_test_documents",
                optional(flag("Whether documents of Concur's test users are taken.")),
            ),
        ],
    )
}
