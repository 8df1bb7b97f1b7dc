//! From Acumatica's reference data to the rows a plan is checked against: the key of each row and what decides whether a
//! document saves. What an answer leaves out counts as usable: the server has the last word.

use acumatica::{
    Account, Branch, Employee, FinancialPeriod, FinancialPeriodDetail, Project, ProjectStatus,
    ProjectTask, Subaccount, Tax, TaxCategory, Vendor, VendorStatus, Visibility,
};
use posting::Currency;
use posting::reference::{self as known, Activity, Module, Payee, PayeeStatus, Stage};
use std::collections::BTreeSet;

/// A vendor.
#[must_use]
pub fn vendor(vendor: &Vendor) -> (String, Payee) {
    let payee = Payee {
        status: vendor.status.as_ref().map(status).unwrap_or_default(),
        currency: currency(vendor.currency_id.as_deref()),
        currency_override: vendor.enable_currency_override.unwrap_or(true),
    };
    (code(vendor.vendor_id.as_deref()), payee)
}

/// An employee, whose status has the labels of a vendor's.
#[must_use]
pub fn employee(employee: &Employee) -> (String, Payee) {
    let label = employee.status.as_deref().map(VendorStatus::from);
    let settings = employee.employee_settings.as_ref();
    let payee = Payee {
        status: label.as_ref().map(status).unwrap_or_default(),
        currency: currency(settings.and_then(|settings| settings.currency_id.as_deref())),
        currency_override: settings
            .and_then(|settings| settings.enable_currency_override)
            .unwrap_or(true),
    };
    (code(employee.employee_id.as_deref()), payee)
}

/// An account.
#[must_use]
pub fn account(account: &Account) -> (String, known::Account) {
    let row = known::Account {
        activity: activity(account.active),
        currency: currency(account.currency_id.as_deref()),
        group: account
            .account_group
            .clone()
            .filter(|group| !group.trim().is_empty()),
        needs_units: account.require_units.unwrap_or_default(),
    };
    (code(account.account_cd.as_deref()), row)
}

/// A subaccount.
#[must_use]
pub fn subaccount(subaccount: &Subaccount) -> (String, known::Subaccount) {
    let activity = activity(subaccount.active);
    let row = known::Subaccount { activity };
    (code(subaccount.subaccount_cd.as_deref()), row)
}

/// A branch.
#[must_use]
pub fn branch(branch: &Branch) -> (String, known::Branch) {
    let row = known::Branch {
        activity: activity(branch.branch_status),
        base_currency: currency(branch.base_currency_id.as_deref()),
        company: Some(code(branch.company_id.as_deref())).filter(|code| !code.is_empty()),
    };
    (code(branch.branch_id.as_deref()), row)
}

/// A project.
#[must_use]
pub fn project(project: &Project) -> (String, known::Project) {
    let row = known::Project {
        stage: project.status.as_ref().map(stage).unwrap_or_default(),
        hidden_in: hidden_in(project.visibility_settings.as_ref()),
    };
    (code(project.project_id.as_deref()), row)
}

/// A task: its project, its own id and its row.
#[must_use]
pub fn task(task: &ProjectTask) -> (String, String, known::Task) {
    let row = known::Task {
        stage: task.status.as_ref().map(stage).unwrap_or_default(),
        hidden_in: hidden_in(task.visibility_settings.as_ref()),
        default: task.default.unwrap_or_default(),
    };
    let project = code(task.project_id.as_deref());
    (project, code(task.project_task_id.as_deref()), row)
}

/// A tax.
#[must_use]
pub fn tax(tax: &Tax) -> (String, known::Tax) {
    let last_day = tax.not_valid_after;
    (code(tax.tax_id.as_deref()), known::Tax { last_day })
}

/// A tax category.
#[must_use]
pub fn tax_category(category: &TaxCategory) -> (String, known::TaxCategory) {
    let activity = activity(category.active);
    let row = known::TaxCategory { activity };
    (code(category.tax_category_id.as_deref()), row)
}

/// The periods of some years; one without days or id is left out.
#[must_use]
pub fn periods(years: &[FinancialPeriod]) -> Vec<(String, known::Period)> {
    let details = years.iter().flat_map(|year| &year.details);
    details.filter_map(period).collect()
}

