//! Every call against a local server that answers from a script and keeps what it was sent.

mod actions;
mod calls;
mod contract;
mod failures;
mod log;
mod reference;
mod server;
mod tokens;
