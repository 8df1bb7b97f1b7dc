//! Payee and branch of a posting.

use std::collections::BTreeSet;

use super::findings::{Findings, Place};
use crate::plan::Posting;
use crate::reference::{Known, List, Payee, PayeeStatus};
use crate::{Code, Currency, Plan, Reason};

pub(super) fn check(posting: &Posting, findings: &mut Findings<'_>) {
    if let Some(vendor) = &posting.vendor {
        payee(posting, vendor, findings);
    }
    if let Some(branch) = &posting.branch {
        self::branch("plan.branch", branch, None, findings);
    }
}

/// A vendor, or an employee: bills take both, and no id is in both lists. Which is asked first only saves a look-up.
fn payee(posting: &Posting, code: &str, findings: &mut Findings<'_>) {
    let view = findings.view;
    let person = posting.party.split('.').next() == Some("EMPL");
    let lists = if person {
        [
            (List::Employees, &view.employees),
            (List::Vendors, &view.vendors),
        ]
    } else {
        [
            (List::Vendors, &view.vendors),
            (List::Employees, &view.employees),
        ]
    };
    let place = |list| Place {
        field: "plan.vendor",
        noun: "vendor",
        list,
        key: code,
        shown: if person { "" } else { code },
        line: None,
    };
    let name = if person {
        "the document's employee".to_owned()
    } else {
        format!("vendor {code}")
    };
    for (list, rows) in lists {
        if let Known::Here(payee) = rows.get(code) {
            return usable(posting, payee, (place(list), &name), findings);
        }
    }
    let unknown = lists
        .into_iter()
        .find(|(_, rows)| rows.get(code) == Known::Unknown);
    if let Some((list, _)) = unknown {
        return findings.look_up(list, code);
    }
    let message = format!("{name} is neither a vendor nor an employee of Acumatica");
    for (list, _) in lists {
        findings.fault(place(list), Code::VendorUnknown, message.as_str());
    }
}

fn usable(
    posting: &Posting,
    payee: &Payee,
    (place, name): (Place<'_>, &str),
    findings: &mut Findings<'_>,
) {
    match payee.status {
        PayeeStatus::Active | PayeeStatus::HoldPayments => {}
        PayeeStatus::OnHold => {
            findings.fault(
                place,
                Code::VendorOnHold,
                format!("{name} is on hold in Acumatica"),
            );
        }
        PayeeStatus::Inactive => {
            findings.fault(
                place,
                Code::VendorInactive,
                format!("{name} is inactive in Acumatica"),
            );
        }
    }
    let wanted = posting.currency;
    if let Some(own) = payee.currency
        && own != wanted
        && !payee.currency_override
    {
        let message =
            format!("{name} is paid in {own} only, without override, the document is in {wanted}");
        findings.fault(place, Code::VendorCurrency, message);
    }
}

/// A branch of a posting or of a line.
pub(super) fn branch(
    field: &'static str,
    code: &str,
    line: Option<&str>,
    findings: &mut Findings<'_>,
) {
    let view = findings.view;
    let place = Place {
        field,
        noun: "branch",
        list: List::Branches,
        key: code,
        shown: code,
        line,
    };
    if let Some(row) = findings.row(place, &view.branches, Code::BranchUnknown) {
        findings.active(place, row.activity, Code::BranchInactive);
    }
}

/// Branches of one plan share a base currency: amounts in one document currency would otherwise be converted twice.
pub(super) fn one_base_currency(plan: &Plan, findings: &mut Findings<'_>) {
    let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
    let headers = plan
        .postings
        .iter()
        .filter_map(|posting| posting.branch.as_ref());
    let branches = headers.chain(lines.filter_map(|line| line.branch.as_ref()));
    let distinct: BTreeSet<&str> = branches.map(String::as_str).collect();
    let view = findings.view;
    let kept_in = |code: &&str| match view.branches.get(code) {
        Known::Here(branch) => branch.base_currency,
        Known::Missing | Known::Unknown => None,
    };
    let currencies: BTreeSet<Currency> = distinct.iter().filter_map(kept_in).collect();
    if currencies.len() > 1 {
        let shown: Vec<&str> = currencies.iter().map(Currency::as_str).collect();
        let reason = Reason::new(
            Code::BaseCurrency,
            "the branches of the plan keep their books in different currencies",
        );
        let reason = reason.at("plan.branch", shown.join(", "));
        findings.fault_of_plan(reason, List::Branches, &distinct);
    }
}
