//! Who may name whom, read from the manifests.

use super::repository::{packages, read, table};

const OURS: [&str; 5] = ["posting", "concur", "acumatica", "connector", "aws"];

fn dependencies(package: &str) -> Vec<String> {
    table(&read(&format!("{package}/Cargo.toml")), "dependencies")
}

fn ours(package: &str) -> Vec<String> {
    dependencies(package)
        .into_iter()
        .filter(|name| OURS.contains(&name.as_str()))
        .collect()
}

#[test]
fn layers_point_one_way() {
    for (package, may) in [
        ("shared/posting", &[][..]),
        ("shared/concur", &[]),
        ("shared/acumatica", &[]),
        ("shared/connector", &["posting", "concur", "acumatica"]),
        (
            "shared/aws",
            &["connector", "posting", "concur", "acumatica"],
        ),
    ] {
        for name in ours(package) {
            assert!(
                may.contains(&name.as_str()),
                "{package} must not name {name}"
            );
        }
    }
    for function in packages("functions") {
        for name in ours(&function) {
            assert!(
                matches!(name.as_str(), "aws" | "connector"),
                "{function} must not name {name}"
            );
        }
    }
}

#[test]
fn the_domain_is_pure() {
    for name in dependencies("shared/posting") {
        let outside = [
            "tokio",
            "reqwest",
            "futures-util",
            "tracing",
            "url",
            "secrecy",
            "backon",
            "lambda_runtime",
        ];
        assert!(
            !outside.contains(&name.as_str()) && !name.starts_with("aws-"),
            "posting must not name {name}"
        );
    }
}

#[test]
fn each_outside_library_has_its_place() {
    for package in packages("shared").into_iter().chain(packages("functions")) {
        for name in dependencies(&package) {
            if name.starts_with("aws-") {
                assert_eq!(package, "shared/aws", "{name} belongs to shared/aws alone");
            }
            if name == "lambda_runtime" {
                assert!(
                    package.starts_with("functions/"),
                    "{name} belongs to the functions, not {package}"
                );
            }
            if matches!(name.as_str(), "reqwest" | "rustls" | "webpki-roots") {
                let clients = ["shared/concur", "shared/acumatica", "shared/aws"];
                assert!(
                    clients.contains(&package.as_str()),
                    "{name} does not belong to {package}"
                );
            }
        }
    }
    let sources = super::repository::files("shared/aws/src", &[".rs"]);
    let naming: Vec<_> = sources
        .iter()
        .filter(|path| read(path).contains("reqwest::"))
        .collect();
    assert_eq!(
        naming,
        ["shared/aws/src/http.rs"],
        "one file of aws names the HTTP library"
    );
}

#[test]
fn versions_stand_once_with_a_word_of_why() {
    let workspace = read("Cargo.toml");
    let (_, versions) = workspace
        .split_once("[workspace.dependencies]")
        .expect("a table of versions");
    let (versions, _) = versions.split_once("\n[").expect("a table after it");
    for line in versions.lines().filter(|line| line.contains("version = ")) {
        assert!(
            line.contains("default-features = false") || line.starts_with("webpki-roots"),
            "{line}"
        );
        assert!(line.contains("} # "), "say why: {line}");
    }
    for package in packages("shared")
        .into_iter()
        .chain(packages("functions"))
        .chain(["tests".to_owned()])
    {
        let manifest = read(&format!("{package}/Cargo.toml"));
        let named = manifest
            .lines()
            .filter(|line| line.contains("version = \"") || line.contains("path = \"../"));
        let own: Vec<_> = named.collect();
        assert!(own.is_empty(), "{package} pins for itself: {own:?}");
    }
}

#[test]
fn one_tls_stack() {
    let lock = read("Cargo.lock");
    for name in ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl"] {
        assert!(
            !lock.contains(&format!("name = \"{name}\"")),
            "{name} costs cold start and is not wanted"
        );
    }
    let rustls = lock.matches("\nname = \"rustls\"\n").count();
    assert_eq!(rustls, 1, "one rustls");
}
