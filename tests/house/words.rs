//! Words that must not stand here, and exceptions that must say why.

use super::repository::{files, read};

#[test]
fn no_name_that_hides() {
    for path in ["shared", "functions", "tests"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
    {
        let stem = path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        for hidden in [
            "utils", "util", "common", "helpers", "helper", "manager", "misc", "legacy",
        ] {
            assert!(
                stem != hidden && !path.contains(&format!("/{hidden}/")),
                "{path} says nothing about what is inside"
            );
        }
    }
}

#[test]
fn nothing_is_switched_off_or_left_for_later() {
    // The words are put together here, so that this file does not find itself.
    let banned = [
        ("#[", "allow("),
        ("#[", "ignore"),
        ("unimpl", "emented!("),
        ("to", "do!("),
        ("TO", "DO"),
        ("FIX", "ME"),
    ];
    for path in ["shared", "functions", "tests"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
    {
        let text = read(&path);
        for (head, tail) in banned {
            let word = format!("{head}{tail}");
            assert!(!text.contains(&word), "{path} contains `{word}`");
        }
        for (at, _) in text.match_indices("expect(clippy") {
            let rest: String = text[at..].chars().take(200).collect();
            assert!(rest.contains("reason ="), "{path}: say why after {rest}");
        }
    }
}

#[test]
fn money_has_no_floats() {
    for path in files("shared", &[".rs"]) {
        let text = read(&path);
        for float in ["f64", "f32"] {
            let named = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| {
                    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                        .any(|word| word == float)
                });
            assert!(!named, "{path} names {float}");
        }
    }
}

#[test]
fn nothing_is_written_outside_without_a_claim() {
    // Clients' calls that change something, and the places that hold the claim a call wants.
    let calls = [
        ".insert(&",
        ".extend(&*",
        ".delete_bill(",
        ".delete_journal(",
        ".take_bill_off_hold(",
        ".take_journal_off_hold(",
        ".release_bill(",
        ".release_journal(",
        ".acknowledge(document_type",
        ".confirm_posting(",
    ];
    let mut places: Vec<String> = Vec::new();
    for path in files("shared/connector/src", &[".rs"]) {
        let text = read(&path);
        if calls.iter().any(|call| text.contains(call)) {
            places.push(path);
        }
    }
    places.sort();
    let wanted = [
        "shared/connector/src/poll/take.rs",
        "shared/connector/src/post/outside.rs",
    ];
    assert_eq!(places, wanted);
}
