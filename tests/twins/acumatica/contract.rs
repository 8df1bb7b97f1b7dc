//! The contract: which fields an entity of Default/24.200.001 has, of what type and length.
//!
//! Names and lengths: <https://help.acumatica.com>, endpoint Default, version 24.200.001.

mod documents;
mod reference;

use documents::{
    BILL, BILLAPPLICATIONDETAIL, BILLDETAIL, BILLTAXDETAIL, JOURNALTRANSACTION,
    JOURNALTRANSACTIONDETAIL,
};
use reference::{
    ACCOUNT, COMPANIESSTRUCTURE, COMPANIESSTRUCTUREDETAIL, CURRENCY, EMPLOYEE, EMPLOYEESETTINGS,
    FINANCIALPERIOD, FINANCIALPERIODDETAIL, LEDGER, LEDGERBRANCHES, PROJECT, PROJECTTASK,
    SUBACCOUNT, TAX, TAXCATEGORY, TAXCATEGORYTAXDETAIL, TAXSCHEDULEDETAIL, TAXZONEDETAIL, VENDOR,
    VISIBILITYSETTINGS,
};

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
    /// Linked records and their fields.
    pub(super) linked: &'static [(&'static str, &'static [Field])],
}

impl Entity {
    /// The entity of this name, with the right case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.name == name)
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(super) fn linked(&self, name: &str) -> Option<&'static [Field]> {
        self.linked
            .iter()
            .find(|(linked, _)| *linked == name)
            .map(|(_, fields)| *fields)
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
        linked: &[],
    },
    Entity {
        name: "JournalTransaction",
        screen: "GL301000",
        keys: &["Module", "BatchNbr"],
        fields: JOURNALTRANSACTION,
        lists: &[("Details", JOURNALTRANSACTIONDETAIL)],
        linked: &[],
    },
    Entity {
        name: "Vendor",
        screen: "AP303000",
        keys: &["VendorID"],
        fields: VENDOR,
        lists: &[],
        linked: &[],
    },
    Entity {
        name: "Employee",
        screen: "EP203000",
        keys: &["EmployeeID"],
        fields: EMPLOYEE,
        lists: &[],
        linked: &[("EmployeeSettings", EMPLOYEESETTINGS)],
    },
    Entity {
        name: "Account",
        screen: "GL202500",
        keys: &["AccountCD"],
        fields: ACCOUNT,
        lists: &[],
        linked: &[],
    },
    Entity {
        name: "Subaccount",
        screen: "GL203000",
        keys: &["SubaccountCD"],
        fields: SUBACCOUNT,
        lists: &[],
        linked: &[],
    },
    Entity {
        name: "FinancialPeriod",
        screen: "GL201000",
        keys: &["FinancialYear"],
        fields: FINANCIALPERIOD,
        lists: &[("Details", FINANCIALPERIODDETAIL)],
        linked: &[],
    },
    Entity {
        name: "Ledger",
        screen: "GL201500",
        keys: &["LedgerID"],
        fields: LEDGER,
        lists: &[("Branches", LEDGERBRANCHES)],
        linked: &[],
    },
    Entity {
        name: "Project",
        screen: "PM301000",
        keys: &["ProjectID"],
        fields: PROJECT,
        lists: &[],
        linked: &[("VisibilitySettings", VISIBILITYSETTINGS)],
    },
    Entity {
        name: "ProjectTask",
        screen: "PM302000",
        keys: &["ProjectID", "ProjectTaskID"],
        fields: PROJECTTASK,
        lists: &[],
        linked: &[("VisibilitySettings", VISIBILITYSETTINGS)],
    },
    Entity {
        name: "Tax",
        screen: "TX205000",
        keys: &["TaxID"],
        fields: TAX,
        lists: &[("TaxSchedule", TAXSCHEDULEDETAIL), ("Zones", TAXZONEDETAIL)],
        linked: &[],
    },
    Entity {
        name: "TaxCategory",
        screen: "TX205500",
        keys: &["TaxCategoryID"],
        fields: TAXCATEGORY,
        lists: &[("Details", TAXCATEGORYTAXDETAIL)],
        linked: &[],
    },
    Entity {
        name: "Currency",
        screen: "CM202000",
        keys: &["CurrencyID"],
        fields: CURRENCY,
        lists: &[],
        linked: &[],
    },
    Entity {
        name: "CompaniesStructure",
        screen: "CS401000",
        keys: &[],
        fields: COMPANIESSTRUCTURE,
        lists: &[("Results", COMPANIESSTRUCTUREDETAIL)],
        linked: &[],
    },
];
