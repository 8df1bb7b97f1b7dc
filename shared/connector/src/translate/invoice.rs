//! A vendor invoice.

use concur::documents::InvoiceDocument;
use concur::documents::invoice as wire;
use posting::document::{
    Discount, Document, Invoice, InvoiceAllocation, LineItem, LineTax, Vendor,
};
use rust_decimal::Decimal;

use super::Place;
use super::expense::revision;
use super::fields::{At, Faults, coded, employee, family, header, owned, yes};

/// Reads an invoice and its payee, the vendor's code.
pub(super) fn read(
    wire: &InvoiceDocument,
    place: Place<'_>,
    faults: &Faults,
) -> (Document, Option<String>) {
    let absent = wire::Header::default();
    let request = wire.header.get().unwrap_or(&absent);
    let root = At {
        path: String::new(),
        line: None,
        faults,
    };
    let at = At {
        path: "requestHeader".to_owned(),
        ..root.clone()
    };
    let business = at.business("requestId", &request.id, place.id);
    let currency = at.currency("currencyAlphaCode", &request.currency);
    let mut header = header(place, business, currency);
    header.name = owned(&request.title);
    header.ledger = owned(&request.ledger_code);
    header.org = family(&request.org_units);
    header.custom = family(&request.custom);
    header.test = yes(&request.is_test);
    header.revision = revision(&request.revision_number);
    if let Some(owner) = wire.owner.get() {
        header.employee = employee(&owner.id, &owner.first_name, &owner.last_name);
    }
    if wire.line_items.is_empty() {
        root.missing("lineItem");
    }
    let vendor = vendor(wire);
    let payee = vendor.code.clone();
    let order = owned(&request.po_number);
    let invoice = Invoice {
        header,
        number: owned(&request.vendor_invoice_number),
        description: owned(&request.description),
        total: at.amount("requestTotal", &request.total),
        shipping: request.amount_shipping.get().unwrap_or_default(),
        tax: request.amount_tax.get().unwrap_or_default(),
        date: at.date("invoiceDate", &request.invoice_date),
        posting_date: at.date("postingDate", &request.posting_date),
        due_date: at.date("paymentDueDate", &request.payment_due_date),
        paid_by_concur: yes(&request.invoice_pay_indicator),
        term_days: at.count("netPaymentTermDays", &request.net_payment_term_days),
        discount: Discount {
            percent: request.discount_percentage.get(),
            days: at.count("discountTermsDays", &request.discount_terms_days),
        },
        vendor,
        lines: wire
            .line_items
            .iter()
            .map(|(index, row)| line(row, &root.child("lineItem", index), index, order.as_deref()))
            .collect(),
        purchase_order: order,
    };
    (Document::Invoice(invoice), payee)
}

fn vendor(wire: &InvoiceDocument) -> Vendor {
    let Some(vendor) = wire.vendor.get() else {
        return Vendor::default();
    };
    Vendor {
        code: owned(&vendor.code),
        remit_to: owned(&vendor.remit_to),
        name: owned(&vendor.name),
    }
}

fn line(row: &wire::LineItem, at: &At<'_>, index: usize, order: Option<&str>) -> LineItem {
    let id = owned(&row.sequence_order).unwrap_or_else(|| index.saturating_add(1).to_string());
    let at = At {
        line: Some(id.clone()),
        ..at.clone()
    };
    if row.allocations.is_empty() {
        at.missing("allocation");
    }
    LineItem {
        id,
        description: owned(&row.description),
        expense_type: coded(&row.expense_type_code, &row.expense_type_name),
        custom: family(&row.custom),
        quantity: row.quantity.get(),
        unit_price: row.unit_price.get(),
        purchase_order: owned(&row.po_number).or_else(|| order.map(str::to_owned)),
        purchase_order_line: owned(&row.po_line_number),
        allocations: row
            .allocations
            .iter()
            .flat_map(|(index, row)| allocations(row, &at.child("allocation", index)))
            .collect(),
    }
}

/// One for each journal: published is one, and a list of them would be several amounts on one set of cost objects.
fn allocations(row: &wire::Allocation, at: &At<'_>) -> Vec<InvoiceAllocation> {
    if row.journals.is_empty() {
        at.missing("journal");
    }
    let custom = family(&row.custom);
    let made = row.journals.iter().map(|(index, journal)| {
        let at = if row.journals.len() == 1 {
            At {
                path: format!("{}.journal", at.path),
                ..at.clone()
            }
        } else {
            at.child("journal", index)
        };
        InvoiceAllocation {
            account: owned(&journal.account).or_else(|| owned(&row.account)),
            custom: custom.clone(),
            gross: gross(journal, &at),
            taxes: journal.taxes.iter().map(|(_, row)| tax(row)).collect(),
        }
    });
    made.collect()
}

fn tax(row: &wire::Tax) -> LineTax {
    LineTax {
        code: owned(&row.code),
        amount: row.amount_tax.get(),
    }
}

fn gross(journal: &wire::Journal, at: &At<'_>) -> Decimal {
    at.amount("amountGross", &journal.amount_gross)
}
