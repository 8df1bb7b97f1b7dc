//! The rules' part of the schema.

use serde_json::{Value, json};

use super::parts::{
    ADVANCES, ALL, INVOICES, REPORTS, WITH_EMPLOYEE, WITH_LINES, any, every, every_kind, flag, map,
    object, optional, table, template, text, texts, whole, words,
};

/// `rules`.
pub(super) fn rules() -> Value {
    object(
        "How codes, vendors, accounts and texts of Acumatica follow from a document.",
        &[],
        vec![
            (
                "vendor",
                optional(object(
                    "Vendors.",
                    &[],
                    vec![
                        ("invoice", template("Vendor of an invoice.", INVOICES)),
                        (
                            "employee",
                            template("Vendor of an employee's bill.", WITH_EMPLOYEE),
                        ),
                    ],
                )),
            ),
            (
                "location",
                template("Vendor location by the remit-to code.", INVOICES),
            ),
            (
                "unmapped_remit_to",
                optional(words(
                    "A remit-to code without location.",
                    &["hold", "default"],
                )),
            ),
            (
                "parties",
                optional(map(
                    "By party: `EMPL`, `EMPL.expense_pay`, `EMPL.payroll`, `IBCP`, `CBCP`, `COPD` or another of Concur's; null removes a default.",
                    optional(party()),
                )),
            ),
            (
                "mixed_signs",
                optional(words(
                    "Lines of both signs for one payee.",
                    &["clearing", "one_bill", "split"],
                )),
            ),
            (
                "mixed_signs_account",
                optional(every(
                    "Account through which a journal and an AP document meet.",
                    WITH_LINES,
                )),
            ),
            ("employee_owes", optional(employee_owes())),
            (
                "branch",
                optional(object(
                    "Branches.",
                    &[],
                    vec![
                        ("header", template("Of the document.", ALL)),
                        ("line", template("Of each line.", WITH_LINES)),
                    ],
                )),
            ),
            ("line", optional(line())),
            (
                "balance_line",
                optional(object(
                    "Lines without allocation.",
                    &[],
                    vec![
                        ("branch", every("`header` takes the document's.", ALL)),
                        ("subaccount", optional(template("Subaccount.", ALL))),
                        ("project", optional(template("Project.", ALL))),
                    ],
                )),
            ),
            (
                "control_accounts",
                optional(texts("AP and tax control accounts, which no line may use.")),
            ),
            (
                "text",
                optional(object(
                    "Texts.",
                    &[],
                    vec![
                        ("header", template("Of the document.", ALL)),
                        ("line", template("Of each line.", ALL)),
                    ],
                )),
            ),
            ("tax", optional(tax())),
            ("invoice", optional(invoice())),
            ("cash_advance", optional(cash_advance())),
            (
                "date",
                optional(object(
                    "Which date is the document date.",
                    &[],
                    vec![
                        (
                            "expense",
                            optional(words("Of reports.", &["approved", "submitted"])),
                        ),
                        (
                            "invoice",
                            optional(words("Of invoices.", &["invoice", "posting"])),
                        ),
                        (
                            "cashadvance",
                            optional(words("Of cash advances.", &["issued", "requested"])),
                        ),
                    ],
                )),
            ),
            (
                "nothing_to_post_id",
                optional(text("Id told to Concur when there is nothing to post.")),
            ),
        ],
    )
}

fn party() -> Value {
    object(
        "How the party's side is posted.",
        &["as"],
        vec![
            (
                "as",
                words(
                    "A bill to a vendor, a journal to an account, or nothing.",
                    &["bill", "journal", "skip"],
                ),
            ),
            ("vendor", optional(template("Vendor of the bill.", REPORTS))),
            ("account", template("Account of the journal.", REPORTS)),
        ],
    )
}

fn employee_owes() -> Value {
    let journal = object(
        "A journal to a receivable account.",
        &[],
        vec![
            (
                "as",
                optional(words("Which document.", &["debit_adj", "journal"])),
            ),
            ("account", every("The receivable account.", REPORTS)),
        ],
    );
    any(
        "A negative net of the employee.",
        vec![json!({"enum": ["debit_adj"]}), journal],
    )
}

