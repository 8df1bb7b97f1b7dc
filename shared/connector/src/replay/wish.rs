//! One document and one wish: whether it is permitted, what it would do, and the one write that does it.

use jiff::Timestamp;
use posting::plan::{Plan, PostingKind};
use posting::record::{Event, Permitted};
use posting::remedy::{Do, NotPermitted, permitted};
use posting::state::{Happened, Outcome, State, Undoing, advance};
use posting::{Code, Record};

use super::anew::{self, Duplicates};
use super::request::Chosen;
use super::{Request, Verdict, adopt};
use crate::explain::Difference;
use crate::needs::{Needs, Run};
use crate::ports::{Change, Clock, Holder, Ledger, SaveError, Vault};
use crate::report::{self, ReasonRow, chain};
use crate::translate::receipt::Compared;

/// Looks at whose a number is, while others take it.
const TRIES_MAX: usize = 3;

/// A document after a wish, or as it was.
pub(super) struct Wished {
    pub(super) record: Record,
    pub(super) verdict: Verdict,
    pub(super) says: String,
    pub(super) differences: Vec<Difference>,
    pub(super) against: Vec<ReasonRow>,
    pub(super) compared: Vec<Compared>,
}

impl Wished {
    fn new(record: Record, verdict: Verdict, says: impl Into<String>) -> Self {
        Self {
            record,
            verdict,
            says: says.into(),
            differences: Vec::new(),
            against: Vec::new(),
            compared: Vec::new(),
        }
    }
}

/// What a way comes to for one document.
#[derive(Default)]
struct Draft {
    happened: Vec<Happened>,
    plan: Option<Plan>,
    receipts: Vec<(PostingKind, String)>,
    former: Vec<Holder>,
    compared: Vec<Compared>,
    says: Option<String>,
}

/// Fulfils the wish, or says what it would do.
pub(super) async fn wished<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    request: &Request,
    (record, story): (Record, &[Event]),
) -> Wished {
    let Some(way) = request.wish.way() else {
        return Wished::new(record, Verdict::Shown, "");
    };
    if let Err(refusal) = permitted(&record.state, way) {
        return match (&refusal, done_before(way, story)) {
            (NotPermitted::NotHeld(state), Some(event)) => {
                let says = format!("done at {} by {}; it is {state}", event.at, event.detail);
                Wished::new(record, Verdict::Already, says)
            }
            _ => Wished::new(record, Verdict::Refused, refusal.to_string()),
        };
    }
    for _ in 0..TRIES_MAX {
        if let Ok(wished) = fulfilled((needs, run), request, way, record.clone()).await {
            return wished;
        }
    }
    let says = "others name the same number at this moment; ask again";
    Wished::new(record, Verdict::Failed, says)
}

/// Another document got a number at this very moment: whose it is must be looked at again.
struct Taken;

async fn fulfilled<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    request: &Request,
    way: Do,
    record: Record,
) -> Result<Wished, Taken> {
    let mut draft = match draft((needs, run), request, way, &record).await {
        Ok(draft) => draft,
        Err(adopt::Not::Refused(says, compared)) => {
            return Ok(Wished {
                compared,
                ..Wished::new(record, Verdict::Refused, says)
            });
        }
        Err(adopt::Not::Failed(says)) => {
            return Ok(Wished::new(record, Verdict::Failed, says));
        }
    };
    let after = draft
        .happened
        .iter()
        .try_fold(record.clone(), |record, happened| {
            advance(&record, happened, needs.now())
        });
    let after = match after {
        Ok(after) => after,
        Err(illegal) => {
            return Ok(Wished::new(record, Verdict::Refused, illegal.to_string()));
        }
    };
    let says = draft.says.take();
    let says = says.unwrap_or_else(|| says_of(way, &record, &after));
    let (differences, against) = difference((needs, request), way, &record).await;
    let compared = std::mem::take(&mut draft.compared);
    let wished = if request.applies() {
        save(needs, (way, &draft), (record, after), says).await?
    } else {
        Wished::new(record, Verdict::Would, says)
    };
    Ok(Wished {
        differences,
        against,
        compared,
        ..wished
    })
}

