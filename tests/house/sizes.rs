//! How big a thing may grow before it is two things.

use super::repository::{files, packages, read};

const FILE_LINES_MAX: usize = 500;
const MAP_LINES_MAX: usize = 80;
const MAIN_LINES_MAX: usize = 59;

#[test]
fn files_stay_readable() {
    for path in ["shared", "functions", "tests"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
    {
        let lines = read(&path).lines().count();
        let most = if path.ends_with("src/main.rs") {
            MAIN_LINES_MAX
        } else if path.ends_with("src/lib.rs") {
            MAP_LINES_MAX
        } else {
            FILE_LINES_MAX
        };
        assert!(lines <= most, "{path} has {lines} lines, at most {most}");
    }
}

#[test]
fn a_library_opens_with_its_map() {
    for package in packages("shared") {
        let text = read(&format!("{package}/src/lib.rs"));
        assert!(
            text.starts_with("//! "),
            "{package}: the map says what the library is"
        );
        assert!(!text.contains("fn "), "{package}: a map has no logic");
    }
}

#[test]
fn functions_are_wiring_and_a_handler() {
    for function in packages("functions") {
        let main = read(&format!("{function}/src/main.rs"));
        assert!(
            main.contains("mod handler;"),
            "{function}: handler.rs turns events into use cases"
        );
        assert!(
            main.contains("lambda_runtime"),
            "{function}: main.rs runs the runtime"
        );
    }
}
