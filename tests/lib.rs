//! Everything that tests the product as a whole, and what it needs to stand on.
//!
//! The two vendors are played by [`twins`]: stateful servers that keep to the
//! published contracts. What they offer and hold comes from [`documents`], a
//! seeded generator, and [`demo`], one ready-made customer. AWS is played by an
//! emulator that runs the real functions: [`stack`].

pub mod amounts;
pub mod demo;
pub mod documents;
pub mod schema;
pub mod stack;
pub mod twins;
