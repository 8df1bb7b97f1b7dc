//! The published example files, where the folder is there: documents read without a single oddity, answers as answers.
#![cfg(test)]

use std::fs;
use std::path::PathBuf;

use concur::DocumentType;
use concur::documents::{WireDocument, read};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The envelope of the older files.
#[derive(Deserialize)]
struct OldEnvelope {
    #[serde(rename = "fIDocuments")]
    documents: Vec<OldDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldDocument {
    doc_type: String,
    document: Box<RawValue>,
}

/// The folder beside the repository.
fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fis-examples");
    if !folder.is_dir() {
        println!("skipped: the folder of published examples is not there");
        return None;
    }
    Some(folder)
}

/// The documents of a file, with their kinds; none for events, requests and answers.
fn documents(text: &str) -> Vec<(DocumentType, String)> {
    if let Ok(envelope) = serde_json::from_str::<OldEnvelope>(text) {
        let kind = |name: &str| {
            DocumentType::ALL
                .into_iter()
                .find(|kind| kind.as_str() == name)
                .unwrap()
        };
        let old = envelope.documents.into_iter();
        return old
            .map(|document| (kind(&document.doc_type), document.document.get().to_owned()))
            .collect();
    }
    let bare = [
        ("\"expenseEntry\"", DocumentType::Expense),
        ("\"requestHeader\"", DocumentType::Invoice),
        ("\"cashAdvanceData\"", DocumentType::CashAdvance),
    ];
    let kind = bare.into_iter().find(|(key, _)| text.contains(key));
    kind.map(|(_, kind)| (kind, text.to_owned()))
        .into_iter()
        .collect()
}

#[test]
fn every_published_document_is_read_without_an_oddity() {
    let Some(folder) = folder() else { return };
    let (mut files, mut read_count) = (0, [0; 3]);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files += 1;
        for (kind, text) in documents(&fs::read_to_string(&path).unwrap()) {
            let document =
                read(kind, &text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let odd: Vec<_> = document
                .oddities()
                .into_iter()
                .map(|oddity| (oddity.path, oddity.found.to_string()))
                .collect();
            assert!(odd.is_empty(), "{}: {odd:?}", path.display());
            let gross = amounts(&document);
            assert!(
                !gross.is_empty() && gross.iter().all(Option::is_some),
                "{}",
                path.display()
            );
            read_count[kind as usize] += 1;
        }
    }
    let [expenses, invoices, advances] = read_count;
    println!(
        "{files} files: {expenses} expense reports, {invoices} invoices, {advances} cash advances read"
    );
    assert!(expenses >= 20 && invoices >= 2 && advances >= 3);
}

/// The amount of every journal.
fn amounts(document: &WireDocument) -> Vec<Option<rust_decimal::Decimal>> {
    match document {
        WireDocument::Expense(report) => {
            let allocations = report
                .entries
                .iter()
                .flat_map(|(_, entry)| entry.allocations.iter());
            let journals = allocations.flat_map(|(_, allocation)| allocation.journals.iter());
            journals
                .map(|(_, journal)| journal.amount_gross.get())
                .collect()
        }
        WireDocument::Invoice(invoice) => {
            let allocations = invoice
                .line_items
                .iter()
                .flat_map(|(_, line)| line.allocations.iter());
            let journals = allocations.flat_map(|(_, allocation)| allocation.journals.iter());
            journals
                .map(|(_, journal)| journal.amount_gross.get())
                .collect()
        }
        WireDocument::CashAdvance(advance) => advance
            .journals
            .iter()
            .map(|(_, journal)| journal.amount.get())
            .collect(),
    }
}
