//! Lists what is ready, without acknowledging it: one row per document, with what is odd in it.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::env;
use std::error::Error;
use std::time::Duration;

use concur::{Client, DocumentType, Hosts, Transport, documents};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const PAGE_LIMIT: u32 = 25;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "a TLS provider is already set")?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .build()?;
    let geolocation = Hosts::local().geolocation(&env::var("CONCUR_ADDRESS")?)?;
    let access_token = env::var("CONCUR_ACCESS_TOKEN")?.into();
    let client = Client::new(
        Transport::new(http),
        geolocation,
        access_token,
        ANSWER_TIMEOUT,
    );

    for document_type in DocumentType::ALL {
        let page = client.ready(document_type, 0, PAGE_LIMIT).await?;
        for document in &page.documents {
            println!(
                "{document_type} {} {} bytes",
                document.id,
                document.document.len()
            );
            for oddity in documents::read(document_type, &document.document)?.oddities() {
                println!("  {}: {}", oddity.path, oddity.found);
            }
        }
        if page.has_next {
            println!("{document_type}: more on the next page");
        }
    }
    Ok(())
}
