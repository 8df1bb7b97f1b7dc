//! The rules of the repository, as tests: layers, sizes, words, and that README, events and template say what the code does.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken rule fails its test by panicking"
)]

mod findings;
mod layers;
mod readme;
mod repository;
mod rights;
mod schema;
mod sizes;
mod template;
mod words;
