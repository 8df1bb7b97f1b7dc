//! The beginning of an answer, fit for an error text: short, one line, without tokens and without documents.

/// Enough for a gateway's sentence and Concur's error bodies.
const EXCERPT_CHARS_MAX: usize = 300;
/// How much of an answer is looked at; what is cut off cannot reach the excerpt.
const LOOKED_AT_BYTES_MAX: usize = 4096;
/// Every JSON web token begins so.
const JWT_BEGIN: &str = "eyJ";
/// A shorter word that begins like a JSON web token is none.
const JWT_CHARS_MIN: usize = 20;

/// Error answers are quoted. A 2xx answer holds documents or tokens, so only its size is told, unless it is a page of some
/// gateway: then it is the best evidence there is.
pub(super) fn of(status: u16, body: &[u8], secrets: &[&str]) -> Box<str> {
    let (beginning, _) = body.split_at(body.len().min(LOOKED_AT_BYTES_MAX));
    let text = String::from_utf8_lossy(beginning);
    let is_page = text.trim_start().starts_with('<');
    if (200..=299).contains(&status) && !is_page && !body.is_empty() {
        return format!("({} bytes withheld)", body.len()).into();
    }
    let mut text = text.into_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[secret]");
    }
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let line = words.map(without_jwt).collect::<Vec<_>>().join(" ");
    line.chars().take(EXCERPT_CHARS_MAX).collect()
}

/// A word cut where a JSON web token begins in it.
fn without_jwt(word: &str) -> String {
    match word.split_once(JWT_BEGIN) {
        Some((before, token)) if token.chars().count() >= JWT_CHARS_MIN => {
            format!("{before}[token]")
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_one_short_line() {
        let page = "<html>\r\n <h1>502  Bad Gateway</h1>\n".to_owned() + &"x ".repeat(4000);
        let excerpt = of(502, page.as_bytes(), &[]);
        assert!(excerpt.starts_with("<html> <h1>502 Bad Gateway</h1> x x"));
        assert_eq!(excerpt.chars().count(), EXCERPT_CHARS_MAX);
    }

    #[test]
    fn secrets_and_tokens_never_show() {
        let body = "bad token s3cret-value and Bearer:eyJhbGciOiJSUzI1NiIsInR5cCI6.x.y end";
        assert_eq!(
            &*of(401, body.as_bytes(), &["s3cret-value", ""]),
            "bad token [secret] and Bearer:[token] end"
        );
    }

    #[test]
    fn an_answer_that_is_no_page_is_only_measured() {
        assert_eq!(
            &*of(200, b"refresh_token=opaque", &[]),
            "(20 bytes withheld)"
        );
        assert_eq!(
            &*of(200, b" {\"employeeLastName\":\"Doe", &[]),
            "(25 bytes withheld)"
        );
        assert_eq!(&*of(200, b"<html>maintenance", &[]), "<html>maintenance");
        assert_eq!(
            &*of(400, b"{\"message\":\"bad page\"}", &[]),
            "{\"message\":\"bad page\"}"
        );
        assert_eq!(&*of(200, b"", &[]), "");
        assert_eq!(&*of(500, &[0xff, b'a'], &[]), "\u{fffd}a");
    }
}
