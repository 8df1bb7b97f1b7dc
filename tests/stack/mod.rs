//! The stack on one machine: `infra/template.yaml`, created through
//! CloudFormation in an emulator of AWS that runs the real function binaries.
//!
//! [`Stack::start`] starts it, [`Stack::invoke`] calls a function, the other
//! methods look at what the functions left behind. A stack started with
//! [`Lifetime::WithProgram`] ends with the program, however that ends.

mod deploy;
mod emulator;
mod error;
mod items;
mod place;
mod saved;
mod wire;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use emulator::Emulator;
use wire::{Service, Wire};

pub use error::Error;
pub use items::Wakes;
pub use place::{Lifetime, Place, Port};
pub use saved::Saved;

/// The functions, in the order of the template.
pub const FUNCTIONS: [&str; 4] = ["poll", "post", "connect", "replay"];

/// A created stack and the way to talk to it.
#[derive(Debug)]
pub struct Stack {
    name: String,
    outputs: BTreeMap<String, String>,
    wire: Wire,
    emulator: Option<Emulator>,
}

impl Stack {
    /// Starts the emulator and creates the stack with `parameters`.
    ///
    /// `Stage=local` and the processor of this machine are always added.
    ///
    /// # Errors
    /// A missing tool or binary, a taken port, a resource that cannot be
    /// created; each says what to do. The emulator is stopped again.
    pub async fn start(place: &Place, parameters: &[(&str, &str)]) -> Result<Self, Error> {
        let functions = place.functions()?;
        let emulator = Emulator::start(place).await?;
        let wire = Wire::new(emulator.endpoint())?;
        let template = place.template()?;
        let outputs =
            deploy::create(&wire, place.name(), &template, &functions, parameters).await?;
        Ok(Self {
            name: place.name().to_owned(),
            outputs,
            wire,
            emulator: Some(emulator),
        })
    }

    /// Talks to a stack that another program started and left running.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn attach(saved: &Saved) -> Result<Self, Error> {
        Ok(Self {
            name: saved.name.clone(),
            outputs: saved.outputs.clone(),
            wire: Wire::new(&saved.endpoint)?,
            emulator: None,
        })
    }

    /// Lets a stack started with [`Lifetime::UntilStopped`] go on after this
    /// program; returns what [`Stack::attach`] needs, `None` when this program
    /// did not start it.
    #[must_use]
    pub fn leave_running(self) -> Option<Saved> {
        let emulator = self.emulator?;
        let endpoint = self.wire.endpoint().to_owned();
        let process = emulator.leave_running();
        Some(Saved {
            endpoint,
            name: self.name,
            process,
            outputs: self.outputs,
        })
    }

    /// The address of the emulated AWS, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.wire.endpoint()
    }

    /// The stack's name, which is the first part of every secret's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An output of the template, for example `TableName`.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, key: &str) -> Result<&str, Error> {
        self.outputs
            .get(key)
            .map(String::as_str)
            .ok_or_else(|| Error::Output(key.to_owned()))
    }

    /// The full name of a function given by its short one, for example `poll`.
    #[must_use]
    pub fn function(&self, short: &str) -> String {
        format!("{}-{short}", self.name)
    }

    /// Calls a function and waits for its answer.
    ///
    /// # Errors
    /// [`Error::Function`] with type and message when the function failed.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value, Error> {
        self.wire.invoke(&self.function(function), event).await
    }

    /// Stores a secret under `{stack}/{name}`, new or again.
    ///
    /// # Errors
    /// When the emulator refuses it.
    pub async fn put_secret(&self, name: &str, value: &Value) -> Result<(), Error> {
        let id = format!("{}/{name}", self.name);
        let text = value.to_string();
        let key = self.output("SecretKey")?;
        let body = json!({"Name": id, "SecretString": text, "KmsKeyId": key});
        match self
            .wire
            .call(Service::Secrets, "CreateSecret", &body)
            .await
        {
            Err(error) if error.says("ResourceExistsException") => {
                let body = json!({"SecretId": id, "SecretString": text});
                self.wire
                    .call(Service::Secrets, "PutSecretValue", &body)
                    .await
                    .map(drop)
            }
            other => other.map(drop),
        }
    }

    /// The current value of the secret `{stack}/{name}`; `None` when there is none.
    ///
    /// # Errors
    /// When the emulator answers otherwise, or the secret is not JSON.
    pub async fn secret(&self, name: &str) -> Result<Option<Value>, Error> {
        let body = json!({"SecretId": format!("{}/{name}", self.name)});
        match self
            .wire
            .call(Service::Secrets, "GetSecretValue", &body)
            .await
        {
            Err(error) if error.says("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => {
                let text = answer.pointer("/SecretString").and_then(Value::as_str);
                serde_json::from_str(text.unwrap_or_default())
                    .map(Some)
                    .map_err(Error::Json)
            }
        }
    }

    /// The newest `limit` log lines of a function, oldest first.
    ///
    /// # Errors
    /// When the emulator refuses it. A function that never ran has no lines.
    pub async fn logs(&self, function: &str, limit: usize) -> Result<Vec<String>, Error> {
        let group = format!("/aws/lambda/{}", self.function(function));
        let body = json!({"logGroupName": group});
        let answer = self
            .wire
            .call(Service::Logs, "FilterLogEvents", &body)
            .await?;
        let events = answer.pointer("/events").and_then(Value::as_array);
        let mut lines: Vec<String> = events
            .into_iter()
            .flatten()
            .filter_map(|event| event.pointer("/message").and_then(Value::as_str))
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.drain(..lines.len().saturating_sub(limit));
        Ok(lines)
    }
}
