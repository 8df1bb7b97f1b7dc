//! Reading `rules.parties` and what goes with them: mixed signs and an employee who owes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::config::{ByKind, EmployeeOwes, MixedSigns, Party};
use super::super::reader::Reader;
use super::super::template::Template;
use super::asked::{Asked, Builder, Fallback, REPORTS, WITH_LINES};

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

impl Builder<'_> {
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

    pub(super) fn mixed_signs_account(&self, section: &mut Reader<'_>) -> Option<ByKind<Template>> {
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
                let words = [("debit_adj", "debit_adj"), ("journal", "journal")];
                let posted_as = rule.word("as", &words);
                if posted_as == Some("debit_adj") {
                    return EmployeeOwes::DebitAdj;
                }
                if posted_as.is_none() && rule.value("as").is_some() {
                    rule.pass_over(&["account"]);
                    return EmployeeOwes::DebitAdj;
                }
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
                let words = [("debit_adj", EmployeeOwes::DebitAdj)];
                section.word("employee_owes", &words);
                EmployeeOwes::DebitAdj
            }
        }
    }
}

/// Reads `mixed_signs`.
pub(super) fn mixed_signs(section: &mut Reader<'_>) -> MixedSigns {
    let words = [
        ("clearing", MixedSigns::Clearing),
        ("one_bill", MixedSigns::OneBill),
        ("split", MixedSigns::Split),
    ];
    section.word("mixed_signs", &words).unwrap_or_default()
}
