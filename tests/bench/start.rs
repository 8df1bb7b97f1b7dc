//! How soon a new process answers, and how large its file is.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::function::{Function, Variable};
use crate::queue::batch;
use crate::sheet::{Sheet, hundredths, megabytes, ratio};

/// Starts of each kind; the middle one counts.
const SPAWNS: usize = 15;

/// What is started, and where its output goes.
pub(crate) struct Starts<'a> {
    /// The one-line function.
    pub(crate) hello: &'a Path,
    /// The product's.
    pub(crate) post: &'a Path,
    /// Environment of both.
    pub(crate) environment: &'a [Variable],
    /// Their output.
    pub(crate) log: &'a Path,
}

impl Starts<'_> {
    /// Starts both in turn, so that a busy moment of the machine meets both, and then those that ask the table, whose
    /// emulator would disturb the next start.
    pub(crate) async fn measure(&self) -> Result<Sheet, String> {
        let (mut hello, mut post, mut table) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SPAWNS {
            hello.push(self.first_answer(self.hello, &[]).await?);
            post.push(self.first_answer(self.post, &[]).await?);
        }
        let unknown =
            json!({"connection": "nobody", "document": "0f8a3c5e9b1d4a7286c4e2f0a1b3c5d7"});
        for _ in 0..SPAWNS {
            let wake = unknown.to_string();
            table.push(self.first_answer(self.post, &[wake]).await?);
        }
        let mut sheet = Sheet::new(
            format!("Start, from spawn to the first answer, median of {SPAWNS}"),
            &["ms", "ms at best", "of hello", "at most"],
        );
        let base = microseconds(median(hello.clone()));
        for (name, samples, limit) in [
            ("hello, a function of one line", hello, ""),
            ("post, a batch of nothing", post, "1.60"),
            (
                "post, a wake of an unknown document: asks the table",
                table,
                "",
            ),
        ] {
            let best = microseconds(samples.iter().min().copied().unwrap_or_default());
            let time = microseconds(median(samples));
            let figures = [
                milliseconds(time),
                milliseconds(best),
                ratio(time, base),
                limit.to_owned(),
            ];
            sheet.row(name, &figures);
        }
        Ok(sheet)
    }

    async fn first_answer(&self, binary: &Path, messages: &[String]) -> Result<Duration, String> {
        let mut function = Function::start(binary, self.environment, self.log).await?;
        function.first_answer(batch(messages)).await
    }
}

/// The sizes of some binaries.
pub(crate) fn sizes(binaries: &[(&str, &Path)]) -> Result<Sheet, String> {
    let mut sheet = Sheet::new(
        "Size of the stripped binary".to_owned(),
        &["MB", "MB gzipped"],
    );
    for (name, path) in binaries {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        let packed = packed.write_all(&bytes).and_then(|()| packed.finish());
        let packed = packed.map_err(|error| format!("{name} cannot be packed: {error}"))?;
        let size = |bytes: &[u8]| megabytes(u64::try_from(bytes.len()).unwrap_or_default() / 1_024);
        sheet.row(name, &[size(&bytes), size(&packed)]);
    }
    Ok(sheet)
}

/// The middle of an odd number of samples.
pub(crate) fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn milliseconds(microseconds: u64) -> String {
    hundredths(microseconds / 10)
}
