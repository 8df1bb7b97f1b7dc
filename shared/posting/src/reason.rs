//! Why a document was refused or waits for a person: a stable code, what was wrong, who must act, what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::Source;

/// Who must act on a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Concur's processor, who corrects and re-approves the document.
    Processor,
    /// The customer's administrator: rules, tables, master data, periods.
    Administrator,
    /// Accounts payable, who look into Acumatica.
    Accounts,
    /// Whoever runs this deployment.
    Operator,
}

/// Where the fault lies, which decides what a refusal does (`posting.on_refusal`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// In the document: Concur is told "error" and the processor corrects it.
    Document,
    /// In the set-up on our side: the document waits.
    Setup,
    /// Not known, or not provable: always waits, because a return costs a full re-approval.
    Unknown,
}

macro_rules! codes {
    ($($variant:ident $word:literal $owner:ident $blame:ident $cure:literal)*) => {
        /// Every reason there is. The words are stable: they stand in records, answers, Concur's audit trail and the README.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $word, "`: ", $cure)] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the README's table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Who must act.
            #[must_use]
            pub fn owner(self) -> Owner {
                match self { $(Self::$variant => Owner::$owner),* }
            }

            /// Where the fault lies.
            #[must_use]
            pub fn blame(self) -> Blame {
                match self { $(Self::$variant => Blame::$blame),* }
            }

            /// What to do, one sentence.
            #[must_use]
            pub fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure),* }
            }
        }
    };
}

