//! What an invoice grants to whom pays it early, where the rules send it.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::codes::Codes;
use crate::document::Invoice;
use crate::plan::Discount;
use crate::rules::DiscountRule;
use crate::{Code, Currency, Reason};

/// What is granted, before the total of a bill is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granted {
    percent: Decimal,
    until: Date,
}

impl Granted {
    /// Concur's discount; `None` where the rules leave it to the terms, the document has none, or a reason was kept. A
    /// percentage without days is none, which a note says.
    pub(super) fn of(invoice: &Invoice, codes: &mut Codes<'_>) -> Option<Self> {
        const PERCENT: &str = "requestHeader.discountPercentage";
        const DAYS: &str = "requestHeader.discountTermsDays";
        if codes.rules.invoice.discount == DiscountRule::Vendor {
            return None;
        }
        let percent = invoice
            .discount
            .percent
            .filter(|percent| !percent.is_zero())?;
        if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
            let reason = Reason::new(Code::FieldOdd, "a discount is 0 to 100 per cent");
            codes.keep(reason.at(PERCENT, percent), None);
            return None;
        }
        let Some(days) = invoice.discount.days else {
            codes.notes.push(format!(
                "the discount of {} % is not sent: the invoice does not say for how many days",
                percent.normalize()
            ));
            return None;
        };
        let span = Span::new().try_days(days).ok();
        let date = invoice.date?;
        let Some(until) = span.and_then(|span| date.checked_add(span).ok()) else {
            let reason = Reason::new(Code::FieldOdd, "no calendar reaches so many days");
            codes.keep(reason.at(DAYS, days), None);
            return None;
        };
        codes.origins.say(|| {
            let percent = percent.normalize();
            format!(
                "discount of {percent} % until {until} by rules.invoice.discount: {PERCENT}, {DAYS}"
            )
        });
        Some(Self { percent, until })
    }

    /// What it comes to of a bill's total, to the minor unit; `None` where that is nothing.
    pub(super) fn on(self, total: Decimal, currency: Currency) -> Option<Discount> {
        let amount = total.checked_mul(self.percent)? / Decimal::ONE_HUNDRED;
        let rounding = RoundingStrategy::MidpointAwayFromZero;
        let amount = amount.round_dp_with_strategy(currency.decimals(), rounding);
        (!amount.is_zero()).then_some(Discount {
            amount,
            until: self.until,
        })
    }
}
