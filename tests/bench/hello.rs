//! The smallest function there is: what every start of a function on the Rust runtime costs at least.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<Value>| {
        Ok::<Value, Error>(json!({}))
    }))
    .await
}
