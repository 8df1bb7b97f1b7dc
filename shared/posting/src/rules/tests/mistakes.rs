//! What is wrong with a connection: everything at once, each at its place.

use serde_json::{Value, json};

use super::{faults, shown, with};

#[test]
fn all_mistakes_are_reported_at_once() {
    let connection = json!({
        "id": "acme", "documents": ["expense", "payroll"], "time_zone": "Mars/Olympus", "extra": 1,
        "tables": {"accounts": {"474230": 61000}, "cards": {"IBCP//": {}, "CBCP": {"vendr": "AMEX"}}},
        "rules": {
            "line": {"acount": "1", "account": "{{ entry.vendr }}", "subaccount": [{"value": "1", "length": 6, "default": "0000"}]},
            "branch": {"header": "{{ document.org[7].code }}", "line": "{{ oops"},
            "parties": {"EMPL": {"as": "cheque"}, "XYZ": {"as": "bill"}},
            "tax": {"mode": "vat"}
        },
        "posting": {"journal": {"hold": true, "release": true}, "on_recall": "ask", "max_shift_days": "31"}
    });
    let faults = faults(&connection);
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    for path in [
        "documents",
        "time_zone",
        "extra",
        "tables.accounts.474230",
        "tables.cards.IBCP//",
        "tables.cards.CBCP",
        "tables.cards.CBCP.vendr",
        "rules.line.acount",
        "rules.line.account",
        "rules.line.subaccount[0].default",
        "rules.branch.header",
        "rules.branch.line",
        "rules.parties.EMPL.as",
        "rules.parties.XYZ.vendor",
        "rules.tax.mode",
        "posting.journal.release",
        "posting.on_recall",
        "posting.max_shift_days",
    ] {
        assert!(
            paths.contains(&path),
            "{path} is not among\n{}",
            shown(&faults)
        );
    }
    let account = faults
        .iter()
        .find(|fault| fault.path == "rules.line.account")
        .unwrap();
    assert_eq!(
        account.to_string(),
        "rules.line.account: unknown name entry.vendr at column 4 of `{{ entry.vendr }}`"
    );
    let unknown = faults
        .iter()
        .find(|fault| fault.path == "rules.line.acount")
        .unwrap();
    assert_eq!(
        unknown.expected,
        "one of account, subaccount, project, task, cost_code"
    );
}

