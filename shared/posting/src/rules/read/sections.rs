//! Reading the sections of `rules`, each with the defaults a controller would choose.

use serde_json::Value;

use super::super::config::{
    BalanceBranch, BalanceLine, BranchRules, ByKind, LineRules, Segment, TextRules, VendorRules,
};
use super::super::reader::Reader;
use super::super::template::Template;
use super::asked::{ALL, Asked, Builder, Fallback, INVOICES, WITH_EMPLOYEE, WITH_LINES};
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
/// Acumatica's code of "no project".
const NO_PROJECT: &str = "X";
/// The subaccount a tenant that does not use subaccounts has.
const NO_SUBACCOUNT: &str = "000000";

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
}
