//! Reading templates: one for all kinds or one for each, with defaults, remembered until they are proved.

use std::cell::RefCell;

use serde_json::Value;

use super::super::config::{ByKind, Optional};
use super::super::fault::Faults;
use super::super::names::Place;
use super::super::reader::{Reader, wrong_type};
use super::super::template::Template;
use crate::DocumentKind;

/// Every kind.
pub(super) const ALL: &[DocumentKind] = &DocumentKind::ALL;
/// Reports.
pub(super) const REPORTS: &[DocumentKind] = &[DocumentKind::Expense];
/// Invoices.
pub(super) const INVOICES: &[DocumentKind] = &[DocumentKind::Invoice];
/// Cash advances.
pub(super) const ADVANCES: &[DocumentKind] = &[DocumentKind::CashAdvance];
/// What has lines with allocations.
pub(super) const WITH_LINES: &[DocumentKind] = &[DocumentKind::Expense, DocumentKind::Invoice];
/// What has an employee who is paid.
pub(super) const WITH_EMPLOYEE: &[DocumentKind] =
    &[DocumentKind::Expense, DocumentKind::CashAdvance];

/// What stands in for a template that is left out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fallback {
    /// Nothing: leaving it out, or null, is a fault.
    Required,
    /// Nothing: it may be left out.
    Absent,
    /// A template.
    Template(&'static str),
    /// One for each kind.
    ByKind(fn(DocumentKind) -> &'static str),
}

/// What is asked of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    kinds: &'static [DocumentKind],
    place: Place,
    fallback: Fallback,
}

impl Asked {
    /// A rule used in documents of some kinds.
    pub(super) fn of(kinds: &'static [DocumentKind], fallback: Fallback) -> Self {
        Self {
            kinds,
            place: Place::Any,
            fallback,
        }
    }

    /// Of `rules.cash_advance.account`.
    pub(super) fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }
}

/// A template to be proved in documents of some kinds.
#[derive(Debug)]
pub(super) struct Proof {
    /// The template.
    pub(super) template: Template,
    /// Kinds it is used in.
    pub(super) kinds: &'static [DocumentKind],
    /// Its place.
    pub(super) place: Place,
}

/// Reads the sections of the rules and keeps the templates to be proved.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) faults: &'a Faults,
    pub(super) proofs: RefCell<Vec<Proof>>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(faults: &'a Faults) -> Self {
        Self {
            faults,
            proofs: RefCell::default(),
        }
    }

    /// A template for each kind; null means none.
    pub(super) fn optional(
        &self,
        reader: &mut Reader<'_>,
        key: &'static str,
        asked: Asked,
    ) -> Optional {
        let path = reader.path_of(key);
        let stated = reader.has(key);
        match reader.value(key) {
            None => {
                let required = matches!(asked.fallback, Fallback::Required);
                if required {
                    reader.missing(key);
                }
                ByKind::from_fn(|kind| {
                    if stated {
                        None
                    } else {
                        fallback(&path, kind, asked)
                    }
                })
            }
            Some(Value::Object(_)) => {
                let mut section = reader.section(key);
                ByKind::from_fn(|kind| self.of_kind(&mut section, kind, asked))
            }
            Some(value) => {
                let template = self.compile(path, value, (asked.kinds, asked.place));
                ByKind::from_fn(|_| template.clone())
            }
        }
    }

    /// A template for each kind that has to be there; kinds that do not use it share a neighbour's.
    pub(super) fn required(
        &self,
        reader: &mut Reader<'_>,
        key: &'static str,
        asked: Asked,
    ) -> ByKind<Template> {
        let path = reader.path_of(key);
        let nulled = reader.has(key) && reader.value(key).is_none();
        if nulled && !matches!(asked.fallback, Fallback::Required) {
            reader.missing(key);
        }
        let read = self.optional(reader, key, asked);
        let neighbour = asked.kinds.iter().find_map(|kind| read.of(*kind).clone());
        ByKind::from_fn(|kind| {
            let own = read.of(kind).clone().or_else(|| neighbour.clone());
            own.unwrap_or_else(|| Template::constant(path.clone(), ""))
        })
    }

    /// As [`Builder::optional`], as one template that chooses by the kind it is evaluated in.
    pub(super) fn optional_one(
        &self,
        reader: &mut Reader<'_>,
        key: &'static str,
        asked: Asked,
    ) -> Option<Template> {
        let read = self.optional(reader, key, asked);
        let templates: Option<Vec<Template>> = asked
            .kinds
            .iter()
            .map(|kind| read.of(*kind).clone())
            .collect();
        let first = templates.as_ref()?.first()?.clone();
        Some(Template::by_kind(ByKind::from_fn(|kind| {
            read.of(kind).clone().unwrap_or_else(|| first.clone())
        })))
    }

    /// As [`Builder::required`], as one template that chooses by the kind it is evaluated in.
    pub(super) fn one(&self, reader: &mut Reader<'_>, key: &'static str, asked: Asked) -> Template {
        Template::by_kind(self.required(reader, key, asked))
    }

    fn of_kind(
        &self,
        section: &mut Reader<'_>,
        kind: DocumentKind,
        asked: Asked,
    ) -> Option<Template> {
        if !asked.kinds.contains(&kind) {
            return None;
        }
        let word = kind.as_str();
        let path = section.path_of(word);
        let stated = section.has(word);
        match section.value(word) {
            Some(value) => self.compile(path, value, (only(kind), asked.place)),
            None if stated && !matches!(asked.fallback, Fallback::Required) => None,
            None => {
                if matches!(asked.fallback, Fallback::Required) {
                    section.missing(word);
                }
                fallback(&path, kind, asked)
            }
        }
    }

    fn compile(
        &self,
        path: String,
        value: &Value,
        used: (&'static [DocumentKind], Place),
    ) -> Option<Template> {
        let Some(source) = value.as_str().filter(|source| !source.trim().is_empty()) else {
            let expected = "a template as text, or an object with one for each of `expense`, `invoice`, `cashadvance`";
            self.faults.add(wrong_type(path, value, expected));
            return None;
        };
        match Template::compile(path, source) {
            Ok(template) => {
                let (kinds, place) = used;
                self.proofs.borrow_mut().push(Proof {
                    template: template.clone(),
                    kinds,
                    place,
                });
                Some(template)
            }
            Err(error) => {
                self.faults.add(error.into());
                None
            }
        }
    }
}

/// Defaults need no proof: a test proves them once.
fn fallback(path: &str, kind: DocumentKind, asked: Asked) -> Option<Template> {
    let source = match asked.fallback {
        Fallback::Required | Fallback::Absent => return None,
        Fallback::Template(source) => source,
        Fallback::ByKind(source) => source(kind),
    };
    Template::compile(path, source).ok()
}

fn only(kind: DocumentKind) -> &'static [DocumentKind] {
    match kind {
        DocumentKind::Expense => REPORTS,
        DocumentKind::Invoice => INVOICES,
        DocumentKind::CashAdvance => ADVANCES,
    }
}