/// A connection with one mistake: where it is put, what is put there, the path and the message of its one fault.
type Mistake = (&'static str, Value, &'static str, &'static str);

fn one_fault(mistakes: impl IntoIterator<Item = Mistake>) {
    for (pointer, value, path, message) in mistakes {
        let connection = with(pointer, value);
        let faults = faults(&connection);
        assert_eq!(faults.len(), 1, "{pointer}\n{}", shown(&faults));
        assert_eq!(faults[0].path, path, "{}", shown(&faults));
        assert!(
            faults[0].to_string().contains(message),
            "{}",
            shown(&faults)
        );
    }
}

#[test]
fn what_the_connection_and_its_tax_need() {
    one_fault([
        ("/documents", json!([]), "documents", "names no kind"),
        (
            "/documents",
            json!("expense"),
            "documents",
            "found `expense`",
        ),
        (
            "/rules/tax/category",
            Value::Null,
            "rules.tax.category",
            "is missing",
        ),
        (
            "/rules/tax/codes",
            json!({"V1": "VAT"}),
            "rules.tax.codes",
            "has no effect in mode `gross`",
        ),
        (
            "/rules/tax/categories",
            json!({"VAT": "VAT"}),
            "rules.tax.categories",
            "has an effect in mode `acumatica` only",
        ),
        (
            "/rules/tax/journal_mode",
            json!("split"),
            "rules.tax.journal_mode",
            "has an effect in mode `acumatica` only",
        ),
        (
            "/rules/tax/journal_mode",
            json!("acumatica"),
            "rules.tax.journal_mode",
            "found `acumatica`",
        ),
        (
            "/rules/tax",
            json!({"mode": "reclaim", "category": "E", "codes": {"V1": {"non_deductible_account": "6"}}}),
            "rules.tax.codes.V1.account",
            "is missing",
        ),
        (
            "/rules/tax",
            json!({"mode": "acumatica", "category": "E", "codes": {"V1": "14000"}}),
            "rules.tax.codes.V1.tax_id",
            "is missing",
        ),
        (
            "/rules/tax",
            json!({"mode": "split", "category": "E", "codes": {"V1": {}}}),
            "rules.tax.codes.V1",
            "says nothing",
        ),
        (
            "/rules/tax",
            json!({"mode": "split", "category": "E", "codes": {"V1": "{{ tax.cod }}"}}),
            "rules.tax.codes.V1.account",
            "unknown name tax.cod",
        ),
    ]);
}

#[test]
fn what_signs_and_invoices_need() {
    one_fault([
        (
            "/rules/mixed_signs",
            json!("net"),
            "rules.mixed_signs",
            "expected `clearing` or `one_bill` or `split`",
        ),
        (
            "/rules/employee_owes",
            json!({"as": "bill"}),
            "rules.employee_owes.as",
            "found `bill`",
        ),
        (
            "/rules/invoice/box_1099",
            json!("NEC"),
            "rules.invoice.box_1099",
            "is no box of form 1099",
        ),
        (
            "/rules/invoice/po_unit",
            json!("EA"),
            "rules.invoice.po_unit",
            "has no effect while po is `text`",
        ),
        (
            "/rules/invoice",
            json!({"po": "link", "header_amounts": "prorate"}),
            "rules.invoice.po",
            "which header_amounts `prorate` changes",
        ),
        (
            "/rules/invoice/header_amounts",
            json!("largest"),
            "rules.invoice.header_amounts",
            "expected `prorate`",
        ),
        (
            "/rules/invoice/possible_duplicate",
            json!("ignore"),
            "rules.invoice.possible_duplicate",
            "found `ignore`",
        ),
    ]);
}

#[test]
fn what_postings_and_advances_need() {
    one_fault([
        (
            "/rules/invoice/paid_by_concur",
            json!({"as": "journal"}),
            "rules.invoice.paid_by_concur.account",
            "is missing",
        ),
        (
            "/rules/invoice/paid_by_concur",
            json!({}),
            "rules.invoice.paid_by_concur.as",
            "is missing",
        ),
        (
            "/posting/confirm_after",
            json!("paid"),
            "posting.confirm_after",
            "found `paid`",
        ),
        (
            "/posting/on_recall",
            json!("ask"),
            "posting.on_recall",
            "found `ask`",
        ),
        (
            "/posting",
            json!({"closed_period": "hold", "max_shift_days": 60}),
            "posting.max_shift_days",
            "has no effect while closed_period is `hold`",
        ),
        (
            "/posting",
            json!({"closed_period": "hold", "across_year": true}),
            "posting.across_year",
            "has no effect",
        ),
        (
            "/posting/invoice",
            json!({"hold": true, "release": true}),
            "posting.invoice.release",
            "what is created on hold cannot be released",
        ),
        (
            "/posting/journal/release",
            json!(false),
            "posting.journal.release",
            "a report that Expense Pay reimburses is confirmed only after that",
        ),
        (
            "/posting/journal/hold",
            json!(true),
            "posting.journal.release",
            "journals are never released",
        ),
    ]);
}

#[test]
fn what_expense_pay_pays_needs_released_journals() {
    let journal = json!({"as": "journal", "credit_account": "1"});
    let (report, advance, none) = (
        Some("a report that Expense Pay reimburses"),
        Some("a cash advance that Expense Pay paid"),
        None,
    );
    let liability = json!({"as": "journal", "account": "2"});
    for (documents, party, cash, wanted) in [
        (json!(["expense"]), &liability, json!({}), report),
        // A report taken before is still planned by these rules.
        (json!(["invoice"]), &liability, json!({}), report),
        (json!(["cashadvance"]), &liability, journal.clone(), report),
        (json!(["expense"]), &Value::Null, json!({}), none),
        (json!(["expense"]), &Value::Null, journal.clone(), none),
        (json!(["cashadvance"]), &Value::Null, journal, advance),
        (json!(["cashadvance"]), &Value::Null, json!({}), none),
        (
            json!(["cashadvance"]),
            &Value::Null,
            json!({"as": "skip"}),
            none,
        ),
        (json!(["expense"]), &json!({"as": "bill"}), json!({}), none),
    ] {
        let mut connection = with("/posting/journal/release", json!(false));
        connection["documents"] = documents;
        connection["rules"]["parties"] = json!({"EMPL.expense_pay": party});
        connection["rules"]["cash_advance"] = cash;
        let found = faults(&connection);
        assert_eq!(found.len(), usize::from(wanted.is_some()), "{connection}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert_eq!(found.path, "posting.journal.release");
            assert!(found.message.contains(wanted), "{}", found.message);
        }
        connection["posting"] = json!({});
        assert_eq!(faults(&connection), []);
    }
}

#[test]
fn what_lines_need() {
    one_fault([
        (
            "/posting/expense/hold",
            json!("no"),
            "posting.expense.hold",
            "found `no`",
        ),
        (
            "/rules/employee_owes",
            json!("journal"),
            "rules.employee_owes",
            "a journal needs its account",
        ),
        (
            "/rules/employee_owes",
            json!({"as": "journal"}),
            "rules.employee_owes.account",
            "is missing",
        ),
        (
            "/rules/cash_advance/as",
            json!("journal"),
            "rules.cash_advance.credit_account",
            "is missing",
        ),
        (
            "/rules/cash_advance/credit_account",
            json!("1"),
            "rules.cash_advance.credit_account",
            "unknown field",
        ),
        (
            "/rules/cash_advance/account",
            json!("{{ line.custom[1].code }}"),
            "rules.cash_advance.account",
            "have no line.custom",
        ),
        (
            "/rules/line/account",
            json!({"expense": "1", "cashadvance": "2"}),
            "rules.line.account.cashadvance",
            "unknown field",
        ),
    ]);
}

#[test]
fn what_templates_need() {
    one_fault([
        (
            "/rules/line/account",
            Value::Null,
            "rules.line.account",
            "is missing",
        ),
        (
            "/rules/line/account",
            json!(" "),
            "rules.line.account",
            "found ` `",
        ),
        (
            "/rules/line/account",
            json!("{{ journal.account }}"),
            "rules.line.account",
            "exists only in",
        ),
        (
            "/rules/line/project",
            json!("{{ entry.org[1].code }}"),
            "rules.line.project",
            "invoice documents have no entry.org",
        ),
        (
            "/rules/line/project",
            json!({"invoice": "{{ line.account | uper }}"}),
            "rules.line.project.invoice",
            "uper",
        ),
        (
            "/rules/line/task",
            json!({"invoice": "{% if vendor.code == 'a' %}x{% else %}{{ vendor.cod }}{% endif %}"}),
            "rules.line.task.invoice",
            "unknown name vendor.cod at column 42",
        ),
    ]);
}

#[test]
fn what_parties_need() {
    one_fault([
        (
            "/rules/line/task",
            json!("{{ allocation.custom[21].code | default('x') }}"),
            "rules.line.task",
            "undefined",
        ),
        (
            "/rules/text/line/invoice",
            json!("{{ line }}"),
            "rules.text.line.invoice",
            "group of fields",
        ),
        (
            "/rules/parties/EMPL",
            json!({"as": "journal"}),
            "rules.parties.EMPL.account",
            "is missing",
        ),
        (
            "/rules/parties/EMPL",
            json!({"as": "skip", "vendor": "x"}),
            "rules.parties.EMPL.vendor",
            "unknown field",
        ),
        (
            "/rules/balance_line/branch",
            Value::Null,
            "rules.balance_line.branch",
            "is missing",
        ),
    ]);
}
