//! The documents SAP publishes are read, gated and planned under one test connection; each plans, or is refused for the
//! reason the rules name. They are not part of this repository: without their folder the test says so and passes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use posting::planning::{Planning, plan};
use posting::{DocumentId, DocumentKind};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::connection::Connection;
use crate::ports::Source;
use crate::{samples, translate};

mod nets;

const FOLDER: &str = "../../../shared/fis-examples";
/// The id of a bare page sample, which has none.
const SAMPLE_ID: &str = "00000000000000000000000000000001";

struct Published {
    name: String,
    kind: DocumentKind,
    id: DocumentId,
    source: Source,
}

fn connection() -> Connection {
    Connection::read(
        include_str!("published/connection.json"),
        1,
        &samples::deployment(),
    )
    .unwrap()
}

fn files() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    files.sort();
    Some(files)
}

/// The kind of a document by its top-level keys.
fn kind_of(document: &Map<String, Value>) -> Option<DocumentKind> {
    let has = |key| document.contains_key(key);
    match () {
        () if has("expenseEntry") && has("report") => Some(DocumentKind::Expense),
        () if has("requestHeader") => Some(DocumentKind::Invoice),
        () if has("cashAdvanceData") => Some(DocumentKind::CashAdvance),
        () => None,
    }
}

/// The documents of a file: of the older envelope, of today's, or the file itself.
fn documents(path: &Path) -> Vec<Published> {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let Ok(top) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(&text) else {
        return Vec::new();
    };
    let listed = top.get("fIDocuments").or_else(|| top.get("content"));
    let Some(listed) = listed else {
        return published(&name, SAMPLE_ID, None, &text)
            .into_iter()
            .collect();
    };
    let envelopes: Vec<BTreeMap<String, Box<RawValue>>> =
        serde_json::from_str(listed.get()).unwrap();
    let word = |envelope: &BTreeMap<String, Box<RawValue>>, key| {
        let raw = envelope.get(key)?;
        serde_json::from_str::<Option<String>>(raw.get()).ok()?
    };
    envelopes
        .iter()
        .filter_map(|envelope| {
            let id = word(envelope, "id").unwrap_or_default();
            let document = envelope.get("document")?;
            let text = word(envelope, "document").unwrap_or_else(|| document.get().to_owned());
            published(&name, &id, word(envelope, "entityId"), &text)
        })
        .collect()
}

fn published(name: &str, id: &str, entity: Option<String>, text: &str) -> Option<Published> {
    let document: Map<String, Value> = serde_json::from_str(text).ok()?;
    Some(Published {
        name: name.to_owned(),
        kind: kind_of(&document)?,
        id: DocumentId::new(id).ok()?,
        source: Source {
            text: text.to_owned(),
            entity,
        },
    })
}

/// What becomes of a document, in a few words: the postings, or the codes of the reasons.
fn fate(connection: &Connection, published: &Published) -> String {
    let document = match translate::read(published.kind, &published.id, &published.source).document
    {
        Ok(document) => document,
        Err(reasons) => return format!("unread: {reasons:?}"),
    };
    let planned = plan(&Planning::new(&document, &connection.rules, 1));
    match planned {
        Ok(plan) => plan
            .postings
            .iter()
            .map(|posting| {
                format!(
                    "{} {} {} {}",
                    posting.kind.label(),
                    posting.vendor.as_deref().unwrap_or("-"),
                    posting.currency.format(posting.total),
                    posting.currency
                )
            })
            .collect::<Vec<_>>()
            .join(", "),
        Err(reasons) => {
            let mut codes: Vec<_> = reasons.iter().map(|reason| reason.code.as_str()).collect();
            codes.dedup();
            codes.join(", ")
        }
    }
}

#[test]
fn every_published_document_plans_or_is_refused_by_a_rule() {
    let Some(files) = files() else {
        println!("the published documents are not here, so nothing was checked");
        return;
    };
    let connection = connection();
    let all: Vec<Published> = files.iter().flat_map(|file| documents(file)).collect();
    let fates: Vec<String> = all
        .iter()
        .map(|one| format!("{}: {}", one.name, fate(&connection, one)))
        .collect();
    println!("{} documents in {} files", all.len(), files.len());
    insta::assert_snapshot!(fates.join("\n"));
}
