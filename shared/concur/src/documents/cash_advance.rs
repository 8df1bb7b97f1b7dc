//! A cash advance.

use crate::value::{Amount, Part, Rate, Rows, Text};

object! {
    /// An issued cash advance.
    CashAdvanceDocument {
        employee: Part<Employee> = "employeeData",
        advance: Part<Advance> = "cashAdvanceData",
        journals: Rows<Journal> = "journalData",
    }
}

object! {
    /// Who receives the advance. Its fields are the only dimensions delivered.
    Employee {
        id: Text = "employeeId",
        first_name: Text = "employeeFirstName",
        last_name: Text = "employeeLastName",
        ;
        /// Numbers 1 to 21.
        custom = "employeeCustom",
        /// Numbers 1 to 6.
        org_units = "employeeOrgUnit",
    }
}

object! {
    /// The advance.
    Advance {
        /// The business id, 32 upper-case hex characters.
        id: Text = "cashAdvanceId",
        name: Text = "name",
        purpose: Text = "purpose",
        /// In [`currency`](Self::currency).
        request_amount: Amount = "requestAmount",
        /// ISO code of the advance's currency.
        currency: Text = "currencyAlphaCode",
        /// ISO code of the reimbursement currency, in which the journals are.
        employee_currency: Text = "employeeCurrencyAlphaCode",
        /// Advance to reimbursement currency; 1 in a published example with two currencies.
        exchange_rate: Rate = "exchangeRate",
        /// An instant, ISO with `Z`.
        request_date: Text = "requestDate",
        /// An instant, ISO with `Z`.
        issued_date: Text = "issuedDate",
        /// `0` not Expense Pay, `1` Expense Pay.
        payment_method: Text = "paymentMethod",
        /// `Y` or `N`.
        expense_pay_indicator: Text = "expensePayIndicator",
        /// `1` issue or return, `2` application, `3` carry-forward.
        transaction_type: Text = "transactionType",
        clearing_account: Text = "clearingAccountCode",
        card_transaction_id: Text = "cardTransactionID",
        /// `Y` or `N`.
        is_test: Text = "isTest",
    }
}

object! {
    /// One accounting line.
    Journal {
        account: Text = "accountCode",
        /// Signed: plus is debit.
        amount: Amount = "amount",
        /// `DR` or `CR`.
        debit_or_credit: Text = "debitOrCredit",
        payer: Text = "payer",
        payee: Text = "payee",
        payment_code: Text = "paymentCode",
    }
}
