//! The platform: the ports of the use cases on `DynamoDB`, SQS and Secrets Manager, the one HTTP client, the settings of the
//! process, the batches a queue sends, and telemetry. It holds no accounting and takes no decision about a document.
//!
//! A function's `main` reads [`Settings`], makes one [`Http`] client and one SDK configuration, and from these only the
//! adapters it needs: what it constructs here is what its policy in the template allows.

pub mod batch;
mod clock;
mod egress;
mod fault;
mod http;
mod ledger;
mod queue;
mod sdk;
mod settings;
pub mod telemetry;
mod vault;

pub use clock::SystemClock;
pub use http::{Http, HttpError};
pub use ledger::DynamoLedger;
pub use queue::SqsQueue;
pub use sdk::config as sdk_config;
pub use settings::{Settings, SettingsError};
pub use vault::SecretsVault;
