//! Payee, branch and taxes of a posting.

use super::findings::{Findings, Place};
use crate::Code;
use crate::plan::Posting;
use crate::reference::{Known, List, Payee, PayeeStatus};

pub(super) fn check(posting: &Posting, findings: &mut Findings<'_>) {
    if let Some(vendor) = &posting.vendor {
        payee(posting, vendor, findings);
    }
    if let Some(branch) = &posting.branch {
        self::branch("plan.branch", branch, findings);
    }
    for row in &posting.taxes {
        tax(posting, &row.tax_id, findings);
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
pub(super) fn branch(field: &'static str, code: &str, findings: &mut Findings<'_>) {
    let view = findings.view;
    let place = Place {
        field,
        noun: "branch",
        list: List::Branches,
        key: code,
        shown: code,
    };
    if let Some(row) = findings.row(place, &view.branches, Code::BranchUnknown) {
        findings.active(place, row.activity, Code::BranchInactive);
    }
}

fn tax(posting: &Posting, code: &str, findings: &mut Findings<'_>) {
    let view = findings.view;
    let place = Place {
        field: "plan.taxes",
        noun: "tax",
        list: List::Taxes,
        key: code,
        shown: code,
    };
    if let Some(row) = findings.row(place, &view.taxes, Code::TaxUnknown)
        && let Some(last_day) = row.last_day.filter(|day| *day < posting.date)
    {
        let message = format!(
            "tax {code} is not valid after {last_day}, the document is of {}",
            posting.date
        );
        findings.fault(place, Code::TaxExpired, message);
    }
}