fn line() -> Value {
    let segment = object(
        "One segment of the subaccount.",
        &["value", "length"],
        vec![
            ("value", every("Its code.", WITH_LINES)),
            ("length", whole("Its characters.", 1, 30)),
            (
                "pad",
                optional(text("One character that fills it from the left.")),
            ),
            (
                "default",
                optional(text("Where the code is missing; as long as the segment.")),
            ),
        ],
    );
    object(
        "Codes of cost lines.",
        &[],
        vec![
            ("account", template("Account.", WITH_LINES)),
            (
                "subaccount",
                optional(
                    json!({"description": "Segments of the subaccount, without separators; null where the tenant has none.", "type": "array", "items": segment}),
                ),
            ),
            (
                "project",
                optional(template("Project, or the code for none.", WITH_LINES)),
            ),
            ("task", optional(template("Project task.", WITH_LINES))),
            ("cost_code", optional(template("Cost code.", WITH_LINES))),
        ],
    )
}

fn tax() -> Value {
    let code = object(
        "What the code is posted to.",
        &[],
        vec![
            (
                "account",
                optional(template("Account of the reclaimable part.", REPORTS)),
            ),
            (
                "non_deductible_account",
                optional(template("Account of the other part.", REPORTS)),
            ),
            ("tax_id", optional(template("Tax in Acumatica.", REPORTS))),
        ],
    );
    let code = any(
        "An object, or the account of the reclaimable part.",
        vec![text("The account."), code],
    );
    object(
        "Tax.",
        &[],
        vec![
            (
                "mode",
                optional(words(
                    "What becomes of tax.",
                    &["gross", "reclaim", "split", "acumatica"],
                )),
            ),
            (
                "journal_mode",
                optional(words(
                    "Of journals, in mode `acumatica`.",
                    &["gross", "reclaim", "split"],
                )),
            ),
            (
                "category",
                optional(template(
                    "Tax category without tax, needed as soon as there is a bill.",
                    ALL,
                )),
            ),
            (
                "reclaimable_as_cost",
                optional(flag("Whether reclaimable tax may become cost.")),
            ),
            ("codes", optional(map("By Concur's tax code.", code))),
            (
                "categories",
                optional(table("Acumatica's tax category by tax id.")),
            ),
        ],
    )
}

fn invoice() -> Value {
    let amounts = object(
        "Accounts of amounts that stand only in the header.",
        &[],
        vec![
            ("shipping", optional(template("Of shipping.", INVOICES))),
            ("tax", optional(template("Of tax.", INVOICES))),
        ],
    );
    let amounts = any(
        "Accounts, or `prorate` over the lines.",
        vec![json!({"enum": ["prorate"]}), amounts],
    );
    let paid = object(
        "What Invoice Pay pays.",
        &["as"],
        vec![
            ("as", words("A journal, or nothing.", &["journal", "skip"])),
            ("account", every("Account of the journal.", INVOICES)),
        ],
    );
    object(
        "Invoices.",
        &[],
        vec![
            ("header_amounts", optional(amounts)),
            (
                "po",
                optional(words(
                    "Whether the purchase order is text or a link.",
                    &["text", "link"],
                )),
            ),
            (
                "po_unit",
                optional(template("Unit of measure of a linked line.", INVOICES)),
            ),
            (
                "due_date",
                optional(words("Whose due date.", &["vendor", "concur"])),
            ),
            ("terms", optional(table("Credit terms by days."))),
            ("paid_by_concur", optional(paid)),
            (
                "rounding_account",
                optional(template("Account of a cent a line.", INVOICES)),
            ),
            (
                "reference_too_long",
                optional(words("A number over 40 characters.", &["shorten", "hold"])),
            ),
            (
                "credit_suffix",
                optional(flag("Whether a credit's reference ends -CR.")),
            ),
            (
                "possible_duplicate",
                optional(words(
                    "An invoice that looks like an earlier one.",
                    &["hold", "warn"],
                )),
            ),
        ],
    )
}

fn cash_advance() -> Value {
    let returned = any(
        "Where returned cash went: `employee`, or an account.",
        vec![
            text("`employee`, or a template."),
            every_kind(WITH_EMPLOYEE),
        ],
    );
    object(
        "Cash advances.",
        &[],
        vec![
            (
                "as",
                optional(words(
                    "How an issue is posted.",
                    &["bill", "journal", "skip"],
                )),
            ),
            (
                "credit_account",
                every("The other side of a journal.", ADVANCES),
            ),
            ("account", template("The advance account.", WITH_EMPLOYEE)),
            ("return_account", optional(returned)),
        ],
    )
}