fn period(detail: &FinancialPeriodDetail) -> Option<(String, known::Period)> {
    // The form shows adjustment periods with the last day before the first, or as one day: nothing is dated into them.
    if detail.adjustment_period == Some(true) {
        return None;
    }
    let is_open = detail
        .status
        .as_deref()
        .is_none_or(|status| status.trim().eq_ignore_ascii_case("Open"));
    let mut closed_in = BTreeSet::new();
    if !is_open {
        closed_in.extend([Module::Payables, Module::Ledger]);
    }
    if detail.closed_in_ap == Some(true) {
        closed_in.insert(Module::Payables);
    }
    let id = detail.financial_period_id.as_ref()?;
    let row = known::Period {
        first: detail.start_date?,
        last: detail.end_date?,
        closed_in,
    };
    Some((id.as_str().to_owned(), row))
}

fn code(code: Option<&str>) -> String {
    code.unwrap_or_default().trim().to_owned()
}

fn currency(code: Option<&str>) -> Option<Currency> {
    Currency::new(code?.trim()).ok()
}

fn activity(active: Option<bool>) -> Activity {
    match active {
        Some(false) => Activity::Inactive,
        Some(true) | None => Activity::Active,
    }
}

fn status(status: &VendorStatus) -> PayeeStatus {
    match status {
        VendorStatus::Active | VendorStatus::OneTime | VendorStatus::Other(_) => {
            PayeeStatus::Active
        }
        VendorStatus::OnHold => PayeeStatus::OnHold,
        VendorStatus::HoldPayments => PayeeStatus::HoldPayments,
        VendorStatus::Inactive => PayeeStatus::Inactive,
    }
}

fn stage(status: &ProjectStatus) -> Stage {
    match status {
        ProjectStatus::Active | ProjectStatus::Other(_) => Stage::Active,
        ProjectStatus::InPlanning | ProjectStatus::PendingApproval => Stage::Planned,
        ProjectStatus::Suspended
        | ProjectStatus::Completed
        | ProjectStatus::Canceled
        | ProjectStatus::Rejected => Stage::Ended,
    }
}

fn hidden_in(visibility: Option<&Visibility>) -> BTreeSet<Module> {
    let Some(visibility) = visibility else {
        return BTreeSet::new();
    };
    [
        (visibility.ap, Module::Payables),
        (visibility.gl, Module::Ledger),
    ]
    .into_iter()
    .filter(|(visible, _)| *visible == Some(false))
    .map(|(_, module)| module)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_leaves_out_counts_as_usable() {
        let (code, row) = vendor(&Vendor {
            vendor_id: Some(" V1 ".to_owned()),
            ..Vendor::default()
        });
        assert_eq!((code.as_str(), row.status), ("V1", PayeeStatus::Active));
        assert!(row.currency_override);
        let (_, row) = account(&Account::default());
        assert_eq!((row.activity, row.needs_units), (Activity::Active, false));
        let (_, row) = project(&Project::default());
        assert_eq!((row.stage, row.hidden_in.len()), (Stage::Active, 0));
    }

    #[test]
    fn what_shuts_a_row_out_is_kept() {
        let (_, row) = employee(&Employee {
            status: Some("on hold".to_owned()),
            ..Employee::default()
        });
        assert_eq!(row.status, PayeeStatus::OnHold);
        let (_, _, row) = task(&ProjectTask {
            status: Some(ProjectStatus::InPlanning),
            visibility_settings: Some(Visibility {
                ap: Some(true),
                gl: Some(false),
            }),
            ..ProjectTask::default()
        });
        assert_eq!(row.stage, Stage::Planned);
        assert_eq!(row.hidden_in, BTreeSet::from([Module::Ledger]));
    }

    #[test]
    fn a_period_is_closed_in_both_or_in_payables_alone() {
        let detail = |status: &str, closed_in_ap| FinancialPeriodDetail {
            financial_period_id: "092026".parse().ok(),
            start_date: Some(jiff::civil::date(2026, 9, 1)),
            end_date: Some(jiff::civil::date(2026, 9, 30)),
            status: Some(status.to_owned()),
            closed_in_ap,
            adjustment_period: None,
        };
        let closed = |detail: FinancialPeriodDetail| {
            let year = FinancialPeriod {
                details: vec![detail],
                ..FinancialPeriod::default()
            };
            periods(&[year]).pop().map(|(_, row)| row.closed_in.len())
        };
        assert_eq!(closed(detail("Open", Some(false))), Some(0));
        assert_eq!(closed(detail("Open", Some(true))), Some(1));
        assert_eq!(closed(detail("Locked", None)), Some(2));
        let adjustment = FinancialPeriodDetail {
            adjustment_period: Some(true),
            ..detail("Open", None)
        };
        assert_eq!(closed(adjustment), None);
    }
}
