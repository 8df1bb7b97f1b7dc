//! The use cases, one file per function, and the ports they need from the platform.
//!
//! Read in this order: what the platform gives, what an operator writes, how the two systems are reached, how wire and
//! domain meet, and then the functions: `poll` fetches, `post` writes and confirms, `connect` sets up and shows, `replay`
//! lets a person bring on what is held.

// What the platform gives.
pub mod clocks;
pub mod memory;
pub mod ports;

// What the operator writes, and what every use case needs.
pub mod connection;
mod needs;
pub mod schedule;
pub use needs::{ConnectionError, Deployment, Kept, Needs, Run, Stage};

// The two systems.
mod circuit;
mod claimed;
mod reference;
pub mod retry;
pub mod seats;
pub mod tokens;

// Between wire and domain.
pub mod translate;

// From document to plan.
mod lookalike;
mod planned;

// What people read.
pub mod explain;
pub mod report;

// The functions.
pub mod connect;
pub mod poll;
pub mod post;
pub mod replay;

#[cfg(test)]
mod published;
#[cfg(test)]
mod samples;
