//! The two marks of a posting: the reference accountants search by and the stamp that says whose it is, and the texts
//! they stand in.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::Stamp;

/// Longest `VendorRef`, in UTF-16 units (AP301000).
pub(super) const REFERENCE_CHARS_MAX: usize = 40;
/// Longest header text, in UTF-16 units (AP301000, GL301000).
pub(super) const HEADER_CHARS_MAX: usize = 512;
/// Longest text of a bill line, in UTF-16 units (AP301000).
pub(super) const BILL_LINE_CHARS_MAX: usize = 256;
/// Longest text of a journal line, in UTF-16 units (GL301000).
pub(super) const JOURNAL_LINE_CHARS_MAX: usize = 512;
/// Longest reference of a journal line, in UTF-16 units (GL301000).
pub(super) const LINE_REFERENCE_CHARS_MAX: usize = 15;

/// Hex digits of the digest in a shortened reference, and the `~` before them.
const DIGEST_CHARS: usize = 7;
const MARK_CHARS: usize = 1;

/// What an AP document's reference is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// As stored in Acumatica.
    pub(super) text: String,
    /// The full number, where the text is a shortened one.
    pub(super) shortened_from: Option<String>,
}

/// Reference of the AP document `ordinal` of a plan, counted from 1: the number exactly, further ones with `-2`, `-3`.
/// Over 40 characters it is shortened so that two long numbers with one beginning stay apart.
/// A number whose earlier documents were reversed `reversed` times, and therefore still stand in Acumatica, ends `-R2`, `-R3`.
pub(super) fn reference(number: &str, credit: &str, ordinal: u32, reversed: u32) -> Reference {
    let number = number.trim();
    let mut suffix = credit.to_owned();
    if ordinal > 1 {
        let _ = write!(suffix, "-{ordinal}");
    }
    if reversed > 0 {
        let _ = write!(suffix, "-R{}", reversed.saturating_add(1));
    }
    if !too_long(number, &suffix) {
        return Reference {
            text: format!("{number}{suffix}"),
            shortened_from: None,
        };
    }
    let kept = (REFERENCE_CHARS_MAX - DIGEST_CHARS - MARK_CHARS).saturating_sub(width(&suffix));
    let mut digest = String::new();
    for byte in Sha256::digest(number.as_bytes()) {
        let _ = write!(digest, "{byte:02x}");
    }
    Reference {
        text: format!(
            "{}~{}{suffix}",
            cut(number, kept),
            cut(&digest, DIGEST_CHARS)
        ),
        shortened_from: Some(number.to_owned()),
    }
}

/// A reference with a suffix, within its field.
pub(crate) fn short_reference(number: &str, suffix: &str) -> String {
    reference(number, suffix, 1, 0).text
}

fn too_long(number: &str, suffix: &str) -> bool {
    width(number) + width(suffix) > REFERENCE_CHARS_MAX
}

/// Header text of a journal: the stamp first, followed by a blank, because journals are searched by their beginning.
/// Without a stamp (a key field carries it) the text alone.
pub(super) fn journal_header(text: &str, stamp: Option<&Stamp>) -> String {
    match stamp {
        Some(stamp) => {
            let stamp = format!("{stamp} ");
            let room = HEADER_CHARS_MAX.saturating_sub(width(&stamp));
            format!("{stamp}{}", cut(&spaced(text), room))
        }
        None => cut(&spaced(text), HEADER_CHARS_MAX).to_owned(),
    }
}

/// Header text of an AP document: business id first, then a shortened number in full, then the text, the stamp last and
/// never cut. Ids that the text repeats stand there once.
pub(super) fn bill_header(leading: &[&str], text: &str, stamp: Option<&Stamp>) -> String {
    let rest = words(text).filter(|word| !leading.contains(word));
    let readable = leading
        .iter()
        .flat_map(|lead| words(lead))
        .chain(rest)
        .collect::<Vec<_>>()
        .join(" ");
    match stamp {
        Some(stamp) => {
            let stamp = format!(" {stamp}");
            let room = HEADER_CHARS_MAX.saturating_sub(width(&stamp));
            format!("{}{stamp}", cut(&readable, room).trim_end())
        }
        None => cut(&readable, HEADER_CHARS_MAX).to_owned(),
    }
}

/// A line's text within its field.
pub(super) fn line_text(text: &str, chars_max: usize) -> String {
    cut(&spaced(text), chars_max).trim_end().to_owned()
}

/// The card reference of a journal line. Of a long one the end is kept: references of one card begin alike.
pub(super) fn line_reference(reference: &str) -> String {
    let reference = reference.trim();
    let ends = reference.grapheme_indices(true);
    let kept = ends
        .map(|(at, _)| reference.get(at..).unwrap_or_default())
        .find(|end| width(end) <= LINE_REFERENCE_CHARS_MAX);
    kept.unwrap_or_default().to_owned()
}