async fn draft<L: Ledger, Q, V: Vault, C: Clock>(
    (needs, run): (&Needs<L, Q, V, C>, &Run),
    request: &Request,
    way: Do,
    record: &Record,
) -> Result<Draft, adopt::Not> {
    let (by, note) = (request.by.clone(), request.note.clone());
    let proof_wait = needs.deployment.clocks.proof_wait;
    let happened = match way {
        Do::Resume if is_unsaid(request, record) => {
            let why = "an earlier approval of it left a posting; resume it by its id in `documents` once that is removed";
            return Err(adopt::Not::Refused(why.to_owned(), Vec::new()));
        }
        Do::Resume => Happened::Resumed { by, note },
        Do::Replan => Happened::Replanned { by, note },
        Do::Return => Happened::Returned { by, note },
        Do::Allow => Happened::Allowed { by, note },
        Do::Withdraw => Happened::WithdrawAsked { by, note },
        Do::Close => Happened::Closed { by, note },
        Do::Absent => {
            let before = needs
                .now()
                .checked_sub(proof_wait)
                .unwrap_or(Timestamp::MIN);
            if let Some(since) = lost_since(&record.state).filter(|since| *since > before) {
                let until = since.checked_add(proof_wait).unwrap_or(Timestamp::MAX);
                let why = format!("what was lost may still arrive until {until}; look again then");
                return Err(adopt::Not::Refused(why, Vec::new()));
            }
            Happened::FoundAbsent { before, by, note }
        }
        Do::Adopt => {
            let connection = needs.connection(&record.connection).await;
            let connection = connection.map_err(|error| adopt::Not::Failed(chain(&error)))?;
            let adoption = adopt::adopt((needs, run), &connection, request, record).await?;
            return Ok(Draft {
                happened: adoption.happened,
                plan: adoption.plan,
                receipts: adoption.receipts,
                former: adoption.former,
                compared: adoption.compared,
                says: Some(adoption.says),
            });
        }
    };
    Ok(Draft {
        happened: vec![happened],
        ..Draft::default()
    })
}

/// Whether resuming would say of an earlier posting that it is removed, for one of many documents nobody looked at.
fn is_unsaid(request: &Request, record: &Record) -> bool {
    let mut codes = record.state.reasons().iter().map(|reason| reason.code);
    matches!(request.chosen, Chosen::Filter(_)) && codes.any(|code| code == Code::EarlierPosting)
}

/// What another plan would change, where one is to be made. It is shown, so what cannot be read leaves it out.
async fn difference<L: Ledger, Q, V, C: Clock>(
    (needs, request): (&Needs<L, Q, V, C>, &Request),
    way: Do,
    record: &Record,
) -> (Vec<Difference>, Vec<ReasonRow>) {
    let reasons = record.state.reasons();
    let is_duplicate = || {
        let mut codes = reasons.iter().map(|reason| reason.code);
        codes.any(|code| code == Code::PossibleDuplicate)
    };
    let duplicates = match way {
        Do::Replan => Duplicates::Count,
        Do::Allow if is_duplicate() => Duplicates::Decided,
        _ => return (Vec::new(), Vec::new()),
    };
    let Ok(connection) = needs.connection(&record.connection).await else {
        return (Vec::new(), Vec::new());
    };
    match anew::compare(needs, &connection, record, duplicates).await {
        Ok(anew) => (anew.differences, anew.against),
        Err(error) => {
            tracing::warn!(document = %record.document, wish = request.wish.as_str(), %error, "next plan not compared");
            (Vec::new(), Vec::new())
        }
    }
}

