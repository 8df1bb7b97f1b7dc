//! Each sentence of the rules as a case, then laws over generated documents.

pub(super) mod support;

mod advance;
mod balance;
mod expense;
mod gate;
mod invoice;
mod known;
mod laws;
mod origins;
mod parties;
mod periods;
mod signs;
mod tax;
mod tax_laws;
mod tax_places;
mod texts;
