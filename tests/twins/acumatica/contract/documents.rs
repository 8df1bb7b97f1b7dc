//! Fields of bills and batches.

use super::{Field, Kind};

pub(super) const BILL: &[Field] = &[
    Field::new("Amount", Kind::Decimal),
    Field::new("ApprovedForPayment", Kind::Flag),
    Field::computed("Balance", Kind::Decimal),
    Field::new("BranchID", Kind::Text(0)),
    Field::new("CashAccount", Kind::Text(0)),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("Date", Kind::Instant),
    Field::new("Description", Kind::Text(512)),
    Field::new("DueDate", Kind::Instant),
    Field::new("Hold", Kind::Flag),
    Field::new("IsTaxValid", Kind::Flag),
    Field::computed("LastModifiedDateTime", Kind::Instant),
    Field::new("LocationID", Kind::Text(0)),
    Field::new("PostPeriod", Kind::Text(0)),
    Field::new("Project", Kind::Text(0)),
    Field::new("ReferenceNbr", Kind::Text(15)),
    Field::computed("Status", Kind::Text(0)),
    Field::computed("TaxTotal", Kind::Decimal),
    Field::new("Terms", Kind::Text(10)),
    Field::new("Type", Kind::Text(0)),
    Field::new("Vendor", Kind::Text(0)),
    Field::new("VendorRef", Kind::Text(40)),
];

pub(super) const BILLDETAIL: &[Field] = &[
    Field::new("Account", Kind::Text(0)),
    Field::new("Amount", Kind::Decimal),
    Field::new("Branch", Kind::Text(0)),
    Field::new("CalculateDiscountsOnImport", Kind::Flag),
    Field::new("CostCode", Kind::Text(0)),
    Field::computed("Description", Kind::Text(0)),
    Field::new("ExtendedCost", Kind::Decimal),
    Field::new("InventoryID", Kind::Text(0)),
    Field::new("LCLineNbr", Kind::Integer),
    Field::new("LCNbr", Kind::Text(15)),
    Field::new("LCType", Kind::Text(0)),
    Field::new("NonBillable", Kind::Flag),
    Field::new("POLine", Kind::Integer),
    Field::new("POOrderNbr", Kind::Text(15)),
    Field::new("POOrderType", Kind::Text(0)),
    Field::new("POReceiptLine", Kind::Integer),
    Field::new("POReceiptNbr", Kind::Text(15)),
    Field::new("POReceiptType", Kind::Text(0)),
    Field::new("Project", Kind::Text(0)),
    Field::new("ProjectTask", Kind::Text(0)),
    Field::new("Qty", Kind::Decimal),
    Field::new("Subaccount", Kind::Text(0)),
    Field::new("TaxCategory", Kind::Text(15)),
    Field::new("TransactionDescription", Kind::Text(256)),
    Field::new("UOM", Kind::Text(6)),
    Field::new("UnitCost", Kind::Decimal),
];

pub(super) const BILLTAXDETAIL: &[Field] = &[
    Field::new("TaxAmount", Kind::Decimal),
    Field::new("TaxID", Kind::Text(60)),
    Field::new("TaxRate", Kind::Decimal),
    Field::new("TaxableAmount", Kind::Decimal),
];

pub(super) const BILLAPPLICATIONDETAIL: &[Field] = &[
    Field::new("AmountPaid", Kind::Decimal),
    Field::new("Balance", Kind::Decimal),
    Field::new("DocType", Kind::Text(0)),
    Field::new("ReferenceNbr", Kind::Text(0)),
    Field::new("Status", Kind::Text(0)),
];

pub(super) const JOURNALTRANSACTION: &[Field] = &[
    Field::new("BatchNbr", Kind::Text(15)),
    Field::new("BranchID", Kind::Text(0)),
    Field::computed("CreatedDateTime", Kind::Instant),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("Description", Kind::Text(512)),
    Field::new("Hold", Kind::Flag),
    Field::computed("LastModifiedDateTime", Kind::Instant),
    Field::new("LedgerID", Kind::Text(0)),
    Field::new("Module", Kind::Text(0)),
    Field::new("PostPeriod", Kind::Text(0)),
    Field::computed("Status", Kind::Text(0)),
    Field::new("TransactionDate", Kind::Instant),
];

pub(super) const JOURNALTRANSACTIONDETAIL: &[Field] = &[
    Field::new("Account", Kind::Text(0)),
    Field::new("BranchID", Kind::Text(0)),
    Field::new("CostCode", Kind::Text(0)),
    Field::new("CreditAmount", Kind::Decimal),
    Field::new("DebitAmount", Kind::Decimal),
    Field::computed("Description", Kind::Text(0)),
    Field::new("IsNonPM", Kind::Flag),
    Field::new("LineNbr", Kind::Integer),
    Field::new("NonBillable", Kind::Flag),
    Field::new("Project", Kind::Text(0)),
    Field::new("ProjectTask", Kind::Text(0)),
    Field::computed("ProjectTransactionID", Kind::Integer),
    Field::new("Qty", Kind::Decimal),
    Field::new("ReferenceNbr", Kind::Text(15)),
    Field::new("Subaccount", Kind::Text(0)),
    Field::new("TransactionDescription", Kind::Text(512)),
    Field::new("UOM", Kind::Text(6)),
    Field::computed("VendorOrCustomer", Kind::Text(0)),
];
