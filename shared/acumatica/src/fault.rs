//! What a failed body says. Two families, sometimes mixed: the error of the web framework, and the record as the
//! server understood it, with `error` beside the fields it refused, at any depth.
//!
//! Source: Integration Development Guide, "Error Codes"; error samples of the official C# client.

use std::fmt;

use serde_json::{Map, Value};

/// More are not kept: a report with thousands of wrong lines is wrong in one way.
const FAULTS_LIMIT: usize = 100;
/// Inner exceptions followed.
const CAUSES_LIMIT: usize = 10;
/// Characters kept of one sentence.
const SENTENCE_LIMIT_CHARS: usize = 1_000;

/// A field that the server refused.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Where it stands in the body that was sent: `Details[0].Project`.
    pub path: String,
    /// The value there, as the server understood it.
    pub value: Option<String>,
    /// The server's sentence.
    pub message: String,
}

impl FieldFault {
    /// The line it stands in, counted from 0 in the order sent; `None` for the header.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        let (index, _) = self.path.strip_prefix("Details[")?.split_once(']')?;
        index.parse().ok()
    }
}

/// Without the value, which can be a name.
impl fmt::Debug for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldFault")
            .field("path", &self.path)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Everything a failed body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Sentences about the whole request, the outermost first.
    pub(crate) sentences: Vec<String>,
    /// The type of the outermost exception that has one.
    pub(crate) exception: Option<String>,
    /// One per refused field or row.
    pub(crate) faults: Vec<FieldFault>,
    /// All exception types, for recognising an inner one.
    pub(crate) exceptions: Vec<String>,
}

/// Reads both families.
pub(crate) fn read(body: &Value) -> Findings {
    let mut findings = Findings::default();
    if let Value::Object(root) = body {
        findings.causes(root);
    }
    findings.walk(body, "");
    findings
}

/// The body without what only the server's makers may see.
pub(crate) fn without_stack_traces(body: &mut Value) {
    match body {
        Value::Object(members) => {
            members.retain(|name, _| !name.eq_ignore_ascii_case("stackTrace"));
            members.values_mut().for_each(without_stack_traces);
        }
        Value::Array(rows) => rows.iter_mut().for_each(without_stack_traces),
        _ => {}
    }
}

impl Findings {
    /// The framework's error and its inner ones.
    fn causes(&mut self, root: &Map<String, Value>) {
        let mut next = Some(root);
        for _ in 0..CAUSES_LIMIT {
            let Some(node) = next else { return };
            for name in [
                "exceptionMessage",
                "message",
                "messageDetail",
                "error_description",
            ] {
                self.sentence(text(node, name));
            }
            if let Some(exception) = text(node, "exceptionType") {
                self.exception.get_or_insert_with(|| exception.to_owned());
                self.exceptions.push(exception.to_owned());
            }
            if let Some(Value::Object(state)) = member(node, "modelState") {
                self.model_state(state);
            }
            next = member(node, "innerException").and_then(Value::as_object);
        }
    }

    fn model_state(&mut self, state: &Map<String, Value>) {
        for (path, messages) in state {
            let first = messages
                .as_str()
                .or_else(|| messages.as_array()?.first()?.as_str());
            self.fault(path, None, first.unwrap_or_default());
        }
    }

    /// `error` members, wherever they stand.
    fn walk(&mut self, node: &Value, path: &str) {
        match node {
            Value::Object(members) => {
                if let Some(message) = members.get("error").and_then(Value::as_str) {
                    if path.is_empty() {
                        self.sentence(Some(message));
                    } else {
                        self.fault(path, members.get("value"), message);
                    }
                }
                // The header first: a wrong line is often only the consequence.
                let (rows, fields): (Vec<_>, Vec<_>) =
                    members.iter().partition(|(_, value)| value.is_array());
                for (name, value) in fields.into_iter().chain(rows) {
                    if matches!(
                        name.as_str(),
                        "_links" | "files" | "innerException" | "modelState"
                    ) {
                        continue;
                    }
                    let separator = if path.is_empty() { "" } else { "." };
                    self.walk(value, &format!("{path}{separator}{name}"));
                }
            }
            Value::Array(rows) => {
                for (index, row) in rows.iter().enumerate() {
                    self.walk(row, &format!("{path}[{index}]"));
                }
            }
            _ => {}
        }
    }

