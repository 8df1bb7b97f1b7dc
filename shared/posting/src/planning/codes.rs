//! Answers of the rules, checked: a missing or long code and a control account are reasons, collected as they are found, so
//! that all of them are known at once.

use std::collections::HashSet;

use super::Planning;
use super::identity;
use super::item::LineCodes;
use super::origin::Origins;
use super::party::Party;
use crate::rules::{BalanceBranch, Names, Rules, SegmentFault, Template, TemplateError};
use crate::{Code, Currency, DocumentKind, Reason};

/// A field of Acumatica that takes a code, and how much it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    chars_max: usize,
}

const fn field(name: &'static str, chars_max: usize) -> Field {
    Field { name, chars_max }
}

// Lengths of the endpoint's models (AP301000, GL301000, AP303000, PM301000).
const ACCOUNT: Field = field("account", 10);
const SUBACCOUNT: Field = field("subaccount", 30);
const BRANCH: Field = field("branch", 30);
const PROJECT: Field = field("project", 30);
const TASK: Field = field("project task", 30);
const COST_CODE: Field = field("cost code", 30);
pub(super) const VENDOR: Field = field("vendor", 30);
pub(super) const LOCATION: Field = field("location", 30);
pub(super) const TAX_CATEGORY: Field = field("tax category", 15);
pub(super) const TERMS: Field = field("terms", 10);
pub(super) const TAX_ID: Field = field("tax id", 60);
pub(super) const ORDER: Field = field("purchase order", 15);
pub(super) const UNIT: Field = field("unit of measure", 6);

/// Evaluates the rules for one document and keeps every reason it meets.
#[derive(Debug)]
pub(super) struct Codes<'a> {
    pub(super) rules: &'a Rules,
    pub(super) kind: DocumentKind,
    pub(super) currency: Currency,
    /// Names of the whole document.
    pub(super) names: Names,
    /// Header branch; blank while a reason is kept for it.
    pub(super) branch: String,
    /// Dimensions of every line without allocation; without account.
    pub(super) balance: LineCodes,
    pub(super) reasons: Vec<Reason>,
    /// Faults of what all postings share: no fault where nothing is posted.
    pub(super) shared: Vec<Reason>,
    /// What the administrator should know although the plan holds.
    pub(super) notes: Vec<String>,
    /// Where the answers come from.
    pub(super) origins: Origins,
    /// Faults that belong to the document as a whole are kept once, not for each line.
    once: HashSet<(Code, String)>,
}

impl<'a> Codes<'a> {
    pub(super) fn new(planning: &Planning<'a>) -> Self {
        let rules = planning.rules;
        let kind = planning.document.kind();
        let mut codes = Self {
            rules,
            kind,
            currency: planning.document.header().currency,
            names: Names::document(planning.document, &rules.tables),
            branch: String::new(),
            balance: LineCodes::default(),
            reasons: Vec::new(),
            shared: Vec::new(),
            notes: Vec::new(),
            origins: Origins::new(planning.detail),
            once: HashSet::new(),
        };
        let names = codes.names.clone();
        codes.branch = codes.branch(rules.branch.header.of(kind), &names, None);
        codes.balance = LineCodes {
            account: String::new(),
            subaccount: codes.optional(
                rules.balance_line.subaccount.of(kind).as_ref(),
                &names,
                SUBACCOUNT,
                None,
            ),
            branch: Some(match &rules.balance_line.branch {
                BalanceBranch::Header => codes.branch.clone(),
                BalanceBranch::Own(template) => codes.branch(template.of(kind), &names, None),
            }),
            project: codes.optional(
                rules.balance_line.project.of(kind).as_ref(),
                &names,
                PROJECT,
                None,
            ),
            task: None,
            cost_code: None,
        };
        codes.shared = std::mem::take(&mut codes.reasons);
        codes
    }

    /// Account and dimensions of a line with an allocation.
    pub(super) fn cost(&mut self, names: &Names, line: &str) -> LineCodes {
        let template = self.rules.line.account.of(self.kind);
        LineCodes {
            account: self.account(template, names, Some(line)),
            ..self.dimensions(names, line)
        }
    }

