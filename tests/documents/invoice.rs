//! Suppliers' invoices and credit memos.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::fields::{Person, Place, day, employee, family, instant, members, nulls};
use super::random::Random;
use super::{Document, Kind};
use crate::amounts::{cents, literal, number};

/// The two ways Concur writes an invoice's dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// `11/08/2026`, as in the published example.
    Slashes,
    /// `2026-11-08`, as in the published table.
    Dashes,
}

/// One line of an invoice.
#[derive(Clone, Debug)]
pub struct Line {
    /// Text of the line.
    pub description: String,
    /// Account code.
    pub account: String,
    /// Gross amount, allocated by the shares.
    pub amount: Decimal,
    /// Percentages that sum to 100 and where each belongs.
    pub shares: Vec<(Decimal, Place)>,
}

/// An invoice to be.
#[derive(Clone, Debug)]
pub struct Invoice {
    number: String,
    vendor: (String, String),
    remit_to: Option<String>,
    place: Place,
    request_id: String,
    day: i64,
    date_style: DateStyle,
    lines: Vec<Line>,
    shipping: Decimal,
    tax: Decimal,
    po_number: Option<String>,
    currency: String,
}

impl Invoice {
    /// An empty invoice in US dollars of this vendor (code, name).
    #[must_use]
    pub fn new(number: &str, vendor: (&str, &str), place: Place, random: &mut Random) -> Self {
        Self {
            number: number.to_owned(),
            vendor: (vendor.0.to_owned(), vendor.1.to_owned()),
            remit_to: None,
            place,
            request_id: random.upper_hex(20),
            day: random.between(0, 12),
            date_style: DateStyle::Slashes,
            lines: Vec::new(),
            shipping: Decimal::ZERO,
            tax: Decimal::ZERO,
            po_number: None,
            currency: "USD".to_owned(),
        }
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, description: &str, account: &str, amount: Decimal) -> Self {
        let shares = vec![(Decimal::ONE_HUNDRED, self.place.clone())];
        self.lines.push(Line {
            description: description.to_owned(),
            account: account.to_owned(),
            amount,
            shares,
        });
        self
    }

    /// With one more line that is split.
    #[must_use]
    pub fn split_line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// With shipping on the header only.
    #[must_use]
    pub fn shipping(mut self, amount: Decimal) -> Self {
        self.shipping = amount;
        self
    }

    /// With tax on the header only.
    #[must_use]
    pub fn tax(mut self, amount: Decimal) -> Self {
        self.tax = amount;
        self
    }

    /// Against a purchase order.
    #[must_use]
    pub fn po(mut self, number: &str) -> Self {
        self.po_number = Some(number.to_owned());
        self
    }

    /// With a remit-to address code.
    #[must_use]
    pub fn remit_to(mut self, code: &str) -> Self {
        self.remit_to = Some(code.to_owned());
        self
    }

    /// With dates in the other style.
    #[must_use]
    pub fn dated(mut self, style: DateStyle) -> Self {
        self.date_style = style;
        self
    }

    /// In another currency.
    #[must_use]
    pub fn in_currency(mut self, currency: &str) -> Self {
        currency.clone_into(&mut self.currency);
        self
    }

    /// The finished document.
    #[must_use]
    pub fn document(self, random: &mut Random) -> Document {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .zip(1..)
            .map(|(line, n)| self.line_value(line, n, random))
            .collect();
        let mut vendor = members(json!({
            "vendorCode": self.vendor.0,
            "vendorName": self.vendor.1,
            "vendorRemitToAddressCode": self.remit_to,
        }));
        nulls(
            &mut vendor,
            &[
                "vendorShipFromAddressCode",
                "vendorContactFirstName",
                "vendorContactLastName",
            ],
        );
        Document {
            kind: Kind::Invoice,
            body: json!({
                "requestHeader": self.header(random),
                "ownerEmployee": employee(&Person::new("E00900", "Iris", "Payable"), &self.place),
                "vendor": vendor,
                "lineItem": lines,
            }),
            business_id: self.request_id,
        }
    }

    fn date(&self, date: Date) -> String {
        match self.date_style {
            DateStyle::Dashes => date.to_string(),
            DateStyle::Slashes => {
                format!("{:02}/{:02}/{:04}", date.month(), date.day(), date.year())
            }
        }
    }

