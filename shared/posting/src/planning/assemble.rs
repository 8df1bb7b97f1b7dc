//! From items to Acumatica documents: one AP document per payee for the net, journals for the rest, numbered in a fixed
//! order.

use rust_decimal::Decimal;

use super::frame::Frame;
use super::gate::too_large;
use super::group::{Group, groups};
use super::identity::{self, Reference};
use super::item::Item;
use super::lines::{counter_lines, lines, own_account};
use super::party::Party;
use crate::plan::{Line, Posting, PostingKind, Release, Role};
use crate::rules::ReferenceTooLong;
use crate::{Code, Reason, Stamp, money};

/// The postings, in the order of their numbers.
///
/// # Errors
/// Every reason why the items cannot become documents.
pub(super) fn assemble(items: Vec<Item>, frame: &Frame) -> Result<Vec<Posting>, Vec<Reason>> {
    let mut drafts = Drafts::default();
    for group in groups(items) {
        if let Err(reason) = drafts.add(&group, frame) {
            drafts.reasons.push(named(reason, &group.party));
        }
    }
    drafts.payables.sort_by(|a, b| a.party.cmp(&b.party));
    drafts
        .journals
        .sort_by(|a, b| (&a.party, a.rank).cmp(&(&b.party, b.rank)));
    let ordered = drafts.payables.into_iter().chain(drafts.journals);
    let mut reasons = drafts.reasons;
    let mut postings = Vec::new();
    for (n, draft) in (1..).zip(ordered) {
        match draft.posting(n, frame) {
            Ok(posting) => postings.push(posting),
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() {
        Ok(postings)
    } else {
        Err(reasons)
    }
}

/// The sentence with the party it is about.
fn named(mut reason: Reason, party: &Party) -> Reason {
    reason.message = format!("{party}: {}", reason.message);
    reason
}

/// A document without its number.
struct Draft {
    party: Party,
    kind: PostingKind,
    payee: Option<(String, Option<String>)>,
    lines: Vec<Line>,
    /// Order among the journals of a party: one that meets an AP document stands first.
    rank: u8,
}

#[derive(Default)]
struct Drafts {
    payables: Vec<Draft>,
    journals: Vec<Draft>,
    reasons: Vec<Reason>,
}

impl Drafts {
    fn add(&mut self, group: &Group, frame: &Frame) -> Result<(), Reason> {
        if group.payee.is_none() {
            let mut lines = lines(&group.items, PostingKind::Journal, frame);
            lines.extend(counter_lines(
                &group.items,
                frame,
                own_account,
                Role::Counter,
            )?);
            self.journal(&group.party, lines, OTHER);
            return Ok(());
        }
        let net = money::sum(group.items.iter().map(|item| item.amount))
            .ok_or_else(|| too_large("amounts"))?;
        let positive = group.items.iter().any(|item| item.amount > Decimal::ZERO);
        let negative = group.items.iter().any(|item| item.amount < Decimal::ZERO);
        let kind = if net.is_sign_negative() {
            PostingKind::DebitAdj
        } else {
            PostingKind::Bill
        };
        if net.is_zero() {
            self.journal(
                &group.party,
                lines(&group.items, PostingKind::Journal, frame),
                OTHER,
            );
        } else if let Some(account) = owed(&group.party, net, frame) {
            let mut lines = lines(&group.items, PostingKind::Journal, frame);
            let counter = |_: &Item| Some(account.clone());
            lines.extend(counter_lines(&group.items, frame, counter, Role::Counter)?);
            self.journal(&group.party, lines, OTHER);
        } else if positive && negative {
            self.mixed(group, net, kind, frame)?;
        } else {
            let lines = lines(&group.items, kind, frame);
            self.payable(group, kind, lines);
        }
        Ok(())
    }

    fn mixed(
        &mut self,
        group: &Group,
        net: Decimal,
        kind: PostingKind,
        frame: &Frame,
    ) -> Result<(), Reason> {
        let Some(account) = &frame.signs.clearing else {
            return Err(Reason::new(
                Code::MixedSigns,
                "the payee's lines have both signs and no account is named to bring them together",
            )
            .at("rules.mixed_signs_account", ""));
        };
        let mut all = lines(&group.items, PostingKind::Journal, frame);
        let clearing = |_: &Item| Some(account.clone());
        all.extend(counter_lines(
            &group.items,
            frame,
            clearing,
            Role::Clearing,
        )?);
        self.journal(&group.party, all, MIXED);
        let mut line = frame.balance.on(account).line(net, Role::Net);
        line.text = identity::line_text(&frame.header, identity::BILL_LINE_CHARS_MAX);
        "net of the payee's lines, by rules.mixed_signs_account".clone_into(&mut line.because);
        line.tax_category.clone_from(&frame.tax_category);
        self.payable(group, kind, vec![line]);
        Ok(())
    }

    fn journal(&mut self, party: &Party, lines: Vec<Line>, rank: u8) {
        self.journals.push(Draft {
            party: party.clone(),
            kind: PostingKind::Journal,
            payee: None,
            lines,
            rank,
        });
    }

    fn payable(&mut self, group: &Group, kind: PostingKind, lines: Vec<Line>) {
        self.payables.push(Draft {
            party: group.party.clone(),
            kind,
            payee: group.payee.clone(),
            lines,
            rank: OTHER,
        });
    }
}

/// Ranks of a party's journals.
const MIXED: u8 = 0;
const OTHER: u8 = 1;

/// The receivable account, where an employee's net is negative and the rules want no Debit Adj.
fn owed(party: &Party, net: Decimal, frame: &Frame) -> Option<String> {
    if party.is_employee() && net.is_sign_negative() {
        frame.signs.receivable.clone()
    } else {
        None
    }
}

impl Draft {
    fn posting(self, n: u32, frame: &Frame) -> Result<Posting, Reason> {
        let payable = self.kind.is_payable();
        let side = |line: &Line| match self.kind {
            PostingKind::Journal => line.debit,
            PostingKind::DebitAdj => -line.signed(),
            PostingKind::Bill | PostingKind::CreditAdj => line.signed(),
        };
        let total = money::sum(self.lines.iter().map(side)).ok_or_else(|| too_large("total"))?;
        let key_field = if payable {
            &frame.stamp_fields.payable
        } else {
            &frame.stamp_fields.journal
        };
        let stamp = Stamp {
            n,
            ..frame.stamp.clone()
        };
        let stamp = key_field.is_none().then_some(&stamp);
        let reference = payable.then(|| reference(n, frame)).transpose()?;
        let description = match &reference {
            Some(reference) => {
                let mut leading = vec![frame.business.as_str()];
                leading.extend(reference.shortened_from.as_deref());
                identity::bill_header(&leading, &frame.header, stamp)
            }
            None => identity::journal_header(&frame.header, stamp),
        };
        let is_bill = self.kind == PostingKind::Bill;
        let (vendor, location) = self.payee.map_or((None, None), |(v, l)| (Some(v), l));
        Ok(Posting {
            n,
            kind: self.kind,
            party: self.party.name().to_owned(),
            vendor,
            location,
            branch: frame.branch.clone(),
            date: frame.date,
            period: frame.period.clone(),
            due_date: frame.due_date.filter(|_| is_bill),
            terms: frame.terms.clone().filter(|_| is_bill),
            currency: frame.currency,
            total,
            reference: reference.map(|reference| reference.text),
            description,
            key_field: key_field.clone(),
            hold: if payable {
                frame.hold.payable
            } else {
                frame.hold.journal
            },
            release: Release::NotWanted,
            lines: self.lines,
        })
    }
}

/// Reference of an AP document. They come first in a plan, so that its n counts them.
fn reference(n: u32, frame: &Frame) -> Result<Reference, Reason> {
    let reference = identity::reference(&frame.number, frame.credit_suffix, n);
    if reference.shortened_from.is_some() && frame.reference_too_long == ReferenceTooLong::Hold {
        let message = format!(
            "with its suffix the number is longer than {} characters",
            identity::REFERENCE_CHARS_MAX
        );
        let reason = Reason::new(Code::ReferenceTooLong, message);
        return Err(reason.at("requestHeader.vendorInvoiceNumber", &frame.number));
    }
    Ok(reference)
}
