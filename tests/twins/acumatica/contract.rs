//! The contract: which fields an entity of Default/24.200.001 has, of what type and length.
//!
//! Names and lengths: <https://help.acumatica.com>, endpoint Default, version 24.200.001.

/// Type of a value field; the number is a text's column length, 0 where none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text(usize),
    Decimal,
    Integer,
    Flag,
    Instant,
}

/// One value field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Set by the system; what a request says is ignored.
    pub(super) computed: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            computed: false,
        }
    }

    const fn computed(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            computed: true,
        }
    }
}

/// One entity of the endpoint.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) name: &'static str,
    /// The screen a missing right is complained about with.
    pub(super) screen: &'static str,
    /// Keys in the order of the address.
    pub(super) keys: &'static [&'static str],
    pub(super) fields: &'static [Field],
    /// Detail lists and the fields of their rows.
    pub(super) lists: &'static [(&'static str, &'static [Field])],
}

impl Entity {
    /// The entity of this name, with the right case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.name == name)
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(super) fn list(&self, name: &str) -> Option<&'static [Field]> {
        self.lists
            .iter()
            .find(|(list, _)| *list == name)
            .map(|(_, fields)| *fields)
    }
}

static ENTITIES: &[Entity] = &[
    Entity {
        name: "Bill",
        screen: "AP301000",
        keys: &["Type", "ReferenceNbr"],
        fields: BILL,
        lists: &[
            ("Details", BILLDETAIL),
            ("TaxDetails", BILLTAXDETAIL),
            ("Applications", BILLAPPLICATIONDETAIL),
        ],
    },
    Entity {
        name: "JournalTransaction",
        screen: "GL301000",
        keys: &["Module", "BatchNbr"],
        fields: JOURNALTRANSACTION,
        lists: &[("Details", JOURNALTRANSACTIONDETAIL)],
    },
    Entity {
        name: "Vendor",
        screen: "AP303000",
        keys: &["VendorID"],
        fields: VENDOR,
        lists: &[],
    },
    Entity {
        name: "Employee",
        screen: "EP203000",
        keys: &["EmployeeID"],
        fields: EMPLOYEE,
        lists: &[],
    },
    Entity {
        name: "Account",
        screen: "GL202500",
        keys: &["AccountCD"],
        fields: ACCOUNT,
        lists: &[],
    },
    Entity {
        name: "Subaccount",
        screen: "GL203000",
        keys: &["SubaccountCD"],
        fields: SUBACCOUNT,
        lists: &[],
    },
    Entity {
        name: "FinancialPeriod",
        screen: "GL201000",
        keys: &["FinancialYear"],
        fields: FINANCIALPERIOD,
        lists: &[("Details", FINANCIALPERIODDETAIL)],
    },
    Entity {
        name: "Ledger",
        screen: "GL201500",
        keys: &["LedgerID"],
        fields: LEDGER,
        lists: &[("Branches", LEDGERBRANCHES)],
    },
    Entity {
        name: "Project",
        screen: "PM301000",
        keys: &["ProjectID"],
        fields: PROJECT,
        lists: &[],
    },
    Entity {
        name: "TaxCategory",
        screen: "TX205500",
        keys: &["TaxCategoryID"],
        fields: TAXCATEGORY,
        lists: &[],
    },
    Entity {
        name: "Currency",
        screen: "CM202000",
        keys: &["CurrencyID"],
        fields: CURRENCY,
        lists: &[],
    },
    Entity {
        name: "CompaniesStructure",
        screen: "CS401000",
        keys: &[],
        fields: COMPANIESSTRUCTURE,
        lists: &[("Results", COMPANIESSTRUCTUREDETAIL)],
    },
];

const BILL: &[Field] = &[
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

const BILLDETAIL: &[Field] = &[
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

const BILLTAXDETAIL: &[Field] = &[
    Field::new("TaxAmount", Kind::Decimal),
    Field::new("TaxID", Kind::Text(60)),
    Field::new("TaxRate", Kind::Decimal),
    Field::new("TaxableAmount", Kind::Decimal),
];

const BILLAPPLICATIONDETAIL: &[Field] = &[
    Field::new("AmountPaid", Kind::Decimal),
    Field::new("Balance", Kind::Decimal),
    Field::new("DocType", Kind::Text(0)),
    Field::new("ReferenceNbr", Kind::Text(0)),
    Field::new("Status", Kind::Text(0)),
];

const JOURNALTRANSACTION: &[Field] = &[
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

const JOURNALTRANSACTIONDETAIL: &[Field] = &[
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

const VENDOR: &[Field] = &[
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

const EMPLOYEE: &[Field] = &[
    Field::new("EmployeeID", Kind::Text(30)),
    Field::new("EmployeeName", Kind::Text(255)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("Status", Kind::Text(0)),
];

const ACCOUNT: &[Field] = &[
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

const SUBACCOUNT: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("Description", Kind::Text(255)),
    Field::new("Secured", Kind::Flag),
    Field::new("SubaccountCD", Kind::Text(30)),
    Field::new("SubaccountID", Kind::Integer),
];

const FINANCIALPERIOD: &[Field] = &[
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("FinancialYear", Kind::Text(0)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("NbrOfPeriods", Kind::Integer),
    Field::new("StartDate", Kind::Instant),
    Field::new("UserDefinedPeriods", Kind::Flag),
];

const FINANCIALPERIODDETAIL: &[Field] = &[
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

const LEDGER: &[Field] = &[
    Field::new("ConsolidationSource", Kind::Flag),
    Field::new("Currency", Kind::Text(5)),
    Field::new("Description", Kind::Text(60)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("LedgerID", Kind::Text(10)),
    Field::new("Type", Kind::Text(0)),
];

const LEDGERBRANCHES: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("BranchID", Kind::Text(30)),
    Field::new("BranchName", Kind::Text(60)),
    Field::new("CompanyName", Kind::Text(0)),
];

const PROJECT: &[Field] = &[
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

const TAXCATEGORY: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("Description", Kind::Text(60)),
    Field::new("ExcludeListedTaxes", Kind::Flag),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("TaxCategoryID", Kind::Text(15)),
];

const CURRENCY: &[Field] = &[
    Field::new("Active", Kind::Flag),
    Field::new("CreatedDateTime", Kind::Instant),
    Field::new("CurrencyID", Kind::Text(5)),
    Field::new("CurrencySymbol", Kind::Text(10)),
    Field::new("DecimalPrecision", Kind::Integer),
    Field::new("Description", Kind::Text(60)),
    Field::new("LastModifiedDateTime", Kind::Instant),
    Field::new("UseForAccounting", Kind::Flag),
];

const COMPANIESSTRUCTURE: &[Field] = &[];

const COMPANIESSTRUCTUREDETAIL: &[Field] = &[
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
