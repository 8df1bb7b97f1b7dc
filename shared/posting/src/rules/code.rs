//! The code of a template, told from its text and its strings; what of it the engine's own parser does not show or does not
//! do as codes need it.

/// Bytes that end an expression, so that a bracket behind them is a subscript and no list.
fn ends_expression(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b']' | b')' | b'\'' | b'"')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The template, byte for byte, with a blank for each byte of text, of a comment and of what stands between quotes.
fn bare(source: &str) -> Vec<u8> {
    let bytes = source.as_bytes();
    let mut bare = Vec::with_capacity(bytes.len());
    let (mut close, mut quote): (Option<[u8; 2]>, Option<u8>) = (None, None);
    let mut before = None;
    for (at, byte) in bytes.iter().copied().enumerate() {
        let next = bytes.get(at + 1).copied();
        let mut kept = b' ';
        match (close, quote) {
            (None, _) => {
                close = match (byte, next) {
                    (b'{', Some(b'{')) => Some(*b"}}"),
                    (b'{', Some(b'%')) => Some(*b"%}"),
                    (b'{', Some(b'#')) => Some(*b"#}"),
                    _ => None,
                };
            }
            (Some(_), Some(open)) => {
                let escaped = before == Some(b'\\');
                before = (!escaped).then_some(byte);
                if byte == open && !escaped {
                    (kept, quote) = (byte, None);
                }
            }
            (Some(end), None) if byte == end[0] && next == Some(end[1]) => close = None,
            (Some([b'#', _]), None) => {}
            (Some(_), None) => {
                kept = byte;
                if matches!(byte, b'\'' | b'"') {
                    (quote, before) = (Some(byte), None);
                }
            }
        }
        bare.push(kept);
    }
    bare
}

/// A template as the engine gets it, and where its pieces stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// What the engine compiles.
    pub(super) source: String,
    /// Where a piece begins in it, and where it began in the template.
    pieces: Vec<(usize, usize)>,
}

impl Rewritten {
    /// Where in the template a byte of the rewritten one stood.
    pub(super) fn original(&self, byte: usize) -> usize {
        let known = self.pieces.iter().rev().find(|(new, _)| *new <= byte);
        known.map_or(byte, |(new, old)| old + (byte - new))
    }
}

/// Writes every slice `code[:2]` as `code|slice(none,2)`: the engine's own slice fails on a field the document lacks, and
/// ours gives null. One that something is asked of right behind it stays the engine's.
pub(super) fn with_own_slices(source: &str) -> Rewritten {
    let bare = bare(source);
    let mut edits: Vec<(usize, &str)> = Vec::new();
    for (open, colons, close) in slices(&bare) {
        let mut ends: Vec<usize> = colons.clone();
        ends.push(close);
        let mut starts = vec![open];
        starts.extend(colons);
        for (start, end) in starts.into_iter().zip(ends) {
            let word = if start == open { "|slice(" } else { "," };
            edits.push((start, word));
            let argument = bare.get(start + 1..end).unwrap_or_default();
            if argument.iter().all(u8::is_ascii_whitespace) {
                edits.push((start + 1, "none"));
            }
        }
        edits.push((close, ")"));
    }
    edits.sort_by_key(|(at, word)| (*at, *word != "none"));
    let mut rewritten = Rewritten::default();
    let mut from = 0;
    for (at, word) in edits {
        rewritten.piece(source.get(from..at).unwrap_or_default(), from);
        rewritten.piece(word, at);
        from = if word == "none" { at } else { at + 1 };
    }
    rewritten.piece(source.get(from..).unwrap_or_default(), from);
    rewritten
}

impl Rewritten {
    fn piece(&mut self, text: &str, from: usize) {
        self.pieces.push((self.source.len(), from));
        self.source.push_str(text);
    }
}

