//! The note `make up` leaves for `make invoke` and `make down`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Error, Place, emulator, wire};

/// A stack that outlives the program that started it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Saved {
    /// Address of the emulated AWS.
    pub endpoint: String,
    /// Name of the stack.
    pub name: String,
    /// The emulator's process, leader of its own process group.
    pub process: u32,
    /// Outputs of the template.
    pub outputs: BTreeMap<String, String>,
}

impl Saved {
    /// The running stack of this place; a note whose stack is gone is removed.
    ///
    /// # Errors
    /// [`Error::NotRunning`] when there is none.
    pub async fn read(place: &Place) -> Result<Self, Error> {
        let path = note(place);
        let text = fs::read_to_string(&path).map_err(|_| Error::NotRunning)?;
        let saved: Self = serde_json::from_str(&text).map_err(Error::Json)?;
        if wire::answers(&saved.endpoint).await {
            return Ok(saved);
        }
        let _ = fs::remove_file(&path);
        Err(Error::NotRunning)
    }

    /// Leaves the note.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, place: &Place) -> Result<(), Error> {
        let path = note(place);
        let text = serde_json::to_string_pretty(self).map_err(Error::Json)?;
        fs::write(&path, text).map_err(Error::file(format!("cannot write {}", path.display())))
    }

    /// Stops the stack with everything it runs and removes the note.
    pub fn stop(&self, place: &Place) {
        emulator::end_functions(&self.endpoint);
        emulator::stop_group(self.process);
        let _ = fs::remove_file(note(place));
    }
}

fn note(place: &Place) -> PathBuf {
    place.folder().join("stack.json")
}
