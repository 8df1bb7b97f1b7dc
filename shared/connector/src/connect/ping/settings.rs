//! What the connection and the deployment say by themselves.

use super::finding::{Check, Finding};
use super::sheet::Sheet;
use crate::connection::Connection;
use crate::needs::Stage;

/// Paths of the parties, as warnings name them.
const PARTIES: &str = "rules.parties.";

pub(super) fn check(sheet: &mut Sheet, connection: &Connection, stage: Stage) {
    let warnings = connection.rules.warnings();
    let is_astray = stage == Stage::Local && is_elsewhere(connection);
    for warning in &warnings {
        let finding = if warning.path.starts_with(PARTIES) {
            Finding::PaidTwice
        } else {
            Finding::RuleDoubtful
        };
        sheet.found(finding, Some(&warning.path), &warning.message);
    }
    if is_astray {
        let detail = "stage local, and a system is addressed by https";
        sheet.found(Finding::StageLocal, None, detail);
    }
    if warnings.is_empty() && !is_astray {
        let kinds: Vec<_> = connection.rules.documents.iter().collect();
        let kinds: Vec<_> = kinds.into_iter().map(ToString::to_string).collect();
        sheet.ok(
            Check::Settings,
            None,
            format!("takes {}, nothing doubtful", kinds.join(", ")),
        );
    }
}

/// Whether one of the systems is not on this machine: only loopback addresses may be plain http.
fn is_elsewhere(connection: &Connection) -> bool {
    let concur = connection.concur.token_url.as_str();
    concur.starts_with("https:") || connection.acumatica.url.starts_with("https:")
}
