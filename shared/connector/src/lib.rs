//! The use cases, one file per function, and the ports they need from the platform.

pub mod clocks;
pub mod ports;
