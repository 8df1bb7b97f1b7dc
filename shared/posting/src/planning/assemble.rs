//! From items to Acumatica documents: one AP document per payee for the net, journals for the rest, numbered in a fixed
//! order.

use rust_decimal::Decimal;

use super::frame::{Frame, Phases};
use super::gate::too_large;
use super::group::{Fate, Group};
use super::identity::{self, Reference};
use super::item::Item;
use super::lines::{counter_lines, lines, own_account};
use super::party::Party;
use super::taxes;
use crate::plan::{Line, Posting, PostingKind, Release, Role, TaxRow};
use crate::rules::ReferenceTooLong;
use crate::{Code, Reason, Stamp, money};

/// The postings, in the order of their numbers.
///
/// # Errors
/// Every reason why the groups cannot become documents.
pub(super) fn assemble(groups: &[Group], frame: &Frame) -> Result<Vec<Posting>, Vec<Reason>> {
    let mut drafts = Drafts::default();
    for group in groups {
        if let Err(reason) = drafts.add(group, frame) {
            drafts.reasons.push(named(reason, &group.party));
        }
    }
    drafts.payables.sort_by(|a, b| a.party.cmp(&b.party));
    drafts
        .journals
        .sort_by(|a, b| (&a.party, a.tie).cmp(&(&b.party, b.tie)));
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

/// What a person has to do about journals and AP documents that meet on the clearing account and are not released by
/// themselves.
pub(super) fn left_together(postings: &[Posting]) -> Vec<String> {
    let tied = |posting: &&Posting| {
        let meets = |line: &Line| matches!(line.role, Role::Clearing | Role::Net);
        posting.release == Release::NotWanted && posting.lines.iter().any(meets)
    };
    // Both kinds are ordered by party and else as their groups were: the nth journal meets the nth AP document.
    let (payables, journals): (Vec<&Posting>, Vec<&Posting>) = postings
        .iter()
        .filter(tied)
        .partition(|posting| posting.kind.is_payable());
    let sentence = |(payable, journal): (&Posting, &Posting)| {
        format!(
            "{}: release the journal of posting {} together with the {} of posting {}, by hand: they meet on the account of rules.mixed_signs_account",
            payable.party,
            journal.n,
            payable.kind.label(),
            payable.n
        )
    };
    payables.into_iter().zip(journals).map(sentence).collect()
}

/// The sentence with the party it is about.
fn named(mut reason: Reason, party: &Party) -> Reason {
    reason.message = format!("{party}: {}", reason.message);
    reason
}

/// What a document has to do with another one of its party, in the order of a party's journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// It meets the other on the clearing account: both are released, or neither.
    Clearing,
    /// It is to be applied to the other by a person, and waits for that.
    Split,
    /// Nothing.
    Alone,
}

/// A document without its number.
struct Draft {
    party: Party,
    kind: PostingKind,
    payee: Option<(String, Option<String>)>,
    lines: Vec<Line>,
    taxes: Vec<TaxRow>,
    tie: Tie,
}

#[derive(Default)]
struct Drafts {
    payables: Vec<Draft>,
    journals: Vec<Draft>,
    reasons: Vec<Reason>,
}

impl Drafts {
    fn add(&mut self, group: &Group, frame: &Frame) -> Result<(), Reason> {
        let all: Vec<&Item> = group.items.iter().collect();
        match group.fate {
            Fate::Journal => self.journal(group, Some((&own_account, Role::Counter)), frame),
            Fate::Zero => self.journal(group, None, frame),
            Fate::Receivable => {
                let account = |_: &Item| frame.signs.receivable.clone();
                self.journal(group, Some((&account, Role::Counter)), frame)
            }
            Fate::Document(kind) => self.payable(group, (kind, Tie::Alone), &all, frame),
            Fate::Clearing(kind, net) => self.clearing(group, (kind, net), frame),
            Fate::Split => {
                let (negative, positive): (Vec<&Item>, Vec<&Item>) = all
                    .into_iter()
                    .partition(|item| item.amount < Decimal::ZERO);
                let (bill, adjustment) = (PostingKind::Bill, PostingKind::DebitAdj);
                self.payable(group, (bill, Tie::Split), &positive, frame)?;
                self.payable(group, (adjustment, Tie::Split), &negative, frame)
            }
        }
    }

