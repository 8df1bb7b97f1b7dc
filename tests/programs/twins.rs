//! `twins [TOKEN_PORT GEOLOCATION_PORT ACUMATICA_PORT]`: both vendors with the demo's data, until Ctrl-C.

use std::process::ExitCode;

use e2e::demo;
use e2e::twins::{acumatica, concur};

/// Ports when none are given: token address, geolocation address, Acumatica.
const PORTS: [u16; 3] = [4701, 4702, 4703];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            say(&sentence);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let [token_port, geolocation_port, acumatica_port] = ports()?;
    let concur = concur::Options {
        token_port,
        geolocation_port,
        ..concur::Options::default()
    };
    let acumatica = acumatica::Options {
        port: acumatica_port,
        ..acumatica::Options::default()
    };
    let (concur, acumatica, offered) = demo::start(concur, acumatica)
        .await
        .map_err(|error| format!("the twins cannot start: {error}"))?;
    say(&format!(
        "Concur     {} (tokens), {} (FIS)",
        concur.token_url(),
        concur.geolocation_url()
    ));
    say(&format!("Acumatica  {}", acumatica.url()));
    for document in &offered {
        let kind = document.example.document.kind.as_str();
        say(&format!(
            "  {}  {kind:<11}  {}",
            document.id, document.example.name
        ));
    }
    say("Look at them:");
    say(&format!("  curl -s {}/twin/state", concur.token_url()));
    say(&format!("  curl -s {}/twin/state", acumatica.url()));
    say(&format!(
        "  curl -s -X POST {}/twin/recall/DOCUMENT_ID",
        concur.token_url()
    ));
    say(&format!(
        "  curl -s {}/twin/faults/put.Bill -d '\"drop_after_save\"'",
        acumatica.url()
    ));
    say("Test credentials: see Options in tests/twins. Ctrl-C stops both.");
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| format!("Ctrl-C cannot be awaited: {error}"))
}

fn ports() -> Result<[u16; 3], String> {
    let given: Result<Vec<u16>, _> = std::env::args().skip(1).map(|port| port.parse()).collect();
    match given
        .map_err(|error| format!("a port is no number: {error}"))?
        .as_slice()
    {
        [] => Ok(PORTS),
        [token, geolocation, acumatica] => Ok([*token, *geolocation, *acumatica]),
        _ => Err("usage: twins [TOKEN_PORT GEOLOCATION_PORT ACUMATICA_PORT]".to_owned()),
    }
}

#[expect(clippy::print_stdout, reason = "a program for a person at a terminal")]
fn say(line: &str) {
    println!("{line}");
}