codes! {
    DocumentUnreadable "document_unreadable" Operator Unknown "The document is not the JSON Concur publishes; report it to SAP with the correlation id, then resume."
    FieldMissing "field_missing" Processor Document "Fill the field in Concur and approve again."
    FieldOdd "field_odd" Processor Document "Correct the field in Concur and approve again."
    AmountPrecision "amount_precision" Processor Document "The amount has more decimals than its currency; correct it in Concur, nothing is ever rounded."
    PartyInvalid "party_invalid" Processor Document "Exactly one of payer and payee must be the company; have the entry re-created."
    JournalSign "journal_sign" Processor Document "An amount the company pays must not be negative, one it receives not positive; have the entry re-created."
    EntrySum "entry_sum" Processor Document "The journals of the entry do not sum to its approved amount; have the entry re-created."
    ReportSum "report_sum" Processor Document "The entries do not sum to the report's approved total; recall and resubmit the report."
    TaxSum "tax_sum" Processor Document "The tax records do not explain gross less net; correct the tax of the entry in Concur."
    TaxReference "tax_reference" Processor Document "Journals and tax records of the allocation do not name each other; correct the tax of the entry in Concur."
    LineTwice "line_twice" Processor Document "Two entries or lines of the document have one id, so that their amounts could be taken for one another's; have one of them re-created."
    InvoiceSum "invoice_sum" Administrator Setup "Lines, shipping and tax do not sum to the invoice total: set rules.invoice.rounding_account for a cent a line and replan, or post it by hand and close it."
    TemplateFailed "template_failed" Administrator Setup "Correct the template, apply the connection and replan."
    CodeMissing "code_missing" Administrator Setup "The rule gives no value; fill the field in Concur, or give the rule a default or the table an entry, then replan."
    CodeTooLong "code_too_long" Administrator Setup "The code is longer than Acumatica's field; codes are never cut: correct the rule or the table and replan."
    AccountMissing "account_missing" Administrator Setup "Give the party or line an account in the rules or the tables, then replan."
    ControlAccount "control_account" Administrator Setup "AP and tax control accounts cannot stand on a line; map the code to another account and replan."
    PartyWithoutRule "party_without_rule" Administrator Setup "Add a rule for the party under rules.parties, then replan."
    ReimbursedElsewhere "reimbursed_elsewhere" Administrator Setup "Expense Pay or payroll reimburses this; say under rules.parties how it is posted, then replan."
    CardWithoutVendor "card_without_vendor" Administrator Setup "Give the card a vendor in tables.cards, then replan."
    CardAmbiguous "card_ambiguous" Administrator Setup "The entry's card is not known and the report uses several; add its key to tables.cards, then replan."
    MixedSigns "mixed_signs" Administrator Setup "Set rules.mixed_signs_account, then replan."
    PaymentMixed "advance_on_mixed_payment" Administrator Setup "Several employee parties are paid in different ways on this report; post it by hand and close it."
    AdvanceReturn "advance_return" Administrator Setup "Cash was returned: set rules.cash_advance.return_account, then replan."
    AdvanceType "advance_type" Administrator Setup "The advance is carried forward or of unknown type; post it by hand and close it."
    AdvanceCurrency "advance_currency" Administrator Setup "Two currencies with rate 1 cannot be right; have the advance corrected in Concur, or post it by hand and close it."
    ReclaimWithoutMapping "reclaim_without_mapping" Administrator Setup "Reclaimable tax would be lost: set tax.reclaimable_as_cost or another tax mode, then replan."
    TaxUnmapped "tax_unmapped" Administrator Setup "The rules do not say where this tax goes; add it to rules.tax.codes, in mode acumatica its set to rules.tax.categories, then replan."
    TaxUnshared "tax_unshared" Administrator Setup "The tax cannot be shared among the journals that name it; post the document by hand and close it, or have the entry re-created."
    PaidByConcur "paid_by_concur" Administrator Setup "Invoice Pay pays this invoice; say under rules.invoice.paid_by_concur how it is posted, then replan."
    RemitToUnmapped "remit_to_unmapped" Administrator Setup "Add the remit-to code to tables.locations, or set unmapped_remit_to to default, then replan."
    ReferenceTooLong "reference_too_long" Administrator Setup "The invoice number is longer than 40 characters; set rules.invoice.reference_too_long to shorten, then replan."
    DateMissing "date_missing" Processor Document "The date the rules ask for is not on the document; fill it in Concur and approve again."
    PeriodClosed "period_closed" Administrator Setup "The period is closed and no open one may take the document; open a period in Acumatica or change posting.closed_period, max_shift_days or across_year, then replan."
    BaseCurrency "base_currency" Administrator Setup "One document cannot post to branches of different base currencies; map its branches to companies of one currency, or post it by hand and close it."
    PlanTooLarge "plan_too_large" Administrator Unknown "The document leaves the range of amounts a ledger can hold; post it by hand and close it."
    PlanUnproved "plan_unproved" Operator Unknown "The plan does not agree with its document, which is a fault of the connector; report it with the document id, or post by hand and close it."
    VendorUnknown "vendor_unknown" Administrator Setup "Create the vendor on Vendors (AP303000) or the employee on Employees (EP203000), or map the code in tables, then replan."
    VendorOnHold "vendor_on_hold" Administrator Setup "Set the vendor active on Vendors (AP303000) once its hold is cleared, then replan."
    VendorInactive "vendor_inactive" Administrator Setup "Activate the vendor on Vendors (AP303000) or the employee on Employees (EP203000), or map the code to another one, then replan."
    VendorCurrency "vendor_currency" Administrator Setup "Enable currency override for the vendor on Vendors (AP303000), or map the document to its vendor of that currency, then replan."
    AccountUnknown "account_unknown" Administrator Setup "Map the code to an account of Chart of Accounts (GL202500) in tables.accounts, or create it there, then replan."
    AccountInactive "account_inactive" Administrator Setup "Activate the account on Chart of Accounts (GL202500), or map the code to another one, then replan."
    AccountCurrency "account_currency" Administrator Setup "The account on Chart of Accounts (GL202500) takes one currency only: map the code to one without currency, then replan."
    AccountNeedsUnits "account_needs_units" Administrator Setup "Clear Require Units of the account on Chart of Accounts (GL202500), or map the code to another one, then replan."
    AccountWithoutGroup "account_without_group" Administrator Setup "Add the account to an account group on Account Groups (PM201000), or send no project with it, then replan."
    SubaccountUnknown "subaccount_unknown" Administrator Setup "Map the code in tables.subaccounts, or create the subaccount on Subaccounts (GL203000), then replan."
    SubaccountInactive "subaccount_inactive" Administrator Setup "Activate the subaccount on Subaccounts (GL203000), or map the code to another one, then replan."
    BranchUnknown "branch_unknown" Administrator Setup "Map the code in tables.branches to a branch of Branches (CS102000), then replan."
    BranchInactive "branch_inactive" Administrator Setup "Activate the branch on Branches (CS102000), or map the code to another one, then replan."
    ProjectUnknown "project_unknown" Administrator Setup "Create the project on Projects (PM301000), or correct rules.line.project, then replan."
    ProjectNotActive "project_not_active" Administrator Setup "Activate the project on Projects (PM301000), or have the entry charged to another one, then replan."
    ProjectNotVisible "project_not_visible" Administrator Setup "Make the project visible in AP and GL on Projects (PM301000), then replan."
    TaskMissing "task_missing" Administrator Setup "Give rules.line.task a value, or mark a default task on Project Tasks (PM302000), then replan."
    TaskUnknown "task_unknown" Administrator Setup "Create the task on Project Tasks (PM302000), or correct rules.line.task, then replan."
    TaskNotActive "task_not_active" Administrator Setup "Activate the task on Project Tasks (PM302000), or have the entry charged to another one, then replan."
    TaskNotVisible "task_not_visible" Administrator Setup "Make the task visible in AP and GL on Project Tasks (PM302000), then replan."
    TaxUnknown "tax_unknown" Administrator Setup "Create the tax on Taxes (TX205000), or correct its tax_id in rules.tax.codes, then replan."
    TaxExpired "tax_expired" Administrator Setup "Move Not Valid After of the tax on Taxes (TX205000), or map the code to the tax that followed it, then replan."
    TaxCategoryUnknown "tax_category_unknown" Administrator Setup "Create the category on Tax Categories (TX205500), or correct rules.tax.category, then replan."
    TaxCategoryInactive "tax_category_inactive" Administrator Setup "Activate the category on Tax Categories (TX205500), or correct rules.tax.category, then replan."
    DuplicateReference "duplicate_reference" Accounts Setup "Acumatica has a document of this vendor with this number: adopt it if it is this very invoice; else remove or correct it there, then resume, or return this one."
    PossibleDuplicate "possible_duplicate" Accounts Setup "An earlier invoice of this vendor has the same date, amount and all but the same number: compare both; if it is another one, allow it; if it is the same, adopt the number that stands, return this one or close it."
    AlreadyPostedReport "already_posted_report" Accounts Setup "An earlier approval of the same document is confirmed; compare both; return it, or post the difference by hand and close it."
    EarlierPosting "earlier_posting" Accounts Setup "An earlier approval of the same document left a posting in Acumatica; adopt it, or remove it there, then resume."
    AcumaticaRefused "acumatica_refused" Administrator Setup "Acumatica refuses what it names; correct it there or in the rules, then replan or resume."
    AcumaticaFailed "acumatica_failed" Administrator Unknown "Acumatica failed on this document and did not save it; ask its administrator with the text, then resume."
    AcumaticaForbidden "acumatica_forbidden" Administrator Setup "Give the API user access to the form Acumatica names, then resume."
    SecretMissing "secret_missing" Operator Setup "A secret or a part of it is missing, marked for deletion or cannot be read; put it as README says or restore it, then resume."
    CredentialsRefused "credentials_refused" Administrator Setup "The other system refuses the credentials or the client; correct them there or in the secret, then resume."
    EndpointMissing "endpoint_missing" Administrator Setup "Nothing answers under this address or endpoint version; correct the connection or the site, apply it again, then resume."
    OutcomeUnproven "outcome_unproven" Accounts Unknown "A write may or may not have arrived and the search cannot prove it: resume once another posting of its kind stands in Acumatica, or look for the stamp there: adopt what you find, and say absent when you find nothing."
    AmountDiffers "amount_differs" Accounts Setup "Acumatica stored something else than planned; compare both: allow it if what stands is right, and Concur is told success; else withdraw it, or close it and correct it by hand."
    ReleaseFailed "release_failed" Accounts Setup "Acumatica does not release the document it names; correct what it says there and release it by hand, or resume."
    SystemMismatch "system_mismatch" Operator Setup "Concur knows this document under another system id; check rules system_id, then resume."
    TakenElsewhere "taken_elsewhere" Operator Setup "Another system acknowledged this document; find it before anything is posted here, then close it."
    ConcurRefused "concur_refused" Operator Unknown "Concur refuses the call for this document; look at code and text, then resume or close it."
    VerdictDiffers "verdict_differs" Accounts Unknown "Concur holds another verdict than ours; compare both systems, then withdraw what was posted, or close it."
    Recalled "recalled" Accounts Setup "Concur recalled the document after it was posted; withdraw the posting, or close it."
    WithdrawalApproval "withdrawal_approval" Accounts Unknown "An approver must decide first: have the posting rejected or deleted in Acumatica, then resume."
    WithdrawalPaid "withdrawal_paid" Accounts Unknown "Something was paid or applied against the posting: void that in Acumatica, then resume; or settle it by hand and close it."
    WithdrawalOrder "withdrawal_order" Accounts Unknown "The posting bills a purchase order, which its removal would touch: remove it in Acumatica, then resume; or settle it by hand and close it."
    WithdrawalEdited "withdrawal_edited" Accounts Unknown "Somebody changed the posting after it was written: take the change back or remove the posting in Acumatica, then resume; or settle it by hand and close it."
    WithdrawalStatus "withdrawal_status" Accounts Unknown "The posting is in a status the connector does not undo: bring it out of it or remove it in Acumatica, then resume; or settle it by hand and close it."
    WithdrawalOpen "withdrawal_open" Accounts Unknown "The opposite document stands, but the two do not cancel yet: release it and apply it to the other on Checks and Payments (AP302000), of journals release both, then resume."
    WithdrawalRefused "withdrawal_refused" Accounts Unknown "Acumatica neither deletes nor reverses the posting: correct what it names or remove the posting there, then resume; or settle it by hand and close it."
    WithdrawalIncomplete "withdrawal_incomplete" Accounts Unknown "Another document with the stamp of this one still stands in Acumatica: remove it there, then resume."
    ConnectionMissing "connection_missing" Operator Setup "The connection is not stored any more; apply it again, then resume."
    ConnectionMoved "connection_moved" Operator Setup "Company, system id, site, tenant, endpoint or key field of the connection changed in the moment the document came: apply the connection as it was before, then resume; or post it by hand and close it."
    AttemptsSpent "attempts_spent" Operator Unknown "The same step failed too often; remove the cause it names, then resume."
    WorkerCrashed "worker_crashed" Operator Unknown "A worker ended three times on this document without a result, or came to a step that does not exist; look at the log, then resume."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason, tied to a place in the document or the set-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of fault.
    pub code: Code,
    /// Which field: path in the document (`expenseEntry[2].entryDate`), of a rule (`rules.line.account`), of a table or in the
    /// plan (`plan.lines.account`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The value found there, shortened; empty when nothing was there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The sentence for the person, without secrets or personal data.
    pub message: String,
    /// Entry or line of the document the reason belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// Longest value kept in a reason, in characters.
const VALUE_CHARS_MAX: usize = 120;

impl Reason {
    /// A reason with its sentence; field, value and line are added by the methods below.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            field: String::new(),
            value: String::new(),
            message: message.into(),
            line: None,
        }
    }

    /// Names the field and the value found there, cut to 120 characters.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>, value: impl fmt::Display) -> Self {
        self.field = field.into();
        self.value = value.to_string().chars().take(VALUE_CHARS_MAX).collect();
        self
    }

    /// Ties the reason to what it is about. A cash advance is named in the sentence: Concur is told the ids of entries only.
    #[must_use]
    pub fn about(mut self, source: Source<'_>) -> Self {
        match source {
            Source::Document => self,
            Source::Entry(line) => self.on_line(line),
            Source::Advance(id) => {
                self.message = format!("cash advance {id}: {}", self.message);
                self
            }
        }
    }

    /// Ties the reason to an entry or line.
    #[must_use]
    pub fn on_line(mut self, line: impl Into<String>) -> Self {
        self.line = Some(line.into());
        self
    }
}

