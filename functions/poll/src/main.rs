//! The function `poll`: fetches what Concur offers, by schedule or on request.

mod handler;

use aws::{DynamoLedger, Http, SecretsVault, Settings, SqsQueue, SystemClock};
use connector::{Kept, Needs};
use lambda_runtime::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::from_env()?;
    aws::telemetry::start(&settings.log_level)?;
    let http = Http::new(
        settings.deployment.clocks.connect,
        settings.deployment.stage,
    )?;
    let sdk = aws::sdk_config(&settings, &http);
    let needs = Needs {
        ledger: DynamoLedger::new(&sdk, &settings),
        queue: SqsQueue::new(&sdk, &settings),
        vault: SecretsVault::new(&sdk, &settings),
        clock: SystemClock,
        concur: http.concur(),
        acumatica: http.acumatica(),
        deployment: settings.deployment,
        kept: Kept::default(),
    };
    let namespace = settings.metrics_namespace;
    // Boxed, because what awaits it here would otherwise hold the whole depth of the SDK's futures.
    let serve = |event| Box::pin(handler::handle(&needs, &namespace, event));
    lambda_runtime::run(service_fn(serve)).await
}
