//! The vendors as stateful servers on the loopback address.
//!
//! They are strict where the real ones are strict and lax where they are lax, and
//! never use the product's own clients: their wire code is their own.

pub mod acumatica;
pub mod clock;
pub mod concur;
pub mod faults;
pub mod wire;

#[cfg(test)]
mod probe;
