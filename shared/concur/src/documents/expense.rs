//! An expense report.

use crate::value::{Amount, Part, Rows, Text, Texts};

object! {
    /// An approved expense report. All amounts of journals, taxes and advances are in
    /// [`currency`](Report::currency); there is no debit or credit flag, sign and parties decide.
    ExpenseDocument {
        employee: Part<Employee> = "employee",
        report: Part<Report> = "report",
        entries: Rows<Entry> = "expenseEntry",
        /// Advances recovered in this report, at document level.
        cash_advances: Rows<CashAdvanceApplication> = "cashAdvanceApplication",
    }
}

object! {
    /// Who is reimbursed. Dimensions are never taken from here: an employee may charge another department.
    Employee {
        id: Text = "employeeId",
        first_name: Text = "employeeFirstName",
        last_name: Text = "employeeLastName",
    }
}

object! {
    /// The header of the report.
    Report {
        /// The business id, 20 upper-case hex characters; stays when the report is approved again.
        id: Text = "reportId",
        name: Text = "reportName",
        policy_id: Text = "policyId",
        ledger_code: Text = "ledgerCode",
        /// Can be zero or negative; absent in some documents.
        total_approved_amount: Amount = "totalApprovedAmount",
        /// ISO code of the reimbursement currency.
        currency: Text = "employeeCurrencyAlphaCode",
        /// `Y` or `N`.
        is_test: Text = "isTest",
        cash_advance_returns_amount: Amount = "cashAdvanceReturnsAmount",
        /// `Y` or `N`.
        payroll_pay_indicator: Text = "payrollPayIndicator",
        payroll_clearing_account: Text = "payrollPaymentClearingAccountCode",
        revision_number: Text = "revisionNumber",
        /// An instant, ISO with `Z`.
        creation_date: Text = "reportCreationDate",
        /// An instant, ISO with `Z`.
        submit_date: Text = "reportSubmitDate",
        /// A date, even where a time is written.
        user_defined_date: Text = "reportUserDefinedDate",
        /// When all approvals were complete; an instant, ISO with `Z`.
        payment_processing_date: Text = "reportPaymentProcessingDate",
        /// A date, even where a time is written.
        start_date: Text = "reportStartDate",
        /// A date, even where a time is written.
        end_date: Text = "reportEndDate",
        ;
        /// Numbers 1 to 20.
        custom = "reportCustom",
        /// Numbers 1 to 6.
        org_units = "reportOrgUnit",
    }
}

object! {
    /// One expense.
    Entry {
        id: Text = "entryId",
        expense_type_code: Text = "expenseTypeCode",
        expense_type_name: Text = "expenseTypeName",
        /// A date, even where a time is written.
        date: Text = "entryDate",
        description: Text = "entryDescription",
        vendor_code: Text = "entryVendorCode",
        vendor_description: Text = "entryVendorDescription",
        /// Zero on personal entries.
        approved_amount: Amount = "entryApprovedAmount",
        /// `Y` or `N`.
        is_personal: Text = "entryIsPersonal",
        /// The code of the payment type: `CASH`, `COPD`, `IBCP` or a customer's number.
        pat_key: Text = "reportEntryPatKey",
        /// `Y` or `1`: Concur's Expense Pay reimburses this entry.
        expense_pay_indicator: Text = "expensePayIndicator",
        liability_account: Text = "liabilityAccountCode",
        clearing_account: Text = "clearingAccountCode",
        card_program_type_code: Text = "cardProgramTypeCode",
        card_transaction_id: Text = "cardTransactionID",
        allocations: Rows<Allocation> = "allocation",
        ;
        /// Numbers 1 to 40.
        custom = "entryCustom",
        /// Numbers 1 to 6.
        org_units = "entryOrgUnit",
    }
}

object! {
    /// The share of an entry that one set of cost objects bears.
    Allocation {
        /// Null on personal entries.
        id: Text = "allocationId",
        journals: Rows<Journal> = "journal",
        taxes: Rows<Tax> = "tax",
        ;
        /// Numbers 1 to 20; null on personal entries.
        custom = "allocationCustom",
    }
}

object! {
    /// One accounting line. Exactly one of payer and payee is `COMP`.
    Journal {
        /// Blank in one published document.
        account: Text = "journalAccountCode",
        payer: Text = "journalPayer",
        payee: Text = "journalPayee",
        /// Signed.
        amount_gross: Amount = "amountGross",
        /// Gross minus all tax.
        amount_net_of_tax: Amount = "amountNetOfTax",
        /// Gross minus reclaimable tax.
        amount_net_of_reclaim: Amount = "amountNetOfReclaim",
        card_reference: Text = "cardTransactionReferenceNumber",
        /// The taxes of the allocation that belong to this line.
        tax_guids: Texts = "taxGuid",
    }
}

object! {
    /// One tax of an allocation. No rate is delivered.
    Tax {
        guid: Text = "taxGuid",
        authority: Text = "taxAuthorityLabel",
        /// Often null.
        code: Text = "taxCode",
        reclaim_code: Text = "taxReclaimCode",
        amount_tax: Amount = "amountTax",
        /// Zero: not deductible.
        amount_reclaim: Amount = "amountReclaim",
        country: Text = "locationCountryCode",
    }
}

object! {
    /// An advance recovered or returned in the report.
    CashAdvanceApplication {
        id: Text = "cashAdvanceId",
        /// Negative in all published data.
        amount: Amount = "cashAdvanceApplicationAmount",
        clearing_account: Text = "cashAdvanceClearingAccountCode",
        /// `1` issue or return, `2` application, `3` carried-forward balance.
        transaction_type: Text = "cashAdvanceTransactionType",
    }
}
