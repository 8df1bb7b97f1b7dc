//! The rules of the repository, as tests: layers, sizes, words, and that README, events and template say what the code does.

mod layers;
mod readme;
mod repository;
mod rights;
mod sizes;
mod template;
mod words;
