//! The main job on the deployed stack: the real function binaries under the local AWS, made from our own template, with
//! schedule, queue, table and secrets. It is the demo itself, so that what a newcomer runs is what is tested.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a story that goes wrong fails its test by panicking"
)]

mod dead;
mod many;
mod seats;
mod tokens;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longest time a demo may take to end, and what it started.
const END_MAX: Duration = Duration::from_secs(15);

/// Each has a stack of its own, and the machine for itself: two of them side by side would only wait for each other.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A variable that everything the demo starts inherits, so that it can be told from what others run here.
const MARK: &str = "DEPLOYED_TEST_MARK";

fn demo(mark: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_demo"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env(MARK, mark)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the demo is built")
}

/// Everything started with this mark ends, at the latest when [`END_MAX`] is over.
fn all_end(mark: &str) {
    let asked = Instant::now();
    loop {
        let left = started_with(mark);
        if left.is_empty() {
            return;
        }
        assert!(asked.elapsed() < END_MAX, "processes are left: {left:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn started_with(mark: &str) -> Vec<String> {
    running_with(&format!("{MARK}={mark}"))
}

/// How many processes of a function of a stack there are now.
fn workers(stack: &str, function: &str) -> usize {
    running_with(&format!("AWS_LAMBDA_FUNCTION_NAME={stack}-{function}")).len()
}

/// Command lines of the processes that have this variable, with this value.
fn running_with(wanted: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
        {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

#[test]
fn the_demo_agrees_and_leaves_nothing_behind() {
    let _alone = ONE_AT_A_TIME.blocking_lock();
    let output = demo("whole").wait_with_output().expect("the demo ends");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(
        said.contains("Concur, Acumatica and the connector agree on every document."),
        "{said}"
    );
    all_end("whole");

    interrupted();
    all_end("interrupted");
}

/// Ctrl-C in the middle: one sentence, a failure, and everything ends.
fn interrupted() {
    let mut child = demo("interrupted");
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
