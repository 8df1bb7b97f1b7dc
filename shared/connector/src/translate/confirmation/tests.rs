use posting::Code;
use posting::plan::PostingKind;

use super::*;
use crate::samples::{ID, at, connection, receipt, record};

fn places(branches: &Rows<Branch>) -> Places<'_> {
    Places {
        tenant: "PUB",
        branches,
    }
}

fn told(state: State) -> PostingConfirmation {
    confirmation(
        &record(ID, state),
        &connection().rules,
        places(&Rows::default()),
    )
    .unwrap()
}

#[test]
fn success_names_every_posting_and_what_is_still_open() {
    let told = told(State::Posted {
        plan: 1,
        receipts: vec![
            receipt(PostingKind::Bill, "004512", "On Hold"),
            receipt(PostingKind::Journal, "000877", "Balanced"),
        ],
    });
    assert_eq!(told.verdict, Verdict::Success);
    let bill = &told.posting_docs[0];
    assert_eq!(bill.company_id, "MAIN");
    assert_eq!(bill.document_number.as_deref(), Some("Bill 004512"));
    assert_eq!(bill.fiscal_year.as_deref(), Some("2026"));
    assert_eq!(bill.posting_date.as_deref(), Some("2026-03-31"));
    let journal = told.posting_docs[1].document_number.as_deref();
    assert_eq!(journal, Some("GL 000877"));
    let texts: Vec<&str> = told
        .messages
        .iter()
        .map(|each| each.text.as_str())
        .collect();
    let together = "GL 000877 is not released in Acumatica: release it together with Bill 004512 if they meet on the account of rules.mixed_signs_account";
    assert_eq!(texts, ["Bill 004512 is on hold in Acumatica", together]);
}

#[test]
fn the_company_of_the_branch_is_told_where_it_is_known() {
    let of = |company: Option<&str>| Branch {
        company: company.map(str::to_owned),
        ..Branch::default()
    };
    let nothing = Rows::default();
    let whole = Rows::whole(0, [("MAIN", of(Some("ACME"))), ("SOUTH", of(None))]);
    let plain = connection().rules;
    let mut own = connection().rules;
    own.posting.company_id = Some(" C1 ".to_owned());
    for (rules, branches, branch, wanted) in [
        (&plain, &whole, "main ", "ACME"),
        (&plain, &whole, "SOUTH", "SOUTH"),
        (&plain, &whole, "NORTH", "NORTH"),
        (&plain, &whole, "", "PUB"),
        (&plain, &nothing, "MAIN", "MAIN"),
        (&own, &whole, "MAIN", "C1"),
    ] {
        let receipt = Receipt {
            branch: branch.to_owned(),
            ..receipt(PostingKind::Bill, "004512", "Open")
        };
        let posted = record(
            ID,
            State::Posted {
                plan: 1,
                receipts: vec![receipt],
            },
        );
        let sent = confirmation(&posted, rules, places(branches)).unwrap();
        assert_eq!(sent.posting_docs[0].company_id, wanted, "{branch}");
    }
}

#[test]
fn what_became_of_a_release_is_told() {
    let asked = Release::Asked {
        since: at(0),
        sent: None,
        again: at(30),
    };
    let failed = Release::Failed {
        message: "The period is closed".to_owned(),
    };
    for (release, status, text) in [
        (Release::NotWanted, "Balanced", None),
        (Release::Done, "Posted", Some("released")),
        (asked.clone(), "Pending Approval", Some("pending approval")),
        (asked, "Balanced", Some("not released yet")),
        (
            failed,
            "Balanced",
            Some("not released, because that failed,"),
        ),
    ] {
        let receipt = Receipt {
            release,
            ..receipt(PostingKind::Journal, "000877", status)
        };
        let told = told(State::Posted {
            plan: 1,
            receipts: vec![receipt],
        });
        let said = told.messages.first().map(|each| each.text.clone());
        let expected = text.map(|text| format!("GL 000877 is {text} in Acumatica"));
        assert_eq!(said, expected);
    }
}

#[test]
fn a_journal_left_with_its_ap_document_is_told() {
    let (bill, journal) = (PostingKind::Bill, PostingKind::Journal);
    let mut kept = connection().rules;
    kept.posting.release_journal = false;
    let mut split = connection().rules;
    split.mixed_signs = MixedSigns::Split;
    let rules = connection().rules;
    let left = Release::NotWanted;
    let told = Some(
        "GL 000877 is not released in Acumatica: release it together with Bill 004512 if they meet on the account of rules.mixed_signs_account",
    );
    for (rules, kind, release, status, wanted) in [
        (&rules, bill, left.clone(), "Balanced", told),
        (&rules, bill, left.clone(), "Posted", None),
        (&rules, bill, Release::Wanted, "Balanced", None),
        (&rules, journal, left.clone(), "Balanced", None),
        (&kept, bill, left.clone(), "Balanced", None),
        (&split, bill, left, "Balanced", None),
    ] {
        let other = Receipt {
            release,
            ..receipt(kind, "004512", "Balanced")
        };
        let receipts = vec![other, receipt(journal, "000877", status)];
        let posted = record(ID, State::Posted { plan: 1, receipts });
        let sent = confirmation(&posted, rules, places(&Rows::default())).unwrap();
        let mut said = sent.messages.iter().map(|each| each.text.as_str());
        let said = said.find(|text| text.starts_with("GL 000877"));
        assert_eq!(said, wanted, "{status}");
    }
}

