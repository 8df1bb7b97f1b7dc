//! Where a local stack finds its tools and keeps its files.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, FUNCTIONS};

/// The port the emulated AWS listens on, always of 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Any free one.
    Free,
    /// This one, or an error when it is taken.
    Fixed(u16),
}

/// When the emulator ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// With the program that started it, also when that is killed.
    WithProgram,
    /// When `make down` stops it.
    UntilStopped,
}

/// One local stack: its name, port, lifetime and folder.
#[derive(Clone, Debug)]
pub struct Place {
    repository: PathBuf,
    name: String,
    port: Port,
    lifetime: Lifetime,
}

impl Place {
    /// A stack of this repository that ends with the program, on a free port.
    ///
    /// `name` is the stack's name and the name of its folder under `.local`;
    /// two that run at the same time need two names.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self {
            repository: package.parent().unwrap_or(package).to_owned(),
            name: name.to_owned(),
            port: Port::Free,
            lifetime: Lifetime::WithProgram,
        }
    }

    /// The same on a chosen port.
    #[must_use]
    pub fn on(self, port: Port) -> Self {
        Self { port, ..self }
    }

    /// The same with a chosen lifetime.
    #[must_use]
    pub fn lasting(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// The stack's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stack's folder: logs, unpacked functions, state.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.repository.join(".local").join(&self.name)
    }

    pub(super) fn port(&self) -> Port {
        self.port
    }

    pub(super) fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// The Python that has the emulator.
    pub(super) fn python(&self) -> Result<PathBuf, Error> {
        let path = self.repository.join(".local/tools/stack/bin/python");
        if path.exists() {
            Ok(path)
        } else {
            Err(Error::Missing {
                path,
                cure: "make tools",
            })
        }
    }

    /// The template as it stands in the repository.
    pub(super) fn template(&self) -> Result<String, Error> {
        let path = self.repository.join("infra/template.yaml");
        fs::read_to_string(&path).map_err(Error::file(format!("cannot read {}", path.display())))
    }

    /// The zipped release binaries, in the order of [`FUNCTIONS`].
    pub(super) fn functions(&self) -> Result<Vec<(&'static str, PathBuf)>, Error> {
        let zip = |name| {
            let path = self
                .repository
                .join("target/lambda")
                .join(name)
                .join("bootstrap.zip");
            if path.exists() {
                Ok((name, path))
            } else {
                Err(Error::Missing {
                    path,
                    cure: "make build",
                })
            }
        };
        FUNCTIONS.into_iter().map(zip).collect()
    }
}
