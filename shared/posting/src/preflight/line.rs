//! The codes of a line.

use super::findings::{Findings, Place};
use super::header::branch;
use crate::plan::Line;
use crate::reference::{Known, List, Module, Stage, Tasks};
use crate::{Code, Currency};

pub(super) fn check(
    line: &Line,
    (module, currency): (Module, Currency),
    findings: &mut Findings<'_>,
) {
    if !line.account.is_empty() {
        account(line, currency, findings);
    }
    if let Some(code) = &line.subaccount {
        subaccount(code, findings);
    }
    if let Some(code) = &line.branch {
        branch("plan.lines.branch", code, findings);
    }
    if let Some(code) = &line.project
        && findings.view.is_project(code)
    {
        project(line, code, module, findings);
    }
    if let Some(code) = &line.tax_category {
        tax_category(code, findings);
    }
}

fn place<'a>(field: &'static str, noun: &'static str, list: List, code: &'a str) -> Place<'a> {
    Place {
        field,
        noun,
        list,
        key: code,
        shown: code,
    }
}

fn account(line: &Line, currency: Currency, findings: &mut Findings<'_>) {
    let view = findings.view;
    let code = line.account.as_str();
    let place = place("plan.lines.account", "account", List::Accounts, code);
    let Some(row) = findings.row(place, &view.accounts, Code::AccountUnknown) else {
        return;
    };
    findings.active(place, row.activity, Code::AccountInactive);
    if let Some(own) = row.currency
        && own != currency
    {
        let message = format!("account {code} is kept in {own}, the document is in {currency}");
        findings.fault(place, Code::AccountCurrency, message);
    }
    if row.needs_units {
        let message = format!("account {code} wants a quantity and a unit, which the line has not");
        findings.fault(place, Code::AccountNeedsUnits, message);
    }
    let project = line.project.as_deref().filter(|code| view.is_project(code));
    if let (Some(project), None) = (project, &row.group) {
        let message = format!("account {code} is in no account group, project {project} needs one");
        findings.fault(place, Code::AccountWithoutGroup, message);
    }
}

fn subaccount(code: &str, findings: &mut Findings<'_>) {
    let view = findings.view;
    let place = place(
        "plan.lines.subaccount",
        "subaccount",
        List::Subaccounts,
        code,
    );
    if let Some(row) = findings.row(place, &view.subaccounts, Code::SubaccountUnknown) {
        findings.active(place, row.activity, Code::SubaccountInactive);
    }
}

fn tax_category(code: &str, findings: &mut Findings<'_>) {
    let view = findings.view;
    let place = place(
        "plan.lines.tax_category",
        "tax category",
        List::TaxCategories,
        code,
    );
    if let Some(row) = findings.row(place, &view.tax_categories, Code::TaxCategoryUnknown) {
        findings.active(place, row.activity, Code::TaxCategoryInactive);
    }
}

fn project(line: &Line, code: &str, module: Module, findings: &mut Findings<'_>) {
    let view = findings.view;
    let known = view.projects.get(code);
    let place = place("plan.lines.project", "project", List::Projects, code);
    if let Some(row) = findings.row(place, &view.projects, Code::ProjectUnknown) {
        if row.stage != Stage::Active {
            let message = format!("project {code} is {}", told(row.stage));
            findings.fault(place, Code::ProjectNotActive, message);
        }
        if row.hidden_in.contains(&module) {
            let message = format!("project {code} is not visible in {}", area(module));
            findings.fault(place, Code::ProjectNotVisible, message);
        }
    }
    // Both are looked up in one round; of a project that is not there no task is asked for.
    match (known, view.tasks.get(code)) {
        (Known::Missing, _) => {}
        (_, Known::Here(tasks)) => task(line, code, (tasks, module), findings),
        (_, Known::Missing) => task(line, code, (&Tasks::default(), module), findings),
        (_, Known::Unknown) => findings.look_up(List::Tasks, code),
    }
}

fn task(
    line: &Line,
    project: &str,
    (tasks, module): (&Tasks, Module),
    findings: &mut Findings<'_>,
) {
    let place = Place {
        shown: line.task.as_deref().unwrap_or_default(),
        ..place("plan.lines.task", "task", List::Tasks, project)
    };
    let Some(code) = line.task.as_deref() else {
        if !tasks.has_default() {
            let message =
                format!("the line names no task and project {project} has no default one");
            findings.fault(place, Code::TaskMissing, message);
        }
        return;
    };
    let Known::Here(row) = tasks.get(code) else {
        let message = format!("project {project} has no task {code} in Acumatica");
        return findings.fault(place, Code::TaskUnknown, message);
    };
    if row.stage != Stage::Active {
        let message = format!("task {code} of project {project} is {}", told(row.stage));
        findings.fault(place, Code::TaskNotActive, message);
    }
    if row.hidden_in.contains(&module) {
        let message = format!(
            "task {code} of project {project} is not visible in {}",
            area(module)
        );
        findings.fault(place, Code::TaskNotVisible, message);
    }
}

fn told(stage: Stage) -> &'static str {
    match stage {
        Stage::Planned => "not yet active",
        Stage::Active => "active",
        Stage::Ended => "no longer active",
    }
}

fn area(module: Module) -> &'static str {
    match module {
        Module::Payables => "AP",
        Module::Ledger => "GL",
    }
}
