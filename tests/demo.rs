//! One ready-made customer: documents in Concur, reference data in Acumatica, and the connection between them.

mod connection;
mod examples;

#[cfg(test)]
mod tests;

use std::io;

pub use connection::{acumatica_seed, connection};
pub use examples::documents;

use crate::documents::Document;
use crate::twins::acumatica::{self, AcumaticaTwin};
use crate::twins::concur::{self, ConcurTwin};

/// What is to become of a document of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Posted in Acumatica and confirmed.
    Posted,
    /// Returned to the processor: its sums differ.
    Refused,
    /// Recalled between list and acknowledgement.
    Recalled,
    /// Held for a person: Acumatica does not know its vendor.
    Held,
}

/// A document of the demo.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows, in a few words.
    pub name: &'static str,
    /// What is to become of it.
    pub fate: Fate,
    /// The document.
    pub document: Document,
}

/// An example that stands in Concur.
#[derive(Clone, Debug)]
pub struct Offered {
    /// FI document id.
    pub id: String,
    /// The example.
    pub example: Example,
}

/// Offers every example, and lets the one meant for it be recalled when it was listed.
#[must_use]
pub fn offer(concur: &ConcurTwin) -> Vec<Offered> {
    documents()
        .into_iter()
        .map(|example| {
            let id = concur.offer(
                example.document.kind.as_str(),
                example.document.body.clone(),
            );
            if example.fate == Fate::Recalled {
                concur.recall_when_listed(&id);
            }
            Offered { id, example }
        })
        .collect()
}

/// Starts both vendors with the demo's data, on the ports of the options given.
///
/// # Errors
/// A port is taken.
pub async fn start(
    concur: concur::Options,
    acumatica: acumatica::Options,
) -> io::Result<(ConcurTwin, AcumaticaTwin, Vec<Offered>)> {
    let concur = ConcurTwin::start(concur).await?;
    let acumatica = AcumaticaTwin::start(acumatica::Options {
        seed: acumatica_seed(),
        ..acumatica
    })
    .await?;
    let offered = offer(&concur);
    Ok((concur, acumatica, offered))
}
