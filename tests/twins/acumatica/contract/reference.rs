//! Fields of what bills and batches refer to.

use super::{Field, Kind};

pub(super) const VENDOR: &[Field] = &[
    Field::new("APAccount", Kind::Text(0)),
    Field::new("APSubaccount", Kind::Text(0)),
    Field::new("AccountRef", Kind::Text(50)),
    Field::new("CashAccount", Kind::Text(0)),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("CurrencyRateType", Kind::Text(6)),
    Field::new("EnableCurrencyOverride", Kind::Flag),
    Field::new("EnableRateOverride", Kind::Flag),
    Field::new("F1099Box", Kind::Text(0)),
    Field::new("F1099Vendor", Kind::Flag),
    Field::new("FATCA", Kind::Flag),
    Field::new("FOBPoint", Kind::Text(15)),
    Field::new("ForeignEntity", Kind::Flag),
    Field::new("LandedCostVendor", Kind::Flag),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("LeadTimedays", Kind::Integer),
    Field::new("LegalName", Kind::Text(255)),
    Field::new("LocationName", Kind::Text(60)),
    Field::new("MaxReceipt", Kind::Decimal),
    Field::new("MinReceipt", Kind::Decimal),
    Field::new("ParentAccount", Kind::Text(0)),
    Field::new("PaySeparately", Kind::Flag),
    Field::new("PaymentBy", Kind::Text(0)),
    Field::new("PaymentLeadTimedays", Kind::Integer),
    Field::new("PaymentMethod", Kind::Text(10)),
    Field::new("PrintOrders", Kind::Flag),
    Field::new("ReceiptAction", Kind::Text(0)),
    Field::new("ReceivingBranch", Kind::Text(0)),
    Field::new("RemittanceAddressOverride", Kind::Flag),
    Field::new("RemittanceContactOverride", Kind::Flag),
    Field::new("SendOrdersbyEmail", Kind::Flag),
    Field::new("ShipVia", Kind::Text(15)),
    Field::new("ShippingAddressOverride", Kind::Flag),
    Field::new("ShippingContactOverride", Kind::Flag),
    Field::new("ShippingTerms", Kind::Text(10)),
    Field::new("Status", Kind::Text(0)),
    Field::new("TaxCalculationMode", Kind::Text(0)),
    Field::new("TaxRegistrationID", Kind::Text(50)),
    Field::new("TaxZone", Kind::Text(10)),
    Field::new("Terms", Kind::Text(10)),
    Field::new("ThresholdReceipt", Kind::Decimal),
    Field::new("VendorClass", Kind::Text(10)),
    Field::new("VendorID", Kind::Text(30)),
    Field::new("VendorIsLaborUnion", Kind::Flag),
    Field::new("VendorIsTaxAgency", Kind::Flag),
    Field::new("VendorName", Kind::Text(0)),
    Field::new("Warehouse", Kind::Text(0)),
];

