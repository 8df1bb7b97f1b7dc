//! Every call against a local server that answers from a script and keeps what it was sent.

mod calls;
mod contract;
mod failures;
mod log;
mod server;
mod tokens;