async fn save<L: Ledger, Q, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    (way, draft): (Do, &Draft),
    (record, mut after): (Record, Record),
    says: String,
) -> Result<Wished, Taken> {
    let audit = after.take_trail();
    let change = Change {
        audit,
        plan: draft.plan.as_ref(),
        receipts: &draft.receipts,
        former: &draft.former,
        ..Change::of(&after)
    };
    let saved = needs.ledger.save(&change).await;
    drop(change);
    Ok(match saved {
        Ok(()) => {
            after.version = after.version.saturating_add(1);
            tracing::info!(connection = %after.connection, document = %after.document, to = after.state.word(), way = way.as_str(), "document brought on by a person");
            Wished::new(after, Verdict::Done, says)
        }
        Err(error @ SaveError::Port(_)) => {
            tracing::error!(document = %record.document, error = %report::chain(&error), "record not stored");
            let says = format!("{}; ask again", report::chain(&error));
            Wished::new(record, Verdict::Failed, says)
        }
        Err(SaveError::Taken { .. }) => return Err(Taken),
        Err(error) => Wished::new(record, Verdict::Failed, format!("{error}; ask again")),
    })
}

/// The entry of this way in the story, if nothing held the document since.
fn done_before(way: Do, story: &[Event]) -> Option<&Event> {
    let word = match way {
        Do::Resume => "resumed",
        Do::Replan => "replanned",
        Do::Return => "returned_by",
        Do::Adopt => "adopted",
        Do::Absent => "found_absent",
        Do::Allow => "allowed",
        Do::Withdraw => "withdraw_asked",
        Do::Close => "closed",
    };
    let since = story.iter().rev().take_while(|event| event.what != "held");
    since.filter(|event| event.what == word).last()
}

/// When the last answer was lost that is not proved.
fn lost_since(state: &State) -> Option<Timestamp> {
    let State::Held { resume, .. } = state else {
        return None;
    };
    let outcomes: Vec<&Outcome> = match &**resume {
        State::Posting { writes, .. } => writes.iter().map(|write| &write.outcome).collect(),
        State::Withdrawing { undo, .. } => {
            let reversals = undo.iter().filter_map(|one| match &one.step {
                Undoing::Reverse { outcome, .. } => Some(outcome),
                _ => None,
            });
            reversals.collect()
        }
        _ => Vec::new(),
    };
    let since = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Unknown { since } => Some(*since),
        _ => None,
    });
    since.max()
}

/// What the way means for this document.
pub(super) fn says_of(way: Do, before: &Record, after: &Record) -> String {
    let receipts = before.state.receipts();
    let numbers: Vec<_> = receipts.iter().map(|receipt| receipt.label()).collect();
    let numbers = numbers.join(", ");
    match (way, before.state.plan()) {
        (Do::Resume, _) if after.may(Permitted::Earlier) => {
            "it is posted: what its earlier approval left in Acumatica counts as removed".to_owned()
        }
        (Do::Resume, Some(plan)) => format!(
            "it goes on as {} by plan {plan}; Acumatica is searched before anything is written",
            after.state.word()
        ),
        (Do::Resume, None) => format!("it goes on as {}", after.state.word()),
        (Do::Replan, _) => format!(
            "plan {} is made from the newest rules",
            before.plans.saturating_add(1)
        ),
        (Do::Return, _) => {
            "Concur is told \"error\" with its reasons; corrected, it comes again".to_owned()
        }
        (Do::Absent, _) if matches!(after.state, State::Withdrawing { .. }) => {
            "what is taken back counts as gone, whatever the search can prove, unless it finds something"
                .to_owned()
        }
        (Do::Absent, _) => {
            "what is missing is written again, whatever the search can prove, unless it finds it"
                .to_owned()
        }
        (Do::Allow, _) if after.state == State::Acknowledged => format!(
            "plan {} is made without comparing it with earlier invoices, this once",
            before.plans.saturating_add(1)
        ),
        (Do::Allow, _) if receipts.iter().any(|receipt| receipt.part.is_some()) => format!(
            "the rest of {numbers} is added once its lines and total are the plan's; until then it is held again"
        ),
        (Do::Allow, _) => format!("{numbers} is taken as it stands"),
        (Do::Withdraw, _) => format!("{numbers} is taken back in Acumatica, then Concur is told"),
        (Do::Adopt | Do::Close, _) => {
            let stays = if numbers.is_empty() {
                "no posting of it is known".to_owned()
            } else {
                format!("{numbers} stays in Acumatica")
            };
            format!("the record ends here; {stays}, and Concur is told nothing")
        }
    }
}