    fn header(&self, random: &mut Random) -> Value {
        let net: Decimal = self.lines.iter().map(|line| line.amount).sum();
        let mut header = members(json!({
            "requestId": self.request_id,
            "reqKey": random.between(10, 99_999),
            "vendorInvoiceNumber": self.number,
            "requestTitle": format!("{} {}", self.vendor.1, self.number),
            "requestDescription": null,
            "invoiceDate": self.date(day(self.day)),
            "paymentDueDate": self.date(day(self.day + 30)),
            "requestCreationDate": instant(day(self.day + 1), 37),
            "submitDate": instant(day(self.day + 2), 37),
            "currencyAlphaCode": self.currency,
            "requestTotal": eight(net + self.shipping + self.tax),
            "amountNetInvoice": eight(net),
            "amountShippingTotal": eight(self.shipping),
            "amountTax": eight(self.tax),
            "ledgerCode": "DEFAULT",
            "ledgerName": "DEFAULT",
            "poNumber": self.po_number,
            "multiplePurchaseOrder": "N",
            "payMethodType": "CLIENT",
            "invoicePayIndicator": "N",
            "netPaymentTermDays": "30",
            "externalPolicyId": random.upper_hex(20),
            "policyName": "Standard",
            "isTest": "N",
            "revisionNumber": "1",
            "versionId": "4",
        }));
        nulls(
            &mut header,
            &[
                "clearingAccountCode",
                "postingDate",
                "invoiceReceivedDate",
                "processCompleteDate",
                "deliverySlipNumber",
                "discountTermsDays",
                "discountPercentage",
                "vendorTaxId",
            ],
        );
        family(&mut header, "requestCustom", 24, &[]);
        family(&mut header, "requestOrgUnit", 6, &self.place.units());
        Value::Object(header)
    }

    fn line_value(&self, line: &Line, order: u32, random: &mut Random) -> Value {
        let mut left = line.amount;
        let last = line.shares.len().saturating_sub(1);
        let mut allocations = Vec::with_capacity(line.shares.len());
        for (n, (percentage, place)) in line.shares.iter().enumerate() {
            let share = (line.amount * percentage / Decimal::ONE_HUNDRED)
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            let gross = if n == last { left } else { share };
            left -= gross;
            let mut allocation = members(json!({
                "allocationKey": random.between(100, 99_999),
                "allocationPercentage": eight(*percentage),
                "allocationAccountCode": line.account,
                "journal": {
                    "accountCode": line.account,
                    "amountGross": number(gross),
                    "amountNet": number(gross),
                    "amountShipping": 0,
                    "tax": null,
                },
            }));
            family(&mut allocation, "allocationCustom", 20, &place.customs());
            allocations.push(Value::Object(allocation));
        }
        let mut value = members(json!({
            "lineItemSequenceOrder": order,
            "lineItemDescription": line.description,
            "lineItemQuantity": literal("1.00000000"),
            "lineItemUnitPrice": eight(line.amount),
            // Concur pads this code to seven characters.
            "expenseTypeCode": "2000   ",
            "expenseTypeName": "Material",
            "lineItemPurchaseOrderNumber": self.po_number,
            "receiptNumbers": [],
            "allocation": allocations,
        }));
        nulls(
            &mut value,
            &[
                "lineItemCode",
                "poLineNumber",
                "externalLineItemId",
                "lineItemDeliverySlipNumber",
            ],
        );
        family(&mut value, "lineItemCustom", 20, &[]);
        Value::Object(value)
    }
}

/// Eight decimals, as invoice headers carry; zero is `0E-8`.
fn eight(amount: Decimal) -> Value {
    if amount.is_zero() {
        return literal("0E-8");
    }
    let mut scaled = amount;
    scaled.rescale(8);
    number(scaled)
}

/// An invoice of any valid sort.
pub(super) fn any(random: &mut Random) -> Document {
    let sign = if random.one_in(5) {
        Decimal::NEGATIVE_ONE
    } else {
        Decimal::ONE
    };
    let place = Place::new("0021", "410");
    let number = format!("INV-{:06}", random.below(999_999));
    let mut invoice = Invoice::new(
        &number,
        ("V000010", "Granite Supply"),
        place.clone(),
        random,
    )
    .dated(*random.pick(&DateStyle::Slashes, &[DateStyle::Dashes]));
    for n in 0..random.between(1, 5) {
        let amount = sign * cents(random.between(1, 900_000));
        let percentage = Decimal::new(random.between(1, 9_999_999_999), 8);
        invoice = if random.one_in(3) {
            let shares = vec![
                (percentage, place.clone()),
                (Decimal::ONE_HUNDRED - percentage, Place::new("0021", "420")),
            ];
            invoice.split_line(Line {
                description: format!("Split {n}"),
                account: "MATER".to_owned(),
                amount,
                shares,
            })
        } else {
            invoice.line(&format!("Item {n}"), "MATER", amount)
        };
    }
    if random.one_in(3) {
        invoice = invoice.shipping(sign * cents(random.between(1, 5_000)));
    }
    if random.one_in(3) {
        invoice = invoice.tax(sign * cents(random.between(1, 5_000)));
    }
    if random.one_in(4) {
        invoice = invoice.po("PO004711");
    }
    invoice.document(random)
}
