//! Reading the repository: its files, manifests and sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lie in the repository")
        .to_path_buf()
}

/// Text of a file by its path from the root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file under a folder with one of these endings, as path from the root; build output and tools are left out.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(next) = open.pop() {
        for entry in
            fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()))
        {
            let path = entry.expect("a readable folder").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | ".git" | ".venv" | ".local") {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let from_root = path.strip_prefix(root()).expect("inside the root");
                found.push(from_root.to_string_lossy().into_owned());
            }
        }
    }
    assert!(!found.is_empty(), "no {endings:?} under {folder}");
    found.sort();
    found
}

/// Folders of the packages under `shared` and `functions`.
pub(crate) fn packages(folder: &str) -> Vec<String> {
    files(folder, &["Cargo.toml"])
        .iter()
        .filter_map(|path| Some(path.strip_suffix("/Cargo.toml")?.to_owned()))
        .collect()
}

/// Names in one table of a manifest, e.g. `dependencies`.
pub(crate) fn table(manifest: &str, table: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == format!("[{table}]");
        } else if inside
            && let Some((name, _)) = line.split_once('=')
            && !line.starts_with('#')
        {
            names.push(name.trim().trim_end_matches(".workspace").to_owned());
        }
    }
    names
}
