//! What a connection that says nothing gets: the choices of a controller, each proved once.

use super::super::Template;
use super::super::config::*;
use super::{empty, full, read, shortest};
use crate::DocumentKind;

#[test]
fn defaults_of_vendors_and_parties() {
    let rules = read(&shortest());
    let source = |template: &Template| template.source().to_owned();
    assert_eq!(rules.documents, DocumentKind::ALL);
    assert_eq!(rules.time_zone.iana_name(), Some("America/Los_Angeles"));
    assert_eq!(rules.accept, Accept::default());
    assert_eq!(
        source(&rules.vendor.invoice),
        "{{ tables.vendors[vendor.code] | default(vendor.code) }}"
    );
    assert_eq!(
        source(&rules.vendor.employee),
        "{{ tables.employees[employee.id] | default(employee.id) }}"
    );
    assert_eq!(
        source(&rules.location),
        "{{ tables.locations[vendor.remit_to] }}"
    );
    assert_eq!(rules.unmapped_remit_to, UnmappedRemitTo::Hold);
    let posted = |name: &str| match &rules.parties[name] {
        Party::Bill { vendor } => {
            format!("bill {}", vendor.as_ref().map(source).unwrap_or_default())
        }
        Party::Journal { account } => format!("journal {}", source(account)),
        Party::Skip => "skip".to_owned(),
    };
    assert_eq!(rules.parties.len(), 6);
    assert_eq!(posted("EMPL"), "bill ");
    assert_eq!(
        posted("EMPL.expense_pay"),
        "journal {{ entry.liability_account }}"
    );
    assert_eq!(
        posted("EMPL.payroll"),
        "journal {{ report.payroll_clearing_account }}"
    );
    assert_eq!(posted("IBCP"), "bill {{ card.vendor }}");
    assert_eq!(posted("CBCP"), "journal {{ card.account }}");
    assert_eq!(posted("COPD"), "journal {{ card.account }}");
}

#[test]
fn defaults_of_signs_branches_and_lines() {
    let rules = read(&shortest());
    let source = |template: &Template| template.source().to_owned();
    assert_eq!(rules.mixed_signs_account, None);
    assert_eq!(rules.employee_owes, EmployeeOwes::DebitAdj);
    let kinds =
        |templates: &ByKind<Template>| DocumentKind::ALL.map(|kind| source(templates.of(kind)));
    assert_eq!(
        kinds(&rules.branch.header),
        ["{{ tables.branches[document.org[2].code] }}"; 3]
    );
    assert_eq!(
        kinds(&rules.branch.line),
        ["{{ tables.branches[first(allocation.custom[2].code, document.org[2].code)] }}"; 3]
    );
    assert_eq!(
        kinds(&rules.line.account),
        ["{{ tables.accounts[line.account] | default(line.account) }}"; 3]
    );
    let segments = rules.line.subaccount.as_ref().unwrap();
    assert_eq!(segments.len(), 1);
    assert_eq!(
        source(&segments[0].value.expense),
        "{{ tables.subaccounts[first(allocation.custom[4].code, document.org[4].code)] }}"
    );
    assert_eq!(
        (
            segments[0].length,
            segments[0].default.as_deref(),
            segments[0].pad
        ),
        (6, Some("000000"), None)
    );
    assert_eq!(
        rules.line.project.expense.as_ref().map(source).unwrap(),
        "{{ allocation.custom[5].code | default('X') }}"
    );
    assert_eq!(
        (&rules.line.task.expense, &rules.line.cost_code.invoice),
        (&None, &None)
    );
    assert_eq!(rules.balance_line.branch, BalanceBranch::Header);
    assert_eq!(
        rules
            .balance_line
            .subaccount
            .expense
            .as_ref()
            .map(source)
            .unwrap(),
        "000000"
    );
    assert_eq!(
        rules
            .balance_line
            .project
            .cash_advance
            .as_ref()
            .map(source)
            .unwrap(),
        "X"
    );
    assert!(rules.control_accounts.is_empty());
}

