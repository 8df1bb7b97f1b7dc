//! An invoice of Concur Invoice.

use crate::value::{Amount, Part, Rate, Rows, Text};

object! {
    /// An approved invoice; a credit memo has a negative total.
    InvoiceDocument {
        header: Part<Header> = "requestHeader",
        owner: Part<Owner> = "ownerEmployee",
        vendor: Part<Vendor> = "vendor",
        line_items: Rows<LineItem> = "lineItem",
    }
}

object! {
    /// The header. Its dates come in four shapes: `YYYY-MM-DD`, `MM/DD/YYYY`, `yyyy/mm/dd` and ISO with a time.
    Header {
        /// The business id; stays when the invoice is approved again.
        id: Text = "requestId",
        /// The supplier's number, at most 50 characters.
        vendor_invoice_number: Text = "vendorInvoiceNumber",
        title: Text = "requestTitle",
        description: Text = "requestDescription",
        invoice_date: Text = "invoiceDate",
        payment_due_date: Text = "paymentDueDate",
        received_date: Text = "invoiceReceivedDate",
        posting_date: Text = "postingDate",
        process_complete_date: Text = "processCompleteDate",
        /// An instant, ISO with `Z`.
        creation_date: Text = "requestCreationDate",
        /// An instant, ISO with `Z`.
        submit_date: Text = "submitDate",
        /// ISO code of the invoice's currency; no rate is delivered.
        currency: Text = "currencyAlphaCode",
        /// Lines, shipping and tax.
        total: Amount = "requestTotal",
        /// Total minus shipping and tax.
        amount_net: Amount = "amountNetInvoice",
        amount_shipping: Amount = "amountShippingTotal",
        amount_tax: Amount = "amountTax",
        ledger_code: Text = "ledgerCode",
        po_number: Text = "poNumber",
        /// `ACH`, `CHECK`, `CLIENT`, `PAYPVD`, `WIRE`, `CARD`, `VCHER`; open.
        pay_method_type: Text = "payMethodType",
        /// `Y`: Concur Invoice Pay pays.
        invoice_pay_indicator: Text = "invoicePayIndicator",
        net_payment_term_days: Text = "netPaymentTermDays",
        discount_terms_days: Text = "discountTermsDays",
        discount_percentage: Rate = "discountPercentage",
        policy_id: Text = "externalPolicyId",
        /// `Y` or `N`.
        is_test: Text = "isTest",
        revision_number: Text = "revisionNumber",
        ;
        /// Numbers 1 to 24.
        custom = "requestCustom",
        /// Numbers 1 to 6.
        org_units = "requestOrgUnit",
    }
}

object! {
    /// The employee who owns the invoice in Concur; not the payee.
    Owner {
        id: Text = "employeeId",
        first_name: Text = "employeeFirstName",
        last_name: Text = "employeeLastName",
    }
}

object! {
    /// The payee. Address, bank and tax details are not delivered.
    Vendor {
        code: Text = "vendorCode",
        remit_to: Text = "vendorRemitToAddressCode",
        name: Text = "vendorName",
    }
}

object! {
    /// One line of the invoice.
    LineItem {
        sequence_order: Text = "lineItemSequenceOrder",
        description: Text = "lineItemDescription",
        quantity: Rate = "lineItemQuantity",
        unit_price: Rate = "lineItemUnitPrice",
        /// Padded with blanks on the wire, trimmed here.
        expense_type_code: Text = "expenseTypeCode",
        expense_type_name: Text = "expenseTypeName",
        po_number: Text = "lineItemPurchaseOrderNumber",
        po_line_number: Text = "poLineNumber",
        allocations: Rows<Allocation> = "allocation",
        ;
        /// Numbers 1 to 20.
        custom = "lineItemCustom",
    }
}

object! {
    /// The share of a line that one set of cost objects bears.
    Allocation {
        key: Text = "allocationKey",
        account: Text = "allocationAccountCode",
        /// One object in the published example, a list elsewhere.
        journals: Rows<Journal> = "journal",
        ;
        /// Numbers 1 to 20.
        custom = "allocationCustom",
    }
}

object! {
    /// One accounting line, in the invoice's currency.
    Journal {
        account: Text = "accountCode",
        amount_gross: Amount = "amountGross",
        /// Without shipping and tax.
        amount_net: Amount = "amountNet",
        /// The line's share of the shipping.
        amount_shipping: Amount = "amountShipping",
        /// Null in the only published example; object or list elsewhere.
        taxes: Rows<Tax> = "tax",
    }
}

object! {
    /// One tax of an accounting line.
    Tax {
        code: Text = "taxCode",
        /// Which of Concur's fields holds the tax.
        field: Text = "taxField",
        amount_tax: Amount = "amountTax",
    }
}
