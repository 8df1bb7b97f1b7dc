//! The rules' part of the schema.

use serde_json::{Value, json};

use super::parts::{
    ADVANCES, ALL, INVOICES, REPORTS, WITH_EMPLOYEE, WITH_LINES, any, every, every_kind, flag, map,
    object, optional, table, template, text, texts, whole, words,
};

/// `rules`.
pub(super) fn rules() -> Value {
    let parties = "By party: `EMPL`, `EMPL.expense_pay`, `EMPL.payroll`, `IBCP`, `CBCP`, `COPD` or another of Concur's; null removes a default.";
    let remit_to = words("A remit-to code without location.", &["hold", "default"]);
    let signs = words(
        "Lines of both signs for one payee.",
        &["clearing", "one_bill", "split"],
    );
    let meeting = "Account through which a journal and an AP document meet.";
    let control = texts("AP and tax control accounts, which no line may use.");
    let nothing = text("Id told to Concur when there is nothing to post.");
    object(
        "How codes, vendors, accounts and texts of Acumatica follow from a document.",
        &[],
        vec![
            ("vendor", optional(vendor())),
            (
                "location",
                template("Vendor location by the remit-to code.", INVOICES),
            ),
            ("unmapped_remit_to", optional(remit_to)),
            ("parties", optional(map(parties, &optional(party())))),
            ("mixed_signs", optional(signs)),
            ("mixed_signs_account", optional(every(meeting, WITH_LINES))),
            ("employee_owes", optional(employee_owes())),
            ("branch", optional(branch())),
            ("line", optional(line())),
            ("balance_line", optional(balance_line())),
            ("control_accounts", optional(control)),
            ("text", optional(line_and_header())),
            ("tax", optional(tax())),
            ("invoice", optional(invoice())),
            ("cash_advance", optional(cash_advance())),
            ("date", optional(date())),
            ("nothing_to_post_id", optional(nothing)),
        ],
    )
}

fn vendor() -> Value {
    let employee = template("Vendor of an employee's bill.", WITH_EMPLOYEE);
    let fields = vec![
        ("invoice", template("Vendor of an invoice.", INVOICES)),
        ("employee", employee),
    ];
    object("Vendors.", &[], fields)
}

fn branch() -> Value {
    let fields = vec![
        ("header", template("Of the document.", ALL)),
        ("line", template("Of each line.", WITH_LINES)),
    ];
    object("Branches.", &[], fields)
}

fn balance_line() -> Value {
    let fields = vec![
        ("branch", every("`header` takes the document's.", ALL)),
        ("subaccount", optional(template("Subaccount.", ALL))),
        ("project", optional(template("Project.", ALL))),
    ];
    object("Lines without allocation.", &[], fields)
}

fn line_and_header() -> Value {
    let fields = vec![
        ("header", template("Of the document.", ALL)),
        ("line", template("Of each line.", ALL)),
    ];
    object("Texts.", &[], fields)
}

fn date() -> Value {
    let of = |what, choices| optional(words(what, choices));
    let fields = vec![
        ("expense", of("Of reports.", &["approved", "submitted"])),
        ("invoice", of("Of invoices.", &["invoice", "posting"])),
        (
            "cashadvance",
            of("Of cash advances.", &["issued", "requested"]),
        ),
    ];
    object("Which date is the document date.", &[], fields)
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
        &[json!({"enum": ["debit_adj"]}), journal],
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
        &[text("The account."), code],
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
            ("codes", optional(map("By Concur's tax code.", &code))),
            (
                "categories",
                optional(table("Acumatica's tax category by tax id.")),
            ),
        ],
    )
}

fn paid_by_concur() -> Value {
    object(
        "What Invoice Pay pays.",
        &["as"],
        vec![
            ("as", words("A journal, or nothing.", &["journal", "skip"])),
            ("account", every("Account of the journal.", INVOICES)),
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
        &[json!({"enum": ["prorate"]}), amounts],
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
            (
                "discount",
                optional(words("Whose discount.", &["vendor", "concur"])),
            ),
            ("terms", optional(table("Credit terms by days."))),
            (
                "box_1099",
                optional(template("Box of form 1099 of each line.", INVOICES)),
            ),
            ("paid_by_concur", optional(paid_by_concur())),
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
        &[
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