    /// A journal with every line and an AP document with one line of the net, which meet on an account.
    fn clearing(
        &mut self,
        group: &Group,
        (kind, net): (PostingKind, Decimal),
        frame: &Frame,
    ) -> Result<(), Reason> {
        let Some(account) = &frame.signs.clearing else {
            return Err(Reason::new(
                Code::MixedSigns,
                "the payee's lines have both signs and no account is named to bring them together",
            )
            .at("rules.mixed_signs_account", ""));
        };
        let clearing = |_: &Item| Some(account.clone());
        self.journal(group, Some((&clearing, Role::Clearing)), frame)?;
        let mut line = frame.balance.on(account).line(net, Role::Net);
        line.text = identity::line_text(&frame.header, identity::BILL_LINE_CHARS_MAX);
        "net of the payee's lines, by rules.mixed_signs_account".clone_into(&mut line.because);
        line.tax_category.clone_from(&frame.tax_category);
        self.payables.push(Draft {
            party: group.party.clone(),
            kind,
            payee: group.payee.clone(),
            lines: vec![line],
            taxes: Vec::new(),
            tie: Tie::Clearing,
        });
        Ok(())
    }

    fn journal(
        &mut self,
        group: &Group,
        counter: Option<(Account<'_>, Role)>,
        frame: &Frame,
    ) -> Result<(), Reason> {
        let mut all = lines(&group.items, PostingKind::Journal, frame);
        let mut tie = Tie::Alone;
        if let Some((account, role)) = counter {
            all.extend(counter_lines(&group.items, frame, account, role)?);
            if role == Role::Clearing {
                tie = Tie::Clearing;
            }
        }
        self.journals.push(Draft {
            party: group.party.clone(),
            kind: PostingKind::Journal,
            payee: None,
            lines: all,
            taxes: Vec::new(),
            tie,
        });
        Ok(())
    }

    fn payable(
        &mut self,
        group: &Group,
        (kind, tie): (PostingKind, Tie),
        items: &[&Item],
        frame: &Frame,
    ) -> Result<(), Reason> {
        self.payables.push(Draft {
            party: group.party.clone(),
            kind,
            payee: group.payee.clone(),
            lines: lines(items.iter().copied(), kind, frame),
            taxes: taxes::rows(items.iter().copied(), kind)?,
            tie,
        });
        Ok(())
    }
}

/// The account of an item's other side in a journal.
type Account<'a> = &'a dyn Fn(&Item) -> Option<String>;

impl Draft {
    fn posting(self, n: u32, frame: &Frame) -> Result<Posting, Reason> {
        let payable = self.kind.is_payable();
        let side = |line: &Line| match self.kind {
            PostingKind::Journal => line.debit,
            PostingKind::DebitAdj => -line.signed(),
            PostingKind::Bill | PostingKind::CreditAdj => line.signed(),
        };
        let parts = self.lines.iter().map(side);
        let parts = parts.chain(self.taxes.iter().map(|row| row.amount));
        let total = money::sum(parts).ok_or_else(|| too_large("total"))?;
        let Phases { hold, release } = self.phases(frame);
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
            discount: frame
                .discount
                .filter(|_| is_bill)
                .and_then(|granted| granted.on(total, frame.currency)),
            currency: frame.currency,
            total,
            reference: reference.map(|reference| reference.text),
            description,
            key_field: key_field.clone(),
            hold,
            release,
            lines: self.lines,
            taxes: self.taxes,
        })
    }

    fn phases(&self, frame: &Frame) -> Phases {
        let (payable, journal) = (frame.payable, frame.journal);
        let own = if self.kind.is_payable() {
            payable
        } else {
            journal
        };
        match self.tie {
            Tie::Alone => own,
            Tie::Clearing if payable.release == journal.release => own,
            Tie::Clearing => Phases {
                release: Release::NotWanted,
                ..own
            },
            Tie::Split => Phases {
                hold: true,
                release: Release::NotWanted,
            },
        }
    }
}

/// Reference of an AP document. They come first in a plan, so that its n counts them.
fn reference(n: u32, frame: &Frame) -> Result<Reference, Reason> {
    let reference =
        identity::reference(&frame.number, frame.credit_suffix, n, frame.reversed_before);
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
