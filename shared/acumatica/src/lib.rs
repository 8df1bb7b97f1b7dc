//! The map of this library, in reading order; what it is and is not stands in the README:
//!
#![doc = include_str!("../README.md")]

// Whom we speak to.
mod version;
pub use version::{EndpointVersion, VersionError};
mod site;
pub use site::{Hosts, Site, SiteError};

// How we speak.
pub mod auth;
mod client;
pub use client::{Session, instance};
mod transport;
pub use transport::Transport;
mod carrier;
pub use carrier::{Carried, Carrier, Unanswered};
mod error;
pub use error::{Error, Kind};
mod fault;
pub use fault::FieldFault;

// What is asked.
mod filter;
pub use filter::{Field, Filter, Literal};
mod query;
pub use query::{Query, Rows};
mod paging;
pub use paging::{Pages, Paging};

// What is exchanged.
mod custom;
mod date;
mod decimal;
mod label;
mod value;
pub use custom::{Custom, CustomField, CustomFieldError, CustomValue};
mod entity;
pub use entity::{Document, Entity, Keyed};
mod bill;
pub use bill::{Bill, BillDetail, BillStatus, BillTaxDetail, BillType};
mod journal;
pub use journal::{JournalStatus, JournalTransaction, JournalTransactionDetail};
mod vendor;
pub use vendor::{Vendor, VendorStatus};
mod employee;
pub use employee::{Employee, EmployeeSettings};
mod account;
pub use account::{Account, Subaccount};
mod branch;
pub use branch::Branch;
mod project;
pub use project::{Project, ProjectStatus, ProjectTask, Visibility};
mod tax;
pub use tax::{Tax, TaxCategory};
mod currency;
pub use currency::Currency;
mod period;
pub use period::{FinancialPeriod, FinancialPeriodDetail, Period, PeriodError};
mod instance;
pub use instance::{Endpoint, Instance};
mod schema;
pub use schema::AdHocSchema;

// What happens to documents after they were created.
mod delete;
mod extend;
mod hold;

mod action;
pub use action::{ActionOutcome, ActionStatus};

#[cfg(test)]
mod tests;
