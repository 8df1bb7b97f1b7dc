//! Every call against a local HTTP server: what is sent, what is read, what a failure says.
#![cfg(test)]

mod server;

mod calls;
mod failures;
mod grants;
mod published;