    /// The same of a line that takes the account of its purchase order: blank where the rules give none.
    pub(super) fn cost_of_order(&mut self, names: &Names, line: &str) -> LineCodes {
        let template = self.rules.line.account.of(self.kind);
        match self.evaluate(template, names, Some(line)) {
            Some(Some(_)) => self.cost(names, line),
            Some(None) | None => self.dimensions(names, line),
        }
    }

    fn dimensions(&mut self, names: &Names, line: &str) -> LineCodes {
        let (rules, kind) = (self.rules, self.kind);
        LineCodes {
            account: String::new(),
            subaccount: self.subaccount(names, line),
            branch: Some(self.branch(rules.branch.line.of(kind), names, Some(line))),
            project: self.optional(
                rules.line.project.of(kind).as_ref(),
                names,
                PROJECT,
                Some(line),
            ),
            task: self.optional(rules.line.task.of(kind).as_ref(), names, TASK, Some(line)),
            cost_code: self.optional(
                rules.line.cost_code.of(kind).as_ref(),
                names,
                COST_CODE,
                Some(line),
            ),
        }
    }

    /// An account that may stand on a line; blank when a reason was kept.
    pub(super) fn account(
        &mut self,
        template: &Template,
        names: &Names,
        line: Option<&str>,
    ) -> String {
        let Some(account) = self.evaluate(template, names, line) else {
            return String::new();
        };
        let Some(account) = account else {
            self.keep(
                missing(Code::AccountMissing, template, names, ACCOUNT),
                line,
            );
            return String::new();
        };
        self.fit(&account, ACCOUNT, template.rule(), line);
        // As Acumatica compares them: without case.
        let is_it = |control: &String| control.trim().eq_ignore_ascii_case(&account);
        if self.rules.control_accounts.iter().any(is_it) {
            let reason = Reason::new(
                Code::ControlAccount,
                format!("{account} is a control account, which no line may use"),
            );
            self.keep(reason.at(template.rule(), &account), line);
        }
        account
    }

    /// A code that must be there; `None` when a reason was kept.
    pub(super) fn required(
        &mut self,
        template: &Template,
        names: &Names,
        field: Field,
        line: Option<&str>,
    ) -> Option<String> {
        let code = self.evaluate(template, names, line)?;
        if code.is_none() {
            self.keep(missing(Code::CodeMissing, template, names, field), line);
        }
        self.within(code, template, field, line)
    }

    /// A code that may be missing: the field is not sent then.
    pub(super) fn optional(
        &mut self,
        template: Option<&Template>,
        names: &Names,
        field: Field,
        line: Option<&str>,
    ) -> Option<String> {
        let template = template?;
        let code = self.evaluate(template, names, line)?;
        self.within(code, template, field, line)
    }

    /// A text, empty when the template fails.
    pub(super) fn text(&mut self, template: &Template, names: &Names) -> String {
        match template.text(names) {
            Ok(text) => {
                self.origins.value(template, names, Some(&text));
                text
            }
            Err(error) => {
                self.failed(&error);
                String::new()
            }
        }
    }

    /// Evaluates without judging what is missing; `None` when the template failed and its reason was kept.
    #[expect(clippy::option_option, reason = "failed, and null, are two things")]
    pub(super) fn evaluate(
        &mut self,
        template: &Template,
        names: &Names,
        line: Option<&str>,
    ) -> Option<Option<String>> {
        match template.evaluate(names) {
            Ok(code) => {
                self.origins.value(template, names, code.as_deref());
                Some(code)
            }
            Err(error) => {
                let mut reason = error.reason();
                reason.line = line.map(str::to_owned);
                self.once(reason);
                None
            }
        }
    }

    /// Checks the length of a code, which is never cut.
    pub(super) fn fit(&mut self, code: &str, field: Field, path: &str, line: Option<&str>) {
        if identity::width(code) > field.chars_max {
            let message = format!("{} has at most {} characters", field.name, field.chars_max);
            self.keep(Reason::new(Code::CodeTooLong, message).at(path, code), line);
        }
    }