#[test]
fn an_adjustment_that_must_be_applied_first_is_told() {
    let mut split = connection().rules;
    split.mixed_signs = MixedSigns::Split;
    let plain = connection().rules;
    let alone = "Debit Adj. 000031 is on hold in Acumatica";
    let apply = "Debit Adj. 000031 is on hold in Acumatica: if it is of the vendor of Bill 004512, apply it there before that is paid";
    for (rules, status, wanted) in [
        (&split, "On Hold", apply),
        (&split, "Open", alone),
        (&plain, "On Hold", alone),
    ] {
        let receipts = vec![
            receipt(PostingKind::Bill, "004512", status),
            receipt(PostingKind::DebitAdj, "000031", "On Hold"),
        ];
        let posted = record(ID, State::Posted { plan: 1, receipts });
        let sent = confirmation(&posted, rules, places(&Rows::default())).unwrap();
        let last = sent.messages.last().map(|each| each.text.as_str());
        assert_eq!(last, Some(wanted), "{status}");
    }
}

#[test]
fn what_the_plan_noted_for_accounts_payable_is_told() {
    let mut plan = crate::samples::plan(Vec::new());
    plan.notes = vec!["for us".to_owned(), "compare both".to_owned()];
    plan.told = vec!["compare both".to_owned()];
    for (receipts, first) in [
        (
            vec![receipt(PostingKind::Bill, "004512", "On Hold")],
            "waits_in_acumatica",
        ),
        (Vec::new(), "nothing_to_post"),
    ] {
        let mut posted = record(ID, State::Posted { plan: 1, receipts });
        posted.take_notes(&plan);
        assert_eq!(
            crate::report::row(&posted).notes,
            ["compare both", "for us"]
        );
        let sent = confirmation(&posted, &connection().rules, places(&Rows::default())).unwrap();
        let said = sent.messages.iter();
        let said: Vec<_> = said
            .map(|each| (each.id.as_str(), each.text.as_str()))
            .collect();
        assert_eq!(said.len(), 2);
        assert_eq!(said[0].0, first);
        assert_eq!(said[1], ("noted", "compare both"));
    }
}

#[test]
fn nothing_to_post_is_a_success_that_says_so() {
    let told = told(State::Posted {
        plan: 1,
        receipts: Vec::new(),
    });
    assert_eq!(told.verdict, Verdict::Success);
    assert!(told.posting_docs.is_empty());
    assert_eq!(told.messages.len(), 1);
}

#[test]
fn an_error_says_code_place_value_cure_and_entry() {
    let reason = Reason::new(Code::EntrySum, "the journals do not sum to 20.00")
        .at("expenseEntry[0].entryApprovedAmount", "21.00")
        .on_line("ENTRY1");
    let told = told(State::Refused {
        reasons: vec![reason],
    });
    assert_eq!(told.verdict, Verdict::Error);
    assert!(told.posting_docs.is_empty());
    let message = &told.messages[0];
    assert_eq!(message.entry_id.as_deref(), Some("ENTRY1"));
    assert_eq!(message.id, "entry_sum");
    assert_eq!(
        message.text,
        "the journals do not sum to 20.00 (field expenseEntry[0].entryApprovedAmount: 21.00). \
         The journals of the entry do not sum to its approved amount; have the entry re-created."
    );
}

#[test]
fn reasons_that_are_not_sent_are_counted() {
    let reason = |n: usize| Reason::new(Code::FieldMissing, "missing").on_line(n.to_string());
    for (count, more) in [(MESSAGES_MAX, None), (MESSAGES_MAX + 3, Some("3 more"))] {
        let told = told(State::Refused {
            reasons: (1..=count).map(reason).collect(),
        });
        assert_eq!(told.messages.len(), MESSAGES_MAX);
        let last = &told.messages[MESSAGES_MAX - 1].text;
        let counted = more.map(|more| format!(" {more} reasons are not shown here."));
        assert!(last.ends_with(counted.as_deref().unwrap_or("approve again.")));
    }
}

#[test]
fn only_posted_and_refused_have_something_to_tell() {
    let rules = connection().rules;
    for state in [State::Received, State::Acknowledged, State::Recalled] {
        assert_eq!(
            confirmation(&record(ID, state), &rules, places(&Rows::default())),
            None
        );
    }
}

#[test]
fn a_verdict_that_stands_is_compared_with_ours() {
    use concur::financial::DocumentStatus;
    let posted = record(
        ID,
        State::Posted {
            plan: 1,
            receipts: Vec::new(),
        },
    );
    let refused = record(
        ID,
        State::Refused {
            reasons: Vec::new(),
        },
    );
    for (status, success, error) in [
        (DocumentStatus::PostingConfirmedSuccess, true, false),
        (DocumentStatus::PostingConfirmedFailure, false, true),
        (DocumentStatus::Acknowledged, false, false),
    ] {
        assert_eq!(verdict_equal(&posted, &status), success);
        assert_eq!(verdict_equal(&refused, &status), error);
    }
}
