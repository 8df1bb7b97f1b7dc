//! The calls against a local server.
