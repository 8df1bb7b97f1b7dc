//! Reading the sections of `rules`, each with the defaults a controller would choose.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::config::{
    AdvanceDate, AdvanceIssue, AdvanceRules, BalanceBranch, BalanceLine, BranchRules, ByKind,
    DateRules, DueDate, EmployeeOwes, ExpenseDate, InvoiceDate, InvoiceRules, LineRules,
    PaidByConcur, Party, ReferenceTooLong, ReturnAccount, Segment, TaxRules, TextRules,
    UnmappedRemitTo, VendorRules,
};
use super::super::names::Place;
use super::super::reader::Reader;
use super::super::template::Template;
use super::asked::{
    ADVANCES, ALL, Asked, Builder, Fallback, INVOICES, REPORTS, WITH_EMPLOYEE, WITH_LINES,
};
use super::posting::{must_be_empty, only_offered};
use crate::DocumentKind;

/// Longest segment of a subaccount, in characters: Acumatica's subaccounts have at most 30.
const SEGMENT_CHARS_MAX: u64 = 30;

const INVOICE_VENDOR: &str = "{{ tables.vendors[vendor.code] | default(vendor.code) }}";
const EMPLOYEE_VENDOR: &str = "{{ tables.employees[employee.id] | default(employee.id) }}";
const LOCATION: &str = "{{ tables.locations[vendor.remit_to] }}";
const HEADER_BRANCH: &str = "{{ tables.branches[document.org[2].code] }}";
const LINE_BRANCH: &str =
    "{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}";
const LINE_ACCOUNT: &str = "{{ tables.accounts[line.account] | default(line.account) }}";
const LINE_SUBACCOUNT: &str =
    "{{ tables.subaccounts[first(allocation.custom[4].code, document.org[4].code)] }}";
const LINE_PROJECT: &str = "{{ allocation.custom[5].code | default('X') }}";
const ADVANCE_ACCOUNT: &str = "{{ tables.accounts[journal.account] | default(journal.account) }}";
/// Acumatica's code of "no project".
const NO_PROJECT: &str = "X";
/// The subaccount a tenant that does not use subaccounts has.
const NO_SUBACCOUNT: &str = "000000";

/// Account of a party that is posted as journal.
fn party_account(party: &str) -> Option<&'static str> {
    match party {
        "EMPL.expense_pay" => Some("{{ entry.liability_account }}"),
        "EMPL.payroll" => Some("{{ report.payroll_clearing_account }}"),
        "IBCP" | "CBCP" | "COPD" => Some("{{ card.account }}"),
        _ => None,
    }
}

/// Parties that have a rule without being named, and how they are posted.
const PARTIES: [(&str, &str); 6] = [
    ("EMPL", "bill"),
    ("EMPL.expense_pay", "journal"),
    ("EMPL.payroll", "journal"),
    ("IBCP", "bill"),
    ("CBCP", "journal"),
    ("COPD", "journal"),
];

fn header_text(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Expense | DocumentKind::CashAdvance => {
            "{{ employee.name }} {{ document.id }} {{ document.name }}"
        }
        DocumentKind::Invoice => "{{ document.name }} {{ document.id }}",
    }
}

fn line_text(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Expense => {
            "{{ employee.id }} {{ entry.date }} {{ entry.vendor }} {{ line.expense_type.name }}"
        }
        DocumentKind::Invoice => "{{ line.description }}",
        DocumentKind::CashAdvance => "{{ employee.id }} {{ advance.id }}",
    }
}