pub(super) const EMPLOYEE: &[Field] = &[
    Field::new("EmployeeID", Kind::Text(30)),
    Field::new("EmployeeName", Kind::Text(255)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("Status", Kind::Text(0)),
];

pub(super) const ACCOUNT: &[Field] = &[
    Field::new("AccountCD", Kind::Text(10)),
    Field::new("AccountClass", Kind::Text(20)),
    Field::new("AccountGroup", Kind::Text(0)),
    Field::new("AccountID", Kind::Integer),
    Field::new("Active", Kind::Flag),
    Field::new("CashAccount", Kind::Flag),
    Field::new("ChartOfAccountsOrder", Kind::Integer),
    Field::new("ConsolidationAccount", Kind::Text(30)),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("Description", Kind::Text(60)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("PostOption", Kind::Text(0)),
    Field::new("RequireUnits", Kind::Flag),
    Field::new("RevaluationRateType", Kind::Text(6)),
    Field::new("Secured", Kind::Flag),
    Field::new("TaxCategory", Kind::Text(15)),
    Field::new("Type", Kind::Text(0)),
    Field::new("UseDefaultSubaccount", Kind::Flag),
];

pub(super) const SUBACCOUNT: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("Description", Kind::Text(255)),
    Field::new("Secured", Kind::Flag),
    Field::new("SubaccountCD", Kind::Text(30)),
    Field::new("SubaccountID", Kind::Integer),
];

pub(super) const FINANCIALPERIOD: &[Field] = &[
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("FinancialYear", Kind::Text(0)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("NbrOfPeriods", Kind::Integer),
    Field::new("StartDate", Kind::Instant),
    Field::new("UserDefinedPeriods", Kind::Flag),
];

pub(super) const FINANCIALPERIODDETAIL: &[Field] = &[
    Field::new("AdjustmentPeriod", Kind::Flag),
    Field::new("ClosedInAP", Kind::Flag),
    Field::new("ClosedInAR", Kind::Flag),
    Field::new("ClosedInCA", Kind::Flag),
    Field::new("ClosedInFA", Kind::Flag),
    Field::new("ClosedInIN", Kind::Flag),
    Field::new("Description", Kind::Text(0)),
    Field::new("EndDate", Kind::Instant),
    Field::new("FinancialPeriodID", Kind::Text(0)),
    Field::new("LengthInDays", Kind::Integer),
    Field::new("PeriodNbr", Kind::Text(0)),
    Field::new("StartDate", Kind::Instant),
    Field::new("Status", Kind::Text(0)),
];

pub(super) const LEDGER: &[Field] = &[
    Field::new("ConsolidationSource", Kind::Flag),
    Field::new("Currency", Kind::Text(5)),
    Field::new("Description", Kind::Text(60)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("LedgerID", Kind::Text(10)),
    Field::new("Type", Kind::Text(0)),
];

pub(super) const LEDGERBRANCHES: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("BranchID", Kind::Text(30)),
    Field::new("BranchName", Kind::Text(60)),
    Field::new("CompanyName", Kind::Text(0)),
];

pub(super) const PROJECT: &[Field] = &[
    Field::new("Assets", Kind::Decimal),
    Field::new("Customer", Kind::Text(0)),
    Field::new("Description", Kind::Text(255)),
    Field::new("Expenses", Kind::Decimal),
    Field::new("ExternalRefNbr", Kind::Text(30)),
    Field::new("Hold", Kind::Flag),
    Field::new("Income", Kind::Decimal),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("Liabilities", Kind::Decimal),
    Field::new("ProjectID", Kind::Text(30)),
    Field::new("ProjectTemplateID", Kind::Text(0)),
    Field::new("Status", Kind::Text(0)),
];

pub(super) const TAXCATEGORY: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("Description", Kind::Text(60)),
    Field::new("ExcludeListedTaxes", Kind::Flag),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("TaxCategoryID", Kind::Text(15)),
];

pub(super) const CURRENCY: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("CurrencySymbol", Kind::Text(10)),
    Field::new("DecimalPrecision", Kind::Integer),
    Field::new("Description", Kind::Text(60)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("UseForAccounting", Kind::Flag),
];

pub(super) const COMPANIESSTRUCTURE: &[Field] = &[];

pub(super) const COMPANIESSTRUCTUREDETAIL: &[Field] = &[
    Field::new("BaseCurrencyID", Kind::Text(0)),
    Field::new("BranchCountry", Kind::Text(0)),
    Field::new("BranchID", Kind::Text(0)),
    Field::new("BranchName", Kind::Text(0)),
    Field::new("BranchStatus", Kind::Flag),
    Field::new("CompanyID", Kind::Text(0)),
    Field::new("CompanyName", Kind::Text(0)),
    Field::new("CompanyStatus", Kind::Flag),
    Field::new("CompanyType", Kind::Text(0)),
];

pub(super) const PROJECTTASK: &[Field] = &[
    Field::new("Default", Kind::Flag),
    Field::new("Description", Kind::Text(250)),
    Field::new("ExternalRefNbr", Kind::Text(30)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("ProjectID", Kind::Text(30)),
    Field::new("ProjectTaskID", Kind::Text(30)),
    Field::new("Status", Kind::Text(0)),
];

pub(super) const VISIBILITYSETTINGS: &[Field] = &[
    Field::new("AP", Kind::Flag),
    Field::new("AR", Kind::Flag),
    Field::new("CA", Kind::Flag),
    Field::new("CRM", Kind::Flag),
    Field::new("Expenses", Kind::Flag),
    Field::new("GL", Kind::Flag),
    Field::new("IN", Kind::Flag),
    Field::new("PO", Kind::Flag),
    Field::new("SO", Kind::Flag),
    Field::new("TimeEntries", Kind::Flag),
];

pub(super) const EMPLOYEESETTINGS: &[Field] = &[
    Field::new("BranchID", Kind::Text(0)),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("DepartmentID", Kind::Text(10)),
    Field::new("EmployeeClass", Kind::Text(10)),
    Field::new("EmployeeRefNbr", Kind::Text(50)),
    Field::new("EnableCurrencyOverride", Kind::Flag),
];

pub(super) const TAX: &[Field] = &[
    Field::new("CalculateOn", Kind::Text(0)),
    Field::new("CashDiscount", Kind::Text(0)),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("DeductibleVAT", Kind::Flag),
    Field::new("Description", Kind::Text(100)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("NotValidAfter", Kind::Instant),
    Field::new("PendingVAT", Kind::Flag),
    Field::new("ReverseVAT", Kind::Flag),
    Field::new("StatisticalVAT", Kind::Flag),
    Field::new("TaxAgency", Kind::Text(0)),
    Field::new("TaxClaimableAccount", Kind::Text(0)),
    Field::new("TaxExpenseAccount", Kind::Text(0)),
    Field::new("TaxID", Kind::Text(60)),
    Field::new("TaxPayableAccount", Kind::Text(0)),
    Field::new("TaxType", Kind::Text(0)),
];

pub(super) const TAXSCHEDULEDETAIL: &[Field] = &[
    Field::new("DeductibleTaxRate", Kind::Decimal),
    Field::new("StartDate", Kind::Instant),
    Field::new("TaxID", Kind::Text(0)),
    Field::new("TaxRate", Kind::Decimal),
];

pub(super) const TAXZONEDETAIL: &[Field] = &[
    Field::new("DefaultTaxCategory", Kind::Text(0)),
    Field::new("Description", Kind::Text(0)),
    Field::new("TaxID", Kind::Text(0)),
    Field::new("TaxZoneID", Kind::Text(0)),
];

pub(super) const TAXCATEGORYTAXDETAIL: &[Field] = &[
    Field::new("Description", Kind::Text(0)),
    Field::new("TaxCategory", Kind::Text(0)),
    Field::new("TaxID", Kind::Text(0)),
    Field::new("TaxType", Kind::Text(0)),
];
