//! What is checked of a template before the engine sees it: its size, because the engine's parser calls itself for every
//! bracket and operator, and comparisons with null.

/// Longest template, in bytes.
pub(super) const BYTES_MAX: usize = 4_096;

/// Most opening brackets and braces of one template; a name costs two, a subscript one.
const OPENING_MAX: usize = 100;

/// Most words and signs of one template.
const TOKENS_MAX: usize = 500;

/// What is wrong with a template, and at which byte.
pub(super) fn fault(source: &str) -> Option<(usize, String)> {
    if source.len() > BYTES_MAX {
        return Some((0, format!("a template has at most {BYTES_MAX} bytes")));
    }
    if !source.contains('{') {
        return None;
    }
    let openings = source
        .bytes()
        .filter(|byte| matches!(byte, b'(' | b'[' | b'{'))
        .count();
    if openings > OPENING_MAX {
        return Some((
            0,
            format!("a template opens at most {OPENING_MAX} brackets"),
        ));
    }
    if tokens(source) > TOKENS_MAX {
        return Some((
            0,
            format!("a template has at most {TOKENS_MAX} words and signs; use a table"),
        ));
    }
    bare_null(source).map(|at| (at, "null is asked for by `is none`".to_owned()))
}

/// Words and signs, of the text between the braces too: what a string hides from the count could hide a bracket.
fn tokens(source: &str) -> usize {
    let mut count = 0;
    let mut in_word = false;
    for character in source.chars() {
        let word = character.is_alphanumeric() || character == '_';
        if (word && !in_word) || (!word && !character.is_whitespace()) {
            count += 1;
        }
        in_word = word;
    }
    count
}

/// Where a template names the engine's own null other than by `is none`: what the document lacks is another null, and a
/// comparison with this one would always be false.
fn bare_null(source: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(open) = source.get(from..)?.find(['{']).map(|at| from + at) {
        let inside = open + 2;
        let close = match source.get(open..inside) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => {
                from = open + 1;
                continue;
            }
        };
        let length = source
            .get(inside..)?
            .find(close)
            .unwrap_or(source.len() - inside);
        if close != "#}"
            && let Some(at) = null_word(source.get(inside..inside + length)?)
        {
            return Some(inside + at);
        }
        from = inside + length;
    }
    None
}

/// Where the word stands outside quotes and not after `is` or `is not`.
fn null_word(code: &str) -> Option<usize> {
    let (mut before, mut quote, mut start) = ("", None, None);
    for (at, character) in code.char_indices().chain([(code.len(), ' ')]) {
        if quote.is_some() || matches!(character, '\'' | '"') {
            quote = match quote {
                None => Some(character),
                Some(open) if open == character => None,
                open => open,
            };
            (before, start) = ("", None);
        } else if character.is_alphanumeric() || matches!(character, '_' | '.') {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            let word = code.get(from..at)?;
            if matches!(word, "none" | "None") && !matches!(before, "is" | "not") {
                return Some(from);
            }
            before = if character.is_whitespace() { word } else { "" };
        } else if !character.is_whitespace() {
            before = "";
        }
    }
    None
}
