//! What the customer's Acumatica tenant holds, as far as it is known: the master data a plan names, as pure values.
//!
//! A list is either whole or some keys of it were looked up; only a key that is absent from a whole list, or was looked up
//! in vain, is missing. Everything else is unknown, which is never a fault: it is looked up and asked again.
//!
//! Read in this order: the rows of a list, what a row says, then the view over all lists.

mod master;
mod periods;
mod rows;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

pub use master::{Account, Activity, Branch, Module, Payee, PayeeStatus, Project, Stage};
pub use master::{Subaccount, Task, Tasks, Tax, TaxCategory};
pub use periods::Period;
pub use rows::{Extent, Known, Rows};

/// A list of master data, in the order the README names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Vendors (AP303000), by vendor id.
    Vendors,
    /// Employees (EP203000), by employee id: bills take them as vendors.
    Employees,
    /// Accounts (GL202500), by account.
    Accounts,
    /// Subaccounts (GL203000), by subaccount without separators.
    Subaccounts,
    /// Branches (CS401000), by branch id.
    Branches,
    /// Projects (PM301000), by project id.
    Projects,
    /// Tasks (PM302000), by project id: one row holds all tasks of a project.
    Tasks,
    /// Taxes (TX205000), by tax id.
    Taxes,
    /// Tax categories (TX205500), by category.
    TaxCategories,
    /// Financial periods (GL201000), by `MMYYYY`. They are few: any look-up reads the whole list.
    Periods,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 10] = [
        Self::Vendors,
        Self::Employees,
        Self::Accounts,
        Self::Subaccounts,
        Self::Branches,
        Self::Projects,
        Self::Tasks,
        Self::Taxes,
        Self::TaxCategories,
        Self::Periods,
    ];

    /// The word of the list in events, stored forms and views.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendors => "vendors",
            Self::Employees => "employees",
            Self::Accounts => "accounts",
            Self::Subaccounts => "subaccounts",
            Self::Branches => "branches",
            Self::Projects => "projects",
            Self::Tasks => "tasks",
            Self::Taxes => "taxes",
            Self::TaxCategories => "tax_categories",
            Self::Periods => "periods",
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key the view does not know yet. `Debug` leaves the key out: it can be an employee's id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lookup {
    /// Where to look.
    pub list: List,
    /// What for, as the plan writes it; of a period whose id is not known the date in it (`YYYY-MM-DD`).
    pub key: String,
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup({}, ..)", self.list)
    }
}

macro_rules! lists {
    ($($field:ident $list:ident $row:ty, $doc:literal;)*) => {
        /// What is known of a tenant. The default knows nothing.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct View {
            /// The code that stands for "no project" (Projects Preferences); `None` is Acumatica's `X`.
            pub non_project: Option<String>,
            $(#[doc = $doc] pub $field: Rows<$row>,)*
        }

        /// One list as it is cached: its word under `list`, beside its version, extent and rows.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "list", rename_all = "snake_case")]
        pub enum Table {
            $(#[doc = $doc] $list(Rows<$row>),)*
        }

        impl Table {
            /// Which list it is.
            #[must_use]
            pub fn list(&self) -> List {
                match self { $(Self::$list(_) => List::$list),* }
            }
        }

        impl View {
            /// Takes a cached list into the view, in place of what it knew of it.
            pub fn put(&mut self, table: Table) {
                match table { $(Table::$list(rows) => self.$field = rows),* }
            }

            /// A list of the view, to be cached.
            #[must_use]
            pub fn table(&self, list: List) -> Table {
                match list { $(List::$list => Table::$list(self.$field.clone())),* }
            }

            /// How much of a list is known.
            #[must_use]
            pub fn extent(&self, list: List) -> Extent {
                match list { $(List::$list => self.$field.extent()),* }
            }

            /// Version of a list; 0 while nothing is known of it.
            #[must_use]
            pub fn version(&self, list: List) -> u64 {
                match list { $(List::$list => self.$field.version()),* }
            }
        }
    };
}

lists! {
    vendors Vendors Payee, "Vendors, by vendor id.";
    employees Employees Payee, "Employees, by employee id.";
    accounts Accounts Account, "Accounts, by account.";
    subaccounts Subaccounts Subaccount, "Subaccounts, by subaccount.";
    branches Branches Branch, "Branches, by branch id.";
    projects Projects Project, "Projects, by project id.";
    tasks Tasks Tasks, "All tasks of a project, by project id.";
    taxes Taxes Tax, "Taxes, by tax id.";
    tax_categories TaxCategories TaxCategory, "Tax categories, by category.";
    periods Periods Period, "Financial periods, by `MMYYYY`.";
}

/// What Acumatica ships as the code for "no project".
const NON_PROJECT: &str = "X";

impl View {
    /// Which state of the lists this is, for `Plan::reference_view`: `accounts@3 vendors@12`; empty while nothing is known.
    #[must_use]
    pub fn name(&self) -> String {
        let known = |list: List| match self.version(list) {
            0 => None,
            version => Some(format!("{list}@{version}")),
        };
        let known: Vec<String> = List::ALL.into_iter().filter_map(known).collect();
        known.join(" ")
    }

    /// Base currency of each branch that is known to have one, for planning.
    #[must_use]
    pub fn base_currencies(&self) -> BTreeMap<String, Currency> {
        let known = self.branches.iter();
        known
            .filter_map(|(code, branch)| Some((code.to_owned(), branch.base_currency?)))
            .collect()
    }

    /// Whether a project code is a real project and not the code that stands for none.
    #[must_use]
    pub fn is_project(&self, code: &str) -> bool {
        let none = self.non_project.as_deref().unwrap_or(NON_PROJECT);
        !code.trim().eq_ignore_ascii_case(none.trim())
    }
}

#[cfg(test)]
mod tests;