    fn sentence(&mut self, sentence: Option<&str>) {
        let Some(sentence) = sentence.map(str::trim) else {
            return;
        };
        let says_nothing =
            sentence.is_empty() || sentence.eq_ignore_ascii_case("An error has occurred.");
        let clipped = clip(sentence, SENTENCE_LIMIT_CHARS);
        if !says_nothing && !self.sentences.contains(&clipped) {
            self.sentences.push(clipped);
        }
    }

    fn fault(&mut self, path: &str, value: Option<&Value>, message: &str) {
        if self.faults.len() < FAULTS_LIMIT {
            let value = match value {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(clip(text.trim_end(), SENTENCE_LIMIT_CHARS)),
                Some(other) => Some(clip(&other.to_string(), SENTENCE_LIMIT_CHARS)),
            };
            let message = clip(message.trim(), SENTENCE_LIMIT_CHARS);
            self.faults.push(FieldFault {
                path: path.to_owned(),
                value,
                message,
            });
        }
    }
}

/// The first so many characters.
pub(crate) fn clip(text: &str, limit_chars: usize) -> String {
    text.chars().take(limit_chars).collect()
}

/// A member under its camel-case or Pascal-case name: both are seen.
fn member<'a>(node: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    node.iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn text<'a>(node: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    member(node, name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(path: &str, value: Option<&str>, message: &str) -> FieldFault {
        FieldFault {
            path: path.into(),
            value: value.map(Into::into),
            message: message.into(),
        }
    }

    #[test]
    fn a_record_with_errors_in_rows() {
        let findings = read(&json!({
            "error": "Inserting  'AP Transactions' record raised at least one error. Please review the errors.",
            "ReferenceNbr": {"value": "<NEW>"},
            "Vendor": {"value": "V1   ", "error": "'Vendor' cannot be found in the system."},
            "Details": [
                {"Account": {"value": "6"}},
                {"error": "row is wrong", "Project": {"value": "P9", "error": "'P9' cannot be found in the system."},
                 "custom": {"Transactions": {"Box1099": {"type": "CustomShortField", "value": 7, "error": "no box"}}}}
            ],
            "_links": {"self": {"error": "never read"}}
        }));
        assert_eq!(
            findings.sentences,
            [
                "Inserting  'AP Transactions' record raised at least one error. Please review the errors."
            ]
        );
        assert_eq!(
            findings.faults,
            [
                fault(
                    "Vendor",
                    Some("V1"),
                    "'Vendor' cannot be found in the system."
                ),
                fault("Details[1]", None, "row is wrong"),
                fault(
                    "Details[1].Project",
                    Some("P9"),
                    "'P9' cannot be found in the system."
                ),
                fault(
                    "Details[1].custom.Transactions.Box1099",
                    Some("7"),
                    "no box"
                ),
            ]
        );
    }

    #[test]
    fn a_framework_error_and_its_causes() {
        let findings = read(&json!({
            "message": "An error has occurred.", "exceptionMessage": "Operation failed",
            "exceptionType": "PX.Data.PXException", "stackTrace": "   at PX.Secret",
            "modelState": {"entity.Hold": ["not a boolean"]},
            "innerException": {"Message": "An error has occurred.", "ExceptionMessage": "The document is out of balance.",
                "ExceptionType": "PX.Objects.GL.Out", "StackTrace": "   at"}
        }));
        assert_eq!(
            findings.sentences,
            ["Operation failed", "The document is out of balance."]
        );
        assert_eq!(findings.exception.as_deref(), Some("PX.Data.PXException"));
        assert_eq!(
            findings.exceptions,
            ["PX.Data.PXException", "PX.Objects.GL.Out"]
        );
        assert_eq!(
            findings.faults,
            [fault("entity.Hold", None, "not a boolean")]
        );
    }

    #[test]
    fn nothing_is_unlimited() {
        let rows: Vec<Value> = (0..500)
            .map(|_| json!({"Account": {"value": "x".repeat(5_000), "error": "é".repeat(5_000)}}))
            .collect();
        let findings = read(&json!({ "Details": rows }));
        assert_eq!(findings.faults.len(), FAULTS_LIMIT);
        assert_eq!(
            findings.faults[0].message.chars().count(),
            SENTENCE_LIMIT_CHARS
        );
        let mut nested = json!({"exceptionMessage": "deepest"});
        for depth in 0..40 {
            nested = json!({"exceptionMessage": depth.to_string(), "innerException": nested});
        }
        assert_eq!(read(&nested).sentences.len(), CAUSES_LIMIT);
    }
}
