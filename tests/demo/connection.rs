//! The demo's customer on Acumatica's side, and the rules that lead there.

use serde_json::{Value, json};

use crate::twins::acumatica::{self, Seed};
use crate::twins::concur;

/// Reference data that fits [`connection`]: vendors, employees as vendors, accounts, branches.
#[must_use]
pub fn acumatica_seed() -> Seed {
    Seed::new()
        .branch("MAIN", "Head office")
        .branch("EAST", "East branch")
        .vendor("V000010", "Granite Supply")
        .vendor("V000020", "Lumen Print House")
        .vendor_with("V000030", "Halted Hauling", json!({"Status": "On Hold"}))
        .vendor("AMEX", "Card issuer")
        .vendor("E00101", "Ada Archer")
        .vendor("E00102", "Ben Brook")
        .vendor("E00103", "Chloe Carter")
        .vendor("E00104", "Dan Dupont")
        .employee("E00105", "Eve Eriksen")
        .account("61000", "Travel and meals")
        .account("61500", "Office supplies")
        .account("51000", "Materials")
        .account("63100", "Freight")
        .account("63200", "Sales tax paid")
        .account("11990", "Employee advances")
        .account("19999", "Personal spend on cards")
        .account("20000", "Accounts payable")
        .account("21500", "Company card clearing")
        .account("21590", "Company paid clearing")
        .account("21999", "Mixed signs clearing")
        .account("221400", "Expense Pay liability")
        .account("221500", "Payroll clearing")
        .inactive_account("69900", "Old travel account")
        .subaccount("000000", "Default")
        .subaccount("410000", "Sales")
        .subaccount("420000", "Engineering")
        .project("PR4711", "Warehouse move")
        .task_with(
            "PR4711",
            "10",
            json!({"Default": true, "Description": "Transport"}),
        )
        .purchase_order_line("PO000007", 1, "61500")
        .tax("SALESTAX", 8, "CA")
        .tax_category("EXEMPT", "Not taxed")
        .tax_category("TAXABLE", "Taxed")
        .currency("USD", 2)
        .currency("EUR", 2)
        .currency("JPY", 0)
        .currency("KWD", 3)
        .currency_without_rate("CHF", 2)
        .year(2025, 12)
        .year(2026, 9)
        .year(2027, 0)
}

/// The connection of the demo, as an operator writes it, for twins at these addresses.
#[must_use]
pub fn connection(concur_token_url: &str, acumatica_url: &str) -> Value {
    let (concur, acumatica) = (concur::Options::default(), acumatica::Options::default());
    json!({
        "id": "demo",
        "concur": {"token_url": concur_token_url, "company_uuid": concur.company_uuid, "system_id": null},
        "acumatica": {
            "url": acumatica_url, "tenant": acumatica.tenant, "endpoint": "Default", "version": acumatica.version,
            "seats": acumatica.seats, "requests_per_minute": 600, "key_field": {"bill": null, "journal": null},
        },
        "documents": ["expense", "invoice", "cashadvance"],
        "time_zone": "America/Los_Angeles",
        "accept": {"ledger_code": [], "entity_id": [], "org_unit": []},
        "tables": tables(),
        "rules": rules(),
        "posting": {
            "expense": {"hold": false, "release": false},
            "invoice": {"hold": true, "release": false},
            "cashadvance": {"hold": false, "release": false},
            "journal": {"hold": false, "release": true},
            "confirm_after": "created", "on_recall": "withdraw", "company_id": null, "closed_period": "next_open",
            "max_shift_days": 31, "across_year": false, "on_refusal": {"document": "return", "setup": "hold"},
            "include_test_documents": false,
        },
    })
}

fn tables() -> Value {
    json!({
        "accounts": {"474230": "61000", "474240": "61500", "MATER": "51000", "119900": "11990", "199999": "19999"},
        "employees": {},
        "branches": {"0021": "MAIN", "0022": "EAST"},
        "locations": {},
        "vendors": {},
        "subaccounts": {"410": "410000", "420": "420000"},
        "cards": {"IBCP/1000": {"vendor": "AMEX"}, "CBCP/1000": {"account": "21500"}, "COPD": {"account": "21590"}},
    })
}

fn rules() -> Value {
    json!({
        "vendor": {
            "invoice": "{{ tables.vendors[vendor.code] | default(vendor.code) }}",
            "employee": "{{ tables.employees[employee.id] | default(employee.id) }}",
        },
        "location": "{{ tables.locations[vendor.remit_to] }}",
        "unmapped_remit_to": "hold",
        "parties": {
            "EMPL": {"as": "bill"},
            "EMPL.expense_pay": {"as": "journal", "account": "{{ entry.liability_account }}"},
            "EMPL.payroll": {"as": "journal", "account": "{{ report.payroll_clearing_account }}"},
            "IBCP": {"as": "bill", "vendor": "{{ card.vendor }}"},
            "CBCP": {"as": "journal", "account": "{{ card.account }}"},
            "COPD": {"as": "journal", "account": "{{ card.account }}"},
        },
        "mixed_signs": "clearing",
        "mixed_signs_account": "21999",
        "employee_owes": "debit_adj",
        "branch": {
            "header": "{{ tables.branches[document.org[2].code] }}",
            "line": "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}",
        },
        "line": {
            "account": "{{ tables.accounts[line.account] | default(line.account) }}",
            "subaccount": [{
                "value": "{{ tables.subaccounts[first(allocation.custom[4].code, document.org[4].code)] }}",
                "length": 6,
                "default": "000000",
            }],
            "project": "{{ allocation.custom[5].code | default('X') }}",
            "task": null,
            "cost_code": null,
        },
        "balance_line": {"branch": "header", "subaccount": "000000", "project": "X"},
        "control_accounts": ["20000"],
        "text": {"header": {}, "line": {}},
        "tax": {"mode": "gross", "category": "EXEMPT", "journal_mode": "gross", "reclaimable_as_cost": true, "codes": {}},
        "invoice": {
            "header_amounts": {"shipping": "63100", "tax": "63200"}, "po": "text", "due_date": "vendor", "terms": {},
            "paid_by_concur": null, "rounding_account": null, "reference_too_long": "shorten", "credit_suffix": false,
            "possible_duplicate": "hold",
        },
        "cash_advance": {
            "as": "bill", "account": "{{ tables.accounts[journal.account] | default(journal.account) }}", "return_account": null,
        },
        "date": {"expense": "approved", "invoice": "invoice", "cashadvance": "issued"},
        "nothing_to_post_id": null,
    })
}