/// What a set of reasons does to a document: the gravest blame counts, because one fault of the set-up keeps the document
/// here even if the processor corrected the rest. `None` without reasons.
#[must_use]
pub fn blame(reasons: &[Reason]) -> Option<Blame> {
    let rank = |blame: &Blame| match blame {
        Blame::Document => 0,
        Blame::Setup => 1,
        Blame::Unknown => 2,
    };
    reasons
        .iter()
        .map(|reason| reason.code.blame())
        .max_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_what_serde_writes() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!(
                !Code::ALL[..index]
                    .iter()
                    .any(|other| other.as_str() == code.as_str()),
                "{code}"
            );
            assert!(code.cure().ends_with('.'), "{code}");
            let stored = serde_json::to_string(code).unwrap();
            let read: Code = serde_json::from_str(&stored).unwrap();
            assert_eq!(read, *code);
        }
    }

    #[test]
    fn the_gravest_blame_counts() {
        let document = Reason::new(Code::FieldMissing, "");
        let setup = Reason::new(Code::CodeMissing, "");
        assert_eq!(blame(&[]), None);
        assert_eq!(
            blame(std::slice::from_ref(&document)),
            Some(Blame::Document)
        );
        assert_eq!(blame(&[document, setup]), Some(Blame::Setup));
    }
}
