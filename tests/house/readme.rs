//! README says what the code does: states, error codes, names of the rules, files of the walkthrough.

use std::sync::{Mutex, PoisonError};

use connector::connect::{Check, Finding};
use posting::Code;

use super::repository::{packages, read, root};

/// The text between `<!-- name -->` and `<!-- /name -->`.
fn section(name: &str) -> String {
    let readme = read("README.md");
    let (_, rest) = readme
        .split_once(&format!("<!-- {name} -->\n"))
        .unwrap_or_else(|| panic!("README has no section {name}"));
    let (inside, _) = rest
        .split_once(&format!("<!-- /{name} -->"))
        .unwrap_or_else(|| panic!("section {name} does not end"));
    inside.trim().to_owned()
}

/// Tests run side by side; one writes at a time.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a generated table with the README's. With `UPDATE_README=1` in the environment the README is written instead.
fn is_generated(name: &str, wanted: &str) {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = section(name);
    if found == wanted.trim() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_README").is_some(),
        "README section `{name}` is stale: run UPDATE_README=1 cargo test -p e2e --test house"
    );
    let (head, tail) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let readme = read("README.md");
    let (before, rest) = readme.split_once(&head).expect("the section begins");
    let (_, after) = rest.split_once(&tail).expect("the section ends");
    let readme = format!("{before}{head}{}\n{tail}{after}", wanted.trim());
    std::fs::write(root().join("README.md"), readme).expect("README can be written");
}

#[test]
fn error_codes() {
    let mut table =
        String::from("| code | who acts | what to do | `do` if held |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let owner = serde_json::to_string(&code.owner()).expect("an owner is a word");
        let permits: Vec<_> = code.permits().iter().map(|way| way.as_str()).collect();
        let (owner, permits) = (owner.trim_matches('"'), permits.join(", "));
        table.extend(["| `", code.as_str(), "` | ", owner, " | ", code.cure()]);
        table.extend([" | ", &permits, " |\n"]);
    }
    is_generated("codes", &table);
}

#[test]
fn checks_of_a_ping() {
    let mut table = String::from("| check | what it proves |\n|---|---|\n");
    for check in Check::ALL {
        let (word, proves) = (check.as_str(), check.proves());
        table.extend(["| `", word, "` | ", proves, " |\n"]);
    }
    is_generated("checks", &table);
}

#[test]
fn findings_of_a_ping() {
    let mut table = String::from(
        "| finding | check | outcome | what it means | what to do, and where |\n|---|---|---|---|---|\n",
    );
    for finding in Finding::ALL {
        let outcome = serde_json::to_string(&finding.outcome()).expect("an outcome is a word");
        let (word, check) = (finding.as_str(), finding.check().as_str());
        table.extend([
            "| `",
            word,
            "` | `",
            check,
            "` | ",
            outcome.trim_matches('"'),
        ]);
        table.extend([" | ", finding.means(), " | ", finding.cure(), " |\n"]);
    }
    is_generated("findings", &table);
}

#[test]
fn states_and_functions_are_named() {
    let readme = read("README.md");
    for state in [
        "Received",
        "Acknowledged",
        "Planned",
        "Posting",
        "Posted",
        "Confirmed",
        "Refused",
        "Returned",
        "Recalled",
        "Held",
        "Closed",
    ] {
        assert!(readme.contains(state), "README does not name {state}");
    }
    for function in packages("functions") {
        assert!(
            readme.contains(&format!("`{}`", function.trim_start_matches("functions/"))),
            "README does not name {function}"
        );
    }
}

#[test]
fn the_life_of_a_document_ends_each_line_in_a_file() {
    let life = section("life");
    let lines: Vec<_> = life
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(lines.len(), 8, "eight numbered lines");
    for line in lines {
        let path = line
            .rsplit('`')
            .nth(1)
            .unwrap_or_else(|| panic!("no file at the end of: {line}"));
        assert!(root().join(path).is_file(), "{path} is not a file");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let readme = read("README.md");
    for (at, mark) in readme.match_indices("](") {
        let target = readme[at + mark.len()..]
            .split(')')
            .next()
            .unwrap_or_default();
        if !target.starts_with("http") && !target.starts_with('#') {
            assert!(root().join(target).exists(), "README links to {target}");
        }
    }
}

#[test]
fn names_of_templates() {
    let mut table = String::from("| name | E | I | C |\n|---|---|---|---|\n");
    for name in posting::rules::names::table() {
        let source = |kind| name.source(kind).unwrap_or("-").replace('|', "\\|");
        let [expense, invoice, advance] = posting::DocumentKind::ALL.map(source);
        let row = format!("| `{}` | {expense} | {invoice} | {advance} |\n", name.name);
        table.push_str(&row);
    }
    is_generated("names", &table);
}

#[test]
fn messages_of_connect() {
    let mut table = String::from("| message | what it means | what to do |\n|---|---|---|\n");
    for [word, means, cure] in connector::connect::messages() {
        let cure = if cure.is_empty() { "Nothing." } else { &cure };
        table.extend(["| ", &word, " | ", &means, " | ", cure, " |\n"]);
    }
    is_generated("connect", &table);
}

/// The figures are taken by hand from `make simulate`; what they are about is checked.
#[test]
fn reliability_names_its_proofs() {
    let table = section("reliability");
    for row in [
        "every journey, every step",
        "backlog",
        "simulation",
        "kill -9, real binaries",
    ] {
        let line = table
            .lines()
            .find(|line| line.starts_with(&format!("| {row} |")))
            .unwrap_or_else(|| panic!("the reliability table has no row `{row}`"));
        assert!(line.ends_with("| 0 |"), "{row} has violations: {line}");
    }
    let variants = read("tests/sim/mutants.rs");
    for variant in [
        "no search after a time-out",
        "acknowledge after post",
        "confirmation before receipt",
        "lease ignored",
        "retry without back-off",
        "102 ignored",
        "withdraw skipped",
        "a dry run that writes",
        "return while something stands",
    ] {
        assert!(variants.contains(&format!("\"{variant}\"")), "{variant}");
        assert!(read("README.md").contains(variant), "{variant}");
    }
}
