//! Projects of lines: which of them a module may charge, and on which task.

use serde_json::json;

use super::books::Books;
use super::record::{Fields, Record, Row};
use super::rules::{empty, not_found};
use super::write::Objections;

/// The shipped code for "no project".
const NO_PROJECT: &str = "X";
/// The linked record that says where a project or task can be seen.
const VISIBILITY: &str = "VisibilitySettings";

/// Checks project and task of a line, whose document belongs to `AP` or `GL`; fills in the default task.
pub(super) fn check(
    books: &Books,
    row: &mut Row,
    (path, module): (&str, &str),
    objections: &mut Objections,
) {
    if row.is_blank("Project") {
        row.fields.insert("Project".to_owned(), json!(NO_PROJECT));
    }
    let project = row.text("Project").to_owned();
    if project == NO_PROJECT {
        return;
    }
    let at = format!("{path}Project");
    let Some(known) = books.find("Project", &project) else {
        objections.add(at, not_found(&project));
        return;
    };
    if let Err(text) = chargeable(known, ("project", &project), module) {
        objections.add(at, text);
        return;
    }
    let is_grouped = books
        .find("Account", row.text("Account"))
        .is_none_or(|account| !account.is_blank("AccountGroup"));
    if !is_grouped {
        objections.add(
            format!("{path}Account"),
            "The account is not included in any account group and cannot be used with a project.",
        );
    }
    task(books, row, (path, module), &project, objections);
}

fn task(
    books: &Books,
    row: &mut Row,
    (path, module): (&str, &str),
    project: &str,
    objections: &mut Objections,
) {
    if row.is_blank("ProjectTask")
        && let Some(default) = books.default_task(project)
    {
        let task = json!(default.text("ProjectTaskID"));
        row.fields.insert("ProjectTask".to_owned(), task);
    }
    let at = format!("{path}ProjectTask");
    let task = row.text("ProjectTask");
    if task.is_empty() {
        objections.add(at, empty("ProjectTask"));
        return;
    }
    match books.task(project, task) {
        None => objections.add(at, not_found(task)),
        Some(known) => {
            if let Err(text) = chargeable(known, ("task", task), module) {
                objections.add(at, text);
            }
        }
    }
}

fn chargeable(record: &Record, (what, code): (&str, &str), module: &str) -> Result<(), String> {
    let status = record.text("Status");
    if status != "Active" {
        return Err(format!("The {code} {what} is {status}."));
    }
    if !record.linked_flag(VISIBILITY, module) {
        return Err(format!(
            "The {code} {what} is invisible in the {module} module."
        ));
    }
    Ok(())
}