/// How much of a field a text fills. Acumatica counts as .NET does, in UTF-16 units: an emoji fills two.
pub(super) fn width(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The beginning of a text that fits a field, cut between what people see as characters: no letter loses its accent, no
/// emoji a part. One that is wider than the field on its own is cut all the same, between code points.
fn cut(text: &str, width_max: usize) -> &str {
    let clusters = text.grapheme_indices(true);
    let kept = fitting(text, clusters, width_max);
    if kept.is_empty() {
        let characters = text.char_indices();
        let characters =
            characters.map(|(at, c)| (at, text.get(at..at + c.len_utf8()).unwrap_or_default()));
        return fitting(text, characters, width_max);
    }
    kept
}

/// The parts from the beginning that together are no wider than this.
fn fitting<'a>(
    text: &'a str,
    parts: impl Iterator<Item = (usize, &'a str)>,
    width_max: usize,
) -> &'a str {
    let mut filled = 0;
    for (at, part) in parts {
        filled += width(part);
        if filled > width_max {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

fn spaced(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// The words of a text. Control characters divide words; what looks like a stamp is none of a person's words, and would pass a
/// foreign document off as the posting.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty() && !word.starts_with(Stamp::MARK))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DocumentId;

    fn stamp() -> Stamp {
        Stamp {
            document: DocumentId::new("de2c2b936bc44114aa487fdab9f7bf61").unwrap(),
            plan: 1,
            n: 2,
        }
    }

    #[test]
    fn the_first_reference_is_exact_and_further_ones_count() {
        let exact = "A".repeat(40);
        for (number, credit, ordinal, text) in [
            ("INV-7", "", 1, "INV-7"),
            (" INV-7 ", "", 2, "INV-7-2"),
            ("INV-7", "-CR", 1, "INV-7-CR"),
            ("INV-7", "-CR", 3, "INV-7-CR-3"),
            (exact.as_str(), "", 1, exact.as_str()),
        ] {
            let found = reference(number, credit, ordinal, 0);
            assert_eq!(found.text, text);
            assert_eq!(found.shortened_from, None);
        }
    }

    #[test]
    fn a_long_reference_keeps_its_beginning_a_digest_and_the_suffix() {
        let number = "0123456789012345678901234567890123456789X";
        let first = reference(number, "", 1, 0);
        let second = reference(number, "", 2, 0);
        // printf %s 0123…X | sha256sum
        assert_eq!(first.text, "01234567890123456789012345678901~32b1cde");
        assert_eq!(second.text, "012345678901234567890123456789~32b1cde-2");
        assert_eq!(second.shortened_from.as_deref(), Some(number));
        let umlauts = reference(&"Ä".repeat(50), "", 1, 0).text;
        assert_eq!(umlauts.chars().count(), REFERENCE_CHARS_MAX);
    }

    #[test]
    fn stamps_survive_any_text() {
        let long = "日本 ".repeat(400);
        let journal = journal_header(&long, Some(&stamp()));
        assert!(journal.starts_with(&format!("{} 日本", stamp())));
        assert_eq!(journal.chars().count(), HEADER_CHARS_MAX);
        let bill = bill_header(&["R-1"], &long, Some(&stamp()));
        assert!(bill.starts_with("R-1 日本") && bill.ends_with(&format!(" {}", stamp())));
        assert!(bill.chars().count() <= HEADER_CHARS_MAX);
        assert_eq!(Stamp::find(&bill), Some(stamp()));
        assert_eq!(Stamp::find(&journal), Some(stamp()));
        assert_eq!(journal_header("", Some(&stamp())), format!("{} ", stamp()));
    }

    #[test]
    fn a_key_field_keeps_the_stamp_out_of_the_text() {
        assert_eq!(journal_header("Ann  R-1", None), "Ann R-1");
        assert_eq!(bill_header(&["R-1"], "Ann R-1 Trip", None), "R-1 Ann Trip");
    }

    #[test]
    fn line_texts_and_references_fit_their_fields() {
        assert_eq!(line_text(&"é".repeat(300), 256).chars().count(), 256);
        assert_eq!(line_reference("24015165172000123456789"), "172000123456789");
        assert_eq!(line_reference(" 42 "), "42");
    }

    #[test]
    fn what_people_see_as_one_character_is_kept_or_left_out_whole() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        let accented = "e\u{301}";
        for (text, kept) in [
            (format!("{}{accented}", "a".repeat(255)), "a".repeat(255)),
            (format!("{}{family}", "a".repeat(246)), "a".repeat(246)),
            (
                format!("{}{family}", "a".repeat(245)),
                format!("{}{family}", "a".repeat(245)),
            ),
            (format!("{}🇩🇪", "a".repeat(253)), "a".repeat(253)),
            ("🚕".repeat(200), "🚕".repeat(128)),
        ] {
            assert_eq!(line_text(&text, BILL_LINE_CHARS_MAX), kept);
        }
        // One character of hundreds of marks still leaves something to read.
        let marks = format!("e{}", "\u{301}".repeat(300));
        assert_eq!(
            width(&line_text(&marks, BILL_LINE_CHARS_MAX)),
            BILL_LINE_CHARS_MAX
        );
        assert_eq!(
            line_reference(&format!("{family}{}", "9".repeat(5))),
            "9".repeat(5)
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_fits_and_keeps_its_stamp(text in "\\PC{0,600}", number in "\\PC{1,60}", ordinal in 1..30_u32, reversed in 0..3_u32) {
            let bill = bill_header(&["R-1", &number], &text, Some(&stamp()));
            let journal = journal_header(&text, Some(&stamp()));
            for header in [&bill, &journal] {
                assert!(width(header) <= HEADER_CHARS_MAX);
            }
            assert!(bill.starts_with("R-1") && bill.ends_with(&stamp().to_string()));
            assert!(journal.starts_with(&format!("{} ", stamp())));
            let reference = reference(&number, "-CR", ordinal, reversed);
            assert!(width(&reference.text) <= REFERENCE_CHARS_MAX);
            assert!(width(&line_text(&text, BILL_LINE_CHARS_MAX)) <= BILL_LINE_CHARS_MAX);
        }
    }
}