#[test]
fn defaults_of_texts_advances_and_dates() {
    let rules = read(&shortest());
    let kinds = |templates: &ByKind<Template>| {
        DocumentKind::ALL.map(|kind| templates.of(kind).source().to_owned())
    };
    let header = "{{ employee.name }} {{ document.id }} {{ document.name }}";
    assert_eq!(
        kinds(&rules.text.header),
        [header, "{{ document.name }} {{ document.id }}", header]
    );
    assert_eq!(
        kinds(&rules.text.line),
        [
            "{{ employee.id }} {{ entry.date }} {{ entry.vendor }} {{ line.expense_type.name }}",
            "{{ line.description }}",
            "{{ employee.id }} {{ advance.id }}",
        ]
    );
    assert_eq!(rules.cash_advance.issue, AdvanceIssue::Bill);
    assert_eq!(
        kinds(&rules.cash_advance.account),
        ["{{ tables.accounts[journal.account] | default(journal.account) }}"; 3]
    );
    assert_eq!(rules.cash_advance.return_account, None);
    assert_eq!(rules.date, DateRules::default());
    assert_eq!(rules.nothing_to_post_id, None);
}

#[test]
fn defaults_of_tax_and_invoices() {
    let rules = read(&shortest());
    assert_eq!(rules.tax.category.as_ref().unwrap().source(), "EXEMPT");
    assert!(!rules.tax.reclaimable_as_cost);
    assert_eq!(
        (rules.tax.mode, rules.tax.journal_mode, rules.mixed_signs),
        (TaxMode::Gross, TaxMode::Gross, MixedSigns::Clearing)
    );
    let invoice = &rules.invoice;
    assert_eq!(
        (
            &invoice.shipping_account,
            &invoice.tax_account,
            &invoice.rounding_account
        ),
        (&None, &None, &None)
    );
    assert_eq!(
        (
            invoice.due_date,
            invoice.discount,
            invoice.reference_too_long
        ),
        (
            DueDate::Vendor,
            DiscountRule::Vendor,
            ReferenceTooLong::Shorten
        )
    );
    assert_eq!(
        (invoice.header_amounts, invoice.possible_duplicate),
        (HeaderAmounts::Lines, PossibleDuplicate::Hold)
    );
    assert_eq!(invoice.purchase_orders, PurchaseOrders::Text);
    assert_eq!(invoice.box_1099, None);
    assert_eq!(
        (
            &invoice.paid_by_concur,
            invoice.credit_suffix,
            invoice.terms.len()
        ),
        (&None, false, 0)
    );
}

#[test]
fn defaults_of_what_is_done_beside_the_accounting() {
    let rules = read(&shortest());
    assert!(rules.warnings().is_empty());
    assert_eq!(
        rules.posting,
        PostingRules {
            hold: ByKind {
                expense: false,
                invoice: true,
                cash_advance: false
            },
            hold_journal: false,
            release: ByKind::from_fn(|_| false),
            release_journal: true,
            confirm_after: ConfirmAfter::Created,
            on_recall: OnRecall::Withdraw,
            closed_period: ClosedPeriod::NextOpen {
                days_max: 31,
                across_year: false
            },
            company_id: None,
            on_refusal: OnRefusal {
                document: Refusal::Return,
                setup: Refusal::Hold
            },
            lines_per_request: 500,
            include_test_documents: false,
        }
    );
}

#[test]
fn every_default_holds_in_proof() {
    let rules = read(&shortest());
    let mut templates = vec![
        (&rules.vendor.invoice, DocumentKind::Invoice),
        (&rules.location, DocumentKind::Invoice),
    ];
    for kind in DocumentKind::ALL {
        templates.extend(
            [&rules.branch.header, &rules.text.header, &rules.text.line]
                .map(|rule| (rule.of(kind), kind)),
        );
    }
    for kind in [DocumentKind::Expense, DocumentKind::Invoice] {
        templates
            .extend([&rules.branch.line, &rules.line.account].map(|rule| (rule.of(kind), kind)));
        templates.push((rules.line.project.of(kind).as_ref().unwrap(), kind));
        templates.push((
            rules.line.subaccount.as_ref().unwrap()[0].value.of(kind),
            kind,
        ));
    }
    for kind in [DocumentKind::Expense, DocumentKind::CashAdvance] {
        templates.extend([
            (&rules.vendor.employee, kind),
            (rules.cash_advance.account.of(kind), kind),
        ]);
    }
    for party in rules.parties.values() {
        match party {
            Party::Bill {
                vendor: Some(template),
            }
            | Party::Journal { account: template } => {
                templates.push((template, DocumentKind::Expense));
            }
            Party::Bill { vendor: None } | Party::Skip => {}
        }
    }
    assert!(templates.len() > 25);
    for (template, kind) in templates {
        template.prove(&full(kind)).unwrap();
        template.prove(&empty(kind)).unwrap();
    }
}
