//! The local stack to play with: `local up`, `down`, `secret NAME FILE`,
//! `invoke FUNCTION EVENT`, `logs FUNCTION`. `make` calls it.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::{env, fs};

use e2e::stack::{Error, FUNCTIONS, Lifetime, Place, Port, Saved, Stack};
use serde_json::Value;

/// The port of `make up` unless PORT says another.
const PORT: u16 = 4566;
/// Lines shown by `logs`.
const LOG_LINES: usize = 100;
const USAGE: &str = "local up | down | secret NAME FILE | invoke FUNCTION EVENT | logs FUNCTION";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words).await {
        Ok(text) => {
            let _ = writeln!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(words: &[&str]) -> Result<String, String> {
    let place = Place::new("local").lasting(Lifetime::UntilStopped);
    match words {
        ["up"] => up(&place).await,
        ["down"] => down(&place).await,
        ["secret", name, file] => secret(&place, name, file).await,
        ["invoke", function, file] => invoke(&place, function, file).await,
        ["logs", function] => logs(&place, function).await,
        _ => Err(format!("usage: {USAGE}")),
    }
}

async fn up(place: &Place) -> Result<String, String> {
    let port = match env::var("PORT") {
        Err(_) => PORT,
        Ok(text) => text
            .parse()
            .map_err(|_| format!("PORT={text} is not a port number"))?,
    };
    if let Ok(saved) = Saved::read(place).await {
        return Err(sentence(Error::Running(saved.endpoint)));
    }
    let place = place.clone().on(Port::Fixed(port));
    let stack = tokio::select! {
        stack = Stack::start(&place, &[]) => stack.map_err(sentence)?,
        _ = tokio::signal::ctrl_c() => return Err("interrupted, nothing is left running".to_owned()),
    };
    let text = describe(&stack).map_err(sentence)?;
    if let Some(saved) = stack.leave_running() {
        saved.write(&place).map_err(sentence)?;
    }
    Ok(text)
}

fn describe(stack: &Stack) -> Result<String, Error> {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10}{value}");
    };
    row("endpoint", stack.endpoint());
    row("stack", stack.name());
    row(
        "functions",
        &FUNCTIONS.map(|short| stack.function(short)).join("  "),
    );
    row("table", stack.output("TableName")?);
    row("queue", stack.output("WorkQueueUrl")?);
    Ok(format!(
        "The local stack runs.\n\n{text}\n\
         Next, with addresses and credentials of your own in the files:\n  \
         make secret NAME=acme/concur FILE=concur.json   (the same for acme/acumatica)\n  \
         make invoke FUNCTION=connect EVENT=events/connect.apply.json\n  \
         make invoke FUNCTION=poll EVENT=events/poll.manual.json\n\n\
         make logs FUNCTION=post shows what a function wrote, make down ends the stack and forgets all."
    ))
}

async fn down(place: &Place) -> Result<String, String> {
    let saved = Saved::read(place).await.map_err(sentence)?;
    saved.stop(place);
    Ok("The local stack is stopped.".to_owned())
}

async fn secret(place: &Place, name: &str, file: &str) -> Result<String, String> {
    let stack = attach(place).await?;
    stack
        .put_secret(name, &json(file)?)
        .await
        .map_err(sentence)?;
    Ok(format!("The secret {}/{name} is stored.", stack.name()))
}

async fn invoke(place: &Place, function: &str, file: &str) -> Result<String, String> {
    if !FUNCTIONS.contains(&function) {
        return Err(format!(
            "there is no function {function}, there are {}",
            FUNCTIONS.join(", ")
        ));
    }
    let event = json(file)?;
    let stack = attach(place).await?;
    let answer = stack.invoke(function, &event).await.map_err(sentence)?;
    serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())
}

async fn logs(place: &Place, function: &str) -> Result<String, String> {
    let stack = attach(place).await?;
    Ok(stack
        .logs(function, LOG_LINES)
        .await
        .map_err(sentence)?
        .join("\n"))
}

async fn attach(place: &Place) -> Result<Stack, String> {
    let saved = Saved::read(place).await.map_err(sentence)?;
    Stack::attach(&saved).map_err(sentence)
}

fn json(file: &str) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{file} is not JSON: {error}"))
}

/// An error with its causes, once.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn sentence(error: Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(text, ": {next}");
        cause = next.source();
    }
    text
}
