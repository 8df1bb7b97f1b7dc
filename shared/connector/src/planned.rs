//! A document's plan by the rules of a connection and what is known of its tenant: the same for posting and for showing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use acumatica::CustomField;
use posting::planning::{self, Detail, Duplicate, KeyFields, Planning};
use posting::reference::View;
use posting::{Code, Document, Plan, Reason};

use crate::connection::Connection;

/// Makes plan `number`; `reversed` earlier ones of the business object stand reversed in Acumatica.
///
/// # Errors
/// Every reason why there is none.
pub(crate) fn plan(
    connection: &Connection,
    (document, number, reversed): (&Document, u32, u32),
    (view, duplicates): (&View, &[Duplicate]),
    detail: Detail,
) -> Result<Plan, Vec<Reason>> {
    let text = |field: &Option<CustomField>| field.as_ref().map(ToString::to_string);
    let bill = text(&connection.acumatica.bill_key);
    let journal = text(&connection.acumatica.journal_key);
    let (periods, currencies) = (view.calendar(), view.base_currencies());
    planning::plan(&Planning {
        number,
        key_fields: KeyFields {
            bill: bill.as_deref(),
            journal: journal.as_deref(),
        },
        duplicates,
        reversed_before: reversed,
        periods: periods.as_ref(),
        base_currencies: Some(&currencies),
        detail,
        ..Planning::new(document, &connection.rules, connection.version)
    })
}

/// A panic in here is one document's own.
pub(crate) fn fenced<T>(work: impl FnOnce() -> Result<T, Vec<Reason>>) -> Result<T, Vec<Reason>> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(vec![Reason::new(
            Code::PlanUnproved,
            "planning this document ended in a fault of the connector",
        )])
    })
}
