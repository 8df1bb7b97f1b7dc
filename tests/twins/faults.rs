//! What can go wrong between two systems, scripted call by call.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;

/// One mishap of one call; over HTTP `"drop_after_save"`, `{"status": 503}`, `{"delay": {"secs": 2, "nanos": 0}}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection closes before anything was done.
    DropBefore,
    /// Everything is done and saved, then the connection closes without an answer.
    DropAfterSave,
    /// Everything is done and saved, then the answer breaks off in its middle.
    CutAnswer,
    /// This status with the vendor's own error body, nothing done.
    Status(u16),
    /// This status with an HTML page, nothing done.
    Html(u16),
    /// Everything is done and saved, then this status with the vendor's error body.
    StatusAfterSave(u16),
    /// Everything is done and saved, then this status with an HTML page.
    HtmlAfterSave(u16),
    /// The call is served as usual, after this pause.
    Delay(Duration),
    /// The call is served as usual, after this pause inside its turn: calls on the same seat wait.
    DelayInTurn(Duration),
    /// The call is refused with this text: Acumatica's 422 on the document, Concur's 400.
    Refuse(String),
    /// A list answers `200 []` although rows match.
    EmptyList,
    /// Every item of an FIS call is answered with this service code; a grant of Concur is refused with it.
    Code(i64),
}

/// The mishaps still to come, each for the next call of one kind.
#[derive(Debug, Default)]
pub struct Faults {
    waiting: VecDeque<(String, Fault)>,
}

impl Faults {
    /// Adds a mishap for the next call of `kind` that has none yet.
    pub fn push(&mut self, kind: &str, fault: Fault) {
        self.waiting.push_back((kind.to_owned(), fault));
    }

    /// Takes the mishap of this call, if one waits for its kind or for the family before the point.
    pub fn take(&mut self, kind: &str) -> Option<Fault> {
        let family = kind.split('.').next().unwrap_or(kind);
        let at = self
            .waiting
            .iter()
            .position(|(wanted, _)| wanted == kind || wanted == family)?;
        self.waiting.remove(at).map(|(_, fault)| fault)
    }

    /// Forgets every mishap that has not happened.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// How many mishaps have not happened yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
