//! The contract of the ports: the same checks on the implementation in memory and on the one for AWS, where `DynamoDB` speaks
//! on its true wire and SQS and Secrets Manager are played by a small stub. Then what only AWS can show: lost answers,
//! refusals, and what a document costs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking; clippy sees tests only in functions marked as such"
)]

mod aws_only;
mod damage;
mod economy;
mod keys;
mod ledger;
mod names;
mod queue;
mod samples;
mod schedules;
mod vault;
mod wire;
mod world;

use connector::memory::{MemoryLedger, MemoryQueue, MemoryVault};
use world::World;

#[tokio::test]
async fn the_ledgers_keep_the_contract() {
    let (memory, world) = (MemoryLedger::default(), World::start());
    ledger::contract(&memory).await;
    names::contract(&memory).await;
    schedules::contract(&memory).await;
    ledger::contract(&world.ledger()).await;
    names::contract(&world.ledger()).await;
    schedules::contract(&world.ledger()).await;
}

#[tokio::test]
async fn the_queues_keep_the_contract() {
    let (memory, world) = (MemoryQueue::default(), World::start());
    queue::contract(&memory, || memory.take()).await;
    queue::contract(&world.queue(), || world.sent()).await;
    queue::fetches(&memory, || memory.take_fetches()).await;
    queue::fetches(&world.queue(), || world.sent_fetches()).await;
}

#[tokio::test]
async fn the_vaults_keep_the_contract() {
    vault::contract(&MemoryVault::default()).await;
    vault::contract(&World::start().vault()).await;
}