impl Builder<'_> {
    pub(super) fn vendor(&self, mut section: Reader<'_>) -> VendorRules {
        VendorRules {
            invoice: self.one(
                &mut section,
                "invoice",
                Asked::of(INVOICES, Fallback::Template(INVOICE_VENDOR)),
            ),
            employee: self.one(
                &mut section,
                "employee",
                Asked::of(WITH_EMPLOYEE, Fallback::Template(EMPLOYEE_VENDOR)),
            ),
        }
    }

    pub(super) fn location(&self, section: &mut Reader<'_>) -> Template {
        self.one(
            section,
            "location",
            Asked::of(INVOICES, Fallback::Template(LOCATION)),
        )
    }

    pub(super) fn parties(&self, section: Reader<'_>) -> BTreeMap<String, Party> {
        let mut parties = BTreeMap::new();
        for (name, posted_as) in PARTIES {
            let given = Value::from_iter([("as", posted_as)]);
            let mut reader = Reader::at(section.path_of(name), Some(&given), self.faults);
            parties.extend(
                self.party(name, &mut reader)
                    .map(|party| (name.to_owned(), party)),
            );
        }
        for (name, path, value) in section.entries() {
            parties.remove(name);
            let mut reader = Reader::at(path, Some(value), self.faults);
            if !value.is_null() {
                parties.extend(
                    self.party(name, &mut reader)
                        .map(|party| (name.to_owned(), party)),
                );
            }
        }
        parties
    }

    fn party(&self, name: &str, reader: &mut Reader<'_>) -> Option<Party> {
        #[derive(Clone)]
        enum As {
            Bill,
            Journal,
            Skip,
        }
        let Some(posted_as) = reader.word(
            "as",
            &[
                ("bill", As::Bill),
                ("journal", As::Journal),
                ("skip", As::Skip),
            ],
        ) else {
            reader.pass_over(&["vendor", "account"]);
            if reader.value("as").is_none() {
                reader.missing("as");
            }
            return None;
        };
        Some(match posted_as {
            As::Bill => {
                let fallback = match name {
                    "IBCP" | "CBCP" | "COPD" => Fallback::Template("{{ card.vendor }}"),
                    _ if name == "EMPL" || name.starts_with("EMPL.") => Fallback::Absent,
                    _ => Fallback::Required,
                };
                Party::Bill {
                    vendor: self.optional_one(reader, "vendor", Asked::of(REPORTS, fallback)),
                }
            }
            As::Journal => {
                let fallback = party_account(name).map_or(Fallback::Required, Fallback::Template);
                Party::Journal {
                    account: self.one(reader, "account", Asked::of(REPORTS, fallback)),
                }
            }
            As::Skip => Party::Skip,
        })
    }

    pub(super) fn mixed_signs(&self, section: &mut Reader<'_>) -> Option<ByKind<Template>> {
        only_offered(section, "mixed_signs", "clearing", &["one_bill", "split"]);
        section.value("mixed_signs_account").is_some().then(|| {
            self.required(
                section,
                "mixed_signs_account",
                Asked::of(WITH_LINES, Fallback::Required),
            )
        })
    }

    pub(super) fn employee_owes(&self, section: &mut Reader<'_>) -> EmployeeOwes {
        match section.value("employee_owes") {
            Some(Value::Object(_)) => {
                let mut rule = section.section("employee_owes");
                only_offered(&mut rule, "as", "journal", &[]);
                EmployeeOwes::Journal {
                    account: self.one(&mut rule, "account", Asked::of(REPORTS, Fallback::Required)),
                }
            }
            Some(Value::String(word)) if word == "journal" => {
                let expected = "{\"as\": \"journal\", \"account\": \"the receivable account\"}";
                section.fault("employee_owes", "a journal needs its account", expected);
                EmployeeOwes::DebitAdj
            }
            _ => {
                only_offered(section, "employee_owes", "debit_adj", &[]);
                EmployeeOwes::DebitAdj
            }
        }
    }

    pub(super) fn branch(&self, mut section: Reader<'_>) -> BranchRules {
        BranchRules {
            header: self.required(
                &mut section,
                "header",
                Asked::of(ALL, Fallback::Template(HEADER_BRANCH)),
            ),
            line: self.required(
                &mut section,
                "line",
                Asked::of(WITH_LINES, Fallback::Template(LINE_BRANCH)),
            ),
        }
    }

    pub(super) fn line(&self, mut section: Reader<'_>) -> LineRules {
        LineRules {
            account: self.required(
                &mut section,
                "account",
                Asked::of(WITH_LINES, Fallback::Template(LINE_ACCOUNT)),
            ),
            subaccount: self.subaccount(&mut section),
            project: self.optional(
                &mut section,
                "project",
                Asked::of(WITH_LINES, Fallback::Template(LINE_PROJECT)),
            ),
            task: self.optional(
                &mut section,
                "task",
                Asked::of(WITH_LINES, Fallback::Absent),
            ),
            cost_code: self.optional(
                &mut section,
                "cost_code",
                Asked::of(WITH_LINES, Fallback::Absent),
            ),
        }
    }

    fn subaccount(&self, section: &mut Reader<'_>) -> Option<Vec<Segment>> {
        if !section.has("subaccount") {
            let path = section.path_of("subaccount[0].value");
            let value = Template::compile(path, LINE_SUBACCOUNT).ok()?;
            let (length, pad, default) =
                (NO_SUBACCOUNT.len(), None, Some(NO_SUBACCOUNT.to_owned()));
            return Some(vec![Segment {
                value: ByKind::from_fn(|_| value.clone()),
                length,
                pad,
                default,
            }]);
        }
        let segments: Vec<Segment> = section
            .sections("subaccount")
            .into_iter()
            .map(|reader| self.segment(reader))
            .collect();
        (!segments.is_empty()).then_some(segments)
    }

    fn segment(&self, mut reader: Reader<'_>) -> Segment {
        let value = self.required(
            &mut reader,
            "value",
            Asked::of(WITH_LINES, Fallback::Required),
        );
        let length = reader.number("length", 1..=SEGMENT_CHARS_MAX);
        if length.is_none() && reader.value("length").is_none() {
            reader.missing("length");
        }
        let length = length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(1);
        let pad = reader.optional_text("pad").and_then(|pad| {
            let mut characters = pad.chars();
            let only = characters.next().filter(|_| characters.next().is_none());
            if only.is_none() {
                reader.fault(
                    "pad",
                    "fills with exactly one character",
                    "one character, such as `0`",
                );
            }
            only
        });
        let default = reader.optional_text("default");
        if let Some(default) = &default
            && default.chars().count() != length
        {
            reader.fault(
                "default",
                format!("has not the {length} characters of its segment"),
                "",
            );
        }
        Segment {
            value,
            length,
            pad,
            default,
        }
    }

    pub(super) fn balance_line(&self, mut section: Reader<'_>) -> BalanceLine {
        let branch = match section.value("branch").and_then(Value::as_str) {
            Some("header") => BalanceBranch::Header,
            None if !section.has("branch") => BalanceBranch::Header,
            _ => BalanceBranch::Own(self.required(
                &mut section,
                "branch",
                Asked::of(ALL, Fallback::Required),
            )),
        };
        BalanceLine {
            branch,
            subaccount: self.optional(
                &mut section,
                "subaccount",
                Asked::of(ALL, Fallback::Template(NO_SUBACCOUNT)),
            ),
            project: self.optional(
                &mut section,
                "project",
                Asked::of(ALL, Fallback::Template(NO_PROJECT)),
            ),
        }
    }

    pub(super) fn text(&self, mut section: Reader<'_>) -> TextRules {
        TextRules {
            header: self.required(
                &mut section,
                "header",
                Asked::of(ALL, Fallback::ByKind(header_text)),
            ),
            line: self.required(
                &mut section,
                "line",
                Asked::of(ALL, Fallback::ByKind(line_text)),
            ),
        }
    }

    pub(super) fn tax(&self, mut section: Reader<'_>) -> TaxRules {
        only_offered(
            &mut section,
            "mode",
            "gross",
            &["reclaim", "split", "acumatica"],
        );
        only_offered(&mut section, "journal_mode", "gross", &["reclaim", "split"]);
        must_be_empty(&mut section, "codes", "has no effect in mode `gross`");
        TaxRules {
            category: self.optional_one(&mut section, "category", Asked::of(ALL, Fallback::Absent)),
            reclaimable_as_cost: section.flag("reclaimable_as_cost").unwrap_or(false),
        }
    }

    pub(super) fn invoice(&self, mut section: Reader<'_>) -> InvoiceRules {
        let account = Asked::of(INVOICES, Fallback::Absent);
        only_offered(&mut section, "po", "text", &["link"]);
        only_offered(&mut section, "possible_duplicate", "hold", &["warn"]);
        let (shipping_account, tax_account) = if section
            .value("header_amounts")
            .is_some_and(Value::is_string)
        {
            only_offered(
                &mut section,
                "header_amounts",
                "an object with the accounts of `shipping` and `tax`",
                &["prorate"],
            );
            (None, None)
        } else {
            let mut amounts = section.section("header_amounts");
            (
                self.optional_one(&mut amounts, "shipping", account),
                self.optional_one(&mut amounts, "tax", account),
            )
        };
        InvoiceRules {
            shipping_account,
            tax_account,
            due_date: section
                .word(
                    "due_date",
                    &[("vendor", DueDate::Vendor), ("concur", DueDate::Concur)],
                )
                .unwrap_or_default(),
            terms: section.table("terms"),
            paid_by_concur: self.paid_by_concur(&mut section),
            rounding_account: self.optional_one(&mut section, "rounding_account", account),
            reference_too_long: section
                .word(
                    "reference_too_long",
                    &[
                        ("shorten", ReferenceTooLong::Shorten),
                        ("hold", ReferenceTooLong::Hold),
                    ],
                )
                .unwrap_or_default(),
            credit_suffix: section.flag("credit_suffix").unwrap_or(false),
        }
    }

    fn paid_by_concur(&self, section: &mut Reader<'_>) -> Option<PaidByConcur> {
        section.value("paid_by_concur")?;
        let mut rule = section.section("paid_by_concur");
        let journal = rule.word("as", &[("journal", true), ("skip", false)]);
        if rule.value("as").is_none() {
            rule.missing("as");
        }
        if journal == Some(false) {
            return Some(PaidByConcur::Skip);
        }
        let asked = Asked::of(INVOICES, Fallback::Required);
        Some(PaidByConcur::Journal {
            account: self.one(&mut rule, "account", asked),
        })
    }

    pub(super) fn cash_advance(&self, mut section: Reader<'_>) -> AdvanceRules {
        let words = [("bill", "bill"), ("journal", "journal"), ("skip", "skip")];
        let issue = match section.word("as", &words) {
            Some("journal") => AdvanceIssue::Journal {
                credit_account: self.one(
                    &mut section,
                    "credit_account",
                    Asked::of(ADVANCES, Fallback::Required),
                ),
            },
            Some("skip") => AdvanceIssue::Skip,
            _ => AdvanceIssue::Bill,
        };
        let asked =
            Asked::of(WITH_EMPLOYEE, Fallback::Template(ADVANCE_ACCOUNT)).at(Place::AdvanceAccount);
        let account = self.required(&mut section, "account", asked);
        let return_account = match section.value("return_account") {
            None => None,
            Some(Value::String(word)) if word == "employee" => Some(ReturnAccount::Employee),
            Some(_) => {
                let asked = Asked::of(WITH_EMPLOYEE, Fallback::Required);
                Some(ReturnAccount::Account(self.required(
                    &mut section,
                    "return_account",
                    asked,
                )))
            }
        };
        AdvanceRules {
            issue,
            account,
            return_account,
        }
    }
}

/// Reads `unmapped_remit_to`.
pub(super) fn unmapped_remit_to(section: &mut Reader<'_>) -> UnmappedRemitTo {
    let words = [
        ("hold", UnmappedRemitTo::Hold),
        ("default", UnmappedRemitTo::Default),
    ];
    section
        .word("unmapped_remit_to", &words)
        .unwrap_or_default()
}

/// Reads `date`.
pub(super) fn date(mut section: Reader<'_>) -> DateRules {
    DateRules {
        expense: section
            .word(
                "expense",
                &[
                    ("approved", ExpenseDate::Approved),
                    ("submitted", ExpenseDate::Submitted),
                ],
            )
            .unwrap_or_default(),
        invoice: section
            .word(
                "invoice",
                &[
                    ("invoice", InvoiceDate::Invoice),
                    ("posting", InvoiceDate::Posting),
                ],
            )
            .unwrap_or_default(),
        cash_advance: section
            .word(
                "cashadvance",
                &[
                    ("issued", AdvanceDate::Issued),
                    ("requested", AdvanceDate::Requested),
                ],
            )
            .unwrap_or_default(),
    }
}