/// Bracket, colons and bracket of each slice that nothing follows.
fn slices(bare: &[u8]) -> Vec<(usize, Vec<usize>, usize)> {
    let mut open: Vec<(usize, bool, Vec<usize>)> = Vec::new();
    let mut found = Vec::new();
    let mut last = b' ';
    for (at, byte) in bare.iter().copied().enumerate() {
        match byte {
            b'[' | b'(' | b'{' => {
                open.push((at, byte == b'[' && ends_expression(last), Vec::new()));
            }
            b':' => {
                if let Some((_, _, colons)) = open.last_mut() {
                    colons.push(at);
                }
            }
            b']' | b')' | b'}' => {
                let slice = open.pop().filter(|(_, is_subscript, colons)| {
                    *is_subscript && byte == b']' && !colons.is_empty()
                });
                let rest = bare.get(at + 1..).unwrap_or_default();
                let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
                if !matches!(next, Some(b'.' | b'[' | b'(')) {
                    found.extend(slice.map(|(open, _, colons)| (open, colons, at)));
                }
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
    }
    found
}

/// Every name with a subscript that no document changes, such as `document['x']` or `entry.custom[41].code`, up to the first
/// one that does, and the byte at which it stands.
pub(super) fn constant_paths(source: &str) -> Vec<(usize, &str)> {
    let bare = bare(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bare.len() {
        let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        if !bare.get(at).copied().is_some_and(begins) {
            at += 1;
            continue;
        }
        let start = at;
        let mut subscripts = 0_usize;
        at = word_end(&bare, at);
        loop {
            match bare.get(at) {
                Some(b'.') => at = word_end(&bare, at + 1),
                Some(b'[') => {
                    let Some(end) = constant_end(&bare, at) else {
                        break;
                    };
                    subscripts += 1;
                    at = end;
                }
                _ => break,
            }
        }
        let before = bare.get(..start).and_then(<[u8]>::last);
        if subscripts > 0 && before != Some(&b'.') {
            found.extend(source.get(start..at).map(|path| (start, path)));
        }
    }
    found
}

fn word_end(bare: &[u8], from: usize) -> usize {
    let rest = bare.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_word(**byte)).count()
}

/// Behind the subscript that opens here, where it is one number or one string.
fn constant_end(bare: &[u8], open: usize) -> Option<usize> {
    let rest = bare.get(open + 1..)?;
    let length = rest.iter().position(|byte| matches!(byte, b']' | b'['))?;
    let inside = rest.get(..length)?.trim_ascii();
    let quoted = |quote: u8| match inside {
        [first, middle @ .., last] => {
            *first == quote && *last == quote && middle.iter().all(|byte| *byte == b' ')
        }
        _ => false,
    };
    let number = !inside.is_empty() && inside.iter().all(u8::is_ascii_digit);
    (rest.get(length) == Some(&b']') && (number || quoted(b'\'') || quoted(b'"')))
        .then_some(open + 1 + length + 1)
}

#[cfg(test)]
mod tests {
    use super::{constant_paths, with_own_slices};

    #[test]
    fn slices_become_filters_that_know_null() {
        for (source, wanted) in [
            ("a[1:2] {{ a.b[:2] }}", "a[1:2] {{ a.b|slice(none,2) }}"),
            (
                "{{ a[1].code[2:] ~ 'x[:2]' }}",
                "{{ a[1].code|slice(2,none) ~ 'x[:2]' }}",
            ),
            (
                "{{ a[::2] }}{# a[:2] #}",
                "{{ a|slice(none,none,2) }}{# a[:2] #}",
            ),
            ("{{ a[b[:1]:2] }}", "{{ a|slice(b|slice(none,1),2) }}"),
            ("{{ a[{'x': 1}['x']] }}", "{{ a[{'x': 1}['x']] }}"),
            ("{{ a[:2].b }}", "{{ a[:2].b }}"),
            (
                "{% if 'a\\'b'[:1] %}{% endif %}",
                "{% if 'a\\'b'|slice(none,1) %}{% endif %}",
            ),
        ] {
            assert_eq!(with_own_slices(source).source, wanted);
        }
        let rewritten = with_own_slices("{{ a[:2] ~ b }}");
        let at = rewritten.source.find('b').unwrap();
        assert_eq!(rewritten.original(at), 11);
    }

    #[test]
    fn constant_subscripts_are_found_wherever_they_stand() {
        for (source, wanted) in [
            ("{{ document['x'] }} document['y']", vec!["document['x']"]),
            (
                "{{ a.b[ 41 ].code | default('c[1]') }}",
                vec!["a.b[ 41 ].code"],
            ),
            ("{{ a.b[c['d']][2] }}", vec!["c['d']"]),
            ("{{ a.b[1][c].d ~ [1] }}", vec!["a.b[1]"]),
            ("{# a['b'] #}{% if a[\"b\"] %}{% endif %}", vec!["a[\"b\"]"]),
            ("{{ a.b[:2] }}", vec![]),
        ] {
            let found = constant_paths(source).into_iter().map(|(_, path)| path);
            assert_eq!(found.collect::<Vec<_>>(), wanted, "{source}");
        }
    }
}
