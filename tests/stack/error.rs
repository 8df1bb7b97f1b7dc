//! What can go wrong with the local stack, each with its cure where one exists.

use std::io;
use std::path::PathBuf;

/// Why the local stack could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool or binary is not installed or built.
    #[error("{} is missing; run `{cure}`", path.display())]
    Missing {
        /// The file looked for.
        path: PathBuf,
        /// The command that makes it.
        cure: &'static str,
    },
    /// Another program listens on the port.
    #[error("port {0} of 127.0.0.1 is taken; stop what uses it or choose another with PORT=")]
    PortTaken(u16),
    /// The emulator ended or did not answer in time.
    #[error("the local AWS did not start, its log {} ends with: {tail}", log.display())]
    NotStarted {
        /// The emulator's log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// No stack was left running.
    #[error("no local stack is running; start one with `make up`")]
    NotRunning,
    /// A stack is running already.
    #[error("a local stack is running at {0}; stop it with `make down`")]
    Running(String),
    /// The template is not in the form the upload understands.
    #[error(
        "the template names {found} of {expected} functions by `Binary:` followed by `CodeUri: ..`"
    )]
    Template {
        /// Functions rewritten.
        found: usize,
        /// Functions of this product.
        expected: usize,
    },
    /// CloudFormation could not create the stack.
    #[error("the stack was not created: {0}")]
    NotCreated(String),
    /// The template has no output of this name.
    #[error("the template has no output {0}")]
    Output(String),
    /// The emulator refused a call.
    #[error("{operation} answered {status}: {excerpt}")]
    Answer {
        /// The AWS operation.
        operation: String,
        /// HTTP status.
        status: u16,
        /// The start of the answer.
        excerpt: String,
    },
    /// A function failed.
    #[error("function {function} failed: {kind}: {message}")]
    Function {
        /// Its full name.
        function: String,
        /// `errorType` of its answer.
        kind: String,
        /// `errorMessage` of its answer.
        message: String,
    },
    /// No answer.
    #[error("no answer from the local AWS")]
    Http(#[source] reqwest::Error),
    /// Something that should be JSON is not.
    #[error("not the JSON expected")]
    Json(#[source] serde_json::Error),
    /// A file or process could not be used.
    #[error("{what}")]
    File {
        /// What was tried.
        what: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Names what was tried when the system refused it.
    pub(super) fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::File { what, source }
    }

    /// Whether the emulator's refusal carries this error code.
    #[must_use]
    pub fn says(&self, code: &str) -> bool {
        matches!(self, Self::Answer { excerpt, .. } if excerpt.contains(code))
    }
}
