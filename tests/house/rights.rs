//! The functions may do in AWS what the code does there, and nothing else.

use std::collections::BTreeSet;

use super::repository::{files, read};

/// A call of the SDK and the right it needs. A transaction needs the rights of its parts.
const CALLS: [(&str, &str); 14] = [
    (".get_item()", "dynamodb:GetItem"),
    (".batch_get_item()", "dynamodb:BatchGetItem"),
    (".put_item()", "dynamodb:PutItem"),
    ("Put::builder()", "dynamodb:PutItem"),
    (".update_item()", "dynamodb:UpdateItem"),
    (".delete_item()", "dynamodb:DeleteItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
    (".query()", "dynamodb:Query"),
    (".scan()", "dynamodb:Scan"),
    (".get_secret_value()", "secretsmanager:GetSecretValue"),
    (".put_secret_value()", "secretsmanager:PutSecretValue"),
    (".create_secret()", "secretsmanager:CreateSecret"),
    (".send_message_batch()", "sqs:SendMessage"),
];
/// What Lambda does with a queue on a function's behalf.
const OF_THE_EVENT_SOURCE: [&str; 4] = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// Every right of these services that the roles give.
fn given() -> BTreeSet<String> {
    let template = read("infra/template.yaml");
    let (_, resources) = template
        .split_once("\nResources:")
        .expect("the template has resources");
    let (functions, _) = resources
        .split_once("\n  Table:")
        .expect("the functions stand before the table");
    functions
        .split(|c: char| c.is_whitespace() || "[],".contains(c))
        .filter(|word| {
            ["dynamodb:", "secretsmanager:", "sqs:"]
                .iter()
                .any(|service| word.starts_with(service))
        })
        .filter(|word| !OF_THE_EVENT_SOURCE.contains(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn roles_give_what_the_platform_calls() {
    let code: String = files("shared/aws/src", &[".rs"])
        .iter()
        .map(|path| read(path))
        .collect();
    let used: BTreeSet<String> = CALLS
        .into_iter()
        .filter(|(call, _)| code.contains(call))
        .map(|(_, right)| right.to_owned())
        .collect();
    assert_eq!(
        given(),
        used,
        "left: infra/template.yaml gives, right: shared/aws calls"
    );
}

#[test]
fn a_role_opens_only_the_secrets_its_function_uses() {
    let template = read("infra/template.yaml");
    for (function, closed) in [("Poll", "/*/acumatica"), ("Post", "/*/acumatica-consent")] {
        let (begin, end) = (
            format!("\n  {function}Role:"),
            format!("\n  {function}Logs:"),
        );
        let (_, rest) = template.split_once(&begin).expect("the function's role");
        let (role, _) = rest.split_once(&end).expect("its logs after it");
        assert!(!role.contains(closed), "{function} may read {closed}");
    }
}
