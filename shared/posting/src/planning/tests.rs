//! Each sentence of the rules as a case, then laws over generated documents.

pub(super) mod support;

mod advance;
mod balance;
mod expense;
mod gate;
mod invoice;
mod laws;
mod parties;