    /// As [`Codes::fit`] for a code that names a person: kept once, without the code.
    pub(super) fn fit_person(&mut self, code: &str, field: Field, path: &str) {
        let length = identity::width(code);
        if length > field.chars_max {
            let message = format!("{} has at most {} characters", field.name, field.chars_max);
            let reason = Reason::new(Code::CodeTooLong, message);
            self.once(reason.at(path, format!("{length} characters")));
        }
    }

    /// Keeps a reason, tied to a line where one is named.
    pub(super) fn keep(&mut self, mut reason: Reason, line: Option<&str>) {
        if let Some(line) = line {
            reason.line = Some(line.to_owned());
        }
        self.reasons.push(reason);
    }

    /// Keeps a reason unless one with its code and field is kept already.
    pub(super) fn once(&mut self, reason: Reason) {
        if self.once.insert((reason.code, reason.field.clone())) {
            self.reasons.push(reason);
        }
    }

    /// Keeps that a party has no rule.
    pub(super) fn without_rule(&mut self, party: &Party, line: Option<&str>) {
        let (code, message) = match party {
            Party::ExpensePay => (
                Code::ReimbursedElsewhere,
                "Expense Pay reimburses the entry and no rule says how that is posted",
            ),
            Party::Payroll => (
                Code::ReimbursedElsewhere,
                "payroll reimburses the report and no rule says how that is posted",
            ),
            _ => (Code::PartyWithoutRule, "the party has no rule"),
        };
        let mut reason = Reason::new(code, message).at(party.rule(), party);
        reason.line = line.map(str::to_owned);
        self.once(reason);
    }

    fn branch(&mut self, template: &Template, names: &Names, line: Option<&str>) -> String {
        self.required(template, names, BRANCH, line)
            .unwrap_or_default()
    }

    fn subaccount(&mut self, names: &Names, line: &str) -> Option<String> {
        let segments = self.rules.line.subaccount.as_deref()?;
        let mut subaccount = String::new();
        for segment in segments {
            let template = segment.value.of(self.kind);
            let value = self.evaluate(template, names, Some(line))?;
            match segment.fit(value) {
                Ok(part) => subaccount.push_str(&part),
                Err(SegmentFault::Missing) => {
                    let reason = missing(Code::CodeMissing, template, names, SUBACCOUNT);
                    self.keep(reason, Some(line));
                    return None;
                }
                Err(fault @ SegmentFault::Length { .. }) => {
                    let SegmentFault::Length { value, .. } = &fault else {
                        return None;
                    };
                    let reason = Reason::new(Code::CodeTooLong, fault.to_string());
                    self.keep(reason.at(template.rule(), value), Some(line));
                    return None;
                }
            }
        }
        self.fit(&subaccount, SUBACCOUNT, "rules.line.subaccount", Some(line));
        Some(subaccount)
    }

    fn within(
        &mut self,
        code: Option<String>,
        template: &Template,
        field: Field,
        line: Option<&str>,
    ) -> Option<String> {
        if let Some(code) = &code {
            self.fit(code, field, template.rule(), line);
        }
        code
    }

    fn failed(&mut self, error: &TemplateError) {
        self.once(error.reason());
    }
}

/// The reason of a rule that gave nothing. Where it looks into a table, the value is the code that is not there, else the
/// template.
fn missing(code: Code, template: &Template, names: &Names, field: Field) -> Reason {
    match looked_up(template, names) {
        Some((table, key)) => {
            let message = format!(
                "no {}: tables.{table} has no such code and the rule no default",
                field.name
            );
            Reason::new(code, message).at(template.rule(), key)
        }
        None => Reason::new(code, format!("the rule gives no {}", field.name))
            .at(template.rule(), template.source()),
    }
}

/// The first table a template looks into, and the code it looks for; `None` when it looks for none or finds no code.
pub(super) fn looked_up(template: &Template, names: &Names) -> Option<(String, String)> {
    let (_, rest) = template.source().split_once("tables.")?;
    let (table, rest) = rest.split_once('[')?;
    let mut depth = 1_u32;
    let end = rest.find(|c| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let key = format!("{{{{ {} }}}}", rest.get(..end)?);
    let key = Template::compile(template.rule(), key).ok()?;
    let key = key.evaluate(names).ok()??;
    Some((table.trim().to_owned(), key))
}
