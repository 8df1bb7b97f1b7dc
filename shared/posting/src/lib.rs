//! The accounting: from an approved Concur document to a balanced plan of Acumatica postings, and the states a document
//! passes on its way. Pure, synchronous and total: no clock, no network, no environment; values in, values out.
//!
//! Read in this order: what a document is, what the customer's rules say, what is planned, how far it has come.

pub mod document;
pub mod ids;
pub mod money;
pub mod periods;
pub mod plan;
pub mod planning;
pub mod preflight;
pub mod reason;
pub mod record;
pub mod reference;
pub mod remedy;
pub mod rules;
pub mod state;
pub mod withdraw;

pub use document::Document;
pub use ids::{BusinessId, ConnectionId, DocumentId, DocumentKind, Stamp};
pub use money::Currency;
pub use plan::Plan;
pub use reason::{Code, Reason};
pub use record::Record;
pub use state::State;
