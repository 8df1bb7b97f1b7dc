//! Connections with different rules, each with what the oracle must know of them.

use posting::document::Journal;
use posting::rules::Rules;
use serde_json::{Value, json};

/// What is done with tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tax {
    Gross,
    Reclaim,
    Split,
    /// Acumatica's own on AP documents, cost in journals.
    Acumatica,
}

/// A connection and its rules in the oracle's words.
pub(crate) struct Connection {
    pub(crate) rules: Rules,
    pub(crate) tax: Tax,
    /// Whether what only the header of an invoice has is shared among its lines.
    pub(crate) prorated: bool,
    /// Receivable account of an employee who owes.
    pub(crate) receivable: Option<&'static str>,
    /// Party that is posted by somebody else.
    pub(crate) skipped: Option<&'static str>,
    /// Account credited by the issue of an advance; `None` is a bill.
    pub(crate) advance_paid: Option<&'static str>,
    /// Account of returned cash; `None` charges the employee.
    pub(crate) returned: Option<&'static str>,
    /// How many days a closed period may move, and whether into another fiscal year; `None` holds the document.
    pub(crate) shift: Option<(i32, bool)>,
    /// Whether a possible duplicate is only warned of.
    pub(crate) warns: bool,
}

impl Connection {
    /// Whether a journal belongs to the party that is posted by somebody else.
    pub(crate) fn skips(&self, journal: &Journal) -> bool {
        let party = [&journal.payer, &journal.payee];
        self.skipped
            .is_some_and(|skipped| party.iter().any(|each| *each == skipped))
    }
}

pub(crate) const RECEIVABLE: &str = "12900";
pub(crate) const RETURNED: &str = "10200";
pub(crate) const ADVANCES_PAID: &str = "10100";
pub(crate) const SHIPPING: &str = "63100";
pub(crate) const TAX: &str = "63200";
pub(crate) const PAID_BY_CONCUR: &str = "22900";
pub(crate) const MIXED_SIGNS: &str = "21999";

fn base() -> Value {
    json!({
        "documents": ["expense", "invoice", "cashadvance"],
        "time_zone": "Pacific/Auckland",
        "tables": {
            "accounts": {"474230": "61000", "CADV": "12500"},
            "branches": {"0021": "MAIN", "0022": "EAST"},
            "subaccounts": {"100": "000100"},
            "cards": {"IBCP/1000": {"vendor": "AMEX"}, "IBCP": {"vendor": "VISA"},
                      "CBCP/1000": {"account": "21500"}, "COPD": {"account": "21590"}}
        },
        "rules": {
            "mixed_signs_account": MIXED_SIGNS,
            "branch": {
                "header": "{{ tables.branches[document.org[2].code] }}",
                "line": "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}"
            },
            "line": {
                "account": "{{ tables.accounts[line.account] | default(line.account) }}",
                "subaccount": [{"value": "{{ tables.subaccounts[allocation.custom[4].code] }}", "length": 6, "default": "000000"}],
                "project": "{{ allocation.custom[5].code | default('X') }}",
                "task": null,
                "cost_code": null
            },
            "balance_line": {"branch": "header", "subaccount": "000000", "project": "X"},
            "control_accounts": ["20000"],
            "tax": {"mode": "gross", "category": "EXEMPT", "reclaimable_as_cost": true},
            "invoice": {
                "header_amounts": {"shipping": SHIPPING, "tax": TAX},
                "paid_by_concur": {"as": "journal", "account": PAID_BY_CONCUR}
            },
            "cash_advance": {"return_account": RETURNED}
        }
    })
}

fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(into.entry(key.clone()).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

fn connection(changes: &Value) -> Connection {
    stored(&json!({ "rules": changes }))
}

fn stored(changes: &Value) -> Connection {
    let mut stored = base();
    merge(&mut stored, changes);
    let rules = Rules::read(&stored).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Connection {
        rules,
        tax: Tax::Gross,
        prorated: false,
        receivable: None,
        skipped: None,
        advance_paid: None,
        returned: Some(RETURNED),
        shift: Some((31, false)),
        warns: false,
    }
}

/// A connection that knows both taxes of the documents.
fn taxed(tax: Tax, mode: &str) -> Connection {
    let code = |of: &str| json!({"account": format!("IN{of}"), "non_deductible_account": format!("LOST{of}"), "tax_id": of});
    let mut changes = json!({"mode": mode, "codes": {"VAT": code("VAT"), "PST": code("PST")}});
    if tax == Tax::Acumatica {
        changes["categories"] = json!({"VAT": "TAXED", "PST": "TAXED", "PST+VAT": "TWICE"});
    }
    Connection {
        tax,
        ..connection(&json!({ "tax": changes }))
    }
}

/// Every connection the documents are planned for.
pub(crate) fn all() -> Vec<Connection> {
    vec![
        connection(&json!({})),
        Connection {
            receivable: Some(RECEIVABLE),
            ..connection(&json!({"employee_owes": {"as": "journal", "account": RECEIVABLE}}))
        },
        Connection {
            skipped: Some("IBCP"),
            ..connection(&json!({"parties": {"IBCP": {"as": "skip"}}}))
        },
        Connection {
            advance_paid: Some(ADVANCES_PAID),
            ..connection(
                &json!({"cash_advance": {"as": "journal", "credit_account": ADVANCES_PAID}}),
            )
        },
        Connection {
            returned: None,
            ..connection(&json!({"cash_advance": {"return_account": "employee"}}))
        },
        connection(&json!({"mixed_signs": "split"})),
        connection(&json!({"mixed_signs": "one_bill"})),
        Connection {
            prorated: true,
            ..connection(&json!({"invoice": {"header_amounts": "prorate"}}))
        },
        Connection {
            shift: None,
            warns: true,
            ..stored(&json!({
                "posting": {"closed_period": "hold"},
                "rules": {"invoice": {"possible_duplicate": "warn"}}
            }))
        },
        Connection {
            shift: Some((200, true)),
            ..stored(&json!({
                "posting": {"max_shift_days": 200, "across_year": true},
                "rules": {"invoice": {"credit_suffix": true, "discount": "concur", "due_date": "concur", "box_1099": "1"}}
            }))
        },
        taxed(Tax::Reclaim, "reclaim"),
        taxed(Tax::Split, "split"),
        taxed(Tax::Acumatica, "acumatica"),
    ]
}
