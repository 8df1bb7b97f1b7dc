//! Long texts: compressed, then cut so that every part fits an item. The first part says how many there are.

use std::io::{Read, Write};

use connector::ports::PortError;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use super::row::{Row, number};

/// Bytes of one part; an item may have 400 KB with its keys.
const PART_BYTES_MAX: usize = 350_000;
/// Bytes a stored text may have, so that a broken item cannot fill the memory.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Attribute of a part: its bytes.
pub(super) const BYTES: &str = "z";
/// Attribute of the first part: how many parts there are.
const PARTS: &str = "parts";

/// Compresses a text (raw deflate).
pub(super) fn pack(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail; if it ever did, the missing rest is found on reading.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default()
}

/// Reads a compressed text; `row` is only for the error.
pub(super) fn unpack(packed: &[u8], row: &Row) -> Result<String, PortError> {
    let mut text = String::new();
    let read = DeflateDecoder::new(packed)
        .take(TEXT_BYTES_MAX.saturating_add(1))
        .read_to_string(&mut text);
    match read {
        Ok(bytes) if bytes as u64 > TEXT_BYTES_MAX => Err(row.fault("the text is too long")),
        Ok(_) => Ok(text),
        Err(_) => Err(row.fault("the text cannot be decompressed")),
    }
}

/// The rows of a text, first part first; `key` gives the sort key of part n (from 1).
pub(super) fn rows(pk: &str, text: &str, key: impl Fn(usize) -> String) -> Vec<Row> {
    let packed = pack(text);
    let parts: Vec<&[u8]> = packed.chunks(PART_BYTES_MAX).collect();
    let count = parts.len();
    let row = |(index, part): (usize, &&[u8])| {
        let row = Row::new(pk, key(index.saturating_add(1))).with_bytes(BYTES, part.to_vec());
        if index == 0 {
            row.with(PARTS, number(count))
        } else {
            row
        }
    };
    parts.iter().enumerate().map(row).collect()
}

/// Whether a row is the first part of a text.
pub(super) fn is_first(row: &Row) -> bool {
    row.value(PARTS).is_some()
}

/// The text of rows in the order of their keys. `None` when there are none.
pub(super) fn text(rows: &[Row]) -> Result<Option<String>, PortError> {
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let count: usize = first.whole(PARTS)?;
    let Some(parts) = rows.get(..count) else {
        return Err(first.fault(format!("{} of {count} parts are there", rows.len())));
    };
    let mut packed = Vec::new();
    for part in parts {
        packed.extend_from_slice(part.bytes(BYTES)?);
    }
    unpack(&packed, first).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(bytes: usize) -> String {
        let mut seed = 7_u64;
        let mut text = String::new();
        while text.len() < bytes {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.extend(char::from_digit(u32::try_from(seed >> 60).unwrap(), 16));
        }
        text
    }

    #[test]
    fn long_texts_come_back_whole_or_not_at_all() {
        for bytes in [0, 10, 1_500_000] {
            let long = noise(bytes);
            let mut all = rows("acme#1", &long, |n| format!("source#{n:04}"));
            assert_eq!(all.len() > 1, bytes > 1_000);
            assert_eq!(text(&all).unwrap().as_deref(), Some(long.as_str()));
            if all.len() > 1 {
                all.pop();
                assert!(text(&all).is_err());
            }
        }
        assert_eq!(text(&[]).unwrap(), None);
    }
}
