//! From the template and the binaries to a created stack, as any deployment
//! does it: upload the code, point `CodeUri` at it, hand the rest over as is.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::wire::Wire;
use super::{Error, FUNCTIONS};

/// The bucket the code is uploaded to.
const BUCKET: &str = "code";
/// Longest wait for the stack; it takes under one second.
const CREATE_LIMIT: Duration = Duration::from_mins(1);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Creates the stack and returns its outputs.
pub(super) async fn create(
    wire: &Wire,
    stack: &str,
    template: &str,
    functions: &[(&'static str, PathBuf)],
    parameters: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Error> {
    wire.put(&format!("/{BUCKET}"), Vec::new()).await?;
    for (name, path) in functions {
        let code =
            fs::read(path).map_err(Error::file(format!("cannot read {}", path.display())))?;
        wire.put(&format!("/{BUCKET}/{name}.zip"), code).await?;
    }
    let uploaded = with_code(template)?;
    wire.put(&format!("/{BUCKET}/template.yaml"), uploaded.into_bytes())
        .await?;
    wire.formation("CreateStack", &request(wire, stack, parameters))
        .await?;
    wait(wire, stack).await
}

/// The template with each function's `CodeUri` pointing at its upload.
fn with_code(template: &str) -> Result<String, Error> {
    let mut binary = None;
    let mut found = 0;
    let mut uploaded = String::with_capacity(template.len());
    for line in template.lines() {
        if let Some((_, rest)) = line.split_once("Binary: ") {
            binary = FUNCTIONS
                .into_iter()
                .find(|name| rest.trim_end_matches('}') == *name);
        }
        match (line.strip_suffix("CodeUri: .."), binary) {
            (Some(indent), Some(name)) => {
                uploaded.push_str(indent);
                uploaded.push_str("CodeUri: {Bucket: ");
                uploaded.push_str(BUCKET);
                uploaded.push_str(", Key: ");
                uploaded.push_str(name);
                uploaded.push_str(".zip}");
                binary = None;
                found += 1;
            }
            _ => uploaded.push_str(line),
        }
        uploaded.push('\n');
    }
    let expected = FUNCTIONS.len();
    if found == expected {
        Ok(uploaded)
    } else {
        Err(Error::Template { found, expected })
    }
}

fn request(wire: &Wire, stack: &str, parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = vec![
        ("StackName".to_owned(), stack.to_owned()),
        (
            "TemplateURL".to_owned(),
            format!("{}/{BUCKET}/template.yaml", wire.endpoint()),
        ),
        (
            "Capabilities.member.1".to_owned(),
            "CAPABILITY_IAM".to_owned(),
        ),
        (
            "Capabilities.member.2".to_owned(),
            "CAPABILITY_AUTO_EXPAND".to_owned(),
        ),
    ];
    let always = [("Stage", "local"), ("Architecture", architecture())];
    for (index, (key, value)) in always.iter().chain(parameters).enumerate() {
        let member = format!("Parameters.member.{}", index + 1);
        fields.push((format!("{member}.ParameterKey"), (*key).to_owned()));
        fields.push((format!("{member}.ParameterValue"), (*value).to_owned()));
    }
    fields
}

/// The emulator runs the binaries on this machine, so they are built for it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    }
}

async fn wait(wire: &Wire, stack: &str) -> Result<BTreeMap<String, String>, Error> {
    let name = [("StackName".to_owned(), stack.to_owned())];
    let limit = Instant::now() + CREATE_LIMIT;
    let mut status = String::new();
    while Instant::now() < limit {
        let answer = wire.formation("DescribeStacks", &name).await?;
        status = texts(&answer, "StackStatus")
            .into_iter()
            .next()
            .unwrap_or_default();
        match status.as_str() {
            "CREATE_COMPLETE" => {
                let keys = texts(&answer, "OutputKey");
                return Ok(keys
                    .into_iter()
                    .zip(texts(&answer, "OutputValue"))
                    .collect());
            }
            "CREATE_IN_PROGRESS" => tokio::time::sleep(PAUSE).await,
            _ => break,
        }
    }
    let events = wire.formation("DescribeStackEvents", &name).await?;
    let reasons: Vec<String> = texts(&events, "member")
        .iter()
        .filter(|event| event.contains("CREATE_FAILED"))
        .map(|event| {
            let first = |tag| texts(event, tag).into_iter().next().unwrap_or_default();
            format!(
                "{}: {}",
                first("LogicalResourceId"),
                first("ResourceStatusReason")
            )
        })
        .collect();
    let why = if reasons.is_empty() {
        status
    } else {
        reasons.join("; ")
    };
    Err(Error::NotCreated(why))
}

/// The text of every element of this name, in order. Elements of one name are
/// never inside each other in the answers read here.
fn texts(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close))
        .map(|(text, _)| plain(text))
        .collect()
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{FUNCTIONS, texts, with_code};

    #[test]
    fn the_repository_template_is_uploaded_with_one_archive_per_function() {
        let template = include_str!("../../infra/template.yaml");
        let uploaded = with_code(template).unwrap();
        assert!(uploaded.contains("CodeUri: {Bucket: code, Key: poll.zip}"));
        assert!(uploaded.contains("CodeUri: {Bucket: code, Key: connect.zip}"));
        assert_eq!(template.lines().count(), uploaded.lines().count());
    }

    #[test]
    fn a_template_without_a_function_is_refused() {
        let error = with_code("Binary: poll}\nCodeUri: ..\n").unwrap_err();
        let counted = format!("1 of {}", FUNCTIONS.len());
        assert!(error.to_string().contains(&counted), "{error}");
    }

    #[test]
    fn elements_are_read_in_order_and_unescaped() {
        assert_eq!(
            texts("<a>1</a><b>x</b><a>2 &lt; 3</a>", "a"),
            ["1", "2 < 3"]
        );
    }
}
