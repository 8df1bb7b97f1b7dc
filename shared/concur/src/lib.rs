//! concur
