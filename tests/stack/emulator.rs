//! The emulator of AWS as a child process that never outlives its purpose.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Error, Lifetime, Place, Port, wire};

/// Longest wait for the emulator's first answer; it takes 1.3 s on two idle cores.
const START_LIMIT: Duration = Duration::from_mins(1);
/// Longest wait for its end before it is killed; it takes 1.5 s.
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// Longest wait until it has ended its functions.
const END_LIMIT: Duration = Duration::from_secs(5);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Lines of its log shown when it does not start.
const TAIL_LINES: usize = 3;

/// Runs the emulator until standard input ends, which it does however the
/// parent ends, then stops the whole process group, functions included.
const TIED: &str = r#"trap '' TERM
"$@" </dev/null &
child=$!
cat >/dev/null
kill -TERM "$child" 2>/dev/null
tries=0
while kill -0 "$child" 2>/dev/null && [ "$tries" -lt 80 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL 0"#;

/// A running emulator.
#[derive(Debug)]
pub(super) struct Emulator {
    child: Child,
    endpoint: String,
    lifetime: Lifetime,
    left_running: bool,
}

impl Emulator {
    /// Starts it and waits for its first answer.
    pub(super) async fn start(place: &Place) -> Result<Self, Error> {
        let port = choose(place.port())?;
        let folder = place.folder();
        // Unpacked functions of an earlier run would only take room.
        let _ = fs::remove_dir_all(folder.join("tmp"));
        fs::create_dir_all(folder.join("tmp"))
            .map_err(Error::file(format!("cannot create {}", folder.display())))?;
        let log = folder.join("aws.log");
        let endpoint = format!("http://127.0.0.1:{port}");
        let child = spawn(place, port, &endpoint, &log)?;
        let mut emulator = Self {
            child,
            endpoint,
            lifetime: place.lifetime(),
            left_running: false,
        };
        emulator.wait_for_answer(log).await?;
        Ok(emulator)
    }

    /// Its address.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets it go on after this program, and returns its process, which leads
    /// a process group of its own.
    pub(super) fn leave_running(mut self) -> u32 {
        self.left_running = true;
        self.child.id()
    }

    async fn wait_for_answer(&mut self, log: PathBuf) -> Result<(), Error> {
        let limit = Instant::now() + START_LIMIT;
        while Instant::now() < limit {
            if wire::answers(&self.endpoint).await {
                return Ok(());
            }
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        let tail = lines
            .iter()
            .skip(from)
            .copied()
            .collect::<Vec<_>>()
            .join(" | ");
        Err(Error::NotStarted { log, tail })
    }

    fn stop(&mut self) {
        end_functions(&self.endpoint);
        match self.lifetime {
            // The closed pipe tells the shell to stop everything.
            Lifetime::WithProgram => drop(self.child.stdin.take()),
            Lifetime::UntilStopped => stop_group(self.child.id()),
        }
        let limit = Instant::now() + STOP_LIMIT;
        while Instant::now() < limit && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if !self.left_running {
            self.stop();
        }
    }
}

/// Asks the emulator to end its functions and wait for them, so that no dead
/// process is left to a parent that may not look after it. Silence is fine.
pub(super) fn end_functions(endpoint: &str) {
    let address = endpoint.trim_start_matches("http://");
    let Ok(mut stream) = TcpStream::connect(address) else {
        return;
    };
    let _ = stream.set_read_timeout(Some(END_LIMIT));
    let request = format!(
        "POST /_ministack/reset HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Ends a process group: asked first, killed when it does not listen.
pub(super) fn stop_group(leader: u32) {
    signal("TERM", leader);
    let limit = Instant::now() + STOP_LIMIT;
    while Instant::now() < limit && signal("0", leader) {
        thread::sleep(PAUSE);
    }
    signal("KILL", leader);
}

/// Sends a signal to a process group; says whether there was one to get it.
fn signal(name: &str, leader: u32) -> bool {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        r#"kill -s "$1" -- "-$2" 2>/dev/null"#,
        "kill",
        name,
        &leader.to_string(),
    ]);
    command.status().is_ok_and(|status| status.success())
}

fn choose(port: Port) -> Result<u16, Error> {
    let wanted = match port {
        Port::Free => 0,
        Port::Fixed(number) => number,
    };
    let listener =
        TcpListener::bind(("127.0.0.1", wanted)).map_err(|_| Error::PortTaken(wanted))?;
    let address = listener
        .local_addr()
        .map_err(Error::file("cannot find a free port"))?;
    Ok(address.port())
}

fn spawn(place: &Place, port: u16, endpoint: &str, log: &PathBuf) -> Result<Child, Error> {
    let python = place.python()?;
    let output =
        File::create(log).map_err(Error::file(format!("cannot write {}", log.display())))?;
    let errors = output
        .try_clone()
        .map_err(Error::file("cannot write the log twice"))?;
    let mut command = match place.lifetime() {
        Lifetime::WithProgram => {
            let mut shell = Command::new("sh");
            shell
                .args(["-c", TIED, "aws"])
                .arg(&python)
                .stdin(Stdio::piped());
            shell
        }
        Lifetime::UntilStopped => {
            let mut direct = Command::new(&python);
            direct.stdin(Stdio::null());
            direct
        }
    };
    // Functions inherit this environment, so it holds nothing but what they may see.
    command
        .args(["-m", "ministack"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", place.folder())
        .env("TMPDIR", place.folder().join("tmp"))
        .env("LANG", "C.UTF-8")
        .env("PYTHONUNBUFFERED", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_DEFAULT_REGION", wire::REGION)
        .current_dir(place.folder())
        .stdout(output)
        .stderr(errors)
        .process_group(0);
    command
        .spawn()
        .map_err(Error::file(format!("cannot run {}", python.display())))
}
