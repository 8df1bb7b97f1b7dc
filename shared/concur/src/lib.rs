//! A client of SAP Concur's `OAuth2` service and of its Financial Integration Service (FIS), usable alone.
//!
//! It speaks the wire and nothing more: it stores no token, repeats no call, keeps no state and decides nothing about
//! a document. Every call has a time-out and a size limit, and every [`Error`] answers the three questions a caller
//! has: will it pass, when, and may the call have taken effect.
//!
//! The modules in reading order:

pub mod transport;
pub use transport::{Geolocation, HostRefused, Hosts, Transport};

mod carrier;
pub use carrier::{Carried, Carrier, Unanswered};

pub mod error;
pub use error::{Error, Kind};

pub mod client;
pub use client::{Client, DocumentFormat};

pub mod auth;

pub mod financial;

pub mod documents;
pub use documents::DocumentType;

pub mod value;
