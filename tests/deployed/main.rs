//! The main job on the deployed stack: the real function binaries under the local AWS, made from our own template, with
//! schedule, queue, table and secrets. It is the demo itself, so that what a newcomer runs is what is tested.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a story that goes wrong fails its test by panicking"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longest time a demo may take to end, and what it started.
const END_MAX: Duration = Duration::from_secs(15);

fn demo() -> Child {
    Command::new(env!("CARGO_BIN_EXE_demo"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the demo is built")
}

/// Processes of the local AWS and its functions that were started for this work tree.
fn left_behind() -> Vec<String> {
    let tools = fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("a work tree");
    let own = format!("{}/.local/", tools.display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Ok(line) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&own) && (line.contains("ministack") || line.contains("bootstrap")) {
            found.push(line);
        }
    }
    found
}

/// Everything that was started ends, at the latest when [`END_MAX`] is over.
fn all_end(before: &[String]) {
    let asked = Instant::now();
    while left_behind() != before {
        assert!(
            asked.elapsed() < END_MAX,
            "processes are left: {:?}",
            left_behind()
        );
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_demo_agrees_and_leaves_nothing_behind() {
    let before = left_behind();
    let output = demo().wait_with_output().expect("the demo ends");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(
        said.contains("Concur, Acumatica and the connector agree on every document."),
        "{said}"
    );
    all_end(&before);

    interrupted();
    all_end(&before);
}

/// Ctrl-C in the middle: one sentence, a failure, and everything ends.
fn interrupted() {
    let mut child = demo();
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let started = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.starts_with("Connection"));
    assert!(started, "the demo does not begin");
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .expect("kill");
    assert!(sent.success());
    let asked = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        assert!(asked.elapsed() < END_MAX, "it goes on after Ctrl-C");
        thread::sleep(Duration::from_millis(100));
    };
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("its errors")
        .read_to_string(&mut said)
        .expect("text");
    assert!(
        !status.success() && said.contains("Interrupted."),
        "{status}: {said}"
    );
}
